import type { Rule } from "./rules";
import { same } from "./same";

/**
 * What a changed value costs:
 * - `replace`: a new thing is made, then the old one goes;
 * - `update`: the thing is changed where it stands;
 * - `record`: only the state changes, since the value matters later (`forceDelete`);
 * - `nothing`: it mattered at the creation alone.
 */
export type ChangeEffect = "replace" | "update" | "record" | "nothing";

/** All there is to say about one argument. Check, diff, requests, outputs and the README's tables read this and nothing else. */
export interface Field<Args> {
  readonly accepts: Rule;
  readonly change: ChangeEffect;
  readonly required?: true;
  /** Not an argument: the check notes it down from the cloud. Where nothing was noted before, anything is right. */
  readonly computed?: true;
  /** What leaving it out means. Without it, an argument left out keeps the value that the cloud has. */
  readonly default?: unknown;
  /** Whether two values of it, both given, mean the same; structural equality unless said otherwise. */
  same?(have: unknown, want: unknown, whole: { have: Partial<Args>; want: Partial<Args> }): boolean;
  /** One sentence for the reader of the README. */
  readonly summary: string;
}

export type Fields<Args> = { readonly [Key in keyof Required<Args> & string]: Field<Args> };

export const keysOf = <Args>(fields: Fields<Args>) => Object.keys(fields) as (keyof Args & string)[];

/** The arguments that hold by the creation or by being asked for. Of one that is changed in place only the cloud can say that it holds. */
export const durableArgs = <Args>(fields: Fields<Args>, args: Partial<Args>): Partial<Args> =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      fields[key].change === "update" || args[key] === undefined ? [] : [[key, args[key]]],
    ),
  ) as Partial<Args>;

/** What is wanted of a field, once what leaving it out means is filled in. */
export const wantedOf = <Args>(fields: Fields<Args>, want: Partial<Args>, key: keyof Args & string): unknown =>
  want[key] ?? fields[key].default;

/** Whether the field stands as it is wanted. An argument left out wants nothing. */
export function matches<Args>(
  fields: Fields<Args>,
  have: Partial<Args>,
  want: Partial<Args>,
  key: keyof Args & string,
): boolean {
  const wanted = wantedOf(fields, want, key);
  if (wanted === undefined) return true;
  const held = have[key] ?? fields[key].default;
  if (held === undefined) return fields[key].computed === true;
  return fields[key].same ? fields[key].same(held, wanted, { have, want }) : same(held, wanted);
}
