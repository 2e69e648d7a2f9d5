// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import type { ImageFeatures, ImageTest } from "./any-image";
import type { CustomImageDisk } from "./custom-image";
import type { ImportedImageDisk } from "./imported-image";

/** What a `GoldenImage` is made from: exactly one of these. A change of it replaces the image and its copies. */
export type GoldenImageSource = (
  | {
      /**
       * Source: the id of an instance that is Running or Stopped and not locked for security. ECS takes a snapshot of
       * each of its disks.
       */
      instanceId: pulumi.Input<string>;
      /** Not beside `instanceId`. */
      snapshotId?: undefined;
      /** Not beside `instanceId`. */
      diskDeviceMappings?: undefined;
      /** Not beside `instanceId`. */
      files?: undefined;
    }
  | {
      /** Source: the id of a snapshot of a system disk, taken after 2013-07-15. */
      snapshotId: pulumi.Input<string>;
      /** Not beside `snapshotId`. */
      instanceId?: undefined;
      /** Not beside `snapshotId`. */
      diskDeviceMappings?: undefined;
      /** Not beside `snapshotId`. */
      files?: undefined;
    }
  | {
      /** Disks, as of a `CustomImage`. Must be a list of 1 to 17. */
      diskDeviceMappings: pulumi.Input<pulumi.Input<CustomImageDisk>[]>;
      /** Not beside `diskDeviceMappings`. */
      instanceId?: undefined;
      /** Not beside `diskDeviceMappings`. */
      snapshotId?: undefined;
      /** Not beside `diskDeviceMappings`. */
      files?: undefined;
    }
  | {
      /**
       * Files in OSS, as `diskDeviceMappings` of an `ImportedImage`. The first is the system disk. Must be a list of 1
       * to 17.
       */
      files: pulumi.Input<pulumi.Input<ImportedImageDisk>[]>;
      /** With `files`: the kind of operating system. Must be `linux` or `windows`. Default: `linux`. */
      osType?: pulumi.Input<"linux" | "windows">;
      /**
       * With `files`: the RAM role under which ECS reads them. Must be the name of a RAM role. Default:
       * `AliyunECSImageImportDefaultRole`.
       */
      roleName?: pulumi.Input<string>;
      /** With `files`: whether to replace the image if a file has changed under the same key. */
      trackSource?: pulumi.Input<boolean>;
      /** Not beside `files`. */
      instanceId?: undefined;
      /** Not beside `files`. */
      snapshotId?: undefined;
      /** Not beside `files`. */
      diskDeviceMappings?: undefined;
    }
) & {
  /**
   * The architecture of the system disk; needed if the system disk is made from a data disk's snapshot. Must be `i386`,
   * `x86_64` or `arm64`. Default: `x86_64`.
   */
  architecture?: pulumi.Input<"i386" | "x86_64" | "arm64">;
  /**
   * The operating system distribution, for example `Aliyun`, `Ubuntu` or `Windows Server 2022`. Must be 1 to 64
   * characters long.
   */
  platform?: pulumi.Input<string>;
};

/** Where a copy is tested, in its region. */
export interface ImageCopyTest {
  /** The vSwitch of the instance. */
  vSwitchId: pulumi.Input<string>;
  /** The security group of the instance. */
  securityGroupId: pulumi.Input<string>;
}

/** One image, for every region and account that needs it. */
export interface GoldenImageArgs {
  /**
   * What the image is made from. Give a plain object, not an output, because its keys decide which resource creates the
   * image.
   */
  source: GoldenImageSource;
  /**
   * Regions to copy the image to. They must be known at a preview. The configured region, where the image is created,
   * may be among them. Must be a list of 0 to 100. Default: none. A change creates or deletes copies.
   */
  regions?: string[];
  /**
   * Accounts to share the image and its copies with. Must be a list of 0 to 50. Default: none. They change in place.
   */
  shareWith?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many replaced images to keep as Deprecated versions in each region for a rollback. Must be a whole number from
   * 0 to 100. Default: `0`. It changes in place.
   */
  keepVersions?: pulumi.Input<number>;
  /** A list of any values. Change it to rebuild from the same source. A change replaces the image and its copies. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /**
   * The name of the image in every region. Must be 2 to 128 characters long, begin with a letter (Latin or Chinese),
   * contain only letters, digits, periods, colons, underscores and hyphens, and not begin with aliyun or acs. Default:
   * `<resource name>-<random suffix>`. It changes in place. Error: InvalidImageName.Duplicated.
   */
  imageName?: pulumi.Input<string>;
  /**
   * The family in every region. Must be 2 to 128 characters long, begin with a letter (Latin or Chinese), contain only
   * letters, digits, periods, colons, underscores and hyphens, and not begin with aliyun or acs. It changes in place.
   * The API cannot clear it: if you remove it from the program, the image keeps it. Error: ImageFamilyQuotaExceed.
   */
  imageFamily?: pulumi.Input<string>;
  /**
   * Tests the image in the configured region before it gets its family, is copied or is shared: an instance that was
   * started from it must run `command` with exit code 0. With `copyTests`, give a plain object, not an output. Default:
   * no test. A change applies to the next image.
   */
  test?: ImageTest;
  /**
   * Regions whose copies are tested too, with the command of `test`, each in a network of its region. The provider
   * chooses the instance type in each region. Give a plain object, not an output. Must be an object whose keys are each
   * the id of a region, such as cn-hangzhou. Default: none. A change applies to the next copies.
   */
  copyTests?: Record<string, ImageCopyTest>;
  /**
   * Whether to encrypt the copies. The image in the configured region is encrypted if its source is. Default: as the
   * source, unless the account encrypts by default in the region. A change replaces the copies. Error:
   * InvalidEncrypted.*.
   */
  encrypted?: pulumi.Input<boolean>;
  /**
   * The KMS key of each region, which encrypts the copy there. A key serves one region. An encrypted image can be
   * shared only if a key of your own encrypts it. Give a plain object, not an output. Must be an object whose keys are
   * each the id of a region, such as cn-hangzhou. Default: the service key of ECS, with `encrypted`. A change replaces
   * the copy of that region.
   */
  kmsKeyIds?: Record<string, pulumi.Input<string>>;
  /**
   * With `Standard`, ECS checks the image in the configured region. Must be `Standard`. Default: no check. Used at the
   * creation only: a change does nothing. Error: InvalidParameter.DetectionStrategy.
   */
  detectionStrategy?: pulumi.Input<"Standard">;
  /**
   * A version that you choose, for the image in the configured region. Not with `files`. Must be 1 to 40 Latin letters,
   * digits, periods, underscores or hyphens. A change replaces the image and its copies. Error:
   * InvalidImageVersion.Malformed.
   */
  imageVersion?: pulumi.Input<string>;
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
   * Which license activates the operating system. Copies inherit it. Must be `Auto`, `Aliyun` or `BYOL`. Default: what
   * ECS chooses. It changes in place, to `BYOL` only. Error: InvalidLicenseType.NotSupported.
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
  /** Whether the image and its copies are Deprecated. Default: `false`. It changes in place. */
  deprecated?: pulumi.Input<boolean>;
  /**
   * Whether to delete images even while instances use them or they are shared with further accounts. Default: `false`.
   * A change is only recorded, for the delete.
   */
  forceDelete?: pulumi.Input<boolean>;
  /**
   * Whether deleting an image or a copy also deletes the snapshots that its creation made. Snapshots that you passed in
   * are never deleted. Default: `false`. A change is only recorded, for the delete.
   */
  deleteSnapshots?: pulumi.Input<boolean>;
}
