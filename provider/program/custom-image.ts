import type * as pulumi from "@pulumi/pulumi";
import { customImageFields, customImageOutputs } from "../resources/custom-image/args";
import { AnyImage, type AnyImageArgs, type ImageDisk, outputNames } from "./any-image";
import { type GetState, getArguments, type Kind, options, properties, typeToken } from "./registration";

/** One disk of the image to be made. */
export interface CustomImageDisk {
  /** The snapshot that the disk is made from. Left out: an empty data disk. */
  snapshotId?: pulumi.Input<string>;
  /** The size in GiB, 5 to 32768, and not below the snapshot's. Default: the snapshot's size; for an empty disk the smallest that its category allows. */
  size?: pulumi.Input<number>;
  /** `/dev/xvda` for the system disk, `/dev/xvdb` to `/dev/xvdz` for a data disk. Default: the next free one. */
  device?: pulumi.Input<string>;
  /** `system` or `data`. Default: what the snapshot was taken of. */
  diskType?: pulumi.Input<"system" | "data">;
}

/**
 * The source of a `CustomImage` and its properties. Exactly one of `instanceId`, `snapshotId` and `diskDeviceMappings`
 * must be given. The API page is https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-createimage.
 */
export interface CustomImageArgs extends AnyImageArgs {
  /**
   * Source: the id of an instance that is Running or Stopped and not locked for security. Each of its disks is snapshotted.
   * A change replaces the image. Errors: InvalidInstanceId.NotFound, IncorrectInstanceStatus, InstanceLockedForSecurity.
   */
  instanceId?: pulumi.Input<string>;
  /**
   * Source: the id of a snapshot of a system disk, taken after 2013-07-15.
   * A change replaces the image. Errors: InvalidSnapshotId.NotFound, InvalidSnapshotId.NotReady, InvalidSnapshot.TooOld, OperationDenied.
   */
  snapshotId?: pulumi.Input<string>;
  /**
   * Source: 1 to 17 disks, of which one is the system disk and up to 16 are data disks.
   * A real change replaces the image; another order, a number spelt as text, or a default written out is no change.
   * Errors: InvalidDevice.InUse, InvalidSize.ValueNotSupported, OperationDenied.
   */
  diskDeviceMappings?: pulumi.Input<pulumi.Input<CustomImageDisk>[]>;
  /** `i386`, `x86_64` or `arm64`; needed where the system disk comes from a data disk's snapshot. Default: `x86_64`. A change replaces the image. */
  architecture?: pulumi.Input<"i386" | "x86_64" | "arm64">;
  /** The operating system distribution, for example `Aliyun`, `Ubuntu` or `Windows Server 2022`. Default: what the source is, else `Others Linux`. A change replaces the image. */
  platform?: pulumi.Input<string>;
  /** A version of your own, 1 to 40 characters; for a source from the Marketplace it must be left out or be the same. A change replaces the image. Error: InvalidImageVersion.Malformed. */
  imageVersion?: pulumi.Input<string>;
  /** The image family, 2 to 128 characters. It changes in place; the API cannot clear it, so leaving it out later keeps it. Error: ImageFamilyQuotaExceed. */
  imageFamily?: pulumi.Input<string>;
  /** `BIOS`, `UEFI` or `UEFI-Preferred`. Default: the source's. It changes in place. Error: InvalidBootMode.NotSupport. */
  bootMode?: pulumi.Input<"BIOS" | "UEFI" | "UEFI-Preferred">;
  /** `Auto`, `Aliyun` or `BYOL`. Set once the image is ready, since CreateImage does not take it. It changes in place, to `BYOL` only. Default: what ECS chooses. Error: InvalidLicenseType.NotSupported. */
  licenseType?: pulumi.Input<"Auto" | "Aliyun" | "BYOL">;
  /** Whether to delete, along with the image, the snapshots that its own creation made; never one that was passed in. Default: false. Only recorded, for the delete. */
  deleteSnapshots?: pulumi.Input<boolean>;
}

const kind: Kind = {
  type: "CustomImage",
  entry: "customImage",
  outputs: outputNames(customImageFields, customImageOutputs),
};

/**
 * A custom image made from an instance, from a snapshot of a system disk, or from several disks (ECS CreateImage).
 *
 * It is ready when the cloud says that it is Available and usable. A changed source makes a new image before the old one goes.
 *
 * @example
 * const image = new CustomImage("golden", { instanceId: "i-bp1g6zv0ce8oghu7abcd", imageFamily: "golden" });
 * export const imageId = image.imageId;
 */
export class CustomImage extends AnyImage {
  /** The source instance. */
  declare readonly instanceId: pulumi.Output<string | undefined>;
  /** The source snapshot. */
  declare readonly snapshotId: pulumi.Output<string | undefined>;
  /** The disks of the image. */
  declare readonly diskDeviceMappings: pulumi.Output<ImageDisk[]>;
  /** The version that was given. */
  declare readonly imageVersion: pulumi.Output<string | undefined>;
  /** Whether the snapshots of this creation are deleted with the image. */
  declare readonly deleteSnapshots: pulumi.Output<boolean>;
  /** The snapshots that this creation made; those that were passed in are not among them. */
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

  /**
   * `opts.customTimeouts` sets how long creating (60 minutes), updating (60) and deleting (60) may take.
   * `opts.import` adopts an existing image by its id. Remove it after the first `pulumi up`: while it is set, `--replace` adopts the same
   * image again instead of creating another one.
   */
  constructor(name: string, args: CustomImageArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}
