import { Failure } from "../failure";
import { GONE_MISSES, GONE_MS } from "../wait/observe";
import type { Context } from "./context";

/** How long after its creation a resource may be missing from a list. */
const YOUNG_MS = 10 * 60_000;

export const isYoung = (ctx: Context): boolean => ctx.clock.now() - Date.parse(ctx.since) < YOUNG_MS;

/** The pause before a missing resource is read again. */
const PAUSE_MS = 5_000;

const secondsLeft = (missingMs: number): number => Math.max(1, Math.ceil((GONE_MS - missingMs) / 1_000));

const tooSoon = (what: string, missingMs: number): Failure =>
  new Failure(
    "TimedOut",
    `${what} has not been listed for ${Math.round(missingMs / 1_000)} s, and the timeout ends before it counts as ` +
      `gone: lists have gaps, so that takes ${GONE_MS / 1_000} s. Give customTimeouts more time`,
  );

/** The pause before lists are read again for what was just written. */
const LOOK_MS = 2_000;

/**
 * Reads again until lists show what was just written, but no longer than a missing resource needs to count as gone. A
 * failed read shows nothing.
 */
export async function untilSeen(isSeen: () => Promise<boolean>, what: string, ctx: Context): Promise<void> {
  const untilMs = Math.min(ctx.deadlineMs, ctx.clock.now() + GONE_MS);
  while (!(await isSeen().catch(() => false)) && ctx.clock.now() + LOOK_MS <= untilMs) {
    ctx.show(`waiting until lists show ${what}`);
    await ctx.pause(LOOK_MS);
  }
}

/**
 * Reads a missing resource again, as often and as long as a wait does before a resource counts as gone. Returns the
 * last result. No answer of ECS tells a deleted image from one that a list lacks, so nothing can shorten this. The row
 * says why it takes so long.
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
    if (isThere(seen) || isAbsent) return seen;
    if (nowMs + PAUSE_MS > ctx.deadlineMs) throw tooSoon(what, nowMs - sinceMs);
    ctx.show(`${what} is not listed. Lists have gaps: it counts as gone after ${secondsLeft(nowMs - sinceMs)} s more`);
    await ctx.pause(PAUSE_MS);
  }
}
