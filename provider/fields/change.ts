import { type Fields, keysOf, matches } from "./fields";

/** What has to change to get from the recorded arguments to the wanted ones. */
export type Change<Args> =
  | { readonly kind: "none" }
  | { readonly kind: "update"; readonly changed: (keyof Args & string)[] }
  | { readonly kind: "replace"; readonly because: (keyof Args & string)[] };

/**
 * Compares field by field. The strongest effect wins: replace, update, none. An unknown value counts as changed.
 * `isUnseen` tells which arguments of an adopted resource the cloud does not show: for these, the program's value is
 * only recorded.
 */
export function changeBetween<Args>(
  fields: Fields<Args>,
  have: Partial<Args>,
  want: Partial<Args>,
  isUnseen: (key: keyof Args & string) => boolean = () => false,
): Change<Args> {
  const changed = keysOf(fields).filter((key) => fields[key].change !== "nothing" && !matches(fields, have, want, key));
  const because = changed.filter((key) => fields[key].change === "replace" && !isUnseen(key));
  if (because.length > 0) return { kind: "replace", because };
  return changed.length > 0 ? { kind: "update", changed } : { kind: "none" };
}

/** Arguments that the program gave before and no longer gives, with the values to which they return. */
export const removedArguments = <Args>(
  fields: Fields<Args>,
  want: Partial<Args>,
  given: readonly string[],
): Partial<Args> =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      given.includes(key) && want[key] == null && fields[key].leftOut !== undefined ? [[key, fields[key].leftOut]] : [],
    ),
  ) as Partial<Args>;
