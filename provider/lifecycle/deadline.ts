import { setMaxListeners } from "node:events";
import { Failure } from "../failure";
import { cancellation, onAbort } from "../wait/abort";
import type { Context } from "./context";

/**
 * How long after its deadline an operation that has not ended by itself is aborted, so that a bug in this package
 * cannot hang the engine.
 */
const OVERTIME_MS = 60_000;
/** How long an aborted operation may take to end before nothing waits for it any more. */
const ABORT_GRACE_MS = 1_500;
/** The abort reason once an operation has ended. */
const OVER = new Failure("Cancelled", "the operation has ended");

/**
 * A controller that aborts with `signal`. `unlink` ends that, so that a long-lived signal does not collect listeners.
 */
export function linked(signal: AbortSignal | undefined): { controller: AbortController; unlink(): void } {
  const controller = new AbortController();
  // One signal ends any number of operations; Node warns of more than ten listeners.
  if (signal) setMaxListeners(0, signal);
  return { controller, unlink: onAbort(signal, () => controller.abort(signal?.reason)) };
}

/**
 * Ends an operation that is cancelled, or that exceeds its deadline by a minute, which only a bug in this package can
 * cause. The operation gets a moment to end by itself, because it may be about to learn an id. Afterwards it is aborted
 * in any case.
 */
export async function withinTime<T>(
  work: Promise<T>,
  doing: string,
  { clock, deadlineMs }: Context,
  abort: AbortController,
): Promise<T> {
  let hasEnded = false;
  let grace: AbortController | undefined;
  const overtime = async (): Promise<never> => {
    await clock.sleep(deadlineMs + OVERTIME_MS - clock.now(), abort.signal);
    const reason = abort.signal.aborted
      ? cancellation(abort.signal, doing)
      : new Failure("TimedOut", `${doing}: it did not end within its timeout`);
    if (!hasEnded) {
      abort.abort(reason);
      grace = new AbortController();
      await clock.sleep(ABORT_GRACE_MS, grace.signal);
    }
    throw reason;
  };
  const timer = overtime();
  try {
    return await Promise.race([work, timer]);
  } finally {
    hasEnded = true;
    timer.catch(() => undefined);
    work.catch(() => undefined);
    abort.abort(OVER);
    grace?.abort();
  }
}
