import { importedDisks } from "../images/imported-disks";
import { requireBootable, requireFreeName, requireRoomForImage } from "../images/limits";
import { defaultBootMode, newImage, osNameOf, osTypeOf, tagsOfImage } from "../images/new-image";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { architectures, clientToken, description, imageName, platforms, tagsToSet } from "../request/fields";
import { answerOnce } from "../request/idempotence";
import { flag, group, integer, list, type Parsed, text } from "../request/parameters";
import { startTask } from "../resources/start-task";
import { requireResourceGroup } from "../resources/tagged-resource";
import { requireImportAndExport, runningTasks, taskRegion } from "../resources/tasks";
import { takeScenario, timelineOf } from "../world/scenario";
import { isOngoing, spanState } from "../world/span";
import type { ImageRecord, World } from "../world/world";

/** Distributions for which Alibaba Cloud provides no license. The page does not list them. */
const OWN_LICENSE_ONLY: readonly string[] = ["RedHat", "Other Windows"];

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

const accepts = {
  DiskDeviceMapping: list(disk, 17, { required: true, missing: "MissingParameter.DiskDeviceMapping" }),
  ImageName: imageName,
  Description: description,
  Architecture: text({ oneOf: architectures, wrong: "InvalidArchitecture.Malformed" }),
  OSType: text({ oneOf: ["windows", "linux"], wrong: "InvalidOSType.Malformed" }),
  Platform: text({ oneOf: [...platforms, "Other Windows"], wrong: "InvalidPlatform.Malformed" }),
  BootMode: text({ oneOf: ["BIOS", "UEFI"], wrong: "InvalidBootMode.Malformed" }),
  // Auto is the default of an older page and still accepted.
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
  ClientToken: clientToken,
  DryRun: flag(),
} as const;
type Request = Parsed<typeof accepts>;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-importimage */
export const importImage = action({
  accepts,

  resources: () => ["image/*"],

  answer(world, request, { now, durations, params, changed }) {
    const regionId = taskRegion(world, params);
    return answerOnce(world, { action: "ImportImage", token: request.ClientToken, params }, () => {
      requireImportAndExport(world, regionId);
      const { RoleName = "AliyunECSImageImportDefaultRole" } = request;
      const system = systemOf(request);
      const tags = tagsOfImage(world, request.Tag);
      requireImportsOpened(world, request);
      requireBootable(system.architecture, system.bootMode);
      requireLicense(system);
      requireResourceGroup(world, request.ResourceGroupId);
      const disks = importedDisks(world, { files: request.DiskDeviceMapping, roleName: RoleName, regionId }, now);
      requireImportableName(world, request.ImageName, regionId, now);
      requireRoomForImage(world, regionId);
      requireRoomForSnapshots(world, disks.length, now);
      if (request.DryRun) throw refusal("DryRunOperation");

      const scenario = takeScenario(world.scenarios, "ImportImage");
      // No code is documented for too many imports at once.
      if (scenario?.refused || runningTasks(world, "ImportImage", now).length >= world.quotas.importsAtOnce)
        throw refusal("ImportImageFailed");
      const timeline = timelineOf(scenario, now, durations.importMs);
      const image: ImageRecord = {
        ...newImage(world, regionId, { ...request, tags }, now),
        ...system,
        ...timeline,
        imageFamily: "",
        imageVersion: "",
        detectionStrategy: request.DetectionStrategy ?? "",
        productCode: "",
        diskMappings: disks,
        madeFrom: "import",
        // The status page has UnAvailable for images that cannot be used, and no better status for a failed import.
        failsAs: "UnAvailable",
      };
      world.images.set(image.imageId, image);
      const taskId = startTask(world, importOf(world, image, RoleName), { scenario, timeline }, now);
      changed();
      return { RegionId: regionId, ImageId: image.imageId, TaskId: taskId };
    });
  },
});

/** The operating system on the disks, according to the request, and the boot mode of the image. */
function systemOf(request: Request) {
  const { Platform = "Others Linux", Architecture = "x86_64", Features } = request;
  return {
    architecture: Architecture,
    osType: request.OSType ?? osTypeOf(Platform),
    osName: osNameOf(Platform, Architecture),
    platform: Platform,
    bootMode: request.BootMode ?? defaultBootMode(Architecture),
    licenseType: request.LicenseType ?? "Auto",
    imdsSupport: Features.ImdsSupport ?? "v1",
    nvmeSupport: Features.NvmeSupport ?? "unsupported",
    secureBootSupport: "unsupported",
  };
}

function requireImportsOpened({ account }: World, { DiskDeviceMapping }: Request): void {
  if (!account.mayImport) throw refusal("Forbbiden");
  if (!account.mayImportVmdk && DiskDeviceMapping.some(({ Format = "" }) => /vmdk/i.test(Format)))
    throw refusal("UserNotInTheWhiteList/import");
}

function requireLicense({ licenseType, platform }: ReturnType<typeof systemOf>): void {
  if (licenseType === "Aliyun" && OWN_LICENSE_ONLY.includes(platform)) throw refusal("InvalidLicenseType.BYOLOnly");
}

function requireImportableName(world: World, name: string | undefined, regionId: string, nowMs: number): void {
  if (name === undefined) return;
  for (const image of world.images.values()) {
    if (image.imageName !== name || image.regionId !== regionId || image.owner !== "self") continue;
    if (image.madeFrom === "import" && isOngoing(image.span, nowMs)) throw refusal("ImageIsImporting");
  }
  requireFreeName(world, { imageName: name, regionId }, nowMs, "InvalidImageName.Duplicated/import");
}

/** An import makes a snapshot of every disk, when it ends. */
function requireRoomForSnapshots(world: World, more: number, nowMs: number): void {
  const made = [...world.snapshots.values()].filter(({ span }) => spanState(span, nowMs).phase !== "done").length;
  const toCome = runningTasks(world, "ImportImage", nowMs).reduce((sum, task) => sum + task.objects.length, 0);
  if (made + toCome + more > world.quotas.snapshotsAtOnce) throw refusal("QuotaExceed.Snapshot/import");
}

/** The task of an import, which reads one file for each disk. */
function importOf(world: World, { imageId, regionId, diskMappings }: ImageRecord, roleName: string) {
  const objects = diskMappings.map(({ importBucket, importObject }) => ({
    bucket: importBucket,
    key: importObject,
    size: world.buckets.get(importBucket)?.objects.get(importObject)?.size ?? 0,
  }));
  const { importBucket: bucket = "", format = "" } = diskMappings[0] ?? {};
  return { action: "ImportImage" as const, regionId, imageId, objects, roleName, bucket, prefix: "", format };
}
