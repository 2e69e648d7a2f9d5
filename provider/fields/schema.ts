import type { Field, OutputField } from "./fields";
import type { ValueType } from "./rules";

/** A part of a Pulumi package schema (https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/). */
export type Schema = { readonly [key: string]: unknown };

/** What the schema shows of an argument. */
export type DescribedField = Pick<
  Field<never>,
  "accepts" | "change" | "required" | "computed" | "default" | "summary"
> & {
  readonly secret?: true;
};

/** What is needed of a resource or a function to describe it to Pulumi. */
export interface Described {
  /** The last part of the token: `CustomImage`. */
  readonly type: string;
  readonly fields: Readonly<Record<string, DescribedField>>;
  readonly outputs: Readonly<Record<string, OutputField>>;
}

export interface ResourceSchema {
  readonly resource: Schema;
  /** The objects and enums that its properties refer to, by token. */
  readonly types: Readonly<Record<string, Schema>>;
}

/** A resource as the schema has it. Arguments are outputs as well, with the values that the cloud has. */
export function resourceSchema(
  { type, fields, outputs }: Described,
  packageName: string,
  about: Schema,
): ResourceSchema {
  const types: Record<string, Schema> = {};
  const named = namer(packageName, type, types);
  const args = Object.keys(fields).filter((key) => !fields[key]!.computed);
  const inputProperties = Object.fromEntries(args.map((key) => [key, inputSchema(key, fields[key]!, named)]));
  const argProperties = Object.keys(fields).map((key) => [
    key,
    { ...typeSchema(fields[key]!.accepts.type, key, named, "output"), description: fields[key]!.summary },
  ]);
  const outputProperties = Object.entries(outputs).map(([key, { type: valueType, summary }]) => [
    key,
    { ...typeSchema(valueType, key, named, "output"), description: summary },
  ]);
  const resource = {
    ...about,
    inputProperties,
    ...unlessEmpty(
      "requiredInputs",
      args.filter((key) => fields[key]!.required),
    ),
    properties: Object.fromEntries([...argProperties, ...outputProperties]),
    ...unlessEmpty("required", [
      ...Object.keys(fields).filter((key) => fields[key]!.required || fields[key]!.default !== undefined),
      ...Object.keys(outputs).filter((key) => !outputs[key]!.optional),
    ]),
  };
  return { resource, types };
}

/** The arguments of a function, or of the provider. */
export function argumentsSchema(
  { type, fields }: Pick<Described, "type" | "fields">,
  packageName: string,
): { readonly properties: Schema; readonly required: string[]; readonly types: Record<string, Schema> } {
  const types: Record<string, Schema> = {};
  const named = namer(packageName, type, types);
  const properties = Object.keys(fields).map((key) => [key, inputSchema(key, fields[key]!, named)]);
  return {
    properties: Object.fromEntries(properties),
    required: Object.keys(fields).filter((key) => fields[key]!.required),
    types,
  };
}

function inputSchema(key: string, field: DescribedField, named: Namer): Schema {
  const { accepts, change, summary } = field;
  const whenLeftOut = field.default === undefined ? "" : ` Default: \`${JSON.stringify(field.default)}\`.`;
  return {
    ...typeSchema(accepts.type, key, named, "input"),
    description: `${summary} Accepted: ${accepts.expects}.${whenLeftOut}`,
    ...(change === "replace" && { willReplaceOnChanges: true }),
    ...(field.secret && { secret: true }),
  };
}

/** Adds a type to the schema, and gives the reference to it. */
type Namer = (key: string, schema: Schema) => Schema;

function namer(packageName: string, owner: string, types: Record<string, Schema>): Namer {
  return (key, schema) => {
    const token = `${packageName}:index:${owner}${capitalized(key)}`;
    types[token] = schema;
    return { $ref: `#/types/${token}` };
  };
}

/**
 * The schema of a value. An enum is offered to inputs, beside any other text: the check explains better what is accepted, and the cloud may
 * learn new values. What the cloud answers is text.
 */
function typeSchema(value: ValueType, key: string, named: Namer, side: "input" | "output"): Schema {
  switch (value.type) {
    case "any":
      return { $ref: "pulumi.json#/Any" };
    case "array":
      return { type: "array", items: typeSchema(value.items, singular(key), named, side) };
    case "map":
      return { type: "object", additionalProperties: typeSchema(value.values, singular(key), named, side) };
    case "object":
      return named(key, {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(value.properties).map(([name, part]) => [
            name,
            {
              ...typeSchema(part, name, named, "input"),
              ...(part.description !== undefined && { description: part.description }),
            },
          ]),
        ),
        ...unlessEmpty("required", value.required),
      });
    case "string":
      if (value.values === undefined || side === "output") return { type: "string" };
      return { type: "string", oneOf: [{ type: "string" }, named(key, enumSchema(value.values))] };
    default:
      return { type: value.type };
  }
}

/** Pulumi prints a schema without empty lists. */
const unlessEmpty = (key: string, list: readonly string[]): Schema => (list.length === 0 ? {} : { [key]: [...list] });

/** Of spellings that differ in upper and lower case alone, the first: the names of the others would clash in Python. */
const enumSchema = (values: readonly string[]): Schema => ({
  type: "string",
  enum: [...new Map([...values].reverse().map((value) => [value.toLowerCase(), value])).values()]
    .reverse()
    .map((value) => ({ name: identifierOf(value), value })),
});

/** `Windows Server 2022` is `WindowsServer2022`, `x86_64` is `X86_64`. */
const identifierOf = (value: string): string =>
  value
    .split(/[^A-Za-z0-9_]+/)
    .map(capitalized)
    .join("");
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const singular = (key: string): string => key.replace(/s$/, "");
