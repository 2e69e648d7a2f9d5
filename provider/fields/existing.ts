import { type Fields, keysOf } from "./fields";
import { isRecord, same } from "./same";

/**
 * The arguments of an existing resource in the form of a program: the check accepts them, and a diff finds no change.
 * Leaves out empty values and those that are the default anyway.
 */
export function argsOfExisting<Args>(
  fields: Fields<Args>,
  state: Partial<Args>,
  regionId: string | undefined,
): Partial<Args> {
  const worthWriting = keysOf(fields).filter((key) => {
    const { accepts, change, computed, default: whenLeftOut } = fields[key];
    const value = state[key];
    if (computed || change === "nothing" || isEmpty(value) || same(value, whenLeftOut)) return false;
    if (key === "regionId" && value === regionId) return false;
    return accepts.violations(value, key).length === 0;
  });
  return Object.fromEntries(worthWriting.map((key) => [key, state[key]])) as Partial<Args>;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);
