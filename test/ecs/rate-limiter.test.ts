import { type ManualClock, manualClock } from "../../emulator/clock";
import { RateLimiter } from "../../provider/ecs/rate-limiter";
import fc from "../support/fast-check";

/** An account's quota of calls: so many in each window of time. */
interface Server {
  readonly calls: { atMs: number; throttled: boolean }[];
  readonly atOnce: number;
  call(): Promise<"passed" | "throttled">;
}

function serverOf(clock: ManualClock, limit: number, windowMs: number, latencyMs: () => number): Server {
  const calls: { atMs: number; throttled: boolean }[] = [];
  const passed = new Map<number, number>();
  let underWay = 0;
  let atOnce = 0;
  return {
    calls,
    get atOnce() {
      return atOnce;
    },
    async call() {
      underWay += 1;
      atOnce = Math.max(atOnce, underWay);
      const window = Math.floor(clock.now() / windowMs);
      const soFar = passed.get(window) ?? 0;
      const throttled = soFar >= limit;
      if (!throttled) passed.set(window, soFar + 1);
      calls.push({ atMs: clock.now(), throttled });
      await clock.sleep(latencyMs());
      underWay -= 1;
      return throttled ? "throttled" : "passed";
    },
  };
}

async function turnUntilDone(clock: ManualClock, done: Promise<unknown>, atMostMs: number) {
  let over = false;
  void done.then(() => (over = true));
  const endMs = clock.now() + atMostMs;
  await new Promise((turn) => setImmediate(turn));
  while (!over && clock.now() < endMs) await clock.advance(Math.max(1, (clock.nextWake ?? clock.now()) - clock.now()));
  expect(over).toBe(true);
}

/** All callers at once; each repeats until its call passes. Gives the order in which they came through. */
async function rush(clock: ManualClock, server: Server, callers: number, chance: () => number = () => 0.5) {
  const gate = new RateLimiter(clock, chance);
  const order: number[] = [];
  const all = Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const turn = gate.queue();
      for (;;) {
        const report = await turn.acquire(clock.now() + 24 * 3_600_000);
        const outcome = await server.call();
        report!(outcome);
        if (outcome === "passed") return order.push(caller);
      }
    }),
  );
  await turnUntilDone(clock, all, 24 * 3_600_000);
  return order;
}

const share = (server: Server) => server.calls.filter(({ throttled }) => throttled).length / server.calls.length;

it("a thousand callers at ten calls a second all pass, throttled once in a hundred calls at most", async () => {
  const clock = manualClock();
  const server = serverOf(clock, 10, 1_000, () => 50);
  const startedMs = clock.now();
  await rush(clock, server, 1_000);
  expect(share(server)).toBeLessThanOrEqual(0.01);
  expect(clock.now() - startedMs).toBeLessThan(150_000);
});

it("a quota by the minute is learned, too", async () => {
  const clock = manualClock();
  const server = serverOf(clock, 300, 60_000, () => 50);
  const startedMs = clock.now();
  await rush(clock, server, 1_000);
  expect(share(server)).toBeLessThanOrEqual(0.03);
  expect(clock.now() - startedMs).toBeLessThan(360_000);
});

it("with any quota and latency, every call passes and few are throttled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        limit: fc.integer({ min: 2, max: 40 }),
        windowMs: fc.constantFrom(1_000, 10_000, 60_000),
        latencyMs: fc.integer({ min: 1, max: 1_500 }),
        chance: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      async ({ limit, windowMs, latencyMs, chance }) => {
        const clock = manualClock();
        const server = serverOf(clock, limit, windowMs, () => latencyMs);
        const order = await rush(clock, server, 200, () => chance);
        expect(order).toHaveLength(200);
        expect(share(server)).toBeLessThanOrEqual(0.5);
      },
    ),
    { numRuns: 25 },
  );
});

it("no call waits while nothing is throttled and few calls are under way", async () => {
  const clock = manualClock();
  const gate = new RateLimiter(clock);
  for (let call = 0; call < 500; call += 1) {
    const report = await gate.queue().acquire(clock.now());
    report!("passed");
  }
  expect(clock.sleepers).toBe(0);
});

it("a burst is spread over a few seconds, never more than fifty calls under way", async () => {
  const clock = manualClock();
  const server = serverOf(clock, Number.POSITIVE_INFINITY, 1_000, () => 60_000);
  await rush(clock, server, 120);
  expect(server.atOnce).toBe(50);
  expect(server.calls[15]!.atMs - server.calls[0]!.atMs).toBeLessThanOrEqual(1_200);
});

it("after a throttled call one call at a time probes, until one passes", async () => {
  const clock = manualClock();
  const gate = new RateLimiter(clock, () => 0);
  const first = await gate.queue().acquire(clock.now());
  first!("throttled");
  const entered: ((outcome: "passed" | "throttled" | "unknown") => void)[] = [];
  for (let caller = 0; caller < 10; caller += 1)
    void gate
      .queue()
      .acquire(clock.now() + 3_600_000)
      .then((report) => entered.push(report!));
  await clock.advance(60_000);
  expect(entered).toHaveLength(1);
  entered[0]!("throttled");
  await clock.advance(60_000);
  expect(entered).toHaveLength(2);
  entered[1]!("unknown");
  await clock.advance(60_000);
  expect(entered).toHaveLength(3);
  entered[2]!("passed");
  await clock.advance(600_000);
  expect(entered.length).toBeGreaterThan(4);
});

it("calls pass in the order of their arrival, even after they were throttled", async () => {
  const clock = manualClock();
  const order = await rush(
    clock,
    serverOf(clock, 4, 1_000, () => 20),
    60,
  );
  // Only calls that are under way together may overtake each other.
  order.forEach((caller, at) => expect(Math.abs(caller - at)).toBeLessThanOrEqual(5));
});

it("a call that waits until its deadline fails with that reason, and leaves the queue", async () => {
  const clock = manualClock();
  const gate = new RateLimiter(clock, () => 0);
  (await gate.queue().acquire(clock.now()))!("throttled");
  const left = gate.queue().acquire(clock.now() + 500);
  await clock.advance(500);
  expect(await left).toBeUndefined();
  const next = gate.queue().acquire(clock.now() + 60_000);
  await clock.advance(2_000);
  expect(await next).toBeDefined();
});

it("a second burst is hardly throttled, because the pace of the first is remembered", async () => {
  const clock = manualClock();
  const server = serverOf(clock, 10, 1_000, () => 50);
  const gate = new RateLimiter(clock, () => 0.5);
  const burst = async () => {
    const before = server.calls.length;
    const all = Promise.all(
      Array.from({ length: 100 }, async () => {
        const turn = gate.queue();
        for (let outcome = ""; outcome !== "passed"; ) {
          const report = await turn.acquire(clock.now() + 3_600_000);
          const answer = await server.call();
          report!(answer);
          outcome = answer;
        }
      }),
    );
    await turnUntilDone(clock, all, 3_600_000);
    return server.calls.slice(before).filter(({ throttled }) => throttled).length;
  };
  await burst();
  await clock.advance(120_000);
  expect(await burst()).toBeLessThanOrEqual(2);
});
