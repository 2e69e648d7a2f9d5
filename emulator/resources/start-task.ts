import { nextId } from "../world/next-id";
import type { Scenario, timelineOf } from "../world/scenario";
import type { TaskRecord, World } from "../world/world";

type NewTask = Pick<
  TaskRecord,
  "action" | "regionId" | "imageId" | "objects" | "roleName" | "bucket" | "prefix" | "format"
>;

/** The course of the task. */
interface Course {
  readonly scenario: Scenario | undefined;
  readonly timeline: ReturnType<typeof timelineOf>;
}

/** Starts an import or an export; returns its TaskId. */
export function startTask(
  world: World,
  task: NewTask,
  { scenario, timeline: { usableFromMs: _ofAnImage, ...timeline } }: Course,
  nowMs: number,
): string {
  const taskId = nextId(world, "t");
  const { reportedObjects, failedObjects } = scenario ?? {};
  world.tasks.set(taskId, {
    ...task,
    ...timeline,
    taskId,
    createdMs: nowMs,
    cancellable: true,
    ...(reportedObjects === undefined ? {} : { reportedObjects }),
    // An import writes no objects.
    ...(task.action === "ImportImage" || failedObjects === undefined ? {} : { failedObjects }),
    effectsApplied: false,
  });
  return taskId;
}
