import type { ArgsRule } from "../../fields/check";
import type { ResourceDoc } from "../../fields/doc";
import type { Fields, OutputFields } from "../../fields/fields";
import { flag, identifier, region } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { type ImageArgs, type ImageOutputs, imageFields, imageOutputs, REGION_LEFT_OUT } from "../images/args";
import { type Disk, diskShape } from "../images/disks";

export interface ImageCopyArgs
  extends Omit<ImageArgs, "detectionStrategy" | "architecture" | "platform" | "licenseType"> {
  readonly sourceImageId: string;
  readonly sourceRegionId?: string;
  readonly encrypted?: boolean;
  readonly kmsKeyId?: string;
}

export interface ImageCopyState extends ImageCopyArgs, ImageOutputs {
  readonly architecture?: string;
  readonly platform?: string;
  readonly diskDeviceMappings: readonly Disk[];
}

const { detectionStrategy: _1, architecture: _2, platform: _3, licenseType: _4, ...shared } = imageFields;

export const imageCopyFields: Fields<ImageCopyArgs> = {
  sourceImageId: {
    accepts: identifier("an image"),
    required: true,
    change: "replace",
    unshown: true,
    request: "ImageId",
    doc:
      "The custom image to copy; it must be Available. An image that another account shares can be copied within " +
      "its region only.",
    errors: ["InvalidImageId.NotFound", "IncorrectImageStatus", "OperationDenied.SameRegionOnly"],
    output: "The image that was copied.",
  },
  sourceRegionId: {
    accepts: region,
    change: "replace",
    unshown: true,
    doc: "The region of the source.",
    whenLeftOut: REGION_LEFT_OUT,
    errors: ["SourceRegion.NotFound"],
    output: "The region of the source.",
    always: true,
  },
  encrypted: {
    leftOut: false,
    accepts: flag,
    change: "replace",
    request: "Encrypted",
    // An account may encrypt every disk in a region by default. Then every copy is encrypted.
    same: (have, want) => have === want || want === false,
    doc: "Whether to encrypt the copy.",
    whenLeftOut: "as the source, unless the account encrypts by default in the region",
    errors: ["InvalidEncrypted.*"],
    output: "Whether the disks of the copy are encrypted.",
  },
  kmsKeyId: {
    leftOut: "",
    accepts: identifier("a KMS key"),
    change: "replace",
    unshown: true,
    request: "KMSKeyId",
    doc: "The KMS key that encrypts the copy, with `encrypted`.",
    whenLeftOut: "the service key of ECS",
    errors: ["InvalidParameter.KMSKeyId.NotFound"],
    output: "The KMS key that encrypts the copy.",
  },
  ...shared,
  features: {
    ...shared.features,
    doc:
      "Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`). CopyImage does not carry them, so a feature that is " +
      "left out is set to what the source has.",
    whenLeftOut: "the source's",
  },
  description: { ...shared.description, request: "DestinationDescription" },
  regionId: {
    ...shared.regionId,
    doc: "The region of the copy. It may be the source's region, for example to make an encrypted copy there.",
    errors: ["DestinationRegion.NotFound", "RegionNotSupportCopy"],
    output: "The region of the copy.",
  },
};

export const imageCopyOutputs: OutputFields<ImageCopyState, ImageCopyArgs> = {
  ...imageOutputs,
  architecture: { type: imageFields.architecture.accepts.type, doc: "The architecture of the system disk." },
  platform: { type: { type: "string" }, optional: true, doc: "The operating system distribution." },
  diskDeviceMappings: {
    type: { type: "array", items: diskShape.type },
    doc: "The disks of the copy.",
  },
};

export const imageCopyDoc: ResourceDoc = {
  doc: `A copy of a custom image in another region or, for example to encrypt it, in the same one (ECS CopyImage,
CancelCopyImage).

It is ready when the cloud reports it as Available and usable, which often takes half an hour. A copy that is still
running is cancelled before it is deleted.`,
  args: "Which image an `ImageCopy` copies, and where to.",
  action: "CopyImage",
  replacing: "A change replaces the copy.",
  example: `const copy = new ImageCopy("golden-beijing", { sourceImageId: golden.id, regionId: "cn-beijing" });
export const imageId = copy.imageId;`,
};

const keyNeedsEncryption: ArgsRule<ImageCopyArgs> = ({ encrypted, kmsKeyId }) =>
  kmsKeyId !== undefined && !isUnknown(kmsKeyId) && encrypted === false
    ? [{ property: "kmsKeyId", reason: "kmsKeyId must be left out unless encrypted is true" }]
    : [];

export const imageCopyRules = [keyNeedsEncryption];
