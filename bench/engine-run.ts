import { type ChildProcess, execFile, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { seeds } from "../emulator/world/seed";
import { settingsFor } from "./inputs";

const repository = path.resolve(__dirname, "..");
const plugin = path.join(repository, "node_modules/@pulumi/pulumi");

/** How long an image takes to be created, and how long a sleeper sleeps. */
export const CREATE_MS = 30_000;
const LATENCY_MS = 20;

/** The time and the calls of one `pulumi up` of many new resources. */
export interface EngineRun {
  readonly seconds: number;
  readonly calls: Readonly<Record<string, number>>;
}

const programs = {
  /** The built package, against an emulator in a process of its own. */
  images: (count: number) => `
    const { CustomImage } = require("pulumi-alicloud-image");
    for (let n = 0; n < ${count}; n++)
      new CustomImage("golden-" + n, {
        snapshotId: "${seeds.systemSnapshotId}", imageName: "golden-" + n, tags: { team: "platform" },
      });`,
  /** The same images through the native provider, as a generated SDK registers them. */
  nativeImages: (count: number) => `
    const { CustomResource } = require("@pulumi/pulumi");
    for (let n = 0; n < ${count}; n++)
      new CustomResource("alicloud-image:index:CustomImage", "golden-" + n, {
        snapshotId: "${seeds.systemSnapshotId}", imageName: "golden-" + n, tags: { team: "platform" },
        imageId: undefined,
      });`,
  /**
   * Resources that only sleep for the same time: what the engine, the program and the provider process cost by
   * themselves.
   */
  sleepers: (count: number) => sleepers(count, {}),
  /**
   * Sleepers with outputs like an image's. The engine writes the whole state twice for each resource, so their size
   * counts.
   */
  sleepersWithOutputs: (count: number) => sleepers(count, outputsOfAnImage),
};

const sleepers = (count: number, outputs: object) => `
  const { dynamic } = require("@pulumi/pulumi");
  const sleeper = {
    async create(inputs) {
      await new Promise((resolve) => setTimeout(resolve, ${CREATE_MS}));
      return { id: inputs.name, outs: { ...inputs, ...${JSON.stringify(outputs)} } };
    },
  };
  class Sleeper extends dynamic.Resource {}
  for (let n = 0; n < ${count}; n++)
    new Sleeper(sleeper, "golden-" + n, { name: "golden-" + n, tags: { team: "platform" } });`;

const outputsOfAnImage = {
  architecture: "x86_64",
  bootMode: "BIOS",
  creationTime: "2026-01-01T00:00:00Z",
  deleteSnapshots: false,
  deprecated: false,
  description: "",
  diskDeviceMappings: [{ device: "/dev/xvda", diskType: "system", size: 40, snapshotId: seeds.systemSnapshotId }],
  features: { imdsSupport: "v1", nvmeSupport: "unsupported" },
  forceDelete: false,
  imageFamily: "",
  imageId: "m-00000000000000000000",
  imageName: "golden",
  licenseType: "Auto",
  osName: "Others Linux 64 bit",
  osType: "linux",
  platform: "Others Linux",
  previousVersions: [],
  progress: "100%",
  regionId: "cn-hangzhou",
  size: 40,
  snapshotId: seeds.systemSnapshotId,
  snapshotIds: [],
  status: "Available",
  usable: true,
};

/** Runs the real engine on a new stack, with all resources in parallel. */
export async function engineRun(kind: keyof typeof programs, count: number): Promise<EngineRun> {
  const place = mkdtempSync(path.join(tmpdir(), `bench-${kind}-`));
  const emulator = fork(path.join(__dirname, "emulator-process.ts"), ["0", `${CREATE_MS}`, `${LATENCY_MS}`], {
    execArgv: ["-r", path.join(__dirname, "typescript.cjs")],
  });
  const host = spawn(process.execPath, [path.join(repository, "scripts/language-host.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [address] = (await once(host.stdout!, "data")) as [Buffer];
    const [endpoint] = (await once(emulator, "message")) as [string];
    const pulumi = project(place, programs[kind](count), endpoint, await enginePath());
    await pulumi("stack", "init", "bench");
    const startMs = performance.now();
    await pulumi("up", "--yes", "--skip-preview", "--parallel", "10000", `--client=${String(address).trim()}`);
    const seconds = (performance.now() - startMs) / 1_000;
    return { seconds, calls: await callsOf(emulator) };
  } finally {
    emulator.kill();
    host.kill();
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function callsOf(emulator: ChildProcess): Promise<Record<string, number>> {
  emulator.send("calls");
  const [calls] = (await once(emulator, "message")) as [Record<string, number>];
  return calls;
}

async function enginePath(): Promise<string> {
  const script = (await import(path.join(repository, "scripts/engine.mjs"))) as {
    engine(): Promise<{ readonly command: string }>;
  };
  return (await script.engine()).command;
}

const PROJECT = `name: bench
runtime: nodejs
main: index.js
plugins:
  providers:
    - name: alicloud-image
      path: ${repository}
`;

/**
 * Makes a project in a folder of its own, which uses no account, no network and no other plugins. Returns a function
 * that runs the engine in it.
 */
function project(place: string, program: string, endpoint: string, engine: string) {
  const folder = path.join(place, "project");
  for (const [name, target] of Object.entries({ "pulumi-alicloud-image": repository, "@pulumi/pulumi": plugin })) {
    const link = path.join(folder, "node_modules", name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(target, link, "dir");
  }
  for (const name of ["home", "backend"]) mkdirSync(path.join(place, name));
  const settings = Object.entries(settingsFor(endpoint)).flatMap(([key, value]) => [
    [key, value],
    [key.replace("alicloud:", "alicloud-image:"), value],
  ]);
  const config = settings.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
  writeFileSync(path.join(folder, "index.js"), program);
  writeFileSync(path.join(folder, "Pulumi.yaml"), PROJECT);
  writeFileSync(path.join(folder, "Pulumi.bench.yaml"), `config:\n${config.join("")}`);
  const env = {
    ...process.env,
    PATH: [path.dirname(process.execPath), path.dirname(engine), plugin, process.env["PATH"]].join(path.delimiter),
    PULUMI_HOME: path.join(place, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(place, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  return (...args: string[]) =>
    promisify(execFile)(engine, [...args, "--non-interactive"], { cwd: folder, env, maxBuffer: 1e9 });
}
