// Converts the example of each resource to the languages of the SDKs, with Pulumi's own converter: the YAML program
// provider/resources/<type>/example.yaml becomes examples.md, which `npm run generate` puts into the schema.
//   node scripts/examples.mjs [--check]     --check lists outdated files, and exits with 1 if there are any
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { languageTools, registryTools } from "./language-tools.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const resources = path.join(root, "provider/resources");
const schema = path.join(root, "provider/hosts/native/schema.json");

const say = (line) => console.error(line);
const [newest, registry] = await Promise.all([languageTools(say), registryTools(say)]);

/** Per language: its name in Markdown, its name in the converter, and the program that contains the converter. */
const LANGUAGES = [
  ["typescript", "nodejs", newest],
  ["python", "python", newest],
  ["go", "go", newest],
  ["csharp", "dotnet", registry],
  ["java", "java", registry],
];
const block = (language, code) => `\`\`\`${language}\n${code.trimEnd()}\n\`\`\``;

/** The converter for Java puts every package under Pulumi's own name; this puts ours under our name. */
const inOurPackage = (code) =>
  code.replaceAll("com.pulumi.alicloudimage", "io.github.pulumialicloudimage.alicloudimage");

async function examples(yaml) {
  const folder = await mkdtemp(path.join(tmpdir(), "example-"));
  try {
    await writeFile(path.join(folder, "Pulumi.yaml"), `name: example\nruntime: yaml\n${yaml}`);
    const convert = async ([name, converter, { generator }]) => {
      const { stdout } = await promisify(execFile)(generator, ["convert", schema, converter, folder]);
      return block(name, name === "java" ? inOurPackage(stdout) : stdout);
    };
    const converted = await Promise.all(LANGUAGES.map(convert));
    return `${[...converted, block("yaml", yaml)].join("\n\n")}\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const stale = [];
for (const type of await readdir(resources)) {
  const source = path.join(resources, type, "example.yaml");
  if (!existsSync(source)) continue;
  const target = path.join(resources, type, "examples.md");
  const text = await examples(await readFile(source, "utf8"));
  if (existsSync(target) && (await readFile(target, "utf8")) === text) continue;
  stale.push(path.relative(root, target));
  if (!process.argv.includes("--check")) await writeFile(target, text);
}
if (stale.length > 0) console.log(stale.join("\n"));
if (stale.length > 0 && process.argv.includes("--check")) {
  console.error("outdated: run npm run examples, then npm run generate");
  process.exitCode = 1;
}
