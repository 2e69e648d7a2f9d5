// The tasks of imports and exports: reads them, waits for them and cancels them.

import type { TaskRow } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { certainRows } from "../../ecs/pages";
import type { Task } from "../../ecs/queries";
import { isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";

export type TaskAction = "ImportImage" | "ExportImage";

/** The statuses of a task that has ended. All others, including `Paused` and unknown ones, mean that it has not. */
const ENDED: readonly string[] = ["Finished", "Failed", "Deleted"];

export const isRunning = (status: string | undefined): boolean => status !== undefined && !ENDED.includes(status);

/** The task with its progress and its objects; undefined if the cloud no longer lists it. */
export async function taskById(taskId: string, ctx: Context): Promise<Task | undefined> {
  try {
    return await ctx.ecs("DescribeTaskAttribute", { TaskId: taskId });
  } catch (error) {
    if (reactionTo(error) === "gone") return undefined;
    throw error;
  }
}

/** Why a task failed, in the cloud's own words; undefined if it did not fail or gives no reason. */
export async function taskReason(taskId: string, ctx: Context): Promise<string | undefined> {
  const task = await taskById(taskId, ctx).catch(() => undefined);
  return task && reasonIn(taskId, task);
}

type TaskOperation = NonNullable<NonNullable<Task["OperationProgressSet"]>["OperationProgress"]>[number];

/** The names and values of what an operation of a task is about, such as `OSSObject`. */
export const itemsOf = ({ RelatedItemSet }: TaskOperation): Map<string, string> =>
  new Map((RelatedItemSet?.RelatedItem ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));

export const operationsOf = (task: Task): readonly TaskOperation[] =>
  task.OperationProgressSet?.OperationProgress ?? [];

/**
 * Why a task failed. A `Finished` task may have failed in part: it counts its operations, and each has its own status.
 */
export function reasonIn(taskId: string, task: Task): string | undefined {
  const failed = operationsOf(task).filter(
    ({ ErrorCode, ErrorMsg, OperationStatus }) => ErrorCode || ErrorMsg || OperationStatus === "Failed",
  );
  const [failures, total] = [Number(task.FailedCount ?? 0), Number(task.TotalCount ?? 0)];
  if (failed.length === 0 && !(failures > 0)) return undefined;
  const counted = failures > 0 && total > 1 ? ` in ${failures} of ${total} operations` : "";
  const said = failed.map(sentenceOf).filter(Boolean);
  return `task ${taskId} has failed${counted}${said.length > 0 ? `: ${[...new Set(said)].join("; ")}` : ""}`;
}

function sentenceOf(operation: TaskOperation): string {
  const { ErrorCode, ErrorMsg } = operation;
  const object = itemsOf(operation).get("OSSObject");
  const why = [ErrorMsg, ErrorCode && `(${ErrorCode})`].filter(Boolean).join(" ");
  return [object, why].filter(Boolean).join(": ");
}

/** All tasks of one image, from every page. */
export async function tasksOf(imageId: string, action: TaskAction, ctx: Context): Promise<TaskRow[]> {
  const rows = await certainRows(ctx.ecs, "DescribeTasks", { TaskAction: action, ResourceIds: [imageId] });
  return rows.filter(({ ResourceId }) => ResourceId === undefined || ResourceId === imageId);
}

/** The task that keeps an image busy. */
export async function runningTaskOf(imageId: string, action: TaskAction, ctx: Context): Promise<string | undefined> {
  return (await tasksOf(imageId, action, ctx)).find(({ TaskStatus }) => isRunning(TaskStatus))?.TaskId;
}

/**
 * Waits until a task has ended in any way. Undefined if the cloud no longer lists it, or has not listed it by
 * `unlistedUntilMs`.
 */
export async function waitForTask(
  taskId: string,
  ctx: Context,
  report: (at: string, left: string | undefined) => void,
  unlistedUntilMs = Number.POSITIVE_INFINITY,
): Promise<Task | undefined> {
  let wasListed = false;
  try {
    return await ctx.tasks.until(taskId, {
      what: `task ${taskId}`,
      deadlineMs: ctx.deadlineMs,
      evaluate(task) {
        wasListed ||= task !== undefined;
        if (task && !isRunning(task.TaskStatus)) return { is: "ready", value: task };
        const isForgotten = !wasListed && ctx.clock.now() >= unlistedUntilMs;
        return isForgotten ? { is: "failed", why: "no list shows it" } : { is: "pending", ...progressOf(task) };
      },
      report,
    });
  } catch (error) {
    if (isFailure(error, "Failed")) return undefined;
    throw error;
  }
}

function progressOf(task: Task | undefined): { at: string; percent?: number } {
  if (!task) return { at: "not listed yet" };
  const percent = Number.parseInt(task.TaskProcess ?? "", 10);
  return {
    at: `${task.TaskStatus}${task.TaskProcess ? ` (${task.TaskProcess})` : ""}`,
    ...(!Number.isNaN(percent) && { percent }),
  };
}

/**
 * Cancels a task and waits until it has ended. If the cancellation is refused or its answer is lost, the task runs to
 * its end. Returns how it ended; undefined if the cloud no longer lists it.
 */
export async function cancelTask(taskId: string, ctx: Context): Promise<Task | undefined> {
  let waiting = `waiting until task ${taskId} is cancelled`;
  try {
    await ctx.ecs("CancelTask", { TaskId: taskId });
  } catch (error) {
    if (isFailure(error, "Denied")) throw error;
    if (reactionTo(error) !== "gone") waiting = `waiting until task ${taskId} ends: ${messageOf(error)}`;
  }
  ctx.show(waiting);
  return waitForTask(taskId, ctx, (at) => ctx.show(`${waiting}: ${at}`));
}
