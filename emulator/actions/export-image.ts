import { bucketIn, requireAccess } from "../access/role-access";
import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { flag, type Parsed, text } from "../request/parameters";
import { startTask } from "../resources/start-task";
import { requireImportAndExport, runningTasks, taskRegion } from "../resources/tasks";
import { takeScenario, timelineOf } from "../world/scenario";
import type { ImageDisk, ImageRecord, TaskObject, World } from "../world/world";

const GIB = 2 ** 30;
const WEEK_MS = 7 * 24 * 60 * 60_000;
const MOST_DATA_DISKS = 4;
/** GiB */
const MOST_DISK_SIZE = 500;

/**
 * The regions where ImageFormat can be chosen according to the page: Tokyo, Jakarta, Frankfurt, Dubai, Virginia,
 * London, Singapore, Kuala Lumpur, Silicon Valley.
 */
const FORMAT_REGIONS: readonly string[] = [
  "ap-northeast-1",
  "ap-southeast-5",
  "eu-central-1",
  "me-east-1",
  "us-east-1",
  "eu-west-1",
  "ap-southeast-1",
  "ap-southeast-3",
  "us-west-1",
];

const accepts = {
  ImageId: text({ required: true, missing: "MissingParameter/task" }),
  OSSBucket: text({ alias: ["OssBucket"], required: true, missing: "MissingParameter/task" }),
  OSSPrefix: text({ alias: ["OssPrefix"], matches: /^[A-Za-z0-9]{1,30}$/, wrong: "InvalidOSSPrefix.Malformed" }),
  ImageFormat: text({ oneOf: ["raw", "vhd", "qcow2", "vmdk", "vdi"], wrong: "InvalidImageFormat.Malformed" }),
  RoleName: text(),
  DryRun: flag(),
} as const;
type Request = Parsed<typeof accepts>;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-exportimage */
export const exportImage = action({
  accepts,

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { now, durations, params, changed }) {
    const regionId = taskRegion(world, params);
    requireImportAndExport(world, regionId);
    if ((request.ImageFormat ?? "raw") !== "raw" && !FORMAT_REGIONS.includes(regionId))
      throw refusal("InvalidImageFormat.RegionNotSupported");
    const image = exportableImage(world, request.ImageId, regionId);
    const exporting = runningTasks(world, "ExportImage", now);
    const same = exporting.find(({ imageId }) => imageId === image.imageId);
    if (same && world.quirks.repeatedExport === "same-task") return { RegionId: regionId, TaskId: same.taskId };
    if (same) throw refusal("ImageIsExporting");
    if (imageState(image, now).status !== "Available") throw refusal("IncorrectImageStatus/export");
    const task = exportOf(world, image, request, now);
    requireRoomForExport(world, exporting.length, now);
    if (request.DryRun) throw refusal("DryRunOperation");

    const scenario = takeScenario(world.scenarios, "ExportImage");
    if (scenario?.refused) throw refusal("ExportImageFailed");
    const taskId = startTask(world, task, { scenario, timeline: timelineOf(scenario, now, durations.exportMs) }, now);
    changed();
    return { RegionId: regionId, TaskId: taskId };
  },
});

/** The image with that id, if this account may export it. */
function exportableImage(world: World, imageId: string, regionId: string): ImageRecord {
  const image = world.images.get(imageId);
  if (!image || image.regionId !== regionId) throw refusal("InvalidImageId.NotFound");
  if (world.account.mayExport === false) throw refusal("UserNotInTheWhiteList");
  requireExportable(image);
  return image;
}

function requireExportable({ owner, osType, diskMappings, productCode }: ImageRecord): void {
  if (owner === "marketplace" || productCode !== "") throw refusal("ImageNotSupported/market");
  if (owner !== "self") throw refusal("InvalidImageCategory.NotSupported");
  // "Images that contain Windows Server operating systems cannot be exported", says the user guide.
  if (osType === "windows")
    throw refusal(
      "InvalidImageLicense.NotSupported",
      "The license of the operating system of the specified image does not permit exporting it.",
    );
  if (diskMappings.some(({ encrypted }) => encrypted)) throw refusal("ImageNotSupported");
  const data = diskMappings.filter(({ type }) => type === "data");
  if (data.length > MOST_DATA_DISKS)
    throw refusal(
      "InvalidImage.DiskAmountOrSize",
      `The specified image contains ${data.length} data disks, and at most ${MOST_DATA_DISKS} can be exported.`,
    );
  if (data.some(({ size }) => size > MOST_DISK_SIZE)) throw refusal("InvalidImage.DiskAmountOrSize/size");
}

/** The task of this export, if ECS may write its objects. */
function exportOf(world: World, image: ImageRecord, request: Request, nowMs: number) {
  const { imageId, regionId, diskMappings } = image;
  const { RoleName = "AliyunECSImageExportDefaultRole", OSSPrefix = "", ImageFormat = "raw" } = request;
  const bucket = bucketIn(world, request.OSSBucket, regionId);
  if (/Archive/.test(bucket.storageClass)) throw refusal("InvalidOSSObject.NeedRestore");
  const objects = diskMappings.map((disk) =>
    exportedObject(image, disk, { bucket: bucket.name, prefix: OSSPrefix, format: ImageFormat }),
  );
  const keys = objects.map(({ key }) => key);
  requireAccess(world, nowMs, { purpose: "export", roleName: RoleName, bucket: bucket.name, keys });
  return {
    action: "ExportImage" as const,
    regionId,
    imageId,
    objects,
    roleName: RoleName,
    bucket: bucket.name,
    prefix: OSSPrefix,
    format: ImageFormat,
  };
}

/** The quota counts the exports of the last seven days, failed ones included. */
function requireRoomForExport(world: World, exporting: number, nowMs: number): void {
  const { exportsAtOnce, exportsPerWeek } = world.quotas;
  if (exporting >= exportsAtOnce)
    throw refusal(
      "ConcurrentQuotaExceed.ExportImage",
      `At most ${exportsAtOnce} images can be exported at the same time.`,
    );
  const thisWeek = [...world.tasks.values()].filter(
    (task) => task.action === "ExportImage" && task.createdMs > nowMs - WEEK_MS,
  ).length;
  if (thisWeek >= exportsPerWeek)
    throw refusal("WeeklyQuotaExceed.ExportImage", `At most ${exportsPerWeek} images can be exported in a week.`);
}

/**
 * The user guide says: one file for each disk, with `system` or `data` and the mount point in its name. In practice the
 * name is `EcsExport_m-1_system.raw.tar.gz`, without the prefix part if there is none. A RAW file is compressed; the
 * others only have the extension of their format.
 */
function exportedObject(
  { imageId }: ImageRecord,
  disk: ImageDisk,
  { bucket, prefix, format }: { readonly bucket: string; readonly prefix: string; readonly format: string },
): TaskObject {
  const part = disk.type === "system" ? "system" : `data_${disk.device.replace("/dev/", "")}`;
  const ending = format === "raw" ? "raw.tar.gz" : format;
  return {
    bucket,
    key: `${prefix === "" ? "" : `${prefix}_`}${imageId}_${part}.${ending}`,
    size: Math.ceil((disk.size * GIB) / (format === "raw" ? 4 : 2)),
  };
}
