// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import { AnyImage, type AnyImageArgs, type ImageDisk } from "./any-image";
import { type GetState, getArguments, isOfType, type Kind, options, properties, typeToken } from "./registration";

/** One disk of an image. */
export interface CustomImageDisk {
  /** The snapshot that holds the data of the disk. Default: an empty data disk. */
  snapshotId?: pulumi.Input<string>;
  /**
   * The size in GiB, not below the snapshot's. Must be a whole number from 5 to 32768 GiB. Default: the snapshot's
   * size; for an empty disk the smallest that its category allows.
   */
  size?: pulumi.Input<number>;
  /**
   * The device name. Must be /dev/xvda for the system disk, /dev/xvdb to /dev/xvdz for a data disk. Default: the next
   * free one.
   */
  device?: pulumi.Input<string>;
  /** The kind of disk. Must be `system` or `data`. Default: what the snapshot was taken of. */
  diskType?: pulumi.Input<"system" | "data">;
}

/** The arguments of a `CustomImage` besides its source. */
export interface CustomImageProperties extends AnyImageArgs {
  /**
   * Which license activates the operating system. It is set once the image is ready, because CreateImage does not take
   * it. Must be `Auto`, `Aliyun` or `BYOL`. Default: what ECS chooses. It changes in place, to `BYOL` only. Error:
   * InvalidLicenseType.NotSupported.
   */
  licenseType?: pulumi.Input<"Auto" | "Aliyun" | "BYOL">;
  /**
   * Whether deleting the image also deletes the snapshots that its creation made. Snapshots that you passed in are
   * never deleted. Default: `false`. A change is only recorded, for the delete.
   */
  deleteSnapshots?: pulumi.Input<boolean>;
  /**
   * The architecture of the system disk; needed if the system disk is made from a data disk's snapshot. Must be `i386`,
   * `x86_64` or `arm64`. Default: `x86_64`. A change replaces the image.
   */
  architecture?: pulumi.Input<"i386" | "x86_64" | "arm64">;
  /**
   * The operating system distribution, for example `Aliyun`, `Ubuntu` or `Windows Server 2022`. Must be 1 to 64
   * characters long. Default: the source's, or `Others Linux`. A change replaces the image.
   */
  platform?: pulumi.Input<string>;
  /**
   * A version that you choose. For a source from the Marketplace, leave it out or repeat the source's version. Must be
   * 1 to 40 Latin letters, digits, periods, underscores or hyphens. A change replaces the image. Error:
   * InvalidImageVersion.Malformed.
   */
  imageVersion?: pulumi.Input<string>;
  /**
   * Whether instances of this image can start with Secure Boot. It needs a `bootMode` with UEFI. Must be `supported` or
   * `unsupported`. Default: what ECS chooses. A change replaces the image.
   */
  secureBootSupport?: pulumi.Input<"supported" | "unsupported">;
}

/** The source of a `CustomImage`: exactly one of these. */
export type CustomImageSource =
  | {
      /**
       * Source: the id of an instance that is Running or Stopped and not locked for security. ECS takes a snapshot of
       * each of its disks. A change replaces the image. Errors: InvalidInstanceId.NotFound, IncorrectInstanceStatus,
       * InstanceLockedForSecurity.
       */
      instanceId: pulumi.Input<string>;
      /** Not beside `instanceId`. */
      snapshotId?: undefined;
      /** Not beside `instanceId`. */
      diskDeviceMappings?: undefined;
    }
  | {
      /**
       * Source: the id of a snapshot of a system disk, taken after 2013-07-15. A change replaces the image. Errors:
       * InvalidSnapshotId.NotFound, InvalidSnapshotId.NotReady, InvalidSnapshot.TooOld, OperationDenied.
       */
      snapshotId: pulumi.Input<string>;
      /** Not beside `snapshotId`. */
      instanceId?: undefined;
      /** Not beside `snapshotId`. */
      diskDeviceMappings?: undefined;
    }
  | {
      /**
       * Source: disks, each from a snapshot or empty. One is the system disk, and up to 16 are data disks. Must be a
       * list of 1 to 17. A change replaces the image. Another order, a number given as a string, or an explicit default
       * is no change. Errors: InvalidDevice.InUse, InvalidSize.ValueNotSupported, OperationDenied.
       */
      diskDeviceMappings: pulumi.Input<pulumi.Input<CustomImageDisk>[]>;
      /** Not beside `diskDeviceMappings`. */
      instanceId?: undefined;
      /** Not beside `diskDeviceMappings`. */
      snapshotId?: undefined;
    };

/**
 * The source of a `CustomImage` and its properties. Exactly one of `instanceId`, `snapshotId` and `diskDeviceMappings`
 * must be given. The API page is
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-createimage.
 */
export type CustomImageArgs = CustomImageProperties & CustomImageSource;

const kind: Kind = {
  type: "CustomImage",
  entry: "customImage",
  outputs: [
    "instanceId",
    "snapshotId",
    "diskDeviceMappings",
    "imageName",
    "imageFamily",
    "description",
    "bootMode",
    "licenseType",
    "features",
    "resourceGroupId",
    "tags",
    "deprecated",
    "forceDelete",
    "deleteSnapshots",
    "keepVersions",
    "detectionStrategy",
    "test",
    "triggers",
    "regionId",
    "architecture",
    "platform",
    "imageVersion",
    "secureBootSupport",
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
  ],
};

/**
 * A custom image made from an instance, from a snapshot of a system disk, or from several disks (ECS CreateImage).
 *
 * It is ready when the cloud reports it as Available and usable. If the source changes, the new image is created before
 * the old one is deleted.
 *
 * @example
 * const image = new CustomImage("golden", { instanceId: "i-bp1g6zv0ce8oghu7abcd", imageFamily: "golden" });
 * export const imageId = image.imageId;
 */
export class CustomImage extends AnyImage {
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = typeToken(kind);

  /** The source instance. */
  declare readonly instanceId: pulumi.Output<string | undefined>;
  /** The source snapshot. */
  declare readonly snapshotId: pulumi.Output<string | undefined>;
  /** The disks of the image. */
  declare readonly diskDeviceMappings: pulumi.Output<ImageDisk[]>;
  /** The version that was given. */
  declare readonly imageVersion: pulumi.Output<string | undefined>;
  /** Whether instances of this image can start with Secure Boot. */
  declare readonly secureBootSupport: pulumi.Output<"supported" | "unsupported" | (string & {}) | undefined>;
  /** The snapshots that this creation made, without those that were passed in. */
  declare readonly snapshotIds: pulumi.Output<string[]>;

  /** Reads an existing image by its id, from the stack's region. It is never updated and never deleted. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): CustomImage;
  /** The same, from another region. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: GetState,
    opts?: pulumi.CustomResourceOptions,
  ): CustomImage;
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    stateOrOpts?: GetState | pulumi.CustomResourceOptions,
    last?: pulumi.CustomResourceOptions,
  ): CustomImage {
    const { state, opts } = getArguments(stateOrOpts, last);
    return new CustomImage(name, state as CustomImageArgs, { ...opts, id });
  }

  /** Whether a value is such a resource, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is CustomImage {
    return isOfType(value, CustomImage.__pulumiType);
  }

  /**
   * `opts.customTimeouts` sets how long creating (60 minutes), updating (60) and deleting (60) may take. `opts.import`
   * adopts an existing image by its id. Remove it after the first `pulumi up`: while it is set, `--replace` adopts the
   * same image again instead of creating another one.
   */
  constructor(name: string, args: CustomImageArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}
