import { readFile, stat } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { Failure, isFailure } from "../provider/failure";
import { noProgress } from "../provider/lifecycle/progress";
import { Session } from "../provider/lifecycle/session";
import { configurationOf } from "./configuration";
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
  /** The account that was asked, where STS names it. */
  readonly account: string | undefined;
  /** Explicit providers of the stack that have an account or an endpoint of their own, which was not asked. */
  readonly unasked: readonly string[];
  readonly regions: readonly string[];
  readonly orphans: readonly Orphan[];
  /** Orphans that are kept on purpose. */
  readonly acknowledged: readonly Orphan[];
}

export interface Query {
  readonly session: Session;
  /** Reads the state, and configures the session for the stack. */
  state(): Promise<StackState>;
  /** Reads the state and then asks the cloud, as often as it is called. */
  run(): Promise<Finding>;
}

export function queryFrom(options: Options, terminal: Terminal): Query {
  const { clock, env } = terminal;
  const given = options.stack === undefined ? {} : stackNameIn(options.stack);
  const pulumi = options.state === undefined ? pulumiIn(terminal, options.stack) : undefined;
  const session = new Session({ env, clock, progress: noProgress });
  let piped: Promise<string> | undefined;
  let config: Promise<ReadonlyMap<string, string>> | undefined;

  async function stateText(): Promise<string> {
    if (pulumi) return pulumi.exportState(options.provider !== undefined);
    if (options.state === "-") return (piped ??= textOf(terminal.stdin));
    if (options.deletes) await refuseOldCopy(options.state!, clock.now());
    return readFile(options.state!, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new Failure("Invalid", `the state file ${options.state} cannot be read (${error.code})`);
    });
  }

  async function currentState(): Promise<StackState> {
    config ??= pulumi?.config() ?? Promise.resolve(new Map());
    const [text, named, values] = await Promise.all([stateText(), pulumi ? namedBy(pulumi) : given, config]);
    const state = stackStateIn(text, named);
    const { configuration } = configurationOf(state.providers, values, options.provider);
    session.configure(configuration);
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
      account: await session.account(),
      unasked: configurationOf(state.providers, await config!, options.provider).unasked,
      regions,
      orphans: all.filter(({ acknowledgedAt }) => acknowledgedAt === undefined),
      acknowledged: all.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined),
    };
  }

  return { session, state: currentState, run };
}

const COPY_AGE_MS = 10 * 60_000;

/** What a run has recorded since the copy was written would look like something that nobody has. */
async function refuseOldCopy(file: string, nowMs: number): Promise<void> {
  const written = await stat(file).catch(() => undefined); // reading it says what is wrong
  if (written === undefined || nowMs - written.mtimeMs <= COPY_AGE_MS) return;
  throw new Failure(
    "Invalid",
    `${file} was written at ${written.mtime.toISOString()}, and a run may have recorded more since; ` +
      `write it again (pulumi stack export --file ${file}), or run --delete in the project's folder without --state`,
  );
}

/** What the client advises is meant for a run of Pulumi. */
function toOwnError(error: unknown): never {
  if (!isFailure(error, "Unreachable")) throw error;
  const { advice = "" } = error.detail;
  const why = (
    advice && error.message.endsWith(advice) ? error.message.slice(0, -advice.length) : error.message
  ).replace(/[.\s]+$/, "");
  throw new Failure(
    "Unreachable",
    `${why}. Nothing was changed. Check the network and the endpoint, then run this command again`,
  );
}

async function namedBy(pulumi: Pulumi): Promise<Partial<StackName>> {
  const project = pulumi.projectName();
  return { ...(project !== undefined && { project }), ...stackNameIn(await pulumi.stackName()) };
}
