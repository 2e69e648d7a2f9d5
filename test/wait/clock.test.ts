import { getEventListeners } from "node:events";
import { systemClock } from "../../provider/wait/clock";

describe("the system clock", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const DAY_MS = 24 * 3_600_000;

  it("sleeps for 30 days when asked to, although Node's timers end at 24.8", async () => {
    let awake = false;
    void systemClock.sleep(30 * DAY_MS).then(() => (awake = true));
    await jest.advanceTimersByTimeAsync(30 * DAY_MS - 1);
    expect(awake).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });

  it("does not go back when the time of the machine is set back", async () => {
    const startMs = systemClock.now();
    jest.setSystemTime(Date.now() - 3_600_000);
    expect(systemClock.now()).toBe(startMs);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(systemClock.now()).toBe(startMs + 1_000);
  });

  it("wakes at once when the signal is aborted, and leaves no timer and no listener", async () => {
    const end = new AbortController();
    const asleep = systemClock.sleep(30 * DAY_MS, end.signal);
    await jest.advanceTimersByTimeAsync(26 * DAY_MS);
    end.abort();
    await asleep;
    expect([jest.getTimerCount(), getEventListeners(end.signal, "abort").length]).toEqual([0, 0]);
  });

  it("leaves no listener on a signal that is never aborted", async () => {
    const end = new AbortController();
    const asleep = systemClock.sleep(1_000, end.signal);
    await jest.advanceTimersByTimeAsync(1_000);
    await asleep;
    expect(getEventListeners(end.signal, "abort")).toHaveLength(0);
  });
});
