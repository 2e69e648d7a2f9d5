import { action } from "../request/action";
import { pageNumber, pageSize } from "../request/fields";
import { page } from "../request/page";
import { list, text } from "../request/parameters";
import { isTaskListed, taskRegion, taskState, taskTime } from "../resources/tasks";

/** "Only tasks in the Finished, Processing, or Failed state can be queried. Other values do not take effect." */
const ASKABLE: readonly string[] = ["Finished", "Processing", "Failed"];

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describetasks */
export const describeTasks = action({
  accepts: {
    TaskIds: text({ matches: /^([^,]+)(,[^,]+){0,99}$/ }),
    TaskAction: text(),
    TaskStatus: text(),
    TaskGroupId: text(),
    ResourceIds: list(text({}), 100),
    StartTime: text({ matches: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ }),
    EndTime: text({ matches: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ }),
    PageNumber: pageNumber,
    PageSize: pageSize,
  },

  answer(world, request, { now, params }) {
    const regionId = taskRegion(world, params);
    const { TaskAction, TaskStatus, ResourceIds } = request;
    const ids = request.TaskIds?.split(",").map((id) => id.trim());
    const [from, to] = [Date.parse(request.StartTime ?? ""), Date.parse(request.EndTime ?? "")];
    const found = [...world.tasks.values()]
      .filter((task) => task.regionId === regionId && isTaskListed(task, world.quirks, now))
      .filter((task) => ids === undefined || ids.includes(task.taskId))
      .filter((task) => TaskAction === undefined || task.action === TaskAction)
      .filter(
        (task) =>
          TaskStatus === undefined || !ASKABLE.includes(TaskStatus) || taskState(task, now).status === TaskStatus,
      )
      .filter((task) => ResourceIds.length === 0 || ResourceIds.includes(task.imageId))
      .filter((task) => !(task.createdMs < from) && !(task.createdMs > to))
      .reverse(); // the newest first
    const { rows, ...counts } = page(found, request.PageNumber, request.PageSize, (task) => {
      const { status, cancellable, endedMs } = taskState(task, now);
      return {
        TaskId: task.taskId,
        TaskAction: task.action,
        TaskStatus: status,
        SupportCancel: String(cancellable),
        ResourceId: task.imageId,
        CreationTime: taskTime(task.createdMs),
        FinishedTime: endedMs === undefined ? "" : taskTime(endedMs),
      };
    });
    return { RegionId: regionId, ...counts, TaskSet: { Task: rows } };
  },
});
