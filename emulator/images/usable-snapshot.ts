import { refusal } from "../request/api-error";
import { spanState } from "../world/span";
import type { SnapshotRecord, World } from "../world/world";
import { requireUsableKey } from "./usable-account";

/** "Snapshots created on or before July 15, 2013, cannot be used", in UTC. */
const tooOldMs = Date.UTC(2013, 6, 16);

/** The snapshot with that id. Refuses the request unless an image can be made of it. */
export function usableSnapshot(world: World, snapshotId: string, regionId: string, nowMs: number): SnapshotRecord {
  const snapshot = world.snapshots.get(snapshotId);
  if (!snapshot || snapshot.regionId !== regionId) throw refusal("InvalidSnapshotId.NotFound");
  const { phase } = spanState(snapshot.span, nowMs);
  if (phase === "failed") throw refusal("InvalidSnapshotId.NotReady");
  if (phase !== "done") throw refusal("SnapshotNotReady");
  if (snapshot.createdMs < tooOldMs) throw refusal("InvalidSnapshot.TooOld");
  if (snapshot.inCloudBox) throw refusal("InvalidOperation.SnapshotStorageLocationUnsupported");
  if (snapshot.defaultFree) throw refusal("InvalidOperation.DefaultFreeSnapshotNotSupport");
  // The page has two codes for this case. This one's description mentions a "type of snapshot".
  if (/^archive$/i.test(snapshot.category))
    throw refusal(
      "OperationDenied.InvalidSnapshotCategory",
      "The specified snapshot is archived and does not support this operation.",
    );
  if (/^flash$/i.test(snapshot.category)) throw refusal("InvalidSnapshotCategory.NotSupportImageCreation");
  if (snapshot.imageForbidden) throw refusal("OperationDenied/snapshot");
  requireImageableCategory(snapshot.sourceDiskCategory, snapshot.sourceDiskType);
  requireUsableKey(world, snapshot.kmsKeyId);
  return snapshot;
}

/**
 * ECS makes no image of a snapshot of a local disk or an elastic ephemeral disk. The page has two codes for that; the
 * one that names images is used for a system disk.
 */
export function requireImageableCategory(category: string, type: "system" | "data"): void {
  if (!/^(ephemeral|local_|elastic_ephemeral)/.test(category)) return;
  throw refusal(type === "system" ? "InvalidDiskCategory.CreateImage" : "InvalidOperation.DiskCategoryUnsupported");
}
