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

/** The result of one query of the state and the cloud. */
export interface Finding {
  readonly state: StackState;
  /** The account that was asked, if STS names it. */
  readonly account: string | undefined;
  /** Explicit providers of the stack with another account or endpoint, which was not asked. */
  readonly unasked: readonly string[];
  readonly regions: readonly string[];
  readonly orphans: readonly Orphan[];
  /** Orphans that are kept on purpose. */
  readonly acknowledged: readonly Orphan[];
}

/** Reads the state of one stack and asks the cloud about it. */
export class Query {
  readonly session: Session;
  private readonly pulumi: Pulumi | undefined;
  private piped: Promise<string> | undefined;
  private config: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly options: Options,
    private readonly terminal: Terminal,
  ) {
    const { clock, env } = terminal;
    this.pulumi = options.state === undefined ? pulumiIn(terminal, options.stack) : undefined;
    this.session = new Session({ env, clock, progress: noProgress });
  }

  /** Reads the state, and configures the session for the stack. */
  async state(): Promise<StackState> {
    const { options, pulumi } = this;
    const given = options.stack === undefined ? {} : stackNameIn(options.stack);
    const name = pulumi ? namedBy(pulumi) : given;
    const [text, named, values] = await Promise.all([this.stateText(), name, this.stackConfig()]);
    const state = stackStateIn(text, named);
    const { configuration } = configurationOf(state.providers, values, options.provider);
    this.session.configure(configuration);
    for (const part of ["project", "stack"] as const)
      if (given[part] !== undefined && given[part] !== state.name[part])
        throw new Failure("Invalid", `this is the state of ${part} ${state.name[part]}, not of ${given[part]}`);
    return state;
  }

  /** Reads the state and then asks the cloud, again at each call. */
  async run(): Promise<Finding> {
    const { options, session } = this;
    const state = await this.state();
    const regions = this.regionsFor(state);
    const all = await this.orphansIn(regions, state);
    return {
      state,
      account: await session.account(),
      unasked: configurationOf(state.providers, await this.stackConfig(), options.provider).unasked,
      regions,
      orphans: all.filter(({ acknowledgedAt }) => acknowledgedAt === undefined),
      acknowledged: all.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined),
    };
  }

  private regionsFor(state: StackState): string[] {
    const own = this.session.defaultRegion();
    const regions = [...new Set([...(own === undefined ? [] : [own]), ...state.regions, ...this.options.regions])];
    if (regions.length === 0) throw new Failure("Invalid", "no region is known; name it with --region");
    return regions;
  }

  private async orphansIn(regions: readonly string[], state: StackState): Promise<Orphan[]> {
    const { options, terminal, session } = this;
    const { clock, say, isInteractive } = terminal;
    if (isInteractive) say(`Asking ECS in ${regions.join(", ")} ...`);
    const held = await Promise.all(
      regions.map((regionId) => holdingsIn(regionId, state, session, say).catch(toOwnError)),
    );
    const { olderThanMs } = options;
    const caution = { nowMs: clock.now(), olderThanMs, keepRetained: options.yes && !options.retained };
    return held.flatMap((holdings) => orphansAmong(holdings, state, caution));
  }

  private stackConfig(): Promise<ReadonlyMap<string, string>> {
    return (this.config ??= this.pulumi?.config() ?? Promise.resolve(new Map()));
  }

  private async stateText(): Promise<string> {
    const { options, terminal, pulumi } = this;
    if (pulumi) return pulumi.exportState(options.provider !== undefined);
    if (options.state === "-") return (this.piped ??= textOf(terminal.stdin));
    if (options.deletes) await refuseOldCopy(options.state!, terminal.clock.now());
    return readFile(options.state!, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new Failure("Invalid", `the state file ${options.state} cannot be read (${error.code})`);
    });
  }
}

const COPY_AGE_MS = 10 * 60_000;

/** Refuses an old copy of a state: what a run has recorded since then would look like an orphan. */
async function refuseOldCopy(file: string, nowMs: number): Promise<void> {
  const written = await stat(file).catch(() => undefined); // reading it reports the error
  if (written === undefined || nowMs - written.mtimeMs <= COPY_AGE_MS) return;
  throw new Failure(
    "Invalid",
    `${file} was written at ${written.mtime.toISOString()}, and a run may have recorded more since; ` +
      `write it again (pulumi stack export --file ${file}), or run --delete in the project's folder without --state`,
  );
}

/** Replaces the client's advice, which is meant for a run of Pulumi. */
function toOwnError(error: unknown): never {
  if (!isFailure(error, "Unreachable")) throw error;
  const { fact = error.message } = error.detail;
  const advice = "Check the network and the endpoint, then run this command again";
  throw new Failure("Unreachable", `${fact}${fact.endsWith(".") ? "" : "."} Nothing was changed. ${advice}`);
}

async function namedBy(pulumi: Pulumi): Promise<Partial<StackName>> {
  const project = pulumi.projectName();
  return { ...(project !== undefined && { project }), ...stackNameIn(await pulumi.stackName()) };
}
