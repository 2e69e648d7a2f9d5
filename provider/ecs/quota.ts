/**
 * What is known about an account's quota for one action. Pure: the rate limiter feeds it.
 *
 * Alibaba Cloud rarely reports how much of a quota is left. It counts by the second or by the minute, and all users of
 * the account share the quota. So calls go out freely until one is throttled. The first throttled call closes the
 * limiter. Then one call at a time probes until one passes. The new pace is the number of calls that passed over the
 * whole cycle, including the closed time, so it fits quotas by the second and by the minute. Then the pace rises:
 * slowly up to where a call was last throttled, and faster once calls have passed beyond that. If the cloud asks for a
 * pause, the limiter keeps it.
 */
export type Quota = Traffic & (Free | Paced | Closed | Probing);

interface Traffic {
  readonly inFlight: number;
  readonly lastStartMs: number;
  /** Since when, and how many, calls have passed after the limiter last opened. */
  readonly cycleStartMs: number;
  readonly cyclePassed: number;
  /** When the limiter last closed. Throttling of calls that started before tells nothing new. */
  readonly closedAtMs: number;
  /** The cloud has reported that the quota is used up until then. */
  readonly restUntilMs: number;
}

/** No call was ever throttled. */
interface Free {
  readonly is: "free";
}

/** Calls start `paceMs` apart. */
interface Paced extends Pace {
  readonly is: "paced";
}

interface Pace {
  readonly paceMs: number;
  /** The number of passed calls after which the pace is back where it was throttled. */
  readonly recovery: number;
}

/** No call starts. */
interface Closed {
  readonly is: "closed";
  readonly untilMs: number;
  readonly pauseMs: number;
  readonly before: Pace | undefined;
}

/** One call is under way. The others wait for its answer. */
interface Probing {
  readonly is: "probing";
  readonly probeStartMs: number;
  readonly pauseMs: number;
  readonly before: Pace | undefined;
}

export type Passage = "passed" | "throttled" | "unknown";

/** What an answer tells about the quota. */
export interface Answer {
  readonly outcome: Passage;
  readonly startedMs: number;
  readonly nowMs: number;
  /** The pause that the cloud asks for, or the time for which the quota is used up. */
  readonly pauseMs?: number | undefined;
  /** A random number from 0 to 1. It keeps several processes from probing in step. */
  readonly chance: number;
}

/** How many calls start without a gap. More are spread out, which costs a second at most. */
const MAX_UNSPACED = 4;
const SPREAD_MS = 100;
const MOST_IN_FLIGHT = 50;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** Quotas refill every minute, so a longer requested pause must be a mistake. */
const LONGEST_NAMED_PAUSE_MS = 10 * 60_000;
/** A pause this long between calls ends a burst. Earlier calls then prove nothing about the quota. */
const IDLE_MS = 5_000;
const SLOWDOWN = 1.15;
/** The more calls a cycle has carried, the better the pace is known, and the more slowly it rises. */
const RECOVERY_PASSES = 25;
const MAX_RECOVERY_PASSES = 400;

export const unknownQuota: Quota = {
  is: "free",
  inFlight: 0,
  lastStartMs: Number.NEGATIVE_INFINITY,
  cycleStartMs: 0,
  cyclePassed: 0,
  closedAtMs: Number.NEGATIVE_INFINITY,
  restUntilMs: Number.NEGATIVE_INFINITY,
};

/** When the next call may start; undefined if an answer has to arrive first. */
export function opensAtMs(quota: Quota): number | undefined {
  const { inFlight, lastStartMs, restUntilMs } = quota;
  switch (quota.is) {
    case "probing":
      return undefined;
    case "closed":
      return Math.max(restUntilMs, quota.untilMs);
    default: {
      if (inFlight >= MOST_IN_FLIGHT) return undefined;
      const spreadMs =
        quota.is === "paced" ? quota.paceMs : inFlight < MAX_UNSPACED ? Number.NEGATIVE_INFINITY : SPREAD_MS;
      return Math.max(restUntilMs, lastStartMs + spreadMs);
    }
  }
}

/** The quota after a call has started. */
export function started(quota: Quota, nowMs: number): Quota {
  const next = { ...quota, inFlight: quota.inFlight + 1, lastStartMs: nowMs };
  if (next.is === "closed") return probing(next, nowMs);
  const paceMs = next.is === "paced" ? next.paceMs : 0;
  const idle = nowMs - quota.lastStartMs > Math.max(IDLE_MS, 3 * paceMs);
  return idle ? { ...next, cycleStartMs: nowMs, cyclePassed: 0 } : next;
}

/** The quota after an answer has arrived. */
export function answered(before: Quota, answer: Answer): Quota {
  const quota: Quota = {
    ...before,
    inFlight: before.inFlight - 1,
    cyclePassed: before.cyclePassed + (answer.outcome === "passed" ? 1 : 0),
  };
  const pauseMs = answer.pauseMs && Math.min(answer.pauseMs, LONGEST_NAMED_PAUSE_MS);
  if (pauseMs && answer.outcome !== "throttled") return closedUntil(next(quota, answer), answer.nowMs + pauseMs);
  return next(quota, { ...answer, pauseMs });
}

/** The quota after the cloud has reported that it is used up until then. */
export const closedUntil = (quota: Quota, untilMs: number): Quota => ({
  ...quota,
  restUntilMs: Math.max(quota.restUntilMs, untilMs),
});

type In<State> = Traffic & State;

function next(quota: Quota, answer: Answer): Quota {
  switch (quota.is) {
    case "free":
    case "paced":
      return afterOpen(quota, answer);
    case "closed": // it was under way already when the limiter closed
      return answer.outcome === "throttled" && answer.pauseMs
        ? { ...quota, untilMs: Math.max(quota.untilMs, answer.nowMs + answer.pauseMs) }
        : quota;
    case "probing":
      return answer.startedMs === quota.probeStartMs ? afterProbe(quota, answer) : quota;
  }
}

function afterOpen(quota: In<Free | Paced>, { outcome, startedMs, nowMs, pauseMs, chance }: Answer): Quota {
  if (outcome === "passed") return quota.is === "paced" ? withFasterPace(quota) : quota;
  if (outcome === "unknown" || startedMs <= quota.closedAtMs) return quota;
  const before = quota.is === "paced" ? { paceMs: quota.paceMs, recovery: quota.recovery } : undefined;
  const closing = { ...traffic(quota), closedAtMs: nowMs };
  return closed({ ...closing, before }, nowMs, pauseMs ?? FIRST_PAUSE_MS, chance);
}

function afterProbe(quota: In<Probing>, { outcome, startedMs, nowMs, pauseMs, chance }: Answer): Quota {
  switch (outcome) {
    case "passed":
      return reopened(quota, startedMs);
    case "unknown":
      return closed(quota, nowMs, quota.pauseMs, 0);
    case "throttled":
      return closed(quota, nowMs, pauseMs ?? Math.min(2 * quota.pauseMs, LONGEST_PAUSE_MS), chance);
  }
}

const traffic = ({ inFlight, lastStartMs, cycleStartMs, cyclePassed, closedAtMs, restUntilMs }: Traffic): Traffic => ({
  inFlight,
  lastStartMs,
  cycleStartMs,
  cyclePassed,
  closedAtMs,
  restUntilMs,
});

const closed = (
  quota: Traffic & { before: Pace | undefined },
  nowMs: number,
  pauseMs: number,
  chance: number,
): Quota => ({
  ...traffic(quota),
  is: "closed",
  untilMs: nowMs + pauseMs * (1 + chance / 5),
  pauseMs,
  before: quota.before,
});

const probing = (quota: In<Closed>, nowMs: number): Quota => ({
  ...traffic(quota),
  is: "probing",
  probeStartMs: nowMs,
  pauseMs: quota.pauseMs,
  before: quota.before,
});

function reopened(quota: In<Probing>, nowMs: number): Quota {
  const carried = Math.max(1, quota.cyclePassed - 1);
  const meanMs = (nowMs - quota.cycleStartMs) / carried;
  return {
    ...traffic(quota),
    is: "paced",
    paceMs: Math.max(meanMs, (quota.before?.paceMs ?? 0) * SLOWDOWN),
    recovery: Math.min(MAX_RECOVERY_PASSES, RECOVERY_PASSES * carried),
    cycleStartMs: nowMs,
    cyclePassed: 0,
  };
}

function withFasterPace(quota: In<Paced>): Quota {
  const rounds = Math.floor(quota.cyclePassed / (2 * quota.recovery));
  const step = Math.min(0.05, (Math.log(SLOWDOWN) / quota.recovery) * 2 ** rounds);
  return { ...quota, paceMs: quota.paceMs * (1 - step) };
}
