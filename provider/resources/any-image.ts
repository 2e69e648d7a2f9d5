import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../hosts/dynamic/registration";

/** Properties of the image that instances made from it take over. */
export interface ImageFeatures {
  /** `v1`, or `v2` if instances may be restricted to hardened metadata access. It can be raised to `v2`, never lowered. */
  imdsSupport?: pulumi.Input<"v1" | "v2">;
  /** `supported` or `unsupported`: whether the image has an NVMe driver. */
  nvmeSupport?: pulumi.Input<"supported" | "unsupported">;
}

/** The arguments that every kind of image has. */
export interface AnyImageArgs {
  /** Any list of values. A change replaces the image: the way to ask for a rebuild from the same source. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /** The region. Default: `alicloud:region`. A change replaces the image. */
  regionId?: pulumi.Input<string>;
  /**
   * The name, 2 to 128 characters, unique in the region. Default: `<resource name>-<random suffix>`. It changes in place.
   * When a replacement keeps it, the old image is renamed before the new one is made. Error: InvalidImageName.Duplicated.
   */
  imageName?: pulumi.Input<string>;
  /** Free text, 2 to 256 characters. It changes in place; the API cannot clear it, so leaving it out later keeps it. */
  description?: pulumi.Input<string>;
  /** Metadata access and NVMe. It changes in place. Error: InvalidParameter.FeaturesImdsSupport. */
  features?: pulumi.Input<ImageFeatures>;
  /** The resource group. Default: the account's default group. It changes in place. Error: InvalidResourceGroup.NotFound. */
  resourceGroupId?: pulumi.Input<string>;
  /** At most 18 tags, since the package needs two of the twenty. They change in place; tags that others set are left alone. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Whether the image is Deprecated: still usable, no longer its family's newest. Default: false. It changes in place. */
  deprecated?: pulumi.Input<boolean>;
  /** `Standard` has the cloud check the new image. Used at the creation only, so a change does nothing. */
  detectionStrategy?: pulumi.Input<"Standard">;
  /** Whether to delete the image even while instances use it. Default: false. */
  forceDelete?: pulumi.Input<boolean>;
  /**
   * How many replaced images to keep as versions for a rollback: 0 to 100. Default: 0. A kept version is deprecated and listed in
   * `previousVersions`; beyond this number the oldest are deleted, and a destroy deletes them all. It changes in place.
   */
  keepVersions?: pulumi.Input<number>;
}

/** The outputs that every kind of image has. */
export abstract class AnyImage extends DynamicResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    const { imageId: _sameAsId, ...others } = props; // Pulumi would assign it to the getter below
    super(type, name, others, opts);
  }

  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  declare readonly architecture: pulumi.Output<string>;
  declare readonly platform: pulumi.Output<string | undefined>;
  declare readonly regionId: pulumi.Output<string>;
  declare readonly imageName: pulumi.Output<string>;
  declare readonly imageFamily: pulumi.Output<string | undefined>;
  declare readonly description: pulumi.Output<string | undefined>;
  declare readonly bootMode: pulumi.Output<string | undefined>;
  declare readonly licenseType: pulumi.Output<string | undefined>;
  declare readonly features: pulumi.Output<{ imdsSupport?: string; nvmeSupport?: string } | undefined>;
  declare readonly resourceGroupId: pulumi.Output<string | undefined>;
  declare readonly tags: pulumi.Output<Record<string, string>>;
  declare readonly deprecated: pulumi.Output<boolean>;
  declare readonly detectionStrategy: pulumi.Output<string | undefined>;
  declare readonly forceDelete: pulumi.Output<boolean>;
  declare readonly keepVersions: pulumi.Output<number>;
  /** The id of the image. It is `id`, so that a preview of an update in place knows it. */
  get imageId(): pulumi.Output<string> {
    return this.id;
  }
  /** `Available`, or `Deprecated`; while unfinished `Waiting` or `Creating`, after a failure `CreateFailed` or, of an import, `UnAvailable`. */
  declare readonly status: pulumi.Output<string>;
  /** How much of it is made, for example `100%`. */
  declare readonly progress: pulumi.Output<string | undefined>;
  /** When it was made, in UTC: `2026-01-31T08:00:00Z`. */
  declare readonly creationTime: pulumi.Output<string>;
  /** The size of the system disk in GiB. */
  declare readonly size: pulumi.Output<number>;
  /** `linux` or `windows`. */
  declare readonly osType: pulumi.Output<string>;
  /** The operating system as a person would name it. */
  declare readonly osName: pulumi.Output<string>;
  /** Whether instances can be made from it. */
  declare readonly usable: pulumi.Output<boolean>;
  /** The replaced images that `keepVersions` keeps, the newest first. */
  declare readonly previousVersions: pulumi.Output<{ imageId: string; imageName: string; creationTime: string }[]>;
}

/** The outputs that Pulumi sets on an image. `imageId` is not among them: it is the `id`. */
export const outputNames = (...described: readonly object[]): string[] =>
  [...new Set(described.flatMap((one) => Object.keys(one)))].filter((name) => name !== "imageId");
