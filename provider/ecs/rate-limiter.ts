import type { Clock } from "../wait/clock";
import { afterAnswer, afterStart, type Outcome, opensAtMs, type Quota, unknownQuota } from "./quota";

/** The door through which every call of one action in one region goes: first come, first served, at the pace that the quota allows. */
export interface RateLimiter {
  /** Takes a place in the line. A call that is repeated keeps its place, so that those who wait longest go first. */
  queue(): Turn;
}

export interface Turn {
  /** Waits for its turn, and says how the call's answer is to be reported; undefined when the deadline comes first. */
  enter(deadlineMs: number): Promise<((outcome: Outcome) => void) | undefined>;
}

interface Waiting {
  readonly place: number;
  go(): void;
}

export function rateLimiter(clock: Clock, chance: () => number = Math.random): RateLimiter {
  let quota: Quota = unknownQuota;
  let places = 0;
  const line: Waiting[] = [];
  let alarm: AbortController | undefined;

  function admit() {
    alarm?.abort();
    alarm = undefined;
    while (line.length > 0) {
      const opensMs = opensAtMs(quota);
      if (opensMs === undefined) return;
      const nowMs = clock.now();
      if (opensMs > nowMs) return wakeIn(opensMs - nowMs);
      quota = afterStart(quota, nowMs);
      line.shift()!.go();
    }
  }

  function wakeIn(ms: number) {
    const own = (alarm = new AbortController());
    void clock.sleep(ms, own.signal).then(() => {
      if (!own.signal.aborted) admit();
    });
  }

  function report(startedMs: number) {
    let told = false;
    return (outcome: Outcome) => {
      if (told) return;
      told = true;
      quota = afterAnswer(quota, startedMs, outcome, clock.now(), chance());
      admit();
    };
  }

  return {
    queue() {
      const place = places++;
      return {
        enter: (deadlineMs) =>
          new Promise((resolve) => {
            const over = new AbortController();
            const waiting: Waiting = {
              place,
              go() {
                over.abort();
                resolve(report(clock.now()));
              },
            };
            const before = line.findIndex((other) => other.place > place);
            line.splice(before < 0 ? line.length : before, 0, waiting);
            admit();
            if (over.signal.aborted) return;
            void clock.sleep(deadlineMs - clock.now(), over.signal).then(() => {
              if (over.signal.aborted) return;
              line.splice(line.indexOf(waiting), 1);
              resolve(undefined);
            });
          }),
      };
    },
  };
}
