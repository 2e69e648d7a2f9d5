import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { inTurn } from "./support/sample";

// The tarball, installed into a fresh project elsewhere, as a user has it.

const root = path.resolve(__dirname, "..");
const project = mkdtempSync(path.join(tmpdir(), "user-project-"));
const run = promisify(execFile);
const inProject = (command: string, args: string[]) => run(command, args, { cwd: project });
const write = (name: string, text: string) => writeFileSync(path.join(project, name), text);

let packed: { filename: string; size: number; unpackedSize: number; files: { path: string }[] };

beforeAll(async () => {
  // What is built lies ready; building again would pull it from under the other tests.
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: root,
  });
  [packed] = JSON.parse(stdout);
  write("package.json", JSON.stringify({ name: "user", private: true }));
  await inProject("npm", [
    "install",
    `./${packed.filename}`,
    "--legacy-peer-deps",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
  ]);
  mkdirSync(path.join(project, "node_modules/@pulumi"), { recursive: true });
  // the peer, which every Pulumi project has
  symlinkSync(path.join(root, "node_modules/@pulumi/pulumi"), path.join(project, "node_modules/@pulumi/pulumi"), "dir");
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

test("the tarball contains the build, the documents, and nothing else", () => {
  const sources = ["provider", "emulator", "cli", "recording"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.startsWith("hosts/native/")) // which is in the plugin's bundle
      .map((file) => path.posix.join("dist", folder, file).replace(/\.ts$/, "")),
  );
  const papers = ["package.json", "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "bench/README.md"];
  const isPaper = (file: string) =>
    papers.includes(file) || file === "bench/plain.ts" || /^(docs|examples|gitops)\//.test(file);
  /** The native plugin: one bundle, and what starts it. */
  const isPlugin = (file: string) =>
    /^(PulumiPlugin\.yaml|pulumi-resource-alicloud-image(\.cmd|\.js)?)$/.test(file) ||
    /^dist\/plugin\/index\.js(\.LEGAL\.txt)?$/.test(file);
  const page = ["page.html", "page.css", "page.js"].map((file) => `dist/emulator/tool/page/${file}`);
  const built = packed.files.map((file) => file.path).filter((file) => !isPaper(file) && !isPlugin(file));
  expect(built.sort()).toEqual([...page, ...sources.flatMap((file) => [`${file}.js`, `${file}.d.ts`])].sort());
  expect(packed.files.map((file) => file.path)).toEqual(
    expect.arrayContaining(["package.json", "LICENSE", "CHANGELOG.md"]),
  );
});

test("no built function has a local called exports, which would hide what its module exports", () => {
  const hiding = packed.files
    .map(({ path: file }) => file)
    .filter((file) => file.endsWith(".js"))
    .filter((file) =>
      /\b(const|let|function) (\{[^}=]*\b)?exports\b(?!\.)/.test(readFileSync(path.join(root, file), "utf8")),
    );
  expect(hiding).toEqual([]);
});

test("no page in the tarball links to a file that it does not hold", () => {
  const held = new Set(packed.files.map(({ path: file }) => file));
  const holds = (target: string) => held.has(target) || [...held].some((file) => file.startsWith(`${target}/`));
  const dead = [...held]
    .filter((file) => file.endsWith(".md"))
    .flatMap((page) => {
      const text = readFileSync(path.join(root, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
      const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link]) => link!.replace(/\/$/, ""));
      return links
        .filter((link) => !holds(path.posix.join(path.posix.dirname(page), link)))
        .map((link) => [page, link]);
    });
  expect(dead).toEqual([]);
});

test("the packed package.json lists no development dependencies, and the original is restored", () => {
  const place = mkdtempSync(path.join(tmpdir(), "published-"));
  const own = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const text = `${JSON.stringify({ ...own, scripts: { ...own.scripts, build: "true" } }, undefined, 2)}\n`;
  writeFileSync(path.join(place, "package.json"), text);
  cpSync(path.join(root, "scripts/published-manifest.mjs"), path.join(place, "scripts/published-manifest.mjs"));
  execFileSync("npm", ["pack"], { cwd: place, stdio: "ignore" });
  execFileSync("tar", ["-xzf", `${own.name}-${own.version}.tgz`], { cwd: place });
  const published = JSON.parse(readFileSync(path.join(place, "package/package.json"), "utf8"));
  expect(published).not.toHaveProperty("devDependencies");
  expect(published.dependencies).toEqual(own.dependencies);
  expect(readFileSync(path.join(place, "package.json"), "utf8")).toBe(text);
  rmSync(place, { recursive: true });
});

const VERSION = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).version as string;
const COMMANDS = ["alicloud-image-emulator", "pulumi-alicloud-image", "pulumi-resource-alicloud-image"];

const SUBCOMMANDS = ["orphans", "list", "acceptance", "compare"].map((name) => `pulumi-alicloud-image ${name}`);

test.each([...COMMANDS, ...SUBCOMMANDS])("%s --version prints the version of the package", async (line) => {
  const [command, ...args] = line.split(" ");
  const { stdout } = await inProject(path.join(project, "node_modules/.bin", command!), [...args, "--version"]);
  expect(stdout).toBe(`${VERSION}\n`);
});

/** Node.js 18 by its number, without what it lacks or an older one does. */
const OLD_NODE = `
Object.defineProperty(process.versions, "node", { value: "18.20.4" });
const Module = require("node:module");
const load = Module._load;
Module._load = function (request) {
  if (/promises$/.test(request)) throw new Error("No such built-in module: " + request);
  return load.apply(this, arguments);
};
`;

test.each(COMMANDS)("%s says on an older Node.js in one line which it needs", async (command) => {
  write("old-node.cjs", OLD_NODE);
  const file = path.join(project, "node_modules/.bin", command);
  const failed = run(process.execPath, ["-r", "./old-node.cjs", file, "--version"], { cwd: project });
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^pulumi-alicloud-image needs Node\.js [\d.]+ or later; this is 18\.20\.4 \(.*\)\n$/),
  });
});

test.each(["pulumi-alicloud-image", "pulumi-alicloud-image/entry", "pulumi-alicloud-image/emulator"])(
  "%s refuses to be loaded by an older Node.js, and says which it needs",
  async (name) => {
    write("old-node.cjs", OLD_NODE);
    const failed = run(process.execPath, ["-r", "./old-node.cjs", "-e", `require("${name}")`], { cwd: project });
    await expect(failed).rejects.toMatchObject({ stderr: expect.stringMatching(/needs Node\.js.*this is 18/) });
  },
);

test("the plugin says in one line that it needs Node.js, if there is neither that nor Bun", async () => {
  const empty = mkdtempSync(path.join(tmpdir(), "path-"));
  const plugin = path.join(project, "node_modules/pulumi-alicloud-image/pulumi-resource-alicloud-image");
  await expect(run(plugin, [], { cwd: project, env: { PATH: empty } })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^pulumi-resource-alicloud-image needs Node\.js [\d.]+ or later, .*\n$/),
  });
  rmSync(empty, { recursive: true });
});

test("npm publishes package.json unchanged, with the package's repository", () => {
  const place = mkdtempSync(path.join(tmpdir(), "published-"));
  cpSync(path.join(root, "package.json"), path.join(place, "package.json"));
  execFileSync("npm", ["pkg", "fix"], { cwd: place, stdio: "ignore" });
  const own = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  expect(JSON.parse(readFileSync(path.join(place, "package.json"), "utf8"))).toEqual(own);
  expect(
    [own.repository.url, own.homepage, own.bugs.url].map((url) => /github\.com\/[\w-]+\/[\w-]+/.exec(url)?.[0]),
  ).toEqual(Array(3).fill(expect.any(String)));
  rmSync(place, { recursive: true });
});

const checkers: [name: string, command: string[]][] = [
  ["publint", ["publint/src/cli.js", "run", "--strict"]],
  ["@arethetypeswrong/cli", ["@arethetypeswrong/cli/dist/index.js", "--exclude-entrypoints", "./entry", "--"]],
];

test.each(inTurn(checkers, 0))("%s finds nothing wrong with the tarball", async (_name, [script, ...flags]) => {
  const tool = path.join(root, "node_modules", script!);
  const { stdout } = await inProject(process.execPath, [tool, ...flags, packed.filename]).catch((error) => {
    throw new Error(error.stdout);
  });
  expect(stdout).not.toMatch(/warning|suggestion/i);
});

test("a user installs few other packages, and none of them runs a script at its installation", () => {
  const { packages } = JSON.parse(readFileSync(path.join(project, "node_modules/.package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const others = Object.keys(packages).filter((place) => place !== "node_modules/pulumi-alicloud-image");
  expect(others.filter((place) => packages[place]?.hasInstallScript)).toEqual([]);
  expect(others.length).toBeLessThanOrEqual(25);
});

test("the lock file names the packages of every platform, without which npm ci refuses it", () => {
  interface Locked {
    optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => !packages[`node_modules/${name}`]),
  );
  expect(missing).toEqual([]);
});

const program = `
import * as pulumi from "@pulumi/pulumi";
import { CustomImage, type CustomImageArgs } from "pulumi-alicloud-image";
import { startEmulator } from "pulumi-alicloud-image/emulator";

const args: CustomImageArgs = {
  instanceId: pulumi.output("i-1"), tags: { team: "web" }, features: { nvmeSupport: "supported" },
};
const image = new CustomImage("golden", args, { customTimeouts: { create: "90m" } });
const again = CustomImage.get("again", image.id);
export const id: pulumi.Output<string> = again.imageId;
export const endpoint: Promise<string> = startEmulator({ port: 0 }).then((emulator) => emulator.endpoint);
`;

test.each([
  // Once with the declarations themselves checked, ours among them; this takes much longer.
  [
    "nodenext",
    { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: false },
  ],
  [
    "node10, as older Pulumi templates have it",
    {
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      skipLibCheck: true,
      ignoreDeprecations: "6.0", // TypeScript 6 still has it, and asks for this
    },
  ],
  [
    "bundler",
    { module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler, skipLibCheck: true },
  ],
])("a program in strict TypeScript type-checks against it, module resolution %s", (_name, resolution) => {
  write("index.ts", program);
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  const options: ts.CompilerOptions = {
    ...strict,
    ...resolution,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    noEmit: true,
    types: [],
  };
  const checked = ts.createProgram([path.join(project, "index.ts")], options);
  expect(
    ts.getPreEmitDiagnostics(checked).map((each) => ts.flattenDiagnosticMessageText(each.messageText, "\n")),
  ).toEqual([]);
});

test("the types refuse an unknown argument, a value that is not accepted, and a tag that is no string", () => {
  const wrong = [
    `{ instance: "i-1" }`,
    `{ features: { nvmeSupport: "perhaps" } }`,
    `{ tags: { team: 5 } }`,
    `{ diskDeviceMappings: [{ size: "big" }] }`,
  ];
  write(
    "wrong.ts",
    [
      `import { CustomImage } from "pulumi-alicloud-image";`,
      ...wrong.map((args, i) => `new CustomImage("wrong-${i}", ${args});`),
    ].join("\n"),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram([path.join(project, "wrong.ts")], options));
  expect(found.map(({ file, start }) => file?.getLineAndCharacterOfPosition(start ?? 0).line)).toEqual(
    wrong.map((_args, i) => i + 1),
  );
});

test.each([
  [
    "CommonJS",
    "program.cjs",
    `const pulumi = require("@pulumi/pulumi"); const { CustomImage } = require("pulumi-alicloud-image");`,
  ],
  [
    "an ES module",
    "program.mjs",
    `import pulumi from "@pulumi/pulumi"; import { CustomImage } from "pulumi-alicloud-image";`,
  ],
])("a program in JavaScript uses it, %s", async (_name, file, imports) => {
  write(
    file,
    `${imports}
    pulumi.runtime.setMocks({
      newResource: ({ type, inputs }) => ({ id: "m-1", state: { ...inputs, status: type } }),
      call: () => ({}),
    });
    new CustomImage("golden", { instanceId: "i-1" }).status.apply((type) => console.log(type));`,
  );
  expect((await inProject(process.execPath, [file])).stdout).toBe("pulumi-nodejs:dynamic/alicloud-image:CustomImage\n");
});

test("the module that a resource's state requires is found from the project's folder", async () => {
  const ask =
    `const door = require("node:module").createRequire(process.cwd() + ` +
    `"/")("pulumi-alicloud-image/entry"); console.log(Object.keys(door.customImage).sort().join())`;
  expect((await inProject(process.execPath, ["-e", ask])).stdout).toBe(
    "check,configure,create,delete,diff,read,update\n",
  );
});

test("the emulator starts by its command, listens only on this machine, and ends on a signal", async () => {
  const emulator = spawn(path.join(project, "node_modules/.bin/alicloud-image-emulator"), ["--port", "0"], {
    cwd: project,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => emulator.on("exit", resolve));
  const endpoint = await new Promise<string>((resolve, reject) => {
    let printed = "";
    emulator.stdout.on("data", (text) => {
      printed += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (found) resolve(found[0]);
    });
    void ended.then(() => reject(new Error(`it ended, having said: ${printed}`)));
  });
  const answer = await fetch(`${endpoint}/?Action=DescribeRegions&Version=2014-05-26&Format=JSON`);
  expect(await answer.json()).toMatchObject({ Code: expect.any(String), RequestId: expect.any(String) });
  emulator.kill("SIGTERM");
  expect(await ended).toBe(0);
});
