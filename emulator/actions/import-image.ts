import { bucketIn, requireAccess } from "../access/role-access";
import { requireBootable, requireFreeName, requireRoomForImage } from "../images/limits";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { architectures, description, imageName, platforms, tagsToSet } from "../request/fields";
import { earlierAnswer, rememberAnswer } from "../request/idempotence";
import { flag, group, integer, list, type Parsed, text } from "../request/parameters";
import { tagMap } from "../resources/tags";
import { isRunning, taskRegion } from "../resources/tasks";
import { nextId } from "../world/next-id";
import { takeScenario, timelineOf } from "../world/scenario";
import { isOngoing, spanState } from "../world/span";
import type { ImageDisk, ImageRecord, TaskObject, World } from "../world/world";

const GIB = 2 ** 30;

/** GiB, of system and data disks alike, as the current page has it; older pages have narrower ranges. */
const SMALLEST = 1;
const LARGEST = 2048;

/** Distributions whose licence Alibaba Cloud does not hand out. The page does not say which these are. */
const OWN_LICENCE_ONLY: readonly string[] = ["RedHat", "Other Windows"];

const disk = group({
  OSSBucket: text({ alias: ["OssBucket"], required: true, missing: "MissingParameter/task" }),
  OSSObject: text({
    alias: ["OssObject"],
    required: true,
    missing: "MissingParameter/task",
    matches: /^(?![/\\])[\s\S]{1,1023}$/,
    wrong: "InvalidOSSObject.Malformed",
  }),
  Format: text({ matches: /^(raw|vhd|qcow2|vmdk)$/i, wrong: "InvalidImageFormat.Malformed" }),
  DiskImageSize: integer(),
  /** The older name of DiskImageSize. */
  DiskImSize: integer(),
  Device: text({ matches: /^\/dev\/xvd[a-z]$/, wrong: "InvalidParameter.Malformed" }),
});
type Disk = Parsed<(typeof disk)["of"]>;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-importimage */
export const importImage = action({
  accepts: {
    DiskDeviceMapping: list(disk, 17, { required: true, missing: "MissingParameter.DiskDeviceMapping" }),
    ImageName: imageName,
    Description: description,
    Architecture: text({ oneOf: architectures, wrong: "InvalidArchitecture.Malformed" }),
    OSType: text({ oneOf: ["windows", "linux"], wrong: "InvalidOSType.Malformed" }),
    Platform: text({ oneOf: [...platforms, "Other Windows"], wrong: "InvalidPlatform.Malformed" }),
    BootMode: text({ oneOf: ["BIOS", "UEFI"], wrong: "InvalidBootMode.Malformed" }),
    // Auto is the default of an older page and still taken.
    LicenseType: text({ oneOf: ["Auto", "Aliyun", "BYOL"], wrong: "InvalidLicenseType.NotSupported/import" }),
    DetectionStrategy: text({ oneOf: ["Standard"], wrong: "InvalidDetectionStrategy.Malformed" }),
    Features: group({
      NvmeSupport: text({ oneOf: ["supported", "unsupported"] }),
      ImdsSupport: text({ oneOf: ["v1", "v2"], wrong: "InvalidParameter.FeaturesImdsSupport" }),
    }),
    RoleName: text(),
    StorageLocationArn: text(),
    Tag: tagsToSet("QuotaExceed.Tags"),
    ResourceGroupId: text(),
    ClientToken: text({ matches: /^[\x20-\x7e]{1,64}$/ }),
    DryRun: flag(),
  },

  resources: () => ["image/*"],

  answer(world, request, { now, accountId, durations, params, changed }) {
    const regionId = taskRegion(world, params);
    const before = earlierAnswer(world, "ImportImage", request.ClientToken, params);
    if (before) return before;

    if (world.regions.get(regionId)?.movesImages === false) throw refusal("InvalidRegion.NotSupport");
    const {
      ImageName = "",
      Architecture = "x86_64",
      Platform = "Others Linux",
      RoleName = "AliyunECSImageImportDefaultRole",
    } = request;
    const BootMode = request.BootMode ?? (Architecture === "arm64" ? "UEFI" : "BIOS");
    const tags = tagMap(request.Tag);
    if (tags.size > world.quotas.tagsPerResource)
      throw refusal("QuotaExceed.Tags", `An image has at most ${world.quotas.tagsPerResource} tags.`);
    if (!world.account.mayImport) throw refusal("Forbbiden");
    if (request.DiskDeviceMapping.some(({ Format }) => /vmdk/i.test(Format ?? "")) && !world.account.mayImportVmdk)
      throw refusal("UserNotInTheWhiteList/import");
    requireBootable(Architecture, BootMode);
    if (request.LicenseType === "Aliyun" && OWN_LICENCE_ONLY.includes(Platform))
      throw refusal("InvalidLicenseType.BYOLOnly");
    if (request.ResourceGroupId !== undefined && !world.resourceGroups.has(request.ResourceGroupId))
      throw refusal("InvalidResourceGroup.NotFound");
    const disks = request.DiskDeviceMapping.map((mapping, at) =>
      importedDisk(world, now, mapping, at, RoleName, regionId),
    );
    if (new Set(disks.map(({ device }) => device)).size < disks.length) throw refusal("InvalidParameter.Malformed");
    requireImportableName(world, ImageName, regionId, now);
    requireRoomForImage(world, regionId);
    requireRoomForSnapshots(world, disks.length, now);
    if (request.DryRun) throw refusal("DryRunOperation");

    const scenario = takeScenario(world.scenarios, "ImportImage");
    const importing = [...world.tasks.values()].filter(
      (task) => task.action === "ImportImage" && isRunning(task, now),
    ).length;
    // No code is documented for too many imports at once.
    if (scenario?.refused || importing >= world.quotas.importsAtOnce) throw refusal("ImportImageFailed");

    const { usableFromMs, ...timeline } = timelineOf(scenario, now, durations.importMs);
    const image: ImageRecord = {
      imageId: nextId(world, "m"),
      regionId,
      imageName: ImageName,
      imageFamily: "",
      imageVersion: "",
      description: request.Description ?? "",
      architecture: Architecture,
      osType: request.OSType ?? (Platform.includes("Windows") ? "windows" : "linux"),
      osName: `${Platform} ${Architecture === "i386" ? 32 : 64} bit`,
      platform: Platform,
      bootMode: BootMode,
      licenseType: request.LicenseType ?? "Auto",
      imdsSupport: request.Features.ImdsSupport ?? "v1",
      nvmeSupport: request.Features.NvmeSupport ?? "unsupported",
      owner: "self",
      ownerId: accountId,
      productCode: "",
      isPublic: false,
      sharedWith: [],
      copying: false,
      resourceGroupId: request.ResourceGroupId ?? "",
      tags,
      diskMappings: disks,
      detectionStrategy: request.DetectionStrategy ?? "",
      secureBootSupport: "unsupported",
      createdMs: now,
      madeFrom: "import",
      ...timeline,
      usableFromMs,
      // The status page has UnAvailable for images that cannot be used, and nothing that fits a failed import better.
      failsAs: "UnAvailable",
      deprecated: false,
    };
    const objects: TaskObject[] = disks.map(({ importBucket, importObject }) => ({
      bucket: importBucket,
      key: importObject,
      size: world.buckets.get(importBucket)?.objects.get(importObject)?.size ?? 0,
    }));
    const task = {
      taskId: nextId(world, "t"),
      regionId,
      action: "ImportImage" as const,
      imageId: image.imageId,
      createdMs: now,
      ...timeline,
      cancellable: true,
      objects,
      ...(scenario?.reportedObjects === undefined ? {} : { reportedObjects: scenario.reportedObjects }),
      effectsApplied: false,
      roleName: RoleName,
      bucket: objects[0]?.bucket ?? "",
      prefix: "",
      format: disks[0]?.format ?? "",
    };
    world.images.set(image.imageId, image);
    world.tasks.set(task.taskId, task);
    const body = { RegionId: regionId, ImageId: image.imageId, TaskId: task.taskId };
    rememberAnswer(world, "ImportImage", request.ClientToken, params, body);
    changed();
    return body;
  },
});

/** The disk that this file becomes, once it is sure that ECS can read the file and that it fits. */
function importedDisk(
  world: World,
  nowMs: number,
  mapping: Disk,
  at: number,
  roleName: string,
  regionId: string,
): ImageDisk {
  const bucket = bucketIn(world, mapping.OSSBucket, regionId);
  requireAccess(world, nowMs, "import", roleName, bucket.name, [mapping.OSSObject]);
  const object = bucket.objects.get(mapping.OSSObject);
  if (!object) throw refusal("InvalidOSSObject.NotFound");
  if (/Archive/.test(object.storageClass) && !object.restored) throw refusal("InvalidOSSObject.NotFound/archived");

  const isSystem = at === 0;
  const needed = Math.max(SMALLEST, Math.ceil(object.size / GIB));
  const size = mapping.DiskImageSize ?? mapping.DiskImSize ?? needed;
  if (size < needed || size > LARGEST) {
    throw isSystem
      ? refusal(
          "InvalidImageSize",
          'The specified "DiskDeviceMapping.n.DiskImageSize" should be not less than system device size.',
        )
      : refusal("InvalidDataDiskSize");
  }
  return {
    type: isSystem ? "system" : "data",
    device: mapping.Device ?? `/dev/xvd${String.fromCharCode("a".charCodeAt(0) + at)}`,
    size,
    snapshotId: "",
    // "When an image is imported, the system detects the format, and what it detects holds": by the name, as there is no content to look into.
    format: (/\.(raw|vhd|qcow2|vmdk)$/i.exec(mapping.OSSObject)?.[1] ?? mapping.Format ?? "raw").toUpperCase(),
    encrypted: false,
    importBucket: bucket.name,
    importObject: object.key,
  };
}

function requireImportableName(world: World, name: string, regionId: string, nowMs: number): void {
  if (name === "") return;
  for (const image of world.images.values()) {
    if (image.imageName !== name || image.regionId !== regionId || image.owner !== "self") continue;
    const making = isOngoing(image.span, nowMs);
    if (image.madeFrom === "import" && making) throw refusal("ImageIsImporting");
  }
  requireFreeName(world, name, regionId, nowMs, "InvalidImageName.Duplicated/import");
}

/** An import makes a snapshot of every disk, when it ends. */
function requireRoomForSnapshots(world: World, more: number, nowMs: number): void {
  const made = [...world.snapshots.values()].filter(({ span }) => spanState(span, nowMs).phase !== "done").length;
  const toCome = [...world.tasks.values()]
    .filter((task) => task.action === "ImportImage" && isRunning(task, nowMs))
    .reduce((sum, task) => sum + task.objects.length, 0);
  if (made + toCome + more > world.quotas.snapshotsAtOnce) throw refusal("QuotaExceed.Snapshot/import");
}
