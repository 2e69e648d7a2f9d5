import { refusal } from "../request/api-error";
import type { ImageRecord, World } from "../world/world";
import { imageState } from "./state";

/** An image of this account that can be changed, though the lists may not show it yet; refuses an id that it does not have in this region. */
export function ownImage(world: World, imageId: string, regionId: string): ImageRecord {
  const image = world.images.get(imageId);
  if (!image || image.regionId !== regionId || image.owner !== "self") throw refusal("InvalidImageId.NotFound");
  return image;
}

export const imagesInUse = (world: World): ReadonlySet<string> =>
  new Set([...world.instances.values()].map(({ imageId }) => imageId));

export function isBeingMade(image: ImageRecord, nowMs: number): boolean {
  const { status } = imageState(image, nowMs);
  return status === "Waiting" || status === "Creating";
}
