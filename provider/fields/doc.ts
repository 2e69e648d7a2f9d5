// Makes the documentation of an argument from its field.

import type { ChangeEffect, Documented } from "./fields";
import type { PropertyType, Rule, ValueType } from "./rules";

/** The documentation of a resource type. */
export interface ResourceDoc {
  /** The first sentence is the summary in tables. Paragraphs are separated by empty lines. */
  readonly doc: string;
  /** About the arguments as a whole. */
  readonly args: string;
  /** The API action that creates it, as in the address of its page. */
  readonly action: string;
  /** The sentence for every argument whose change replaces the resource. */
  readonly replacing: string;
  /** A TypeScript example. */
  readonly example: string;
  /** Arguments of which exactly one must be given. */
  readonly exactlyOne?: readonly string[];
}

export const apiPage = (action: string): string =>
  `https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-${action.toLowerCase()}`;

type DocumentedField = Documented & {
  readonly accepts: Rule;
  readonly change: ChangeEffect;
  readonly default?: unknown;
  readonly required?: true;
  readonly leftOut?: unknown;
};

/** The full documentation of an argument: what it is, accepted values, default, effect of a change, errors. */
export const argumentDoc = (field: DocumentedField, replacing: string): string =>
  sentences(
    field.doc,
    acceptedSentence(field.accepts.type, field.accepts.expects),
    defaultSentence(defaultOf(field)),
    changeSentence(field, replacing),
    errorSentence(field.errors),
  );

/** The same for a property of an object. */
export const propertyDoc = (property: PropertyType): string =>
  sentences(property.doc, acceptedSentence(property, property.expects), defaultSentence(property.whenLeftOut));

const sentences = (...all: readonly (string | undefined)[]): string => all.filter(Boolean).join(" ");

/** The accepted values in the words of the check; undefined if the type is enough. */
export function acceptedOf(type: ValueType, expects: string | undefined): string | undefined {
  if (type.type === "boolean" || type.type === "any" || type.type === "object" || expects === undefined)
    return undefined;
  if (type.type === "array" && type.items.type === "any") return undefined;
  return type.type === "string" && type.values ? alternatives(type.values) : expects;
}

const acceptedSentence = (type: ValueType, expects: string | undefined) => {
  const accepted = acceptedOf(type, expects);
  const isPlainId = accepted !== undefined && /^the id of an? [\w ]+$/.test(accepted); // `doc` says as much
  return accepted === undefined || isPlainId ? undefined : `Must be ${accepted.replace(/:$/, "")}.`;
};

/** "`a`, `b` or `c`" */
function alternatives(values: readonly string[]): string {
  const quoted = values.map((value) => `\`${value}\``);
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

/** What leaving an argument out means; undefined if there is nothing to say. */
export const defaultOf = ({ whenLeftOut, default: value }: Omit<DocumentedField, "doc">): string | undefined =>
  whenLeftOut ?? (value === undefined ? undefined : `\`${JSON.stringify(value)}\``);

const defaultSentence = (whenLeftOut: string | undefined) =>
  whenLeftOut === undefined ? undefined : `Default: ${whenLeftOut}.`;

const changeSentence = ({ change, changing }: DocumentedField, replacing: string): string =>
  changing ??
  {
    replace: replacing,
    update: "It changes in place.",
    record: "A change is only recorded, for the delete.",
    nothing: "Used at the creation only: a change does nothing.",
  }[change];

const errorSentence = (errors: readonly string[] = []) =>
  errors.length === 0 ? undefined : `Error${errors.length > 1 ? "s" : ""}: ${errors.join(", ")}.`;
