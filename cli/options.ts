import { type ParseArgsConfig, parseArgs } from "node:util";
import { Failure, messageOf } from "../provider/failure";

export const orphansHelp = `Usage: pulumi-alicloud-image orphans [options]

Lists cloud resources that belong to a stack but are missing from its state: images, snapshots and tasks that an
interrupted run left, and images that a state held once (retainOnDelete, pulumi state delete or move, an older
state). The next pulumi up usually takes over what an interrupted run left. The command never lists what the
state holds.

  --stack <name>         the stack: <stack>, <project>/<stack> or <organization>/<project>/<stack> (the selected
                         one)
  --state <file>         read the state from a file that pulumi stack export wrote, or from standard input (-);
                         region and keys then come from the environment only (ALICLOUD_REGION,
                         ALICLOUD_ACCESS_KEY, ...)
  --provider <name>      use the configuration and account of this provider: alicloud, alicloud-image, or an
                         explicit provider of the stack
  --region <region>      search this region, too; can be repeated. The stack's own and those in its state are
                         always searched
  --older-than <age>     keep what is younger: 90s, 30m, 2h, 7d (1h), because a current run may be creating it
  --acknowledge <ids>    mark images (or snapshots that have none) as intentionally kept: they get the tag
                         ${"pulumi-alicloud-image:retained"}, are no longer listed, and do not count for the
                         exit code; can be repeated
  --all                  also list what is acknowledged
  --delete               choose from the list what to delete; rows marked as kept stay
  --yes                  with --delete, do not ask: delete everything that an interrupted run left, except rows
                         marked as kept
  --retained             with --yes, also delete what a state held, or may have held
  --json                 print the result as JSON
  --help                 this text

The command never deletes what is still being created, what a task works on, or anything for which the state has
a pending operation: a current run may be creating it. If no run is active, run pulumi cancel and pulumi up, or
pulumi refresh --clear-pending-creates, and list again.

A stack is identified by its project name and its stack name. The command cannot distinguish two stacks in two
backends that share both: it lists what one of them holds for the other.

Exit codes: 0 there are no orphans, or all are acknowledged; 1 there are others; 2 the check or the deletion
failed.
`;

export interface Options {
  readonly stack: string | undefined;
  readonly state: string | undefined;
  readonly provider: string | undefined;
  readonly regions: readonly string[];
  readonly olderThanMs: number;
  readonly acknowledges: readonly string[];
  readonly all: boolean;
  readonly deletes: boolean;
  readonly yes: boolean;
  readonly retained: boolean;
  readonly json: boolean;
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const known = {
  stack: text,
  state: text,
  provider: text,
  region: texts,
  "older-than": text,
  acknowledge: texts,
  all: flag,
  delete: flag,
  yes: flag,
  retained: flag,
  json: flag,
  help: { ...flag, short: "h" },
} as const;

export function optionsIn(args: readonly string[]): Options | "help" {
  const values = parsed(args);
  if (values.help) return "help";
  const {
    stack,
    state,
    provider,
    all = false,
    delete: deletes = false,
    yes = false,
    retained = false,
    json = false,
  } = values;
  const acknowledges = listed(values.acknowledge);
  if (deletes && acknowledges.length > 0)
    throw new Failure("Invalid", "give either --delete or --acknowledge, not both");
  return {
    ...{ stack, state, provider, all, deletes, yes, retained, json, acknowledges },
    regions: listed(values.region),
    olderThanMs: ageMsIn(values["older-than"] ?? "1h"),
  };
}

const parsed = (args: readonly string[]) => parsedBy(known, args);

/** Parses a command's options. An error is reported in one sentence. */
export function parsedBy<const O extends NonNullable<ParseArgsConfig["options"]>>(
  options: O,
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: O }>>["values"] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Failure("Invalid", `${messageOf(error)} (--help lists the options)`);
  }
}

/** The values of an option that may be repeated and may hold several values: `a,b`. */
const listed = (values: readonly string[] = []) =>
  values.flatMap((value) => value.split(",").map((one) => one.trim())).filter(Boolean);

const AGE_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function ageMsIn(given: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(given) ?? [];
  if (amount === undefined || unit === undefined)
    throw new Failure("Invalid", `--older-than takes an age such as 90s, 30m, 2h or 7d, not ${JSON.stringify(given)}`);
  return Number(amount) * AGE_MS[unit]!;
}
