import { MAX_POLL_MS, MIN_POLL_MS, pauseBefore } from "../../provider/wait/pace";
import fc from "../support/fast-check";

const observations = fc.record({
  elapsedMs: fc.integer({ min: 0, max: 7_200_000 }),
  percent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
  leftMs: fc.option(fc.integer({ min: 0, max: 7_200_000 }), { nil: undefined }),
  stillMs: fc.integer({ min: 0, max: 7_200_000 }),
  others: fc.integer({ min: 0, max: 2_000 }),
});

describe("the pause before the next query", () => {
  it("is never longer than the longest pause, nor than the time to the deadline", () => {
    fc.assert(
      fc.property(observations, fc.integer({ min: 0, max: 7_200_000 }), (observation, leftMs) => {
        const pause = pauseBefore(observation, leftMs);
        expect(pause).toBeLessThanOrEqual(Math.min(MAX_POLL_MS, leftMs));
        expect(pause).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is never shorter than the shortest pause while there is time", () => {
    fc.assert(fc.property(observations, (observation) => pauseBefore(observation, 60_000) >= MIN_POLL_MS));
  });

  it("does not grow as the reported time left shrinks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 100_000 }), (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        return (
          pauseBefore({ elapsedMs: 5_000, leftMs: less }, 1e9) <= pauseBefore({ elapsedMs: 5_000, leftMs: more }, 1e9)
        );
      }),
    );
  });

  it("does not grow with the percentage", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 7_200_000 }),
        (a, b, elapsedMs) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)];
          return pauseBefore({ elapsedMs, percent: more }, 1e9) <= pauseBefore({ elapsedMs, percent: less }, 1e9);
        },
      ),
    );
  });

  it("grows while the cloud's estimate stands still, to a few queries a minute", () => {
    let nowMs = 0;
    let queries = 0;
    for (; nowMs < 3_600_000; queries++) nowMs += pauseBefore({ elapsedMs: nowMs, leftMs: 1_000, stillMs: nowMs }, 1e9);
    expect(queries).toBeLessThan(300);
  });

  it("finds by the percentage that an image is ready within 5 % of its time or two seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 3_600_000 }), (readyMs) => {
        let nowMs = 0;
        let queries = 1;
        while (nowMs < readyMs) {
          nowMs += pauseBefore({ elapsedMs: nowMs, percent: Math.floor((100 * nowMs) / readyMs) }, 1e9);
          queries++;
        }
        expect(nowMs - readyMs).toBeLessThanOrEqual(Math.max(2_000, readyMs / 20));
        expect(queries).toBeLessThanOrEqual(20 + readyMs / 10_000);
      }),
    );
  });
});
