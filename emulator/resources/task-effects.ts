import { requireAccess } from "../access/role-access";
import { ApiError } from "../request/api-error";
import { type Reason, spanEndMs } from "../world/span";
import { storedObject } from "../world/stored-object";
import type { TaskRecord, World } from "../world/world";
import { takeSnapshots } from "./image-snapshots";
import { CANCELLING_MS, taskState } from "./tasks";

/**
 * Applies the effects of tasks that have ended: exported objects, or the snapshots of an imported image. A cancelled
 * task has none.
 */
export function applyTaskEffects(world: World, nowMs: number): void {
  const ended = [...world.tasks.values()].filter(
    (task) => !task.effectsApplied && taskState(task, nowMs).endedMs !== undefined,
  );
  for (const task of ended.sort((a, b) => endMs(a) - endMs(b))) {
    if (task.vanishesAtMs === undefined) applyEffects(world, task, nowMs);
    else world.tasks.delete(task.taskId);
    task.effectsApplied = true;
  }
}

const endMs = (task: TaskRecord): number =>
  task.cancelledMs !== undefined ? task.cancelledMs + CANCELLING_MS : (spanEndMs(task.span) ?? Infinity);

function applyEffects(world: World, task: TaskRecord, nowMs: number): void {
  const { status, endedMs = nowMs } = taskState(task, nowMs);
  const image = world.images.get(task.imageId);
  if (status === "Deleted" && task.action === "ImportImage") world.images.delete(task.imageId);
  if (status !== "Finished") return;
  const hindrance = task.action === "ImportImage" ? unreadable(world, task) : unwritable(world, task, nowMs);
  if (hindrance) {
    task.span = { ...task.span, failAtPercent: 100, reason: hindrance };
    if (task.action === "ImportImage" && image) image.span = task.span;
  } else if (task.action === "ExportImage") {
    writeObjects(world, task, endedMs);
  } else if (image) {
    takeSnapshots(world, image, endedMs);
  }
}

/** Why the files cannot be read, if one was deleted since the task started. */
function unreadable(world: World, task: TaskRecord): Reason | undefined {
  const missing = task.objects.find(({ bucket, key }) => !world.buckets.get(bucket)?.objects.has(key));
  return missing
    ? { code: "InvalidOSSObject.NotFound", message: `The specified OSS object ${missing.key} cannot be retrieved.` }
    : undefined;
}

function unwritable(world: World, task: TaskRecord, nowMs: number): Reason | undefined {
  if (!world.buckets.has(task.bucket))
    return { code: "InvalidOSSBucket.NotFound", message: "The specified OSS bucket does not exist in this region." };
  try {
    const { roleName, bucket, objects } = task;
    requireAccess(world, nowMs, { purpose: "export", roleName, bucket, keys: objects.map(({ key }) => key) });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, message: error.message };
    throw error;
  }
}

/** Writes the objects. Their content is unique to the export, so that two exports with one key have different ETags. */
function writeObjects(world: World, task: TaskRecord, atMs: number): void {
  for (const { bucket, key, size } of task.objects.slice(0, task.objects.length - (task.failedObjects ?? 0))) {
    world.buckets.get(bucket)?.objects.set(
      key,
      storedObject(key, Buffer.from(`${key} as exported by ${task.taskId}\n`), atMs, {
        size,
        contentType: "application/x-www-form-urlencoded",
      }),
    );
  }
}
