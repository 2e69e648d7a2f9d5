import { createHash, randomBytes } from "node:crypto";
import { UNKNOWN } from "../fields/unknown";
import type { Props } from "./record";

/**
 * The identity of a resource, which records, images and kept versions carry. It outlasts everything that changes a URN:
 * an alias, another parent, a renamed stack, a move between the hosts. The first check of a resource makes it and puts
 * it in a hidden input. Each later check copies it from the old inputs to the new ones. The record and the owner tag
 * have it, too.
 */
export interface Lineage {
  readonly id: string;
  /** Other regions where versions may exist, because the resource was there before. */
  readonly regions: readonly string[];
}

export const LINEAGE = "__lineage";

/** `<id>`, or `<id>@<region>,<region>`. */
export const lineageText = ({ id, regions }: Lineage): string =>
  regions.length === 0 ? id : `${id}@${regions.join(",")}`;

export function lineageFrom(text: unknown): Lineage | undefined {
  const [, id, regions] = /^([0-9a-f]{12})(?:@([a-z0-9,-]+))?$/.exec(typeof text === "string" ? text : "") ?? [];
  return id ? { id, regions: regions?.split(",") ?? [] } : undefined;
}

export const lineageIn = (props: Props): Lineage | undefined => lineageFrom(props[LINEAGE]);

/** `seed`: the engine's, which is the same in an update plan and in the run that follows the plan. */
export const newLineage = (seed?: Uint8Array): Lineage => ({
  id: (seed?.length ? createHash("sha256").update("lineage").update(seed).digest() : randomBytes(6))
    .toString("hex")
    .slice(0, 12),
  regions: [],
});

/** The lineage of a resource that was in one region and is wanted in another, which may be the same. */
export function movedTo({ id, regions }: Lineage, from: unknown, to: unknown): Lineage {
  const all = typeof from === "string" && from !== UNKNOWN && typeof to === "string" ? [...regions, from] : regions;
  return { id, regions: [...new Set(all)].filter((region) => region !== to).sort() };
}
