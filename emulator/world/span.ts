/** Something that takes time: an image being made, a snapshot, a task. Where it stands is computed from the clock, never by timers. */
export interface Span {
  readonly startMs: number;
  readonly durationMs: number;
  /** Ends in failure when it has come this far. */
  readonly failAtPercent?: number;
  /** Comes this far and never further. */
  readonly sticksAtPercent?: number;
  readonly reason?: Reason;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface SpanState {
  readonly phase: "waiting" | "running" | "done" | "failed";
  readonly percent: number;
  /** What is left, were it to go on evenly; 0 once it has ended. */
  readonly remainingMs: number;
}

/** The first twentieth of the time is spent in the cloud's queue. */
const queuedShare = 0.05;

export function spanState(span: Span, nowMs: number): SpanState {
  const share = span.durationMs <= 0 ? 1 : Math.min(1, Math.max(0, (nowMs - span.startMs) / span.durationMs));
  const percent = Math.min(Math.floor(share * 100), span.sticksAtPercent ?? 100);
  const remainingMs = Math.max(0, span.startMs + span.durationMs - nowMs);
  if (span.failAtPercent !== undefined && percent >= span.failAtPercent)
    return { phase: "failed", percent: span.failAtPercent, remainingMs: 0 };
  if (percent >= 100) return { phase: "done", percent: 100, remainingMs: 0 };
  return { phase: share < queuedShare ? "waiting" : "running", percent, remainingMs };
}

/** When the span ends, were the clock to go on; undefined when it never does. */
export function spanEndMs(span: Span): number | undefined {
  if (span.sticksAtPercent !== undefined && span.sticksAtPercent < Math.min(100, span.failAtPercent ?? 100))
    return undefined;
  return span.startMs + (span.durationMs * (span.failAtPercent ?? 100)) / 100;
}
