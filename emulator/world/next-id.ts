import type { World } from "./world";

/** An id that this world has never issued: `m-`, `s-`, `t-` … */
export function nextId(world: World, kind: string): string {
  world.idsIssued += 1;
  return `${kind}-emu${world.idsIssued.toString(36).padStart(17, "0")}`;
}
