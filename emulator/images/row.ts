import { isoTime } from "../request/fields";
import { tagRows } from "../resources/tags";
import type { SeenImage } from "../world/accounts";
import type { ImageDisk, ImageRecord } from "../world/image-record";
import type { Quirks } from "../world/quirks";
import { isBeingMade } from "./own-image";
import { type ImageState, imageState } from "./state";

/**
 * The tags that lists show: none for another account's image, and with the quirk none while the image is being made.
 */
export function shownTags(
  { image, isOwn }: SeenImage,
  { hideTagsWhileCreating }: Quirks,
  nowMs: number,
): ReadonlyMap<string, string> {
  const isHidden = !isOwn || (hideTagsWhileCreating && isBeingMade(image, nowMs));
  return isHidden ? new Map() : image.tags;
}

/** An image as DescribeImages shows it. Members and JSON types are those of the API page and the official SDK. */
export function imageRow(seen: SeenImage, inUse: boolean, quirks: Quirks, nowMs: number): Record<string, unknown> {
  const { image, isOwn } = seen;
  const state = imageState(image, nowMs);
  const progress = isBeingMade(image, nowMs) ? state : undefined;
  return {
    ImageId: image.imageId,
    ImageName: image.imageName,
    ImageFamily: image.imageFamily,
    ImageVersion: image.imageVersion,
    Description: image.description,
    Status: state.status,
    Progress: `${state.percent}%`,
    Usable: state.usable,
    Usage: inUse ? "instance" : "none",
    CreationTime: isoTime(image.createdMs),
    Size: image.diskMappings.find(({ type }) => type === "system")?.size ?? 0,
    ...systemRow(image),
    DetectionOptions:
      image.detectionStrategy === ""
        ? {}
        : {
            Status: progress ? "Processing" : "Finished",
            Items: { Item: progress ? [] : (image.detectionItems ?? []) },
          },
    ...ownerRow(seen),
    IsSubscribed: false,
    IsSupportCloudinit: true,
    IsSupportIoOptimized: true,
    LoginAsNonRootSupported: true,
    ResourceGroupId: isOwn ? image.resourceGroupId : "",
    Tags: tagRows(shownTags(seen, quirks, nowMs)),
    DiskDeviceMappings: { DiskDeviceMapping: image.diskMappings.map((disk) => diskRow(disk, progress)) },
  };
}

const systemRow = (image: ImageRecord) => ({
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
});

const ownerRow = ({ image, owner, isOwn }: SeenImage) => ({
  ImageOwnerAlias: owner,
  ImageOwnerId: Number(image.ownerId),
  ProductCode: image.productCode,
  SupplierName: "",
  IsCopied: image.copyOf !== undefined,
  IsPublic: image.isPublic,
  // A string with a capital letter, as in recordings. Empty for other accounts' images.
  IsSelfShared: isOwn ? (image.sharedWith.length > 0 ? "True" : "False") : "",
});

/** `progress` is given for an image that is being made. */
const diskRow = (disk: ImageDisk, progress: ImageState | undefined) => ({
  Type: disk.type,
  Device: disk.device,
  Size: String(disk.size),
  SnapshotId: disk.snapshotId,
  Encrypted: disk.encrypted,
  Format: disk.format,
  ImportOSSBucket: disk.importBucket,
  ImportOSSObject: disk.importObject,
  Progress: progress ? `${progress.percent}%` : "",
  ...(progress && { RemainTime: Math.ceil(progress.remainingMs / 1000) }),
});
