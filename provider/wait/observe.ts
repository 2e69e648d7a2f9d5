// Decides after each query how a wait goes on.

import { inWords } from "./duration";
import { leftOf, pauseBefore } from "./pace";

/** What an answer means for the wait. `at` is the status in the cloud's words. */
export type Readiness<T> =
  | { readonly is: "ready"; readonly value: T }
  | {
      readonly is: "pending";
      readonly at: string;
      readonly percent?: number | undefined;
      readonly leftMs?: number | undefined;
    }
  | { readonly is: "failed"; readonly why: string };

/** The cloud listed the resource in a form that cannot be read: it exists, and nothing else is known. */
export const UNREADABLE = Symbol("unreadable");

/** The result of one query for a resource; undefined if it was not listed. */
export type Observed<Row> = Row | typeof UNREADABLE | undefined;

/** What the observations so far have shown. */
export interface WaitState {
  readonly startedMs: number;
  /** Whether it was ever listed. */
  readonly listed: boolean;
  /** When it was first missing, and in how many queries in a row. */
  readonly missing: { readonly sinceMs: number; readonly times: number } | undefined;
  readonly at: string;
  /** The progress that the cloud last reported, and when it last changed. */
  readonly hint: number | undefined;
  readonly movedMs: number;
  /** The first percentage that the cloud reported, and when: the speed follows from the progress since then. */
  readonly first: { readonly percent: number; readonly atMs: number } | undefined;
  /** When it will probably be ready; infinite if the cloud reports no progress. */
  readonly readyMs: number;
  /** The time that is left, in words. */
  readonly left: string | undefined;
}

export type Step<T> =
  | { readonly is: "ready"; readonly value: T }
  | { readonly is: "failed"; readonly why: string }
  /** It was listed and no longer is, so it was deleted. */
  | { readonly is: "gone" }
  /** `changed`: its status or the time left has changed. */
  | { readonly is: "pending"; readonly state: WaitState; readonly pauseMs: number; readonly changed: boolean };

/** Lists lag behind and have gaps. A resource counts as gone after this many queries in a row without it. */
export const GONE_MISSES = 3;
/** And not before this much time has passed since the first of them. */
export const GONE_MS = 60_000;

/** The state at the start of a wait. `listed`: an earlier run has seen it in a list. */
export const waitFrom = (nowMs: number, listed = false): WaitState => ({
  startedMs: nowMs,
  listed,
  missing: undefined,
  at: "not listed yet",
  hint: undefined,
  movedMs: nowMs,
  first: undefined,
  readyMs: Number.POSITIVE_INFINITY,
  left: undefined,
});

export interface Moment {
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** How many other waits share the queries. */
  readonly others: number;
  /** When the last of them will probably be ready; infinite unless that is known for all. */
  readonly lastReadyMs?: number;
}

/**
 * The next state after one query. Pure.
 *
 * A resource that was never listed is pending until the deadline: the cloud gave its id, so it exists, and lists may
 * lag by any time. A resource that was listed must be missing for a minute before it counts as gone.
 */
export function observe<Row, T>(
  state: WaitState,
  seen: Observed<Row>,
  evaluate: (row: Row | undefined) => Readiness<T>,
  moment: Moment,
): Step<T> {
  if (seen === UNREADABLE) return pending({ ...state, listed: true, missing: undefined }, UNCLEAR, state, moment);
  const readiness = evaluate(seen);
  if (readiness.is !== "pending") return readiness;
  if (seen !== undefined) return pending({ ...state, listed: true, missing: undefined }, readiness, state, moment);
  const { sinceMs, times } = state.missing ?? { sinceMs: moment.nowMs, times: 0 };
  const missing = { sinceMs, times: times + 1 };
  if (state.listed && missing.times >= GONE_MISSES && moment.nowMs - sinceMs >= GONE_MS) return { is: "gone" };
  const where = state.listed ? { ...readiness, at: "no longer listed" } : readiness;
  return pending({ ...state, missing }, where, state, moment);
}

type Pending = Extract<Readiness<never>, { is: "pending" }>;

const UNCLEAR: Pending = { is: "pending", at: "listed in a form that cannot be read" };

function pending(
  next: WaitState,
  { at, percent, leftMs }: Pending,
  before: WaitState,
  { nowMs, deadlineMs, others, lastReadyMs = Number.POSITIVE_INFINITY }: Moment,
): Extract<Step<never>, { is: "pending" }> {
  const hint = leftMs ?? percent;
  const moved = at !== before.at;
  const movedMs = moved || hint !== before.hint ? nowMs : before.movedMs;
  const observation = {
    elapsedMs: nowMs - before.startedMs,
    stillMs: nowMs - movedMs,
    percent,
    leftMs,
    others,
    lastMs: lastReadyMs - nowMs,
  };
  const pauseMs = pauseBefore(observation, deadlineMs - nowMs);
  const readyMs = nowMs + (leftOf(observation) ?? Number.POSITIVE_INFINITY);
  const first = before.first ?? (percent === undefined ? undefined : { percent, atMs: nowMs });
  const left = timeLeft(leftMs ?? extrapolated(first, percent, nowMs));
  const changed = moved || left !== before.left;
  return { is: "pending", state: { ...next, at, hint, movedMs, first, readyMs, left }, pauseMs, changed };
}

/** Percentages are whole numbers. From less progress than this, an estimate is off by more than a tenth. */
const LEAST_PERCENT = 10;

/**
 * The time that is left at the speed that this wait has seen. Its own start does not count, because an earlier run may
 * have waited before.
 */
function extrapolated(first: WaitState["first"], percent: number | undefined, nowMs: number): number | undefined {
  if (!first || percent === undefined) return undefined;
  const done = percent - first.percent;
  return done < LEAST_PERCENT ? undefined : ((nowMs - first.atMs) * (100 - percent)) / done;
}

/** The time left, in minutes; below two minutes in tens of seconds, below one in seconds. */
function timeLeft(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  const stepMs = ms < 60_000 ? 1_000 : ms < 120_000 ? 10_000 : 60_000;
  return `about ${inWords(Math.max(1, Math.round(ms / stepMs)) * stepMs)} left`;
}
