import { refusal } from "../request/api-error";
import type { ImageRecord, World } from "../world/world";
import { imageState } from "./state";

/**
 * An image of this account that can be changed, though the lists may not show it yet; refuses an id that it does not
 * have in this region.
 */
export function ownImage(world: World, imageId: string, regionId: string): ImageRecord {
  const image = world.images.get(imageId);
  if (!image || image.regionId !== regionId || image.owner !== "self") throw refusal("InvalidImageId.NotFound");
  return image;
}

/** Takes an image out of the world, and notes what a quirk keeps for a while: its name, its snapshots. */
export function forgetImage(world: World, image: ImageRecord, nowMs: number): void {
  world.images.delete(image.imageId);
  const { nameHeldAfterDeleteMs, snapshotsHeldAfterDeleteMs } = world.quirks;
  const heldForMs = Math.max(nameHeldAfterDeleteMs, snapshotsHeldAfterDeleteMs);
  world.deletedImages = world.deletedImages.filter(({ deletedMs }) => nowMs < deletedMs + heldForMs);
  if (heldForMs > 0)
    world.deletedImages.push({
      imageName: image.imageName,
      regionId: image.regionId,
      snapshotIds: image.diskMappings.map(({ snapshotId }) => snapshotId).filter((id) => id !== ""),
      deletedMs: nowMs,
    });
}

/** Of this account's instances. */
export const imagesInUse = (world: World): ReadonlySet<string> =>
  new Set([...world.instances.values()].map(({ imageId }) => imageId));

export function isBeingMade(image: ImageRecord, nowMs: number): boolean {
  const { status } = imageState(image, nowMs);
  return status === "Waiting" || status === "Creating";
}
