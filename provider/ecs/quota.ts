/**
 * What is known of an account's quota for one action, learned from nothing but which calls passed and which were throttled.
 *
 * Alibaba Cloud does not say how much of a quota is left, counts by the second or by the minute, and shares it with everybody
 * who uses the account. So: as long as nothing was throttled, calls go out freely. The first throttled call closes the gate;
 * then one call at a time probes until one passes. What passed over the whole cycle, the closed time included, is the pace
 * from there on: it fits a quota by the second as well as one by the minute. The pace then quickens, slowly up to where it was
 * throttled last, and faster once that has proved to be no limit any more.
 */
export interface Quota {
  readonly inFlight: number;
  readonly lastStartMs: number;
  /** Since when, and how many, calls have passed since the gate last opened. */
  readonly cycleStartMs: number;
  readonly cyclePassed: number;
  /** Milliseconds between starts; undefined while nothing was ever throttled. */
  readonly paceMs: number | undefined;
  /** In how many passes the pace comes back to where it was throttled. */
  readonly recovery: number;
  readonly closedAtMs: number;
  readonly closed: { readonly untilMs: number; readonly pauseMs: number; readonly probing: boolean } | undefined;
}

export type Outcome = "passed" | "throttled" | "unknown";

/** So many calls may be under way at once; beyond the first few, a free gate spreads them out, which costs a second at most. */
const CROWD = 4;
const SPREAD_MS = 100;
const MOST_IN_FLIGHT = 50;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** A pause this long between calls ends a burst: what passed before says nothing of the quota. */
const IDLE_MS = 5_000;
const SLOWER = 1.15;
/** The more calls a cycle has carried, the better the pace is known, and the more carefully it is exceeded. */
const CARE = 25;
const MOST_CARE = 400;

export const unknownQuota: Quota = {
  inFlight: 0,
  lastStartMs: Number.NEGATIVE_INFINITY,
  cycleStartMs: 0,
  cyclePassed: 0,
  paceMs: undefined,
  recovery: CARE,
  closedAtMs: Number.NEGATIVE_INFINITY,
  closed: undefined,
};

/** When the next call may start; undefined when an answer has to come first. */
export function opensAtMs({ inFlight, lastStartMs, paceMs, closed }: Quota): number | undefined {
  if (closed) return closed.probing ? undefined : closed.untilMs;
  if (inFlight >= MOST_IN_FLIGHT) return undefined;
  if (paceMs !== undefined) return lastStartMs + paceMs;
  return inFlight < CROWD ? Number.NEGATIVE_INFINITY : lastStartMs + SPREAD_MS;
}

export function afterStart(quota: Quota, nowMs: number): Quota {
  const idle = !quota.closed && nowMs - quota.lastStartMs > Math.max(IDLE_MS, 3 * (quota.paceMs ?? 0));
  return {
    ...quota,
    inFlight: quota.inFlight + 1,
    lastStartMs: nowMs,
    ...(idle && { cycleStartMs: nowMs, cyclePassed: 0 }),
    ...(quota.closed && { closed: { ...quota.closed, probing: true } }),
  };
}

/** `chance` is a number from 0 to 1 that keeps several processes from probing in step. */
export function afterAnswer(before: Quota, startedMs: number, outcome: Outcome, nowMs: number, chance: number): Quota {
  const quota = {
    ...before,
    inFlight: before.inFlight - 1,
    cyclePassed: before.cyclePassed + (outcome === "passed" ? 1 : 0),
  };
  const probe = quota.closed?.probing && startedMs > quota.closedAtMs;
  if (outcome === "throttled") {
    if (quota.closed && !probe) return quota; // under way already when the gate closed
    if (!quota.closed && startedMs <= quota.closedAtMs) return quota;
    const pauseMs = quota.closed ? Math.min(2 * quota.closed.pauseMs, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    return {
      ...quota,
      closedAtMs: quota.closed ? quota.closedAtMs : nowMs,
      closed: { untilMs: nowMs + pauseMs * (1 + chance / 5), pauseMs, probing: false },
    };
  }
  if (quota.closed) {
    if (!probe) return quota;
    if (outcome === "unknown")
      return { ...quota, closed: { ...quota.closed, untilMs: nowMs + quota.closed.pauseMs, probing: false } };
    return reopened(quota, startedMs);
  }
  return outcome === "passed" && quota.paceMs !== undefined ? quickened(quota, quota.paceMs) : quota;
}

function reopened(quota: Quota, nowMs: number): Quota {
  const carried = Math.max(1, quota.cyclePassed - 1);
  const meanMs = (nowMs - quota.cycleStartMs) / carried;
  return {
    ...quota,
    closed: undefined,
    paceMs: Math.max(meanMs, (quota.paceMs ?? 0) * SLOWER),
    recovery: Math.min(MOST_CARE, CARE * carried),
    cycleStartMs: nowMs,
    cyclePassed: 0,
  };
}

function quickened(quota: Quota, paceMs: number): Quota {
  const rounds = Math.floor(quota.cyclePassed / (2 * quota.recovery));
  const step = Math.min(0.05, (Math.log(SLOWER) / quota.recovery) * 2 ** rounds);
  return { ...quota, paceMs: paceMs * (1 - step) };
}
