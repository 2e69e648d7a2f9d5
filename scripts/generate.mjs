// Writes what follows from the fields and documentation of the resources (provider/resources/*/args.ts): the classes
// for programs, the package schema, the pages of the Pulumi Registry and the tables of the README. Also writes the
// values of package.json that the code needs.
//   node scripts/generate.mjs            writes the files
//   node scripts/generate.mjs --check    lists outdated files, and exits with 1 if there are any
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const isCheck = process.argv.includes("--check");
const read = (file) => readFileSync(path.join(root, file), "utf8");
const stale = [];
function output(file, text) {
  if (existsSync(path.join(root, file)) && read(file) === text) return;
  stale.push(file);
  if (!isCheck) writeFileSync(path.join(root, file), text);
}

// Must come first, because the sources that are loaded below import it.
const { version, engines } = JSON.parse(read("package.json"));
output(
  "provider/release.ts",
  `// Generated from package.json by \`npm run generate\`.

/** The version of this package. */
export const VERSION = "${version}";
/** The oldest Node.js that it runs on. */
export const OLDEST_NODE = "${engines.node.replace(/^>=/, "")}";
`,
);

const require = createRequire(import.meta.url);
require("../bench/typescript.cjs");
const { programFiles } = await import("./generate/program.mjs");
const { registryPages } = await import("./generate/registry.mjs");
const { withTables } = await import("./generate/readme.mjs");
const { resourceTypes } = require("../provider/hosts/native/package.ts");
const { providerArguments } = require("../provider/hosts/native/configuration.ts");
const { packageSchema } = require("../provider/hosts/native/package-schema.ts");
const { goldenImageDoc, goldenImageFields } = require("../provider/resources/golden-image/args.ts");
const { imageFields, imageOutputs } = require("../provider/resources/images/args.ts");

const biome = path.join(root, "node_modules/@biomejs/biome/bin/biome");
/** Formats the code and sorts its imports. */
const formatted = (file, code) =>
  execFileSync(process.execPath, [biome, "check", "--write", `--stdin-file-path=${file}`], {
    cwd: root,
    input: code,
    encoding: "utf8",
  });

const golden = { ...goldenImageDoc, fields: goldenImageFields };
const program = programFiles({ resourceTypes, anyImage: { fields: imageFields, outputs: imageOutputs }, golden });
for (const [file, code] of Object.entries(program)) output(file, formatted(file, code));
const schema = packageSchema();
output("provider/hosts/native/schema.json", `${JSON.stringify(schema, undefined, 2)}\n`);
const examples = read("provider/resources/golden-image/examples.md");
for (const [file, text] of Object.entries(registryPages(schema, providerArguments, examples))) output(file, text);
output("README.md", withTables(read("README.md"), resourceTypes));

if (!isCheck) console.log(stale.length === 0 ? "everything is current" : stale.join("\n"));
else if (stale.length > 0) {
  console.error(`outdated: ${stale.join(", ")}; run npm run generate`);
  process.exitCode = 1;
}
