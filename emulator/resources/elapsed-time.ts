import type { World } from "../world/world";
import { applyTaskEffects } from "./task-effects";

/** Writes into the world what time has brought about since it was last looked at. Called before every call and before a test reads the world. */
export function applyElapsedTime(world: World, nowMs: number): void {
  applyTaskEffects(world, nowMs);
  for (const image of world.images.values()) {
    if (image.vanishesAtMs !== undefined && image.vanishesAtMs <= nowMs) world.images.delete(image.imageId);
  }
}
