import { createRequire } from "node:module";
import { comment } from "./comment.mjs";

const require = createRequire(import.meta.url);
require("../../bench/typescript.cjs");
const { propertyDoc } = require("../../provider/fields/doc.ts");

const union = (values) => values.map((value) => JSON.stringify(value)).join(" | ");

/** The type of a value that a program gives. Its parts may be outputs of other resources. */
export function inputType(type) {
  switch (type.type) {
    case "string":
      return type.values ? union(type.values) : "string";
    case "integer":
      return "number";
    case "array":
      return `pulumi.Input<${inputType(type.items)}>[]`;
    case "map":
      return `Record<string, pulumi.Input<${inputType(type.values)}>>`;
    case "object":
      return type.name;
    default:
      return type.type === "any" ? "unknown" : type.type;
  }
}

/** The type of a value that the cloud returns, which may have values that are not known yet. */
export function outputType(type) {
  switch (type.type) {
    case "string":
      return type.values ? `${union(type.values)} | (string & {})` : "string";
    case "array": {
      const items = outputType(type.items);
      return items.includes(" ") ? `(${items})[]` : `${items}[]`;
    }
    case "map":
      return `Record<string, ${outputType(type.values)}>`;
    case "object":
      return type.outputName ?? type.name;
    default:
      return inputType(type);
  }
}

/** The object types in a type, the inner ones first. */
export function objectsIn(type) {
  if (type.type === "array") return objectsIn(type.items);
  if (type.type === "map") return objectsIn(type.values);
  if (type.type === "object") return [...Object.values(type.properties).flatMap(objectsIn), type];
  return [];
}

const isRequired = (type, name) => type.required.includes(name);

/** The interface of an object that a program gives. */
export const inputInterface = (type) =>
  interfaceOf(type, type.name, ([name, property]) => [
    comment(propertyDoc(property), { indent: "  " }),
    `  ${name}${isRequired(type, name) ? "" : "?"}: pulumi.Input<${inputType(property)}>;`,
  ]);

/** The interface of an object that the cloud returns. */
export const outputInterface = (type) =>
  interfaceOf(type, type.outputName ?? type.name, ([name, property]) => [
    comment(property.doc, { indent: "  " }),
    `  ${name}${isRequired(type, name) ? "" : "?"}: ${outputType(property)};`,
  ]);

const interfaceOf = (type, name, member) =>
  [
    comment(type.doc),
    `export interface ${name} {`,
    ...Object.entries(type.properties).flatMap((entry) => member(entry)),
    "}",
  ].join("\n");
