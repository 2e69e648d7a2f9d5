import { spawn } from "node:child_process";
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { VERSION } from "../provider/release";
import {
  type Call,
  defaultCredential,
  defaultDurations,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from "./index";
import { banner } from "./tool/banner";
import { type Access, environmentOf, type Format, formatNames, misleadingVariables, printed } from "./tool/environment";
import { readWorldFile, WorldFileError } from "./tool/world-file";
import { seeds } from "./world/seed";

/** How long things take when the emulator runs a command, for which somebody waits. */
const SHORT_MS = 5_000;
const secondsOf = (duration: keyof typeof defaultDurations) =>
  `${defaultDurations[duration] / 1000}; with a command: ${SHORT_MS / 1000}`;

const help = `Usage: alicloud-image-emulator [options] [[--] command ...]

Emulates Alibaba Cloud ECS, OSS and STS for images on this machine. With a command, after -- or after the
options, it runs that command with the environment set, and exits with the command's exit code:
  alicloud-image-emulator -- pulumi up --yes

  --port <port>             where to listen (4566; with a command: any free port; 0: any free port)
  --host <address>          the address to listen on (127.0.0.1); with another one, it answers to any name of
                            this machine
  --region <id>             the region that the printed environment names (the first one)
  --regions <id,id,...>     the regions of the cloud (all public regions)
  --seed <file>             a JSON file with its first contents: your instances, snapshots, images, buckets
  --state <file>            keeps what it holds in this file, across restarts; then --seed is for the first
                            start
  --print <format>          prints the environment for --port and --region as ${formatNames.join(", ")}, and
                            ends
  --create-seconds <n>      how long creating an image takes (${secondsOf("createMs")})
  --import-seconds <n>      … importing one (${secondsOf("importMs")})
  --export-seconds <n>      … exporting one (${secondsOf("exportMs")})
  --copy-seconds <n>        … copying one (${secondsOf("copyMs")})
  --boot-seconds <n>        … starting an instance (${secondsOf("bootMs")})
  --latency-ms <n>          added to every answer (0)
  --access-key <id>         the access key that it accepts (${defaultCredential.accessKeyId})
  --secret-key <secret>     … and its secret (${defaultCredential.accessKeySecret})
  --quiet                   prints no line for each call
  --version                 prints the version
  --help                    this text
`;

/** A wrong argument; the message is for the terminal. */
class UsageError extends Error {}

const text = { type: "string" } as const;
const options = {
  port: text,
  host: text,
  region: text,
  regions: text,
  seed: text,
  state: text,
  print: text,
  "create-seconds": text,
  "import-seconds": text,
  "export-seconds": text,
  "copy-seconds": text,
  "boot-seconds": text,
  "latency-ms": text,
  "access-key": text,
  "secret-key": text,
  quiet: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = Awaited<ReturnType<typeof parseArgs<{ options: typeof options }>>>["values"];

function valuesIn(args: string[]): Values {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split("\n")[0] ?? "");
  }
}

function numberOf(values: Values, name: keyof Values, otherwise: number, most = Infinity): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  if (typeof given !== "string" || !/^\d+(\.\d+)?$/.test(given) || Number(given) > most)
    throw new UsageError(`--${name} takes a number${most < Infinity ? ` up to ${most}` : ""}, not "${String(given)}".`);
  return Number(given);
}

function optionsIn(values: Values, hasCommand: boolean): EmulatorOptions {
  const seconds = (name: keyof Values, otherwiseMs: number) =>
    numberOf(values, name, (hasCommand ? SHORT_MS : otherwiseMs) / 1000) * 1000;
  const regions = values.regions?.split(",").map((one) => one.trim());
  if (regions?.includes("")) throw new UsageError(`--regions takes ids, separated by commas, not "${values.regions}".`);
  return {
    port: numberOf(values, "port", hasCommand ? 0 : 4566, 65_535),
    latencyMs: numberOf(values, "latency-ms", 0),
    durations: {
      createMs: seconds("create-seconds", defaultDurations.createMs),
      importMs: seconds("import-seconds", defaultDurations.importMs),
      exportMs: seconds("export-seconds", defaultDurations.exportMs),
      copyMs: seconds("copy-seconds", defaultDurations.copyMs),
      bootMs: seconds("boot-seconds", defaultDurations.bootMs),
    },
    credentials: [credentialIn(values)],
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(regions === undefined ? {} : { regions }),
    ...(values.seed === undefined ? {} : { world: readWorldFile(values.seed) }),
    ...(values.state === undefined ? {} : { stateFile: values.state }),
  };
}

const credentialIn = (values: Values) => ({
  accessKeyId: values["access-key"] ?? defaultCredential.accessKeyId,
  accessKeySecret: values["secret-key"] ?? defaultCredential.accessKeySecret,
});

/** The region of the printed environment: the requested one, if the emulator has it. */
function regionIn({ region }: Values, { world }: Emulator): string {
  const regionIds = [...world.regions.keys()];
  if (region !== undefined && !regionIds.includes(region))
    throw new UsageError(`--region ${region} is not one of its regions: ${regionIds.join(", ")}.`);
  return region ?? regionIds[0] ?? seeds.regionId;
}

function printEnvironment(values: Values, print: (text: string) => void): number {
  const format = values.print as Format;
  if (!formatNames.includes(format))
    throw new UsageError(`--print takes ${formatNames.join(", ")}, not "${values.print}".`);
  const port = numberOf(values, "port", 4566, 65_535);
  if (port === 0) throw new UsageError("--print needs the --port of an emulator, not 0.");
  const regionId = values.region ?? values.regions?.split(",")[0]?.trim() ?? seeds.regionId;
  print(printed(format, { endpoint: `http://127.0.0.1:${port}`, regionId, credential: credentialIn(values) }));
  return 0;
}

/** The options, and the command after them. `bunx` removes the `--` between them. */
function partsOf(args: string[]): { own: string[]; program: string[] | undefined } {
  let at = 0;
  while (at < args.length && args[at]!.startsWith("-") && args[at] !== "--") {
    const name = args[at]!.replace(/^--/, "");
    const takesValue = Object.hasOwn(options, name) && options[name as keyof typeof options].type === "string";
    at += takesValue ? 2 : 1;
  }
  if (at >= args.length) return { own: args, program: undefined };
  return { own: args.slice(0, at), program: args.slice(args[at] === "--" ? at + 1 : at) };
}

/** Runs the tool. Returns an emulator that keeps running, or the exit code of a command that has ended. */
export async function runCommand(
  args: string[],
  print: (text: string) => void,
  printError: (text: string) => void,
): Promise<Emulator | number> {
  try {
    const { own, program } = partsOf(args);
    const values = valuesIn(own);
    if (values.help || values.version) {
      print(values.help ? help : `${VERSION}\n`);
      return 0;
    }
    if (values.print !== undefined) return printEnvironment(values, print);
    if (program?.length === 0) throw new UsageError("a command must follow --, for example: -- pulumi up");
    const log = (call: Call) => print(logLine(call));
    const emulator = await startEmulator({
      ...optionsIn(values, program !== undefined),
      ...(values.quiet || program ? {} : { onCall: log }),
    });
    try {
      const access: Access = {
        endpoint: emulator.endpoint,
        regionId: regionIn(values, emulator),
        credential: credentialIn(values),
      };
      if (program) return await runProgram(program, access);
      print(banner(access, emulator.world, values.state));
      return emulator;
    } catch (error) {
      if (!program) await emulator.close();
      throw error;
    } finally {
      if (program) await emulator.close();
    }
  } catch (error) {
    printError(`alicloud-image-emulator: ${messageFor(error as NodeJS.ErrnoException & { port?: number })}\n`);
    return 1;
  }
}

/** `12:00:00 CreateImage 200 3 ms`. For a refusal, the code comes after the status. */
function logLine({ action, answered, at, tookMs = 0 }: Call): string {
  const outcome = answered === undefined ? "no answer" : [answered.status, answered.code].filter(Boolean).join(" ");
  return `${new Date(at).toISOString().slice(11, 19)} ${action} ${outcome} ${Math.round(tookMs)} ms\n`;
}

/** Runs a program and returns its exit code: 128 plus the signal's number if a signal ended it. */
function runProgram([file = "", ...args]: string[], access: Access): Promise<number> {
  const env: NodeJS.ProcessEnv = { ...process.env, ...environmentOf(access) };
  for (const name of misleadingVariables) delete env[name];
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", env, shell: process.platform === "win32" });
    // The terminal sends Ctrl-C to the program, too. The emulator stays until the program has ended.
    const wait = () => undefined;
    const end = () => void child.kill("SIGTERM");
    process.on("SIGINT", wait);
    process.on("SIGTERM", end);
    const over = () => {
      process.off("SIGINT", wait);
      process.off("SIGTERM", end);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      over();
      reject(error.code === "ENOENT" ? new UsageError(`there is no command ${file}.`) : error);
    });
    child.once("exit", (code, signal) => {
      over();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

function messageFor(error: NodeJS.ErrnoException & { port?: number; address?: string }): string {
  if (error instanceof UsageError) return `${error.message} (--help lists the options)`;
  if (error instanceof WorldFileError) return error.message;
  if (error.code === "EADDRINUSE")
    return `port ${error.port} is in use: stop the program that listens there, or choose another port with --port.`;
  if (error.code === "EACCES" && error.port !== undefined)
    return `port ${error.port} may not be used by this account: choose one above 1023 with --port.`;
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return `--host ${error.address ?? ""} is not an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.`;
  return error.message;
}
