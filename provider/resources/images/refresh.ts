import type { Context } from "../../lifecycle/context";
import type { Owner } from "../../lifecycle/ownership";
import { DELETED, type ImageKind, type ImageState, ownerFor, stateOf } from "./kind";
import { snapshotsOf, tagSnapshots } from "./snapshots";
import { readRecorded, warnOfRisks } from "./state";
import { versionsOf } from "./version-lists";
import { recordedVersions, versionOf } from "./versions";

/** The current state of the image; undefined if nothing of it is left. */
export async function refreshedImage(
  kind: ImageKind,
  id: string,
  have: Partial<ImageState>,
  ctx: Context,
): Promise<ImageState | undefined> {
  const isRecorded = have.status !== undefined; // not if it is only read, or imported
  const row = isRecorded ? await readRecorded(id, ctx) : await ctx.images.read(id);
  if (!row) return isRecorded ? withoutImage(id, have, ownerFor(kind, have, ctx), ctx) : undefined;
  const state = stateOf(kind, row, have, ctx);
  if (!isRecorded) return state;
  warnOfRisks(id, state.detection, have.detection, ctx);
  const versions = await recordedVersions(id, have.previousVersions ?? [], ownerFor(kind, have, ctx), ctx);
  return { ...state, previousVersions: versions };
}

/**
 * The state of a resource whose image is gone. If it were forgotten, nothing would delete its versions and snapshots.
 */
async function withoutImage(
  id: string,
  have: Partial<ImageState>,
  owner: Owner,
  ctx: Context,
): Promise<ImageState | undefined> {
  const recorded = have.deleteSnapshots ? (have.snapshotIds ?? []) : [];
  const ids = have.deleteSnapshots ? await tagSnapshots({ id, recorded, owner }, ctx) : [];
  const snapshotIds = (await snapshotsOf(ids, ctx)).map(({ SnapshotId }) => SnapshotId!);
  const kept = await versionsOf([owner], { witness: id, recorded: have.previousVersions }, ctx);
  if (kept.length + snapshotIds.length === 0) return undefined;
  return {
    ...have,
    status: DELETED,
    usable: false,
    previousVersions: kept.map(({ row }) => versionOf(row)),
    ...(have.deleteSnapshots && { snapshotIds }),
  } as ImageState;
}
