import { requireBootable, requireFreeName, requireRoomForImage, requireRoomInFamily } from "../images/limits";
import { defaultBootMode, newImage, osNameOf, osTypeOf, tagsOfImage } from "../images/new-image";
import { imageSource } from "../images/source";
import { requireUsableAccount } from "../images/usable-account";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import {
  architectures,
  bootModes,
  clientToken,
  description,
  imageFamily,
  imageName,
  platforms,
  tagsToSet,
} from "../request/fields";
import { answerOnce } from "../request/idempotence";
import { flag, group, integer, list, type Parsed, text } from "../request/parameters";
import { requireResourceGroup } from "../resources/tagged-resource";
import { takeScenario, timelineOf } from "../world/scenario";
import type { ImageRecord, World } from "../world/world";

const accepts = {
  RegionId: text({ required: true }),
  // Empty counts, because the page distinguishes missing sources from empty ones.
  InstanceId: text({ emptyCounts: true }),
  SnapshotId: text({ emptyCounts: true }),
  DiskDeviceMapping: list(
    group({
      SnapshotId: text(),
      Size: integer({ wrong: "InvalidSize.ValueNotSupported" }),
      Device: text({ matches: /^\/dev\/xvd[a-z]$/, wrong: "InvalidDevice.Malformed" }),
      DiskType: text({ oneOf: ["system", "data"], wrong: "InvalidDiskType.ValueNotSupported" }),
    }),
    17,
  ),
  ImageName: imageName,
  ImageFamily: imageFamily("InvalidImageFamily.Malformed"),
  // The length limit is from the older page; the newer one has none.
  ImageVersion: text({ matches: /^[\x21-\x7e]{1,40}$/, wrong: "InvalidImageVersion.Malformed" }),
  Description: description,
  Platform: text({ oneOf: platforms, wrong: "InvalidPlatform.Malformed" }),
  Architecture: text({ oneOf: architectures, wrong: "InvalidArchitecture.Malformed" }),
  BootMode: text({ oneOf: bootModes, wrong: "InvalidBootMode.Malformed" }),
  DetectionStrategy: text({ oneOf: ["Standard"], wrong: "InvalidDetectionStrategy.Malformed" }),
  Features: group({ ImdsSupport: text({ oneOf: ["v1", "v2"], wrong: "InvalidParameter.FeaturesImdsSupport" }) }),
  SecureBootOptions: group({ SecureBootSupport: text({ oneOf: ["supported", "unsupported"] }) }),
  Tag: tagsToSet("QuotaExceed.Tags"),
  ResourceGroupId: text(),
  ClientToken: clientToken,
  DryRun: flag(),
} as const;
type Request = Parsed<typeof accepts>;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-createimage */
export const createImage = action({
  accepts,

  resources: ({ InstanceId, SnapshotId, ...params }) => {
    const mapped = Object.entries(params).flatMap(([name, value]) =>
      /^DiskDeviceMapping\.\d+\.SnapshotId$/.test(name) ? [value] : [],
    );
    const snapshotIds = SnapshotId ? [SnapshotId, ...mapped] : mapped;
    return ["image/*", ...(InstanceId ? [`instance/${InstanceId}`] : snapshotIds.map((id) => `snapshot/${id}`))];
  },

  answer(world, request, { now, cloud, regionId, durations, params, changed }) {
    return answerOnce(world, { action: "CreateImage", token: request.ClientToken, params }, () => {
      const tags = tagsOfImage(world, request.Tag);
      requireUsableAccount(world);
      requireResourceGroup(world, request.ResourceGroupId);
      const source = imageSource({ cloud, world, now }, request, regionId);
      const system = systemOf(request, source.image);
      requireBootOptions(system);
      requireRoom(world, request, regionId, now);
      if (request.DryRun) throw refusal("DryRunOperation");

      const scenario = takeScenario(world.scenarios, "CreateImage");
      if (scenario?.refused) throw refusal("InternalError/snapshot");
      const image: ImageRecord = {
        ...newImage(world, regionId, { ...request, tags }, now),
        ...system,
        ...timelineOf(scenario, now, durations.createMs),
        imageFamily: request.ImageFamily ?? "",
        imageVersion: request.ImageVersion ?? "",
        detectionStrategy: request.DetectionStrategy ?? "",
        productCode: source.image?.productCode ?? "",
        diskMappings: [],
        madeFrom: source.from,
        sourceId: request.InstanceId ?? request.SnapshotId ?? "",
        failsAs: "CreateFailed",
      };
      image.diskMappings = source.disks(image);
      world.images.set(image.imageId, image);
      changed();
      return { ImageId: image.imageId };
    });
  },
});

/** The operating system and the boot mode of the new image. Of an instance's image they are inherited. */
function systemOf(request: Request, of: ImageRecord | undefined) {
  const platform = of?.platform ?? request.Platform ?? "Others Linux";
  const architecture = of?.architecture ?? request.Architecture ?? "x86_64";
  return {
    architecture,
    osType: of?.osType ?? osTypeOf(platform),
    osName: of?.osName ?? osNameOf(platform, architecture),
    platform,
    bootMode: request.BootMode ?? of?.bootMode ?? defaultBootMode(architecture),
    licenseType: of?.licenseType ?? "Auto",
    imdsSupport: request.Features.ImdsSupport ?? of?.imdsSupport ?? "v1",
    nvmeSupport: of?.nvmeSupport ?? "unsupported",
    secureBootSupport: request.SecureBootOptions.SecureBootSupport ?? "unsupported",
  };
}

function requireBootOptions({ architecture, bootMode, secureBootSupport }: ReturnType<typeof systemOf>): void {
  requireBootable(architecture, bootMode);
  if (secureBootSupport === "supported" && bootMode === "BIOS")
    throw refusal("InvalidParameter", "SecureBootOptions.SecureBootSupport");
}

function requireRoom(world: World, { ImageName = "", ImageFamily = "" }: Request, regionId: string, nowMs: number) {
  requireFreeName(world, { imageName: ImageName, regionId }, nowMs, "InvalidImageName.Duplicated");
  requireRoomForImage(world, regionId);
  requireRoomInFamily(world, ImageFamily, regionId, {
    family: "ImageQuotaExceed.ImageFamily",
    families: "ImageFamilyQuotaExceed",
  });
}
