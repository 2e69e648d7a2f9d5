import type { World } from "../world";

/** Brings about what tasks that have ended leave behind: exported objects, removed images. */
export function settleTasks(_world: World, _nowMs: number): void {}
