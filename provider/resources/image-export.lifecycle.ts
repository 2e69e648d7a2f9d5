import type { Request, TaskRow } from "../ecs/actions";
import { Failure, isFailure, messageOf } from "../failure";
import type { Cloud, Task } from "../lifecycle/cloud";
import type { Lifecycle } from "../lifecycle/lifecycle";
import type { Mark } from "../lifecycle/handover";
import { TAG_PREFIX, ownerOf } from "../lifecycle/ownership";
import type { Fields } from "../plan/fields";
import { anyList, flag, identifier, oneOf, pattern } from "../plan/rules";
import type { Verdict } from "../wait/watch";
import { withRoleExplained } from "./service-role";
import { cancelTask, isRunning, reasonIn } from "./task";

export interface ImageExportFields {
  readonly imageId: string;
  readonly ossBucket: string;
  readonly ossPrefix?: string;
  readonly imageFormat?: string;
  readonly roleName?: string;
  readonly regionId?: string;
  readonly triggers?: readonly unknown[];
  readonly deleteObjects?: boolean;
}

export interface ExportedObject {
  readonly bucket: string;
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly eTag: string;
}

export interface ImageExportState extends ImageExportFields {
  readonly regionId: string;
  readonly taskId: string;
  readonly status: string;
  /** What the export wrote, one for each disk. */
  readonly objects: readonly ExportedObject[];
  /** When each of the objects was written: the same bytes written again by another export are another export's. */
  readonly writtenAt: readonly string[];
}

const fields: Fields<ImageExportFields> = {
  imageId: { accepts: identifier("an image"), required: true, change: "replace", says: "The image to export." },
  ossBucket: { accepts: pattern("the name of an OSS bucket: 3 to 63 lower case letters, digits and hyphens", /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/), required: true, change: "replace", says: "The bucket, in the image's region." },
  ossPrefix: { accepts: pattern("1 to 30 letters and digits", /^[A-Za-z0-9]{1,30}$/), change: "replace", says: "What the keys begin with." },
  imageFormat: { accepts: oneOf("raw", "vhd", "qcow2", "vmdk", "vdi"), change: "replace", says: "The format, where the region offers it." },
  roleName: { accepts: identifier("a RAM role"), change: "record", says: "The role under which ECS writes the files." },
  regionId: { accepts: pattern("the id of a region, such as cn-hangzhou", /^[a-z0-9-]+$/), change: "replace", says: "The image's region. Left out: the stack's." },
  triggers: { accepts: anyList, change: "replace", says: "Any values; a change exports again." },
  deleteObjects: { accepts: flag, change: "record", initially: false, says: "On delete, remove the objects that this export wrote, if they are still the same." },
};

const exportRequest = (args: ImageExportFields): Request<"ExportImage"> => ({
  ImageId: args.imageId,
  OSSBucket: args.ossBucket,
  ...(args.ossPrefix !== undefined && { OSSPrefix: args.ossPrefix }),
  ...(args.imageFormat !== undefined && { ImageFormat: args.imageFormat }),
  ...(args.roleName !== undefined && { RoleName: args.roleName }),
});

const exported = (taskId: string) => (task: Task | undefined): Verdict<Task> => {
  if (!task) return { is: "pending", at: "not listed yet" };
  if (task.TaskStatus === "Finished") return { is: "ready", value: task };
  if (!isRunning(task.TaskStatus)) return { is: "hopeless", why: reasonIn(taskId, task) ?? `export task ${taskId} has ended as ${task.TaskStatus}` };
  const percent = Number.parseInt(task.TaskProcess ?? "", 10);
  return { is: "pending", at: `${task.TaskStatus}${task.TaskProcess ? ` (${task.TaskProcess})` : ""}`, percent: Number.isNaN(percent) ? undefined : percent };
};

/** The keys that the task reports, one for each disk: they are never guessed. */
const keysIn = (task: Task): { bucket: string; key: string }[] =>
  (task.OperationProgressSet?.OperationProgress ?? []).flatMap(({ RelatedItemSet }) => {
    const items = new Map((RelatedItemSet?.RelatedItem ?? []).map(({ Name, Value }) => [Name, Value]));
    const [bucket, key] = [items.get("OSSBucket"), items.get("OSSObject")];
    return bucket && key ? [{ bucket, key }] : [];
  });

/** What the mark of a creation tells whoever finds it. */
interface Marked {
  readonly sinceMs: number;
  /** Tasks that were there already: exports of the same image to the same place are told apart by nothing else. */
  readonly earlier: readonly string[];
}

/**
 * ExportImage takes neither a tag nor a token. What says that an export of this resource is under way is a tag on the image that it
 * exports, set before and taken off once the engine has the export (docs/adoption.md).
 */
function markOf(args: ImageExportFields, cloud: Cloud): { mark: Mark; value: (marked: Marked) => string; isOurs: (value: string | undefined) => Marked | undefined } {
  const { resource, fingerprint } = ownerOf(cloud.urn, fields, args);
  return {
    mark: { imageId: args.imageId, tag: `${TAG_PREFIX}export-${resource}` },
    value: ({ sinceMs, earlier }) => [`${fingerprint}.${new Date(sinceMs).toISOString()}`, ...earlier].join("/"),
    isOurs(value) {
      if (!value?.startsWith(`${fingerprint}.`)) return undefined;
      const [since = "", ...earlier] = value.slice(fingerprint.length + 1).split("/");
      return { sinceMs: Date.parse(since), earlier };
    },
  };
}

/** A tag's value has room for so many ids; exports of one image rarely begin within the same minutes. */
const MOST_EARLIER = 3;

/** Exports of this image that cannot have begun before this time, the newest first. */
async function exportsSince(sinceMs: number, imageId: string, cloud: Cloud): Promise<TaskRow[]> {
  const answer = await cloud.ecs("DescribeTasks", { TaskAction: "ExportImage", ResourceIds: [imageId], PageSize: 100 });
  const recent = (answer.TaskSet?.Task ?? []).filter(({ ResourceId, CreationTime }) => (ResourceId === undefined || ResourceId === imageId) && Date.parse(CreationTime ?? "") >= sinceMs - TASK_TIME_SLACK_MS);
  return recent.sort((a, b) => (a.CreationTime! < b.CreationTime! ? 1 : -1));
}

const RESENDS = 3;
const BUSY_PAUSE_MS = 15_000;

/** Tasks tell the minute of their creation, and two clocks may differ a little. */
const TASK_TIME_SLACK_MS = 2 * 60_000;

async function attributesOf(taskId: string, cloud: Cloud): Promise<Task> {
  return cloud.ecs("DescribeTaskAttribute", { TaskId: taskId });
}

/** Every object of a finished export, as it is in OSS. */
async function objectsOf(taskId: string, task: Task, cloud: Cloud): Promise<Pick<ImageExportState, "objects" | "writtenAt">> {
  const keys = keysIn(task.OperationProgressSet ? task : await attributesOf(taskId, cloud));
  if (keys.length === 0) throw new Failure("Unreachable", `export task ${taskId} is finished, but does not tell yet what it has written`);
  const found = await Promise.all(
    keys.map(async ({ bucket, key }) => {
      const object = await cloud.oss().headObject(bucket, key);
      if (!object) throw new Failure("Hopeless", `export task ${taskId} is finished, but there is no object oss://${bucket}/${key}`);
      return { object: { bucket, key, size: object.size, eTag: object.eTag }, writtenAt: object.lastModified };
    }),
  );
  return { objects: found.map(({ object }) => object), writtenAt: found.map(({ writtenAt }) => writtenAt) };
}

const stateOf = (id: string, known: Partial<ImageExportState>, status: string, written: Pick<ImageExportState, "objects" | "writtenAt">, cloud: Cloud): ImageExportState => ({
  ...(known as ImageExportFields),
  regionId: cloud.regionId,
  taskId: id,
  status,
  ...written,
});

/** Whether each recorded object is still the one that this export wrote. */
const stillThere = async (have: Partial<ImageExportState>, cloud: Cloud): Promise<boolean[]> =>
  Promise.all(
    (have.objects ?? []).map(async ({ bucket, key, eTag }, i) => {
      const object = await cloud.oss().headObject(bucket, key).catch((error: unknown) => {
        if (isFailure(error, "Refused") && error.detail.code === "NoSuchBucket") return undefined;
        throw error;
      });
      return object !== undefined && object.eTag === eTag && (have.writtenAt?.[i] ?? object.lastModified) === object.lastModified;
    }),
  );

export const imageExport: Lifecycle<ImageExportFields, ImageExportState> = {
  kind: "ImageExport",
  fields,
  wholeRules: [],
  timeoutMs: 120 * 60_000,
  subject: ({ imageId, ossBucket, ossPrefix }) => `export of image ${imageId} to oss://${ossBucket}/${ossPrefix ?? ""}`,
  stage: ({ status }) => (status === "Finished" ? "ready" : status === undefined || isRunning(status) ? "unfinished" : "hopeless"),
  standing: ({ objects }) => `wrote ${objects.map(({ bucket, key }) => `oss://${bucket}/${key}`).join(", ")}`,

  async recover(args, cloud) {
    const { mark, isOurs } = markOf(args, cloud);
    const image = await cloud.images.see(args.imageId);
    const marked = isOurs(image?.Tags?.Tag?.find(({ TagKey }) => TagKey === mark.tag)?.TagValue);
    if (marked === undefined) return undefined;
    for (const { TaskId, TaskStatus } of await exportsSince(marked.sinceMs, args.imageId, cloud)) {
      if (!TaskId || marked.earlier.includes(TaskId) || !(isRunning(TaskStatus) || TaskStatus === "Finished")) continue;
      const keys = keysIn(await attributesOf(TaskId, cloud));
      if (!keys.every(({ bucket, key }) => bucket === args.ossBucket && key.startsWith(args.ossPrefix ?? ""))) continue;
      cloud.handover.adopt(TaskId, mark);
      cloud.show(`going on with ${TaskId}, which an interrupted run has started`);
      return TaskId;
    }
    return undefined;
  },

  begun: (id) => ({ taskId: id, status: "Processing", objects: [], writtenAt: [] }),

  async start(args, cloud) {
    const { mark, value } = markOf(args, cloud);
    const sinceMs = cloud.clock.now();
    const earlier = (await exportsSince(sinceMs, args.imageId, cloud)).slice(0, MOST_EARLIER).map(({ TaskId }) => TaskId!);
    await cloud.ecs("TagResources", { ResourceType: "image", ResourceId: [mark.imageId], Tag: [{ Key: mark.tag, Value: value({ sinceMs, earlier }) }] });
    for (let resend = 0; ; ) {
      try {
        const { TaskId } = await withRoleExplained("export", args.roleName, [args.ossBucket], () => cloud.ecs("ExportImage", exportRequest(args)));
        cloud.handover.marked(TaskId!, mark);
        return { id: TaskId! };
      } catch (error) {
        // Without a token, a call whose answer is lost may have been carried out all the same, and so may be what keeps the image busy now.
        const isBusy = isFailure(error, "Refused") && error.detail.code === "ImageIsExporting";
        const isUnclear = isFailure(error, "Unreachable") && resend++ < RESENDS;
        if (!isBusy && !isUnclear) throw error;
        const own = await imageExport.recover(args, cloud);
        if (own !== undefined) return { id: own };
        if (cloud.clock.now() + BUSY_PAUSE_MS > cloud.deadlineMs) throw error;
        if (isBusy) cloud.show("waiting: the image is being exported by somebody else");
        await cloud.clock.sleep(BUSY_PAUSE_MS);
      }
    }
  },

  async settle(id, args, have, cloud) {
    const wait = { what: `export task ${id}`, deadlineMs: cloud.deadlineMs, judge: exported(id), tell: (at: string) => cloud.show(at) };
    const task = await cloud.tasks.until(id, wait);
    return stateOf(id, { ...have, ...args }, "Finished", await objectsOf(id, task, cloud), cloud);
  },

  amend: async () => ({}),

  async find(id, have, cloud) {
    if (have.objects?.length) return (await stillThere(have, cloud)).every(Boolean) ? (have as ImageExportState) : undefined;
    const task = await cloud.tasks.see(id);
    if (!task) return undefined;
    const none = { objects: [], writtenAt: [] };
    if (task.TaskStatus !== "Finished") return stateOf(id, have, task.TaskStatus ?? "Unknown", none, cloud);
    try {
      return stateOf(id, have, "Finished", await objectsOf(id, task, cloud), cloud);
    } catch (error) {
      if (isFailure(error, "Hopeless")) return undefined; // written and deleted since
      throw error;
    }
  },

  async remove(id, have, cloud) {
    let written = have;
    if (!have.objects?.length) {
      const task = await cloud.tasks.see(id);
      if (isRunning(task?.TaskStatus)) await cancelTask(id, cloud);
      // It may have been finished before it could be cancelled; what it wrote then is its own.
      const ended = have.deleteObjects ? await cloud.tasks.see(id) : undefined;
      if (ended?.TaskStatus === "Finished") written = { ...have, ...(await objectsOf(id, ended, cloud).catch(() => ({ objects: [], writtenAt: [] }))) };
    }
    if (have.imageId !== undefined) await unmark(have as ImageExportFields, cloud);
    if (!have.deleteObjects) return;
    const failures: string[] = [];
    const same = await stillThere(written, cloud);
    for (const [i, { bucket, key }] of (written.objects ?? []).entries()) {
      if (!same[i]) continue; // gone, or another export's by now
      await cloud.oss().deleteObject(bucket, key).catch((error: unknown) => failures.push(messageOf(error)));
    }
    if (failures.length > 0) throw new Failure("Refused", `not all of its objects could be deleted: ${failures.join("; ")}`);
  },
};

/** A run that was killed right after its creation has left its mark on the image. */
async function unmark(args: ImageExportFields, cloud: Cloud): Promise<void> {
  const { mark } = markOf(args, cloud);
  const image = await cloud.images.see(args.imageId);
  if (image?.Tags?.Tag?.some(({ TagKey }) => TagKey === mark.tag)) await cloud.ecs("UntagResources", { ResourceType: "image", ResourceId: [args.imageId], TagKey: [mark.tag] });
}
