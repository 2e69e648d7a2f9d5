// Finds an existing export, for the option `import`.

import type { Task } from "../../ecs/queries";
import { Failure } from "../../failure";
import type { Context } from "../../lifecycle/context";
import { reasonIn, taskById, tasksOf } from "../tasks/task";
import type { ImageExportFields, ImageExportState } from "./args";
import { type ObjectKey, objectAt, prefixIn, reportedKeys, urlOf, writtenBy } from "./objects";

/** An existing export. The arguments in `state` come from its keys if they show them, otherwise from the program. */
export interface ExistingExport {
  readonly id: string;
  readonly state: ImageExportState;
}

/**
 * Finds a finished export for the option `import`: by its task's id, or by the `bucket/key` of one of its objects. With
 * a key, the id is the id of the task that wrote the object. If the cloud no longer lists the task, the id is
 * `bucket/key`, and `taskId` is empty. Undefined if there is no such export, or if none of its objects exists.
 */
export async function findExistingExport(
  idOrKey: string,
  args: Partial<ImageExportFields>,
  ctx: Context,
): Promise<ExistingExport | undefined> {
  const [bucket, ...path] = idOrKey.replace(/^oss:\/\//, "").split("/");
  if (!bucket || path.length === 0) return byTask(idOrKey, args, ctx);
  const object = { bucket, key: path.join("/") };
  const there = await objectAt(object, ctx);
  if (!there) return undefined;
  const madeArgs = argsIn([object], args);
  const writer = await writerOf(object, madeArgs.imageId, Date.parse(there.lastModified), ctx);
  return writer ? existing(writer.TaskId!, writer, madeArgs, ctx) : unlisted(object, madeArgs, ctx);
}

async function byTask(id: string, args: Partial<ImageExportFields>, ctx: Context): Promise<ExistingExport | undefined> {
  const task = await taskById(id, ctx);
  if (!task) return undefined;
  const failed = reasonIn(id, task);
  if (failed !== undefined || task.TaskStatus !== "Finished" || task.TaskAction === "ImportImage") {
    const is = failed ?? `task ${id} (${task.TaskAction ?? "ExportImage"}) is ${task.TaskStatus}`;
    throw new Failure("Refused", `${is}; only an export that has finished can be imported`);
  }
  const keys = reportedKeys(task);
  const isNamed = keys.some(({ key }) => imageIn(key, args.imageId) !== undefined);
  const own = isNamed || args.imageId === undefined ? [] : await tasksOf(args.imageId, "ExportImage", ctx);
  if (!isNamed && !own.some(({ TaskId }) => TaskId === id))
    throw new Failure(
      "Refused",
      `task ${id} does not say which image it exports` +
        `${args.imageId === undefined ? "" : `, and is not listed for ${args.imageId}`}. ` +
        "Give the bucket and the key of one of its objects instead: <bucket>/<key>",
    );
  return existing(id, task, argsIn(keys, args), ctx);
}

async function existing(
  id: string,
  task: Task,
  args: ImageExportFields,
  ctx: Context,
): Promise<ExistingExport | undefined> {
  const { objects, writtenAt, missing } = await writtenBy({ id, task, have: args }, ctx);
  if (objects.length === 0) return undefined;
  if (missing !== undefined) ctx.warn(`${missing}. It is imported with the objects that are known`);
  const { TaskId: taskId = "", CreationTime: startedAt } = task;
  const state = { ...args, regionId: ctx.regionId, taskId, status: "Finished", objects, writtenAt };
  return { id, state: { ...state, ...(startedAt && { startedAt }) } };
}

/**
 * Finds an export whose task is no longer listed. Only the names of its files show which belong together: those of the
 * image's other disks, with the same prefix.
 */
function unlisted(object: ObjectKey, args: ImageExportFields, ctx: Context): Promise<ExistingExport | undefined> {
  const RelatedItem = [
    { Name: "OSSBucket", Value: object.bucket },
    { Name: "OSSObject", Value: object.key },
  ];
  const task: Task = { OperationProgressSet: { OperationProgress: [{ RelatedItemSet: { RelatedItem } }] } };
  return existing(`${object.bucket}/${object.key}`, task, args, ctx);
}

/** The latest export that wrote this object. */
async function writerOf(
  object: ObjectKey,
  imageId: string,
  writtenMs: number,
  ctx: Context,
): Promise<Task | undefined> {
  const rows = (await tasksOf(imageId, "ExportImage", ctx))
    .filter(({ TaskStatus, CreationTime = "" }) => TaskStatus === "Finished" && Date.parse(CreationTime) <= writtenMs)
    .sort((a, b) => (a.CreationTime! < b.CreationTime! ? 1 : -1));
  for (const { TaskId } of rows) {
    const task = await taskById(TaskId!, ctx);
    if (task && reportedKeys(task).some((key) => urlOf(key) === urlOf(object))) return task;
  }
  return undefined;
}

/** The image in a key: the given one, or else what looks like an image's id. */
const imageIn = (key: string, imageId: string | undefined): string | undefined =>
  imageId === undefined || prefixIn(key, imageId) === undefined ? /(?:^|_)(m-[A-Za-z0-9-]+)/.exec(key)?.[1] : imageId;

/** The arguments of an export, judged by the keys that it wrote. */
function argsIn([object]: readonly ObjectKey[], args: Partial<ImageExportFields>): ImageExportFields {
  if (!object) return args as ImageExportFields;
  const { ossPrefix: _given, ...others } = args;
  const imageId = imageIn(object.key, args.imageId) ?? args.imageId;
  if (imageId === undefined) throw new Failure("Refused", `${urlOf(object)} does not name the image that was exported`);
  const ossPrefix = prefixIn(object.key, imageId);
  const format = /\.(raw|vhd|qcow2|vmdk|vdi)(?:\.tar\.gz)?$/.exec(object.key)?.[1];
  return {
    ...others,
    imageId,
    ossBucket: object.bucket,
    ...(ossPrefix && { ossPrefix }),
    ...(format && format !== (args.imageFormat ?? "raw") && { imageFormat: format }),
  };
}
