import { emptyWorld, type World } from "./world";

export const seeds = { regionId: "cn-hangzhou" } as const;

export function seededWorld(_nowMs: number): World {
  return emptyWorld();
}
