import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../failure";
import { goldenImageParts } from "../resources/golden-image/args";
import type { ImageFeatures } from "./any-image";
import { CustomImage, type CustomImageDisk } from "./custom-image";
import { ImageCopy } from "./image-copy";
import { ImageSharePermission, type ImageSharePermissionArgs } from "./image-share-permission";
import { ImportedImage, type ImportedImageArgs, type ImportedImageDisk } from "./imported-image";
import { programError, stackRegion } from "./invoke";

/** What a `GoldenImage` is made from: exactly one of these. A change of it replaces the image and its copies. */
export type GoldenImageSource = (
  | {
      /** The id of an instance that is Running or Stopped. */
      instanceId: pulumi.Input<string>;
    }
  | {
      /** The id of a snapshot of a system disk. */
      snapshotId: pulumi.Input<string>;
    }
  | {
      /** 1 to 17 disks, as of a `CustomImage`. */
      diskDeviceMappings: pulumi.Input<pulumi.Input<CustomImageDisk>[]>;
    }
  | ({
      /** 1 to 17 files in OSS, the first of which is the system disk: the `diskDeviceMappings` of an `ImportedImage`. */
      files: pulumi.Input<pulumi.Input<ImportedImageDisk>[]>;
    } & Pick<ImportedImageArgs, "osType" | "roleName" | "trackSource">)
) &
  Pick<ImportedImageArgs, "architecture" | "platform">;

/** One image, for every region and account that needs it. */
export interface GoldenImageArgs {
  /** What the image is made from. It is given as it is, not as an output, since it decides which resource makes the image. */
  source: GoldenImageSource;
  /** Regions to copy the image to. The stack's own region, where the image is made, may be among them. Default: none. */
  regions?: string[];
  /** Accounts to share the image and its copies with, at most 50. They change in place. Default: none. */
  shareWith?: pulumi.Input<pulumi.Input<string>[]>;
  /** How many replaced images to keep as versions in each region, deprecated, for a rollback. Default: 0. It changes in place. */
  keepVersions?: pulumi.Input<number>;
  /** Any list of values. A change rebuilds the image from the same source, and its copies. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]>;
  /** The name of the image in every region, 2 to 128 characters. Default: `<resource name>-<random suffix>`. It changes in place. */
  imageName?: pulumi.Input<string>;
  /** The family in every region, 2 to 128 characters. It changes in place. */
  imageFamily?: pulumi.Input<string>;
  /** Free text, 2 to 256 characters. It changes in place. */
  description?: pulumi.Input<string>;
  /** `BIOS`, `UEFI` or `UEFI-Preferred`. Default: the source's. It changes in place. */
  bootMode?: pulumi.Input<"BIOS" | "UEFI" | "UEFI-Preferred">;
  /** `Auto`, `Aliyun` or `BYOL`; copies take it over. It changes in place. */
  licenseType?: pulumi.Input<"Auto" | "Aliyun" | "BYOL">;
  /** Metadata access and NVMe. It changes in place. */
  features?: pulumi.Input<ImageFeatures>;
  /** The resource group. Default: the account's default group. It changes in place. */
  resourceGroupId?: pulumi.Input<string>;
  /** At most 18 tags, on the image and its copies. They change in place. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Whether the image and its copies are Deprecated. Default: false. It changes in place. */
  deprecated?: pulumi.Input<boolean>;
  /** Whether to delete images even while instances use them or they are shared with further accounts. Default: false. */
  forceDelete?: pulumi.Input<boolean>;
  /** Whether to delete, along with an image, the snapshots that its own creation made. Default: false. An image from files has none. */
  deleteSnapshots?: pulumi.Input<boolean>;
}

/**
 * One golden image, copied to every region and shared with every account that needs it.
 *
 * It consists of a `CustomImage` or an `ImportedImage` with its own name, an `ImageCopy` called `<name>-<region>` for each further
 * region, and where `shareWith` is given an `ImageSharePermission` for each of these, by the same name. Options pass through:
 * aliases, `protect`, `retainOnDelete`, transforms; `customTimeouts` holds for each of the resources.
 *
 * @example
 * const golden = new GoldenImage("web", {
 *   source: { instanceId: "i-bp1g6zv0ce8oghu7abcd" },
 *   regions: ["cn-hangzhou", "cn-beijing", "ap-southeast-1"],
 *   shareWith: ["2222222222222222"],
 *   keepVersions: 3,
 *   imageFamily: "web-server",
 * });
 * export const imageIds = golden.imageIds;
 */
export class GoldenImage extends pulumi.ComponentResource {
  /** The image in the stack's region. */
  readonly image: CustomImage | ImportedImage;
  /** The copies, in the order of `regions`. */
  readonly copies: readonly ImageCopy[];
  /** The permissions: of the image, then of each copy. Empty without `shareWith`. */
  readonly shares: readonly ImageSharePermission[];
  /** The id of the image in the stack's region. */
  readonly imageId: pulumi.Output<string>;
  /** The ids by region, the stack's own among them. Use the component in `dependsOn` to wait until all of them are shared as well. */
  readonly imageIds: pulumi.Output<Record<string, string>>;

  /** `opts.customTimeouts` holds for each of the resources in it. */
  constructor(name: string, args: GoldenImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("alicloud-image:index:GoldenImage", name, args, opts);
    const childOpts = (type: string) => ({
      parent: this,
      aliases: [{ type: `alicloud-image:index:${type}` }], // a stack that comes back from the native provider
      ...(opts?.customTimeouts && { customTimeouts: opts.customTimeouts }),
    });
    const home = stackRegion();
    const { image, copies, shares } = partsOf(name, args, home);

    this.image =
      image.type === "CustomImage"
        ? new CustomImage(image.name, image.args, childOpts(image.type))
        : new ImportedImage(image.name, image.args as unknown as ImportedImageArgs, childOpts(image.type));
    this.copies = copies.map(
      (copy) => new ImageCopy(copy.name, { ...copy.args, sourceImageId: this.image.id }, childOpts("ImageCopy")),
    );
    const images = [this.image, ...this.copies];
    this.shares = shares.map(
      (share, n) =>
        new ImageSharePermission(
          share.name,
          { ...(share.args as Pick<ImageSharePermissionArgs, "accountIds">), imageId: images[n]!.id },
          childOpts("ImageSharePermission"),
        ),
    );

    this.imageId = this.image.id;
    this.imageIds = pulumi
      .all([home ?? this.image.regionId, this.image.id, pulumi.all(this.copies.map(({ id }) => id))])
      .apply(([own, id, copyIds]) => ({
        [own]: id,
        ...Object.fromEntries(copies.map(({ regionId }, n) => [regionId, copyIds[n]!])),
      }));
    this.registerOutputs({
      imageId: this.imageId,
      imageIds: this.imageIds,
      image: this.image,
      copies: this.copies,
      shares: this.shares,
    });
  }
}

function partsOf(name: string, args: GoldenImageArgs, home: string | undefined) {
  try {
    const source = pulumi.Output.isInstance(args.source) ? undefined : args.source;
    return goldenImageParts(name, { ...args, source }, home);
  } catch (error) {
    throw programError(messageOf(error));
  }
}
