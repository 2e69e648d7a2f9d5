// Prepares a fresh clone: packages, build, engine. Does only what is missing, so npm runs it before the tests.
//   node scripts/setup.mjs [--for-demo]     skips what only the tests need: the browser and Python
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { browser } from "./browser.mjs";
import { engine } from "./engine.mjs";
import { languageTools, programTest, pythonTools } from "./language-tools.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => path.join(root, ...parts);
const readJson = async (file) => JSON.parse(await readFile(file, "utf8"));

/** Whether npm's record of node_modules agrees with the lock file. Packages for other platforms may be missing. */
async function packagesAreInstalled() {
  const [wanted, present] = await Promise.all([
    readJson(inRoot("package-lock.json")),
    readJson(inRoot("node_modules", ".package-lock.json")).catch(() => undefined),
  ]);
  return (
    present !== undefined &&
    Object.entries(wanted.packages).every(
      ([place, { version, optional }]) =>
        place === "" || (present.packages[place] ? present.packages[place].version === version : optional),
    )
  );
}

/** Yarn and pnpm set `npm_execpath` to themselves. */
function npm(...args) {
  const script = process.env.npm_execpath;
  const direct = script && path.basename(script).startsWith("npm-cli");
  return direct
    ? run(process.execPath, [script, ...args])
    : run(process.platform === "win32" ? "npm.cmd" : "npm", args);
}

async function packages() {
  if (await packagesAreInstalled()) return "as in the lock file";
  await npm("ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund");
  return "installed";
}

const stamp = inRoot("dist", ".built-from");

async function sources() {
  const { include } = await readJson(inRoot("tsconfig.build.json"));
  const folders = await Promise.all(
    include.map((folder) => readdir(inRoot(folder), { recursive: true, withFileTypes: true })),
  );
  const files = folders
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return [...files, inRoot("tsconfig.json"), inRoot("tsconfig.build.json")].sort();
}

async function build() {
  const files = await sources();
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  const now = {
    files: files.map((file) => path.relative(root, file)),
    hash: createHash("sha256").update(JSON.stringify(times)).digest("hex"),
  };
  const before = await readJson(stamp).catch(() => ({ files: [], hash: "" }));
  if (JSON.stringify(before) === JSON.stringify(now)) return "up to date";

  const gone = before.files.some((file) => !now.files.includes(file));
  // otherwise what was built from a deleted file would be published
  if (gone) await rm(inRoot("dist"), { recursive: true, force: true });
  await run(process.execPath, [inRoot("scripts", "build.mjs")]);
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, JSON.stringify(now));
  return "built";
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${path.basename(args[0] ?? command)} ${args.slice(1).join(" ")} ended with ${code}`)),
    );
  });
}

async function step(name, does) {
  const startedAt = performance.now();
  const outcome = await does();
  console.log(`${name.padEnd(9)} ${outcome} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}

try {
  await step("packages", packages);
  await step("build", build);
  await step("engine", async () => {
    const { version, how, command } = await engine((line) => console.log(`${"".padEnd(9)} ${line}`));
    return `Pulumi ${version}, ${how}: ${command}`;
  });
  const say = (line) => console.log(`${"".padEnd(9)} ${line}`);
  const optional = (tools, languages) =>
    tools.catch((error) => `not available, so no test runs a program in ${languages}: ${error.message}`);
  await step("languages", () =>
    optional(
      languageTools(say).then(({ folder }) => folder),
      "YAML, Go or Python",
    ),
  );
  if (process.argv.includes("--for-demo")) process.exit();
  const library = () =>
    programTest(say).catch((error) => `not available, so Pulumi's own test library is not run: ${error.message}`);
  if (process.env["CRASH_SWEEP"] === "full") await step("library", library);
  await step("browser", () =>
    browser(say).then(
      ({ how, command }) => `${how}: ${command}`,
      (error) => `not available, so the emulator's page is not tested: ${error.message}`,
    ),
  );
  await step("python", () => optional(pythonTools(say), "Python"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
