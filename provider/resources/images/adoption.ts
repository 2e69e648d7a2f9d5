// Whether an image may be adopted, and whether a record still owns its image.

import type { ImageRow } from "../../ecs/actions";
import type { Context } from "../../lifecycle/context";
import type { Existing } from "../../lifecycle/lifecycle";
import {
  isSameResource,
  OWNER_TAG,
  type Owner,
  ownerIn,
  ownerValue,
  PENDING_TAG,
  pendingIn,
  pendingValue,
  RETAINED_TAG,
  tagsIn,
  USER_TAGS,
} from "../../lifecycle/ownership";
import { compact, type ImageArgs } from "./args";
import { type ImageKind, type ImageState, ownerFor } from "./kind";
import { imagePhase, readRecorded, userTags } from "./state";

/** The image to adopt or to read, with the reasons against adopting it. */
export async function findExisting(
  kind: ImageKind,
  id: string,
  args: Partial<ImageArgs>,
  ctx: Context,
): Promise<Existing<ImageState> | undefined> {
  const row = await ctx.images.read(id);
  if (!row) return undefined;
  const state = { ...kind.stateOf(row, {}, ctx), ...kind.shownOf?.(row, args) };
  const refusal = refusalOf(kind, row, args) ?? ownerRefusal(row, ownerFor(kind, args, ctx), ctx);
  // Only images that are created here are tested; this one was ready before.
  const known = { status: row.Status! };
  return { id, state: compact(state) as ImageState, known, refusal };
}

/** Why it cannot be adopted, apart from its owner. It keeps its own tags beside those of the program. */
function refusalOf(kind: ImageKind, row: ImageRow, args: Partial<ImageArgs>): string | undefined {
  const { ImageId: id, ImageOwnerAlias: alias, Status } = row;
  if (isForeign(row)) return `image ${id} belongs to ${alias}, not to this account`;
  const phase = imagePhase({ status: Status ?? "", usable: row.Usable ?? true }, ["CreateFailed", "UnAvailable"]);
  if (phase === "failed") return `image ${id} is ${Status}: it has failed, and can only be deleted`;
  if (phase === "unfinished") return `image ${id} is ${Status}: it can be adopted once it is Available and usable`;
  const tags = Object.keys({ ...userTags(row, undefined), ...args.tags }).length;
  if (tags > USER_TAGS)
    return (
      `image ${id} has ${tags} tags with those of the program: remove ${tags - USER_TAGS}, since this package needs ` +
      "two of twenty"
    );
  return kind.isAnotherKind?.(row);
}

const isForeign = ({ ImageOwnerAlias: alias }: ImageRow): boolean => alias !== undefined && alias !== "self";

/** Why another owner prevents the adoption, and how that owner can hand the image over. */
function ownerRefusal(row: ImageRow, own: Owner, { regionId }: Context): string | undefined {
  const id = row.ImageId!;
  const tags = tagsIn(row);
  const owner = ownerIn(tags.get(OWNER_TAG));
  if (owner === undefined || tags.has(RETAINED_TAG) || isSameResource(owner, own)) return undefined;
  const command = `npx pulumi-alicloud-image orphans --region ${regionId} --acknowledge ${id}`;
  if (owner.stack !== own.stack)
    return (
      `image ${id} belongs to another stack. To hand it over, take it out of that stack's state (${TAKING_OUT}) and ` +
      `of its program, run in that stack's project: ${command}; then run this again`
    );
  if (pendingIn(tags.get(PENDING_TAG)) === "version")
    return (
      `image ${id} is a kept version of another resource of this stack. To make it a resource of its own, remove ` +
      `the tags that make it a version: ${untag(id, regionId)}; then run this again`
    );
  return (
    `image ${id} belongs to another resource of this stack. If that was renamed, give it an alias instead of ` +
    `the option import. To hand it over, take it out of the state (${TAKING_OUT}), run: ${command}; then run this again`
  );
}

/**
 * The command that takes a resource out of the state. The engine refuses it while other resources depend on that one.
 */
const TAKING_OUT =
  "pulumi state delete <urn>; if other resources refer to it, write its id there and run pulumi up first";

/** Removes the tags that make the image a version. */
const untag = (id: string, regionId: string): string =>
  `aliyun ecs UntagResources --RegionId ${regionId} --ResourceType image --ResourceId.1 ${id} ` +
  `--TagKey.1 ${OWNER_TAG} --TagKey.2 ${PENDING_TAG}`;

/** Writes the new owner on an image, and that no creation of this package made it. */
export async function adoptExisting(id: string, owner: Owner, ctx: Context): Promise<void> {
  ctx.pending.adopted(id);
  const target = { ResourceType: "image", ResourceId: [id] };
  await ctx.ecs("UntagResources", { ...target, TagKey: [RETAINED_TAG] }); // even if no list shows it yet
  const imported = { Key: PENDING_TAG, Value: pendingValue("imported", owner.stack) };
  await ctx.ecs("TagResources", {
    ...target,
    Tag: [{ Key: OWNER_TAG, Value: ownerValue(owner, ctx.creationId) }, imported],
  });
}

const TAKEN_OVER =
  "a later run adopted it, after an interruption or by the option import, so this old record does not own it. " +
  "To rebuild it, remove the option import if it is set, and run pulumi up --replace again";

const HANDED_OVER =
  "its tag pulumi-alicloud-image:retained says that somebody keeps it on purpose, so that another stack may have it. " +
  "Delete it in the ECS console if you do not need it";

/** Whether an owner is certain. If it has none or was handed over, another stack may own it before lists show that. */
const isOwned = (row: ImageRow | undefined): boolean =>
  row !== undefined && tagsIn(row).has(OWNER_TAG) && !tagsIn(row).has(RETAINED_TAG);

/** Why the record that asks to delete an image does not own it; undefined if it does. */
export async function lostTo(id: string, creationId: string, own: Owner, ctx: Context): Promise<string | undefined> {
  if (ctx.isHeldAnew(id, creationId)) return TAKEN_OVER; // lists may still show the tags that it had before
  const row = await readRecorded(id, ctx, isOwned, `the present owner of ${id}`);
  const tags = row ? tagsIn(row) : new Map<string, string>();
  if (row && isForeign(row)) return `it belongs to ${row.ImageOwnerAlias}, not to this account`;
  const owner = ownerIn(tags.get(OWNER_TAG));
  if (owner === undefined) return undefined;
  if (owner.creationId === creationId) return tags.has(RETAINED_TAG) ? HANDED_OVER : undefined;
  if (ctx.isAdopted && tags.has(RETAINED_TAG)) return undefined; // handed over, and not claimed yet
  if (!isSameResource(owner, own))
    return `another ${owner.stack === own.stack ? "resource of this stack" : "stack"} has adopted it since`;
  if (ctx.pending.isAdopted(id) || ctx.pending.isShownAs(id, owner.creationId)) return TAKEN_OVER;
  // A later run took over the image, but its record was lost. This record is live, or is deleted with all others.
  if (ctx.pending.isShownAs(id, creationId) || ctx.pending.isDestroy()) return undefined;
  // The later run was killed. If the state had its record, this process would have seen it.
  return pendingIn(tags.get(PENDING_TAG)) === "pending" ? undefined : TAKEN_OVER;
}
