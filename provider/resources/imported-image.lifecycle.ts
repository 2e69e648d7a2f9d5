import { randomUUID } from "node:crypto";
import type { ImageRow, Request } from "../ecs/actions";
import { Failure, isFailure } from "../failure";
import type { ArgsRule, CheckFailure } from "../fields/check";
import type { Fields } from "../fields/fields";
import { anyList, flag, identifier, integer, listOf, oneOf, pattern, shape, text } from "../fields/rules";
import { isUnknown } from "../fields/unknown";
import type { Lifecycle } from "../lifecycle/lifecycle";
import { ownerOf, urnParts } from "../lifecycle/ownership";
import { creationTags } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import {
  claimImage,
  deleteImage,
  type ImageArgs,
  type ImageOutputs,
  imageFields,
  imageStage,
  imageState,
  imageWait,
  noteOpen,
  PLATFORMS,
} from "./image";
import { amendNamed, automaticName, startNamed } from "./image-name";
import { olderTwin, recoverImage } from "./image-recovery";
import { withServiceRole } from "./service-role";
import { cancelTask, runningTaskOf, taskReason } from "./task";

/** One disk, from an image file in OSS. The first is the system disk. */
export interface ImportDisk {
  readonly ossBucket: string;
  readonly ossObject: string;
  readonly format?: string;
  readonly diskImageSize?: number;
  readonly device?: string;
}

export interface ImportedImageFields extends ImageArgs {
  readonly diskDeviceMappings: readonly ImportDisk[];
  readonly osType?: string;
  readonly roleName?: string;
  readonly trackSource?: boolean;
  /** The ETag of each file, in the order of the disks, when `trackSource` asks for it. */
  readonly sourceETags?: readonly string[];
}

export interface ImportedImageState extends ImportedImageFields, Omit<ImageOutputs, "osType"> {
  readonly regionId: string;
  readonly importTaskId?: string;
}

const bucketName = pattern(
  "the name of an OSS bucket: 3 to 63 lower case letters, digits and hyphens",
  /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
);

const fields: Fields<ImportedImageFields> = {
  diskDeviceMappings: {
    accepts: listOf(
      shape(
        {
          ossBucket: bucketName,
          ossObject: text(1, 1023, { notStarting: ["/", "\\"] }),
          format: oneOf("RAW", "VHD", "qcow2", "QCOW2", "VMDK"),
          diskImageSize: integer(5, 1_000, "GiB"),
          device: pattern("/dev/xvda to /dev/xvdz", /^\/dev\/xvd[a-z]$/),
        },
        ["ossBucket", "ossObject"],
      ),
      1,
      17,
    ),
    required: true,
    change: "replace",
    same: (have, want) => sameImportDisks(have as ImportDisk[], want as ImportDisk[]),
    summary: "Source: files in OSS, the first the system disk (5-500 GiB), up to 16 data disks (5-1000 GiB).",
  },
  ...imageFields,
  platform: { ...imageFields.platform, accepts: oneOf(...PLATFORMS, "Other Windows") },
  osType: { accepts: oneOf("linux", "windows"), change: "replace", summary: "The kind of operating system." },
  roleName: {
    accepts: identifier("a RAM role"),
    change: "nothing",
    summary: "The role under which ECS reads the files.",
  },
  trackSource: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "Replace when the file under the same key is another one.",
  },
  sourceETags: {
    accepts: anyList,
    change: "replace",
    computed: true,
    summary: "Noted from OSS when `trackSource` is on.",
  },
};

/** Whatever one of them leaves for the cloud to detect makes no difference, nor does the spelling of a format or of a number. */
function sameImportDisks(have: readonly ImportDisk[], want: readonly ImportDisk[]): boolean {
  const agree = (a: unknown, b: unknown) =>
    a === undefined ||
    b === undefined ||
    (!isUnknown(a) && !isUnknown(b) && String(a).toLowerCase() === String(b).toLowerCase());
  return (
    Array.isArray(have) &&
    Array.isArray(want) &&
    have.length === want.length &&
    have.every((disk, i) => {
      const other = want[i]!;
      const sameFile =
        disk.ossBucket === other.ossBucket &&
        disk.ossObject === other.ossObject &&
        !isUnknown(disk.ossBucket) &&
        !isUnknown(disk.ossObject);
      return (
        sameFile &&
        agree(disk.format, other.format) &&
        agree(disk.diskImageSize, other.diskImageSize) &&
        agree(disk.device, other.device)
      );
    })
  );
}

const systemDiskFits: ArgsRule<ImportedImageFields> = ({ diskDeviceMappings }) => {
  const size = Array.isArray(diskDeviceMappings)
    ? Number((diskDeviceMappings[0] as ImportDisk | undefined)?.diskImageSize)
    : Number.NaN;
  return size > 500
    ? [
        {
          property: "diskDeviceMappings[0].diskImageSize",
          reason: `diskDeviceMappings[0] is the system disk, whose diskImageSize must be a whole number from 5 to 500 GiB, not ${size}`,
        },
      ]
    : [];
};

const bootModeFits: ArgsRule<ImportedImageFields> = ({ architecture, bootMode }) =>
  architecture === "arm64" && bootMode !== undefined && !isUnknown(bootMode) && bootMode !== "UEFI"
    ? [{ property: "bootMode", reason: `bootMode must be UEFI for an image of architecture arm64, not ${bootMode}` }]
    : [];

/** An import that comes to nothing leaves its image UnAvailable. */
const FINAL = ["CreateFailed", "UnAvailable"];

/** How often a pending import's task is looked at besides its image, for a failure that the image does not show. */
const TASK_LOOK_MS = 60_000;

function importRequest(args: ImportedImageFields, ctx: Context): Request<"ImportImage"> {
  return {
    DiskDeviceMapping: args.diskDeviceMappings.map(({ ossBucket, ossObject, format, diskImageSize, device }) => ({
      OSSBucket: ossBucket,
      OSSObject: ossObject,
      ...(format !== undefined && { Format: format }),
      ...(diskImageSize !== undefined && { DiskImageSize: Number(diskImageSize) }),
      ...(device !== undefined && { Device: device }),
    })),
    ImageName: args.imageName ?? automaticName(urnParts(ctx.urn).name, ctx.suffix()),
    ...(args.description !== undefined && { Description: args.description }),
    ...(args.architecture !== undefined && { Architecture: args.architecture }),
    ...(args.osType !== undefined && { OSType: args.osType }),
    ...(args.platform !== undefined && { Platform: args.platform }),
    ...(args.licenseType !== undefined && { LicenseType: args.licenseType }),
    // An image can be changed to UEFI-Preferred, but not imported as such.
    ...(args.bootMode !== undefined && args.bootMode !== "UEFI-Preferred" && { BootMode: args.bootMode }),
    ...(args.features && {
      Features: {
        ...(args.features.imdsSupport !== undefined && { ImdsSupport: args.features.imdsSupport }),
        ...(args.features.nvmeSupport !== undefined && { NvmeSupport: args.features.nvmeSupport }),
      },
    }),
    ...(args.resourceGroupId !== undefined && { ResourceGroupId: args.resourceGroupId }),
    ...(args.detectionStrategy !== undefined && { DetectionStrategy: args.detectionStrategy }),
    ...(args.roleName !== undefined && { RoleName: args.roleName }),
    Tag: [
      ...Object.entries(args.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
      ...creationTags(ownerOf(ctx.urn, fields, args), ctx.clock.now()),
    ],
    ClientToken: randomUUID(),
  };
}

function stateOf(row: ImageRow, known: Partial<ImportedImageState>, ctx: Context): ImportedImageState {
  noteOpen(row, ownerOf(ctx.urn, fields, known), ctx);
  const shown = row.DiskDeviceMappings?.DiskDeviceMapping ?? [];
  const disks = (
    known.diskDeviceMappings ??
    shown.map((disk) => ({ ossBucket: disk.ImportOSSBucket ?? "", ossObject: disk.ImportOSSObject ?? "" }))
  ).map((disk, i): ImportDisk => {
    // The cloud goes by what it detects; what was asked for stands, or a difference would be planned again and again.
    const { Format, Size, Device } = shown[i] ?? {};
    return {
      ...(Format && { format: Format }),
      ...(Size && { diskImageSize: Number(Size) }),
      ...(Device && { device: Device }),
      ...disk,
    };
  });
  const { osType, ...image } = imageState(row, known, ctx.regionId);
  return {
    ...image,
    diskDeviceMappings: disks,
    ...((known.osType ?? osType) && { osType: known.osType ?? osType! }),
    ...(known.roleName !== undefined && { roleName: known.roleName }),
    ...(known.trackSource !== undefined && { trackSource: known.trackSource }),
    ...(known.sourceETags !== undefined && { sourceETags: known.sourceETags }),
    ...(known.importTaskId !== undefined && { importTaskId: known.importTaskId }),
  };
}

/** The ETag of every file that is known by now, and a failure for each that is not there. */
const inspectFiles = (disks: readonly ImportDisk[]) => async (ctx: Context) => {
  const failures: CheckFailure[] = [];
  const sourceETags = await Promise.all(
    disks.map(async ({ ossBucket, ossObject }, i) => {
      if (isUnknown(ossBucket) || isUnknown(ossObject)) return ossObject;
      const object = await ctx
        .oss()
        .headObject(ossBucket, ossObject)
        .catch((error: unknown) => {
          if (isFailure(error, "Refused")) return undefined; // no such bucket
          throw error;
        });
      if (!object)
        failures.push({
          property: `diskDeviceMappings[${i}].ossObject`,
          reason: `there is no object oss://${ossBucket}/${ossObject}; upload the image file, or correct the bucket or the key`,
        });
      return object?.eTag ?? "";
    }),
  );
  return { noted: { sourceETags }, failures };
};

const comesFrom =
  (args: ImportedImageFields) =>
  (row: ImageRow): boolean => {
    const shown = row.DiskDeviceMappings?.DiskDeviceMapping ?? [];
    if (args.architecture !== undefined && row.Architecture && row.Architecture !== args.architecture) return false;
    return shown.every(({ ImportOSSBucket, ImportOSSObject }, i) => {
      const disk = args.diskDeviceMappings[i];
      return (
        !ImportOSSObject ||
        (disk?.ossObject === ImportOSSObject && (!ImportOSSBucket || disk.ossBucket === ImportOSSBucket))
      );
    });
  };

export const importedImage: Lifecycle<ImportedImageFields, ImportedImageState> = {
  type: "ImportedImage",
  fields,
  argsRules: [systemDiskFits, bootModeFits],
  defaultTimeoutMs: 120 * 60_000,
  describe: ({ imageName, diskDeviceMappings }) => {
    const file = diskDeviceMappings?.[0];
    return `image${imageName === undefined ? "" : ` ${JSON.stringify(imageName)}`}${file?.ossObject ? ` from oss://${file.ossBucket}/${file.ossObject}` : ""}`;
  },
  phase: (have) => imageStage(have, FINAL),
  summary: ({ imageId, status }) => `${imageId} is ${status}`,

  inspect: ({ trackSource, diskDeviceMappings }) =>
    trackSource === true && Array.isArray(diskDeviceMappings) ? inspectFiles(diskDeviceMappings) : undefined,

  findLeftover: (args, ctx) => recoverImage(fields, args, ctx, comesFrom(args)),
  findDuplicate: (id, args, ctx) => olderTwin(id, fields, args, ctx, comesFrom(args)),

  initialState: (id) => ({ imageId: id, status: "Creating", usable: false }),

  start: (args, ctx) => {
    const owner = ownerOf(ctx.urn, fields, args);
    const buckets = args.diskDeviceMappings.map(({ ossBucket }) => ossBucket);
    return startNamed<ImportedImageState>(args.imageName, owner, FINAL, ctx, () =>
      withServiceRole("import", args.roleName, buckets, ctx, async () => {
        const { ImageId, TaskId } = await ctx.ecs("ImportImage", importRequest(args, ctx));
        ctx.pending.made(ImageId!, owner);
        return { id: ImageId!, ...(TaskId && { known: { importTaskId: TaskId } }) };
      }),
    );
  },

  async waitUntilReady(id, args, have, ctx) {
    const importTaskId = have.importTaskId ?? (await taskOf(id, ctx));
    const row = await arrival(id, importTaskId, ctx);
    const known = {
      ...have,
      tags: { ...have.tags, ...args.tags },
      ...(importTaskId !== undefined && { importTaskId }),
    };
    return stateOf(row, known, ctx);
  },

  updateInPlace: (id, have, want, changed, ctx) =>
    amendNamed(id, ownerOf(ctx.urn, fields, want), have, want, changed, ctx),
  claim: (id, args, ctx) => claimImage(id, fields, args, ctx),

  async read(id, have, ctx) {
    const row = await ctx.images.read(id);
    return row && stateOf(row, have, ctx);
  },

  async remove(id, have, ctx) {
    try {
      await deleteImage(id, have.forceDelete ?? false, ctx);
    } catch (error) {
      if (!isFailure(error) || error.detail.code !== "ImageIsImporting") throw error;
      // The import keeps the image from being deleted; cancelled, it takes the image along.
      const taskId = have.importTaskId ?? (await runningTaskOf(id, "ImportImage", ctx));
      if (taskId === undefined) throw error;
      await cancelTask(taskId, ctx);
      await deleteImage(id, have.forceDelete ?? false, ctx);
    }
  },
};

async function taskOf(imageId: string, ctx: Context): Promise<string | undefined> {
  const answer = await ctx.ecs("DescribeTasks", { TaskAction: "ImportImage", ResourceIds: [imageId], PageSize: 100 });
  return answer.TaskSet?.Task?.find((task) => task.ResourceId === undefined || task.ResourceId === imageId)?.TaskId;
}

/** Waits for the image, which tells how far it is, and now and then asks the task whether it has failed. The task's own words are the reason then. */
async function arrival(id: string, taskId: string | undefined, ctx: Context): Promise<ImageRow> {
  const ended = new AbortController();
  const reason = async (instead: string) =>
    taskId === undefined ? instead : ((await taskReason(taskId, ctx)) ?? instead);
  const failing = async () => {
    for (;;) {
      await ctx.clock.sleep(TASK_LOOK_MS, ended.signal);
      if (ended.signal.aborted || taskId === undefined) return;
      const task = await ctx.tasks.read(taskId).catch(() => undefined); // the image's own looks tell of trouble with the cloud
      if (task?.TaskStatus === "Failed")
        return ended.abort(new Failure("Failed", await reason(`import task ${taskId} has failed`)));
    }
  };
  try {
    if (taskId !== undefined) void failing();
    return await ctx.images.until(id, { ...imageWait(id, FINAL, ctx), signal: ended.signal });
  } catch (error) {
    if (!isFailure(error, "Failed")) throw error;
    throw new Failure("Failed", await reason(error.message));
  } finally {
    if (!ended.signal.aborted) ended.abort();
  }
}
