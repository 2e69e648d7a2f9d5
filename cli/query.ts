import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { Failure, isFailure } from "../provider/failure";
import { noProgress } from "../provider/lifecycle/progress";
import { openSession, type Session } from "../provider/lifecycle/session";
import { holdingsIn } from "./holdings";
import type { Orphan } from "./model";
import type { Options } from "./options";
import { orphansAmong } from "./orphan";
import { type Pulumi, pulumiIn } from "./pulumi";
import { type StackName, type StackState, stackNameIn, stackStateIn } from "./stack-state";
import type { Terminal } from "./terminal";

/** What one query of the state and the cloud has found. */
export interface Finding {
  readonly state: StackState;
  readonly regions: readonly string[];
  readonly orphans: readonly Orphan[];
  /** Orphans that are kept on purpose. */
  readonly acknowledged: readonly Orphan[];
}

export interface Query {
  readonly session: Session;
  /** Reads the state and then asks the cloud, as often as it is called. */
  run(): Promise<Finding>;
}

export function queryFrom(options: Options, terminal: Terminal): Query {
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

  async function currentState(): Promise<StackState> {
    configured ??= pulumi?.config().then((config) => session.configure((key) => config.get(key)));
    const [text, named] = await Promise.all([stateText(), pulumi ? namedBy(pulumi) : given, configured]);
    const state = stackStateIn(text, named);
    for (const part of ["project", "stack"] as const)
      if (given[part] !== undefined && given[part] !== state.name[part])
        throw new Failure("Invalid", `this is the state of ${part} ${state.name[part]}, not of ${given[part]}`);
    return state;
  }

  async function run(): Promise<Finding> {
    const state = await currentState();
    const own = session.defaultRegion();
    const regions = [...new Set([...(own === undefined ? [] : [own]), ...state.regions, ...options.regions])];
    if (regions.length === 0) throw new Failure("Invalid", "no region is known; name it with --region");
    if (terminal.isInteractive) terminal.say(`Asking ECS in ${regions.join(", ")} ...`);
    const held = await Promise.all(
      regions.map((regionId) => holdingsIn(regionId, state, session, terminal.say).catch(toOwnError)),
    );
    const caution = {
      nowMs: clock.now(),
      olderThanMs: options.olderThanMs,
      keepRetained: options.yes && !options.retained,
    };
    const all = held.flatMap((holdings) => orphansAmong(holdings, state, caution));
    return {
      state,
      regions,
      orphans: all.filter(({ acknowledgedAt }) => acknowledgedAt === undefined),
      acknowledged: all.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined),
    };
  }

  return { session, run };
}

/** What the client advises is meant for a run of Pulumi. */
function toOwnError(error: unknown): never {
  if (!isFailure(error, "Unreachable")) throw error;
  const why = error.message.replace(
    /\.? (Whether it was done|Check the network|Run pulumi up|Check the endpoint).*$/s,
    "",
  );
  throw new Failure(
    "Unreachable",
    `${why}. Nothing was changed. Check the network and the endpoint, then run this command again`,
  );
}

async function namedBy(pulumi: Pulumi): Promise<Partial<StackName>> {
  const project = pulumi.projectName();
  return { ...(project !== undefined && { project }), ...stackNameIn(await pulumi.stackName()) };
}
