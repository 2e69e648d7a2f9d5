// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import { AnyImage, type AnyImageArgs } from "./any-image";
import { type GetState, getArguments, isOfType, type Kind, options, properties, typeToken } from "./registration";

/** One disk of an imported image, from a file in OSS. */
export interface ImportedImageDisk {
  /**
   * The bucket, in the region of the image. Must be the name of an OSS bucket: 3 to 63 lower case letters, digits and
   * hyphens.
   */
  ossBucket: pulumi.Input<string>;
  /** The key of the image file. Must be 1 to 1023 characters long and not start with / or \. */
  ossObject: pulumi.Input<string>;
  /**
   * The format of the file; `VMDK` where the account is invited to it. Must be `RAW`, `VHD`, `qcow2`, `QCOW2` or
   * `VMDK`. Default: what the cloud detects, which also overrides a given format.
   */
  format?: pulumi.Input<"RAW" | "VHD" | "qcow2" | "QCOW2" | "VMDK">;
  /** The size of the disk in GiB. Must be a whole number from 1 to 2048 GiB. Default: what the cloud detects. */
  diskImageSize?: pulumi.Input<number>;
  /**
   * The device name. Must be /dev/xvda to /dev/xvdz. Default: by the order of the list; leave it out, because ECS is
   * about to remove this parameter.
   */
  device?: pulumi.Input<string>;
}

/**
 * The source files of an `ImportedImage` and its properties. The API page is
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-importimage.
 */
export interface ImportedImageArgs extends AnyImageArgs {
  /**
   * Source: files in OSS, of which the first is the system disk. Up to 16 more are data disks. Must be a list of 1 to
   * 17. A change replaces the image. Another spelling of a format or of a number is no change. Errors:
   * InvalidOSSBucket.NotFound, InvalidImageSize, NoSetRoletoECSServiceAccount.
   */
  diskDeviceMappings: pulumi.Input<pulumi.Input<ImportedImageDisk>[]>;
  /**
   * The image family. Instances can be started from the newest image of a family. It is set once the image is ready,
   * because ImportImage does not take it. Must be 2 to 128 characters long, begin with a letter (Latin or Chinese),
   * contain only letters, digits, periods, colons, underscores and hyphens, and not begin with aliyun or acs. It
   * changes in place. The API cannot clear it: if you remove it from the program, the image keeps it. Error:
   * ImageFamilyQuotaExceed.
   */
  imageFamily?: pulumi.Input<string>;
  /**
   * How instances of this image boot. `arm64` takes `UEFI` only. `UEFI-Preferred` is set once the image is ready. Must
   * be `BIOS`, `UEFI` or `UEFI-Preferred`. Default: `BIOS`. It changes in place. Error: InvalidBootMode.NotSupport.
   */
  bootMode?: pulumi.Input<"BIOS" | "UEFI" | "UEFI-Preferred">;
  /**
   * Which license activates the operating system. Windows needs one: `Aliyun` for a license of Alibaba Cloud, `BYOL`
   * for your own. The API page no longer lists `Auto`. Must be `Auto`, `Aliyun` or `BYOL`. Default: `Aliyun`. It
   * changes in place, to `BYOL` only. Errors: InvalidLicenseType.NotSupported, InvalidLicenseType.BYOLOnly.
   */
  licenseType?: pulumi.Input<"Auto" | "Aliyun" | "BYOL">;
  /**
   * The architecture of the system disk. Must be `i386`, `x86_64` or `arm64`. Default: `x86_64`. A change replaces the
   * image. Error: InvalidArchitecture.Malformed.
   */
  architecture?: pulumi.Input<"i386" | "x86_64" | "arm64">;
  /**
   * The operating system distribution, for example `Aliyun`, `Ubuntu` or `Windows Server 2022`. Must be 1 to 64
   * characters long. Default: `Others Linux`. A change replaces the image.
   */
  platform?: pulumi.Input<string>;
  /**
   * The kind of operating system. Must be `linux` or `windows`. Default: `linux`. A change replaces the image. Error:
   * InvalidOSType.Malformed.
   */
  osType?: pulumi.Input<"linux" | "windows">;
  /**
   * The RAM role under which ECS reads the files. Must be the name of a RAM role. Default:
   * `AliyunECSImageImportDefaultRole`. Used at the creation only: a change does nothing.
   */
  roleName?: pulumi.Input<string>;
  /**
   * Whether to read the ETag of each file at every preview, and to replace the image if a file has changed under the
   * same key. Default: `false`. A change is only recorded.
   */
  trackSource?: pulumi.Input<boolean>;
}

/** One disk of an imported image, from a file in OSS. */
export interface ImportedDisk {
  /** The bucket, in the region of the image. */
  ossBucket: string;
  /** The key of the image file. */
  ossObject: string;
  /** The format of the file; `VMDK` where the account is invited to it. */
  format?: "RAW" | "VHD" | "qcow2" | "QCOW2" | "VMDK" | (string & {});
  /** The size of the disk in GiB. */
  diskImageSize?: number;
  /** The device name. */
  device?: string;
}

const kind: Kind = {
  type: "ImportedImage",
  entry: "importedImage",
  outputs: [
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
    "osType",
    "roleName",
    "trackSource",
    "sourceETags",
    "status",
    "progress",
    "creationTime",
    "size",
    "osName",
    "usable",
    "previousVersions",
    "testResult",
    "detection",
    "snapshotIds",
    "importTaskId",
  ],
};

/**
 * A custom image made from image files in OSS (ECS ImportImage).
 *
 * ECS reads the files under a RAM role that the account must have. If it is missing, the error says how to create it.
 * An import that is still running is cancelled before its image is deleted. ECS makes a snapshot of each disk, which
 * stays when the image is deleted, unless `deleteSnapshots` is on.
 *
 * @example
 * const image = new ImportedImage("base", {
 *   diskDeviceMappings: [{ ossBucket: "golden-images", ossObject: "base.qcow2" }],
 *   trackSource: true,
 * });
 */
export class ImportedImage extends AnyImage {
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = typeToken(kind);

  /** The disks, with the values that the cloud detected. */
  declare readonly diskDeviceMappings: pulumi.Output<ImportedDisk[]>;
  /**
   * Which license activates the operating system. Windows needs one: `Aliyun` for a license of Alibaba Cloud, `BYOL`
   * for your own. The API page no longer lists `Auto`.
   */
  declare readonly licenseType: pulumi.Output<"Auto" | "Aliyun" | "BYOL" | (string & {}) | undefined>;
  /** The RAM role under which ECS read the files. */
  declare readonly roleName: pulumi.Output<string | undefined>;
  /** Whether the ETags of the files are compared at every preview. */
  declare readonly trackSource: pulumi.Output<boolean>;
  /** The ETag of each file when it was imported, in the order of the disks, if `trackSource` is on. */
  declare readonly sourceETags: pulumi.Output<string[] | undefined>;
  /** The task that imported it. */
  declare readonly importTaskId: pulumi.Output<string | undefined>;

  /** Reads an existing image by its id, from the stack's region. It is never updated and never deleted. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ImportedImage;
  /** The same, from another region. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: GetState,
    opts?: pulumi.CustomResourceOptions,
  ): ImportedImage;
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    stateOrOpts?: GetState | pulumi.CustomResourceOptions,
    last?: pulumi.CustomResourceOptions,
  ): ImportedImage {
    const { state, opts } = getArguments(stateOrOpts, last);
    return new ImportedImage(name, state as ImportedImageArgs, { ...opts, id });
  }

  /** Whether a value is such a resource, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is ImportedImage {
    return isOfType(value, ImportedImage.__pulumiType);
  }

  /**
   * `opts.customTimeouts` sets how long creating (120 minutes), updating (120) and deleting (120) may take.
   * `opts.import` adopts an existing image by its id. Remove it after the first `pulumi up`: while it is set,
   * `--replace` adopts the same image again instead of creating another one.
   */
  constructor(name: string, args: ImportedImageArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}
