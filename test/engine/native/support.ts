import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Emulator } from "../../../emulator";
import { engine, engineEnv, type RecordedResource, repository } from "../support";

/** Whether the tools were built that only Go can build (`npm run setup` says so where not). */
export const tools = process.env.PULUMI_LANGUAGE_TOOLS ?? "";
export const python = process.env.PULUMI_PYTHON ?? "";
/** Set by scripts/test-release.mjs alone: what it runs takes minutes, and every tool starts with empty caches. */
export const registryTools = process.env.PULUMI_REGISTRY_TOOLS ?? "";
export const onRelease = registryTools === "" ? describe.skip : describe;
export const withTools = tools === "" ? describe.skip : describe;
export const withPython = tools === "" || python === "" ? describe.skip : describe;

const places: string[] = [];
afterAll(() => {
  for (const place of places.splice(0)) rmSync(place, { recursive: true, force: true, maxRetries: 5 });
});

export function temporary(name: string): string {
  const place = mkdtempSync(path.join(tmpdir(), `native-${name}-`));
  places.push(place);
  return place;
}

let plugin: string | undefined;
/**
 * The packed plugin in a folder of its own, because the engine writes the plugin's schema beside it. One folder for all
 * tests of a file.
 */
export function pluginFolder(): string {
  if (plugin !== undefined) return plugin;
  plugin = path.join(temporary("plugin"), "plugin");
  for (const part of ["pulumi-resource-alicloud-image", "dist/plugin"])
    cpSync(path.join(repository, part), path.join(plugin, part), { recursive: true });
  return plugin;
}

/** Provider arguments for an emulator. */
export const providerArgs = (emulator: Pick<Emulator, "endpoint">, more: Record<string, unknown> = {}) => ({
  region: "cn-hangzhou",
  accessKey: "emulator-key",
  secretKey: "emulator-secret",
  endpoints: { ecs: emulator.endpoint, oss: emulator.endpoint, sts: emulator.endpoint },
  ...more,
});

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A project that is used from the command line. */
export interface Project {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the engine to its end, whatever that is. */
  run(...args: string[]): Promise<Ended>;
  /** Runs the engine, and throws if it fails. */
  pulumi(...args: string[]): Promise<string>;
  /** Starts an engine and does not wait for it. */
  start(...args: string[]): ChildProcess;
  resources(): RecordedResource[];
  /** Replaces the program. */
  write(files: Readonly<Record<string, string>>): void;
}

export interface ProjectOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A project of this name, with these files, and a stack `dev`. */
export async function openProject(name: string, { files, config = {}, env = {} }: ProjectOptions): Promise<Project> {
  const place = temporary(name);
  const folder = path.join(place, "project");
  const write = (all: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(all)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
  };
  write(files);
  const environment = {
    ...process.env,
    ...engineEnv(place),
    PATH: [tools, path.dirname(engine), process.env.PATH].join(path.delimiter),
    ...env,
  };
  const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
  const run = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) =>
      execFile(engine, [...args, "--non-interactive"], options, (error, stdout, stderr) =>
        resolve({ code: error ? ((error as { code?: number }).code ?? 1) : 0, output: stdout + stderr }),
      ),
    );
  const project: Project = {
    folder,
    env: environment,
    run,
    write,
    async pulumi(...args) {
      const { code, output } = await run(...args);
      if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}\n${output}`);
      return output;
    },
    start: (...args) =>
      spawn(engine, [...args, "--non-interactive"], { ...options, stdio: ["ignore", "pipe", "pipe"] }),
    resources() {
      const stacks = path.join(place, "backend/.pulumi/stacks");
      const file = path.join(stacks, name, "dev.json");
      if (!existsSync(file)) return [];
      const { latest } = JSON.parse(readFileSync(file, "utf8")).checkpoint as {
        latest?: { resources?: RecordedResource[] };
      };
      return (latest?.resources ?? [])
        .filter(({ type }) => !type.startsWith("pulumi:"))
        .map((resource) => ({ ...resource, name: resource.urn.slice(resource.urn.lastIndexOf("::") + 2) }));
    },
  };
  await project.pulumi("stack", "init", "dev");
  const settings = Object.entries(config).flatMap(([key, value]) => [
    /key|token/i.test(key) ? "--secret" : "--plaintext",
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  ]);
  if (settings.length > 0) await project.pulumi("config", "set-all", ...settings);
  return project;
}

/** A YAML program that uses the packed plugin. JSON is YAML. */
export const yamlFiles = (name: string, program: object): Record<string, string> => ({
  "Pulumi.yaml": JSON.stringify({
    name,
    runtime: "yaml",
    plugins: { providers: [{ name: "alicloud-image", path: pluginFolder() }] },
    ...program,
  }),
});

/** `alicloud-image:` keys of a stack. */
export const configLeadingTo = (emulator: Pick<Emulator, "endpoint">): Record<string, unknown> =>
  Object.fromEntries(Object.entries(providerArgs(emulator)).map(([key, value]) => [`alicloud-image:${key}`, value]));

/** Runs a program of the language tools or of Python to its end. */
export const execute = (file: string, args: string[], options: object = {}): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(file, args, { maxBuffer: 64 * 1024 * 1024, ...options }, (error, stdout, stderr) =>
      error ? reject(new Error(`${path.basename(file)} ${args.join(" ")}\n${stdout}${stderr}`)) : resolve(stdout),
    ),
  );
