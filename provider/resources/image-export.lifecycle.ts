import type { Request } from "../ecs/actions";
import { Failure, isFailure, messageOf } from "../failure";
import type { Fields } from "../fields/fields";
import { anyList, flag, identifier, oneOf, pattern } from "../fields/rules";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { ownerOf } from "../lifecycle/ownership";
import type { Context, Task } from "../lifecycle/session";
import type { Readiness } from "../wait/watch";
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
  imageId: { accepts: identifier("an image"), required: true, change: "replace", summary: "The image to export." },
  ossBucket: {
    accepts: pattern(
      "the name of an OSS bucket: 3 to 63 lower case letters, digits and hyphens",
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    ),
    required: true,
    change: "replace",
    summary: "The bucket, in the image's region.",
  },
  ossPrefix: {
    accepts: pattern("1 to 30 letters and digits", /^[A-Za-z0-9]{1,30}$/),
    change: "replace",
    summary: "What the keys begin with.",
  },
  imageFormat: {
    accepts: oneOf("raw", "vhd", "qcow2", "vmdk", "vdi"),
    change: "replace",
    summary: "The format, where the region offers it.",
  },
  roleName: {
    accepts: identifier("a RAM role"),
    change: "record",
    summary: "The role under which ECS writes the files.",
  },
  regionId: {
    accepts: pattern("the id of a region, such as cn-hangzhou", /^[a-z0-9-]+$/),
    change: "replace",
    summary: "The image's region. Left out: the stack's.",
  },
  triggers: { accepts: anyList, change: "replace", summary: "Any values; a change exports again." },
  deleteObjects: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "On delete, remove the objects that this export wrote, if they are still the same.",
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
  (task: Task | undefined): Readiness<Task> => {
    if (!task) return { is: "pending", at: "not listed yet" };
    if (task.TaskStatus === "Finished") return { is: "ready", value: task };
    if (!isRunning(task.TaskStatus))
      return { is: "failed", why: reasonIn(taskId, task) ?? `export task ${taskId} has ended as ${task.TaskStatus}` };
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

async function attributesOf(taskId: string, ctx: Context): Promise<Task> {
  return ctx.ecs("DescribeTaskAttribute", { TaskId: taskId });
}

/** Every object of a finished export, as it is in OSS. */
async function objectsOf(
  taskId: string,
  task: Task,
  ctx: Context,
): Promise<Pick<ImageExportState, "objects" | "writtenAt">> {
  const keys = keysIn(task.OperationProgressSet ? task : await attributesOf(taskId, ctx));
  if (keys.length === 0)
    throw new Failure("Unreachable", `export task ${taskId} is finished, but does not tell yet what it has written`);
  const found = await Promise.all(
    keys.map(async ({ bucket, key }) => {
      const object = await ctx.oss().headObject(bucket, key);
      if (!object)
        throw new Failure("Failed", `export task ${taskId} is finished, but there is no object oss://${bucket}/${key}`);
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
  ctx: Context,
): ImageExportState => ({
  ...(known as ImageExportFields),
  regionId: ctx.regionId,
  taskId: id,
  status,
  ...written,
});

/** Whether each recorded object is still the one that this export wrote. */
const stillThere = async (have: Partial<ImageExportState>, ctx: Context): Promise<boolean[]> =>
  Promise.all(
    (have.objects ?? []).map(async ({ bucket, key, eTag }, i) => {
      const object = await ctx
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
  type: "ImageExport",
  fields,
  argsRules: [],
  defaultTimeoutMs: 120 * 60_000,
  describe: ({ imageId, ossBucket, ossPrefix }) =>
    `export of image ${imageId} to oss://${ossBucket}/${ossPrefix ?? ""}`,
  phase: ({ status }) =>
    status === "Finished" ? "ready" : status === undefined || isRunning(status) ? "unfinished" : "failed",
  summary: ({ objects }) => `wrote ${objects.map(({ bucket, key }) => `oss://${bucket}/${key}`).join(", ")}`,

  async findLeftover(args, ctx) {
    const owner = ownerOf(ctx.urn, fields, args);
    const mark = exportMark(owner, args.imageId);
    const marked = await readExportMark(mark, ctx);
    if (!marked) return undefined;
    for (const { TaskId } of await exportsUnder(marked, args.imageId, ctx)) {
      const keys = keysIn(await attributesOf(TaskId!, ctx));
      if (marked.fingerprint !== owner.fingerprint) warnOfLeft(TaskId!, keys, ctx);
      else if (keys.every(({ bucket, key }) => bucket === args.ossBucket && key.startsWith(args.ossPrefix ?? ""))) {
        ctx.pending.adopt(TaskId!, mark);
        ctx.show(`going on with ${TaskId}, which an interrupted run has started`);
        return TaskId!;
      }
    }
    return undefined;
  },

  initialState: (id) => ({ taskId: id, status: "Processing", objects: [], writtenAt: [] }),

  async start(args, ctx) {
    const owner = ownerOf(ctx.urn, fields, args);
    const mark = exportMark(owner, args.imageId);
    await setExportMark(mark, owner, ctx);
    for (let resend = 0; ; ) {
      try {
        const { TaskId } = await withRoleExplained("export", args.roleName, [args.ossBucket], () =>
          ctx.ecs("ExportImage", exportRequest(args)),
        );
        ctx.pending.marked(TaskId!, mark);
        return { id: TaskId! };
      } catch (error) {
        // Without a token, a call whose answer is lost may have been carried out all the same, and so may be what keeps the image busy now.
        const isBusy = isFailure(error, "Refused") && error.detail.code === "ImageIsExporting";
        const isUnclear = isFailure(error, "Unreachable") && resend++ < RESENDS;
        if (!isBusy && !isUnclear) throw error;
        const own = await imageExport.findLeftover(args, ctx);
        if (own !== undefined) return { id: own };
        if (ctx.clock.now() + BUSY_PAUSE_MS > ctx.deadlineMs) throw error;
        if (isBusy) ctx.show("waiting: the image is being exported by somebody else");
        await ctx.clock.sleep(BUSY_PAUSE_MS);
      }
    }
  },

  async waitUntilReady(id, args, have, ctx) {
    const wait = {
      what: `export task ${id}`,
      deadlineMs: ctx.deadlineMs,
      evaluate: exported(id),
      report: (at: string) => ctx.show(at),
    };
    const task = await ctx.tasks.until(id, wait);
    return stateOf(id, { ...have, ...args }, "Finished", await objectsOf(id, task, ctx), ctx);
  },

  updateInPlace: async () => ({}),

  async read(id, have, ctx) {
    if (have.objects?.length)
      return (await stillThere(have, ctx)).every(Boolean) ? (have as ImageExportState) : undefined;
    const task = await ctx.tasks.read(id);
    if (!task) return undefined;
    const none = { objects: [], writtenAt: [] };
    if (task.TaskStatus !== "Finished") return stateOf(id, have, task.TaskStatus ?? "Unknown", none, ctx);
    try {
      return stateOf(id, have, "Finished", await objectsOf(id, task, ctx), ctx);
    } catch (error) {
      if (isFailure(error, "Failed")) return undefined; // written and deleted since
      throw error;
    }
  },

  async remove(id, have, ctx) {
    let written = have;
    if (!have.objects?.length) {
      const task = await ctx.tasks.read(id);
      if (isRunning(task?.TaskStatus)) await cancelTask(id, ctx);
      // It may have been finished before it could be cancelled; what it wrote then is its own.
      const ended = have.deleteObjects ? await ctx.tasks.read(id) : undefined;
      if (ended?.TaskStatus === "Finished") written = { ...have, ...(await ownObjects(id, ended, have, ctx)) };
    }
    if (have.imageId !== undefined) await unmark(id, have as ImageExportFields, ctx);
    if (!have.deleteObjects) return;
    const failures: string[] = [];
    const same = await stillThere(written, ctx);
    for (const [i, { bucket, key }] of (written.objects ?? []).entries()) {
      if (!same[i]) continue; // gone, or another export's by now
      await ctx
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
  ctx: Context,
): Promise<Pick<ImageExportState, "objects" | "writtenAt">> {
  const written = await objectsOf(id, task, ctx).catch(() => NONE);
  const createdMs = Date.parse(task.CreationTime ?? "");
  if (imageId === undefined || Number.isNaN(createdMs)) return NONE;
  const others = (await exportsSince(createdMs, imageId, ctx)).filter(
    ({ TaskId, CreationTime }) => TaskId !== id && Date.parse(CreationTime!) >= createdMs,
  );
  const theirs = (await Promise.all(others.map(({ TaskId }) => attributesOf(TaskId!, ctx)))).flatMap(keysIn);
  const isOwn = written.objects.map(
    ({ bucket, key }) => !theirs.some((other) => other.bucket === bucket && other.key === key),
  );
  return {
    objects: written.objects.filter((_, i) => isOwn[i]),
    writtenAt: written.writtenAt.filter((_, i) => isOwn[i]),
  };
}

/** A run that was killed right after this creation has left its mark on the image. The mark of another creation stays: it is all that tells of its export. */
async function unmark(id: string, args: ImageExportFields, ctx: Context): Promise<void> {
  const mark = exportMark(ownerOf(ctx.urn, fields, args), args.imageId);
  const marked = await readExportMark(mark, ctx);
  if (!marked) return;
  const others = (await exportsUnder(marked, args.imageId, ctx)).map(({ TaskId }) => TaskId!);
  if (others.length === 0 || others.includes(id)) return takeOffExportMark(mark, ctx);
  for (const other of others)
    if (!ctx.pending.isMarked(other)) warnOfLeft(other, keysIn(await attributesOf(other, ctx)), ctx);
}

function warnOfLeft(taskId: string, keys: readonly { bucket: string; key: string }[], ctx: Context): void {
  const written = keys.map(({ bucket, key }) => `oss://${bucket}/${key}`).join(", ");
  ctx.warn(
    `an interrupted run of this resource has left export task ${taskId}, which writes ${written}: it cannot be taken over, since it was asked for with other arguments, or nothing asks for it now. Delete what it has written if it is of no use`,
  );
}
