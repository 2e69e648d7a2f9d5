import { randomBytes } from "node:crypto";
import { credentialsFrom } from "../config/credentials";
import { type Settings, settingsFrom } from "../config/settings";
import type { Ecs, ImageRow, Request, TaskAttribute, TaskRow } from "../ecs/actions";
import { openEcs } from "../ecs/client";
import { reactionTo } from "../ecs/codes";
import type { Credentials } from "../ecs/credentials";
import { Failure } from "../failure";
import type { Oss } from "../oss/client";
import type { Clock } from "../wait/clock";
import { type ListCache, listCacheOf, PAGE_SIZE } from "../wait/list-cache";
import { type Watch, watchOf } from "../wait/watch";
import { OWNER_TAG } from "./ownership";
import { ANY_IMAGE_STATUS, type PendingCreations, pendingCreationsOf } from "./pending";
import type { Progress } from "./progress";

/** A task as one of the two calls shows it; only one that was asked for alone tells its progress and what it is about. */
export type Task = TaskRow & Partial<TaskAttribute>;

/** What a verb may use. What is not in here, a verb cannot do. */
export interface Context {
  readonly regionId: string;
  readonly urn: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly ecs: Ecs;
  oss(): Oss;
  readonly images: Watch<ImageRow>;
  readonly tasks: Watch<Task>;
  readonly pending: PendingCreations;
  show(text: string): void;
  warn(text: string): void;
  /** A few random characters for a name. */
  suffix(): string;
}

export interface Operation {
  readonly urn: string;
  /** What is being done to what; error texts begin with it. */
  readonly doing: string;
  readonly regionId: string | undefined;
  readonly timeoutMs: number;
  /** Whether what was seen of an image within the last seconds will do; unless told, only what is seen now. */
  readonly glancing?: boolean;
}

/** What the process is given by the machine that it runs on. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly progress: Progress;
  /** How long one attempt of a call may take, in real time; left out: what the clients think right. */
  readonly callTimeoutMs?: number;
}

/** One engine operation, as one provider process lives through it: its configuration, its clients, and what it must remember. */
export interface Session {
  configure(get: (key: string) => string | undefined): void;
  /** The region that the configuration names. */
  defaultRegion(): string | undefined;
  contextFor(operation: Operation): Context;
  /** Counts what is under way, for `end` to know. */
  track<T>(work: () => Promise<T>): Promise<T>;
  /** The engine has told this process to go. It does so at its orderly end, after its last write, or when it is broken off. */
  end(): Promise<void>;
}

/** The clients and the memory of one region. */
interface Region {
  readonly bind: ReturnType<typeof openEcs>;
  readonly images: Watch<ImageRow>;
  readonly roll: ListCache<ImageRow>;
  readonly tasks: Watch<Task>;
  readonly pending: PendingCreations;
  oss(): Oss;
}

/** A look is shared by many operations, so it has a deadline of its own. */
const LOOK_TIMEOUT_MS = 5 * 60_000;
/** When the engine is broken off, what was returned to it this recently may not be in its state. */
const UNWRITTEN_MS = 2_000;

export function openSession(host: Host): Session {
  const { env, clock, progress, callTimeoutMs } = host;
  let get: (key: string) => string | undefined = () => undefined;
  let settings: Settings | undefined;
  let credentials: Credentials | undefined;
  const places = new Map<string, Region>();
  let underWay = 0;

  const read = () => (settings ??= settingsFrom({ get }, env));

  function placeOf(regionId: string): Region {
    const known = places.get(regionId);
    if (known) return known;
    const { endpoints, protocol } = read();
    credentials ??= credentialsFrom(read(), clock);
    const reach = { regionId, protocol, credentials, clock, ...(callTimeoutMs !== undefined && { callTimeoutMs }) };
    const open = openEcs({ ...reach, ...(endpoints.ecs !== undefined && { endpoint: endpoints.ecs }) });
    const bind = (operation: Parameters<typeof open>[0]): Ecs => {
      const send = open(operation);
      return (action, request) =>
        action.startsWith("Describe") ? send(action, request) : roll.invalidating(() => send(action, request));
    };
    const ecs = (doing: string) => bind({ doing, deadlineMs: clock.now() + LOOK_TIMEOUT_MS });
    const imagesWith = async (request: Request<"DescribeImages">) => {
      const answer = await ecs("looking at images")("DescribeImages", {
        Status: ANY_IMAGE_STATUS,
        PageSize: PAGE_SIZE,
        ...request,
      });
      return {
        rows: new Map((answer.Images?.Image ?? []).flatMap((row) => (row.ImageId ? [[row.ImageId, row]] : []))),
        total: answer.TotalCount!,
      };
    };
    const images = watchOf(async (ids) => asked(ids, [...(await imagesWith({ ImageId: ids.join(",") })).rows]), clock);
    const roll = listCacheOf(
      images.read,
      (PageNumber) => imagesWith({ ImageOwnerAlias: "self", Tag: [{ Key: OWNER_TAG }], PageNumber }),
      clock,
    );
    let oss: Oss | undefined;
    const place: Region = {
      bind,
      pending: pendingCreationsOf(ecs, clock),
      images,
      roll,
      tasks: watchOf(async (ids) => {
        const ask = ecs("looking at tasks");
        // For one task there is a call that also tells its progress.
        if (ids.length === 1)
          return ask("DescribeTaskAttribute", { TaskId: ids[0]! }).then(
            (task) => asked(ids, [[task.TaskId!, task]]),
            absent,
          );
        const answer = await ask("DescribeTasks", { TaskIds: ids.join(","), PageSize: 100 });
        return asked<Task>(
          ids,
          (answer.TaskSet?.Task ?? []).map((row) => [row.TaskId!, row]),
        );
      }, clock),
      // Loaded on first use: most stacks never touch an object.
      oss: () =>
        (oss ??= (require("../oss/client") as typeof import("../oss/client")).openOss({
          regionId,
          protocol: protocol.toLowerCase(),
          clock,
          credentials: () => reach.credentials.get(),
          attemptTimeoutMs: callTimeoutMs,
          ...(endpoints.oss !== undefined && { endpoint: endpoints.oss }),
        })),
    };
    places.set(regionId, place);
    return place;
  }

  return {
    configure(from) {
      get = from;
      settings = undefined;
    },
    defaultRegion: () => read().regionId,
    contextFor({ urn, doing, regionId = read().regionId, timeoutMs, glancing = false }) {
      if (!regionId)
        throw new Failure(
          "Invalid",
          `${doing}: no region is known; give the resource a regionId, or the stack alicloud:region`,
        );
      const { bind, images, roll, tasks, pending, oss } = placeOf(regionId);
      const deadlineMs = clock.now() + timeoutMs;
      return {
        regionId,
        urn,
        clock,
        deadlineMs,
        ecs: bind({ doing, deadlineMs }),
        oss,
        images: glancing ? { ...images, read: roll.readCached } : images,
        tasks,
        pending,
        show: (text) => progress.show(urn, text),
        warn: (text) => progress.warn(urn, text),
        suffix: () => randomBytes(4).toString("hex").slice(0, 7),
      };
    },
    async track(work) {
      underWay++;
      try {
        return await work();
      } finally {
        underWay--;
      }
    },
    async end() {
      await Promise.all([...places.values()].map(({ pending }) => pending.close(underWay > 0 ? UNWRITTEN_MS : 0)));
    },
  };
}

/** The rows by id. An answer with rows that nobody asked for tells nothing of those that are not in it. */
function asked<Row>(ids: readonly string[], rows: readonly (readonly [string, Row])[]): Map<string, Row> {
  const found = new Map(rows);
  const stranger = [...found.keys()].find((id) => !ids.includes(id));
  if (stranger !== undefined && !ids.every((id) => found.has(id)))
    throw new Failure(
      "Unreachable",
      `looking at ${ids.join(", ")}: the answer is about ${stranger}, which was not asked for`,
    );
  return found;
}

function absent(error: unknown): Map<string, Task> {
  if (reactionTo(error) === "gone") return new Map();
  throw error;
}
