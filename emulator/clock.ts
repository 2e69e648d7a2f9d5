import { type Clock, systemClock } from "../provider/wait/clock";

export { type Clock, systemClock };

/**
 * A clock that stops until a test advances it.
 *
 * @example
 * const clock = manualClock();
 * const emulator = await startEmulator({ clock });
 * // … a program makes an image …
 * await clock.advance(60_000); // a minute later, in no time: the image is Available
 */
export interface ManualClock extends Clock {
  /** Moves time forward and wakes all sleepers that are due, in order. */
  advance(ms: number): Promise<void>;
  /** How many wait on this clock. */
  readonly sleepers: number;
  /** When the next of them wakes; undefined when nothing waits. */
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
        // what was woken may go to sleep again before the next one wakes
        await new Promise((turn) => setImmediate(turn));
      }
      nowMs = untilMs;
    },
  };
}
