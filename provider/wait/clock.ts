/** Time for the rest of the code: to read and to wait for. A test can use a clock that it advances by hand. */
export interface Clock {
  /** Milliseconds since 1970; never less than before. */
  now(): number;
  /** Resolves once `ms` milliseconds of this clock have passed, or as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest timer. Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let latestMs = 0;
let aheadMs = 0;

/** The time of this machine, but never less than before: if it is set back, nothing waits a second time. */
function neverBack(): number {
  const nowMs = Date.now() + aheadMs;
  aheadMs += Math.max(0, latestMs - nowMs);
  latestMs = Math.max(latestMs, nowMs);
  return latestMs;
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: neverBack,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      let leftMs = ms;
      let timer: NodeJS.Timeout;
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const step = () => {
        const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
        leftMs -= stepMs;
        timer = setTimeout(leftMs > 0 ? step : wake, stepMs);
      };
      signal?.addEventListener("abort", wake, { once: true });
      step();
    }),
};
