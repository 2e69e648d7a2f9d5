import * as pulumi from "@pulumi/pulumi";
import { sentenceOf } from "../fields/check";
import { UNKNOWN } from "../fields/unknown";
import { urnParts } from "../lifecycle/ownership";
import {
  formerPartName,
  goldenImageFailures,
  goldenImageParts,
  goldenImageTokens,
} from "../resources/golden-image/args";
import { CustomImage, type CustomImageArgs } from "./custom-image";
import type { GoldenImageArgs } from "./golden-image-args";
import { ImageCopy } from "./image-copy";
import { ImageSharePermission, type ImageSharePermissionArgs } from "./image-share-permission";
import { ImportedImage, type ImportedImageArgs } from "./imported-image";
import { programError, stackRegion } from "./invoke";
import { isOfType, typeToken } from "./registration";

/**
 * One golden image, copied to every region and shared with every account that needs it.
 *
 * It consists of a `CustomImage` or an `ImportedImage` with its own name and an `ImageCopy` called `<name>-<region>`
 * for each other region. With `shareWith`, each of these also has an `ImageSharePermission` of the same name. Options
 * apply to all of them: aliases, `protect`, `retainOnDelete`, transforms. `customTimeouts` applies to each resource.
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
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = "alicloud-image:index:GoldenImage";

  /** The image in the stack's region. */
  readonly image: CustomImage | ImportedImage;
  /** The copies, in the order of `regions`. */
  readonly copies: readonly ImageCopy[];
  /** The permissions: first the image's, then those of the copies. Empty without `shareWith`. */
  readonly shares: readonly ImageSharePermission[];
  /** The id of the image in the stack's region. */
  readonly imageId: pulumi.Output<string>;
  /**
   * The ids by region, including the stack's own. To wait until all of them are shared as well, use the component in
   * `dependsOn`.
   */
  readonly imageIds: pulumi.Output<Record<string, string>>;

  /** Whether a value is such a component, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is GoldenImage {
    return isOfType(value, GoldenImage.__pulumiType);
  }

  /** `opts.customTimeouts` applies to each resource in it. */
  constructor(name: string, args: GoldenImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super(GoldenImage.__pulumiType, name, args, opts);
    const childOpts = (type: string, child: string) => ({
      parent: this,
      aliases: goldenImageTokens(type).flatMap((former) => [
        ...(former === typeToken({ type }) ? [] : [{ type: former }]),
        ...formerNamesOf(child, name, opts).map((alias) => ({ ...alias, type: former })),
      ]),
      ...(opts?.customTimeouts && { customTimeouts: opts.customTimeouts }),
    });
    const home = stackRegion();
    const { image, copies, shares } = partsOf(name, args, home);

    this.image =
      image.type === "CustomImage"
        ? new CustomImage(image.name, image.args as unknown as CustomImageArgs, childOpts(image.type, image.name))
        : new ImportedImage(image.name, image.args as unknown as ImportedImageArgs, childOpts(image.type, image.name));
    this.copies = copies.map(
      (copy) =>
        new ImageCopy(copy.name, { ...copy.args, sourceImageId: this.image.id }, childOpts("ImageCopy", copy.name)),
    );
    const images = [this.image, ...this.copies];
    this.shares = shares.map(
      (share, n) =>
        new ImageSharePermission(
          share.name,
          { ...(share.args as Pick<ImageSharePermissionArgs, "accountIds">), imageId: images[n]!.id },
          childOpts("ImageSharePermission", share.name),
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

/** The aliases of a resource of the component, made from the component's own (see `formerPartName`). */
function formerNamesOf(child: string, component: string, opts: pulumi.ComponentResourceOptions = {}) {
  return (opts.aliases ?? []).map((alias) => {
    const parent = pulumi.output(alias).apply((known) => formerUrnOf(known, component, opts));
    const name = parent.apply((urn) => formerPartName(child, component, urnParts(urn).name));
    return { name, parent };
  });
}

function formerUrnOf(alias: pulumi.Unwrap<pulumi.URN | pulumi.Alias>, component: string, opts: pulumi.ResourceOptions) {
  if (typeof alias === "string") return pulumi.output(alias);
  const parent = "parent" in alias ? alias.parent : opts.parent;
  const type = alias.type ?? GoldenImage.__pulumiType;
  return pulumi.createUrn(alias.name ?? component, type, parent, alias.project, alias.stack);
}

/** The parts. An output cannot be checked here; the resource that gets it checks it. */
function partsOf(name: string, args: GoldenImageArgs, home: string | undefined) {
  const failures = goldenImageFailures(known(args) as Record<string, unknown>);
  if (failures.length > 0) throw programError(`GoldenImage ${JSON.stringify(name)}: ${sentenceOf(failures)}`);
  return goldenImageParts(name, { ...args }, home);
}

function known(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, known); // turns holes into values
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.Output.isInstance(value) || value instanceof Promise || pulumi.Resource.isInstance(value)) return UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, known(part)]));
}
