import type { Code } from "../codes";
import { refusal } from "./api-error";

/**
 * The rule of one parameter. `wrong` is the error code for an invalid value, and `missing` the code if a required
 * parameter is absent.
 */
interface Rule {
  readonly required?: boolean;
  readonly wrong?: Code;
  readonly missing?: Code;
}
export interface TextRule extends Rule {
  readonly kind: "text";
  readonly oneOf?: readonly string[];
  readonly matches?: RegExp;
  /** The least and the greatest number of characters. */
  readonly length?: readonly [number, number];
  /** Whether an empty value is different from none. */
  readonly emptyCounts?: boolean;
  /** Older names that are still accepted. */
  readonly alias?: readonly string[];
}
export interface IntegerRule extends Rule {
  readonly kind: "integer";
  readonly range?: readonly [number, number];
}
export interface FlagRule extends Rule {
  readonly kind: "flag";
}
interface ListRule<T extends AnyRule = AnyRule> extends Rule {
  readonly kind: "list";
  readonly of: T;
  /** The largest N. */
  readonly atMost: number;
  readonly tooMany?: Code;
}
interface GroupRule<A extends Accepts = Accepts> extends Rule {
  readonly kind: "group";
  readonly of: A;
}
export type AnyRule = TextRule | IntegerRule | FlagRule | ListRule<any> | GroupRule<any>;
export type Accepts = { readonly [name: string]: AnyRule };

type Value<R> = R extends TextRule
  ? string
  : R extends IntegerRule
    ? number
    : R extends FlagRule
      ? boolean
      : R extends ListRule<infer Item>
        ? Value<Item>[]
        : R extends GroupRule<infer Members>
          ? Parsed<Members>
          : never;
type Maybe<R> = R extends { required: true }
  ? Value<R>
  : R extends { kind: "list" | "group" }
    ? Value<R>
    : Value<R> | undefined;
/** The parameters of an accepted request. Lists and groups that were left out are empty. */
export type Parsed<A extends Accepts> = { [K in keyof A]: Maybe<A[K]> };

export const text = <const R extends Omit<TextRule, "kind">>(rule: R = {} as R) => ({ kind: "text" as const, ...rule });
export const integer = <const R extends Omit<IntegerRule, "kind">>(rule: R = {} as R) => ({
  kind: "integer" as const,
  ...rule,
});
export const flag = <const R extends Omit<FlagRule, "kind">>(rule: R = {} as R) => ({ kind: "flag" as const, ...rule });
export const list = <T extends AnyRule>(
  of: T,
  atMost: number,
  rule: { required?: boolean; missing?: Code; tooMany?: Code; wrong?: Code } = {},
) => ({ kind: "list" as const, of, atMost, ...rule });
export const group = <A extends Accepts>(of: A) => ({ kind: "group" as const, of });

/**
 * Reads the flat parameters of a request (`Tag.1.Key=…`) by these rules. Throws the refusal of the first rule that is
 * violated, in the order of the rules.
 */
export function parsed<A extends Accepts>(accepts: A, params: Readonly<Record<string, string>>): Parsed<A> {
  return groupValue(accepts, treeOf(params), "") as Parsed<A>;
}

interface Tree {
  value?: string;
  readonly children: Map<string, Tree>;
}

function treeOf(params: Readonly<Record<string, string>>): Tree {
  const root: Tree = { children: new Map() };
  for (const [name, value] of Object.entries(params)) {
    let node = root;
    for (const part of name.split(".")) {
      let next = node.children.get(part);
      if (!next) node.children.set(part, (next = { children: new Map() }));
      node = next;
    }
    node.value = value;
  }
  return root;
}

function groupValue(accepts: Accepts, tree: Tree | undefined, prefix: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(accepts)) {
    const names = [name, ...((rule as TextRule).alias ?? [])];
    const found = names.map((n) => tree?.children.get(n)).find((node) => node !== undefined);
    values[name] = parameterValue(rule, found, prefix + name);
  }
  return values;
}

function parameterValue(rule: AnyRule, tree: Tree | undefined, name: string): unknown {
  if (rule.kind === "group") return groupValue(rule.of, tree, `${name}.`);
  if (rule.kind === "list") return listValue(rule, tree, name);
  const raw = tree?.value;
  // The gateway treats an empty parameter as absent.
  if (raw === undefined || (raw === "" && !(rule.kind === "text" && rule.emptyCounts))) {
    if (rule.required) throw missing(rule, name);
    return undefined;
  }
  const value = scalarValue(rule, raw);
  if (value === undefined) throw rule.wrong ? refusal(rule.wrong) : refusal("InvalidParameter", name);
  return value;
}

function listValue(rule: ListRule, tree: Tree | undefined, name: string): unknown[] {
  const given = [...(tree?.children.entries() ?? [])]
    .filter(([n]) => /^[1-9]\d*$/.test(n))
    .sort(([a], [b]) => Number(a) - Number(b));
  if (given.some(([n]) => Number(n) > rule.atMost))
    throw rule.tooMany
      ? refusal(rule.tooMany, `${name}.N: at most ${rule.atMost} are accepted.`)
      : refusal("InvalidParameter", `${name}.N`);
  if (given.length === 0 && rule.required) throw missing(rule, `${name}.1`);
  return given.map(([n, node]) => parameterValue(rule.of, node, `${name}.${n}`)).filter((value) => value !== undefined);
}

function scalarValue(rule: TextRule | IntegerRule | FlagRule, raw: string): string | number | boolean | undefined {
  if (rule.kind === "flag") return /^true$/i.test(raw) ? true : /^false$/i.test(raw) ? false : undefined;
  if (rule.kind === "integer") {
    const value = Number(raw);
    return /^-?\d+$/.test(raw) && (!rule.range || (value >= rule.range[0] && value <= rule.range[1]))
      ? value
      : undefined;
  }
  const characters = [...raw].length;
  const fits = !rule.length || (characters >= rule.length[0] && characters <= rule.length[1]);
  return fits && (!rule.oneOf || rule.oneOf.includes(raw)) && (!rule.matches || rule.matches.test(raw))
    ? raw
    : undefined;
}

const missing = (rule: Rule, name: string) =>
  rule.missing ? refusal(rule.missing, name) : refusal("MissingParameter", name);
