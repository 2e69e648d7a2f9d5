import { type AssistantRow, actionTraits, type Ecs, type ImageRow, type InstanceRow } from "../ecs/actions";
import { type EcsOptions, openEcs } from "../ecs/client";
import { reactionTo } from "../ecs/codes";
import type { Endpoint } from "../ecs/endpoint";
import { assistantsById, imagePage, imagesById, instancesById, type Task, tasksById } from "../ecs/queries";
import { isFailure } from "../failure";
import type { Oss } from "../oss/client";
import { ListCache } from "../wait/list-cache";
import { SharedWatch, type Watch } from "../wait/watch";
import { OWNER_TAG, PENDING_TAG } from "./ownership";
import { PendingCreations } from "./pending";
import type { StackView } from "./stack-view";

/** The clients of one region, and what the process remembers about it. */
export interface Region {
  /** Sends calls that belong to one operation. */
  bind(operation: Parameters<ReturnType<typeof openEcs>>[0]): Ecs;
  readonly images: Watch<ImageRow>;
  /** Reads that may be answered from a list that is a few seconds old. */
  readonly cachedImages: Watch<ImageRow>;
  /** The same for images that a filter by the pending tag finds. */
  readonly imagesByTag: Pick<Watch<ImageRow>, "read">;
  readonly tasks: Watch<Task>;
  readonly instances: Watch<InstanceRow>;
  readonly assistants: Watch<AssistantRow>;
  readonly pending: PendingCreations;
  /** Calls to OSS that end with the operation. */
  oss(signal: AbortSignal): Oss;
}

/** Many operations share a query, so it has its own deadline. */
const QUERY_TIMEOUT_MS = 5 * 60_000;

export function openRegion(options: EcsOptions, ossEndpoint: () => Endpoint, stack: StackView): Region {
  const { clock } = options;
  const open = openEcs(options);
  const bind: Region["bind"] = (operation) => {
    const send = open(operation);
    return (action, request) =>
      actionTraits[action].effect === "reads" ? send(action, request) : cache.invalidating(() => send(action, request));
  };
  const ecs = (doing: string, waiting?: (reason: string) => void) =>
    bind({ doing, deadlineMs: clock.now() + QUERY_TIMEOUT_MS, ...(waiting && { waiting }) });
  const images = new SharedWatch(
    imagesById((delayed) => ecs("reading images", delayed)),
    clock,
    isTransient,
  );
  const imagesByTag = new SharedWatch(
    imagesById((delayed) => ecs("reading images", delayed), [{ Key: PENDING_TAG }]),
    clock,
  );
  const owned = (page: number) => imagePage(ecs("reading images"), [{ Key: OWNER_TAG }], page);
  const cache = new ListCache((id: string) => images.read(id), owned, clock);
  return {
    bind,
    images,
    cachedImages: { read: (id) => cache.readCached(id), until: (id, wait) => images.until(id, wait) },
    imagesByTag,
    tasks: new SharedWatch(
      tasksById((delayed) => ecs("reading tasks", delayed)),
      clock,
      isTransient,
    ),
    instances: new SharedWatch(
      instancesById((delayed) => ecs("reading instances", delayed)),
      clock,
      isTransient,
    ),
    assistants: new SharedWatch(
      assistantsById((delayed) => ecs("reading the status of Cloud Assistant", delayed)),
      clock,
      isTransient,
    ),
    pending: new PendingCreations(ecs, clock, stack),
    oss: ossOf(options, ossEndpoint),
  };
}

/** Errors that later queries may not have: no usable answer, or too many calls. */
const isTransient = (error: unknown): boolean =>
  isFailure(error, "Unreachable") || ["throttled", "retryLater", "repeat"].includes(reactionTo(error) ?? "");

/** Loaded on first use, because most stacks use no objects. */
function ossOf({ regionId, clock, credentials, callTimeoutMs }: EcsOptions, endpoint: () => Endpoint): Region["oss"] {
  return (signal) => {
    const { OssClient } = require("../oss/client") as typeof import("../oss/client");
    return new OssClient({
      regionId,
      clock,
      signal,
      credentials,
      attemptTimeoutMs: callTimeoutMs,
      endpoint: endpoint(),
    });
  };
}
