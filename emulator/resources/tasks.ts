import { refusal } from "../request/api-error";
import { isListed } from "../world/listed";
import type { Quirks } from "../world/quirks";
import { type Reason, spanEndMs, spanState } from "../world/span";
import type { TaskRecord, World } from "../world/world";

/**
 * Finished, Processing and Failed can be asked for; the older DescribeTasks page also names Waiting (queued) and
 * Deleted (cancelled).
 */
export type TaskStatus = "Waiting" | "Processing" | "Paused" | "Finished" | "Failed" | "Deleted";

export interface TaskState {
  readonly status: TaskStatus;
  readonly percent: number;
  /** Whether CancelTask would be heard. */
  readonly cancellable: boolean;
  /** Absent while it runs. */
  readonly endedMs?: number;
  /** Of a failed one. */
  readonly reason?: Reason;
}

/**
 * How long a cancelled task keeps running. The pages give no time; with some delay, a caller that does not wait for the
 * end fails.
 */
export const CANCELLING_MS = 2_000;

/** The state of a task at this moment. */
export function taskState(task: TaskRecord, nowMs: number): TaskState {
  const { cancelledMs } = task;
  if (cancelledMs !== undefined) {
    const { percent } = spanState(task.span, cancelledMs);
    const endMs = cancelledMs + CANCELLING_MS;
    return nowMs < endMs
      ? { status: "Processing", percent, cancellable: false }
      : { status: "Deleted", percent, cancellable: false, endedMs: endMs };
  }
  const { phase, percent } = spanState(task.span, nowMs);
  const endedMs = spanEndMs(task.span) ?? nowMs;
  switch (phase) {
    case "waiting":
      return { status: "Waiting", percent, cancellable: task.cancellable };
    case "paused":
      return { status: "Paused", percent, cancellable: task.cancellable };
    case "running":
      return { status: "Processing", percent, cancellable: task.cancellable };
    case "failed":
      return { status: "Failed", percent, cancellable: false, endedMs, reason: task.span.reason ?? failureOf(task) };
    case "done":
      return { status: "Finished", percent, cancellable: false, endedMs };
  }
}

/** Why a task failed, where the test gives no reason. */
export function failureOf({ action }: TaskRecord): Reason {
  const { code, message } = refusal(action === "ImportImage" ? "ImportImageFailed" : "ExportImageFailed");
  return { code, message };
}

export const isRunning = (task: TaskRecord, nowMs: number): boolean => taskState(task, nowMs).endedMs === undefined;

export const runningTasks = (world: World, action: TaskRecord["action"], nowMs: number): TaskRecord[] =>
  [...world.tasks.values()].filter((task) => task.action === action && isRunning(task, nowMs));

/** Whether ECS shows it: no test hides it, and it has not ended so long ago that ECS has forgotten it. */
export function isTaskListed(task: TaskRecord, quirks: Quirks, nowMs: number): boolean {
  if (!isListed(task, quirks, nowMs)) return false;
  const { taskRetentionMs } = quirks;
  const { endedMs } = taskState(task, nowMs);
  return taskRetentionMs === undefined || endedMs === undefined || nowMs < endedMs + taskRetentionMs;
}

/** Times of tasks are written to the minute: `2015-11-24T12:50Z`. */
export const taskTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

/**
 * The region of a request. It is no parameter of `accepts`, because the pages about tasks refuse a region with other
 * statuses and messages than the other pages.
 */
export function taskRegion({ regions }: World, { RegionId = "" }: Readonly<Record<string, string>>): string {
  if (RegionId === "") throw refusal("MissingParameter/task", "RegionId");
  if (!regions.has(RegionId)) throw refusal("InvalidRegionId.NotFound/task");
  return RegionId;
}

export function requireImportAndExport({ regions }: World, regionId: string): void {
  if (regions.get(regionId)?.movesImages === false) throw refusal("InvalidRegion.NotSupport");
}

/** The task of that id, if ECS shows it in this region. */
export function taskOf(world: World, taskId: string, regionId: string, nowMs: number): TaskRecord {
  const task = world.tasks.get(taskId);
  if (!task || task.regionId !== regionId || !isTaskListed(task, world.quirks, nowMs))
    throw refusal("InvalidTaskId.NotFound");
  return task;
}
