import type { Ecs, ImageRow, Request, TaskAttribute, TaskRow } from "../ecs/actions";
import { type EcsOptions, openEcs } from "../ecs/client";
import { reactionTo } from "../ecs/codes";
import { Failure } from "../failure";
import type { Oss } from "../oss/client";
import { type ListCache, listCacheOf, PAGE_SIZE } from "../wait/list-cache";
import { type Watch, watchOf } from "../wait/watch";
import { OWNER_TAG } from "./ownership";
import { ANY_IMAGE_STATUS, type PendingCreations, pendingCreationsOf } from "./pending";

/** A task as one of the two calls shows it; only one that was asked for alone has its progress and its related items. */
export type Task = TaskRow & Partial<TaskAttribute>;

/** The clients of one region, and what one process remembers of it. */
export interface Region {
  /** Calls that are part of one operation. */
  bind(operation: Parameters<ReturnType<typeof openEcs>>[0]): Ecs;
  readonly images: Watch<ImageRow>;
  /** Reads that may be answered from a list of the last seconds. */
  readonly cachedImages: Watch<ImageRow>;
  readonly tasks: Watch<Task>;
  readonly pending: PendingCreations;
  oss(): Oss;
}

/** A query is shared by many operations, so it has a deadline of its own. */
const QUERY_TIMEOUT_MS = 5 * 60_000;

export function openRegion(
  options: EcsOptions,
  ossEndpoint: string | undefined,
  shown: ReadonlyMap<string, ReadonlySet<string>>,
): Region {
  const { clock } = options;
  const open = openEcs(options);
  const bind: Region["bind"] = (operation) => {
    const send = open(operation);
    return (action, request) =>
      action.startsWith("Describe") ? send(action, request) : cache.invalidating(() => send(action, request));
  };
  const ecs = (doing: string) => bind({ doing, deadlineMs: clock.now() + QUERY_TIMEOUT_MS });
  const readImages = imageReader(ecs);
  const images = watchOf(
    async (ids) => answerFor(ids, [...(await readImages({ ImageId: ids.join(",") })).rows]),
    clock,
  );
  const cache: ListCache<ImageRow> = listCacheOf(
    images.read,
    (PageNumber) => readImages({ ImageOwnerAlias: "self", Tag: [{ Key: OWNER_TAG }], PageNumber }),
    clock,
  );
  return {
    bind,
    images,
    cachedImages: { ...images, read: cache.readCached },
    tasks: watchOf(taskReader(ecs), clock),
    pending: pendingCreationsOf(ecs, clock, shown),
    oss: ossOf(options, ossEndpoint),
  };
}

function imageReader(ecs: (doing: string) => Ecs) {
  return async (request: Request<"DescribeImages">) => {
    const answer = await ecs("reading images")("DescribeImages", {
      Status: ANY_IMAGE_STATUS,
      PageSize: PAGE_SIZE,
      ...request,
    });
    const rows = (answer.Images?.Image ?? []).flatMap((row): [string, ImageRow][] =>
      row.ImageId ? [[row.ImageId, row]] : [],
    );
    return { rows: new Map(rows), total: answer.TotalCount! };
  };
}

function taskReader(ecs: (doing: string) => Ecs) {
  return async (ids: readonly string[]): Promise<Map<string, Task>> => {
    const ask = ecs("reading tasks");
    const [only, ...others] = ids;
    if (only !== undefined && others.length === 0) {
      // For one task there is a call that also has its progress.
      return ask("DescribeTaskAttribute", { TaskId: only }).then(
        (task) => answerFor(ids, [[task.TaskId!, task]]),
        absentIfGone,
      );
    }
    const answer = await ask("DescribeTasks", { TaskIds: ids.join(","), PageSize: PAGE_SIZE });
    const rows = (answer.TaskSet?.Task ?? []).map((row): [string, Task] => [row.TaskId!, row]);
    return answerFor(ids, rows);
  };
}

/** The rows by id. An answer with rows that nobody asked for proves nothing about those that are missing in it. */
function answerFor<Row>(ids: readonly string[], rows: readonly (readonly [string, Row])[]): Map<string, Row> {
  const found = new Map(rows);
  const stranger = [...found.keys()].find((id) => !ids.includes(id));
  if (stranger !== undefined && !ids.every((id) => found.has(id))) {
    const what = `reading ${ids.join(", ")}: the answer is about ${stranger}, which was not asked for`;
    throw new Failure("Unreachable", what);
  }
  return found;
}

function absentIfGone(error: unknown): Map<string, Task> {
  if (reactionTo(error) === "gone") return new Map();
  throw error;
}

/** Loaded on first use: most stacks never touch an object. */
function ossOf(options: EcsOptions, endpoint: string | undefined): () => Oss {
  const { regionId, protocol, clock, credentials, callTimeoutMs } = options;
  let oss: Oss | undefined;
  return () => {
    const { openOss } = require("../oss/client") as typeof import("../oss/client");
    oss ??= openOss({
      regionId,
      protocol: protocol.toLowerCase(),
      clock,
      credentials: () => credentials.get(),
      attemptTimeoutMs: callTimeoutMs,
      ...(endpoint !== undefined && { endpoint }),
    });
    return oss;
  };
}
