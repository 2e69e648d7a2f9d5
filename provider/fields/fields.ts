import type { Rule, ValueType } from "./rules";
import { same } from "./same";
import { hasUnknown } from "./unknown";

/**
 * What follows from a changed value:
 * - `replace`: a new resource is created, then the old one is deleted;
 * - `update`: the resource is updated in place;
 * - `record`: only the state changes, since the value matters later (`forceDelete`);
 * - `nothing`: the value mattered at the creation alone.
 */
export type ChangeEffect = "replace" | "update" | "record" | "nothing";

/**
 * What the documentation says of an argument. `doc.ts` adds what follows from the rest of the field: accepted values,
 * default, change effect.
 */
export interface Documented {
  /** What the argument is and what it does, as Markdown. */
  readonly doc: string;
  /** What leaving it out means, if `default` does not say it: "the source's". */
  readonly whenLeftOut?: string | undefined;
  /** The sentence about a change, if it says more than that of every field with this effect. */
  readonly changing?: string;
  /** The error codes with which the API refuses a value that the check accepts. */
  readonly errors?: readonly string[];
  /** What the output of this name is; `doc` unless it is given. */
  readonly output?: string;
  /**
   * The output has a value even if the argument was left out. It always has if the argument is required or has a
   * default.
   */
  readonly always?: true;
}

/**
 * Everything about one argument. Check, diff, requests, state, the classes, the schema and the tables of the README are
 * derived from it.
 */
export interface Field<Args> extends Documented {
  /** Accepted values, and their type. */
  readonly accepts: Rule;
  readonly change: ChangeEffect;
  readonly required?: true;
  /** Not an argument: the check reads it from the cloud. Where it was never recorded, any value matches. */
  readonly computed?: true;
  /** What leaving it out means. Without it, an argument that is left out keeps the value that the cloud has. */
  readonly default?: unknown;
  /**
   * Of an argument that replaces, and that the cloud may fill in: the value that leaving it out asks for. An argument
   * that the program gave and no longer gives goes back to it, by a replacement if it has another. Without it the
   * argument keeps its value.
   */
  readonly leftOut?: unknown;
  /**
   * Its parameter in the creating request, or the parameters that it becomes there. Absent: the request does not carry
   * it.
   */
  readonly request?: string | ((value: never, args: Args) => object);
  /** Its parameter in ModifyImageAttribute. */
  readonly attribute?: string | ((value: never) => object);
  /** Whether two given values mean the same; structural equality by default. */
  same?(have: unknown, want: unknown, whole: { have: Partial<Args>; want: Partial<Args> }): boolean;
  /** The cloud never shows it, so of what was adopted the program's first value holds. */
  readonly unshown?: true;
  /** Its value may be a secret, so nothing that reveals it leaves the state. */
  readonly mayBeSecret?: true;
}

export type Fields<Args> = { readonly [Key in keyof Required<Args> & string]: Field<Args> };

/** An output that is not an argument. */
export interface OutputField {
  readonly type: ValueType;
  /** It may be absent. */
  readonly optional?: true;
  /** What it is, as Markdown. */
  readonly doc: string;
}

/** The outputs of a resource besides its arguments. */
export type OutputFields<State, Args> = {
  readonly [Key in Exclude<keyof State, keyof Args> & string]-?: OutputField;
};

export const keysOf = <Args>(fields: Fields<Args>) => Object.keys(fields) as (keyof Args & string)[];

/**
 * The arguments whose values follow from the creation, or from being given. The value of one that is updated in place
 * comes from the cloud.
 */
export const durableArgs = <Args>(fields: Fields<Args>, args: Partial<Args>): Partial<Args> =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      fields[key].change === "update" || args[key] === undefined ? [] : [[key, args[key]]],
    ),
  ) as Partial<Args>;

/** What is wanted of a field, with its default filled in. */
const wantedOf = <Args>(fields: Fields<Args>, want: Partial<Args>, key: keyof Args & string): unknown =>
  want[key] ?? fields[key].default;

/** Whether a field has the wanted value. An omitted argument matches any value. */
export function matches<Args>(
  fields: Fields<Args>,
  have: Partial<Args>,
  want: Partial<Args>,
  key: keyof Args & string,
): boolean {
  const field = fields[key];
  const wanted = wantedOf(fields, want, key);
  if (wanted === undefined) return true;
  if (hasUnknown(wanted)) return false; // it may differ once it is known
  const present = have[key] ?? field.default;
  if (present === undefined) return field.computed === true;
  return field.same ? field.same(present, wanted, { have, want }) : same(present, wanted);
}

type Parameters = (value: never, args: never) => object;

const parametersOf = (target: string | Parameters | undefined, value: unknown, args: unknown): object => {
  if (target === undefined || value === undefined) return {};
  return typeof target === "string" ? { [target]: value } : target(value as never, args as never);
};

/** The parameters of the creating request that the arguments become. */
export const requestOf = <Args>(fields: Fields<Args>, args: Args): object =>
  Object.assign({}, ...keysOf(fields).map((key) => parametersOf(fields[key].request, args[key], args)));

/** The parameters of ModifyImageAttribute that the changed arguments become. */
export const attributesOf = <Args>(fields: Fields<Args>, args: Args, changed: readonly string[]): object =>
  Object.assign(
    {},
    ...keysOf(fields)
      .filter((key) => changed.includes(key))
      .map((key) => parametersOf(fields[key].attribute, wantedOf(fields, args, key), args)),
  );
