import { action } from "../request/action";
import { text } from "../request/parameters";
import { taskOf, taskRegion, taskState, taskTime } from "../resources/tasks";

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
    return {
      TaskId: task.taskId,
      RegionId: regionId,
      TaskAction: task.action,
      TaskStatus: status,
      TaskProcess: `${percent}%`,
      SupportCancel: String(cancellable),
      TotalCount: total,
      SuccessCount: status === "Finished" ? total : 0,
      FailedCount: status === "Failed" ? total : 0,
      CreationTime: taskTime(task.createdMs),
      FinishedTime: endedMs === undefined ? "" : taskTime(endedMs),
      OperationProgressSet: {
        OperationProgress: task.objects.map(({ bucket, key }) => ({
          OperationStatus: status === "Finished" ? "Success" : status,
          ErrorCode: reason?.code ?? "",
          ErrorMsg: reason?.message ?? "",
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
