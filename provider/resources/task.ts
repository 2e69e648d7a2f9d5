import { reactionTo } from "../ecs/codes";
import type { Context, Task } from "../lifecycle/session";

/** The two statuses in which a task still works; the pages name no others that do. */
export const isRunning = (status: string | undefined): boolean => status === "Waiting" || status === "Processing";

/** Why a task has failed, in the cloud's own words; undefined when it has not, or does not say. */
export async function taskReason(taskId: string, ctx: Context): Promise<string | undefined> {
  const task = await ctx.ecs("DescribeTaskAttribute", { TaskId: taskId }).catch(() => undefined);
  return task && reasonIn(taskId, task);
}

export function reasonIn(taskId: string, task: Task): string | undefined {
  const failed = (task.OperationProgressSet?.OperationProgress ?? []).filter(
    ({ ErrorCode, ErrorMsg }) => ErrorCode || ErrorMsg,
  );
  const said = failed.map(({ ErrorCode, ErrorMsg }) =>
    [ErrorMsg, ErrorCode && `(${ErrorCode})`].filter(Boolean).join(" "),
  );
  return said.length > 0 ? `task ${taskId} has failed: ${said.join("; ")}` : undefined;
}

/** The task that keeps an image busy. */
export async function runningTaskOf(
  imageId: string,
  action: "ImportImage" | "ExportImage",
  ctx: Context,
): Promise<string | undefined> {
  const answer = await ctx.ecs("DescribeTasks", { TaskAction: action, ResourceIds: [imageId], PageSize: 100 });
  return answer.TaskSet?.Task?.find(
    (task) => (task.ResourceId === undefined || task.ResourceId === imageId) && isRunning(task.TaskStatus),
  )?.TaskId;
}

/** Cancels a task and waits until it works no longer. Quiet when it has ended already. */
export async function cancelTask(taskId: string, ctx: Context): Promise<void> {
  try {
    await ctx.ecs("CancelTask", { TaskId: taskId });
  } catch (error) {
    // It has ended in the meantime, which is as good.
    if (reactionTo(error) !== "gone") throw error;
  }
  ctx.show(`waiting until task ${taskId} is cancelled`);
  await ctx.tasks.until(taskId, {
    what: `task ${taskId}`,
    deadlineMs: ctx.deadlineMs,
    evaluate: (task) =>
      task && isRunning(task.TaskStatus) ? { is: "pending", at: task.TaskStatus! } : { is: "ready", value: undefined },
  });
}
