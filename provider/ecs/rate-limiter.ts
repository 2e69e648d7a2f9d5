import { onAbort } from "../wait/abort";
import type { Clock } from "../wait/clock";
import { answered, type Passage, opensAtMs, type Quota, rested, started, unknownQuota } from "./quota";

export interface Turn {
  /**
   * Waits for its turn, and returns how to report the call's answer; undefined when the deadline or the signal comes
   * first.
   */
  enter(deadlineMs: number, signal?: AbortSignal): Promise<Report | undefined>;
}

/** Only the first report of a call counts. `pauseMs`: the pause that the cloud asks for. */
export type Report = (outcome: Passage, pauseMs?: number) => void;

interface Waiting {
  readonly place: number;
  start(report: Report): void;
}

/** Every call of one action in one region passes here: first come, first served, at the pace that the quota allows. */
export class RateLimiter {
  private quota: Quota = unknownQuota;
  private places = 0;
  private readonly line: Waiting[] = [];
  private alarm: AbortController | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly chance: () => number = Math.random,
  ) {}

  /** Takes a place in the queue. A call that is repeated keeps its place, so that those who wait longest go first. */
  queue(): Turn {
    const place = this.places++;
    return { enter: (deadlineMs, signal) => this.enter(place, deadlineMs, signal) };
  }

  /** Starts nothing before then. */
  rest(untilMs: number): void {
    this.quota = rested(this.quota, untilMs);
  }

  private async enter(place: number, deadlineMs: number, signal?: AbortSignal): Promise<Report | undefined> {
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
    const behind = this.line.findIndex((other) => other.place > place);
    this.line.splice(behind < 0 ? this.line.length : behind, 0, waiting);
    const forget = onAbort(signal, () => over.abort());
    this.admit();
    await this.clock.sleep(deadlineMs - this.clock.now(), over.signal);
    forget();
    if (!report) this.line.splice(this.line.indexOf(waiting), 1);
    return report;
  }

  /** Starts all whose turn it is, and comes again when the next one's is. */
  private admit(): void {
    this.alarm?.abort();
    this.alarm = undefined;
    while (this.line.length > 0) {
      const opensMs = opensAtMs(this.quota);
      if (opensMs === undefined) return;
      const nowMs = this.clock.now();
      if (opensMs > nowMs) return this.wakeIn(opensMs - nowMs);
      this.quota = started(this.quota, nowMs);
      this.line.shift()!.start(this.reportOf(nowMs));
    }
  }

  private wakeIn(ms: number): void {
    const own = new AbortController();
    this.alarm = own;
    void this.clock.sleep(ms, own.signal).then(() => {
      if (!own.signal.aborted) this.admit();
    });
  }

  private reportOf(startedMs: number): Report {
    let reported = false;
    return (outcome, pauseMs) => {
      if (reported) return;
      reported = true;
      const answer = { outcome, startedMs, pauseMs, nowMs: this.clock.now(), chance: this.chance() };
      this.quota = answered(this.quota, answer);
      this.admit();
    };
  }
}
