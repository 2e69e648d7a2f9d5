/** Time as the rest of the code sees it: something to read and to wait for, so that a test can advance it by hand. */
export interface Clock {
  /** Milliseconds since 1970; never less than before. */
  now(): number;
  /** Resolves once `ms` milliseconds of this clock have passed, or as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let latestMs = 0;
let aheadMs = 0;

/** When this machine's time is set back, it goes on from where it was, so that nothing waits a second time. */
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
