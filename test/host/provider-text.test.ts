import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { providerText } from "../../provider/program/provider-text";

// Where Pulumi's provider process finds the package, in the layouts that package managers make. Each layout is a
// program's folder with a substitute for Pulumi's provider process, which evaluates the text as that one does, and a
// substitute for this package.

let program: string;
const files = (all: Record<string, string>) => {
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(program, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
};
const link = (name: string, target: string) => {
  const at = path.join(program, name);
  mkdirSync(path.dirname(at), { recursive: true });
  symlinkSync(path.relative(path.dirname(at), path.join(program, target)), at, "dir");
};

const packageIn = (folder: string, code = `exports.customImage = "found";`) =>
  files({
    [path.join(folder, "package.json")]: JSON.stringify({
      name: "pulumi-alicloud-image",
      exports: { "./entry": "./entry.js" },
    }),
    [path.join(folder, "entry.js")]: code,
  });
const pulumiIn = (folder: string) =>
  files({
    [path.join(folder, "package.json")]: JSON.stringify({ name: "@pulumi/pulumi" }),
    [path.join(folder, "host.js")]: `
      const evaluated = new (require("node:module"))("", module.parent);
      evaluated._compile(${JSON.stringify(providerText("customImage"))}, "");
      try { console.log(evaluated.exports.handler()); } catch (error) { console.log(error.message); }`,
  });

beforeEach(() => {
  program = realpathSync(mkdtempSync(path.join(tmpdir(), "program-")));
});
afterEach(() => rmSync(program, { recursive: true }));

async function answer(): Promise<string> {
  const host = path.join(program, "node_modules/@pulumi/pulumi/host.js");
  return (await promisify(execFile)(process.execPath, [host], { cwd: program })).stdout.trim();
}

test("it is found among the program's own dependencies", async () => {
  pulumiIn("node_modules/@pulumi/pulumi");
  packageIn("node_modules/pulumi-alicloud-image");
  expect(await answer()).toBe("found");
});

test("it is found under pnpm when only a component library depends on it", async () => {
  pulumiIn("node_modules/.pnpm/@pulumi+pulumi@3/node_modules/@pulumi/pulumi");
  link("node_modules/@pulumi/pulumi", "node_modules/.pnpm/@pulumi+pulumi@3/node_modules/@pulumi/pulumi");
  const stored = "node_modules/.pnpm/pulumi-alicloud-image@1/node_modules/pulumi-alicloud-image";
  packageIn(stored);
  link("node_modules/.pnpm/node_modules/pulumi-alicloud-image", stored);
  expect(await answer()).toBe("found");
});

test("it is found in a workspace whose dependencies are hoisted to the root", async () => {
  const root = program;
  pulumiIn("node_modules/@pulumi/pulumi");
  packageIn("node_modules/pulumi-alicloud-image");
  files({ "stacks/web/package.json": "{}" });
  const host = path.join(root, "node_modules/@pulumi/pulumi/host.js");
  const { stdout } = await promisify(execFile)(process.execPath, [host], { cwd: path.join(root, "stacks/web") });
  expect(stdout.trim()).toBe("found");
});

test("it is found in its own repository, where the program is part of the package", async () => {
  pulumiIn("node_modules/@pulumi/pulumi");
  packageIn(".");
  expect(await answer()).toBe("found");
});

test("if it is not installed, the error names the package and the program's folder", async () => {
  pulumiIn("node_modules/@pulumi/pulumi");
  expect(await answer()).toBe(`Install or update the package pulumi-alicloud-image in ${program}`);
});

test("an installed package that cannot be loaded is not reported as missing", async () => {
  pulumiIn("node_modules/@pulumi/pulumi");
  packageIn("node_modules/pulumi-alicloud-image", `require("one-of-its-dependencies");`);
  expect(await answer()).toMatch(/^Cannot find module 'one-of-its-dependencies'/);
});
