import { type Emulator, type EmulatorOptions, startEmulator } from "../emulator";
import { type ManualClock, manualClock } from "../emulator/clock";
import { type DynamicProvider, dynamicProvider } from "../provider/hosts/dynamic/provider";
import { noProgress } from "../provider/lifecycle/progress";
import { Session } from "../provider/lifecycle/session";
import { customImage } from "../provider/resources/custom-image/lifecycle";
import { turning } from "../test/support/turning";
import { account, type Side, settingsFor } from "./inputs";
import { plainProvider } from "./plain";

/** What a call to the real API takes, there and back. */
export const LATENCY_MS = 50;

/** An emulated cloud with real-world latency on a clock that is turned, for either provider alike. */
export interface Stage {
  readonly emulator: Emulator;
  readonly clock: ManualClock;
  /** A provider process with nothing remembered. */
  process(side: Side, regionId?: string): Process;
  /** Runs to the end; nothing but the calls takes real time. */
  turn<T>(work: Promise<T>): Promise<T>;
  /** The actions of all calls since this was last asked for. */
  actions(): string[];
  close(): Promise<void>;
}

export interface Process {
  readonly provider: Pick<DynamicProvider, "check" | "diff" | "create" | "read" | "delete">;
  readonly session?: Session;
  /** The engine's orderly end. */
  end(): Promise<void>;
}

export async function openStage(options: EmulatorOptions = {}): Promise<Stage> {
  await import("p-retry"); // what takes real time must be over before time is turned
  const clock = manualClock();
  let held = 0;
  const hold = async () => {
    held++;
    await clock.sleep(LATENCY_MS / 2);
    held--;
    return undefined;
  };
  // half of it on the way there, half on the way back
  const emulator = await startEmulator({ clock, ...options, intercept: hold });
  let counted = 0;
  return {
    emulator,
    clock,
    turn: (work) => turning(clock, work, () => held),
    actions: () => emulator.calls.slice(counted, (counted = emulator.calls.length)).map(({ action }) => action),
    close: () => emulator.close(),
    process(side) {
      if (side === "plain")
        return { provider: plainProvider(account(emulator.endpoint), clock), end: async () => undefined };
      const session = new Session({ env: {}, clock, progress: noProgress });
      const settings = settingsFor(emulator.endpoint);
      session.configure((key) => settings[key]);
      return { provider: dynamicProvider(customImage, session), session, end: () => session.end() };
    },
  };
}

/** Runs `work` for 0 to count - 1, at most `parallel` at a time, like the engine's `--parallel`. */
export async function inSlices<T>(count: number, parallel: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker));
  return results;
}
