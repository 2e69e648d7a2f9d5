import { refusal } from "../request/api-error";
import { isListed } from "../world/listed";
import type { Quirks } from "../world/quirks";
import { type Reason, spanEndMs, spanState } from "../world/span";
import type { TaskRecord, World } from "../world/world";

/**
 * The statuses of a task. Lists can be filtered by Finished, Processing and Failed. The older DescribeTasks page also
 * has Waiting (queued) and Deleted (cancelled).
 */
export type TaskStatus = "Waiting" | "Processing" | "Paused" | "Finished" | "Failed" | "Deleted";

export interface TaskState {
  readonly status: TaskStatus;
  readonly percent: number;
  /** Whether CancelTask would be accepted. */
  readonly cancellable: boolean;
  /** Absent while it runs. */
  readonly endedMs?: number;
  /** Why it failed. */
  readonly reason?: Reason;
}

/**
 * How long a cancelled task keeps running. The pages give no time. With this delay, a test shows if a caller does not
 * wait for the end.
 */
export const CANCELLING_MS = 2_000;

/** The state of a task at `nowMs`. */
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

/** Why a task failed, if the test gives no reason. */
export function failureOf({ action }: TaskRecord): Reason {
  const { code, message } = refusal(action === "ImportImage" ? "ImportImageFailed" : "ExportImageFailed");
  return { code, message };
}

export const isRunning = (task: TaskRecord, nowMs: number): boolean => taskState(task, nowMs).endedMs === undefined;

export const runningTasks = (world: World, action: TaskRecord["action"], nowMs: number): TaskRecord[] =>
  [...world.tasks.values()].filter((task) => task.action === action && isRunning(task, nowMs));

/** Whether ECS shows a task: no test hides it, and it has not expired since its end. */
export function isTaskListed(task: TaskRecord, quirks: Quirks, nowMs: number): boolean {
  if (!isListed(task, quirks, nowMs)) return false;
  const { taskRetentionMs } = quirks;
  const { endedMs } = taskState(task, nowMs);
  return taskRetentionMs === undefined || endedMs === undefined || nowMs < endedMs + taskRetentionMs;
}

/** A time in the format of tasks, to the minute: `2015-11-24T12:50Z`. */
export const taskTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

/**
 * The region of a request. It is not in `accepts`, because the pages about tasks refuse a wrong region with other
 * statuses and messages.
 */
export function taskRegion({ regions }: World, { RegionId = "" }: Readonly<Record<string, string>>): string {
  if (RegionId === "") throw refusal("MissingParameter/task", "RegionId");
  if (!regions.has(RegionId)) throw refusal("InvalidRegionId.NotFound/task");
  return RegionId;
}

export function requireImportAndExport({ regions }: World, regionId: string): void {
  if (regions.get(regionId)?.movesImages === false) throw refusal("InvalidRegion.NotSupport");
}

/** The task with that id, if ECS shows it in this region. */
export function taskOf(world: World, taskId: string, regionId: string, nowMs: number): TaskRecord {
  const task = world.tasks.get(taskId);
  if (!task || task.regionId !== regionId || !isTaskListed(task, world.quirks, nowMs))
    throw refusal("InvalidTaskId.NotFound");
  return task;
}
