import { action } from "../request/action";
import { text } from "../request/parameters";
import { failureOf, type TaskStatus, taskOf, taskRegion, taskState, taskTime } from "../resources/tasks";
import type { Reason } from "../world/span";
import type { TaskRecord } from "../world/world";

/** The result for one of the objects. */
function operationOf(task: TaskRecord, status: TaskStatus, reason: Reason | undefined) {
  const { code, message } =
    status === "Failed" ? (reason ?? task.span.reason ?? failureOf(task)) : { code: "", message: "" };
  return { OperationStatus: status === "Finished" ? "Success" : status, ErrorCode: code, ErrorMsg: message };
}

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describetaskattribute */
export const describeTaskAttribute = action({
  accepts: {
    TaskId: text({ required: true, missing: "MissingParameter/task" }),
  },

  answer(world, request, { now, params }) {
    const regionId = taskRegion(world, params);
    const task = taskOf(world, request.TaskId, regionId, now);
    const { status, percent, cancellable, endedMs, reason } = taskState(task, now);
    const total = task.objects.length;
    const lost = status === "Finished" ? (task.failedObjects ?? 0) : 0;
    return {
      TaskId: task.taskId,
      RegionId: regionId,
      TaskAction: task.action,
      TaskStatus: status,
      TaskProcess: `${percent}%`,
      SupportCancel: String(cancellable),
      TotalCount: total,
      SuccessCount: status === "Finished" ? total - lost : 0,
      FailedCount: status === "Failed" ? total : lost,
      CreationTime: taskTime(task.createdMs),
      FinishedTime: endedMs === undefined ? "" : taskTime(endedMs),
      OperationProgressSet: {
        OperationProgress: task.objects.slice(0, task.reportedObjects).map(({ bucket, key }, at) => ({
          ...operationOf(task, at >= total - lost ? "Failed" : status, reason),
          RelatedItemSet: {
            RelatedItem: [
              { Name: "OSSBucket", Value: bucket },
              { Name: "OSSObject", Value: key },
              { Name: "ImageFormat", Value: task.format.toLowerCase() },
            ],
          },
        })),
      },
    };
  },
});
