// Finds, or builds with Go, what programs in other languages need where only the Pulumi engine is installed: the YAML
// language host, and a program that checks the package schema and writes SDKs (scripts/language-tools/main.go). And for
// Python, an environment with the Pulumi SDK in it.
//   node scripts/language-tools.mjs     prints their folder; what it does on the way goes to stderr
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cache, executable, NEWEST, obtain, run } from "./engine.mjs";

/**
 * Versions that the Go module proxy serves. pulumi-yaml compiles with the `pkg` it names, and not with every newer one.
 */
const YAML = "github.com/pulumi/pulumi-yaml v1.32.0";
const PKG = "github.com/pulumi/pulumi/pkg/v3 v3.230.0";

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "language-tools", "main.go");

/** @returns {Promise<{ folder: string, yamlHost: string, generator: string }>} */
export async function languageTools(say = () => {}) {
  const hash = createHash("sha256")
    .update(YAML)
    .update(PKG)
    .update(await readFile(source));
  const home = path.join(cache, `language-tools-${hash.digest("hex").slice(0, 12)}`);
  const folder = path.join(home, "bin");
  const tools = {
    folder,
    yamlHost: path.join(folder, executable("pulumi-language-yaml")),
    generator: path.join(folder, executable("language-tools")),
  };
  await obtain(home, tools.generator, (place) => build(place, say));
  return tools;
}

async function build(place, say) {
  await run("go", ["version"]).catch(() => {
    throw new Error("there is no go on PATH, which the YAML language host and the SDK generator are built with");
  });
  say("building the YAML language host and the SDK generator with Go: a minute or two, once");
  await cp(source, path.join(place, "main.go"));
  await writeFile(
    path.join(place, "go.mod"),
    `module language-tools\n\ngo 1.25\n\nrequire (\n\t${YAML}\n\t${PKG}\n)\n`,
  );
  const packages = [".", "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"];
  const flags = ["-mod=mod", "-modcacherw", "-ldflags", "-s -w", "-o", `bin${path.sep}`];
  await run("go", ["build", ...flags, ...packages], { cwd: place });
}

/** @returns {Promise<string>} Pulumi's own test library, as a program (scripts/program-test). */
export async function programTest(say = () => {}) {
  const file = path.join(path.dirname(source), "../program-test/main_test.go");
  const hash = createHash("sha256")
    .update(NEWEST)
    .update(await readFile(file));
  const home = path.join(cache, `program-test-${hash.digest("hex").slice(0, 12)}`);
  const program = path.join(home, executable("program-test"));
  return obtain(home, program, async (place) => {
    await run("go", ["version"]).catch(() => {
      throw new Error("there is no go on PATH, which Pulumi's test library is built with");
    });
    say("building Pulumi's test library with Go: a minute or two, once");
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
  const done = path.join(home, "installed"); // an environment cannot be moved, so it is made where it stays
  if (existsSync(done)) return python;
  say("installing the Pulumi SDK for Python: some seconds, once");
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
