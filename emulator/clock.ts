import { type Clock, systemClock } from "../provider/wait/clock";

export { type Clock, systemClock };

/**
 * A clock that stands still until a test advances it.
 *
 * @example
 * const clock = manualClock();
 * const emulator = await startEmulator({ clock });
 * // … a program creates an image …
 * await clock.advance(60_000); // takes no real time, and the image is Available
 */
export interface ManualClock extends Clock {
  /** Moves time forward. Timers that are due fire in order. */
  advance(ms: number): Promise<void>;
  /** The number of timers that wait for this clock. */
  readonly sleepers: number;
  /** The time of the next timer; undefined if there is none. */
  readonly nextWake: number | undefined;
}

/**
 * Makes a clock that a test advances.
 *
 * @param startMs Its first time, milliseconds since 1970; 2026-01-01 in UTC by default.
 */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  const waiting: { atMs: number; wake: () => void }[] = [];
  const earliest = () =>
    waiting.reduce<(typeof waiting)[number] | undefined>(
      (first, w) => (!first || w.atMs < first.atMs ? w : first),
      undefined,
    );

  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted) return resolve();
        const sleeper = {
          atMs: nowMs + ms,
          wake() {
            const at = waiting.indexOf(sleeper);
            if (at >= 0) waiting.splice(at, 1);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        waiting.push(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
    get sleepers() {
      return waiting.length;
    },
    get nextWake() {
      return earliest()?.atMs;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (let next = earliest(); next && next.atMs <= untilMs; next = earliest()) {
        nowMs = next.atMs;
        next.wake();
        // lets the code after this timer run before the next timer fires
        await new Promise((turn) => setImmediate(turn));
      }
      nowMs = untilMs;
    },
  };
}
