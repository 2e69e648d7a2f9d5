import { getEventListeners, setMaxListeners } from "node:events";
import { manualClock } from "../../emulator/clock";
import { Failure, isFailure } from "../../provider/failure";
import { QUERY_SIZE, type Readiness, SharedWatch, UNREADABLE, type Wait } from "../../provider/wait/watch";
import { turning } from "../support/turning";

interface Row {
  readonly readyAtMs: number;
}

/** A cloud in which an image is listed once it is in `rows`, and becomes ready at its time. */
function watched() {
  const clock = manualClock(0);
  const rows = new Map<string, Row>();
  const queries: string[][] = [];
  const watch = new SharedWatch<Row>(async (ids) => {
    queries.push([...ids]);
    return new Map(ids.flatMap((id) => (rows.has(id) ? [[id, rows.get(id)!]] : [])));
  }, clock);
  const wait = (deadlineMs: number): Wait<Row, number> => ({
    what: "it",
    deadlineMs,
    evaluate: (row) =>
      row && clock.now() >= row.readyAtMs
        ? { is: "ready", value: clock.now() }
        : { is: "pending", at: row ? "Creating" : "not listed yet" },
  });
  return { clock, rows, queries, watch, wait };
}

describe("many waits", () => {
  it("share one query, however many there are of them up to a hundred", async () => {
    const { clock, rows, queries, watch, wait } = watched();
    const ids = Array.from({ length: QUERY_SIZE }, (_, i) => `m-${i}`);
    for (const id of ids) rows.set(id, { readyAtMs: 30_000 });
    await turning(clock, Promise.all(ids.map((id) => watch.until(id, wait(600_000)))));
    expect(Math.max(...queries.map((ids) => ids.length))).toBe(QUERY_SIZE);
    expect(queries.length).toBeLessThan(25);
  });

  it.each([
    { count: 30, from: 30_000, to: 31_000, withinMs: 700, queries: 15 },
    { count: 100, from: 30_000, to: 90_000, withinMs: 2_500, queries: 60 },
    { count: 1_000, from: 30_000, to: 31_000, withinMs: 2_600, queries: 120 },
  ])("for $count images, ready from $from to $to ms, end soon after and take few queries", async (row) => {
    const { clock, rows, queries, watch, wait } = watched();
    const evaluate = (seen: Row | undefined): Readiness<number> =>
      seen && clock.now() >= seen.readyAtMs
        ? { is: "ready", value: clock.now() - seen.readyAtMs }
        : { is: "pending", at: "Creating", percent: seen && Math.floor((100 * clock.now()) / seen.readyAtMs) };
    const things = Array.from({ length: row.count }, (_, n) => `m-${n}`);
    for (const [n, id] of things.entries())
      rows.set(id, { readyAtMs: row.from + ((row.to - row.from) * n) / row.count });
    const late = await turning(clock, Promise.all(things.map((id) => watch.until(id, { ...wait(600_000), evaluate }))));
    expect(Math.max(...late)).toBeLessThanOrEqual(row.withinMs);
    expect(queries.length).toBeLessThanOrEqual(row.queries);
  });

  it("that come due during a query use its answer", async () => {
    const clock = manualClock(0);
    const queries: number[] = [];
    const watch = new SharedWatch<Row>(async (ids) => {
      queries.push(clock.now());
      await clock.sleep(500);
      return new Map(ids.map((id) => [id, { readyAtMs: 0 }]));
    }, clock);
    const until = (id: string, initialDelayMs: number) =>
      watch.until(id, {
        what: id,
        initialDelayMs,
        deadlineMs: 600_000,
        evaluate: (row) => (row ? { is: "ready", value: clock.now() } : { is: "pending", at: "not listed yet" }),
      });
    await turning(clock, Promise.all([until("first", 1_000), until("second", 1_200), until("third", 1_400)]));
    expect(queries).toHaveLength(1);
  });

  it("that come due during a query without their ids send one of their own", async () => {
    const clock = manualClock(0);
    const watch = new SharedWatch<Row>(async (ids) => {
      await clock.sleep(500);
      return new Map(ids.slice(0, 1).map((id) => [id, { readyAtMs: 0 }]));
    }, clock);
    const until = (id: string, initialDelayMs: number) =>
      watch.until(id, {
        what: id,
        initialDelayMs,
        deadlineMs: 600_000,
        evaluate: (row) => (row ? { is: "ready", value: clock.now() } : { is: "pending", at: "not listed yet" }),
      });
    await expect(turning(clock, Promise.all([until("first", 1_000), until("second", 1_200)]))).resolves.toHaveLength(2);
    expect(clock.now()).toBeLessThan(10_000);
  });

  it("send no queries as long as they cannot be ready", async () => {
    const { clock, rows, queries, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 0 });
    await turning(clock, watch.until("m-1", { ...wait(600_000), initialDelayMs: 30_000 }));
    expect(queries).toHaveLength(1);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  it("never ask for more than a hundred at once", async () => {
    const { clock, rows, queries, watch } = watched();
    const ids = Array.from({ length: 250 }, (_, i) => `m-${i}`);
    for (const id of ids) rows.set(id, { readyAtMs: 0 });
    await turning(clock, Promise.all(ids.map((id) => watch.read(id))));
    expect(queries.map((ids) => ids.length)).toEqual([100, 100, 50]);
  });

  it("end each at its own time", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("early", { readyAtMs: 10_000 });
    rows.set("late", { readyAtMs: 100_000 });
    const [early, late] = await turning(
      clock,
      Promise.all([watch.until("early", wait(600_000)), watch.until("late", wait(600_000))]),
    );
    expect(early).toBeLessThan(13_000);
    expect(late).toBeGreaterThanOrEqual(100_000);
  });
});

describe("a wait", () => {
  it("that reaches its deadline says how far the resource is, after a last query at the deadline itself", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 180_000 });
    const error = await turning(
      clock,
      watch.until("m-1", wait(90_000)).catch((late: unknown) => late),
    );
    expect(isFailure(error, "TimedOut")).toBe(true);
    expect(String(error)).toContain("Creating");
    expect(clock.now()).toBeGreaterThanOrEqual(90_000);
    expect(clock.now()).toBeLessThan(91_000);
  });

  it("goes on while its image is not listed yet", async () => {
    const { clock, rows, watch, wait } = watched();
    setImmediate(() => void clock.sleep(20_000).then(() => rows.set("m-1", { readyAtMs: 0 })));
    await expect(turning(clock, watch.until("m-1", wait(600_000)))).resolves.toBeGreaterThanOrEqual(20_000);
  });

  it.each([
    ["one answer that does not list the thing", 5_000, 1_500],
    ["lists that hide the thing for ten seconds, near its end as well", 45_000, 10_000],
  ])("goes on after %s", async (_what, hiddenAtMs, hiddenForMs) => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 50_000 });
    setImmediate(
      () =>
        void clock.sleep(hiddenAtMs).then(async () => {
          rows.delete("m-1");
          await clock.sleep(hiddenForMs);
          rows.set("m-1", { readyAtMs: 50_000 });
        }),
    );
    await expect(turning(clock, watch.until("m-1", wait(600_000)))).resolves.toBeGreaterThanOrEqual(50_000);
  });

  it("ends when an image that was listed is gone for good", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 1e9 });
    setImmediate(() => void clock.sleep(5_000).then(() => rows.delete("m-1")));
    const error = await turning(
      clock,
      watch.until("m-1", wait(3_600_000)).catch((gone: unknown) => gone),
    );
    expect(error).toMatchObject({ kind: "Failed", detail: { gone: true } });
    expect(clock.now()).toBeGreaterThanOrEqual(65_000);
    expect(clock.now()).toBeLessThan(90_000);
  });

  it("goes on until its deadline if its image is never listed, because the cloud gave an id", async () => {
    const { clock, watch, wait } = watched();
    const error = await turning(
      clock,
      watch.until("m-1", wait(1_800_000)).catch((late: unknown) => late),
    );
    expect(error).toMatchObject({ kind: "TimedOut", message: "it is not ready after 30 min: it is not listed yet" });
    expect(clock.now()).toBeGreaterThanOrEqual(1_800_000);
  });

  it("counts an image as gone after a minute if an earlier run has seen it", async () => {
    const { clock, watch, wait } = watched();
    const error = await turning(
      clock,
      watch.until("m-1", { ...wait(1_800_000), listedBefore: true }).catch((gone: unknown) => gone),
    );
    expect(error).toMatchObject({ kind: "Failed", detail: { gone: true } });
    expect(clock.now()).toBeLessThan(90_000);
  });

  it("of a few seconds is reported in seconds", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 1e9 });
    await expect(turning(clock, watch.until("m-1", wait(4_000)))).rejects.toThrow("it is not ready after 4 s");
  });

  it("for an absence says at its deadline that the image still exists", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 1e9 });
    const gone = watch.until("m-1", { ...wait(240_000), absenceConfirmed: true });
    await expect(turning(clock, gone)).rejects.toThrow("it still exists after 4 min: it is Creating");
  });

  it("whose evaluation throws ends alone: the others go on", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("good", { readyAtMs: 20_000 }).set("bad", { readyAtMs: 20_000 });
    const fault = new Error("a fault of ours");
    const broken = watch.until("bad", {
      ...wait(600_000),
      evaluate: () => {
        throw fault;
      },
    });
    const good = watch.until("good", wait(600_000));
    const question = watch.read("good");
    await expect(turning(clock, broken)).rejects.toBe(fault);
    await expect(turning(clock, good)).resolves.toBeGreaterThanOrEqual(20_000);
    await expect(question).resolves.toEqual({ readyAtMs: 20_000 });
  });

  it("goes on after an unreadable row, which is no absence either", async () => {
    const clock = manualClock(0);
    const watch = new SharedWatch<Row>(
      async (ids) =>
        new Map(ids.map((id) => [id, id === "odd" && clock.now() < 300_000 ? UNREADABLE : { readyAtMs: 0 }] as const)),
      clock,
    );
    const until = (id: string) =>
      watch.until(id, {
        what: id,
        deadlineMs: 600_000,
        evaluate: (row) => (row ? { is: "ready", value: clock.now() } : { is: "pending", at: "not listed yet" }),
      });
    const odd = until("odd");
    const refused = watch.read("odd").catch((error: unknown) => error);
    expect(await turning(clock, until("fine"))).toBeLessThan(1_000);
    expect(await refused).toMatchObject({ kind: "Unreachable" });
    expect(await turning(clock, odd)).toBeGreaterThanOrEqual(300_000);
  });
});

describe("a cancelled wait", () => {
  const listeners = (run: AbortController) => getEventListeners(run.signal, "abort").length;

  it.each([
    ["while it sleeps", 5_000],
    ["while it asks", 2],
    ["before it asks", 0],
  ])("ends at once %s", async (_, afterMs) => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 1e9 });
    const run = new AbortController();
    const ended = watch.until("m-1", { ...wait(600_000), signal: run.signal }).catch((error: unknown) => error);
    if (afterMs > 0) await clock.advance(afterMs);
    const cancelledMs = clock.now();
    run.abort();
    expect(await ended).toMatchObject({ kind: "Cancelled", message: "waiting for it: the run was cancelled" });
    expect(clock.now()).toBe(cancelledMs);
    await clock.advance(60_000);
    expect(clock.sleepers).toBe(0);
  });

  it("fails with the reason if that is a failure", async () => {
    const { watch, wait } = watched();
    const run = new AbortController();
    const reason = new Failure("Failed", "the import task has failed");
    const ended = watch.until("m-1", { ...wait(600_000), signal: run.signal });
    run.abort(reason);
    await expect(ended).rejects.toBe(reason);
  });

  it("leaves the other wait for the same resource, which is not cancelled", async () => {
    const { clock, rows, watch, wait } = watched();
    rows.set("m-1", { readyAtMs: 30_000 });
    const run = new AbortController();
    const ended = watch.until("m-1", { ...wait(600_000), signal: run.signal }).catch(() => "cancelled");
    const other = watch.until("m-1", wait(600_000));
    await clock.advance(5_000);
    run.abort();
    expect(await ended).toBe("cancelled");
    expect(await turning(clock, other)).toBeGreaterThanOrEqual(30_000);
  });

  it("a hundred waits leave no listener on the signal of the run", async () => {
    const { clock, rows, watch, wait } = watched();
    const run = new AbortController();
    setMaxListeners(0, run.signal);
    const ids = Array.from({ length: 100 }, (_, i) => `m-${i}`);
    for (const id of ids) rows.set(id, { readyAtMs: 30_000 });
    const all = Promise.all(ids.map((id) => watch.until(id, { ...wait(600_000), signal: run.signal })));
    expect(listeners(run)).toBeGreaterThan(0);
    await turning(clock, all);
    expect(listeners(run)).toBe(0);
  });
});

describe("questions", () => {
  it("that trickle in become one query, as long as each comes soon after the one before", async () => {
    const { clock, rows, queries, watch } = watched();
    const ids = Array.from({ length: 8 }, (_, i) => `m-${i}`);
    for (const id of ids) rows.set(id, { readyAtMs: 0 });
    const asked = ids.map(async (id, i) => {
      await clock.sleep(3 * i);
      return watch.read(id);
    });
    await turning(clock, Promise.all(asked));
    expect(queries).toEqual([ids]);
  });

  it("are not delayed for long, however many more come", async () => {
    const { clock, rows, watch } = watched();
    rows.set("m-0", { readyAtMs: 0 });
    let answeredMs = Number.POSITIVE_INFINITY;
    void watch.read("m-0").then(() => (answeredMs = clock.now()));
    for (let i = 1; i < 30; i++) {
      void watch.read("m-0");
      await clock.advance(3);
    }
    expect(answeredMs).toBeLessThanOrEqual(50);
  });
});

describe("an image that an answer to many ids lacks", () => {
  it("is not read again once the cloud has accepted its deletion", async () => {
    const { clock, queries, watch } = watched();
    const gone = (id: string) =>
      watch.until(id, {
        what: id,
        deadlineMs: 600_000,
        absenceConfirmed: true,
        evaluate: (row) => (row ? { is: "pending", at: "listed" } : { is: "ready", value: id }),
      });
    await expect(turning(clock, Promise.all([gone("a"), gone("b")]))).resolves.toEqual(["a", "b"]);
    expect(queries).toEqual([["a", "b"]]);
  });

  it("is read alone before it counts as gone", async () => {
    const clock = manualClock(0);
    const watch = new SharedWatch<string>(
      async (ids) => new Map(ids.length > 1 ? [] : ids.map((id) => [id, `row of ${id}`])),
      clock,
    );
    await expect(turning(clock, Promise.all([watch.read("a"), watch.read("b")]))).resolves.toEqual([
      "row of a",
      "row of b",
    ]);
  });
});
