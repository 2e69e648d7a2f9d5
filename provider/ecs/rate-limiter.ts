// Lets the calls of an action pass at the pace of the account's quota.

import { onAbort } from "../wait/abort";
import type { Clock } from "../wait/clock";
import { answered, closedUntil, opensAtMs, type Passage, type Quota, started, unknownQuota } from "./quota";

export interface Turn {
  /**
   * Waits for its turn. Returns the function that reports the call's answer, or undefined if the deadline or the signal
   * comes first.
   */
  acquire(deadlineMs: number, signal?: AbortSignal): Promise<Report | undefined>;
}

/** Only the first report of a call counts. `pauseMs` is the pause that the cloud asks for. */
export type Report = (outcome: Passage, pauseMs?: number) => void;

interface Queued {
  readonly position: number;
  start(report: Report): void;
}

/** All calls of one action in one region pass here in their order, at the pace that the quota allows. */
export class RateLimiter {
  private quota: Quota = unknownQuota;
  private positions = 0;
  private readonly waiting: Queued[] = [];
  private timer: AbortController | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly chance: () => number = Math.random,
  ) {}

  /** Takes a position in the queue. A repeated call keeps its position, so the oldest call goes first. */
  queue(): Turn {
    const position = this.positions++;
    return { acquire: (deadlineMs, signal) => this.acquire(position, deadlineMs, signal) };
  }

  /** Starts no call before then. */
  rest(untilMs: number): void {
    this.quota = closedUntil(this.quota, untilMs);
  }

  private async acquire(position: number, deadlineMs: number, signal?: AbortSignal): Promise<Report | undefined> {
    if (signal?.aborted) return undefined;
    const done = new AbortController();
    let report: Report | undefined;
    const queued: Queued = {
      position,
      start(own) {
        report = own;
        done.abort();
      },
    };
    const behind = this.waiting.findIndex((other) => other.position > position);
    this.waiting.splice(behind < 0 ? this.waiting.length : behind, 0, queued);
    const forget = onAbort(signal, () => done.abort());
    this.admit();
    await this.clock.sleep(deadlineMs - this.clock.now(), done.signal);
    forget();
    if (!report) this.waiting.splice(this.waiting.indexOf(queued), 1);
    return report;
  }

  /** Starts all calls that are due, and sets a timer for the next one. */
  private admit(): void {
    this.timer?.abort();
    this.timer = undefined;
    while (this.waiting.length > 0) {
      const opensMs = opensAtMs(this.quota);
      if (opensMs === undefined) return;
      const nowMs = this.clock.now();
      if (opensMs > nowMs) return this.wakeIn(opensMs - nowMs);
      this.quota = started(this.quota, nowMs);
      this.waiting.shift()!.start(this.reportOf(nowMs));
    }
  }

  private wakeIn(ms: number): void {
    const own = new AbortController();
    this.timer = own;
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
