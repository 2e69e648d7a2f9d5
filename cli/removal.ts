import { reactionTo } from "../provider/ecs/codes";
import { messageOf } from "../provider/failure";
import { OWNER_TAG, ownerValue } from "../provider/lifecycle/ownership";
import type { Session } from "../provider/lifecycle/session";
import { deleteImage } from "../provider/resources/image";
import { cancelTask } from "../provider/resources/task";
import type { Orphan, OrphanKind } from "./orphan";

const REMOVE_TIMEOUT_MS: Readonly<Record<OrphanKind, number>> = {
  import: 5 * 60_000,
  export: 5 * 60_000,
  image: 10 * 60_000,
  snapshot: 2 * 60_000,
};
/** A task keeps its image, an image its snapshots. */
const ORDER: readonly OrphanKind[][] = [["import", "export"], ["image"], ["snapshot"]];

/** Removes all of `orphans`, and tells of each what became of it. Gives those that are left. */
export async function removeAll(
  orphans: readonly Orphan[],
  session: Session,
  tell: (orphan: Orphan, failed?: string) => void,
): Promise<Orphan[]> {
  const left: Orphan[] = [];
  for (const kinds of ORDER) {
    await Promise.all(
      orphans
        .filter(({ kind }) => kinds.includes(kind))
        .map(async (orphan) => {
          const holds = left.find(
            ({ id, imageId }) => id === orphan.imageId || (orphan.kind === "image" && imageId === orphan.id),
          );
          const failed = holds
            ? `${holds.id} is still there`
            : await removed(orphan, orphans, session).then(() => undefined, messageOf);
          if (failed !== undefined) left.push(orphan);
          tell(orphan, failed);
        }),
    );
  }
  return left;
}

async function removed(orphan: Orphan, all: readonly Orphan[], session: Session): Promise<void> {
  const { kind, id, regionId } = orphan;
  const doing = kind === "image" || kind === "snapshot" ? `deleting ${kind} ${id}` : `cancelling ${kind} ${id}`;
  const ctx = session.contextFor({ urn: "", doing, regionId, timeoutMs: REMOVE_TIMEOUT_MS[kind] });
  if (kind === "import" || kind === "export") return cancelTask(id, ctx);
  if (kind === "image") {
    // Once it is gone, nothing else says whose its snapshots are, should this be broken off in between.
    const snapshotIds = all
      .filter((other) => other.kind === "snapshot" && other.imageId === id)
      .map((snapshot) => snapshot.id);
    if (snapshotIds.length > 0)
      await ctx.ecs("TagResources", {
        ResourceType: "snapshot",
        ResourceId: snapshotIds,
        Tag: [{ Key: OWNER_TAG, Value: `${ownerValue(orphan.owner!)}.${id}` }],
      });
    return deleteImage(id, false, ctx);
  }
  try {
    await ctx.ecs("DeleteSnapshot", { SnapshotId: id });
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
  }
}
