import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { text } from "../request/parameters";
import { taskOf, taskRegion, taskState } from "../resources/tasks";
import { spanState } from "../world/span";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-canceltask */
export const cancelTask = action({
  accepts: {
    TaskId: text({ required: true, missing: "MissingParameter/task" }),
  },

  answer(world, request, { now, params, changed }) {
    const regionId = taskRegion(world, params);
    const task = taskOf(world, request.TaskId, regionId, now);
    if (task.action !== "ImportImage" && task.action !== "ExportImage")
      throw refusal("InvalidTaskId.TaskActionNotSupport");
    if (task.cancelledMs !== undefined || taskState(task, now).endedMs !== undefined)
      throw refusal("InvalidTaskId.IncorrectTaskStatus");
    if (!task.cancellable) throw refusal("CancelTaskFailed");

    task.cancelledMs = now;
    const image = world.images.get(task.imageId);
    // The import makes no progress while its task stops.
    if (task.action === "ImportImage" && image)
      image.span = { ...image.span, sticksAtPercent: spanState(image.span, now).percent };
    changed();
    return {};
  },
});
