import type { ImageRow } from "../ecs/actions";
import { certainRows } from "../ecs/pages";
import { ANY_IMAGE_STATUS } from "../ecs/queries";
import { OWNER_TAG, type Owner, ownerIn, PENDING_TAG, pendingIn, pendingValue } from "../lifecycle/ownership";
import { tagsIn } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import type { Version } from "./image.args";
import { setStatus } from "./image-update";

export const versionOf = ({ ImageId = "", ImageName = "", CreationTime = "" }: ImageRow): Version => ({
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

/**
 * The image that `id` replaces, where this run was shown no record of it: in `up --replace`, and in an `up` that finishes what
 * an earlier one began. It is this resource's newest other image that is usable and not left by an interrupted run. An image
 * that the state no longer holds (`pulumi state delete`) qualifies too: it is listed, and never deleted.
 */
export async function replacedBy(id: string, owner: Owner, ctx: Context): Promise<ImageRow | undefined> {
  const request = { Status: "Available,Deprecated", ImageOwnerAlias: "self", Tag: [{ Key: OWNER_TAG }] };
  // Nothing but an output depends on it, and whether ECS filters by a key alone is not documented.
  const rows = await certainRows(ctx.ecs, "DescribeImages", request).catch(() => []);
  return rows.filter((row) => row.ImageId !== id && isReplaceable(row, owner)).sort(newestFirst)[0];
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

/** The versions at a refresh. One that is recorded becomes one only by the delete of its record, which may be still to come. */
export async function recordedVersions(recorded: readonly Version[], owner: Owner, ctx: Context): Promise<Version[]> {
  const rows = await versionsOf(owner, ctx);
  const others = recorded.filter(({ imageId }) => !rows.some(({ ImageId }) => ImageId === imageId));
  const read = await Promise.all(others.map(({ imageId }) => ctx.images.read(imageId)));
  const coming = read.flatMap((row) => (row && isReplaceable(row, owner) ? [row] : []));
  return [...coming, ...rows].sort(newestFirst).map(versionOf);
}

/** Marks an image as a version, then deprecates it, so that it is no longer its family's newest. Repeatable. */
export async function keepAsVersion(id: string, owner: Owner, ctx: Context): Promise<void> {
  const tag = { Key: PENDING_TAG, Value: pendingValue("version", owner.stack) };
  await ctx.ecs("TagResources", { ResourceType: "image", ResourceId: [id], Tag: [tag] });
  await setStatus(id, "Deprecated", ctx);
  ctx.show(`${id} is kept as a previous version`);
}
