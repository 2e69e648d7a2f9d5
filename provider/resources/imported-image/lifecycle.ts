// ImportedImage: how it is created, cancelled, and recognized after a kill.

import type { ImageRow, Request } from "../../ecs/actions";
import { Failure, isFailure } from "../../failure";
import { isUnknown, UNKNOWN } from "../../fields/unknown";
import type { Context } from "../../lifecycle/context";
import type { Inspection } from "../../lifecycle/lifecycle";
import type { Complete } from "../images/args";
import { type Agrees, type CreationParameters, withName } from "../images/kind";
import { imageLifecycle } from "../images/lifecycle";
import { isMadeByItsCall } from "../images/proof";
import { imageState, imageWait, isBeingCreated } from "../images/state";
import { withServiceRole } from "../tasks/service-role";
import { cancelTask, runningTaskOf, taskReason, tasksOf } from "../tasks/task";
import {
  type ImportDisk,
  type ImportedImageArgs,
  type ImportedImageState,
  importedImageFields,
  importedImageRules,
} from "./args";
import { fileOf } from "./files";

/** After a failed import, the image is UnAvailable. */
const FAILED = ["CreateFailed", "UnAvailable"];

/** How often the task of a pending import is read, for a failure that the image does not show. */
const TASK_INTERVAL_MS = 60_000;

const shownDisks = (row: ImageRow) => row.DiskDeviceMappings?.DiskDeviceMapping ?? [];

function stateOf(row: ImageRow, known: Partial<ImportedImageState>, ctx: Context): Complete<ImportedImageState> {
  const image = imageState(row, known, ctx);
  return {
    ...image,
    diskDeviceMappings: disksOf(row, known.diskDeviceMappings),
    osType: (known.osType ?? image.osType) || undefined,
    roleName: known.roleName,
    trackSource: known.trackSource,
    sourceETags: known.sourceETags,
    importTaskId: known.importTaskId,
  };
}

/** The requested disks, with the values that the cloud detected. */
function disksOf(row: ImageRow, asked: readonly ImportDisk[] | undefined): ImportDisk[] {
  const shown = shownDisks(row);
  const files = shown.map(({ ImportOSSBucket, ImportOSSObject }) => ({
    ossBucket: ImportOSSBucket ?? "",
    ossObject: ImportOSSObject ?? "",
  }));
  return (asked ?? files).map((disk, i) => {
    const { Format, Size, Device } = shown[i] ?? {};
    return {
      ...(Format && { format: Format }),
      ...(Size && { diskImageSize: Number(Size) }),
      ...(Device && { device: Device }),
      ...disk,
    };
  });
}

/** The recorded ETag of a file that does not exist: the same `pulumi up` may upload it. */
const MISSING = "";

/** Reads the ETag of every file whose name is known. */
const inspectFiles =
  (disks: readonly ImportDisk[]) =>
  async (ctx: Context): Promise<Inspection<ImportedImageArgs>> => {
    const sourceETags = disks.map(async (disk) => {
      const { ossBucket, ossObject } = Object(disk) as Partial<ImportDisk>;
      if ([disk, ossBucket, ossObject].some(isUnknown)) return UNKNOWN;
      return (await eTagOf(ossBucket!, ossObject!, ctx)) ?? MISSING;
    });
    return { computed: { sourceETags: await Promise.all(sourceETags) }, failures: [] };
  };

/**
 * Fails if a file is missing. The check ran after everything that the resource depends on, and did not find the file.
 */
function refuseMissing({ diskDeviceMappings, sourceETags = [] }: ImportedImageArgs): void {
  const missing = diskDeviceMappings.filter((_, i) => sourceETags[i] === MISSING);
  if (missing.length === 0) return;
  const objects = missing.map(({ ossBucket, ossObject }) => `oss://${ossBucket}/${ossObject}`).join(", ");
  const advice =
    "Upload the image file, or correct the bucket or the key. If this program uploads it, name that resource in " +
    "dependsOn. Without trackSource, a missing file does not replace the image";
  throw new Failure("Invalid", `there is no object ${objects}. ${advice}`);
}

async function eTagOf(bucket: string, key: string, ctx: Context): Promise<string | undefined> {
  try {
    return (await ctx.oss().headObject(bucket, key))?.eTag;
  } catch (error) {
    if (isFailure(error, "Refused")) return undefined; // there is no such bucket
    throw error;
  }
}

const importImage = (ctx: Context) => (parameters: CreationParameters) =>
  ctx.ecs("ImportImage", { ...parameters } as Request<"ImportImage">);

/** Whether the image was made from these files. An image that should show files and shows none was not. */
const agrees =
  (args: ImportedImageArgs, ctx: Context): Agrees =>
  async (row) => {
    const shown = shownDisks(row);
    const isOther = shown.some(({ ImportOSSBucket, ImportOSSObject }, i) => {
      const disk = args.diskDeviceMappings[i];
      const isOtherBucket =
        ImportOSSBucket !== undefined && ImportOSSBucket !== "" && disk?.ossBucket !== ImportOSSBucket;
      return ImportOSSObject && (disk?.ossObject !== ImportOSSObject || isOtherBucket);
    });
    if (isOther) return false;
    if (shown.length > 0 && shown.every(({ ImportOSSObject }) => ImportOSSObject)) return true;
    const call = { fields: importedImageFields, args, send: importImage(ctx) };
    return isBeingCreated(row) && isMadeByItsCall(row, call, ctx);
  };

function describe(args: Partial<ImportedImageArgs>): string {
  const { ossBucket, ossObject } = args.diskDeviceMappings?.[0] ?? {};
  return `${withName("image", args)}${ossBucket && ossObject ? ` from oss://${ossBucket}/${ossObject}` : ""}`;
}

export const importedImage = imageLifecycle<ImportedImageArgs, ImportedImageState>({
  type: "ImportedImage",
  fields: importedImageFields,
  argsRules: importedImageRules,
  defaultTimeoutMs: 120 * 60_000,
  failedStatuses: FAILED,
  describe,
  agrees,
  stateOf,
  isAnotherKind: (row) =>
    fileOf(row) === undefined
      ? `image ${row.ImageId} was not imported from a file in OSS: adopt it as a CustomImage`
      : undefined,
  inspect: ({ trackSource, diskDeviceMappings }) =>
    trackSource === true && Array.isArray(diskDeviceMappings) ? inspectFiles(diskDeviceMappings) : undefined,

  async send(args, parameters, ctx) {
    refuseMissing(args);
    const buckets = args.diskDeviceMappings.map(({ ossBucket }) => ossBucket);
    return withServiceRole("import", args.roleName, buckets, async () => {
      const { ImageId, TaskId } = await importImage(ctx)(parameters);
      return { id: ImageId!, known: { snapshotIds: [], ...(TaskId && { importTaskId: TaskId }) } };
    });
  },

  dryRun: (_args, parameters, ctx) => ctx.ecs("ImportImage", { ...parameters, DryRun: true } as Request<"ImportImage">),

  async wait(id, have, ctx) {
    const importTaskId = have.importTaskId ?? (await tasksOf(id, "ImportImage", ctx))[0]?.TaskId;
    const row = await waitForImport(id, importTaskId, have, ctx);
    return { row, ...(importTaskId !== undefined && { known: { importTaskId } }) };
  },

  /** An import keeps its image from being deleted. Cancelling the import removes the image. */
  async stopCreating(id, have, error, ctx) {
    if (!isFailure(error) || error.detail.code !== "ImageIsImporting") return false;
    const taskId = have.importTaskId ?? (await runningTaskOf(id, "ImportImage", ctx));
    if (taskId === undefined) return false;
    await cancelTask(taskId, ctx);
    return true;
  },
});

/** Waits for the image, and now and then asks its task for a failure, because the task knows the reason. */
async function waitForImport(
  id: string,
  taskId: string | undefined,
  have: Partial<ImportedImageState>,
  ctx: Context,
): Promise<ImageRow> {
  const failed = new AbortController();
  const reason = async (instead: string) =>
    taskId === undefined ? instead : ((await taskReason(taskId, ctx)) ?? instead);
  const watchTask = async () => {
    for (;;) {
      await ctx.clock.sleep(TASK_INTERVAL_MS, failed.signal);
      if (failed.signal.aborted || taskId === undefined) return;
      // reading the image reports problems with the cloud
      const task = await ctx.tasks.read(taskId).catch(() => undefined);
      if (task?.TaskStatus !== "Failed") continue;
      failed.abort(new Failure("Failed", await reason(`import task ${taskId} has failed`)));
      return;
    }
  };
  try {
    if (taskId !== undefined) void watchTask();
    const wait = imageWait(id, FAILED, have, ctx);
    return await ctx.images.until(id, { ...wait, signal: AbortSignal.any([failed.signal, ctx.signal]) });
  } catch (error) {
    if (!isFailure(error, "Failed")) throw error;
    throw new Failure("Failed", await reason(error.message));
  } finally {
    failed.abort();
  }
}
