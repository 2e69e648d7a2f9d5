import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { text as textOf } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Failure, messageOf } from "../provider/failure";
import { noProgress } from "../provider/lifecycle/progress";
import { openSession, type Session } from "../provider/lifecycle/session";
import { holdingsIn } from "./holdings";
import { type Caution, type Orphan, orphansAmong } from "./orphan";
import { type Pulumi, pulumiIn } from "./pulumi";
import { removeAll } from "./removal";
import { ageText, tableOf } from "./report";
import { type StackName, type StackState, stackNameIn, stackStateIn } from "./stack-state";
import type { Terminal } from "./terminal";

export const orphansHelp = `Usage: pulumi-alicloud-image orphans [options]

Lists what the cloud holds of a stack and the stack's state does not know: images, snapshots and tasks that a killed run
has left behind. Usually the next pulumi up takes such an image over; this is for what is no longer wanted.

  --stack <name>        the stack: <stack>, <project>/<stack> or <organization>/<project>/<stack> (the selected one)
  --state <file>        read the state from a file that pulumi stack export wrote, or from standard input (-); the cloud is
                        then reached by the environment alone (ALICLOUD_REGION, ALICLOUD_ACCESS_KEY, ...)
  --region <region>     look there too; can be repeated. The stack's own region and those in its state are always looked at
  --older-than <age>    keep what is younger: 90s, 30m, 2h, 7d (1h), since a run that is under way may be making it
  --delete              delete what is listed and not marked as kept, after asking
  --yes                 do not ask. Keeps what a state knew once
  --forgotten           with --yes, delete that as well
  --json                print the result as JSON
  --help                this text

A stack is told by its project's name and its own. Two stacks that have both in common, in two backends, cannot be told
apart: what one of them holds is listed for the other as "was in a state".

Exit codes: 0 nothing is left, 1 something is, 2 it could not be found out.
`;

interface Options {
  readonly stack: string | undefined;
  readonly state: string | undefined;
  readonly regions: readonly string[];
  readonly olderThanMs: number;
  readonly deletes: boolean;
  readonly yes: boolean;
  readonly forgotten: boolean;
  readonly json: boolean;
}

/** What one look has found. */
interface Finding {
  readonly state: StackState;
  readonly regions: readonly string[];
  readonly orphans: readonly Orphan[];
}

/** Runs the command and gives its exit code. Whatever goes wrong is one sentence. */
export async function orphans(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const options = optionsIn(args);
    if (options !== "help") return await find(options, terminal);
    terminal.out(orphansHelp);
    return 0;
  } catch (error) {
    terminal.say(`orphans: ${messageOf(error)}`);
    return 2;
  }
}

async function find(options: Options, terminal: Terminal): Promise<0 | 1> {
  if (options.deletes && !options.yes && !terminal.isInteractive)
    throw new Failure("Invalid", "there is no terminal to ask at; give --yes to delete without being asked");
  const look = lookFrom(options, terminal);
  const { finding, session } = await look();
  const { clock } = terminal;
  if (!options.json) describe(finding, options, terminal);
  const removable = finding.orphans.filter(({ kept }) => kept === undefined);
  const outcomes = new Map<string, string>();
  const isMeant = options.deletes && removable.length > 0 && (options.yes || (await confirmed(removable, terminal)));
  let left = finding.orphans;
  if (isMeant) {
    // Asking takes time, in which a run may have taken some of it over.
    const again = await look();
    const still = again.finding.orphans.filter(
      ({ id, kept }) => kept === undefined && removable.some((orphan) => orphan.id === id),
    );
    const failed = await removeAll(still, session, (orphan, why) => {
      outcomes.set(orphan.id, why ?? "deleted");
      terminal.say(
        `${orphan.kind} ${orphan.id}: ${why === undefined ? (orphan.kind === "image" || orphan.kind === "snapshot" ? "deleted" : "cancelled") : `not deleted: ${why}`}`,
      );
    });
    left = again.finding.orphans.filter((orphan) => !still.includes(orphan) || failed.includes(orphan));
  }
  if (options.json) terminal.out(JSON.stringify(asJson(finding, outcomes, clock.now()), undefined, 2));
  else if (isMeant) terminal.out(left.length === 0 ? "Nothing is left." : `${counted(left.length)} left.`);
  return left.length === 0 ? 0 : 1;
}

function optionsIn(args: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        stack: text,
        state: text,
        region: { ...text, multiple: true },
        "older-than": text,
        delete: flag,
        yes: flag,
        forgotten: flag,
        json: flag,
        help: { ...flag, short: "h" },
      },
    }));
  } catch (error) {
    throw new Failure("Invalid", `${messageOf(error)} (--help lists the options)`);
  }
  if (values.help) return "help";
  return {
    stack: values.stack,
    state: values.state,
    regions: values.region ?? [],
    olderThanMs: ageMsIn(values["older-than"] ?? "1h"),
    deletes: values.delete ?? false,
    yes: values.yes ?? false,
    forgotten: values.forgotten ?? false,
    json: values.json ?? false,
  };
}

const AGE_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function ageMsIn(text: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new Failure("Invalid", `--older-than takes an age such as 90s, 30m, 2h or 7d, not ${JSON.stringify(text)}`);
  return Number(amount) * AGE_MS[unit]!;
}

/** Reads the state and then asks the cloud, as often as it is called. */
function lookFrom(options: Options, terminal: Terminal): () => Promise<{ finding: Finding; session: Session }> {
  const { clock, env } = terminal;
  const given = options.stack === undefined ? {} : stackNameIn(options.stack);
  const pulumi = options.state === undefined ? pulumiIn(terminal, options.stack) : undefined;
  const session = openSession({ env, clock, progress: noProgress });
  let piped: Promise<string> | undefined;
  let configured: Promise<void> | undefined;

  async function stateText(): Promise<string> {
    if (pulumi) return pulumi.exportState();
    if (options.state === "-") return (piped ??= textOf(terminal.stdin));
    return readFile(options.state!, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new Failure("Invalid", `the state file ${options.state} cannot be read (${error.code})`);
    });
  }

  return async () => {
    configured ??= pulumi?.config().then((config) => session.configure((key) => config.get(key)));
    const [text, named] = await Promise.all([stateText(), pulumi ? namedBy(pulumi) : given, configured]);
    const state = stackStateIn(text, named);
    for (const part of ["project", "stack"] as const) {
      if (given[part] !== undefined && given[part] !== state.name[part])
        throw new Failure("Invalid", `this is the state of ${part} ${state.name[part]}, not of ${given[part]}`);
    }
    const own = session.defaultRegion();
    const regions = [...new Set([...(own === undefined ? [] : [own]), ...state.regions, ...options.regions])];
    if (regions.length === 0) throw new Failure("Invalid", "no region is known; name it with --region");
    const held = await Promise.all(regions.map((regionId) => holdingsIn(regionId, state, session)));
    const caution: Caution = {
      nowMs: clock.now(),
      olderThanMs: options.olderThanMs,
      keepForgotten: options.yes && !options.forgotten,
    };
    return {
      finding: { state, regions, orphans: held.flatMap((holdings) => orphansAmong(holdings, state, caution)) },
      session,
    };
  };
}

async function namedBy(pulumi: Pulumi): Promise<Partial<StackName>> {
  const project = pulumi.projectName();
  return { ...(project !== undefined && { project }), ...stackNameIn(await pulumi.stackName()) };
}

const counted = (count: number) => (count === 1 ? "1 orphan" : `${count} orphans`);

function describe(
  { state, regions, orphans: found }: Finding,
  { olderThanMs }: Options,
  { clock, out, say }: Terminal,
): void {
  for (const { urn, operation } of state.interrupted)
    say(
      `Warning: a run was interrupted, or is under way: ${operation} ${urn}. The next pulumi up takes up what it can.`,
    );
  const where = `stack ${state.name.stack} of project ${state.name.project}, in ${regions.join(", ")}`;
  if (found.length === 0) return out(`No orphans: all that the cloud holds of ${where}, is known to its state.`);
  out(`${counted(found.length)} of ${where}:\n`);
  for (const line of tableOf(found, clock.now())) out(line);
  out("");
  if (found.some(({ kept }) => kept !== undefined))
    out(
      `What is marked as kept is not deleted. Too young is what is younger than ${ageText(new Date(0).toISOString(), olderThanMs)}: a run that is under way may be making it (--older-than).`,
    );
}

async function confirmed(removable: readonly Orphan[], { stdin, say }: Terminal): Promise<boolean> {
  const forgotten = removable.filter(({ origin }) => origin === "forgotten").length;
  if (forgotten > 0) {
    say(
      `${forgotten} of these ${forgotten === 1 ? "was" : "were"} in a state once. If another stack has the same project and name, in another backend or before a rename, they may be in use there.`,
    );
  }
  say(`Delete ${counted(removable.length)} for good? Type the number, or yes:`);
  const lines = createInterface({ input: stdin });
  try {
    for await (const line of lines) {
      const answer = line.trim().toLowerCase();
      const isMeant = answer === "yes" || answer === String(removable.length);
      if (!isMeant) say("Nothing was deleted.");
      return isMeant;
    }
    say("Nothing was deleted.");
    return false;
  } finally {
    lines.close();
  }
}

function asJson(
  { state, regions, orphans: found }: Finding,
  outcomes: ReadonlyMap<string, string>,
  nowMs: number,
): object {
  return {
    ...state.name,
    regions,
    interrupted: state.interrupted,
    orphans: found.map(({ owner: _hashes, ...orphan }) => {
      const createdMs = Date.parse(orphan.createdAt ?? "");
      const outcome = outcomes.get(orphan.id);
      return {
        ...orphan,
        ...(!Number.isNaN(createdMs) && { ageSeconds: Math.floor((nowMs - createdMs) / 1_000) }),
        ...(outcome !== undefined && { outcome }),
      };
    }),
  };
}
