import { refusal } from "../request/api-error";
import type { ImageRecord, World } from "../world/world";
import { imageState } from "./state";

/**
 * The image with that id, which this account can change, even if lists do not show it yet. Refuses an id that this
 * account does not have in the region.
 */
export function ownImage(world: World, imageId: string, regionId: string): ImageRecord {
  const image = world.images.get(imageId);
  if (!image || image.regionId !== regionId || image.owner !== "self") throw refusal("InvalidImageId.NotFound");
  return image;
}

/** Removes an image from the world. Records its name and its snapshots where a quirk keeps them for a while. */
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
