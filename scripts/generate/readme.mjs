// The sections of the resources in the README, each below its heading.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
require("../../bench/typescript.cjs");
const { acceptedOf, defaultOf } = require("../../provider/fields/doc.ts");

const effects = { replace: "replaces", update: "in place", record: "state only", nothing: "no effect" };

const argumentsOf = ({ fields }) => Object.entries(fields).filter(([, { computed }]) => !computed);
const outputsOf = ({ fields, outputs }) => [
  ...Object.keys(fields).filter((key) => fields[key].computed),
  ...Object.keys(outputs),
];
const listed = (names) => names.map((name) => `\`${name}\``).join(", ");
const firstSentence = (text) => /^.*?\.(?=\s|$)/s.exec(text)[0].replaceAll("\n", " ");

/** What is accepted, in the words of the check; for an object, its properties. */
function accepted({ type, expects }) {
  const items = type.type === "array" ? type.items : type;
  const keys = items.type === "object" ? `\`{ ${Object.keys(items.properties).join(", ")} }\`` : undefined;
  const own = acceptedOf(type, expects);
  return [own, keys].filter(Boolean).join(", each ") || { boolean: "`true`, `false`", array: "any list" }[type.type];
}

const row = ([name, field]) =>
  `| ${[
    `\`${name}\`${field.required ? " (required)" : ""}`,
    firstSentence(field.doc),
    accepted(field.accepts),
    defaultOf(field) ?? "",
    effects[field.change],
  ].join(" | ")} |`;

/** The table of a resource. Arguments that `base` has too are only named. */
function section(type, base) {
  const known = base?.fields ?? {};
  const all = argumentsOf(type);
  const isCommon = ([name, field]) => known[name] !== undefined && row([name, known[name]]) === row([name, field]);
  const [common, own] = [all.filter(isCommon), all.filter((entry) => !isCommon(entry))];
  const outputs = outputsOf(type).filter((name) => base?.outputs[name] === undefined);
  return [
    firstSentence(type.about.doc),
    ...(base ? [`Other arguments, as of \`${base.type}\`: ${listed(common.map(([name]) => name))}.`] : []),
    ...(outputs.length > 0
      ? [`Outputs besides the arguments: ${base ? `those of \`${base.type}\`, and ` : ""}${listed(outputs)}.`]
      : []),
    "",
    "| argument | meaning | must be | default | a change |",
    "| --- | --- | --- | --- | --- |",
    ...own.map(row),
  ].join("\n");
}

/** The README with current sections. Of every other image, only what differs from a `CustomImage` is described. */
export function withTables(readme, resourceTypes) {
  const base = resourceTypes.find(({ type }) => type === "CustomImage");
  return resourceTypes.reduce((text, type) => {
    const heading = `### ${type.type}\n`;
    const at = text.indexOf(heading) + heading.length;
    if (at < heading.length) throw new Error(`README.md has no heading ${heading}`);
    const table = section(type, type !== base && type.outputs.imageId ? base : undefined);
    return `${text.slice(0, at)}\n${table}\n${text.slice(text.indexOf("\n##", at))}`;
  }, readme);
}
