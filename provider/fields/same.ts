/** Whether two values are equal. Absent and undefined keys count as equal, and so does another order of keys. */
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
