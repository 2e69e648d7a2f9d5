import type { Code } from "../codes";
import { refusal } from "../request/api-error";
import type { ImageRecord, World } from "../world/world";

/** A name for an image. `except` is the image that may already have it. */
interface Wanted {
  readonly imageName: string;
  readonly regionId: string;
  readonly except?: ImageRecord;
}

/** Names are unique in an account and region; images without one do not collide. */
export function requireFreeName(
  world: World,
  { imageName, regionId, except }: Wanted,
  nowMs: number,
  code: Code,
): void {
  if (imageName === "") return;
  for (const image of world.images.values()) {
    if (image !== except && image.imageName === imageName && image.regionId === regionId && image.owner === "self")
      throw refusal(code);
  }
  const { nameHeldAfterDeleteMs } = world.quirks;
  const isHeld = world.deletedImages.some(
    (deleted) =>
      deleted.imageName === imageName &&
      deleted.regionId === regionId &&
      nowMs < deleted.deletedMs + nameHeldAfterDeleteMs,
  );
  if (isHeld) throw refusal(code);
}

export function requireRoomInFamily(
  world: World,
  imageFamily: string,
  regionId: string,
  codes: { family: Code; families: Code },
): void {
  if (imageFamily === "") return;
  const families = new Map<string, number>();
  for (const image of world.images.values()) {
    if (image.owner === "self" && image.regionId === regionId && image.imageFamily !== "")
      families.set(image.imageFamily, (families.get(image.imageFamily) ?? 0) + 1);
  }
  const members = families.get(imageFamily);
  if (members !== undefined && members >= world.quotas.imagesPerFamily) throw refusal(codes.family);
  if (members === undefined && families.size >= world.quotas.imageFamilies) throw refusal(codes.families);
}

export function requireRoomForImage(world: World, regionId: string): void {
  let count = 0;
  for (const image of world.images.values()) if (image.owner === "self" && image.regionId === regionId) count += 1;
  if (count >= world.quotas.images) throw refusal("QuotaExceed.Image");
}

/** Arm boots only with UEFI, and 32-bit images only with BIOS. UEFI-Preferred needs both. */
export function requireBootable(architecture: string, bootMode: string): void {
  const works = architecture === "x86_64" || (architecture === "arm64" ? bootMode === "UEFI" : bootMode === "BIOS");
  if (bootMode !== "" && !works) throw refusal("InvalidBootMode.NotSupport");
}
