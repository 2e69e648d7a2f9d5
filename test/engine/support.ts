import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import * as automation from "@pulumi/pulumi/automation";
import * as runtimeSettings from "@pulumi/pulumi/runtime/settings";
import type { Emulator } from "../../emulator";

export const repository = path.resolve(__dirname, "../..");
export const engine = process.env.PULUMI_ENGINE ?? "pulumi";
/** Where the plugin is found that runs dynamic providers; an installed Pulumi has it next to itself. */
const plugin = path.join(repository, "node_modules/@pulumi/pulumi");
// The provider runs on the Node that runs the tests.
process.env.PATH = [path.dirname(process.execPath), path.dirname(engine), plugin, process.env.PATH].join(
  path.delimiter,
);

type Op = "up" | "preview" | "refresh" | "destroy";
type Options<K extends Op> = NonNullable<Parameters<automation.Stack[K]>[0]>;

/** What one run of the engine did. A failed one is a result, too. */
export interface Run {
  error?: Error;
  stdout: string;
  stderr: string;
  /** How many resources had which operation, the stack itself among them. */
  changes: Record<string, number>;
  /** What was done, or planned, to each resource, in order: `["create", "web"]`. */
  steps: [op: string, name: string][];
  /** Lines on resources' rows and in the diagnostics, in order; `name` is absent for those of the stack. */
  messages: { name?: string; severity: string; text: string; ephemeral: boolean }[];
}

export interface RecordedResource {
  urn: string;
  name: string;
  type: string;
  id?: string;
  /** Marked to be deleted: it has been replaced. */
  delete?: boolean;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  initErrors?: string[];
}

export interface StackOptions {
  /** Stack configuration; a value in an object `{ value, secret }` is a secret. */
  config?: Record<string, string | automation.ConfigValue>;
  /** Environment of the engine, and so of the provider. */
  env?: Record<string, string>;
  /** Packages of the project besides ours: name to folder. */
  packages?: Record<string, string>;
}

export interface RigStack {
  /** The project's folder, which is the provider's working directory. */
  readonly folder: string;
  up(options?: Options<"up">): Promise<Run>;
  preview(options?: Options<"preview">): Promise<Run>;
  refresh(options?: Options<"refresh">): Promise<Run>;
  destroy(options?: Options<"destroy">): Promise<Run>;
  /** Takes away the lock that a killed engine has left. */
  cancel(): Promise<void>;
  setConfig(key: string, value: string | automation.ConfigValue): Promise<void>;
  /** Any other command, `stack export` for one; gives its standard output. */
  cli(...args: string[]): Promise<string>;
  /** A command of this package as an error prints it, `npx pulumi-alicloud-image ...`, in the project's folder. */
  printed(command: string): Promise<string>;
  /** The state as it is on disk: our resources, and the kinds of operations that never ended. */
  state(): { resources: RecordedResource[]; pending: string[]; outputs: Record<string, unknown>; text: string };
  /** What runs for this stack now: engines, and provider processes, orphans included. Needs /proc. */
  processes(): { engines: number[]; providers: number[] };
  close(): Promise<void>;
}

/** Stack configuration that leads to an emulator, for both kinds of call. */
export const leadingTo = (emulator: { endpoint: string }): NonNullable<StackOptions["config"]> => ({
  "alicloud:region": "cn-hangzhou",
  "alicloud:accessKey": { value: "emulator-key", secret: true },
  "alicloud:secretKey": { value: "emulator-secret", secret: true },
  "alicloud:endpoints": JSON.stringify({ ecs: emulator.endpoint, oss: emulator.endpoint, sts: emulator.endpoint }),
});

/** The images of the account itself. */
export const ownImages = ({ world }: Pick<Emulator, "world">) =>
  [...world.images.values()].filter(({ owner }) => owner === "self");

/** The engine keeps to `place`: no account, no network, nobody else's plugins. */
export function engineEnv(place: string): Record<string, string> {
  const [home, backend] = [path.join(place, "home"), path.join(place, "backend")];
  for (const folder of [home, backend]) mkdirSync(folder, { recursive: true });
  return {
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "rig",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

/**
 * Pulumi closes no connection of an inline program, and gRPC keeps connections to all engines of a process in one pool.
 * An engine that listens at the port of one that has ended would get its dead connection, and the Automation API takes
 * a program that cannot reach the engine for an empty one. So each client has a pool of its own.
 */
const { grpcClientOptions } = runtimeSettings as unknown as { grpcClientOptions: Record<string, unknown> };
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

const opened: RigStack[] = [];
afterAll(async () => {
  for (const stack of opened) await stack.close();
});

/**
 * A project in a folder of its own, with our built package in its node_modules, and a stack in it.
 * The program runs here, in the test; everything else is as at a user's.
 */
export async function openStack(
  name: string,
  program: automation.PulumiFn,
  options: StackOptions = {},
): Promise<RigStack> {
  const place = mkdtempSync(path.join(tmpdir(), `rig-${name}-`));
  const folder = path.join(place, "project");
  const packages = { "pulumi-alicloud-image": repository, "@pulumi/pulumi": plugin, ...options.packages };
  for (const [each, target] of Object.entries(packages)) {
    const link = path.join(folder, "node_modules", each);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(target, link, "dir");
  }

  const env = { ...engineEnv(place), ...options.env };
  const pulumiCommand = withoutAfterthoughts(await automation.PulumiCommand.get());
  const stack = await automation.LocalWorkspace.createStack(
    { stackName: name, projectName: "rig", program },
    { workDir: folder, envVars: env, pulumiCommand, projectSettings: { name: "rig", runtime: "nodejs", main: folder } },
  );
  const configValue = (value: string | automation.ConfigValue) => (typeof value === "string" ? { value } : value);
  const config = Object.entries(options.config ?? {});
  if (config.length > 0)
    await stack.setAllConfig(Object.fromEntries(config.map(([key, value]) => [key, configValue(value)])));

  async function run<K extends Op>(op: K, given?: Options<K>): Promise<Run> {
    const events: automation.EngineEvent[] = [];
    let [stdout, stderr] = ["", ""];
    let error: Error | undefined;
    const listeners = {
      onOutput: (text: string) => (stdout += text),
      onError: (text: string) => (stderr += text),
      onEvent: (event: automation.EngineEvent) => events.push(event),
    };
    try {
      await stack[op]({ ...listeners, ...given } as never);
    } catch (thrown) {
      error = thrown as Error;
    }
    return { ...(error && { error }), stdout, stderr, ...digest(events) };
  }

  const rig: RigStack = {
    folder,
    up: (given) => run("up", given),
    preview: (given) => run("preview", given),
    refresh: (given) => run("refresh", given),
    destroy: (given) => run("destroy", given),
    cancel: () => stack.cancel(),
    setConfig: (key, value) => stack.setConfig(key, configValue(value)),
    cli: async (...args) =>
      (
        await promisify(execFile)(engine, [...args, "--stack", name, "--non-interactive"], {
          cwd: folder,
          env: { ...process.env, ...env },
        })
      ).stdout,
    printed: async (command) => {
      const args = command.replace(/^npx pulumi-alicloud-image /, "").split(" ");
      const script = path.join(repository, "dist/cli/index.js");
      const options = { cwd: folder, env: { ...process.env, ...env } };
      return (await promisify(execFile)(process.execPath, [script, ...args], options)).stdout;
    },
    state: () => recorded(readFileSync(path.join(place, "backend/.pulumi/stacks/rig", `${name}.json`), "utf8")),
    processes: () => processesIn(folder),
    async close() {
      const { engines, providers } = existsSync("/proc/self/cwd")
        ? processesIn(folder)
        : { engines: [], providers: [] };
      for (const pid of [...engines, ...providers]) process.kill(pid, "SIGKILL");
      rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  opened.push(rig);
  return rig;
}

/**
 * After an update the Automation API starts three more engines, to ask for outputs and history. The state on disk has
 * more.
 */
function withoutAfterthoughts(command: automation.PulumiCommand): automation.PulumiCommand {
  const answers: Record<string, string> = { output: "{}", history: "[]" };
  type Runner = (args: string[], ...rest: unknown[]) => Promise<{ stdout: string; stderr: string; code: number }>;
  const run: Runner = async (args, ...rest) => {
    const answer = args[0] === "stack" ? answers[args[1] ?? ""] : undefined;
    return answer === undefined
      ? (command as unknown as { run: Runner }).run(args, ...rest)
      : { stdout: answer, stderr: "", code: 0 };
  };
  return Object.create(command, { run: { value: run } }) as automation.PulumiCommand;
}

const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
const ours = (type: string) => !type.startsWith("pulumi:");

function digest(events: automation.EngineEvent[]): Pick<Run, "changes" | "steps" | "messages"> {
  const steps = events.flatMap(({ resourcePreEvent }): Run["steps"] =>
    resourcePreEvent && ours(resourcePreEvent.metadata.type)
      ? [[resourcePreEvent.metadata.op, nameOf(resourcePreEvent.metadata.urn)]]
      : [],
  );
  const messages = events.flatMap(({ diagnosticEvent }): Run["messages"] => {
    if (!diagnosticEvent) return [];
    const { urn, message, ephemeral } = diagnosticEvent;
    const severity: string = diagnosticEvent.severity; // with "debug", which the declared type forgets
    if (severity === "debug") return [];
    return [{ ...(urn && { name: nameOf(urn) }), severity, text: message.trimEnd(), ephemeral: ephemeral ?? false }];
  });
  const summary = events.find((event) => event.summaryEvent)?.summaryEvent;
  return { steps, messages, changes: { ...summary?.resourceChanges } };
}

function recorded(text: string): ReturnType<RigStack["state"]> {
  const { latest } = JSON.parse(text).checkpoint as {
    latest?: { resources?: RecordedResource[]; pending_operations?: { type: string }[] };
  };
  const all = latest?.resources ?? [];
  return {
    text,
    resources: all
      .filter((resource) => ours(resource.type))
      .map((resource) => ({ ...resource, name: nameOf(resource.urn) })),
    pending: (latest?.pending_operations ?? []).map((operation) => operation.type),
    outputs: all.find((resource) => resource.type === "pulumi:pulumi:Stack")?.outputs ?? {},
  };
}

function processesIn(folder: string): { engines: number[]; providers: number[] } {
  const real = realpathSync(folder);
  const commands = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === real
          ? [{ pid: Number(pid), words: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") }]
          : [];
      } catch {
        return []; // ended meanwhile, or somebody else's
      }
    });
  const running = (is: (words: string[]) => boolean) => commands.filter(({ words }) => is(words)).map(({ pid }) => pid);
  return {
    engines: running(([program]) => path.basename(program ?? "") === "pulumi"),
    providers: running(
      ([program, script]) => path.basename(program ?? "") === "node" && (script ?? "").includes("dynamic-provider"),
    ),
  };
}
