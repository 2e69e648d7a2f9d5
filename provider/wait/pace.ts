/** What is known of a thing that is being made, when the next look at it is to be chosen. */
export interface Sighting {
  /** How long the wait has lasted. */
  readonly elapsedMs: number;
  /** How much of it is done, 0 to 100, where the cloud tells. */
  readonly percent?: number | undefined;
  /** How long it still takes, where the cloud tells. */
  readonly leftMs?: number | undefined;
  /** For how long it has stood as it stands now. */
  readonly stillMs?: number | undefined;
  /** How many others are waited for with the same looks. */
  readonly others?: number | undefined;
}

export const SOONEST_MS = 600;
const SOONEST_OF_MANY_MS = 2_500;
export const LATEST_MS = 15_000;

/**
 * How long to leave it alone before the next look. Half of what seems to be left, so that looks come closer together as
 * the end does: few while nothing can have happened, quick ones when it is nearly there. Where the cloud gives no hint, a
 * tenth of the time already spent, so that the delay in noticing stays in proportion to the wait.
 *
 * What the cloud says can stand still, at 99 % or at a second left, for as long as it likes: then a tenth of that time as well.
 *
 * A look is shared by all that is pending, so with many pending somebody is always nearly there; the soonest look then moves
 * out, up to two seconds and a half, to keep the number of calls that of the time that passes and not of the things.
 */
export function pauseBefore(sighting: Sighting, untilDeadlineMs: number): number {
  const { elapsedMs, stillMs = 0, others = 0 } = sighting;
  const soonestMs = Math.min(SOONEST_OF_MANY_MS, SOONEST_MS + 150 * Math.sqrt(others));
  const leftMs = leftOf(sighting);
  const wishedMs = leftMs === undefined ? elapsedMs / 10 : Math.max(leftMs / 2, stillMs / 10);
  return Math.max(0, Math.min(untilDeadlineMs, LATEST_MS, Math.max(soonestMs, wishedMs)));
}

/** What is left, by the cloud's word or by the percentage; undefined when neither can tell. */
function leftOf({ elapsedMs, percent, leftMs }: Sighting): number | undefined {
  if (leftMs !== undefined) return leftMs;
  if (percent === undefined || percent <= 0 || elapsedMs <= 0) return undefined;
  return percent >= 100 ? 0 : (elapsedMs * (100 - percent)) / percent;
}
