import { Readable } from "node:stream";
import { orphans } from "../../cli/orphans";
import { defaultCredential } from "../../emulator";
import type { Lab, Recorded } from "../support/lab";
import { inputsOf, type Props, type ResourceName, urnOf } from "../support/lab";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

/** The environment in which a command reaches the lab's cloud. */
export const envOf = (lab: Lab): NodeJS.ProcessEnv => ({
  ALICLOUD_ACCESS_KEY: defaultCredential.accessKeyId,
  ALICLOUD_SECRET_KEY: defaultCredential.accessKeySecret,
  ALICLOUD_REGION: "cn-hangzhou",
  ALIBABA_CLOUD_ENDPOINT_ECS: lab.emulator.endpoint,
  ALIBABA_CLOUD_ENDPOINT_OSS: lab.emulator.endpoint,
  ALIBABA_CLOUD_ENDPOINT_STS: lab.emulator.endpoint,
});

export interface Call {
  /** Given on standard input. */
  readonly input?: string | Readable;
  readonly isInteractive?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly folder?: string;
}

/** Calls the command as a user would, on the lab's clock. */
export const callOrphans = (lab: Lab, args: readonly string[], call: Call = {}): Promise<Said> =>
  callCommand(orphans, lab, args, call);

export async function callCommand(
  command: typeof orphans,
  lab: Lab,
  args: readonly string[],
  { input = "", isInteractive = false, env = {}, folder = "/" }: Call = {},
): Promise<Said> {
  const out: string[] = [];
  const said: string[] = [];
  const stdin = typeof input === "string" ? Readable.from([input]) : input;
  const terminal = {
    env: { ...envOf(lab), ...env },
    folder,
    clock: lab.clock,
    stdin,
    isInteractive,
    out: (line: string) => void out.push(line),
    say: (line: string) => void said.push(line),
  };
  const code = await lab.turn(command(args, terminal));
  return { code, out: out.join("\n"), said: said.join("\n") };
}

/** What the user sees first of a stack's resource. */
export interface Row {
  readonly kind: ResourceName;
  readonly name?: string;
  /** By default, the URN that the stack's program gives. */
  readonly urn?: string;
  readonly aliases?: readonly string[];
  readonly recorded: Recorded;
  readonly delete?: boolean;
}

const recordedRow = ({ kind, name = "golden", recorded, ...rest }: Row, stack: string) => {
  const urn = urnOf(kind, name, stack);
  return { urn, type: urn.split("::")[2], custom: true, ...recorded, ...rest };
};

const stackRow = (stack: string) => ({
  urn: `urn:pulumi:${stack}::golden::pulumi:pulumi:Stack::golden-${stack}`,
  type: "pulumi:pulumi:Stack",
  custom: false,
});

/** What `pulumi stack export` prints of a stack that holds these. */
export const exported = (
  rows: readonly Row[],
  {
    pending = [],
    outputs = {},
    stack = "dev",
  }: { pending?: { kind: ResourceName; name?: string; args: Props }[]; outputs?: Props; stack?: string } = {},
): string =>
  JSON.stringify({
    version: 3,
    deployment: {
      manifest: {},
      resources: [{ ...stackRow(stack), outputs }, ...rows.map((row) => recordedRow(row, stack))],
      pending_operations: pending.map(({ kind, name = "golden", args }) => ({
        type: "creating",
        resource: {
          urn: urnOf(kind, name),
          type: urnOf(kind, name).split("::")[2],
          custom: true,
          inputs: inputsOf(kind, name, args),
        },
      })),
    },
  });
