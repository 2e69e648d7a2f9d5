import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../failure";
import { goldenImageParts } from "../resources/golden-image/args";
import { CustomImage, type CustomImageArgs } from "./custom-image";
import type { GoldenImageArgs } from "./golden-image-args";
import { ImageCopy } from "./image-copy";
import { ImageSharePermission, type ImageSharePermissionArgs } from "./image-share-permission";
import { ImportedImage, type ImportedImageArgs } from "./imported-image";
import { programError, stackRegion } from "./invoke";

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
        ? new CustomImage(image.name, image.args as unknown as CustomImageArgs, childOpts(image.type))
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
