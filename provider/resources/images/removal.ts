import { reactionTo } from "../../ecs/codes";
import { isFailure } from "../../failure";
import type { Owner } from "../../lifecycle/ownership";
import type { Context } from "../../lifecycle/session";
import type { ImageArgs } from "./args";
import { deleteImage } from "./delete";
import { type AnyState, type ImageKind, ownerFor, phaseOf, stateOf } from "./kind";
import { deleteSnapshots, snapshotsMadeBy, tagSnapshots } from "./snapshots";
import { readRecorded } from "./state";
import { keepAsVersion, versionsOf } from "./versions";

/** Deletes the image, after ending what still creates it. */
async function removeImage<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  id: string,
  have: Partial<State>,
  ctx: Context,
): Promise<void> {
  const force = have.forceDelete ?? false;
  try {
    await deleteImage(id, force, ctx);
  } catch (error) {
    if (!isFailure(error) || !(await kind.stopCreating?.(id, have, error, ctx))) throw error;
    await deleteImage(id, force, ctx);
  }
}

/** Deletes one image with the snapshots that are to go with it. */
export async function removeOne<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  id: string,
  have: Partial<State>,
  ctx: Context,
): Promise<void> {
  if (phaseOf(kind, have) === "unfinished") await kind.cancelCreating?.(id, ctx);
  if (!have.deleteSnapshots) return removeImage(kind, id, have, ctx);
  const row = await readRecorded(id, phaseOf(kind, have), ctx);
  const made = row ? (stateOf(kind, row, have, ctx).snapshotIds ?? []) : [];
  const ids = await tagSnapshots(id, row, made, have.snapshotIds ?? [], ownerFor(kind, have, ctx), ctx);
  await removeImage(kind, id, have, ctx);
  await deleteSnapshots(ids, id, ctx);
}

/** Deletes kept versions, the oldest first, until `keep` are left. Returns the ids of these, the newest first. */
export async function pruneVersions<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  keep: number,
  have: Partial<State>,
  ctx: Context,
): Promise<readonly string[]> {
  const versions = await versionsOf(ownerFor(kind, have, ctx), ctx);
  for (const row of versions.slice(keep).reverse()) {
    const id = row.ImageId!;
    if (ctx.pending.isShown(id) && !ctx.pending.isRemoved(id)) continue; // the state holds it as a resource of its own
    // Which snapshots it made was tagged when it was kept: its source may be another one than the present image's.
    const made = have.deleteSnapshots ? await snapshotsMadeBy(id, row, ctx) : [];
    await removeImage(kind, id, have, ctx);
    await deleteSnapshots(made, id, ctx);
  }
  return versions.slice(0, keep).map(({ ImageId }) => ImageId!);
}

/** Keeps an image as a version. The snapshots that it made are tagged, since its record is about to go. */
async function keep<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  id: string,
  have: Partial<State>,
  ctx: Context,
): Promise<void> {
  const row = have.deleteSnapshots ? await ctx.images.read(id) : undefined;
  const made = row ? (stateOf(kind, row, have, ctx).snapshotIds ?? []) : [];
  if (row) await tagSnapshots(id, row, made, [], ownerFor(kind, have, ctx), ctx);
  try {
    await keepAsVersion(id, ownerFor(kind, have, ctx), ctx);
    ctx.pending.removed(id); // from the state: from now on it is one of the versions
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
    await removeOne(kind, id, have, ctx); // an interrupted destroy has deleted it, and perhaps not its snapshots
  }
}

/**
 * Images of the resource that the state does not show. A provider process that was not asked about the program, since the resource has
 * moved to another explicit provider or to another version of the plugin, sees a replacement by one of these as it sees a destroy.
 */
async function newerImages(id: string, owner: Owner, ctx: Context): Promise<readonly string[]> {
  const pending = await ctx.pending.pendingImagesOf(owner, "now");
  return pending.filter((image) => image.id !== id).map((image) => image.id);
}

/** Deletes the image of a resource that goes, with its versions. If it may have been replaced out of sight, both are kept instead. */
async function removeLast<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  id: string,
  have: Partial<State>,
  isKnownPresent: boolean,
  ctx: Context,
): Promise<void> {
  const count = have.keepVersions ?? 0;
  const mayBeReplaced = ctx.isOneOfSeveral && !isKnownPresent && count > 0;
  const newer = mayBeReplaced ? await newerImages(id, ownerFor(kind, have, ctx), ctx) : [];
  if (newer.length > 0 && phaseOf(kind, have) === "ready") {
    await keep(kind, id, have, ctx);
    const versions = await pruneVersions(kind, count, have, ctx);
    ctx.warn(
      `kept as previous versions: ${[...new Set([id, ...versions])].join(", ")}. ${newer.join(", ")} may have replaced ${id}, by ` +
        "another provider in this run, or in an interrupted run. If the resource was to go, find and delete them with: " +
        "npx pulumi-alicloud-image orphans",
    );
    return;
  }
  await removeOne(kind, id, have, ctx);
  if (count > 0 || (have.previousVersions ?? []).length > 0) await pruneVersions(kind, 0, have, ctx);
}

/** A replaced image is kept as a version where the program asks for that; a destroyed one goes with all its versions. */
export async function remove<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  id: string,
  have: Partial<State>,
  ctx: Context,
): Promise<void> {
  const present = ctx.present(id);
  if (present === undefined || present.id === id) return removeLast(kind, id, have, present !== undefined, ctx);
  const count = Number(present.inputs["keepVersions"] ?? 0);
  const isUsable = phaseOf(kind, have) === "ready";
  if (count > 0 && isUsable) await keep(kind, id, have, ctx);
  else await removeOne(kind, id, have, ctx);
  if (count > 0 || (have.keepVersions ?? 0) > 0) await pruneVersions(kind, count, have, ctx);
}
