import { type Emulator, type EmulatorOptions, startEmulator } from "../emulator";
import { type ManualClock, manualClock } from "../emulator/clock";
import { type DynamicProvider, dynamicProvider } from "../provider/hosts/dynamic/provider";
import { noProgress } from "../provider/lifecycle/progress";
import { Session } from "../provider/lifecycle/session";
import { customImage } from "../provider/resources/custom-image/lifecycle";
import { turning } from "../test/support/turning";
import { account, type Side, settingsFor } from "./inputs";
import { plainProvider } from "./plain";

/** The round-trip time of a call to the real API. */
export const LATENCY_MS = 50;

/** An emulated cloud with realistic latency on a manual clock, the same for either provider. */
export interface Stage {
  readonly emulator: Emulator;
  readonly clock: ManualClock;
  /** A new provider process, without memory of earlier ones. */
  process(side: Side, regionId?: string): Process;
  /** Runs `work` to its end. Only calls take real time. */
  turn<T>(work: Promise<T>): Promise<T>;
  /** The actions of all calls since the last time this was called. */
  actions(): string[];
  close(): Promise<void>;
}

export interface Process {
  readonly provider: Pick<DynamicProvider, "check" | "diff" | "create" | "read" | "delete">;
  readonly session?: Session;
  /** Ends as the engine ends it at the end of an operation. */
  end(): Promise<void>;
}

export async function openStage(options: EmulatorOptions = {}): Promise<Stage> {
  await import("p-retry"); // loading takes real time, so it must be over before the clock advances
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
