import { parseArgs } from "node:util";
import {
  defaultCredential,
  defaultDurations,
  type Emulator,
  type EmulatorOptions,
  seeds,
  startEmulator,
} from "./index";

const help = `Usage: alicloud-image-emulator [options]

An emulated Alibaba Cloud ECS, OSS and STS for images, on 127.0.0.1.

  --port <port>             where to listen (4566; 0: any free port)
  --state <file>            keeps what it holds in this file, across restarts
  --create-seconds <n>      how long making an image takes (${defaultDurations.createMs / 1000})
  --import-seconds <n>      … importing one (${defaultDurations.importMs / 1000})
  --export-seconds <n>      … exporting one (${defaultDurations.exportMs / 1000})
  --latency-ms <n>          added to every answer (0)
  --access-key <id>         the access key that it accepts (${defaultCredential.accessKeyId})
  --secret-key <secret>     … and its secret (${defaultCredential.accessKeySecret})
  --help                    this text
`;

/** A mistake of whoever called the command: told in one sentence. */
class UsageError extends Error {}

function optionsIn(args: string[]): EmulatorOptions | "help" {
  const text = { type: "string" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: text,
        state: text,
        "create-seconds": text,
        "import-seconds": text,
        "export-seconds": text,
        "latency-ms": text,
        "access-key": text,
        "secret-key": text,
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message.split("\n")[0] ?? "");
  }
  if (values.help) return "help";

  const number = (name: keyof typeof values, otherwise: number, most = Infinity): number => {
    const given = values[name];
    if (given === undefined) return otherwise;
    if (typeof given !== "string" || !/^\d+(\.\d+)?$/.test(given) || Number(given) > most)
      throw new UsageError(
        `--${name} takes a number${most < Infinity ? ` up to ${most}` : ""}, not "${String(given)}".`,
      );
    return Number(given);
  };
  return {
    port: number("port", 4566, 65_535),
    latencyMs: number("latency-ms", 0),
    durations: {
      createMs: number("create-seconds", defaultDurations.createMs / 1000) * 1000,
      importMs: number("import-seconds", defaultDurations.importMs / 1000) * 1000,
      exportMs: number("export-seconds", defaultDurations.exportMs / 1000) * 1000,
    },
    credentials: [
      {
        accessKeyId: values["access-key"] ?? defaultCredential.accessKeyId,
        accessKeySecret: values["secret-key"] ?? defaultCredential.accessKeySecret,
      },
    ],
    ...(values.state === undefined ? {} : { stateFile: values.state }),
  };
}

const guide = (
  endpoint: string,
  { credentials: [credential] = [defaultCredential], stateFile }: EmulatorOptions,
): string => `The emulator listens at ${endpoint}${stateFile === undefined ? "" : `, and keeps what it holds in ${stateFile}`}.

It holds, in ${seeds.regionId}:
  instances   ${seeds.instanceId} (running), ${seeds.secondInstanceId} (stopped), ${seeds.lockedInstanceId} (locked for security)
  snapshots   ${seeds.systemSnapshotId} (system disk), ${seeds.dataSnapshotId} (data disk)
  buckets     ${seeds.imageBucket} (with ${seeds.imageObject}), ${seeds.exportBucket} (empty)
  group       ${seeds.resourceGroupId}
  roles       ${seeds.importRole}, ${seeds.exportRole}, ${seeds.assumableRole}

To use it, set in the environment of pulumi:
  export ALICLOUD_ACCESS_KEY=${credential?.accessKeyId}
  export ALICLOUD_SECRET_KEY=${credential?.accessKeySecret}
  export ALICLOUD_REGION=${seeds.regionId}
  export ALIBABA_CLOUD_ENDPOINT_ECS=${endpoint}
  export ALIBABA_CLOUD_ENDPOINT_OSS=${endpoint}
  export ALIBABA_CLOUD_ENDPOINT_STS=${endpoint}

or in a stack:
  pulumi config set alicloud:region ${seeds.regionId}
  pulumi config set alicloud:accessKey ${credential?.accessKeyId} --secret
  pulumi config set alicloud:secretKey ${credential?.accessKeySecret} --secret
  pulumi config set alicloud:endpoints '{"ecs":"${endpoint}","oss":"${endpoint}","sts":"${endpoint}"}'

Ctrl-C ends it.
`;

/** Runs the command: an emulator that goes on, or the exit code of a command that is over. */
export async function runCommand(
  args: string[],
  tell: (text: string) => void,
  complain: (text: string) => void,
): Promise<Emulator | number> {
  try {
    const options = optionsIn(args);
    if (options === "help") {
      tell(help);
      return 0;
    }
    const emulator = await startEmulator(options);
    tell(guide(emulator.endpoint, options));
    return emulator;
  } catch (error) {
    complain(`alicloud-image-emulator: ${sentenceOf(error as NodeJS.ErrnoException & { port?: number })}\n`);
    return 1;
  }
}

function sentenceOf(error: NodeJS.ErrnoException & { port?: number }): string {
  if (error instanceof UsageError) return `${error.message} (--help lists the options)`;
  if (error.code === "EADDRINUSE")
    return `port ${error.port} is in use: stop what listens there, or choose another with --port.`;
  if (error.code === "EACCES" && error.port !== undefined)
    return `port ${error.port} may not be used by this account: choose one above 1023 with --port.`;
  return error.message;
}
