/** What is known about a creation, to choose the time of the next query. */
export interface Observation {
  /** How long the wait has lasted. */
  readonly elapsedMs: number;
  /** The progress in percent, if the cloud reports it. */
  readonly percent?: number | undefined;
  /** How long it will still take, if the cloud reports it. */
  readonly leftMs?: number | undefined;
  /** How long nothing about it has changed. */
  readonly stillMs?: number | undefined;
  /** How many other waits share the queries. */
  readonly others?: number | undefined;
  /** In how long the last of them will probably be ready; infinite unless that is known for all. */
  readonly lastMs?: number;
}

export const MIN_POLL_MS = 600;
const MIN_POLL_OF_MANY_MS = 2_500;
/** A query has a hundred ids, so a thousand waits need ten queries. */
const MIN_POLL_PER_OTHER_MS = MIN_POLL_OF_MANY_MS / 1_000;
export const MAX_POLL_MS = 15_000;

/**
 * How long to wait before the next query: half of the time that is probably left, so queries become more frequent
 * towards the end. Without reported progress, it is a tenth of the time so far. If the progress stands still, for
 * example at 99 %, it is at least a tenth of the time for which it has stood still.
 *
 * All waits share the queries. With many waits, one of them is always nearly ready, so the shortest pause grows to
 * 2.5 s: the number of calls then depends on the time and not on the number of waits. The shortest pause shrinks to a
 * tenth of the time until the last wait ends, so that resources that become ready together are seen together.
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

/** The time that is left, by the cloud's estimate or by the percentage; undefined without either. */
export function leftOf({ elapsedMs, percent, leftMs }: Observation): number | undefined {
  if (leftMs !== undefined) return leftMs;
  if (percent === undefined || percent <= 0 || elapsedMs <= 0) return undefined;
  return percent >= 100 ? 0 : (elapsedMs * (100 - percent)) / percent;
}
