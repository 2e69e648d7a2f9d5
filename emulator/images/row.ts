import { isoTime } from "../request/fields";
import { tagRows } from "../resources/tags";
import type { ImageRecord } from "../world/world";
import { imageState } from "./state";

/** An image as DescribeImages shows it: the members and their JSON types are those of its page and of the official SDK. */
export function imageRow(image: ImageRecord, inUse: boolean, nowMs: number): Record<string, unknown> {
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
    ImageOwnerAlias: image.owner,
    ImageOwnerId: Number(image.ownerId),
    ProductCode: image.productCode,
    SupplierName: "",
    IsCopied: false,
    IsPublic: image.isPublic,
    // Text, with a capital, as in the page's example.
    IsSelfShared: image.sharedWith.length > 0 ? "True" : "False",
    IsSubscribed: false,
    IsSupportCloudinit: true,
    IsSupportIoOptimized: true,
    LoginAsNonRootSupported: true,
    ResourceGroupId: image.resourceGroupId,
    Tags: tagRows(image.tags),
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
