import { isoTime } from "../request/fields";
import { tagRows } from "../resources/tags";
import type { SeenImage } from "../world/accounts";
import type { Quirks } from "../world/quirks";
import { imageState } from "./state";

/** The tags that the lists show of an image: none of another account's image, and none while it is made if that quirk is on. */
export function shownTags(
  { image, isOwn }: SeenImage,
  { hideTagsWhileCreating }: Quirks,
  nowMs: number,
): ReadonlyMap<string, string> {
  const { status } = imageState(image, nowMs);
  const isHidden = !isOwn || (hideTagsWhileCreating && (status === "Waiting" || status === "Creating"));
  return isHidden ? new Map() : image.tags;
}

/** An image as DescribeImages shows it: the members and their JSON types are those of its page and of the official SDK. */
export function imageRow(seen: SeenImage, inUse: boolean, quirks: Quirks, nowMs: number): Record<string, unknown> {
  const { image, owner, isOwn } = seen;
  const { status, percent, usable, remainingMs } = imageState(image, nowMs);
  const isMaking = status === "Waiting" || status === "Creating";
  return {
    ImageId: image.imageId,
    ImageName: image.imageName,
    ImageFamily: image.imageFamily,
    ImageVersion: image.imageVersion,
    Description: image.description,
    Status: status,
    Progress: `${percent}%`,
    Usable: usable,
    Usage: inUse ? "instance" : "none",
    CreationTime: isoTime(image.createdMs),
    Size: image.diskMappings.find(({ type }) => type === "system")?.size ?? 0,
    Architecture: image.architecture,
    OSType: image.osType,
    OSName: image.osName,
    OSNameEn: image.osName,
    Platform: image.platform,
    BootMode: image.bootMode,
    LicenseType: image.licenseType,
    Features: {
      ImdsSupport: image.imdsSupport,
      NvmeSupport: image.nvmeSupport,
      CpuOnlineUpgrade: "unsupported",
      CpuOnlineDowngrade: "unsupported",
      MemoryOnlineUpgrade: "unsupported",
      MemoryOnlineDowngrade: "unsupported",
    },
    SecureBootOptions: { SecureBootSupport: image.secureBootSupport },
    ...(image.detectionStrategy === ""
      ? {}
      : { DetectionOptions: { Status: isMaking ? "Processing" : "Finished", Items: { Item: [] } } }),
    ImageOwnerAlias: owner,
    ImageOwnerId: Number(image.ownerId),
    ProductCode: image.productCode,
    SupplierName: "",
    IsCopied: image.copyOf !== undefined,
    IsPublic: image.isPublic,
    // Text, with a capital, as recorded; empty for what is not one's own.
    IsSelfShared: isOwn ? (image.sharedWith.length > 0 ? "True" : "False") : "",
    IsSubscribed: false,
    IsSupportCloudinit: true,
    IsSupportIoOptimized: true,
    LoginAsNonRootSupported: true,
    ResourceGroupId: isOwn ? image.resourceGroupId : "",
    Tags: tagRows(shownTags(seen, quirks, nowMs)),
    DiskDeviceMappings: {
      DiskDeviceMapping: image.diskMappings.map((disk) => ({
        Type: disk.type,
        Device: disk.device,
        Size: String(disk.size),
        SnapshotId: disk.snapshotId,
        Encrypted: disk.encrypted,
        Format: disk.format,
        ImportOSSBucket: disk.importBucket,
        ImportOSSObject: disk.importObject,
        Progress: isMaking ? `${percent}%` : "",
        RemainTime: isMaking ? Math.ceil(remainingMs / 1000) : 0,
      })),
    },
  };
}
