import { createHash, randomBytes } from "node:crypto";
import { UNKNOWN } from "../fields/unknown";
import type { Props } from "./record";

/**
 * The identity of a resource. Records, images and kept versions have it. It survives everything that changes a URN: an
 * alias, another parent, a renamed stack, a move between the hosts. The first check of a resource makes it and puts it
 * into a hidden input. Each later check copies it from the old inputs to the new ones. The record and the owner tag
 * have it, too.
 */
export interface Lineage {
  readonly id: string;
  /** Other regions that may have versions, because the resource was there before. */
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

/** `seed` is the engine's, which is the same for an update plan and the run of that plan. */
export const newLineage = (seed?: Uint8Array): Lineage => ({
  id: (seed?.length ? createHash("sha256").update("lineage").update(seed).digest() : randomBytes(6))
    .toString("hex")
    .slice(0, 12),
  regions: [],
});

/** The lineage of a resource whose region changes from one to another, or stays. */
export function movedTo({ id, regions }: Lineage, from: unknown, to: unknown): Lineage {
  const all = typeof from === "string" && from !== UNKNOWN && typeof to === "string" ? [...regions, from] : regions;
  return { id, regions: [...new Set(all)].filter((region) => region !== to).sort() };
}
