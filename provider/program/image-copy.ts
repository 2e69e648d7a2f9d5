// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import { AnyImage, type AnyImageArgs, type ImageDisk, type ImageFeatures, type ImageFeatureValues } from "./any-image";
import { type GetState, getArguments, isOfType, type Kind, options, properties, typeToken } from "./registration";

/**
 * Which image an `ImageCopy` copies, and where to. The API page is
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-copyimage.
 */
export interface ImageCopyArgs
  extends Omit<AnyImageArgs, "licenseType" | "detectionStrategy" | "architecture" | "platform"> {
  /**
   * The custom image to copy; it must be Available. An image that another account shares can be copied within its
   * region only. A change replaces the copy. Errors: InvalidImageId.NotFound, IncorrectImageStatus,
   * OperationDenied.SameRegionOnly.
   */
  sourceImageId: pulumi.Input<string>;
  /**
   * The region of the source. Must be the id of a region, such as cn-hangzhou. Default: the configured region. A change
   * replaces the copy. Error: SourceRegion.NotFound.
   */
  sourceRegionId?: pulumi.Input<string>;
  /**
   * Whether to encrypt the copy. Default: as the source, unless the account encrypts by default in the region. A change
   * replaces the copy. Error: InvalidEncrypted.*.
   */
  encrypted?: pulumi.Input<boolean>;
  /**
   * The KMS key that encrypts the copy, with `encrypted`. Default: the service key of ECS. A change replaces the copy.
   * Error: InvalidParameter.KMSKeyId.NotFound.
   */
  kmsKeyId?: pulumi.Input<string>;
  /**
   * Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`). CopyImage does not carry them, so a feature that is left
   * out is set to what the source has. Default: the source's. It changes in place. Error:
   * InvalidParameter.FeaturesImdsSupport.
   */
  features?: pulumi.Input<ImageFeatures>;
  /** A list of any values. Change it to rebuild from the same source. A change replaces the copy. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /**
   * The region of the copy. It may be the source's region, for example to make an encrypted copy there. Must be the id
   * of a region, such as cn-hangzhou. Default: the configured region. A change replaces the copy. Errors:
   * DestinationRegion.NotFound, RegionNotSupportCopy.
   */
  regionId?: pulumi.Input<string>;
}

const kind: Kind = {
  type: "ImageCopy",
  entry: "imageCopy",
  outputs: [
    "sourceImageId",
    "sourceRegionId",
    "encrypted",
    "kmsKeyId",
    "imageName",
    "imageFamily",
    "description",
    "bootMode",
    "features",
    "resourceGroupId",
    "tags",
    "deprecated",
    "forceDelete",
    "deleteSnapshots",
    "keepVersions",
    "test",
    "triggers",
    "regionId",
    "status",
    "progress",
    "creationTime",
    "size",
    "osType",
    "osName",
    "usable",
    "previousVersions",
    "testResult",
    "detection",
    "snapshotIds",
    "architecture",
    "platform",
    "diskDeviceMappings",
  ],
};

/**
 * A copy of a custom image in another region or, for example to encrypt it, in the same one (ECS CopyImage,
 * CancelCopyImage).
 *
 * It is ready when the cloud reports it as Available and usable, which often takes half an hour. A copy that is still
 * running is cancelled before it is deleted.
 *
 * @example
 * const copy = new ImageCopy("golden-beijing", { sourceImageId: golden.id, regionId: "cn-beijing" });
 * export const imageId = copy.imageId;
 */
export class ImageCopy extends AnyImage {
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = typeToken(kind);

  /** The image that was copied. */
  declare readonly sourceImageId: pulumi.Output<string>;
  /** The region of the source. */
  declare readonly sourceRegionId: pulumi.Output<string>;
  /** Whether the disks of the copy are encrypted. */
  declare readonly encrypted: pulumi.Output<boolean | undefined>;
  /** The KMS key that encrypts the copy. */
  declare readonly kmsKeyId: pulumi.Output<string | undefined>;
  /**
   * Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`). CopyImage does not carry them, so a feature that is left
   * out is set to what the source has.
   */
  declare readonly features: pulumi.Output<ImageFeatureValues | undefined>;
  /** The region of the copy. */
  declare readonly regionId: pulumi.Output<string>;
  /** The disks of the copy. */
  declare readonly diskDeviceMappings: pulumi.Output<ImageDisk[]>;

  /** Reads an existing image by its id, from the stack's region. It is never updated and never deleted. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ImageCopy;
  /** The same, from another region. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: GetState,
    opts?: pulumi.CustomResourceOptions,
  ): ImageCopy;
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    stateOrOpts?: GetState | pulumi.CustomResourceOptions,
    last?: pulumi.CustomResourceOptions,
  ): ImageCopy {
    const { state, opts } = getArguments(stateOrOpts, last);
    return new ImageCopy(name, state as ImageCopyArgs, { ...opts, id });
  }

  /** Whether a value is such a resource, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is ImageCopy {
    return isOfType(value, ImageCopy.__pulumiType);
  }

  /**
   * `opts.customTimeouts` sets how long creating (180 minutes), updating (180) and deleting (180) may take.
   * `opts.import` adopts an existing image by its id. Remove it after the first `pulumi up`: while it is set,
   * `--replace` adopts the same image again instead of creating another one.
   */
  constructor(name: string, args: ImageCopyArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}
