/** What is known of a thing that is being made, when the next query is to be chosen. */
export interface Observation {
  /** How long the wait has lasted. */
  readonly elapsedMs: number;
  /** How much of it is done, 0 to 100, where the cloud reports it. */
  readonly percent?: number | undefined;
  /** How long it still takes, where the cloud reports it. */
  readonly leftMs?: number | undefined;
  /** For how long nothing about it has changed. */
  readonly stillMs?: number | undefined;
  /** How many other things share the queries. */
  readonly others?: number | undefined;
  /** In how long the last of them all seems to be ready; infinite, and left out, where that is not known of each. */
  readonly lastMs?: number;
}

export const MIN_POLL_MS = 600;
const MIN_POLL_OF_MANY_MS = 2_500;
/** A query lists a hundred things: a thousand take ten of them. */
const MIN_POLL_PER_OTHER_MS = MIN_POLL_OF_MANY_MS / 1_000;
export const MAX_POLL_MS = 15_000;

/**
 * How long to wait before the next query. Half of what seems to be left, so that queries come closer together as the
 * end does: few while nothing can have happened, quick ones when it is nearly there. Where the cloud gives no hint, a
 * tenth of the time already spent, so that the delay in noticing stays in proportion to the wait.
 *
 * What the cloud reports may not change for a long time, at 99 % or at a second left: then a tenth of that time as
 * well.
 *
 * A query is shared by all that is pending, so with many pending some thing is always nearly there. The shortest pause
 * then grows, up to two seconds and a half, so that the number of calls follows the time that passes and not the
 * things. It shrinks to a tenth of the time until the last of them, so that things that are ready together are known
 * together.
 */
export function pauseBefore(observation: Observation, untilDeadlineMs: number): number {
  const { elapsedMs, stillMs = 0 } = observation;
  const leftMs = leftOf(observation);
  const wishedMs = leftMs === undefined ? elapsedMs / 10 : Math.max(leftMs / 2, stillMs / 10);
  return Math.max(0, Math.min(untilDeadlineMs, MAX_POLL_MS, Math.max(shortestPollOf(observation), wishedMs)));
}

function shortestPollOf({ others = 0, lastMs = Number.POSITIVE_INFINITY }: Observation): number {
  const ofManyMs = Math.min(MIN_POLL_OF_MANY_MS, MIN_POLL_MS + 150 * Math.sqrt(others));
  return Math.min(ofManyMs, Math.max(MIN_POLL_MS, others * MIN_POLL_PER_OTHER_MS, lastMs / 10));
}

/** What is left, by the cloud's estimate or by the percentage; undefined without either. */
export function leftOf({ elapsedMs, percent, leftMs }: Observation): number | undefined {
  if (leftMs !== undefined) return leftMs;
  if (percent === undefined || percent <= 0 || elapsedMs <= 0) return undefined;
  return percent >= 100 ? 0 : (elapsedMs * (100 - percent)) / percent;
}
