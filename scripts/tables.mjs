// Writes the sections of the resources in the README, each below its heading, from the fields and outputs that the resources declare.
//   node scripts/tables.mjs            writes them
//   node scripts/tables.mjs --check    exits with 1 if the README is not current
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
require("../bench/typescript.cjs");
const { resourceTypes } = require("../provider/hosts/native/package.ts");

const file = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "README.md");
const effects = { replace: "replaces", update: "in place", record: "state only", nothing: "no effect" };

const argumentsOf = ({ fields }) => Object.entries(fields).filter(([, { computed }]) => !computed);
const outputsOf = ({ fields, outputs }) => [
  ...Object.keys(fields).filter((key) => fields[key].computed),
  ...Object.keys(outputs),
];
const listed = (names) => names.map((name) => `\`${name}\``).join(", ");

function row([name, { summary, change, required, default: whenLeftOut }]) {
  const meaning = whenLeftOut === undefined ? summary : `${summary} Default: \`${JSON.stringify(whenLeftOut)}\`.`;
  return `| \`${name}\`${required ? " (required)" : ""} | ${meaning} | ${effects[change]} |`;
}

/** The table of a resource. Arguments that it has in common with `base` are only named. */
function section(type, base) {
  const known = base?.fields ?? {};
  const all = argumentsOf(type);
  const isCommon = ([name, { summary }]) => known[name]?.summary === summary;
  const [common, own] = [all.filter(isCommon), all.filter((entry) => !isCommon(entry))];
  const outputs = outputsOf(type).filter((name) => base?.outputs[name] === undefined);
  const asBase = common.map(([name]) => name);
  return [
    type.summary,
    ...(base ? [`Other arguments, as of \`${base.type}\`: ${listed(asBase)}.`] : []),
    ...(outputs.length > 0
      ? [`Outputs besides the arguments: ${base ? `those of \`${base.type}\`, and ` : ""}${listed(outputs)}.`]
      : []),
    "",
    "| argument | meaning | a change |",
    "| --- | --- | --- |",
    ...own.map(row),
  ].join("\n");
}

const base = resourceTypes.find(({ type }) => type === "CustomImage");
/** Other images are described by what differs from a `CustomImage`. */
const table = (type) => section(type, type !== base && type.outputs.imageId ? base : undefined);

const present = await readFile(file, "utf8");
const current = resourceTypes.reduce((text, type) => {
  const heading = `### ${type.type}\n`;
  const at = text.indexOf(heading) + heading.length;
  if (at < heading.length) throw new Error(`README.md has no heading ${heading}`);
  return `${text.slice(0, at)}\n${table(type)}\n${text.slice(text.indexOf("\n##", at))}`;
}, present);

if (!process.argv.includes("--check")) await writeFile(file, current);
else if (current !== present) {
  console.error("README.md is not current: npm run tables");
  process.exitCode = 1;
}
