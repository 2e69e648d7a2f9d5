// Installs the packed package in every way that users install it. After each, the real engine creates an image in the
// emulated cloud.
//   npm run test:install [-- words]     only the ways whose names contain all of the words
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { engine } from "./engine.mjs";
import { bunFromNpm, nodeFromNpm } from "./node-from-npm.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const ours = require(path.join(root, "package.json"));
const inModules = (file) => path.join(root, "node_modules", file);
const versionOf = (name) => ours.devDependencies[name];
const PULUMI = { "@pulumi/pulumi": versionOf("@pulumi/pulumi") };
const TYPESCRIPT = { typescript: versionOf("typescript"), "@types/node": versionOf("@types/node") };

const typescript = `import { CustomImage } from "pulumi-alicloud-image";
const image = new CustomImage("golden", { instanceId: "i-emulator0golden", tags: { team: "platform" } });
export const imageId: typeof image.id = image.id;
`;
const esModule = typescript.replace(": typeof image.id", "");
const commonJs = `const { CustomImage } = require("pulumi-alicloud-image");
exports.imageId = new CustomImage("golden", { instanceId: "i-emulator0golden" }).id;
`;
const viaLibrary = `const { Golden } = require("golden-library");
exports.imageId = new Golden("golden").imageId;
`;
/** A component package: the only one that depends on ours directly. */
const library = {
  "package.json": (tarball) => ({
    name: "golden-library",
    version: "1.0.0",
    dependencies: { "pulumi-alicloud-image": tarball },
    peerDependencies: { "@pulumi/pulumi": "^3.0.0" },
  }),
  "index.js": `const pulumi = require("@pulumi/pulumi");
const { CustomImage } = require("pulumi-alicloud-image");
exports.Golden = class extends pulumi.ComponentResource {
  constructor(name, opts) {
    super("example:index:Golden", name, {}, opts);
    this.imageId = new CustomImage(name, { instanceId: "i-emulator0golden" }, { parent: this }).id;
  }
};
`,
};
const compilerOptions = (module, moduleResolution) => ({
  compilerOptions: { strict: true, target: "ES2022", module, moduleResolution, noEmit: true, types: ["node"] },
});

const npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
const pnpm = [process.execPath, inModules("pnpm/bin/pnpm.cjs"), "install", "--prefer-offline"];
const yarn = [process.execPath, inModules("@yarnpkg/cli-dist/bin/yarn.js"), "install", "--no-immutable"];
/** Bun is downloaded only if one of the selected ways needs it. */
const bun = () => path.join(bunFromNpm("1"), "bun");
const withDirect = { ...PULUMI, "pulumi-alicloud-image": "TARBALL" };

/**
 * Each way: how it is installed, the files of the project, and the program's name. `folder` is the program's folder,
 * where that is not the installed one. `typecheck` has the project's TypeScript check the program first.
 */
const ways = [
  { name: "npm, JavaScript, CommonJS", install: npm, files: { "index.js": commonJs } },
  { name: "npm, JavaScript, ES module", install: npm, type: "module", files: { "index.js": esModule } },
  {
    name: "npm, TypeScript 5 by ts-node, moduleResolution node10, as older Pulumi templates have it",
    install: npm,
    dependencies: { ...TYPESCRIPT, typescript: "^5.9.0", "ts-node": versionOf("ts-node") }, // 6 refuses node10
    files: { "index.ts": typescript, "tsconfig.json": compilerOptions("commonjs", "node10") },
    typecheck: true,
  },
  {
    name: "npm, TypeScript by tsx, moduleResolution nodenext, ES module",
    install: npm,
    type: "module",
    dependencies: { ...TYPESCRIPT, tsx: versionOf("tsx") },
    files: { "index.ts": typescript, "tsconfig.json": compilerOptions("nodenext", "nodenext") },
    typecheck: true,
    env: { NODE_OPTIONS: "--import tsx" },
    javascript: true,
  },
  {
    name: "npm, TypeScript by tsx, moduleResolution bundler",
    install: npm,
    dependencies: { ...TYPESCRIPT, tsx: versionOf("tsx") },
    files: { "index.ts": typescript, "tsconfig.json": compilerOptions("preserve", "bundler") },
    typecheck: true,
    env: { NODE_OPTIONS: "--import tsx" },
    javascript: true,
  },
  {
    name: "npm workspaces",
    install: npm,
    workspaces: ["stacks/*"],
    folder: "stacks/web",
    files: { "index.js": commonJs },
  },
  { name: "pnpm, strict", install: pnpm, files: { "index.js": commonJs } },
  {
    name: "pnpm, strict, through a component library",
    install: pnpm,
    needs: { ...PULUMI, "golden-library": "file:./library" },
    library: true,
    files: { "index.js": viaLibrary },
  },
  { name: "Yarn 4", install: yarn, files: { "index.js": commonJs } },
  {
    name: "Bun, the program on Bun, the provider process on Node",
    install: () => [bun(), "install", "--ignore-scripts"],
    runtime: bun,
    files: { "index.ts": typescript },
    javascript: true,
    commands: () => [[bun(), "x", "--bun", "alicloud-image-emulator", "--", process.execPath, "--version"]],
  },
  { name: "npm on Node 22", install: npm, node: "22", files: { "index.js": commonJs } },
  { name: "npm on Node 24", install: npm, node: "24", files: { "index.js": commonJs } },
];

const run = promisify(execFile);
const json = (value) => (typeof value === "string" ? value : JSON.stringify(value, undefined, 2));

async function packTarball(place) {
  await run("npm", ["run", "build"], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", place], {
    cwd: root,
  });
  return path.join(place, JSON.parse(stdout)[0].filename);
}

/** Writes the project of a way and installs it. Returns the program's folder. */
async function installProject(way, place, tarball, registry) {
  const project = await mkdtemp(path.join(place, "project-"));
  const program = path.join(project, way.folder ?? ".");
  await mkdir(program, { recursive: true });
  const needs = { ...(way.needs ?? withDirect), ...way.dependencies };
  const dependencies = Object.fromEntries(
    Object.entries(needs).map(([name, version]) => [name, version === "TARBALL" ? `file:${tarball}` : version]),
  );
  const write = (folder, name, value) => writeFile(path.join(folder, name), json(value));
  await write(program, "package.json", { name: "program", private: true, type: way.type ?? "commonjs", dependencies });
  if (way.workspaces) await write(project, "package.json", { name: "root", private: true, workspaces: way.workspaces });
  for (const [name, value] of Object.entries(way.files)) await write(program, name, value);
  const options = way.javascript ? { name: "nodejs", options: { typescript: false } } : "nodejs";
  await write(program, "Pulumi.yaml", { name: "install", runtime: options, main: Object.keys(way.files)[0] });
  await write(project, ".yarnrc.yml", `nodeLinker: node-modules\nenableGlobalCache: true\nenableTelemetry: false\n`);
  if (way.library) {
    await mkdir(path.join(project, "library"));
    await write(project, "library/package.json", library["package.json"](`file:${tarball}`));
    await write(project, "library/index.js", library["index.js"]);
  }
  const [command, ...args] = typeof way.install === "function" ? way.install() : way.install;
  const { hostname } = new URL(registry);
  const yarnsEnv = { YARN_NPM_REGISTRY_SERVER: registry, YARN_UNSAFE_HTTP_WHITELIST: hostname };
  const env = { ...process.env, ...yarnsEnv, BUN_CONFIG_REGISTRY: registry };
  await run(command, args, { cwd: project, env, maxBuffer: 1e8 });
  return program;
}

/**
 * Starts this repository's language host on the way's version of Node. The host runs the program with the way's
 * environment.
 */
async function languageHost(node, way, program) {
  const host = spawn(node, [path.join(root, "scripts/language-host.mjs")], {
    cwd: program,
    env: { ...process.env, ...way.env, ...(way.runtime && { PROGRAM_RUNTIME: way.runtime() }) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const address = await new Promise((resolve) => host.stdout.once("data", (data) => resolve(String(data).trim())));
  return { address, close: () => host.kill() };
}

async function up(way, program, place) {
  const { startEmulator, defaultCredential } = require(path.join(root, ours.exports["./emulator"].default));
  const emulator = await startEmulator({ durations: { createMs: 200 } });
  const bin = way.node ? await nodeFromNpm(way.node) : path.dirname(process.execPath);
  const host = await languageHost(path.join(bin, "node"), way, program);
  const { command } = await engine();
  const home = await mkdtemp(path.join(place, "home-"));
  // A program brings its own @pulumi/pulumi. The process that runs dynamic providers looks for the other packages in
  // the program's folder.
  const plugins = path.join(root, "node_modules/@pulumi/pulumi");
  const env = {
    ...process.env,
    PATH: [bin, plugins, process.env.PATH].join(path.delimiter),
    PULUMI_DEBUG_LANGUAGES: `nodejs:${host.address.split(":")[1]}`,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "install",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ALICLOUD_REGION: "cn-hangzhou",
    ALICLOUD_ACCESS_KEY: defaultCredential.accessKeyId,
    ALICLOUD_SECRET_KEY: defaultCredential.accessKeySecret,
    ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
    ALIBABA_CLOUD_ENDPOINT_OSS: emulator.endpoint,
    ALIBABA_CLOUD_ENDPOINT_STS: emulator.endpoint,
  };
  const pulumi = (...args) => run(command, [...args, "--non-interactive"], { cwd: program, env, maxBuffer: 1e8 });
  try {
    await pulumi("stack", "init", "dev");
    await pulumi("up", "--yes", "--skip-preview");
    const imageId = (await pulumi("stack", "output", "imageId")).stdout.trim();
    if (!emulator.world.images.has(imageId)) throw new Error(`the cloud has no image ${imageId}`);
    await pulumi("destroy", "--yes", "--skip-preview");
    if (emulator.world.images.has(imageId)) throw new Error(`destroy left the image ${imageId}`);
  } finally {
    host.close();
    await emulator.close();
  }
}

const outputOf = (error) => [error.message, error.stdout, error.stderr].filter(Boolean).join("\n");

/** Reports a failure, and goes on. */
async function attempt(name, work) {
  const startedAt = performance.now();
  const failure = await work().then(() => undefined, outputOf);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`${failure === undefined ? "works" : "FAILS"}  ${name} (${seconds} s)`);
  if (failure !== undefined) {
    console.log(failure.replaceAll(/^/gm, "       "));
    process.exitCode = 1;
  }
}

const words = process.argv.slice(2);
const isAsked = ({ name }) => words.every((word) => name.toLowerCase().includes(word.toLowerCase()));
const place = await mkdtemp(path.join(tmpdir(), "install-"));
try {
  const tarball = await packTarball(place);
  const registry = (await run("npm", ["config", "get", "registry"], { cwd: root })).stdout.trim();
  const tools = [
    { name: "publint", command: ["publint/src/cli.js", "run", tarball, "--strict"] },
    {
      name: "@arethetypeswrong/cli",
      command: ["@arethetypeswrong/cli/dist/index.js", tarball, "--exclude-entrypoints", "./entry"],
    },
  ];
  for (const { name, command } of tools.filter(isAsked)) {
    const [script, ...args] = command;
    await attempt(name, () => run(process.execPath, [inModules(script), ...args], { cwd: root }));
  }
  for (const way of ways.filter(isAsked)) {
    await attempt(way.name, async () => {
      const program = await installProject(way, place, tarball, registry);
      const tsc = path.join(program, "node_modules/typescript/bin/tsc");
      if (way.typecheck) await run(process.execPath, [tsc, "-p", program], { cwd: program });
      for (const [command, ...args] of way.commands?.() ?? []) await run(command, args, { cwd: program });
      await up(way, program, place);
    });
  }
} finally {
  await rm(place, { recursive: true, force: true });
}
