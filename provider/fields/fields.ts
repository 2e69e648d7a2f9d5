import type { Rule, ValueType } from "./rules";
import { same } from "./same";
import { hasUnknown } from "./unknown";

/**
 * The effect of a changed value:
 * - `replace`: a new resource is created, then the old one is deleted;
 * - `update`: the resource is updated in place;
 * - `record`: only the state changes, because the value is used later (`forceDelete`);
 * - `nothing`: the value was used only at the creation.
 */
export type ChangeEffect = "replace" | "update" | "record" | "nothing";

/**
 * The documentation of an argument. `doc.ts` adds what follows from the rest of the field: accepted values, default,
 * effect of a change.
 */
export interface Documented {
  /** What the argument is and what it does, as Markdown. */
  readonly doc: string;
  /** What leaving it out means, if `default` does not say it: "the source's". */
  readonly whenLeftOut?: string | undefined;
  /** The sentence about a change, if it says more than the usual one for this effect. */
  readonly changing?: string;
  /** The API's error codes for values that pass the check. */
  readonly errors?: readonly string[];
  /** The documentation of the output; `doc` if left out. */
  readonly output?: string;
  /**
   * True if the output has a value even if the argument was left out. A required argument and one with a default always
   * have one.
   */
  readonly always?: true;
}

/**
 * Everything about one argument. Check, diff, requests, state, classes, schema and the tables of the README are derived
 * from it.
 */
export interface Field<Args> extends Documented {
  /** Accepted values, and their type. */
  readonly accepts: Rule;
  readonly change: ChangeEffect;
  readonly required?: true;
  /**
   * True if it is no argument: the check reads the value from the cloud. If it was never recorded, any value matches.
   */
  readonly computed?: true;
  /** The value of an omitted argument. Without a default, an omitted argument keeps the value in the cloud. */
  readonly default?: unknown;
  /**
   * For an argument that replaces and that the cloud may fill in: the value that omitting it asks for. If the program
   * gave the argument and omits it now, it returns to this value, by a replacement if it has another one. Without this,
   * the argument keeps its value.
   */
  readonly leftOut?: unknown;
  /**
   * The name of its parameter in the creating request, or a function that returns parameters. Absent: the request does
   * not have it.
   */
  readonly request?: string | ((value: never, args: Args) => object);
  /** The same for ModifyImageAttribute. */
  readonly attribute?: string | ((value: never) => object);
  /** Whether two given values mean the same; by default, whether they are equal. */
  same?(have: unknown, want: unknown, whole: { have: Partial<Args>; want: Partial<Args> }): boolean;
  /** True if the cloud never shows it. For an adopted resource, the program's first value is recorded. */
  readonly unshown?: true;
  /** True if its value may be secret: nothing that reveals the value leaves the state. */
  readonly mayBeSecret?: true;
}

export type Fields<Args> = { readonly [Key in keyof Required<Args> & string]: Field<Args> };

/** An output that is not an argument. */
export interface OutputField {
  readonly type: ValueType;
  /** True if it may be absent. */
  readonly optional?: true;
  /** What it is, in Markdown. */
  readonly doc: string;
}

/** The outputs of a resource besides its arguments. */
export type OutputFields<State, Args> = {
  readonly [Key in Exclude<keyof State, keyof Args> & string]-?: OutputField;
};

export const keysOf = <Args>(fields: Fields<Args>) => Object.keys(fields) as (keyof Args & string)[];

/**
 * The arguments whose values are fixed by the creation or by the program. An argument that is updated in place has its
 * value from the cloud.
 */
export const durableArgs = <Args>(fields: Fields<Args>, args: Partial<Args>): Partial<Args> =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      fields[key].change === "update" || args[key] === undefined ? [] : [[key, args[key]]],
    ),
  ) as Partial<Args>;

/** The wanted value of a field, or its default. */
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

/** The parameters of the creating request for these arguments. */
export const requestOf = <Args>(fields: Fields<Args>, args: Args): object =>
  Object.assign({}, ...keysOf(fields).map((key) => parametersOf(fields[key].request, args[key], args)));

/** The parameters of ModifyImageAttribute for the changed arguments. */
export const attributesOf = <Args>(fields: Fields<Args>, args: Args, changed: readonly string[]): object =>
  Object.assign(
    {},
    ...keysOf(fields)
      .filter((key) => changed.includes(key))
      .map((key) => parametersOf(fields[key].attribute, wantedOf(fields, args, key), args)),
  );
