import type { Clock } from "../../provider/wait/clock";

/** A clock that stands still until it is turned. */
export interface TurnedClock extends Clock {
  /** Moves time forward and wakes, in order, everybody whose time has come. */
  advance(ms: number): Promise<void>;
  /** How many wait on this clock. */
  readonly sleepers: number;
  /** When the next of them wakes; undefined when nobody waits. */
  readonly nextWake: number | undefined;
}

export function turnedClock(startMs = Date.UTC(2026, 0, 1)): TurnedClock {
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
        await new Promise((turn) => setImmediate(turn)); // what was woken may go to sleep again before the next one wakes
      }
      nowMs = untilMs;
    },
  };
}
