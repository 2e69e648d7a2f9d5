import {
  GONE_MISSES,
  GONE_MS,
  type Observed,
  observe,
  type Readiness,
  type Step,
  UNREADABLE,
  waitFrom,
} from "../../provider/wait/observe";
import fc from "../support/fast-check";

interface Row {
  readonly status: "Creating" | "Available" | "CreateFailed";
}

const evaluate = (row: Row | undefined): Readiness<string> => {
  if (!row) return { is: "pending", at: "not listed yet" };
  if (row.status === "Available") return { is: "ready", value: "done" };
  return row.status === "CreateFailed" ? { is: "failed", why: "it failed" } : { is: "pending", at: row.status };
};

const DEADLINE_MS = 10 * 3_600_000;

/** What the cloud answers, query after query, and the time between them. */
const story = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 1, max: 40_000 }),
    seen: fc.constantFrom<Observed<Row>>(undefined, UNREADABLE, { status: "Creating" }),
  }),
  { maxLength: 40 },
);

/** Follows the answers until the wait ends. */
function follow(queries: readonly { afterMs: number; seen: Observed<Row> }[], listedBefore = false) {
  let state = waitFrom(0, listedBefore);
  let nowMs = 0;
  const steps: Step<string>[] = [];
  for (const { afterMs, seen } of queries) {
    nowMs += afterMs;
    const step = observe(state, seen, evaluate, { nowMs, deadlineMs: DEADLINE_MS, others: 0 });
    steps.push(step);
    if (step.is !== "pending") break;
    state = step.state;
  }
  return { steps, last: steps.at(-1), nowMs, state };
}

it("what was never listed is never gone, however long it is missing", () => {
  const missing = fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 600_000 }), seen: fc.constant(undefined) }));
  fc.assert(
    fc.property(missing, (queries) => {
      for (const step of follow(queries).steps) expect(step.is).toBe("pending");
    }),
  );
});

it("what was listed is gone exactly after three queries in a row without it, over a minute", () => {
  fc.assert(
    fc.property(story, fc.boolean(), (queries, listedBefore) => {
      let listed = listedBefore;
      let sinceMs = 0;
      let misses = 0;
      let nowMs = 0;
      const expected = queries.findIndex(({ afterMs, seen }) => {
        nowMs += afterMs;
        if (seen !== undefined) [listed, misses] = [true, 0];
        else if (misses++ === 0) sinceMs = nowMs;
        return listed && misses >= GONE_MISSES && nowMs - sinceMs >= GONE_MS;
      });
      const { steps } = follow(queries, listedBefore);
      expect(steps.findIndex(({ is }) => is === "gone")).toBe(expected);
    }),
  );
});

it("an answer that lists it in any form restarts the count", () => {
  fc.assert(
    fc.property(story, fc.constantFrom<Observed<Row>>(UNREADABLE, { status: "Creating" }), (queries, seen) => {
      const { last, state } = follow(
        [...queries.map((query) => ({ ...query, afterMs: 1 })), { afterMs: 1, seen }],
        true,
      );
      expect(last?.is).toBe("pending");
      expect(state.missing).toBeUndefined();
    }),
  );
});

it("a final answer ends the wait, whatever came before", () => {
  fc.assert(
    fc.property(story, fc.constantFrom("Available" as const, "CreateFailed" as const), (queries, status) => {
      const short = queries.map((query) => ({ ...query, afterMs: 1 }));
      const { last } = follow([...short, { afterMs: 1, seen: { status } }], true);
      expect(last).toEqual(
        status === "Available" ? { is: "ready", value: "done" } : { is: "failed", why: "it failed" },
      );
    }),
  );
});

it("a wait for an absence ends as soon as the resource is missing", () => {
  const absent = (row: Row | undefined): Readiness<string> =>
    row ? { is: "pending", at: "still listed" } : { is: "ready", value: "deleted" };
  const moment = { nowMs: 5, deadlineMs: DEADLINE_MS, others: 0 };
  expect(observe(waitFrom(0, true), undefined, absent, moment)).toEqual({ is: "ready", value: "deleted" });
  expect(observe(waitFrom(0, true), UNREADABLE, absent, moment).is).toBe("pending");
});

it("progress is shown only when it has changed", () => {
  const { steps } = follow([
    { afterMs: 1, seen: undefined },
    { afterMs: 1, seen: { status: "Creating" } },
    { afterMs: 1, seen: { status: "Creating" } },
    { afterMs: 1, seen: undefined },
  ]);
  expect(steps.map((step) => step.is === "pending" && step.changed && step.state.at)).toEqual([
    false,
    "Creating",
    false,
    "no longer listed",
  ]);
});
