import { accountsIn } from "../world/accounts";
import type { World } from "../world/world";
import { applyCopyEffects } from "./copies";
import { applyInstanceEffects } from "./instances";
import { applyTaskEffects } from "./task-effects";

/**
 * Applies what time has changed since this function last ran. It runs before every call, and before a test reads the
 * world.
 */
export function applyElapsedTime(cloud: World, nowMs: number): void {
  for (const account of accountsIn(cloud)) {
    applyTaskEffects(account, nowMs);
    applyCopyEffects(account, nowMs);
    applyInstanceEffects(account, nowMs);
    for (const image of account.images.values()) {
      if (image.vanishesAtMs !== undefined && image.vanishesAtMs <= nowMs) account.images.delete(image.imageId);
    }
  }
}
