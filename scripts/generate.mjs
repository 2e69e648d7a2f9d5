// Writes what follows from the fields and documentation of the resources (provider/resources/*/args.ts):
// the classes for programs, the package schema and the tables of the README.
//   node scripts/generate.mjs            writes the files
//   node scripts/generate.mjs --check    lists those that are not current, and exits with 1 if there are any
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { programFiles } from "./generate/program.mjs";
import { withTables } from "./generate/readme.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
require("../bench/typescript.cjs");
const { resourceTypes } = require("../provider/hosts/native/package.ts");
const { packageSchema } = require("../provider/hosts/native/package-schema.ts");
const { goldenImageDoc, goldenImageFields } = require("../provider/resources/golden-image/args.ts");
const { imageFields, imageOutputs } = require("../provider/resources/images/args.ts");

const read = (file) => readFileSync(path.join(root, file), "utf8");
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
const files = {
  ...Object.fromEntries(Object.entries(program).map(([file, code]) => [file, formatted(file, code)])),
  "provider/hosts/native/schema.json": `${JSON.stringify(packageSchema(), undefined, 2)}\n`,
  "README.md": withTables(read("README.md"), resourceTypes),
};

const stale = Object.keys(files).filter((file) => files[file] !== read(file));
if (!process.argv.includes("--check")) {
  for (const file of stale) writeFileSync(path.join(root, file), files[file]);
  console.log(stale.length === 0 ? "everything is current" : stale.join("\n"));
} else if (stale.length > 0) {
  console.error(`not current: ${stale.join(", ")}; run npm run generate`);
  process.exitCode = 1;
}
