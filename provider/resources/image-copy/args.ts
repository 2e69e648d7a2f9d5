import type { ArgsRule } from "../../fields/check";
import type { Fields, OutputFields } from "../../fields/fields";
import { flag, identifier, region } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { type ImageArgs, type ImageOutputs, imageFields, imageOutputs } from "../images/args";
import type { Disk } from "../images/disks";

export interface ImageCopyArgs
  extends Omit<ImageArgs, "detectionStrategy" | "architecture" | "platform" | "licenseType"> {
  readonly sourceImageId: string;
  readonly sourceRegionId?: string;
  readonly encrypted?: boolean;
  readonly kmsKeyId?: string;
  readonly deleteSnapshots?: boolean;
}

export interface ImageCopyState extends ImageCopyArgs, ImageOutputs {
  readonly architecture?: string;
  readonly platform?: string;
  readonly diskDeviceMappings: readonly Disk[];
  readonly snapshotIds: readonly string[];
}

const { detectionStrategy: _1, architecture: _2, platform: _3, licenseType: _4, ...shared } = imageFields;

export const imageCopyFields: Fields<ImageCopyArgs> = {
  sourceImageId: {
    accepts: identifier("an image"),
    required: true,
    change: "replace",
    request: "ImageId",
    summary: "The image to copy. It must be Available.",
  },
  sourceRegionId: {
    accepts: region,
    change: "replace",
    summary: "The region of that image. Left out: the stack's.",
  },
  encrypted: { accepts: flag, change: "replace", request: "Encrypted", summary: "Whether the copy is encrypted." },
  kmsKeyId: {
    accepts: identifier("a KMS key"),
    change: "replace",
    request: "KMSKeyId",
    summary: "The key that encrypts it.",
  },
  ...shared,
  description: { ...shared.description, request: "DestinationDescription" },
  regionId: { ...shared.regionId, summary: "The region of the copy. Left out: the stack's." },
  deleteSnapshots: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "Delete the snapshots of the copy along with it.",
  },
};

export const imageCopyOutputs: OutputFields<ImageCopyState, ImageCopyArgs> = {
  ...imageOutputs,
  architecture: { type: { type: "string" }, optional: true, summary: "The system disk's architecture." },
  platform: { type: { type: "string" }, optional: true, summary: "The operating system distribution." },
  diskDeviceMappings: {
    type: {
      type: "array",
      items: {
        type: "object",
        properties: {
          snapshotId: { type: "string" },
          size: { type: "integer" },
          device: { type: "string" },
          diskType: { type: "string" },
        },
        required: [],
      },
    },
    summary: "The disks of the copy.",
  },
  snapshotIds: {
    type: { type: "array", items: { type: "string" } },
    summary: "The snapshots that this copy made.",
  },
};

const keyNeedsEncryption: ArgsRule<ImageCopyArgs> = ({ encrypted, kmsKeyId }) =>
  kmsKeyId !== undefined && !isUnknown(kmsKeyId) && encrypted === false
    ? [{ property: "kmsKeyId", reason: "kmsKeyId must be left out unless encrypted is true" }]
    : [];

export const imageCopyRules = [keyNeedsEncryption];
