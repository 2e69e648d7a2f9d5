// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource, isOfType, type Kind, options, properties, typeToken } from "./registration";

/**
 * Which image an `ImageExport` writes, and where to. The API page is
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-exportimage.
 */
export interface ImageExportArgs {
  /**
   * The image to export: at most 4 data disks of at most 500 GiB, not encrypted, not from the Marketplace. A change
   * exports again. Errors: InvalidImageId.NotFound, ImageNotSupported, InvalidImage.DiskAmountOrSize.
   */
  imageId: pulumi.Input<string>;
  /**
   * The bucket, in the region of the image. Must be the name of an OSS bucket: 3 to 63 lower case letters, digits and
   * hyphens. A change exports again. Errors: InvalidOSSBucket.NotFound, InvalidOSSBucket.EncryptUnsupported,
   * NoSetRoletoECSServiceAccount.
   */
  ossBucket: pulumi.Input<string>;
  /**
   * The beginning of each key. Must be 1 to 30 letters and digits. A change exports again. Error:
   * InvalidOSSPrefix.Malformed.
   */
  ossPrefix?: pulumi.Input<string>;
  /**
   * The format of the files. Other formats than `raw` are exported in these regions only: `ap-northeast-1`,
   * `ap-southeast-1`, `ap-southeast-3`, `ap-southeast-5`, `eu-central-1`, `eu-west-1`, `me-east-1`, `us-east-1`,
   * `us-west-1`. Must be `raw`, `vhd`, `qcow2`, `vmdk` or `vdi`. Default: `raw`. A change exports again. Error:
   * InvalidImageFormat.RegionNotSupported.
   */
  imageFormat?: pulumi.Input<"raw" | "vhd" | "qcow2" | "vmdk" | "vdi">;
  /**
   * The RAM role under which ECS writes the files. Must be the name of a RAM role. Default:
   * `AliyunECSImageExportDefaultRole`. Used at the creation only; a change is only recorded. Error:
   * NoSetRoletoECSServiceAccount.
   */
  roleName?: pulumi.Input<string>;
  /**
   * The region of the image. Must be the id of a region, such as cn-hangzhou. Default: the configured region. A change
   * exports again.
   */
  regionId?: pulumi.Input<string>;
  /** A list of any values. Change it to export the same image again. A change exports again. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /**
   * Whether deleting the resource deletes the objects that this export wrote. Changed objects are kept. Default:
   * `false`. A change is only recorded, for the delete.
   */
  deleteObjects?: pulumi.Input<boolean>;
}

/** An object in OSS that an export wrote. */
export interface ExportedObject {
  /** The bucket. */
  bucket: string;
  /** The key that the task reported. */
  key: string;
  /** The size in bytes. */
  size: number;
  /** The ETag that OSS gave it, without its quotes. */
  eTag: string;
}

const kind: Kind = {
  type: "ImageExport",
  entry: "imageExport",
  outputs: [
    "imageId",
    "ossBucket",
    "ossPrefix",
    "imageFormat",
    "roleName",
    "regionId",
    "triggers",
    "deleteObjects",
    "taskId",
    "status",
    "objects",
    "writtenAt",
    "startedAt",
  ],
};

/**
 * A custom image written to OSS, one object for each disk (ECS ExportImage). Its id is the task's, so two exports of
 * one image are two resources.
 *
 * If one of its objects is gone or overwritten, a refresh notices, and the next `pulumi up` exports again. The provider
 * searches for the keys in this order: those that the task reports; the names that ECS gives
 * (`<ossPrefix>_<imageId>_system.raw.tar.gz`, `…_data_xvdb…`); those that the bucket lists under prefix and image since
 * the task began. If it finds none for a finished export, it records the objects that it knows, and a warning names
 * bucket and prefix.
 *
 * @example
 * const copy = new ImageExport("archive", { imageId: image.imageId, ossBucket: "image-archive", ossPrefix:
 * "golden" });
 * export const files = copy.objects;
 */
export class ImageExport extends DynamicResource {
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = typeToken(kind);

  /** The exported image. */
  declare readonly imageId: pulumi.Output<string>;
  /** The bucket. */
  declare readonly ossBucket: pulumi.Output<string>;
  /** The beginning of each key. */
  declare readonly ossPrefix: pulumi.Output<string | undefined>;
  /** The format of the files. */
  declare readonly imageFormat: pulumi.Output<"raw" | "vhd" | "qcow2" | "vmdk" | "vdi" | (string & {}) | undefined>;
  /** The RAM role under which ECS wrote the files. */
  declare readonly roleName: pulumi.Output<string | undefined>;
  /** The region of the image. */
  declare readonly regionId: pulumi.Output<string>;
  /** The values given in `triggers`. */
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** Whether deleting the resource deletes the objects. */
  declare readonly deleteObjects: pulumi.Output<boolean>;
  /** The id of the export task. It equals `id`. */
  declare readonly taskId: pulumi.Output<string>;
  /**
   * `Finished`; the status of the task while it runs, such as `Waiting` or `Processing`; or `Incomplete` if some
   * objects are gone or were overwritten. Then the next `pulumi up` exports again.
   */
  declare readonly status: pulumi.Output<"Finished" | "Waiting" | "Processing" | "Incomplete" | (string & {})>;
  /** What was written and is still there, one object for each disk. */
  declare readonly objects: pulumi.Output<ExportedObject[]>;
  /** When each of the objects was written, in the order of `objects`. */
  declare readonly writtenAt: pulumi.Output<string[]>;
  /** When the export began, to the minute: `2026-01-01T00:00Z`. */
  declare readonly startedAt: pulumi.Output<string | undefined>;

  /** Whether a value is such a resource, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is ImageExport {
    return isOfType(value, ImageExport.__pulumiType);
  }

  /** `opts.customTimeouts` sets how long creating (120 minutes), updating (120) and deleting (120) may take. */
  constructor(name: string, args: ImageExportArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}
