// Property paths, and the places at which two values differ.

import type { ValueType } from "./rules";
import { isRecord, same } from "./same";

/** The steps of a property path: keys and indices. `*` matches any. */
export type Path = readonly (string | number)[];

/** A place at which two values differ. */
export interface Leaf {
  readonly path: Path;
  readonly have: unknown;
  readonly want: unknown;
}

const STEP = /\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[\*\]|([^.[\]]+)/g;

/**
 * Parses a path in Pulumi's notation: `tags.env`, `tags["a.b"]`, `diskDeviceMappings[0].size`,
 * `diskDeviceMappings[*].size`.
 */
export const pathOf = (text: string): Path =>
  [...text.matchAll(STEP)].map(([step, index, quoted, key]) => {
    if (index !== undefined) return Number(index);
    if (quoted !== undefined) return quoted.replace(/\\(.)/g, "$1");
    return key ?? (step === "[*]" ? "*" : step);
  });

export const textOf = (path: Path): string =>
  path
    .map((step, n) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return n === 0 ? step : `.${step}`;
    })
    .join("");

/** Whether `inner` is at `outer` or below it. */
export const contains = (outer: Path, inner: Path): boolean =>
  outer.length <= inner.length && outer.every((step, n) => step === "*" || String(step) === String(inner[n]));

/** The innermost places at which the values of an argument differ; the argument itself if there is no inner place. */
export function leavesBetween(key: string, have: unknown, want: unknown, type?: ValueType): Leaf[] {
  const leaves = differing([key], have, want ?? undefined, type);
  return leaves.length > 0 ? leaves : [{ path: [key], have, want }];
}

function differing(path: Path, have: unknown, want: unknown, type: ValueType | undefined): Leaf[] {
  if (same(have, want)) return [];
  if (Array.isArray(have) && Array.isArray(want)) {
    const items = type?.type === "array" ? type.items : undefined;
    const longer = have.length > want.length ? have : want;
    return longer.flatMap((_, n) => differing([...path, n], have[n], want[n], items));
  }
  if (!isRecord(have) || !isRecord(want ?? (type?.type === "map" ? {} : want))) return [{ path, have, want }];
  const wanted = (want ?? {}) as Readonly<Record<string, unknown>>;
  // The cloud decides about omitted keys of an object with fixed keys.
  const keys = type?.type === "object" ? Object.keys(wanted) : [...Object.keys(have), ...Object.keys(wanted)];
  const innerOf = (step: string) =>
    type?.type === "object" ? type.properties[step] : type?.type === "map" ? type.values : undefined;
  return [...new Set(keys)].flatMap((step) =>
    differing([...path, step], have[step], wanted[step] ?? undefined, innerOf(step)),
  );
}
