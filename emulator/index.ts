import { type Clock, systemClock } from "../provider/wait/clock";
import { dispatch } from "./dispatch";
import { listen } from "./http/listen";
import type { HttpRequest, Outcome } from "./http/message";
import { handleOss } from "./oss";
import type { Call, Durations, Emulation, Intercept } from "./request/emulation";
import { applyElapsedTime } from "./resources/elapsed-time";
import { isRpc, rpc } from "./rpc";
import type { Credential } from "./world/credential";
import { seededWorld } from "./world/seed";
import { loadWorld, saveWorld } from "./world/state-file";
import type { World } from "./world/world";

export type { Fault } from "./http/message";
export type { Call, Durations, Intercept } from "./request/emulation";
export type { Credential } from "./world/credential";
export { emptyWorld } from "./world/empty-world";
export type { Scenario } from "./world/scenario";
export { seededWorld, seeds } from "./world/seed";
export type * from "./world/world";

export interface EmulatorOptions {
  /** 0, the default: any free port. Always on 127.0.0.1. */
  port?: number;
  /** Default: the system's. */
  clock?: Clock;
  /** Keeps the world in this file, across restarts; what it holds wins over `world`. */
  stateFile?: string;
  /** Default: the pair `emulator-key` / `emulator-secret`, which may do everything. */
  credentials?: Credential[];
  /** Added to every answer; real milliseconds. */
  latencyMs?: number;
  /** How long things take, on the clock. */
  durations?: Partial<Durations>;
  quotas?: Partial<World["quotas"]>;
  /** Default: `seededWorld()`. */
  world?: World;
  intercept?: Intercept;
}

export interface Emulator {
  /** Serves ECS, STS and OSS. */
  readonly endpoint: string;
  /** What the cloud holds at this moment of the clock; to read and to change. */
  readonly world: World;
  /** Every call since the start, in the order they came. */
  readonly calls: Call[];
  /** By access key id; those that AssumeRole gave are added. */
  readonly credentials: Map<string, Credential>;
  intercept: Intercept | undefined;
  close(): Promise<void>;
}

export const defaultCredential: Credential = { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" };
export const defaultDurations: Durations = { createMs: 60_000, importMs: 90_000, exportMs: 60_000 };

/** Starts an emulated ECS, STS and OSS on a port of this machine. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { clock = systemClock, stateFile } = options;
  const world =
    (stateFile === undefined ? undefined : loadWorld(stateFile)) ?? options.world ?? seededWorld(clock.now());
  Object.assign(world.quotas, options.quotas);
  const dispatcher = {
    calls: [] as Call[],
    intercept: options.intercept,
    keep: () => {
      if (stateFile !== undefined) saveWorld(stateFile, world);
    },
  };
  const emulation: Emulation = {
    world,
    clock,
    durations: { ...defaultDurations, ...options.durations },
    credentials: new Map(
      (options.credentials ?? [defaultCredential]).map((credential) => [credential.accessKeyId, credential]),
    ),
    dispatch: (call) => dispatch(emulation, dispatcher, call),
  };
  const answerRpc = rpc(emulation);
  const answerTo = (request: HttpRequest): Promise<Outcome> =>
    isRpc(request) ? answerRpc(request) : handleOss(request, emulation);
  const listening = await listen(options.port ?? 0, answerTo, options.latencyMs ?? 0);

  return {
    endpoint: `http://127.0.0.1:${listening.port}`,
    get world() {
      applyElapsedTime(world, clock.now());
      return world;
    },
    calls: dispatcher.calls,
    credentials: emulation.credentials,
    get intercept() {
      return dispatcher.intercept;
    },
    set intercept(intercept) {
      dispatcher.intercept = intercept;
    },
    async close() {
      await listening.close();
      dispatcher.keep();
    },
  };
}
