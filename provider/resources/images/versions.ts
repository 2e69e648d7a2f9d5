// Keeps replaced images as versions, and lists them in `previousVersions`.

import type { ImageRow } from "../../ecs/actions";
import { isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import {
  isSameResource,
  OWNER_TAG,
  type Owner,
  ownerIn,
  ownerValue,
  PENDING_TAG,
  pendingIn,
  RETAINED_TAG,
  tagsIn,
} from "../../lifecycle/ownership";
import type { Current } from "../../lifecycle/stack-view";
import type { ImageArgs, Version } from "./args";
import { isShared } from "./delete";
import { NO_CREATION } from "./snapshots";
import { readRecorded } from "./state";
import { setStatus } from "./update";
import { newestFirst, untilListed, versionsOf, versionValue } from "./version-lists";

export const versionOf = ({ ImageId = "", ImageName = "", CreationTime = "" }: ImageRow): Version => ({
  imageId: ImageId,
  imageName: ImageName,
  creationTime: CreationTime,
});

type Keeping = Pick<ImageArgs, "keepVersions" | "forceDelete">;

/**
 * The versions after the replaced image has become one. If the region where the resource was before is down, they are
 * those of the record: the new image can be used, and the next delete finds them.
 */
export async function previousVersions(id: string, args: Keeping, owner: Owner, ctx: Context): Promise<Version[]> {
  try {
    return await versionsNow(id, args, owner, ctx);
  } catch (error) {
    if (!isFailure(error, "Unreachable") || ctx.signal.aborted) throw error;
    ctx.warn(`previousVersions may be out of date until the next refresh: ${messageOf(error)}`);
    return versionsByRecord(id, args, ctx);
  }
}

function versionsByRecord(id: string, { keepVersions = 0 }: Keeping, ctx: Context): Version[] {
  const shown = ctx.current();
  const isComing = shown?.isReady && shown.id !== id && keepVersions > 0 && !ctx.retainsOnDelete;
  const { imageName = "", creationTime = "" } = (shown?.state ?? {}) as Partial<Version>;
  return [...(isComing ? [{ imageId: shown.id, imageName, creationTime }] : []), ...(recordedIn(shown) ?? [])];
}

/** With `forceDelete`, versions in use are deleted, too. */
async function versionsNow(
  id: string,
  { keepVersions: keep = 0, forceDelete = false }: Keeping,
  owner: Owner,
  ctx: Context,
): Promise<Version[]> {
  const shown = ctx.current();
  const replaced = shown?.id === id || shown?.regionId !== ctx.regionId ? undefined : shown;
  if (keep === 0 && !shown) return []; // a first creation; after up --replace, a refresh lists images still in use
  const coming = ctx.retainsOnDelete ? [] : await replacedBy(id, keep, owner, ctx);
  const owners = [owner, ...coming.flatMap((row) => lineageOf(row, owner) ?? [])];
  const known = { witness: replaced?.id, recorded: recordedIn(shown) };
  const kept = (await versionsOf(owners, known, ctx)).filter((version) => version.id !== id);
  const isKept = (row: ImageRow) => kept.some((version) => version.id === row.ImageId);
  const all = [...coming.filter((row) => !isKept(row)), ...kept.map(({ row }) => row)];
  return all.filter((row, i) => i < keep || (!forceDelete && isUsed(row))).map(versionOf);
}

/** The owner with the lineage of an image. A targeted replacement ends the lineage of what it replaces. */
function lineageOf(row: ImageRow, owner: Owner): Owner | undefined {
  const lineage = ownerIn(tagsIn(row).get(OWNER_TAG))?.lineage;
  return lineage === undefined || lineage === owner.lineage ? undefined : { ...owner, lineage };
}

const recordedIn = (current: Current | undefined) => current?.state["previousVersions"] as Version[] | undefined;

/** Whether instances run from it, so that it cannot be deleted. */
const isUsed = ({ Usage }: ImageRow): boolean => Usage === "instance";

/**
 * The images of this resource that are about to become versions, apart from `id`. These are the image that the engine
 * has shown as replaced, if it is recorded as ready, and images in records that an unfinished run left. In `up
 * --replace`, and in an `up` that finishes an earlier one, the engine shows none. Then it is the newest image, unless
 * that was removed from the state (`pulumi state delete`); a refresh no longer lists such an image.
 */
async function replacedBy(id: string, keep: number, owner: Owner, ctx: Context): Promise<ImageRow[]> {
  const present = ctx.current();
  const shown = present?.id === id ? undefined : present;
  const row = shown?.isReady ? await readRecorded(shown.id, inItsRegion(shown, ctx)) : undefined;
  if (keep === 0) return row ? [row] : [];
  const rows = await ctx.pending.ownedImages(undefined).catch(() => []); // only an output depends on it
  const others = rows.filter((one) => one.ImageId !== id && one.ImageId !== shown?.id && isReplaceable(one, owner));
  const isComing = ({ ImageId }: ImageRow, i: number) =>
    ctx.pending.isShown(ImageId!) || (i === 0 && shown === undefined);
  return [...(row ? [row] : []), ...others.sort(newestFirst).filter(isComing)];
}

const inItsRegion = ({ regionId = "" }: Current, ctx: Context): Context =>
  regionId === "" || regionId === ctx.regionId ? ctx : ctx.inRegion(regionId);

function isReplaceable(row: ImageRow, owner: Owner): boolean {
  const tags = tagsIn(row);
  const found = ownerIn(tags.get(OWNER_TAG));
  const state = pendingIn(tags.get(PENDING_TAG));
  if (!found || tags.has(RETAINED_TAG) || state === "pending" || state === "version") return false;
  return isSameResource(found, owner);
}

/**
 * The versions at a refresh. A recorded image becomes a version when its own record is deleted, which may still have to
 * happen.
 */
export async function recordedVersions(
  id: string,
  recorded: readonly Version[],
  owner: Owner,
  ctx: Context,
): Promise<Version[]> {
  const versions = (await versionsOf([owner], { witness: id, recorded }, ctx)).map(({ row }) => versionOf(row));
  const isVersion = (other: string) => versions.some(({ imageId }) => imageId === other);
  const coming = recorded.filter(({ imageId }) => !isVersion(imageId) && ctx.pending.isShown(imageId));
  // After a restored state or two runs at once, the current image may be a version, or be listed as one.
  return [...coming, ...versions].filter(({ imageId }) => imageId !== id);
}

/**
 * Makes an image a version of `owner`, and deprecates it, so that it is no longer the newest of its family. Repeatable.
 * A shared image cannot be deprecated, but it is older than the new image, so it is not the newest anyway. Returns
 * whether it is deprecated.
 */
export async function keepAsVersion(
  { id, row, made = [] }: { readonly id: string; readonly row: ImageRow; readonly made?: readonly string[] },
  owner: Owner,
  ctx: Context,
): Promise<boolean> {
  const creationId = ownerIn(tagsIn(row).get(OWNER_TAG))?.creationId ?? (ctx.creationId || NO_CREATION);
  const tags = [
    { Key: OWNER_TAG, Value: ownerValue(owner, creationId) },
    { Key: PENDING_TAG, Value: versionValue(owner) },
  ];
  await ctx.ecs("TagResources", { ResourceType: "image", ResourceId: [id], Tag: tags });
  const own = tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));
  const others = (row.Tags?.Tag ?? []).filter(({ TagKey }) => TagKey !== OWNER_TAG && TagKey !== PENDING_TAG);
  ctx.pending.kept({ ...row, ImageId: id, Tags: { Tag: [...others, ...own] } });
  ctx.show(`${id} is kept as a previous version`);
  const isDeprecated = await setStatus(id, "Deprecated", ctx).then(
    () => true,
    (error: unknown) => {
      if (!isShared(error)) throw error;
      return false;
    },
  );
  await untilListed({ id, made }, owner, ctx);
  return isDeprecated;
}
