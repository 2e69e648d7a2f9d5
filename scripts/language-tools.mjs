// Finds, or builds with Go, the tools for programs in other languages where only the Pulumi engine is installed:
// language hosts for YAML and Java, and what checks the package schema and writes SDKs and pages
// (language-tools/main.go). For Python, it makes a virtual environment with the Pulumi SDK.
//   node scripts/language-tools.mjs     prints their folder; what it does on the way goes to stderr
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cache, executable, NEWEST, obtain, run } from "./engine.mjs";

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "language-tools");

/**
 * Versions that the Go module proxy serves. pulumi-yaml and pulumi-java compile with the `pkg` that they name, and not
 * with every newer one. `sums` has what Go's checksum database may lack, from the go.sum of `pkg`.
 */
const newest = {
  name: "language-tools",
  main: "newest.go",
  modules: ["github.com/pulumi/pulumi/pkg/v3 v3.230.0", "github.com/pulumi/pulumi-yaml v1.32.0"],
  sums: "",
  programs: ["github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"],
  made: "the YAML language host and the SDK generator",
};
const last = {
  name: "registry-tools",
  main: "last.go",
  modules: [
    "github.com/pulumi/pulumi/pkg/v3 v3.143.0",
    "github.com/pulumi/pulumi-yaml v1.12.0",
    "github.com/pulumi/pulumi-java/pkg v0.19.0",
  ],
  sums: `github.com/pulumi/pulumi-java/pkg v0.19.0 h1:T9kkGUQJV7UTxenw08m3txsgQkNVnZZxvn1zCcNjaE8=
github.com/pulumi/pulumi-java/pkg v0.19.0/go.mod h1:YKYYFEb3Jvzf/dDJo0xOeEkIfBAMkkkdhXulauvEjmc=
`,
  programs: ["github.com/pulumi/pulumi-java/pkg/cmd/pulumi-language-java"],
  made: "the Java language host and the generator for .NET, Java and the registry",
};

/** The YAML language host, and what writes TypeScript, Python and Go. */
export const languageTools = (say) => built(newest, say);

/** The Java language host, and what writes .NET, Java and the pages of the registry. */
export const registryTools = (say) => built(last, say);

/** @returns {Promise<{ folder: string, generator: string }>} */
async function built(tools, say = () => {}) {
  const hash = createHash("sha256").update(JSON.stringify(tools));
  for (const file of ["main.go", tools.main]) hash.update(await readFile(path.join(source, file)));
  const home = path.join(cache, `${tools.name}-${hash.digest("hex").slice(0, 12)}`);
  const folder = path.join(home, "bin");
  const generator = path.join(folder, executable("language-tools"));
  await obtain(home, generator, (place) => build(place, tools, say));
  return { folder, generator };
}

async function build(place, { main, modules, sums, programs, made }, say) {
  await run("go", ["version"]).catch(() => {
    throw new Error(`there is no go on PATH to build ${made}`);
  });
  say(`building ${made} with Go: takes a minute or two, once`);
  for (const file of ["main.go", main]) await cp(path.join(source, file), path.join(place, file));
  const requires = modules.map((module) => `require ${module}\n`).join("");
  await writeFile(path.join(place, "go.mod"), `module language-tools\n\ngo 1.25\n\n${requires}`);
  await writeFile(path.join(place, "go.sum"), sums);
  const flags = ["-mod=mod", "-modcacherw", "-ldflags", "-s -w", "-o", `bin${path.sep}`];
  await run("go", ["build", ...flags, ".", ...programs], { cwd: place });
}

/** @returns {Promise<string>} Pulumi's own test library, as a program (scripts/program-test). */
export async function programTest(say = () => {}) {
  const file = path.join(source, "../program-test/main_test.go");
  const hash = createHash("sha256")
    .update(NEWEST)
    .update(await readFile(file));
  const home = path.join(cache, `program-test-${hash.digest("hex").slice(0, 12)}`);
  const program = path.join(home, executable("program-test"));
  return obtain(home, program, async (place) => {
    await run("go", ["version"]).catch(() => {
      throw new Error("there is no go on PATH to build Pulumi's test library");
    });
    say("building Pulumi's test library with Go: takes a minute or two, once");
    await cp(file, path.join(place, "main_test.go"));
    const requires = `require github.com/pulumi/pulumi/pkg/v3 v${NEWEST}`;
    await writeFile(path.join(place, "go.mod"), `module program-test\n\ngo 1.25\n\n${requires}\n`);
    const flags = ["-mod=mod", "-modcacherw", "-ldflags", "-s -w", "-o", executable("program-test")];
    await run("go", ["test", "-c", ...flags, "."], { cwd: place });
  });
}

/** What the generated Python SDK needs, and what pip builds it with. */
const PYTHON_PACKAGES = ["pulumi>=3.245,<4", "parver", "semver", "setuptools", "wheel"];

/** @returns {Promise<string>} the `python` of a virtual environment with the Pulumi SDK. */
export async function pythonTools(say = () => {}) {
  const home = path.join(
    cache,
    `python-${createHash("sha256").update(PYTHON_PACKAGES.join()).digest("hex").slice(0, 12)}`,
  );
  const python = path.join(home, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const done = path.join(home, "installed"); // a virtual environment cannot be moved, so it is made in its final place
  if (existsSync(done)) return python;
  say("installing the Pulumi SDK for Python: takes some seconds, once");
  await run("python3", ["-m", "venv", "--clear", home]).catch(() => {
    throw new Error("there is no python3 with venv on PATH");
  });
  await run(python, ["-m", "pip", "install", "--quiet", ...PYTHON_PACKAGES], { timeout: 120_000 });
  await writeFile(done, "");
  return python;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log((await languageTools((line) => console.error(line))).folder);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
