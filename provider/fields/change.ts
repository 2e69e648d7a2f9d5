import { type Fields, keysOf, matches } from "./fields";

/** What must happen to turn what we have into what is wanted. */
export type Change<Args> =
  | { readonly kind: "none" }
  | { readonly kind: "update"; readonly changed: (keyof Args & string)[] }
  | { readonly kind: "replace"; readonly because: (keyof Args & string)[] };

/**
 * Compares field by field; the strongest effect wins: replace, update, none. An unknown value counts as changed.
 * `isUnseen` are arguments of something adopted that nothing shows: what the program says of them is only recorded.
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

/** What the arguments go back to that the program gave the last time and no longer gives. */
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
