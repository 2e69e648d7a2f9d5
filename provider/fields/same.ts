/**
 * Whether two values mean the same to a user: an absent key and an undefined one do, and so do the keys of an object in
 * another order.
 */
export function same(have: unknown, want: unknown): boolean {
  if (Object.is(have, want)) return true;
  if (Array.isArray(have) && Array.isArray(want))
    return have.length === want.length && have.every((item, i) => same(item, want[i]));
  if (isRecord(have) && isRecord(want)) {
    return [...new Set([...Object.keys(have), ...Object.keys(want)])].every((key) => same(have[key], want[key]));
  }
  return false;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
