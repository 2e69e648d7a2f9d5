import type { Request } from "../ecs/actions";
import { Failure, isFailure, messageOf } from "../failure";
import type { Cloud, Task } from "../lifecycle/cloud";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { ownerOf } from "../lifecycle/ownership";
import type { Fields } from "../plan/fields";
import { anyList, flag, identifier, oneOf, pattern } from "../plan/rules";
import type { Verdict } from "../wait/watch";
import {
  exportMark,
  exportsSince,
  exportsUnder,
  readExportMark,
  setExportMark,
  takeOffExportMark,
} from "./export-mark";
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
  ossBucket: {
    accepts: pattern(
      "the name of an OSS bucket: 3 to 63 lower case letters, digits and hyphens",
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    ),
    required: true,
    change: "replace",
    says: "The bucket, in the image's region.",
  },
  ossPrefix: {
    accepts: pattern("1 to 30 letters and digits", /^[A-Za-z0-9]{1,30}$/),
    change: "replace",
    says: "What the keys begin with.",
  },
  imageFormat: {
    accepts: oneOf("raw", "vhd", "qcow2", "vmdk", "vdi"),
    change: "replace",
    says: "The format, where the region offers it.",
  },
  roleName: { accepts: identifier("a RAM role"), change: "record", says: "The role under which ECS writes the files." },
  regionId: {
    accepts: pattern("the id of a region, such as cn-hangzhou", /^[a-z0-9-]+$/),
    change: "replace",
    says: "The image's region. Left out: the stack's.",
  },
  triggers: { accepts: anyList, change: "replace", says: "Any values; a change exports again." },
  deleteObjects: {
    accepts: flag,
    change: "record",
    initially: false,
    says: "On delete, remove the objects that this export wrote, if they are still the same.",
  },
};

const exportRequest = (args: ImageExportFields): Request<"ExportImage"> => ({
  ImageId: args.imageId,
  OSSBucket: args.ossBucket,
  ...(args.ossPrefix !== undefined && { OSSPrefix: args.ossPrefix }),
  ...(args.imageFormat !== undefined && { ImageFormat: args.imageFormat }),
  ...(args.roleName !== undefined && { RoleName: args.roleName }),
});

const exported =
  (taskId: string) =>
  (task: Task | undefined): Verdict<Task> => {
    if (!task) return { is: "pending", at: "not listed yet" };
    if (task.TaskStatus === "Finished") return { is: "ready", value: task };
    if (!isRunning(task.TaskStatus))
      return { is: "hopeless", why: reasonIn(taskId, task) ?? `export task ${taskId} has ended as ${task.TaskStatus}` };
    const percent = Number.parseInt(task.TaskProcess ?? "", 10);
    return {
      is: "pending",
      at: `${task.TaskStatus}${task.TaskProcess ? ` (${task.TaskProcess})` : ""}`,
      percent: Number.isNaN(percent) ? undefined : percent,
    };
  };

/** The keys that the task reports, one for each disk: they are never guessed. */
const keysIn = (task: Task): { bucket: string; key: string }[] =>
  (task.OperationProgressSet?.OperationProgress ?? []).flatMap(({ RelatedItemSet }) => {
    const items = new Map((RelatedItemSet?.RelatedItem ?? []).map(({ Name, Value }) => [Name, Value]));
    const [bucket, key] = [items.get("OSSBucket"), items.get("OSSObject")];
    return bucket && key ? [{ bucket, key }] : [];
  });

const RESENDS = 3;
const BUSY_PAUSE_MS = 15_000;

async function attributesOf(taskId: string, cloud: Cloud): Promise<Task> {
  return cloud.ecs("DescribeTaskAttribute", { TaskId: taskId });
}

/** Every object of a finished export, as it is in OSS. */
async function objectsOf(
  taskId: string,
  task: Task,
  cloud: Cloud,
): Promise<Pick<ImageExportState, "objects" | "writtenAt">> {
  const keys = keysIn(task.OperationProgressSet ? task : await attributesOf(taskId, cloud));
  if (keys.length === 0)
    throw new Failure("Unreachable", `export task ${taskId} is finished, but does not tell yet what it has written`);
  const found = await Promise.all(
    keys.map(async ({ bucket, key }) => {
      const object = await cloud.oss().headObject(bucket, key);
      if (!object)
        throw new Failure(
          "Hopeless",
          `export task ${taskId} is finished, but there is no object oss://${bucket}/${key}`,
        );
      return { object: { bucket, key, size: object.size, eTag: object.eTag }, writtenAt: object.lastModified };
    }),
  );
  return { objects: found.map(({ object }) => object), writtenAt: found.map(({ writtenAt }) => writtenAt) };
}

const stateOf = (
  id: string,
  known: Partial<ImageExportState>,
  status: string,
  written: Pick<ImageExportState, "objects" | "writtenAt">,
  cloud: Cloud,
): ImageExportState => ({
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
      const object = await cloud
        .oss()
        .headObject(bucket, key)
        .catch((error: unknown) => {
          if (isFailure(error, "Refused") && error.detail.code === "NoSuchBucket") return undefined;
          throw error;
        });
      return (
        object !== undefined &&
        object.eTag === eTag &&
        (have.writtenAt?.[i] ?? object.lastModified) === object.lastModified
      );
    }),
  );

export const imageExport: Lifecycle<ImageExportFields, ImageExportState> = {
  kind: "ImageExport",
  fields,
  wholeRules: [],
  timeoutMs: 120 * 60_000,
  subject: ({ imageId, ossBucket, ossPrefix }) => `export of image ${imageId} to oss://${ossBucket}/${ossPrefix ?? ""}`,
  stage: ({ status }) =>
    status === "Finished" ? "ready" : status === undefined || isRunning(status) ? "unfinished" : "hopeless",
  standing: ({ objects }) => `wrote ${objects.map(({ bucket, key }) => `oss://${bucket}/${key}`).join(", ")}`,

  async recover(args, cloud) {
    const owner = ownerOf(cloud.urn, fields, args);
    const mark = exportMark(owner, args.imageId);
    const marked = await readExportMark(mark, cloud);
    if (!marked) return undefined;
    for (const { TaskId } of await exportsUnder(marked, args.imageId, cloud)) {
      const keys = keysIn(await attributesOf(TaskId!, cloud));
      if (marked.fingerprint !== owner.fingerprint) warnOfLeft(TaskId!, keys, cloud);
      else if (keys.every(({ bucket, key }) => bucket === args.ossBucket && key.startsWith(args.ossPrefix ?? ""))) {
        cloud.handover.adopt(TaskId!, mark);
        cloud.show(`going on with ${TaskId}, which an interrupted run has started`);
        return TaskId!;
      }
    }
    return undefined;
  },

  begun: (id) => ({ taskId: id, status: "Processing", objects: [], writtenAt: [] }),

  async start(args, cloud) {
    const owner = ownerOf(cloud.urn, fields, args);
    const mark = exportMark(owner, args.imageId);
    await setExportMark(mark, owner, cloud);
    for (let resend = 0; ; ) {
      try {
        const { TaskId } = await withRoleExplained("export", args.roleName, [args.ossBucket], () =>
          cloud.ecs("ExportImage", exportRequest(args)),
        );
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
    const wait = {
      what: `export task ${id}`,
      deadlineMs: cloud.deadlineMs,
      judge: exported(id),
      tell: (at: string) => cloud.show(at),
    };
    const task = await cloud.tasks.until(id, wait);
    return stateOf(id, { ...have, ...args }, "Finished", await objectsOf(id, task, cloud), cloud);
  },

  amend: async () => ({}),

  async find(id, have, cloud) {
    if (have.objects?.length)
      return (await stillThere(have, cloud)).every(Boolean) ? (have as ImageExportState) : undefined;
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
      if (ended?.TaskStatus === "Finished") written = { ...have, ...(await ownObjects(id, ended, have, cloud)) };
    }
    if (have.imageId !== undefined) await unmark(id, have as ImageExportFields, cloud);
    if (!have.deleteObjects) return;
    const failures: string[] = [];
    const same = await stillThere(written, cloud);
    for (const [i, { bucket, key }] of (written.objects ?? []).entries()) {
      if (!same[i]) continue; // gone, or another export's by now
      await cloud
        .oss()
        .deleteObject(bucket, key)
        .catch((error: unknown) => failures.push(messageOf(error)));
    }
    if (failures.length > 0)
      throw new Failure("Refused", `not all of its objects could be deleted: ${failures.join("; ")}`);
  },
};

const NONE = { objects: [], writtenAt: [] };

/** What an export that was never recorded as finished has written, as far as no other export can have written over it. */
async function ownObjects(
  id: string,
  task: Task,
  { imageId }: Partial<ImageExportState>,
  cloud: Cloud,
): Promise<Pick<ImageExportState, "objects" | "writtenAt">> {
  const written = await objectsOf(id, task, cloud).catch(() => NONE);
  const createdMs = Date.parse(task.CreationTime ?? "");
  if (imageId === undefined || Number.isNaN(createdMs)) return NONE;
  const others = (await exportsSince(createdMs, imageId, cloud)).filter(
    ({ TaskId, CreationTime }) => TaskId !== id && Date.parse(CreationTime!) >= createdMs,
  );
  const theirs = (await Promise.all(others.map(({ TaskId }) => attributesOf(TaskId!, cloud)))).flatMap(keysIn);
  const isOwn = written.objects.map(
    ({ bucket, key }) => !theirs.some((other) => other.bucket === bucket && other.key === key),
  );
  return {
    objects: written.objects.filter((_, i) => isOwn[i]),
    writtenAt: written.writtenAt.filter((_, i) => isOwn[i]),
  };
}

/** A run that was killed right after this creation has left its mark on the image. The mark of another creation stays: it is all that tells of its export. */
async function unmark(id: string, args: ImageExportFields, cloud: Cloud): Promise<void> {
  const mark = exportMark(ownerOf(cloud.urn, fields, args), args.imageId);
  const marked = await readExportMark(mark, cloud);
  if (!marked) return;
  const others = (await exportsUnder(marked, args.imageId, cloud)).map(({ TaskId }) => TaskId!);
  if (others.length === 0 || others.includes(id)) return takeOffExportMark(mark, cloud);
  for (const other of others)
    if (!cloud.handover.isMarked(other)) warnOfLeft(other, keysIn(await attributesOf(other, cloud)), cloud);
}

function warnOfLeft(taskId: string, keys: readonly { bucket: string; key: string }[], cloud: Cloud): void {
  const written = keys.map(({ bucket, key }) => `oss://${bucket}/${key}`).join(", ");
  cloud.warn(
    `an interrupted run of this resource has left export task ${taskId}, which writes ${written}: it cannot be taken over, since it was asked for with other arguments, or nothing asks for it now. Delete what it has written if it is of no use`,
  );
}
