import { GONE_MISSES, GONE_MS } from "../wait/observe";
import type { Context } from "./context";

/** How long after its creation something may be missing in a list that lags behind. */
const YOUNG_MS = 10 * 60_000;

export const isYoung = (ctx: Context): boolean => ctx.clock.now() - Date.parse(ctx.since) < YOUNG_MS;

/** Between two looks at something that a list lacks. */
const PAUSE_MS = 5_000;

/**
 * Reads again while what is recorded is missing, until it has been missing as often and for as long as a wait demands
 * before it calls something gone. Returns what was read last.
 */
export async function unlessAbsent<Seen>(
  read: () => Promise<Seen>,
  isThere: (seen: Seen) => boolean,
  what: string,
  ctx: Context,
): Promise<Seen> {
  const sinceMs = ctx.clock.now();
  for (let misses = 1; ; misses++) {
    const seen = await read();
    const nowMs = ctx.clock.now();
    const isAbsent = misses >= GONE_MISSES && nowMs - sinceMs >= GONE_MS;
    if (isThere(seen) || isAbsent || nowMs + PAUSE_MS > ctx.deadlineMs) return seen;
    ctx.show(`${what} is not listed; reading again`);
    await ctx.pause(PAUSE_MS);
  }
}
