import type { ImageRow } from "../../ecs/actions";
import { certainRows } from "../../ecs/pages";
import { ANY_IMAGE_STATUS } from "../../ecs/queries";
import { OWNER_TAG, type Owner, ownerIn, PENDING_TAG, pendingIn, pendingValue } from "../../lifecycle/ownership";
import { tagsIn } from "../../lifecycle/pending";
import type { Context, Present } from "../../lifecycle/session";
import type { Version } from "./args";
import { isShared } from "./delete";
import { setStatus } from "./update";

const versionOf = ({ ImageId = "", ImageName = "", CreationTime = "" }: ImageRow): Version => ({
  imageId: ImageId,
  imageName: ImageName,
  creationTime: CreationTime,
});

const newestFirst = (a: ImageRow, b: ImageRow) => ((a.CreationTime ?? "") < (b.CreationTime ?? "") ? 1 : -1);

/** The kept versions of one resource, the newest first. */
export async function versionsOf(owner: Owner, ctx: Context): Promise<ImageRow[]> {
  const rows = await certainRows(ctx.ecs, "DescribeImages", {
    Status: ANY_IMAGE_STATUS,
    ImageOwnerAlias: "self",
    Tag: [{ Key: PENDING_TAG, Value: pendingValue("version", owner.stack) }],
  });
  return rows.filter((row) => isVersionOf(row, owner)).sort(newestFirst);
}

/** The versions as they are once the image that is being replaced has become one. */
export async function previousVersions(id: string, keep: number, owner: Owner, ctx: Context): Promise<Version[]> {
  if (keep === 0) return [];
  const rows = (await versionsOf(owner, ctx)).filter(({ ImageId }) => ImageId !== id);
  if (ctx.retainsOnDelete) return rows.slice(0, keep).map(versionOf);
  const present = ctx.present();
  const replaced = await replacedBy(id, present?.id === id ? undefined : present, owner, ctx);
  const isKept = (row: ImageRow) => rows.some(({ ImageId }) => ImageId === row.ImageId);
  return [...replaced.filter((row) => !isKept(row)), ...rows].slice(0, keep).map(versionOf);
}

/**
 * The images of this resource, besides `id`, that are about to become versions. `shown` is the one that the engine has shown as
 * being replaced; it becomes none if it is not recorded as ready. In `up --replace`, and in an `up` that finishes what an earlier one
 * began, it shows none: then it is the newest one, unless that was taken out of the state (`pulumi state delete`); a refresh no longer
 * lists such an image. Others count if the engine has shown their records: they were replaced by a run that did not come to its end.
 */
async function replacedBy(id: string, shown: Present | undefined, owner: Owner, ctx: Context): Promise<ImageRow[]> {
  const request = { Status: "Available,Deprecated", ImageOwnerAlias: "self", Tag: [{ Key: OWNER_TAG }] };
  // Nothing but an output depends on it, and whether ECS filters by a key alone is not documented.
  const rows = await certainRows(ctx.ecs, "DescribeImages", request).catch(() => []);
  const others = rows.filter((row) => row.ImageId !== id && row.ImageId !== shown?.id && isReplaceable(row, owner));
  const isComing = ({ ImageId }: ImageRow, i: number) =>
    ctx.pending.isShown(ImageId!) || (i === 0 && shown === undefined);
  const row = shown?.isReady ? await ctx.images.read(shown.id) : undefined;
  return [...(row ? [row] : []), ...others.sort(newestFirst).filter(isComing)];
}

function isReplaceable(row: ImageRow, owner: Owner): boolean {
  const state = pendingIn(tagsIn(row).get(PENDING_TAG));
  return isOf(row, owner) && (state === undefined || state === "returned");
}

const isVersionOf = (row: ImageRow, owner: Owner): boolean =>
  isOf(row, owner) && pendingIn(tagsIn(row).get(PENDING_TAG)) === "version";

function isOf(row: ImageRow, { stack, resource }: Owner): boolean {
  const owner = ownerIn(tagsIn(row).get(OWNER_TAG));
  return owner?.stack === stack && owner.resource === resource;
}

/** The versions at a refresh. One that is recorded becomes one only by the delete of its own record, which may be still to come. */
export async function recordedVersions(
  id: string,
  recorded: readonly Version[],
  owner: Owner,
  ctx: Context,
): Promise<Version[]> {
  const versions = (await versionsOf(owner, ctx)).map(versionOf);
  const isVersion = (other: string) => versions.some(({ imageId }) => imageId === other);
  const coming = recorded.filter(({ imageId }) => !isVersion(imageId) && ctx.pending.isShown(imageId));
  // After a restored state or two runs at once, the present image may itself be a version or be listed as one.
  return [...coming, ...versions].filter(({ imageId }) => imageId !== id);
}

/**
 * Marks an image as a version, then deprecates it, so that it is no longer its family's newest. Repeatable. One that others have
 * shared cannot be deprecated; it is older than the new image, so the family's newest is the new one all the same.
 */
export async function keepAsVersion(id: string, owner: Owner, ctx: Context): Promise<void> {
  const tag = { Key: PENDING_TAG, Value: pendingValue("version", owner.stack) };
  await ctx.ecs("TagResources", { ResourceType: "image", ResourceId: [id], Tag: [tag] });
  try {
    await setStatus(id, "Deprecated", ctx);
  } catch (error) {
    if (!isShared(error)) throw error;
    ctx.warn(`${id} is kept as a previous version and not deprecated, since it is shared with other accounts`);
  }
  ctx.show(`${id} is kept as a previous version`);
}
