// Writes the Pulumi package schema from the fields of all resources: provider/hosts/native/schema.json.
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
require("../bench/typescript.cjs");
const { packageSchema } = require("../provider/hosts/native/package-schema.ts");

const file = path.join(root, "provider/hosts/native/schema.json");
await writeFile(file, `${JSON.stringify(packageSchema(), undefined, 2)}\n`);
console.log(file);
