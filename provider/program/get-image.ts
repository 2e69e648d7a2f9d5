// getImage and getImages, as a program calls them.

import type * as pulumi from "@pulumi/pulumi";
import type { GetImageArgs } from "../lookups/arguments";
import type { GetImageResult } from "../lookups/result";
import { invoke, invokeOutput, type LookUp } from "./invoke";

export type { GetImageArgs } from "../lookups/arguments";
export type { GetImageResult } from "../lookups/result";

/** `GetImageArgs`, each of which may be an output of a resource. */
export type GetImageOutputArgs = {
  [Key in keyof GetImageArgs]: pulumi.Input<
    NonNullable<GetImageArgs[Key]> extends (infer Item)[]
      ? pulumi.Input<Item>[]
      : NonNullable<GetImageArgs[Key]> extends Record<string, string>
        ? Record<string, pulumi.Input<string>>
        : GetImageArgs[Key]
  >;
};

/** What `getImages` found, the newest first. */
export interface GetImagesResult {
  /** The ids, in the order of `images`. */
  readonly ids: readonly string[];
  /** The images. */
  readonly images: readonly GetImageResult[];
}

// Loaded on the first look-up, because most programs have none.
const core = () => require("../lookups/images") as typeof import("../lookups/images");

const one: LookUp<GetImageArgs, GetImageResult> = {
  name: "getImage",
  run: async (args, session, isSecret) => core().lookUpImage(args, session, { isSecret }),
};

const many: LookUp<GetImagesArgs, GetImagesResult> = {
  name: "getImages",
  async run(args, session, isSecret) {
    const images = await core().lookUpImages(args, session, { isSecret });
    return { ids: images.map(({ imageId }) => imageId), images };
  },
};

/** Which images to find. */
export type GetImagesArgs = GetImageArgs;
/** `GetImagesArgs`, each of which may be an output of a resource. */
export type GetImagesOutputArgs = GetImageOutputArgs;

/**
 * The newest image that matches (ECS DescribeImages). Fails if there is none; the error names every filter and the
 * region.
 *
 * It also runs in previews. It uses the stack's configuration, as the resources do; the option `provider` is refused.
 * The API page is https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimages.
 *
 * @example
 * const base = await getImage({ imageFamily: "acs:ubuntu_24_04_x64", owners: ["system"] });
 */
export const getImage = (args: GetImageArgs, opts?: pulumi.InvokeOptions): Promise<GetImageResult> =>
  invoke(one, args, opts);

/**
 * The same for inputs. It runs once they are known and the resources behind them and in `dependsOn` are created.
 *
 * @example
 * const newest = getImageOutput({ imageFamily: "web-server" }, { dependsOn: golden });
 * export const imageId = newest.imageId;
 */
export const getImageOutput = (
  args: GetImageOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetImageResult> => invokeOutput(one, args, opts);

/**
 * All images that match, the newest first; an empty list if there is none.
 *
 * @example
 * const { images } = await getImages({ tags: { team: "platform" } });
 */
export const getImages = (args: GetImagesArgs = {}, opts?: pulumi.InvokeOptions): Promise<GetImagesResult> =>
  invoke(many, args, opts);

/** The same for inputs, like `getImageOutput`. */
export const getImagesOutput = (
  args: GetImagesOutputArgs = {},
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetImagesResult> => invokeOutput(many, args, opts);
