import { reactionTo } from "../provider/ecs/codes";
import { messageOf } from "../provider/failure";
import { OWNER_TAG, tagsIn } from "../provider/lifecycle/ownership";
import type { Session } from "../provider/lifecycle/session";
import { deleteImage } from "../provider/resources/images/delete";
import { deleteInstance } from "../provider/resources/images/test/instance";
import type { Orphan } from "./model";
import { snapshotTag } from "./orphan";

const IMAGE_TIMEOUT_MS = 10 * 60_000;
const SNAPSHOT_TIMEOUT_MS = 2 * 60_000;

/**
 * Removes images and then snapshots, which cannot be deleted before their images. Reports each as it is done. Returns
 * those that are left.
 */
export async function removeAll(
  orphans: readonly Orphan[],
  session: Session,
  report: (orphan: Orphan, failed?: string) => void,
): Promise<Orphan[]> {
  const left: Orphan[] = [];
  const attempt = async (orphan: Orphan, remove: () => Promise<void>) => {
    const holds = left.find(({ id }) => id === orphan.imageId);
    const failed = holds ? `${holds.id} is still there` : await remove().then(() => undefined, messageOf);
    if (failed !== undefined) left.push(orphan);
    report(orphan, failed);
  };
  const snapshots = orphans.filter(({ kind }) => kind === "snapshot");
  const images = orphans.filter(({ kind }) => kind === "image");
  // An image is in use as long as an instance of its test exists.
  const instances = orphans.filter(({ kind }) => kind === "instance");
  await Promise.all(instances.map((instance) => attempt(instance, () => removeInstance(instance, session))));
  await Promise.all(images.map((image) => attempt(image, () => removeImage(image, snapshots, session))));
  await Promise.all(snapshots.map((snapshot) => attempt(snapshot, () => removeSnapshot(snapshot, session))));
  return left;
}

async function removeImage(image: Orphan, snapshots: readonly Orphan[], session: Session): Promise<void> {
  const { id, regionId, ownerTag } = image;
  const operation = { urn: "", doing: `deleting image ${id}`, regionId, timeoutMs: IMAGE_TIMEOUT_MS };
  const ctx = session.contextFor(operation);
  const own = snapshots.filter(({ imageId }) => imageId === id).map((snapshot) => snapshot.id);
  // If this is interrupted after the image is gone, only this tag shows whose its snapshots are.
  if (own.length > 0 && ownerTag !== undefined)
    await ctx.ecs("TagResources", {
      ResourceType: "snapshot",
      ResourceId: own,
      Tag: [{ Key: OWNER_TAG, Value: snapshotTag(ownerTag, id) }],
    });
  const row = await ctx.images.read(id);
  if (row && tagsIn(row).get(OWNER_TAG) !== ownerTag) throw new Error("a run has taken it over since it was listed");
  await deleteImage(id, false, ctx);
}

async function removeSnapshot({ id, regionId }: Orphan, session: Session): Promise<void> {
  const operation = { urn: "", doing: `deleting snapshot ${id}`, regionId, timeoutMs: SNAPSHOT_TIMEOUT_MS };
  try {
    await session.contextFor(operation).ecs("DeleteSnapshot", { SnapshotId: id });
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
  }
}

async function removeInstance({ id, regionId }: Orphan, session: Session): Promise<void> {
  const operation = { urn: "", doing: `deleting instance ${id}`, regionId, timeoutMs: IMAGE_TIMEOUT_MS };
  await deleteInstance(id, session.contextFor(operation));
}
