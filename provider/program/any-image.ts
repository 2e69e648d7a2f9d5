import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./registration";

/** Features of the image that instances created from it inherit. */
export interface ImageFeatures {
  /** `v1`, or `v2` if instances may be restricted to hardened metadata access. It can be raised to `v2`, never lowered. */
  imdsSupport?: pulumi.Input<"v1" | "v2">;
  /** `supported` or `unsupported`: whether the image has an NVMe driver. */
  nvmeSupport?: pulumi.Input<"supported" | "unsupported">;
}

/** The arguments that every kind of image has. */
export interface AnyImageArgs {
  /** Any list of values. A change replaces the image. Use it to rebuild from the same source. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /** The region. Default: `alicloud:region`. A change replaces the image. */
  regionId?: pulumi.Input<string>;
  /**
   * The name, 2 to 128 characters, unique in the region. Default: `<resource name>-<random suffix>`. It changes in place.
   * When a replacement keeps it, the old image is renamed before the new one is created. Error: InvalidImageName.Duplicated.
   */
  imageName?: pulumi.Input<string>;
  /** Free text, 2 to 256 characters, not starting with `http://` or `https://`. It changes in place; the API cannot clear it, so leaving it out later keeps it. */
  description?: pulumi.Input<string>;
  /** Metadata access and NVMe. It changes in place. Error: InvalidParameter.FeaturesImdsSupport. */
  features?: pulumi.Input<ImageFeatures>;
  /** The resource group. Default: the account's default group. It changes in place. Error: InvalidResourceGroup.NotFound. */
  resourceGroupId?: pulumi.Input<string>;
  /**
   * At most 18 tags, since the package needs two of the twenty. Keys have 1 to 128 characters and do not start with `aliyun`, `acs:` or
   * `pulumi-alicloud-image:`. They change in place. Tags that others set are left alone.
   */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Whether the image is Deprecated: still usable, no longer its family's newest. Default: false. It changes in place. */
  deprecated?: pulumi.Input<boolean>;
  /** `Standard`: ECS checks the new image. Default: no check. Used at the creation only, so a change does nothing. Error: InvalidParameter.DetectionStrategy. */
  detectionStrategy?: pulumi.Input<"Standard">;
  /** Whether to delete the image even while instances use it or it is shared. Default: false. Only recorded, for the delete. Errors without it: ImageUsingByInstance, ImageUseShared. */
  forceDelete?: pulumi.Input<boolean>;
  /**
   * How many replaced images to keep as versions for a rollback: 0 to 100. Default: 0. A kept version is deprecated and listed in
   * `previousVersions`; beyond this number the oldest are deleted, and a destroy deletes them all. It changes in place.
   */
  keepVersions?: pulumi.Input<number>;
}

/** The features of an image as ECS has them. */
export interface ImageFeatureValues {
  /** `v1` or `v2`. */
  imdsSupport?: string;
  /** `supported` or `unsupported`. */
  nvmeSupport?: string;
}

/** One disk of an image as ECS has it. */
export interface ImageDisk {
  /** The snapshot that holds the data of the disk; absent for an empty disk. */
  snapshotId?: string;
  /** The size in GiB. */
  size?: number;
  /** `/dev/xvda` for the system disk, `/dev/xvdb` to `/dev/xvdz` for a data disk. */
  device?: string;
  /** `system` or `data`. */
  diskType?: string;
}

/** A replaced image that `keepVersions` keeps. */
export interface ImageVersion {
  /** The id of the image. */
  imageId: string;
  /** The name of the image. */
  imageName: string;
  /** When it was created, in UTC: `2026-01-31T08:00:00Z`. */
  creationTime: string;
}

/** The outputs that every kind of image has. */
export abstract class AnyImage extends DynamicResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    const { imageId: _sameAsId, ...others } = props; // Pulumi would assign it to the getter below
    super(type, name, others, opts);
  }

  /** The values given in `triggers`. */
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** `i386`, `x86_64` or `arm64`. */
  declare readonly architecture: pulumi.Output<string>;
  /** The operating system distribution. */
  declare readonly platform: pulumi.Output<string | undefined>;
  /** The region. */
  declare readonly regionId: pulumi.Output<string>;
  /** The name. */
  declare readonly imageName: pulumi.Output<string>;
  /** The image family. */
  declare readonly imageFamily: pulumi.Output<string | undefined>;
  /** The description. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** `BIOS`, `UEFI` or `UEFI-Preferred`. */
  declare readonly bootMode: pulumi.Output<string | undefined>;
  /** `Auto`, `Aliyun` or `BYOL`. */
  declare readonly licenseType: pulumi.Output<string | undefined>;
  /** Metadata access and NVMe. */
  declare readonly features: pulumi.Output<ImageFeatureValues | undefined>;
  /** The id of the resource group. */
  declare readonly resourceGroupId: pulumi.Output<string | undefined>;
  /** The user's tags: those of Alibaba Cloud, of this package and of others are left out. */
  declare readonly tags: pulumi.Output<Record<string, string>>;
  /** Whether the status is `Deprecated`. */
  declare readonly deprecated: pulumi.Output<boolean>;
  /** The value given in `detectionStrategy`. */
  declare readonly detectionStrategy: pulumi.Output<string | undefined>;
  /** Whether deleting the image is forced while instances use it. */
  declare readonly forceDelete: pulumi.Output<boolean>;
  /** How many replaced images are kept as versions. */
  declare readonly keepVersions: pulumi.Output<number>;
  /** The id of the image. It is `id`, so that a preview of an update in place knows it. */
  get imageId(): pulumi.Output<string> {
    return this.id;
  }
  /** `Available`, or `Deprecated`; while unfinished `Waiting` or `Creating`, after a failure `CreateFailed` or, of an import, `UnAvailable`. */
  declare readonly status: pulumi.Output<string>;
  /** How much of it is created, for example `100%`. */
  declare readonly progress: pulumi.Output<string | undefined>;
  /** When it was created, in UTC: `2026-01-31T08:00:00Z`. */
  declare readonly creationTime: pulumi.Output<string>;
  /** The size of the system disk in GiB. */
  declare readonly size: pulumi.Output<number>;
  /** `linux` or `windows`. */
  declare readonly osType: pulumi.Output<string>;
  /** The operating system's display name. */
  declare readonly osName: pulumi.Output<string>;
  /** Whether instances can be created from it. */
  declare readonly usable: pulumi.Output<boolean>;
  /** The replaced images that `keepVersions` keeps, the newest first. */
  declare readonly previousVersions: pulumi.Output<ImageVersion[]>;
}

/** The outputs that Pulumi sets on an image. `imageId` is not among them: it is the `id`. */
export const outputNames = (...described: readonly object[]): string[] =>
  [...new Set(described.flatMap((one) => Object.keys(one)))].filter((name) => name !== "imageId");
