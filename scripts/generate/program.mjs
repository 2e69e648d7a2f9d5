// The files of provider/program that declare the resource types.
import { createRequire } from "node:module";
import { comment } from "./comment.mjs";
import { inputInterface, inputType, objectsIn, outputInterface, outputType } from "./types.mjs";

const require = createRequire(import.meta.url);
require("../../bench/typescript.cjs");
const { apiPage, argumentDoc, propertyDoc } = require("../../provider/fields/doc.ts");
const { hasOutput } = require("../../provider/fields/schema.ts");

const HEADER = "// Generated from provider/resources by `npm run generate`.";
const paragraphs = (text) => text.split("\n\n");
const fileOf = (type) => `provider/program/${type.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.ts`;
const argumentsOf = (fields) => Object.entries(fields).filter(([, { computed }]) => !computed);
const code = (...parts) => `${parts.flat().filter(Boolean).join("\n\n")}\n`;

/** An argument in an interface. */
const argument = ([name, field], replacing, indent = "  ") =>
  [
    comment(argumentDoc(field, replacing), { indent }),
    `${indent}${name}${field.required ? "" : "?"}: pulumi.Input<${inputType(field.accepts.type)}>;`,
  ].join("\n");

/** An output in a class. */
const output = ([name, { type, doc, isThere }]) =>
  [
    comment(doc, { indent: "  " }),
    `  declare readonly ${name}: pulumi.Output<${outputType(type)}${isThere ? "" : " | undefined"}>;`,
  ].join("\n");

/** All properties of the class: the arguments and what the cloud adds. */
const outputsOf = ({ fields, outputs }) => [
  ...Object.entries(fields).map(([name, field]) => [
    name,
    { type: field.accepts.type, doc: field.output ?? field.doc, isThere: hasOutput(field) },
  ]),
  ...Object.entries(outputs).map(([name, { type, doc, optional }]) => [name, { type, doc, isThere: !optional }]),
];

/** Renders each entry of a table. Of entries with the same name, the last one wins. */
const rendered = (entries, render) => new Map(entries.map((entry) => [entry[0], render(entry)]));
/** The rendered entries of `all` that `base` lacks or renders differently. */
const beyond = (all, base) => [...all].filter(([name, text]) => base.get(name) !== text).map(([, text]) => text);
const unique = (types, nameOf) => [...new Map(types.map((type) => [nameOf(type), type])).values()];
const typesIn = (entries, typeOf) => entries.flatMap(([, entry]) => objectsIn(typeOf(entry)));

const inputsIn = (fields) =>
  unique(
    typesIn(argumentsOf(fields), ({ accepts }) => accepts.type),
    ({ name }) => name,
  );
const resultsIn = (described) =>
  unique(
    typesIn(outputsOf(described), ({ type }) => type),
    ({ name, outputName }) => outputName ?? name,
  );

export function programFiles({ resourceTypes, anyImage, golden }) {
  const files = { [ANY_IMAGE]: anyImageFile(anyImage, resourceTypes) };
  for (const type of resourceTypes)
    files[fileOf(type.type)] = type.outputs.imageId ? imageFile(type, anyImage) : resourceFile(type);
  return { ...files, "provider/program/golden-image-args.ts": goldenImageFile(golden, anyImage) };
}

const ANY_IMAGE = "provider/program/any-image.ts";
const OF_ANY_IMAGE = "A change replaces the image.";

function anyImageFile(anyImage, resourceTypes) {
  const shared = sharedResults(anyImage, resourceTypes);
  return code(
    HEADER,
    `import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./registration";`,
    inputsIn(anyImage.fields).map(inputInterface),
    [
      "/** The arguments that every kind of image has. */",
      "export interface AnyImageArgs {",
      ...argumentsOf(anyImage.fields).map((entry) => argument(entry, OF_ANY_IMAGE)),
      "}",
    ].join("\n"),
    shared.map(outputInterface),
    `/** The outputs that every kind of image has. */
export abstract class AnyImage extends DynamicResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    const { imageId: _sameAsId, ...others } = props; // Pulumi would assign it to the getter below
    super(type, name, others, opts);
  }

${outputsOf(anyImage)
  .map((entry) => (entry[0] === "imageId" ? imageIdGetter(entry[1].doc) : output(entry)))
  .join("\n")}
}`,
  );
}

const imageIdGetter = (doc) => `${comment(doc, { indent: "  " })}
  get imageId(): pulumi.Output<string> {
    return this.id;
  }`;

/** The object types of results that AnyImage has, or that more than one kind of image has. */
function sharedResults(anyImage, resourceTypes) {
  const nameOf = ({ name, outputName }) => outputName ?? name;
  const everywhere = resourceTypes.filter(({ outputs }) => outputs.imageId).flatMap(resultsIn);
  const often = everywhere.filter((type) => everywhere.filter((other) => nameOf(other) === nameOf(type)).length > 1);
  return unique([...resultsIn(anyImage), ...often], nameOf);
}

function imageFile(type, anyImage) {
  const common = rendered(argumentsOf(anyImage.fields), (entry) => argument(entry, OF_ANY_IMAGE));
  const own = rendered(argumentsOf(type.fields), (entry) => argument(entry, type.about.replacing));
  const missing = [...common.keys()].filter((name) => !own.has(name));
  const base =
    missing.length > 0 ? `Omit<AnyImageArgs, ${missing.map((name) => `"${name}"`).join(" | ")}>` : "AnyImageArgs";
  const inherited = new Set(resultsIn(anyImage).map(({ name, outputName }) => outputName ?? name));
  const isShared = ({ name, outputName }) => inherited.has(outputName ?? name);
  const results = resultsIn(type).filter((one) => !isShared(one));
  const local = results.filter(({ outputName }) => outputName !== "ImageDisk");
  const inputs = inputsIn(type.fields).filter(
    ({ name }) => !inputsIn(anyImage.fields).some((one) => one.name === name),
  );
  const members = beyond(rendered(outputsOf(type), output), rendered(outputsOf(anyImage), output));
  const written = [...members, ...[...own].filter(([name, text]) => common.get(name) !== text).map(([, text]) => text)];
  const elsewhere = [...inputsIn(anyImage.fields).map(({ name }) => name), ...inherited];
  const used = elsewhere.filter((name) => new RegExp(`\\b${name}\\b`).test(written.join("\n")));
  const imported = [...(results.length > local.length ? ["ImageDisk"] : []), ...used]
    .map((name) => `, type ${name}`)
    .join("");
  return code(
    HEADER,
    `import type * as pulumi from "@pulumi/pulumi";
import { AnyImage, type AnyImageArgs${imported} } from "./any-image";
import { type GetState, getArguments, isOfType, type Kind, options, properties, typeToken } from "./registration";`,
    inputs.map(inputInterface),
    argsDeclaration(type, base, new Map([...own].filter(([name, text]) => common.get(name) !== text))),
    local.map(outputInterface),
    kindOf(type),
    classOf(type, "AnyImage", [...members, getOf(type.type)], [timeoutsDoc(type), IMPORT_DOC]),
  );
}

function resourceFile(type) {
  const own = rendered(argumentsOf(type.fields), (entry) => argument(entry, type.about.replacing));
  return code(
    HEADER,
    `import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource, isOfType, type Kind, options, properties, typeToken } from "./registration";`,
    inputsIn(type.fields).map(inputInterface),
    argsDeclaration(type, undefined, own),
    resultsIn(type).map(outputInterface),
    kindOf(type),
    classOf(type, "DynamicResource", outputsOf(type).map(output), [timeoutsDoc(type)]),
  );
}

/** The interface of the arguments; a union of one per source where exactly one must be given. */
function argsDeclaration({ type, about, fields }, base, members) {
  const doc = comment(`${about.args} The API page is ${apiPage(about.action)}.`);
  const interfaceOf = (name, texts) =>
    `export interface ${name}${base ? ` extends ${base}` : ""} {\n${texts.join("\n")}\n}`;
  if (!about.exactlyOne) return `${doc}\n${interfaceOf(`${type}Args`, [...members.values()])}`;
  const rest = [...members].filter(([name]) => !about.exactlyOne.includes(name)).map(([, text]) => text);
  const sourceArgument = (name) => argument([name, fields[name]], about.replacing, IN_UNION);
  return code(
    `/** The arguments of a \`${type}\` besides its source. */\n${interfaceOf(`${type}Properties`, rest)}`,
    `/** The source of a \`${type}\`: exactly one of these. */
export type ${type}Source = ${exactlyOne(about.exactlyOne, sourceArgument)};`,
    `${doc}\nexport type ${type}Args = ${type}Properties & ${type}Source;`,
  ).trimEnd();
}

/** How far the formatter indents the members of a union's parts. */
const IN_UNION = "      ";

/** A union of object types, each with one of the keys and without the others. */
const exactlyOne = (keys, render, beside = () => []) =>
  keys
    .map((key) => {
      const others = keys.filter((other) => other !== key);
      return [
        "| {",
        render(key).replace(` ${key}?:`, ` ${key}:`),
        ...beside(key),
        ...others.flatMap((other) => [`  /** Not beside \`${key}\`. */`, `  ${other}?: undefined;`]),
        "}",
      ].join("\n");
    })
    .join("\n");

function kindOf(type) {
  const names = outputsOf(type).map(([name]) => name);
  const outputs = [...new Set(names)].filter((name) => !(type.outputs.imageId && name === "imageId"));
  return `const kind: Kind = {
  type: "${type.type}",
  entry: "${type.type.charAt(0).toLowerCase()}${type.type.slice(1)}",
  outputs: ${JSON.stringify(outputs)},
};`;
}

const classOf = (
  { type, about },
  base,
  members,
  constructorDoc,
) => `${comment(paragraphs(about.doc), { example: about.example })}
export class ${type} extends ${base} {
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = typeToken(kind);

${members.join("\n")}

  /** Whether a value is such a resource, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is ${type} {
    return isOfType(value, ${type}.__pulumiType);
  }

${comment(constructorDoc.join(" "), { indent: "  " })}
  constructor(name: string, args: ${type}Args, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}`;

const timeoutsDoc = ({ timeoutMinutes: minutes }) =>
  `\`opts.customTimeouts\` sets how long creating (${minutes} minutes), updating (${minutes}) and deleting ` +
  `(${minutes}) may take.`;

const IMPORT_DOC =
  "`opts.import` adopts an existing image by its id. Remove it after the first `pulumi up`: while it is set, " +
  "`--replace` adopts the same image again instead of creating another one.";

const getOf = (type) => `
  /** Reads an existing image by its id, from the stack's region. It is never updated and never deleted. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ${type};
  /** The same, from another region. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, state: GetState, opts?: pulumi.CustomResourceOptions): ${type};
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    stateOrOpts?: GetState | pulumi.CustomResourceOptions,
    last?: pulumi.CustomResourceOptions,
  ): ${type} {
    const { state, opts } = getArguments(stateOrOpts, last);
    return new ${type}(name, state as ${type}Args, { ...opts, id });
  }`;

/** The component's class is written by hand; its arguments are those of the resources in it. */
function goldenImageFile({ replacing, source, fields }) {
  const type = fields.source.accepts.type;
  const { exactlyOne: keys, only } = source;
  const beside = (name) => Object.keys(only).find((key) => only[key].includes(name));
  const property = (name, indent = IN_UNION) =>
    [
      comment(propertyDoc(type.properties[name]), { indent }),
      `${indent}${name}?: pulumi.Input<${inputType(type.properties[name])}>;`,
    ].join("\n");
  const rest = Object.keys(type.properties).filter((name) => !keys.includes(name) && !beside(name));
  const member = ([name, field]) =>
    ({
      source: `${comment(argumentDoc(field, replacing), { indent: "  " })}\n  source: GoldenImageSource;`,
      regions: `${comment(argumentDoc(field, replacing), { indent: "  " })}\n  regions?: string[];`,
      test: `${comment(argumentDoc(field, replacing), { indent: "  " })}\n  test?: ImageTest;`,
      copyTests:
        `${comment(argumentDoc(field, replacing), { indent: "  " })}\n  copyTests?: Record<string, ` +
        "ImageCopyTest>;",
      kmsKeyIds:
        `${comment(argumentDoc(field, replacing), { indent: "  " })}\n  kmsKeyIds?: Record<string, ` +
        "pulumi.Input<string>>;",
    })[name] ?? argument([name, field], replacing);
  return code(
    HEADER,
    `import type * as pulumi from "@pulumi/pulumi";
import type { ImageFeatures, ImageTest } from "./any-image";
import type { CustomImageDisk } from "./custom-image";
import type { ImportedImageDisk } from "./imported-image";`,
    `${comment(type.doc)}
export type GoldenImageSource = (
${exactlyOne(
  keys,
  (name) => property(name),
  (key) => (only[key] ?? []).map((name) => property(name)),
)}
) & {
${rest.map((name) => property(name, "  ")).join("\n")}
};`,
    inputInterface(fields.copyTests.accepts.type.values),
    `/** One image, for every region and account that needs it. */
export interface GoldenImageArgs {
${argumentsOf(fields).map(member).join("\n")}
}`,
  );
}
