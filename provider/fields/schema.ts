// Makes the parts of the Pulumi package schema from fields.

import { choices } from "./choices";
import { argumentDoc, propertyDoc } from "./doc";
import type { Documented, Field, OutputField } from "./fields";
import type { ObjectType, ValueType } from "./rules";

/** A part of a Pulumi package schema (https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/). */
export type Schema = { readonly [key: string]: unknown };

/** An argument with what the schema shows. */
export type DescribedField = Documented &
  Pick<Field<never>, "accepts" | "change" | "required" | "computed" | "default"> & {
    readonly secret?: true;
    /** Environment variables from which generated SDKs take the value of an explicit provider. */
    readonly environment?: readonly string[];
  };

/** What describes a resource or a function to Pulumi. */
export interface Described {
  /** The last part of the token: `CustomImage`. */
  readonly type: string;
  /** The sentence for arguments whose change replaces. */
  readonly replacing: string;
  readonly fields: Readonly<Record<string, DescribedField>>;
  readonly outputs: Readonly<Record<string, OutputField>>;
}

export interface ResourceSchema {
  readonly resource: Schema;
  /** The objects and enums to which its properties refer, by token. */
  readonly types: Readonly<Record<string, Schema>>;
}

/** The schema of a resource. Arguments are outputs, too, with the values in the cloud. */
export function resourceSchema(
  { type, replacing, fields, outputs }: Described,
  packageName: string,
  about: Schema,
): ResourceSchema {
  const types: Record<string, Schema> = {};
  const named = namer(packageName, type, types);
  const args = Object.keys(fields).filter((key) => !fields[key]!.computed);
  const inputProperties = Object.fromEntries(
    args.map((key) => [key, inputSchema(key, fields[key]!, replacing, named)]),
  );
  const argProperties = Object.keys(fields).map((key) => [
    key,
    {
      ...typeSchema(fields[key]!.accepts.type, key, named, "output"),
      description: fields[key]!.output ?? fields[key]!.doc,
    },
  ]);
  const outputProperties = Object.entries(outputs).map(([key, { type: valueType, doc }]) => [
    key,
    { ...typeSchema(valueType, key, named, "output"), description: doc },
  ]);
  const resource = {
    ...about,
    inputProperties,
    ...unlessEmpty(
      "requiredInputs",
      args.filter((key) => fields[key]!.required),
    ),
    properties: Object.fromEntries([...argProperties, ...outputProperties]),
    ...(inputProperties["regionId"] !== undefined && aboutGet(inputProperties["regionId"])),
    ...unlessEmpty("required", [
      ...Object.keys(fields).filter((key) => hasOutput(fields[key]!)),
      ...Object.keys(outputs).filter((key) => !outputs[key]!.optional),
    ]),
  };
  return { resource, types };
}

/** The arguments of `get` besides the id. */
const aboutGet = (regionId: Schema): Schema => ({
  stateInputs: {
    type: "object",
    description: "Where it is.",
    properties: { regionId: { type: "string", description: regionId["description"] } },
  },
});

/** The arguments of a function, or of the provider. */
export function argumentsSchema(
  { type, fields }: Pick<Described, "type" | "fields">,
  packageName: string,
): { readonly properties: Schema; readonly required: string[]; readonly types: Record<string, Schema> } {
  const types: Record<string, Schema> = {};
  const named = namer(packageName, type, types);
  const properties = Object.keys(fields).map((key) => [key, inputSchema(key, fields[key]!, "", named)]);
  return {
    properties: Object.fromEntries(properties),
    required: Object.keys(fields).filter((key) => fields[key]!.required),
    types,
  };
}

/** Whether the output with this name always has a value. */
export const hasOutput = ({ required, always, default: whenLeftOut }: DescribedField): boolean =>
  required === true || always === true || whenLeftOut !== undefined;

function inputSchema(key: string, field: DescribedField, replacing: string, named: Namer): Schema {
  return {
    ...typeSchema(field.accepts.type, key, named, "input"),
    description: argumentDoc(field, replacing),
    ...(field.change === "replace" && { willReplaceOnChanges: true }),
    ...(field.secret && { secret: true }),
    ...(field.environment && { defaultInfo: { environment: [...field.environment] } }),
  };
}

/** Adds a type to the schema and returns the reference to it. */
interface Namer {
  object(type: ObjectType, schema: Schema): Schema;
  /** The enum of a property, which has no name of its own. */
  enum(key: string, schema: Schema): Schema;
}

function namer(packageName: string, owner: string, types: Record<string, Schema>): Namer {
  const add = (name: string, schema: Schema) => {
    const token = `${packageName}:index:${name}`;
    types[token] = schema;
    return { $ref: `#/types/${token}` };
  };
  return {
    object: ({ name }, schema) => add(name, schema),
    enum: (key, schema) => add(`${owner}${capitalized(key)}`, schema),
  };
}

/**
 * The schema of a value. Inputs get an enum, but also accept any other string: the check explains better what is
 * accepted, and the cloud may add values. Outputs are plain strings.
 */
function typeSchema(value: ValueType, key: string, named: Namer, side: "input" | "output"): Schema {
  switch (value.type) {
    case "any":
      return { $ref: "pulumi.json#/Any" };
    case "array":
      return { type: "array", items: typeSchema(value.items, singular(key), named, side) };
    case "map":
      return { type: "object", additionalProperties: typeSchema(value.values, singular(key), named, side) };
    case "union":
      return { oneOf: value.of.map((one) => typeSchema(one, key, named, side)) };
    case "object":
      return named.object(value, objectSchema(value, named));
    case "string":
      if (value.values === undefined || side === "output") return { type: "string" };
      return { type: "string", oneOf: [{ type: "string" }, named.enum(key, enumSchema(key, value.values))] };
    default:
      return { type: value.type };
  }
}

const objectSchema = ({ doc, properties, required }: ObjectType, named: Namer): Schema => ({
  type: "object",
  description: doc,
  properties: Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      { ...typeSchema(property, name, named, "input"), description: propertyDoc(property) },
    ]),
  ),
  ...unlessEmpty("required", required),
});

/** Pulumi prints a schema without empty lists. */
const unlessEmpty = (key: string, list: readonly string[]): Schema => (list.length === 0 ? {} : { [key]: [...list] });

/** Of values that differ only in case, the first: the names of the others would clash in Python. */
const enumSchema = (key: string, values: readonly string[]): Schema => ({
  type: "string",
  description: choices[key]?.doc,
  enum: [...new Map([...values].reverse().map((value) => [value.toLowerCase(), value])).values()]
    .reverse()
    .map((value) => ({ name: identifierOf(value), value, description: choices[key]?.values[value] })),
});

/** `Windows Server 2022` is `WindowsServer2022`, `x86_64` is `X86_64`. */
const identifierOf = (value: string): string =>
  value
    .split(/[^A-Za-z0-9_]+/)
    .map(capitalized)
    .join("");
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const singular = (key: string): string => key.replace(/s$/, "");
