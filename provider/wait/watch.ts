// Waits for many resources, and reads them, with few queries.

import { Failure, isFailure, messageOf } from "../failure";
import { cancellation, onAbort } from "./abort";
import { Batch, type Query } from "./batch";
import type { Clock } from "./clock";
import { inWords } from "./duration";
import {
  type Moment,
  type Observed,
  observe,
  type Readiness,
  type Step,
  UNREADABLE,
  type WaitState,
  waitFrom,
} from "./observe";
import { MAX_POLL_MS } from "./pace";

export { QUERY_SIZE, type Query } from "./batch";
export { type Readiness, UNREADABLE } from "./observe";

export interface Wait<Row, T> {
  /** What the wait is for, in error messages: `image m-bp1abc`. */
  readonly what: string;
  readonly deadlineMs: number;
  /** Evaluates one answer; `undefined` if the cloud does not list the resource. Pure. */
  evaluate(seen: Row | undefined): Readiness<T>;
  /** How long to wait before the first query, if it cannot be ready at once. */
  readonly initialDelayMs?: number;
  /** Whether an earlier run has seen it listed. Then it is gone if it stays missing. */
  readonly listedBefore?: boolean;
  /** For a wait for its absence: whether an answer has shown it missing already. Then one more is enough. */
  readonly absenceConfirmed?: boolean;
  /** Ends the wait: with the signal's reason if that is a `Failure`, otherwise as `Cancelled`. */
  readonly signal?: AbortSignal;
  /** Called if its status or the time left has changed, to show that to the user. */
  report?(at: string, left: string | undefined): void;
}

export interface Watch<Row> {
  /** The current row. Reads within a few milliseconds share one call. */
  read(id: string): Promise<Row | undefined>;
  /**
   * Queries until it is ready. All waits share the queries. Fails as `TimedOut` at the deadline, as `Cancelled` if the
   * signal is aborted, and as `Failed` if it cannot become ready; then `detail.gone` tells whether it was deleted.
   */
  until<T>(id: string, wait: Wait<Row, T>): Promise<T>;
}

/** One wait, as the others see it. */
interface Observer<Row> {
  readonly dueMs: number;
  /** When it will probably be ready. */
  readonly readyMs: number;
  observe(seen: Observed<Row>, certain: boolean): void;
  delayed(reason: string): void;
}

/** Reads and waits for resources of one kind, with as few queries as possible. */
export class SharedWatch<Row> implements Watch<Row> {
  private readonly observers = new Map<string, Set<Observer<Row>>>();
  private readonly batch: Batch<Row>;

  /** `isTransient` tells whether later queries may not have an error. */
  constructor(
    query: Query<Row>,
    private readonly clock: Clock,
    private readonly isTransient: (error: unknown) => boolean = (error) => isFailure(error, "Unreachable"),
  ) {
    this.batch = new Batch(query, clock, {
      idsBeside: (ids, room) => soonestDue(this.observers, ids, room),
      observe: (id, seen) => this.observersOf(id).forEach((observer) => observer.observe(seen, true)),
      delayed: (id, reason) => this.observersOf(id).forEach((observer) => observer.delayed(reason)),
    });
  }

  async read(id: string): Promise<Row | undefined> {
    const seen = await this.batch.ask(id, true);
    if (seen !== UNREADABLE) return seen;
    const fact = `reading ${id}: the cloud lists it in a form that cannot be read`;
    throw new Failure("Unreachable", `${fact}. Try again.`, { fact });
  }

  async until<T>(id: string, wait: Wait<Row, T>): Promise<T> {
    const waiting = new Poll(wait, this.clock, () => this.sharedLoad());
    const forget = onAbort(wait.signal, () => waiting.wake.abort());
    const ends = new AbortController();
    const leftMs = wait.deadlineMs + LAST_ANSWER_MS - this.clock.now();
    void this.clock.sleep(leftMs, ends.signal).then(() => ends.signal.aborted || waiting.endLate());
    this.observers.set(id, (this.observers.get(id) ?? new Set<Observer<Row>>()).add(waiting));
    try {
      return await this.ended(id, waiting, wait);
    } finally {
      forget();
      ends.abort();
      const together = this.observers.get(id);
      together?.delete(waiting);
      if (together?.size === 0) this.observers.delete(id);
    }
  }

  /** Queries whenever the wait is due, until it has ended. */
  private async ended<T>(id: string, waiting: Poll<Row, T>, wait: Wait<Row, T>): Promise<T> {
    for (let last = false; ; ) {
      if (waiting.outcome) return waiting.result();
      if (wait.signal?.aborted) throw cancellation(wait.signal, `waiting for ${wait.what}`);
      const pauseMs = waiting.dueMs - this.clock.now();
      if (pauseMs > 0) await this.clock.sleep(pauseMs, waiting.wake.signal);
      else if (last) throw waiting.timedOut();
      else if (!(await seenMeanwhile(id, waiting, this.batch))) {
        last = this.clock.now() >= wait.deadlineMs; // one last query falls on the deadline itself
        await this.ask(id, waiting);
      }
    }
  }

  private async ask<T>(id: string, waiting: Poll<Row, T>): Promise<void> {
    const certain = waiting.needsCertainty;
    try {
      const seen = await this.batch.ask(id, certain, waiting.wake.signal);
      if (!waiting.wake.signal.aborted) waiting.observe(seen, certain);
    } catch (error) {
      if (!this.isTransient(error) || !waiting.survives(error)) throw error;
    }
  }

  private observersOf(id: string): ReadonlySet<Observer<Row>> {
    return this.observers.get(id) ?? new Set();
  }

  private sharedLoad(): SharedLoad {
    return { others: this.observers.size - 1, lastReadyMs: lastReadyOf(this.observers) };
  }
}

/** Whether a query that was running for other waits has also answered this one. */
async function seenMeanwhile<Row, T>(id: string, waiting: Poll<Row, T>, batch: Batch<Row>): Promise<boolean> {
  const before = waiting.observations;
  await batch.inFlight(id);
  return waiting.observations > before || waiting.wake.signal.aborted;
}

/** The pending ids that fill up a query that is made anyway. Those that are due soonest come first. */
function soonestDue<Row>(
  pending: ReadonlyMap<string, ReadonlySet<Observer<Row>>>,
  ids: readonly string[],
  room: number,
): string[] {
  if (room <= 0 || pending.size === 0) return [];
  const own = new Set(ids);
  const others = [...pending.keys()].filter((id) => !own.has(id));
  if (others.length <= room) return others;
  const dueOf = (id: string) => Math.min(...[...pending.get(id)!].map(({ dueMs }) => dueMs));
  return others
    .map((id) => ({ id, dueMs: dueOf(id) }))
    .sort((a, b) => a.dueMs - b.dueMs)
    .slice(0, room)
    .map(({ id }) => id);
}

/** What one wait needs to know about all others. */
type SharedLoad = Pick<Moment, "others" | "lastReadyMs">;

function lastReadyOf<Row>(pending: ReadonlyMap<string, ReadonlySet<Observer<Row>>>): number {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const observers of pending.values()) for (const { readyMs } of observers) lastMs = Math.max(lastMs, readyMs);
  return lastMs;
}

type Conclusion<T> = Exclude<Step<T>, { is: "pending" }> | { readonly is: "fault"; readonly error: unknown };

/** How long the last query, which starts at the deadline, may take. */
const LAST_ANSWER_MS = 20_000;
/** How long after its start a wait still ends if no query has reached the server. */
const FIRST_CONTACT_MS = 30_000;

/** One wait: what was observed, when it is due, and how it ended. */
class Poll<Row, T> implements Observer<Row> {
  dueMs: number;
  observations = 0;
  outcome: Conclusion<T> | undefined;
  /** Whether the next absence must be certain, because something follows from it. */
  needsCertainty: boolean;
  /** Aborted if there is something to do before the wait is due. */
  readonly wake = new AbortController();
  private state: WaitState;
  /** Until the next answer: what the row shows instead of the status, and why the last query failed. */
  private trouble: string | undefined;
  private lastError: string | undefined;

  constructor(
    private readonly wait: Wait<Row, T>,
    private readonly clock: Clock,
    private readonly sharedLoad: () => SharedLoad,
  ) {
    this.state = waitFrom(clock.now(), wait.listedBefore);
    this.dueMs = Math.min(clock.now() + (wait.initialDelayMs ?? 0), wait.deadlineMs);
    this.needsCertainty = false;
  }

  get readyMs(): number {
    return this.state.readyMs;
  }

  /** Never throws, because the query may have been made for another wait. */
  observe(seen: Observed<Row>, certain: boolean): void {
    if (this.outcome) return;
    this.observations++;
    const hadTrouble = this.trouble !== undefined;
    this.trouble = undefined;
    this.lastError = undefined;
    try {
      this.follow(seen, certain || this.wait.absenceConfirmed === true, hadTrouble);
    } catch (error) {
      this.outcome = { is: "fault", error };
    }
    if (this.outcome) this.wake.abort();
  }

  private follow(seen: Observed<Row>, certain: boolean, hadTrouble: boolean): void {
    const nowMs = this.clock.now();
    const moment = { nowMs, deadlineMs: this.wait.deadlineMs, ...this.sharedLoad() };
    const step = observe(this.state, seen, (row: Row | undefined) => this.wait.evaluate(row), moment);
    if (step.is === "pending") {
      this.state = step.state;
      this.dueMs = nowMs + step.pauseMs;
      this.needsCertainty = false;
      if (step.changed || hadTrouble) this.wait.report?.(step.state.at, step.state.left);
    } else if (seen === undefined && !certain) {
      this.dueMs = nowMs;
      this.needsCertainty = true;
    } else this.outcome = step;
  }

  result(): T {
    const outcome = this.outcome!;
    switch (outcome.is) {
      case "ready":
        return outcome.value;
      case "failed":
        throw new Failure("Failed", outcome.why);
      case "gone":
        throw new Failure("Failed", `${this.wait.what} is gone: the cloud no longer lists it`, { gone: true });
      case "fault":
        throw outcome.error;
    }
  }

  /** The row shows the reason. The next answer shows the status again. */
  delayed(reason: string): void {
    this.trouble = reason;
    this.wait.report?.(reason, undefined);
  }

  /**
   * Whether the wait continues after a failed query. It does, until its deadline, unless its first query could not
   * reach the server: then the address is probably wrong.
   */
  survives(error: unknown): boolean {
    const nowMs = this.clock.now();
    const isFirst = this.observations === 0 && nowMs - this.state.startedMs < FIRST_CONTACT_MS;
    if (isFirst && isFailure(error) && error.detail.unsent) return false;
    this.lastError = messageOf(error);
    this.dueMs = Math.max(nowMs, Math.min(this.wait.deadlineMs, nowMs + MAX_POLL_MS));
    return true;
  }

  /** Ends the wait after its deadline, while the last query has no answer yet. */
  endLate(): void {
    this.outcome ??= { is: "fault", error: this.timedOut() };
    this.wake.abort();
  }

  timedOut(): Failure {
    const lasted = inWords(this.clock.now() - this.state.startedMs);
    const why = this.lastError === undefined ? "" : `; the last query failed: ${this.lastError}`;
    const what = this.wait.absenceConfirmed ? "still exists" : "is not ready";
    return new Failure("TimedOut", `${this.wait.what} ${what} after ${lasted}: it is ${this.state.at}${why}`);
  }
}
