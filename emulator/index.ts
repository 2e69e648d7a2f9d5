import "../provider/old-node/refuses";
import { type Clock, systemClock } from "./clock";
import { type Dispatcher, dispatch } from "./dispatch";
import { listen } from "./http/listen";
import type { HttpRequest, Outcome } from "./http/message";
import { handleOss } from "./oss";
import type { Call, Durations, Emulation, InjectedFault, Intercept } from "./request/emulation";
import { applyElapsedTime } from "./resources/elapsed-time";
import { isRpc, rpc } from "./rpc";
import { handleControl } from "./tool/control";
import { accountIn, shareCloud } from "./world/accounts";
import type { Credential } from "./world/credential";
import type { Quirks } from "./world/quirks";
import { region } from "./world/regions";
import type { Scenario } from "./world/scenario";
import { seededWorld } from "./world/seed";
import { loadWorld, saveWorld } from "./world/state-file";
import { lockState, type StateLock } from "./world/state-lock";
import type { Quotas, RegionRecord, World } from "./world/world";

export { type Clock, type ManualClock, manualClock, systemClock } from "./clock";
export type {
  AnswerFault,
  DelayFault,
  ErrorFault,
  Fault,
  ResetFault,
  SilenceFault,
  SlowFault,
  TransportFault,
  TruncateFault,
} from "./http/message";
export type { Answered, Call, Durations, InjectedFault, Intercept } from "./request/emulation";
export type { Credential } from "./world/credential";
export { emptyWorld } from "./world/empty-world";
export { defaultQuirks, type Quirks } from "./world/quirks";
export { region } from "./world/regions";
export type { HiddenLater, InstanceScenario, Scenario } from "./world/scenario";
export { seededWorld, seeds, testNetwork } from "./world/seed";
export type { Pause, Reason, Span } from "./world/span";
export { storedObject } from "./world/stored-object";
export type * from "./world/world";

/**
 * Options of `startEmulator`. None is required: `await startEmulator()` starts with a small account that has instances,
 * snapshots, buckets and roles (see `seeds`).
 */
export interface EmulatorOptions {
  /** The port. 0, the default: any free port. */
  port?: number;
  /** The address to listen on. With the default, 127.0.0.1, it answers only to names of this machine. */
  host?: string;
  /**
   * The clock; the system's by default. With `manualClock()` nothing takes real time: `await clock.advance(60_000)`.
   */
  clock?: Clock;
  /** A file in which the world is kept across restarts. If it exists, `world` is ignored. */
  stateFile?: string;
  /**
   * The access keys that are accepted; by default `emulator-key` / `emulator-secret`, which may do everything.
   * A key with a `policy` may do what that RAM policy allows; one with an `accountId` belongs to that account.
   *
   * @example
   * await startEmulator({
   *   credentials: [
   *     { accessKeyId: "team-a", accessKeySecret: "a" },
   *     { accessKeyId: "team-b", accessKeySecret: "b", accountId: "2222222222222222" },
   *   ],
   * });
   */
  credentials?: Credential[];
  /** A delay before each answer, in real milliseconds. 0 by default. */
  latencyMs?: number;
  /**
   * How long things take, in milliseconds of the clock: `createMs` 60,000, `importMs` 90,000, `exportMs` 60,000,
   * `copyMs` 120,000, `bootMs` 20,000, `commandMs` 5,000, `releaseMs` 5,000.
   */
  durations?: Partial<Durations>;
  /**
   * Limits of the first account. Apart from those on the API pages they are wide by default. `callsPerSecond` limits
   * the calls of an action.
   */
  quotas?: Partial<Quotas>;
  /**
   * How the cloud answers where the pages leave it open: lists that lag, throttling headers, empty lists, and so on.
   */
  quirks?: Partial<Quirks>;
  /** The regions of the cloud, ids or records; by default all public ones. */
  regions?: readonly (string | RegionRecord)[];
  /** What the cloud holds; `seededWorld(clock.now())` by default. A function is called again by `reset()`. */
  world?: World | ((nowMs: number) => World);
  /** How the next creations in the first account go. */
  scenarios?: readonly Scenario[];
  /**
   * Called twice for every authenticated call, before its effect and after it. It may return a fault, and may take any
   * time.
   */
  intercept?: Intercept;
  /** Called once for every call, when its answer is ready. */
  onCall?: (call: Call) => void;
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`; serves ECS, STS and OSS, in every region. */
  readonly endpoint: string;
  /** The first account's world at this moment of the clock, to read and to change. `otherAccounts` has the others. */
  readonly world: World;
  /** Every call since the start, in the order they came. */
  readonly calls: Call[];
  /** Credentials by access key id, including those that AssumeRole has issued. */
  readonly credentials: Map<string, Credential>;
  /** As `EmulatorOptions.intercept`; undefined if there is none. */
  intercept: Intercept | undefined;
  /** The world of an account. An unknown account is added, with nothing in it. */
  account(accountId: string): World;
  /**
   * Injects a fault into the next calls of an action.
   *
   * @example
   * emulator.inject({ action: "CreateImage", fault: { kind: "error", status: 500, code: "InternalError" } });
   * emulator.inject({ action: "DescribeImages", times: 3, fault: { kind: "reset" } });
   * // the call takes effect, but its answer is lost
   * emulator.inject({ action: "ImportImage", phase: "after", fault: { kind: "reset" } });
   */
  inject(fault: InjectedFault): void;
  /** Injected faults that are still waiting for a call. */
  readonly faults: readonly InjectedFault[];
  /**
   * Hides an image or a task from every list for so many milliseconds of the clock, like a list that lags. It still
   * exists.
   */
  hide(id: string, forMs: number): void;
  /**
   * Moves the emulator's time forward. A manual clock is advanced; any other clock gets an offset that only the
   * emulator sees.
   */
  advance(ms: number): Promise<void>;
  /** The emulator's time, milliseconds since 1970. */
  now(): number;
  /** Starts over with a fresh world, without calls and injected faults. Throws if `world` was given as an object. */
  reset(): void;
  /** Stops the emulator. With a state file, it writes the world first. */
  close(): Promise<void>;
}

/** The access key that is accepted by default. It may do everything. */
export const defaultCredential: Credential = { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" };
/** How long things take by default. */
export const defaultDurations: Durations = {
  createMs: 60_000,
  importMs: 90_000,
  exportMs: 60_000,
  copyMs: 120_000,
  bootMs: 20_000,
  commandMs: 5_000,
  releaseMs: 5_000,
};

/**
 * Starts an emulated ECS, STS and OSS on a port of this machine.
 *
 * @example
 * const clock = manualClock();
 * const emulator = await startEmulator({ clock, durations: { createMs: 10_000 } });
 * emulator.world.scenarios.push({ for: "CreateImage", failAtPercent: 50 }); // the next image fails half way
 * // … run a program against emulator.endpoint …
 * await emulator.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const lock = options.stateFile === undefined ? undefined : lockState(options.stateFile);
  try {
    return await started(options, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function started(options: EmulatorOptions, lock: StateLock | undefined): Promise<Emulator> {
  const running = runningFrom(options, lock);
  running.keep(); // reports a file that cannot be written now, not after the first change
  const emulation: Emulation = {
    world: running.world,
    clock: running.time,
    durations: { ...defaultDurations, ...options.durations },
    credentials: running.credentials,
    dispatch: (call) => dispatch(emulation, running, call),
  };
  const answerRpc = rpc(emulation);
  const answerTo = async (request: HttpRequest): Promise<Outcome> => {
    const control = handleControl(request, emulator);
    if (control !== undefined) return { answer: await control };
    return isRpc(request) ? answerRpc(request) : handleOss(request, emulation);
  };
  const { port = 0, host = "127.0.0.1", latencyMs = 0 } = options;
  const listening = await listen({ port, host, latencyMs }, answerTo);
  lock?.listensAt(listening.endpoint);
  const emulator = emulatorOf(running, listening);
  return emulator;
}

/** The parts of an emulator, before it listens on a port. */
interface Running extends Dispatcher {
  readonly options: EmulatorOptions;
  readonly lock: StateLock | undefined;
  readonly time: AdjustableClock;
  readonly world: World;
  readonly credentials: Map<string, Credential>;
}

function runningFrom(options: EmulatorOptions, lock: StateLock | undefined): Running {
  const { stateFile, intercept, onCall } = options;
  const time = adjustableTime(options.clock ?? systemClock);
  const world = initialWorld(options, time.now());
  const credentials = new Map((options.credentials ?? [defaultCredential]).map((one) => [one.accessKeyId, one]));
  openAccounts(world, credentials);
  const keep = () => {
    if (stateFile !== undefined) saveWorld(stateFile, world);
  };
  return { options, lock, time, world, credentials, calls: [], faults: [], intercept, keep, onCall };
}

function emulatorOf(running: Running, listening: Awaited<ReturnType<typeof listen>>): Emulator {
  const { time, credentials, calls, faults } = running;
  const world = () => {
    applyElapsedTime(running.world, time.now());
    return running.world;
  };
  return {
    endpoint: listening.endpoint,
    get world() {
      return world();
    },
    calls,
    credentials,
    get intercept() {
      return running.intercept;
    },
    set intercept(intercept) {
      running.intercept = intercept;
    },
    account: (accountId) => accountIn(world(), accountId),
    faults,
    inject: (fault) => void faults.push(fault),
    hide: (id, forMs) => hide(running.world, id, { fromMs: time.now(), untilMs: time.now() + forMs }),
    advance: time.advance,
    now: time.now,
    reset: () => reset(running),
    async close() {
      await listening.close();
      try {
        running.keep();
      } finally {
        running.lock?.release();
      }
    },
  };
}

function reset({ options, world, time, credentials, calls, faults, keep }: Running): void {
  if (typeof options.world === "object")
    throw new Error("reset() does not know the initial state of a world given as an object. Give a function.");
  Object.assign(world, freshWorld(options, time.now()));
  openAccounts(world, credentials);
  calls.length = 0;
  faults.length = 0;
  keep();
}

function openAccounts(world: World, credentials: ReadonlyMap<string, Credential>): void {
  for (const { accountId } of credentials.values()) if (accountId !== undefined) accountIn(world, accountId);
}

/** The world of the state file, or a fresh one. The options' quotas, quirks and regions apply to both. */
function initialWorld(options: EmulatorOptions, nowMs: number): World {
  const kept = options.stateFile === undefined ? undefined : loadWorld(options.stateFile);
  return kept === undefined ? freshWorld(options, nowMs) : withOptions(kept, { ...options, scenarios: [] });
}

function freshWorld(options: EmulatorOptions, nowMs: number): World {
  const { world = seededWorld } = options;
  return withOptions(typeof world === "function" ? world(nowMs) : world, options);
}

function withOptions(world: World, { quotas, quirks, regions, scenarios = [] }: EmulatorOptions): World {
  Object.assign(world.quotas, quotas);
  Object.assign(world.quirks, quirks);
  world.scenarios.push(...scenarios);
  if (regions) {
    const records = regions.map((one) => (typeof one === "string" ? region(one) : one));
    world.regions = new Map(records.map((one) => [one.regionId, one]));
  }
  shareCloud(world);
  return world;
}

type AdjustableClock = Clock & { advance(ms: number): Promise<void> };

/** Makes any clock one that the emulator can advance. */
function adjustableTime(clock: Clock): AdjustableClock {
  let offsetMs = 0;
  return {
    now: () => clock.now() + offsetMs,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    async advance(ms) {
      if ("advance" in clock) await (clock.advance as (ms: number) => Promise<void>)(ms);
      else offsetMs += ms;
    },
  };
}

function hide(cloud: World, id: string, hidden: { fromMs: number; untilMs: number }): void {
  const found = [cloud, ...cloud.otherAccounts.values()]
    .map(({ images, tasks }) => images.get(id) ?? tasks.get(id))
    .find((one) => one !== undefined);
  if (!found) throw new Error(`The emulated cloud has no image and no task ${id}.`);
  found.hidden = hidden;
}
