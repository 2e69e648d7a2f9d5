// Deletes an image with its snapshots and versions, or keeps it as a version.

import type { ImageRow } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { Failure, isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import { OWNER_TAG, type Owner, ownerIn, tagsIn } from "../../lifecycle/ownership";
import type { Declared } from "../../lifecycle/stack-view";
import type { Version } from "./args";
import { deleteImage, isInUse, isShownInUse } from "./delete";
import { type ImageKind, type ImageState, ownerFor, phaseOf, stateOf } from "./kind";
import { deleteLeftSnapshots, deleteSnapshots, snapshotsMadeBy, snapshotsOf, tagSnapshots } from "./snapshots";
import { isBeingCreated, readRecorded, snapshotsIn } from "./state";
import { isVersionOf, type Kept, versionsOf } from "./version-lists";
import { keepAsVersion, versionOf } from "./versions";

/** Deletes the image, after ending what still creates it. `stopped` runs in between. */
async function removeImage(
  kind: ImageKind,
  {
    id,
    have,
    stopped,
  }: { readonly id: string; readonly have: Partial<ImageState>; readonly stopped?: () => Promise<void> },
  ctx: Context,
): Promise<void> {
  const force = have.forceDelete ?? false;
  try {
    await deleteImage(id, force, ctx);
  } catch (error) {
    if (!isFailure(error) || !(await kind.stopCreating?.(id, have, error, ctx))) throw error;
    await stopped?.();
    await deleteImage(id, force, ctx);
  }
}

/** Deletes one image with its snapshots, if they are to be deleted. */
export async function removeOne(kind: ImageKind, id: string, have: Partial<ImageState>, ctx: Context): Promise<void> {
  if (phaseOf(kind, have) === "unfinished") await kind.cancelCreating?.(id, ctx);
  if (ctx.isAdopted) return removeAdopted(kind, id, have, ctx);
  if (!have.deleteSnapshots && !ctx.hasFailed) return removeWithoutSnapshots(kind, id, have, ctx);
  let ids = await markSnapshots(kind, { id, have, row: await withSnapshots(kind, id, ctx) }, ctx);
  // The creation may have ended before it could be stopped, so the image may have snapshots now.
  const stopped = async () => void (ids = await markSnapshots(kind, { id, have, row: await ctx.images.read(id) }, ctx));
  await removeImage(kind, { id, have, stopped }, ctx);
  await deleteSnapshots(ids, id, ctx);
  const snapshots = ids.length === 1 ? " and its snapshot are" : ` and its ${ids.length} snapshots are`;
  ctx.show(`${id}${ids.length === 0 ? " is" : snapshots} deleted`);
}

/** Deletes an image that existed before its resource, and names its snapshots, which stay. */
async function removeAdopted(kind: ImageKind, id: string, have: Partial<ImageState>, ctx: Context): Promise<void> {
  const row = await ctx.images.read(id);
  await removeImage(kind, { id, have }, ctx);
  ctx.show(`${id} is deleted`);
  const left = row ? snapshotsIn(row) : [];
  if (left.length > 0)
    ctx.note(
      `${id} is deleted. It existed before its adoption, so the snapshots of its disks stay: ${left.join(", ")}`,
    );
}

/** Deletes one image, and names the snapshots that stay. Those of an unfinished creation are in no record. */
async function removeWithoutSnapshots(
  kind: ImageKind,
  id: string,
  have: Partial<ImageState>,
  ctx: Context,
): Promise<void> {
  let left: readonly string[] = have.snapshotIds ?? [];
  const look = async () => {
    const row = await ctx.images.read(id);
    if (row) left = stateOf(kind, row, have, ctx).snapshotIds;
  };
  if (phaseOf(kind, have) === "unfinished") await look();
  await removeImage(kind, { id, have, stopped: look }, ctx);
  ctx.show(`${id} is deleted`);
  if (left.length > 0) noteOfSnapshots(id, left, ctx);
}

/**
 * The row of an image, with its snapshots. An image in creation may not show them yet, and after its deletion nothing
 * does. Kinds whose creation can be stopped look again after that.
 */
async function withSnapshots(kind: ImageKind, id: string, ctx: Context): Promise<ImageRow | undefined> {
  const row = await readRecorded(id, ctx);
  if (!row || kind.stopCreating || !isBeingCreated(row) || snapshotsIn(row).length > 0) return row;
  await ctx.images.until(id, {
    what: `image ${id}`,
    deadlineMs: ctx.deadlineMs,
    report: (at) => ctx.show(`waiting until it shows its snapshots, to delete them with it: ${at}`),
    evaluate: (now) =>
      now && isBeingCreated(now) ? { is: "pending", at: String(now.Status) } : { is: "ready", value: now },
  });
  return readRecorded(id, ctx);
}

/** The snapshots to delete with an image. They are tagged, so that a second attempt finds them. */
function markSnapshots(
  kind: ImageKind,
  { id, have, row }: { readonly id: string; readonly have: Partial<ImageState>; readonly row: ImageRow | undefined },
  ctx: Context,
): Promise<readonly string[]> {
  const made = row && stateOf(kind, row, have, ctx).snapshotIds;
  // No state has the snapshots of what is deleted before it was returned, such as a duplicate.
  const isRecorded = !ctx.pending.isMade(id) && !ctx.pending.isTakenOver(id);
  const recorded = isRecorded ? (have.snapshotIds ?? []) : [];
  return tagSnapshots({ id, made, recorded, owner: ownerFor(kind, have, ctx) }, ctx);
}

/** Tells the user which snapshots stay: once the image is gone, nothing shows whose they were. */
const noteOfSnapshots = (id: string, snapshotIds: readonly string[], ctx: Context): void =>
  ctx.note(
    `${id} is deleted. deleteSnapshots is off, so the snapshots that were made for it stay, and cost money until ` +
      `you delete them: ${snapshotIds.join(", ")}`,
  );

/** The same for a version. No record says which of them its creation made and which the program passed in. */
function noteOfVersionSnapshots(id: string, snapshotIds: readonly string[], ctx: Context): void {
  if (snapshotIds.length === 0) return;
  ctx.note(
    `the previous version ${id} is deleted. deleteSnapshots is off, or was when it was replaced, so these snapshots ` +
      `of its disks stay: ${snapshotIds.join(", ")}. Those that were made for it cost money until you delete them`,
  );
}

/** The lists of versions are read once in a run: somebody may have handed one over since. */
async function isHandedOver({ id, row, ctx }: Kept): Promise<boolean> {
  if (ctx.pending.isKept(id)) return false; // by this run, and lists may show its tags late
  const now = await ctx.images.read(id);
  return now !== undefined && tagsIn(now).get(OWNER_TAG) !== tagsIn(row).get(OWNER_TAG);
}

/** Deletes one kept version. */
async function removeVersion(kind: ImageKind, version: Kept, have: Partial<ImageState>): Promise<void> {
  const { id, row, ctx } = version;
  if (await isHandedOver(version))
    return ctx.warn(`kept ${id}: its tags no longer say that it is a previous version of this resource`);
  const own = ctx.while(`deleting the previous version ${id} of ${kind.describe(have)} in ${ctx.regionId}`);
  // Its snapshots were tagged when it was kept, because its source may differ from the current image's.
  const made = have.deleteSnapshots ? await snapshotsMadeBy(id, row, own) : [];
  await removeImage(kind, { id, have }, own);
  await deleteSnapshots(made, id, own);
  const left = snapshotsIn(row).filter((snapshotId) => !made.includes(snapshotId));
  noteOfVersionSnapshots(id, left, own);
  own.pending.versionDeleted(id);
}

/** The result of deleting several versions. A failure does not stop the other deletions. */
interface Attempt {
  readonly inUse: readonly Kept[];
  readonly failures: readonly string[];
}

async function removeVersions(kind: ImageKind, versions: readonly Kept[], have: Partial<ImageState>): Promise<Attempt> {
  const inUse: Kept[] = [];
  const failures: string[] = [];
  for (const version of versions) {
    try {
      await removeVersion(kind, version, have);
    } catch (error) {
      if (version.ctx.signal.aborted) throw error;
      if (isInUse(error)) inUse.push(version);
      failures.push(messageOf(error));
    }
  }
  return { inUse, failures };
}

/** Whether the state has it as a resource of its own. */
const isHeld = ({ id, ctx }: Kept): boolean => ctx.pending.isShown(id) && !ctx.pending.isRemoved(id);

interface Pruning {
  /** The number of versions to keep. */
  readonly keep: number;
  readonly have: Partial<ImageState>;
  readonly owner: Owner;
  /** An image that the list of versions must contain. */
  readonly witness: string;
  /** An image that was just kept because it is in use. */
  readonly spared?: string;
}

/** Deletes the oldest versions until `keep` are left, except those in use. Returns what is left, the newest first. */
export async function pruneVersions(
  kind: ImageKind,
  { keep, have, owner, witness, spared }: Pruning,
  ctx: Context,
): Promise<readonly Version[]> {
  const known = { witness, recorded: have.previousVersions };
  const versions = (await versionsOf([owner], known, ctx)).filter((version) => !isHeld(version));
  const old = versions.slice(keep).filter(({ id }) => id !== spared);
  const { inUse, failures } = await removeVersions(kind, old.reverse(), have);
  if (inUse.length > 0)
    warnOfUse(
      inUse.map(({ id }) => id),
      ctx,
    );
  if (failures.length > inUse.length) throw new Failure("Refused", failures.join("; "));
  const gone = old.filter((version) => !inUse.includes(version));
  return versions.filter((version) => !gone.includes(version)).map(({ row }) => versionOf(row));
}

const warnOfUse = (ids: readonly string[], ctx: Context): void =>
  ctx.warn(
    `kept as previous version: ${ids.join(", ")}, because instances use it, or it is shared or public. ` +
      "The first later replacement at which nothing uses it deletes it. With forceDelete, the next replacement " +
      "deletes it in any case",
  );

/** A replaced image. `owner` owns its versions from now on. */
interface Replaced {
  readonly id: string;
  readonly have: Partial<ImageState>;
  readonly owner: Owner;
}

/** The snapshots that an image made: from its row, or from its record while lists lack the image. */
async function madeBy(
  kind: ImageKind,
  row: ImageRow | undefined,
  have: Partial<ImageState>,
  ctx: Context,
): Promise<readonly string[]> {
  if (row) return stateOf(kind, row, have, ctx).snapshotIds;
  return (await snapshotsOf(have.snapshotIds ?? [], ctx)).map(({ SnapshotId }) => SnapshotId!);
}

/** A row for an image that lists lack, with what the record knows. Versions are sorted by it. */
const rowOf = (id: string, { imageName = "", creationTime = "" }: Partial<ImageState>): ImageRow => ({
  ImageId: id,
  ImageName: imageName,
  CreationTime: creationTime,
});

/**
 * Keeps an image as a version, and tags its snapshots, because its record is about to be deleted. Returns whether the
 * image is deprecated.
 */
async function keep(kind: ImageKind, { id, have, owner }: Replaced, ctx: Context): Promise<boolean> {
  const row = await ctx.images.read(id); // a list may lack an existing image; the call below proves that it is gone
  const made = have.deleteSnapshots ? await madeBy(kind, row, have, ctx) : [];
  if (made.length > 0) await tagSnapshots({ id, made, recorded: [], owner }, ctx);
  try {
    return await keepAsVersion({ id, row: row ?? rowOf(id, have), made }, owner, ctx);
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
    await removeOne(kind, id, have, ctx); // an interrupted destroy deleted it, but perhaps not its snapshots
    return true;
  }
}

/** Deletes a replaced image, or keeps it as a version while it is in use. Returns whether it was kept. */
async function removeUnlessInUse(kind: ImageKind, { id, have, owner }: Replaced, ctx: Context): Promise<boolean> {
  try {
    await removeOne(kind, id, have, ctx);
    return false;
  } catch (error) {
    if (phaseOf(kind, have) !== "ready" || !isInUse(error)) throw error;
    await keep(kind, { id, have, owner }, ctx);
    warnOfUse([id], ctx);
    return true;
  }
}

/**
 * The lineages whose versions pass to the new record. A targeted replacement (`--replace`) shows no old inputs, so the
 * new record started its own lineage. So did a run that was killed after it had tagged the image.
 */
async function endedLineages(id: string, own: Owner, heir: Owner, ctx: Context): Promise<Owner[]> {
  const row = (await ctx.pending.ownedImages(id)).find(({ ImageId }) => ImageId === id);
  const written = row && ownerIn(tagsIn(row).get(OWNER_TAG))?.lineage;
  const lineages = new Set([own.lineage, written]);
  return [...lineages].flatMap((lineage) => (lineage && lineage !== heir.lineage ? { ...own, lineage } : []));
}

/** Passes the versions of ended lineages to the first of these owners. */
async function passVersions(owners: readonly [Owner, ...Owner[]], { id, have }: Replaced, ctx: Context): Promise<void> {
  const [heir] = owners;
  const versions = await versionsOf(owners, { witness: id, recorded: have.previousVersions }, ctx);
  const others = versions.filter(({ row }) => !isVersionOf(row, heir));
  await Promise.all(others.map((version) => keepAsVersion(version, heir, version.ctx)));
}

/** Keeps a replaced image as a version if the program asks for that or if it is in use. Otherwise deletes it. */
async function removeReplaced(
  kind: ImageKind,
  { id, have, declared }: Omit<Replaced, "owner"> & { readonly declared: Declared },
  ctx: Context,
): Promise<void> {
  const own = ownerFor(kind, have, ctx);
  const heir = { ...own, ...(declared.lineage && { lineage: declared.lineage.id }) };
  const replaced = { id, have, owner: heir };
  const count = Number(declared.inputs["keepVersions"] ?? 0);
  const isKept = count > 0 && phaseOf(kind, have) === "ready";
  const ended = await endedLineages(id, own, heir, ctx);
  if (isKept && !(await keep(kind, replaced, ctx)))
    ctx.warn(`${id} is kept as a previous version but not deprecated, because it is shared with other accounts`);
  const isInUse = !isKept && (await removeUnlessInUse(kind, replaced, ctx));
  if (ended.length > 0) await passVersions([heir, ...ended], replaced, ctx);
  const pruned = { keep: count, have, owner: heir, witness: id };
  const left = await pruneVersions(kind, { ...pruned, ...(isInUse && { spared: id }) }, ctx);
  if (have.deleteSnapshots)
    for (const owner of [heir, ...ended])
      await deleteLeftSnapshots(owner, ctx).catch((error) => ctx.warn(messageOf(error)));
  if (!declared.isCertain && left.length > 0)
    ctx.warn(
      `kept as previous versions: ${left.map(({ imageId }) => imageId).join(", ")}. The source of this image is ` +
        "being replaced. If the program no longer has this resource, find and delete them with: " +
        "npx pulumi-alicloud-image orphans",
    );
}

/**
 * Images of the resource that the state does not show. If a resource has moved to another explicit provider or to
 * another version of the plugin, one provider process sees only its delete. Such a replacement looks like a destroy,
 * except that one of these images exists.
 */
async function newerImages(id: string, owner: Owner, ctx: Context): Promise<readonly string[]> {
  const pending = await ctx.pending.pendingImagesOf(owner, "now");
  return pending.filter((image) => image.id !== id).map((image) => image.id);
}

/** Keeps the image and the versions of a resource that another process may have replaced. */
async function keepForNewer(
  kind: ImageKind,
  { id, have, newer }: Omit<Replaced, "owner"> & { readonly newer: readonly string[] },
  ctx: Context,
): Promise<void> {
  const owner = ownerFor(kind, have, ctx);
  await keep(kind, { id, have, owner }, ctx);
  const pruned = { keep: have.keepVersions ?? 0, have, owner, witness: id, spared: id };
  const versions = await pruneVersions(kind, pruned, ctx);
  const ids = [...new Set([id, ...versions.map(({ imageId }) => imageId)])];
  ctx.warn(
    `kept as previous versions: ${ids.join(", ")}. ${newer.join(", ")} may have replaced ${id}, in an interrupted ` +
      "run or through another provider in this run. If you meant to delete the resource, find and delete them " +
      "with: npx pulumi-alicloud-image orphans",
  );
}

/**
 * Deletes the image of a resource that is destroyed: first its versions, then the image, so that its record stays until
 * nothing is left. What ECS may refuse to delete, since it is in use, comes before all that: a refusal then leaves
 * everything as the record has it.
 */
async function removeLast(kind: ImageKind, id: string, have: Partial<ImageState>, ctx: Context): Promise<void> {
  const owner = ownerFor(kind, have, ctx);
  const isReady = phaseOf(kind, have) === "ready";
  const newer = () => (isReady ? newerImages(id, owner, ctx) : Promise.resolve([]));
  const replacing = ctx.hasSiblingProcesses && (have.keepVersions ?? 0) > 0 ? await newer() : [];
  if (replacing.length > 0) return keepForNewer(kind, { id, have, newer: replacing }, ctx);
  const all = await versionsOf([owner], { witness: id, recorded: have.previousVersions }, ctx);
  const versions = all.filter((version) => version.id !== id && !isHeld(version)).reverse();
  const isUsed = (row: ImageRow) => !have.forceDelete && isShownInUse(row);
  const isFirst = (await ctx.pending.ownedImages(id)).some((row) => row.ImageId === id && isUsed(row));
  const removePresent = () => removeOrKeep(kind, { id, have, newer }, ctx);
  const used = versions.filter(({ row }) => isUsed(row));
  await requireRemoved(kind, used, have);
  if (isFirst && !(await removePresent())) return;
  const unused = versions.filter((version) => !used.includes(version));
  await requireRemoved(kind, unused, have);
  if (have.deleteSnapshots) await deleteLeftSnapshots(owner, ctx);
  if (!isFirst) await removePresent();
}

async function requireRemoved(kind: ImageKind, versions: readonly Kept[], have: Partial<ImageState>): Promise<void> {
  const { failures } = await removeVersions(kind, versions, have);
  if (failures.length > 0) throw new Failure("Refused", `${failures.join("; ")}. Then delete the resource again`);
}

/** Returns whether the image is deleted. One that is in use, and that another may have replaced, is kept. */
async function removeOrKeep(
  kind: ImageKind,
  { id, have, newer }: Omit<Replaced, "owner"> & { readonly newer: () => Promise<readonly string[]> },
  ctx: Context,
): Promise<boolean> {
  try {
    await removeOne(kind, id, have, ctx);
    return true;
  } catch (error) {
    const others = isInUse(error) && ctx.hasSiblingProcesses ? await newer() : [];
    if (others.length === 0) throw error;
    await keepForNewer(kind, { id, have, newer: others }, ctx);
    return false;
  }
}

export async function remove(kind: ImageKind, id: string, have: Partial<ImageState>, ctx: Context): Promise<void> {
  const declared = ctx.declared(); // if the program still declares the resource, this is a replaced image
  if (declared) await removeReplaced(kind, { id, have, declared }, ctx);
  else await removeLast(kind, id, have, ctx);
}
