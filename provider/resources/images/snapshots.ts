// The snapshots of an image: finds, tags and deletes them.

import type { ImageRow, SnapshotRow } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { certainRows } from "../../ecs/pages";
import { ANY_IMAGE_STATUS } from "../../ecs/queries";
import { Failure, isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import { OWNER_TAG, type Owner, ownerIn, ownerValue, tagsIn } from "../../lifecycle/ownership";
import { readRecorded } from "./state";

/** The snapshots that belong to an image. */
interface SnapshotsOfImage {
  readonly id: string;
  /** The snapshots that its row shows as made with it. Left out if the image is not listed. */
  readonly made?: readonly string[] | undefined;
  /** The snapshots in the state. */
  readonly recorded: readonly string[];
  readonly owner: Owner;
}

/**
 * The snapshots to delete after their image. An image that was recorded before it was finished does not name them, and
 * once it is gone, nothing in the cloud does. So they are tagged as this image's before that, for a second attempt to
 * find.
 */
export async function tagSnapshots(
  { id, made, recorded, owner }: SnapshotsOfImage,
  ctx: Context,
): Promise<readonly string[]> {
  const mark = { Key: OWNER_TAG, Value: `${ownerValue(owner, ctx.creationId || NO_CREATION)}.${id}` };
  if (made) {
    const unrecorded = made.filter((snapshotId) => !recorded.includes(snapshotId));
    if (unrecorded.length > 0)
      await ctx.ecs("TagResources", { ResourceType: "snapshot", ResourceId: unrecorded, Tag: [mark] });
    return made;
  }
  const rows = await certainRows(ctx.ecs, "DescribeSnapshots", { Tag: [mark] }).catch((error: unknown) => {
    if (isFailure(error, "Denied") && recorded.length > 0) return []; // recorded snapshots can still be deleted
    throw error;
  });
  const tagged = rows.filter((row) => tagsIn(row).get(mark.Key) === mark.Value);
  return [...new Set([...recorded, ...tagged.map(({ SnapshotId }) => SnapshotId!)])];
}

/** The snapshots that are tagged as the image's own. */
export async function snapshotsMadeBy(id: string, row: ImageRow, ctx: Context): Promise<readonly string[]> {
  const ids = (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).flatMap(({ SnapshotId }) => SnapshotId || []);
  const own = (await snapshotsOf(ids, ctx)).filter((one) => tagsIn(one).get(OWNER_TAG)?.endsWith(`.${id}`));
  return own.map(({ SnapshotId }) => SnapshotId!);
}

/** Whether lists show the snapshots with the tags of their image. */
export async function areTagged(id: string, made: readonly string[], ctx: Context): Promise<boolean> {
  if (made.length === 0) return true;
  const request = { SnapshotIds: JSON.stringify(made), Tag: [{ Key: OWNER_TAG }] };
  const rows = await certainRows(ctx.ecs, "DescribeSnapshots", request);
  const own = rows.filter((row) => tagsIn(row).get(OWNER_TAG)?.endsWith(`.${id}`));
  return made.every((snapshotId) => own.some(({ SnapshotId }) => SnapshotId === snapshotId));
}

/**
 * Deletes snapshots that are left because a run was killed between deleting an image of this resource and its
 * snapshots.
 */
export async function deleteLeftSnapshots({ lineage }: Owner, ctx: Context): Promise<void> {
  const rows = await ctx.pending.ownedSnapshots().catch((error: unknown) => {
    if (isFailure(error, "Denied")) return []; // recorded snapshots are still deleted
    throw error;
  });
  const left = lineage === undefined ? [] : rows;
  const imageIds = new Set(left.flatMap((row) => imageIdIn(row, lineage) ?? []));
  const removeOf = async (imageId: string) => {
    if (ctx.pending.isRemoved(imageId) || (await readRecorded(imageId, ctx))) return;
    const own = left.filter((row) => imageIdIn(row, lineage) === imageId);
    await deleteSnapshots(
      own.map(({ SnapshotId }) => SnapshotId!),
      imageId,
      ctx,
    );
  };
  await Promise.all([...imageIds].map(removeOf));
}

/** The image of this lineage with which the snapshot is to be deleted. */
function imageIdIn(row: SnapshotRow, lineage: string | undefined): string | undefined {
  const tag = tagsIn(row).get(OWNER_TAG);
  return ownerIn(tag)?.lineage === lineage ? /\.(m-[^.]+)$/.exec(tag ?? "")?.[1] : undefined;
}

/** Those of the snapshots that exist. With `instanceId`, only those of that instance's disks. */
export async function snapshotsOf(ids: readonly string[], ctx: Context, instanceId?: string): Promise<SnapshotRow[]> {
  if (ids.length === 0) return [];
  const request = { SnapshotIds: JSON.stringify(ids), InstanceId: instanceId };
  const rows = await certainRows(ctx.ecs, "DescribeSnapshots", request);
  return rows.filter(({ SnapshotId }) => SnapshotId && ids.includes(SnapshotId));
}

/** Replaces the creation id for what this package did not create. */
export const NO_CREATION = "000000000000";

/** Deletes the snapshots that it can. Fails with the others, so that the next delete tries those again. */
export async function deleteSnapshots(ids: readonly string[], imageId: string, ctx: Context): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    const reason = await deleteSnapshot(id, imageId, ctx);
    if (reason !== undefined) failures.push(`${id}: ${reason}`);
  }
  if (failures.length === 0) return;
  const what = `the image is deleted, but these snapshots of it are not: ${failures.join("; ")}`;
  throw new Failure("Refused", `${what}. Fix the cause, then run pulumi destroy again`);
}

/** Why the snapshot could not be deleted; undefined if it is gone. */
async function deleteSnapshot(id: string, imageId: string, ctx: Context): Promise<string | undefined> {
  try {
    // The cloud has the same refusal for the image that is being deleted and for another one, which may stay for good.
    const other = await otherImageOf(id, imageId, ctx);
    if (other !== undefined) return `image ${other} uses it`;
    await ctx.ecs("DeleteSnapshot", { SnapshotId: id });
    return undefined;
  } catch (error) {
    return reactionTo(error) === "gone" ? undefined : messageOf(error).replace(/\.$/, "");
  }
}

async function otherImageOf(snapshotId: string, imageId: string, ctx: Context): Promise<string | undefined> {
  const rows = await certainRows(ctx.ecs, "DescribeImages", {
    SnapshotId: snapshotId,
    ImageOwnerAlias: "self",
    Status: ANY_IMAGE_STATUS,
  });
  const uses = (row: ImageRow) =>
    row.ImageId !== imageId &&
    row.DiskDeviceMappings?.DiskDeviceMapping?.some(({ SnapshotId }) => SnapshotId === snapshotId);
  return rows.find(uses)?.ImageId;
}
