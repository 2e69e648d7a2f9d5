import { onAbort } from "../wait/abort";
import type { Clock } from "../wait/clock";
import { answered, type Outcome, opensAtMs, type Quota, rested, started, unknownQuota } from "./quota";

/** Every call of one action in one region passes here: first come, first served, at the pace that the quota allows. */
export interface RateLimiter {
  /** Takes a place in the queue. A call that is repeated keeps its place, so that those who wait longest go first. */
  queue(): Turn;
  /** Starts nothing before then. */
  rest(untilMs: number): void;
}

export interface Turn {
  /**
   * Waits for its turn, and returns how to report the call's answer; undefined when the deadline or the signal comes
   * first.
   */
  enter(deadlineMs: number, signal?: AbortSignal): Promise<Report | undefined>;
}

/** Only the first report of a call counts. `pauseMs`: the pause that the cloud asks for. */
export type Report = (outcome: Outcome, pauseMs?: number) => void;

interface Waiting {
  readonly place: number;
  start(report: Report): void;
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
      quota = started(quota, nowMs);
      line.shift()!.start(reportOf(nowMs));
    }
  }

  function wakeIn(ms: number) {
    const own = (alarm = new AbortController());
    void clock.sleep(ms, own.signal).then(() => {
      if (!own.signal.aborted) admit();
    });
  }

  function reportOf(startedMs: number): Report {
    let reported = false;
    return (outcome, pauseMs) => {
      if (reported) return;
      reported = true;
      quota = answered(quota, { outcome, startedMs, pauseMs, nowMs: clock.now(), chance: chance() });
      admit();
    };
  }

  async function enter(place: number, deadlineMs: number, signal?: AbortSignal): Promise<Report | undefined> {
    if (signal?.aborted) return undefined;
    const over = new AbortController();
    let report: Report | undefined;
    const waiting: Waiting = {
      place,
      start(own) {
        report = own;
        over.abort();
      },
    };
    const behind = line.findIndex((other) => other.place > place);
    line.splice(behind < 0 ? line.length : behind, 0, waiting);
    const forget = onAbort(signal, () => over.abort());
    admit();
    await clock.sleep(deadlineMs - clock.now(), over.signal);
    forget();
    if (!report) line.splice(line.indexOf(waiting), 1);
    return report;
  }

  return {
    queue() {
      const place = places++;
      return { enter: (deadlineMs, signal) => enter(place, deadlineMs, signal) };
    },
    rest(untilMs) {
      quota = rested(quota, untilMs);
    },
  };
}
