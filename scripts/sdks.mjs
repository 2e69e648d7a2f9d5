// Generates the SDKs of the native provider from its schema, and builds each with the tool of its language.
//   npm run sdks [-- [--out FOLDER] LANGUAGE ...]      nodejs, python, go, dotnet, java; all if none is named
// The engine's own `pulumi package gen-sdk` generates them, with the language hosts of an installed Pulumi. Where there
// are none, as in a clone whose engine was built with Go, scripts/language-tools generates them.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { engine, executable, OLDEST, run } from "./engine.mjs";
import { languageTools, pythonTools, registryTools } from "./language-tools.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const schema = path.join(root, "provider/hosts/native/schema.json");
const say = (line) => console.error(line);

async function generate(language, out) {
  const { command } = await engine(say);
  const host = executable(`pulumi-language-${language}`);
  const folders = [path.dirname(command), ...(process.env.PATH ?? "").split(path.delimiter)];
  if (folders.some((folder) => existsSync(path.join(folder, host))))
    return run(command, ["package", "gen-sdk", schema, "--language", language, "--out", out]);
  process.env.LOGO = path.join(root, "docs/logo.png"); // instead of a download from its published place
  const { generator } = await (["dotnet", "java"].includes(language) ? registryTools(say) : languageTools(say));
  return run(generator, ["sdk", schema, language, path.join(out, language)]);
}

/** How each SDK is built, and which of its files are published. */
const builds = {
  async nodejs(folder) {
    const modules = path.join(folder, "node_modules");
    await symlink(path.join(root, "node_modules"), modules, "junction"); // the compiler and @pulumi/pulumi
    await run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--skipLibCheck"]);
    await rm(modules);
    const bin = path.join(folder, "bin");
    const { scripts: _, ...manifest } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    delete manifest.dependencies.typescript; // only its own build needs it
    const published = { ...manifest, main: "index.js", types: "index.d.ts" };
    await writeFile(path.join(bin, "package.json"), `${JSON.stringify(published, undefined, 2)}\n`);
    for (const file of ["README.md", "LICENSE"]) await cp(path.join(folder, file), path.join(bin, file));
    return bin;
  },
  async python(folder) {
    const python = process.env.PYTHON ?? (await pythonTools(say));
    const dist = path.join(folder, "dist");
    const options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", dist];
    // Its page on PyPI is the README beside the metadata.
    await cp(path.join(folder, "pulumi_alicloud_image/README.md"), path.join(folder, "README.md"));
    await run(python, ["-m", "pip", "wheel", ...options, folder]);
    return path.join(
      dist,
      (await readdir(dist)).find((file) => file.endsWith(".whl")),
    );
  },
  async go(folder) {
    // The generator requires an SDK so old that its modules conflict with those of a program that has a new one.
    await run("go", ["get", `github.com/pulumi/pulumi/sdk/v3@v${OLDEST}`], { cwd: folder });
    await run("go", ["mod", "tidy"], { cwd: folder });
    await run("go", ["build", "./..."], { cwd: folder });
    return folder;
  },
  async dotnet(folder) {
    await run("dotnet", ["pack", "--configuration", "Release"], { cwd: folder }).catch((error) => {
      throw error.code === "ENOENT" ? new Error(`there is no dotnet on PATH; the sources are in ${folder}`) : error;
    });
    return path.join(folder, "bin/Release");
  },
  async java(folder) {
    const { name, version, displayName, description, repository, publisher, ...package_ } = JSON.parse(
      await readFile(schema, "utf8"),
    );
    const { basePackage: group, dependencies } = package_.language.java;
    const plugin = { resource: true, name, version, server: package_.pluginDownloadURL };
    const add = async (file, text) => {
      const target = path.join(folder, "src/main/resources", file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    };
    const domains = group.split(".");
    await add(path.join(...domains, name, "version.txt"), version); // where the classes look for it
    // The language host finds plugins only below com, two folders deep.
    await add(path.join("com", domains.at(-1), name, "plugin.json"), JSON.stringify(plugin));
    const runtime = dependencies["com.pulumi:pulumi"];
    const known = { group, name, version, displayName, description, repository, publisher, runtime };
    const pom = await readFile(path.join(root, "scripts/java/pom.xml"), "utf8");
    await writeFile(
      path.join(folder, "pom.xml"),
      pom.replace(/\{\{(\w+)\}\}/g, (_, key) => known[key]),
    );
    await run("mvn", ["--quiet", "--batch-mode", "package"], { cwd: folder });
    return path.join(folder, `target/${name}-${version}.jar`);
  },
};

/** Writes and builds one SDK in `<out>/<language>`, and returns the files to publish. */
async function sdk(language, out) {
  const folder = path.join(out, language);
  await rm(folder, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await generate(language, out);
  await cp(path.join(root, "LICENSE"), path.join(folder, "LICENSE"));
  return builds[language](folder);
}

const { values, positionals } = parseArgs({ options: { out: { type: "string" } }, allowPositionals: true });
const out = path.resolve(values.out ?? path.join(root, "sdk"));
const unknown = positionals.filter((language) => !Object.hasOwn(builds, language));
if (unknown.length > 0) throw new Error(`there is no SDK for ${unknown.join(", ")}: ${Object.keys(builds).join(", ")}`);
for (const language of positionals.length > 0 ? positionals : Object.keys(builds)) {
  try {
    console.log(`${language.padEnd(7)} ${await sdk(language, out)}`);
  } catch (error) {
    console.log(`${language.padEnd(7)} not built: ${error.message}`);
    process.exitCode = 1;
  }
}
