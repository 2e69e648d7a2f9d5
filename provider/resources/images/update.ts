// Updates an image in place.

import type { ImageRow, Request } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { attributesOf, type Fields } from "../../fields/fields";
import { unlessAbsent } from "../../lifecycle/absence";
import type { Context } from "../../lifecycle/context";
import { OWNER_TAG, ownerValue, TESTED_TAG, tagsIn, USER_TAGS } from "../../lifecycle/ownership";
import type { ImageArgs } from "./args";
import { ownerFor, tagParameters } from "./kind";
import { readRecorded } from "./state";

/** Writes the present owner on an image whose resource was renamed with an alias. */
export async function claimImage(id: string, fields: Fields<ImageArgs>, args: ImageArgs, ctx: Context): Promise<void> {
  const owner = ownerValue(ownerFor({ fields }, args, ctx), ctx.creationId);
  await ctx.ecs("TagResources", {
    ResourceType: "image",
    ResourceId: [id],
    Tag: [{ Key: OWNER_TAG, Value: owner }],
  });
}

/**
 * Updates an image by ModifyImageAttribute, JoinResourceGroup, TagResources and UntagResources. Each call is
 * repeatable.
 */
export async function updateImage(
  id: string,
  fields: Fields<ImageArgs>,
  { have, want, changed }: { readonly have: ImageArgs; readonly want: ImageArgs; readonly changed: readonly string[] },
  ctx: Context,
): Promise<Pick<ImageArgs, "features"> & { status?: string }> {
  const attributes = attributesOf(fields, want, changed) as Attributes;
  if (Object.keys(attributes).length > 0) await modifyAttributes(id, attributes, ctx);
  if (changed.includes("resourceGroupId")) {
    const group = { ResourceType: "image", ResourceId: id, ResourceGroupId: want.resourceGroupId! };
    await ctx.ecs("JoinResourceGroup", group);
  }
  if (changed.includes("tags")) await updateTags(id, have.tags ?? {}, want.tags ?? {}, ctx);
  return {
    ...(attributes.Status !== undefined && { status: attributes.Status }),
    // A feature that the program leaves out keeps the value that the cloud has.
    ...(changed.includes("features") && { features: { ...have.features, ...want.features } }),
  };
}

type Attributes = Omit<Request<"ModifyImageAttribute">, "ImageId">;

/** A status that is there already is refused: the answer to the first attempt may have been lost. */
async function modifyAttributes(id: string, attributes: Attributes, ctx: Context): Promise<void> {
  const { Status, ...others } = attributes;
  if (Object.keys(others).length > 0) await ctx.ecs("ModifyImageAttribute", { ImageId: id, ...others });
  if (Status !== undefined) await setStatus(id, Status, ctx);
}

export async function setStatus(id: string, status: string, ctx: Context): Promise<void> {
  try {
    await ctx.ecs("ModifyImageAttribute", { ImageId: id, Status: status });
  } catch (error) {
    const isSo = reactionTo(error) === "alreadyDone" && (await hasStatus(id, status, ctx));
    if (!isSo) throw error;
  }
}

/** Lists may lack the image for some time, or show the status that it had before. */
async function hasStatus(id: string, status: string, ctx: Context): Promise<boolean> {
  const other = status === "Deprecated" ? "Available" : "Deprecated";
  const isClear = (row: ImageRow | undefined) => row !== undefined && row.Status !== other;
  const row = await unlessAbsent(() => ctx.images.read(id), isClear, `${id} as ${status}`, ctx);
  return row?.Status === status;
}

/** Tags that go are removed first, so that an image with twenty tags has room for those that come. */
async function updateTags(
  id: string,
  have: Readonly<Record<string, string>>,
  want: Readonly<Record<string, string>>,
  ctx: Context,
): Promise<void> {
  const target = { ResourceType: "image", ResourceId: [id] };
  const unset = Object.keys(have).filter((key) => !Object.hasOwn(want, key));
  const set = Object.entries(want).filter(([key, value]) => have[key] !== value);
  if (unset.length > 0) await ctx.ecs("UntagResources", { ...target, TagKey: unset });
  if (set.length > 0 && Object.keys(want).length >= USER_TAGS) await removeTestedTag(id, ctx);
  if (set.length > 0) await ctx.ecs("TagResources", { ...target, Tag: tagParameters(Object.fromEntries(set)) });
}

/**
 * Beside the most tags of a user, an image has no room for the tag of a passed test: it needs two others, for example
 * when it becomes a version.
 */
async function removeTestedTag(id: string, ctx: Context): Promise<void> {
  const row = await readRecorded(id, ctx);
  if (!row || !tagsIn(row).has(TESTED_TAG)) return;
  await ctx.ecs("UntagResources", { ResourceType: "image", ResourceId: [id], TagKey: [TESTED_TAG] });
  ctx.warn(`image ${id} loses the tag ${TESTED_TAG}: there is no room for it beside ${USER_TAGS} tags of your own`);
}
