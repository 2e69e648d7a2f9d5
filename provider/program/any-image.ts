// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./registration";

/** Features of the image that instances created from it inherit. */
export interface ImageFeatures {
  /**
   * `v2` if instances can be restricted to hardened metadata access. It can change to `v2`, but not back. Must be `v1`
   * or `v2`.
   */
  imdsSupport?: pulumi.Input<"v1" | "v2">;
  /** Whether the image has an NVMe driver. Must be `supported` or `unsupported`. */
  nvmeSupport?: pulumi.Input<"supported" | "unsupported">;
}

/** How a new image is tested: an instance is started from it, and a command must succeed in that instance. */
export interface ImageTest {
  /**
   * A shell script on Linux, PowerShell on Windows. The test passes if it ends with exit code 0. Cloud Assistant keeps
   * commands and their output for weeks, so put no secret into it. Must be a script of 1 to 18432 bytes.
   */
  command: pulumi.Input<string>;
  /** The vSwitch of the instance. The instance starts in its zone. */
  vSwitchId: pulumi.Input<string>;
  /** The security group of the instance. It needs no inbound rule. */
  securityGroupId: pulumi.Input<string>;
  /**
   * The type of the instance. Must be an instance type such as ecs.e-c1m1.large. Default: the smallest that the image
   * supports and the zone of the vSwitch has in stock.
   */
  instanceType?: pulumi.Input<string>;
  /**
   * How long the instance may take to boot and to run the command, both together. Must be a duration from 1m to 24h
   * such as 10m or 1h30m. Default: `15m`.
   */
  timeout?: pulumi.Input<string>;
  /**
   * The RAM role of the instance, for a command that uses other services. Must be the name of a RAM role. Default:
   * none.
   */
  ramRoleName?: pulumi.Input<string>;
  /**
   * The category of the system disk. Must be `cloud`, `cloud_efficiency`, `cloud_ssd`, `cloud_essd`, `cloud_auto` or
   * `cloud_essd_entry`. Default: what ECS chooses for the instance type.
   */
  systemDiskCategory?: pulumi.Input<
    "cloud" | "cloud_efficiency" | "cloud_ssd" | "cloud_essd" | "cloud_auto" | "cloud_essd_entry"
  >;
}

/** The arguments that every kind of image has. */
export interface AnyImageArgs {
  /**
   * The name, unique in the region. When a replacement keeps it, the old image is renamed before the new one is
   * created. Must be 2 to 128 characters long, begin with a letter (Latin or Chinese), contain only letters, digits,
   * periods, colons, underscores and hyphens, and not begin with aliyun or acs. Default:
   * `<resource name>-<random suffix>`. It changes in place. Error: InvalidImageName.Duplicated.
   */
  imageName?: pulumi.Input<string>;
  /**
   * The image family. Instances can be started from the newest image of a family. Must be 2 to 128 characters long,
   * begin with a letter (Latin or Chinese), contain only letters, digits, periods, colons, underscores and hyphens, and
   * not begin with aliyun or acs. It changes in place. The API cannot clear it: if you remove it from the program, the
   * image keeps it. Error: ImageFamilyQuotaExceed.
   */
  imageFamily?: pulumi.Input<string>;
  /**
   * Free text. Must be 2 to 256 characters long and not start with http:// or https://. It changes in place. The API
   * cannot clear it: if you remove it from the program, the image keeps it.
   */
  description?: pulumi.Input<string>;
  /**
   * How instances of this image boot. Must be `BIOS`, `UEFI` or `UEFI-Preferred`. Default: the source's. It changes in
   * place. Error: InvalidBootMode.NotSupport.
   */
  bootMode?: pulumi.Input<"BIOS" | "UEFI" | "UEFI-Preferred">;
  /**
   * Which license activates the operating system. Must be `Auto`, `Aliyun` or `BYOL`. Default: what ECS chooses. It
   * changes in place, to `BYOL` only. Error: InvalidLicenseType.NotSupported.
   */
  licenseType?: pulumi.Input<"Auto" | "Aliyun" | "BYOL">;
  /**
   * Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`). It changes in place. Error:
   * InvalidParameter.FeaturesImdsSupport.
   */
  features?: pulumi.Input<ImageFeatures>;
  /**
   * The resource group. Default: the account's default group. It changes in place. Error:
   * InvalidResourceGroup.NotFound.
   */
  resourceGroupId?: pulumi.Input<string>;
  /**
   * Tags; the package needs two of the twenty that an image can have. Keys have 1 to 128 characters and do not start
   * with `aliyun`, `acs:` or `pulumi-alicloud-image:`. The provider never changes tags that others set. Must be an
   * object of at most 18 tags. Default: `{}`. They change in place.
   */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Whether the image is Deprecated: still usable, but no longer the newest of its family. Default: `false`. It changes
   * in place.
   */
  deprecated?: pulumi.Input<boolean>;
  /**
   * Whether to delete the image even while instances use it, or while it is shared or public. Without it, a replaced
   * image that is in use stays as a version until nothing uses it, and a destroy fails with ImageUsingByInstance,
   * ImageUseShared or ImageIsPublic. Default: `false`. A change is only recorded, for the delete.
   */
  forceDelete?: pulumi.Input<boolean>;
  /**
   * Whether deleting the image also deletes the snapshots that its creation made. Default: `false`. A change is only
   * recorded, for the delete.
   */
  deleteSnapshots?: pulumi.Input<boolean>;
  /**
   * How many replaced images to keep as versions for a rollback. A kept version is Deprecated and listed in
   * `previousVersions`. The oldest beyond this number are deleted, and a destroy deletes all of them. Must be a whole
   * number from 0 to 100. Default: `0`. It changes in place.
   */
  keepVersions?: pulumi.Input<number>;
  /**
   * With `Standard`, ECS checks the new image: the output `detection` has the result, and a risk is a warning. The
   * check never fails the creation. Must be `Standard`. Default: no check. Used at the creation only: a change does
   * nothing. Error: InvalidParameter.DetectionStrategy.
   */
  detectionStrategy?: pulumi.Input<"Standard">;
  /**
   * Tests a new image before anybody can use it: the image is ready, and gets its `imageFamily`, once an instance of it
   * has run `command` with exit code 0. The instance is pay-as-you-go and is always deleted. If the test fails, the new
   * image is removed, and in a replacement the old image stays. If stock, quota, balance or permissions prevent the
   * test, the image is unfinished, and the next `pulumi up` tests it again. An image that the option `import` adopts is
   * not tested. Default: no test. A change applies to the next image.
   */
  test?: pulumi.Input<ImageTest>;
  /** A list of any values. Change it to rebuild from the same source. A change replaces the image. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /**
   * The region. Must be the id of a region, such as cn-hangzhou. Default: the configured region. A change replaces the
   * image.
   */
  regionId?: pulumi.Input<string>;
  /** The architecture of the system disk. Must be `i386`, `x86_64` or `arm64`. A change replaces the image. */
  architecture?: pulumi.Input<"i386" | "x86_64" | "arm64">;
  /**
   * The operating system distribution, for example `Aliyun`, `Ubuntu` or `Windows Server 2022`. Must be 1 to 64
   * characters long. A change replaces the image.
   */
  platform?: pulumi.Input<string>;
}

/** Features of the image that instances created from it inherit. */
export interface ImageFeatureValues {
  /** `v2` if instances can be restricted to hardened metadata access. It can change to `v2`, but not back. */
  imdsSupport?: "v1" | "v2" | (string & {});
  /** Whether the image has an NVMe driver. */
  nvmeSupport?: "supported" | "unsupported" | (string & {});
}

/** How a new image is tested: an instance is started from it, and a command must succeed in that instance. */
export interface ImageTestValues {
  /**
   * A shell script on Linux, PowerShell on Windows. The test passes if it ends with exit code 0. Cloud Assistant keeps
   * commands and their output for weeks, so put no secret into it.
   */
  command: string;
  /** The vSwitch of the instance. The instance starts in its zone. */
  vSwitchId: string;
  /** The security group of the instance. It needs no inbound rule. */
  securityGroupId: string;
  /** The type of the instance. */
  instanceType?: string;
  /** How long the instance may take to boot and to run the command, both together. */
  timeout?: string;
  /** The RAM role of the instance, for a command that uses other services. */
  ramRoleName?: string;
  /** The category of the system disk. */
  systemDiskCategory?:
    | "cloud"
    | "cloud_efficiency"
    | "cloud_ssd"
    | "cloud_essd"
    | "cloud_auto"
    | "cloud_essd_entry"
    | (string & {});
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

/** How the test of an image went. */
export interface ImageTestResult {
  /** The type of the instance that the image was tested on. */
  instanceType: string;
  /** The exit code of the command: 0. */
  exitCode: number;
  /** What the command printed, the last 4 KiB of it. */
  output: string;
  /** When the test passed, in UTC: `2026-01-31T08:00:00Z`. */
  testedAt: string;
}

/** One item that ECS has checked. */
export interface ImageDetectionItem {
  /** What was checked, for example `GuestOS.Nvme`. */
  name: string;
  /** What was found. */
  value: string;
  /** The risk; absent where there is none. */
  riskCode?: string;
  /** How high the risk is: `High`, `Medium` or `Low`; absent where there is none. */
  riskLevel?: string;
}

/** What the check of a new image found. */
export interface ImageDetection {
  /** `Processing` or `Finished`, in the words of ECS. */
  status: string;
  /** What was checked, with the risks. */
  items: ImageDetectionItem[];
}

/** One disk of an image. */
export interface ImageDisk {
  /** The snapshot that holds the data of the disk. */
  snapshotId?: string;
  /** The size in GiB, not below the snapshot's. */
  size?: number;
  /** The device name. */
  device?: string;
  /** The kind of disk. */
  diskType?: "system" | "data" | (string & {});
}

/** The outputs that every kind of image has. */
export abstract class AnyImage extends DynamicResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    const { imageId: _sameAsId, ...others } = props; // Pulumi would assign it to the getter below
    super(type, name, others, opts);
  }

  /** The name. */
  declare readonly imageName: pulumi.Output<string>;
  /** The image family. */
  declare readonly imageFamily: pulumi.Output<string | undefined>;
  /** The description. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** How instances of this image boot. */
  declare readonly bootMode: pulumi.Output<"BIOS" | "UEFI" | "UEFI-Preferred" | (string & {}) | undefined>;
  /** Which license activates the operating system. */
  declare readonly licenseType: pulumi.Output<"Auto" | "Aliyun" | "BYOL" | (string & {}) | undefined>;
  /** Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`). */
  declare readonly features: pulumi.Output<ImageFeatureValues | undefined>;
  /** The id of the resource group. */
  declare readonly resourceGroupId: pulumi.Output<string | undefined>;
  /** The tags of this resource, without those of Alibaba Cloud, of this package and of others. */
  declare readonly tags: pulumi.Output<Record<string, string>>;
  /** Whether the status is `Deprecated`. */
  declare readonly deprecated: pulumi.Output<boolean>;
  /** Whether to delete the image even while instances use it. */
  declare readonly forceDelete: pulumi.Output<boolean>;
  /** Whether the snapshots of this creation are deleted with the image. */
  declare readonly deleteSnapshots: pulumi.Output<boolean>;
  /** How many replaced images are kept as versions. */
  declare readonly keepVersions: pulumi.Output<number>;
  /** The value given in `detectionStrategy`. */
  declare readonly detectionStrategy: pulumi.Output<"Standard" | (string & {}) | undefined>;
  /** How new images are tested. */
  declare readonly test: pulumi.Output<ImageTestValues | undefined>;
  /** The values given in `triggers`. */
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** The region. */
  declare readonly regionId: pulumi.Output<string>;
  /** The architecture of the system disk. */
  declare readonly architecture: pulumi.Output<"i386" | "x86_64" | "arm64" | (string & {})>;
  /** The operating system distribution. */
  declare readonly platform: pulumi.Output<string | undefined>;
  /** The id of the image. It is `id`, so that a preview of an update in place knows it. */
  get imageId(): pulumi.Output<string> {
    return this.id;
  }
  /**
   * `Available` or `Deprecated`. While the image is unfinished: `Waiting`, `Creating`, or `Testing` if it has yet to
   * pass its `test`. After a failure: `CreateFailed`, or `UnAvailable` for an import.
   */
  declare readonly status: pulumi.Output<
    "Creating" | "Waiting" | "Available" | "UnAvailable" | "CreateFailed" | "Deprecated" | "Testing" | (string & {})
  >;
  /** How much of it is created, for example `100%`. */
  declare readonly progress: pulumi.Output<string | undefined>;
  /** When it was created, in UTC: `2026-01-31T08:00:00Z`. */
  declare readonly creationTime: pulumi.Output<string>;
  /** The size of the system disk in GiB. */
  declare readonly size: pulumi.Output<number>;
  /** `linux` or `windows`. */
  declare readonly osType: pulumi.Output<"linux" | "windows" | (string & {})>;
  /** The operating system's display name. */
  declare readonly osName: pulumi.Output<string>;
  /** Whether instances can be created from it. */
  declare readonly usable: pulumi.Output<boolean>;
  /** The replaced images that `keepVersions` keeps, the newest first. */
  declare readonly previousVersions: pulumi.Output<ImageVersion[]>;
  /** How the `test` of this image went; absent for an image that was not tested. */
  declare readonly testResult: pulumi.Output<ImageTestResult | undefined>;
  /** The result of the check that `detectionStrategy` asked for; absent without it. A risk is also a warning. */
  declare readonly detection: pulumi.Output<ImageDetection | undefined>;
  /** The snapshots that this creation made. */
  declare readonly snapshotIds: pulumi.Output<string[]>;
}
