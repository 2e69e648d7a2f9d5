/** Something that takes time: an image in creation, a snapshot, a task. Its progress depends only on the clock. */
export interface Span {
  /** When it begins. */
  readonly startMs: number;
  /** How long it takes without a pause. */
  readonly durationMs: number;
  /** It waits in a queue: `startMs` is the earliest time at which it can start. */
  readonly queued?: boolean;
  /** Fails at this percentage. */
  readonly failAtPercent?: number;
  /** Stays at this percentage. */
  readonly sticksAtPercent?: number;
  /** Pauses on the way. */
  readonly pause?: Pause;
  /** Why it fails. */
  readonly reason?: Reason;
}

/** A pause on the way. */
export interface Pause {
  /** The percentage at which it pauses. */
  readonly atPercent: number;
  /** How long it pauses. If left out, it never continues. */
  readonly forMs?: number;
}

/** Why something failed. */
export interface Reason {
  /** The code, for example `InvalidOSSObject.NotFound`. */
  readonly code: string;
  /** The message for people. */
  readonly message: string;
}

type Phase = "waiting" | "running" | "paused" | "done" | "failed";

export interface SpanState {
  readonly phase: Phase;
  readonly percent: number;
  /** The remaining time at an even speed; 0 once it has ended. */
  readonly remainingMs: number;
}

/** The first twentieth of the time is spent in the cloud's queue. */
const queuedShare = 0.05;

export function spanState(span: Span, nowMs: number): SpanState {
  if (span.queued) return { phase: "waiting", percent: 0, remainingMs: span.durationMs };
  const { pause, startMs, durationMs } = span;
  const pausedFromMs = pause ? startMs + (durationMs * pause.atPercent) / 100 : Infinity;
  const pausedForMs = Math.min(pause?.forMs ?? Infinity, Math.max(0, nowMs - pausedFromMs));
  const elapsedMs = nowMs - startMs - pausedForMs;
  const share = durationMs <= 0 ? 1 : Math.min(1, Math.max(0, elapsedMs / durationMs));
  const percent = Math.min(Math.floor(share * 100), span.sticksAtPercent ?? 100);
  const remainingMs = Math.max(0, durationMs - elapsedMs);
  if (nowMs >= pausedFromMs && pausedForMs < (pause?.forMs ?? Infinity))
    return { phase: "paused", percent, remainingMs };
  if (span.failAtPercent !== undefined && percent >= span.failAtPercent)
    return { phase: "failed", percent: span.failAtPercent, remainingMs: 0 };
  if (percent >= 100) return { phase: "done", percent: 100, remainingMs: 0 };
  return { phase: share < queuedShare ? "waiting" : "running", percent, remainingMs };
}

export const isOngoing = (span: Span, nowMs: number): boolean =>
  ["waiting", "running", "paused"].includes(spanState(span, nowMs).phase);

/** When the span ends; undefined if it never does, or if that is not known. */
export function spanEndMs({ startMs, durationMs, ...span }: Span): number | undefined {
  const endPercent = span.failAtPercent ?? 100;
  if (span.queued || (span.sticksAtPercent !== undefined && span.sticksAtPercent < Math.min(100, endPercent)))
    return undefined;
  const pausedMs = span.pause && span.pause.atPercent <= endPercent ? (span.pause.forMs ?? Infinity) : 0;
  return pausedMs === Infinity ? undefined : startMs + (durationMs * endPercent) / 100 + pausedMs;
}
