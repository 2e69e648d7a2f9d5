import { requireBootable, requireFreeName, requireRoomForImage, requireRoomInFamily } from "../images/limits";
import { imageSource } from "../images/source";
import { requireUsableAccount } from "../images/usable-account";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { architectures, bootModes, description, imageFamily, imageName, platforms, tagsToSet } from "../request/fields";
import { earlierAnswer, rememberAnswer } from "../request/idempotence";
import { flag, group, integer, list, text } from "../request/parameters";
import { tagMap } from "../resources/tags";
import { nextId } from "../world/next-id";
import { takeScenario, timelineOf } from "../world/scenario";
import type { ImageRecord } from "../world/world";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-createimage */
export const createImage = action({
  accepts: {
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
    // The length is the older page's; the newer gives none.
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
    ClientToken: text({ matches: /^[\x20-\x7e]{1,64}$/ }),
    DryRun: flag(),
  },

  resources: ({ InstanceId, SnapshotId, ...params }) => {
    const mapped = Object.entries(params).flatMap(([name, value]) =>
      /^DiskDeviceMapping\.\d+\.SnapshotId$/.test(name) ? [value] : [],
    );
    const snapshotIds = SnapshotId ? [SnapshotId, ...mapped] : mapped;
    return ["image/*", ...(InstanceId ? [`instance/${InstanceId}`] : snapshotIds.map((id) => `snapshot/${id}`))];
  },

  answer(world, request, { now, cloud, accountId, regionId, durations, params, changed }) {
    const before = earlierAnswer(world, "CreateImage", request.ClientToken, params);
    if (before) return before;

    const { ImageName = "", ImageFamily = "", Tag } = request;
    const tags = tagMap(Tag);
    if (tags.size > world.quotas.tagsPerResource)
      throw refusal("QuotaExceed.Tags", `An image has at most ${world.quotas.tagsPerResource} tags.`);
    requireUsableAccount(world);
    if (request.ResourceGroupId !== undefined && !world.resourceGroups.has(request.ResourceGroupId))
      throw refusal("InvalidResourceGroup.NotFound");
    const source = imageSource(cloud, world, request, regionId, now);
    const architecture = source.image?.architecture ?? request.Architecture ?? "x86_64";
    const bootMode = request.BootMode ?? source.image?.bootMode ?? (architecture === "arm64" ? "UEFI" : "BIOS");
    requireBootable(architecture, bootMode);
    if (request.SecureBootOptions.SecureBootSupport === "supported" && bootMode === "BIOS")
      throw refusal("InvalidParameter", "SecureBootOptions.SecureBootSupport");
    requireFreeName(world, ImageName, regionId, now, "InvalidImageName.Duplicated");
    requireRoomForImage(world, regionId);
    requireRoomInFamily(world, ImageFamily, regionId, {
      family: "ImageQuotaExceed.ImageFamily",
      families: "ImageFamilyQuotaExceed",
    });
    if (request.DryRun) throw refusal("DryRunOperation");

    const scenario = takeScenario(world.scenarios, "CreateImage");
    if (scenario?.refused) throw refusal("InternalError/snapshot");
    const platform = source.image?.platform ?? request.Platform ?? "Others Linux";
    const image: ImageRecord = {
      imageId: nextId(world, "m"),
      regionId,
      imageName: ImageName,
      imageFamily: ImageFamily,
      imageVersion: request.ImageVersion ?? "",
      description: request.Description ?? "",
      architecture,
      osType: platform.startsWith("Windows") ? "windows" : "linux",
      osName: source.image?.osName ?? `${platform} ${architecture === "i386" ? 32 : 64} bit`,
      platform,
      bootMode,
      licenseType: source.image?.licenseType ?? "Auto",
      imdsSupport: request.Features.ImdsSupport ?? source.image?.imdsSupport ?? "v1",
      nvmeSupport: source.image?.nvmeSupport ?? "unsupported",
      owner: "self",
      ownerId: accountId,
      productCode: source.image?.productCode ?? "",
      isPublic: false,
      sharedWith: [],
      copying: false,
      resourceGroupId: request.ResourceGroupId ?? "",
      tags,
      diskMappings: [],
      detectionStrategy: request.DetectionStrategy ?? "",
      secureBootSupport: request.SecureBootOptions.SecureBootSupport ?? "unsupported",
      createdMs: now,
      madeFrom: source.from,
      ...timelineOf(scenario, now, durations.createMs),
      failsAs: "CreateFailed",
      deprecated: false,
    };
    image.diskMappings = source.disks(image);
    world.images.set(image.imageId, image);
    const body = { ImageId: image.imageId };
    rememberAnswer(world, "CreateImage", request.ClientToken, params, body);
    changed();
    return body;
  },
});
