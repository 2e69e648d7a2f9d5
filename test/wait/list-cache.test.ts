import { manualClock } from "../../emulator/clock";
import { ListCache, PAGE_SIZE } from "../../provider/wait/list-cache";
import { SharedWatch } from "../../provider/wait/watch";
import fc from "../support/fast-check";
import { turning } from "../support/turning";

const LATENCY_MS = 50;

/** An account with `total` images with the same row, and the calls to it. */
function account(total: number) {
  const clock = manualClock(0);
  const held = new Map(Array.from({ length: total }, (_, i) => [`m-${i}`, { row: `row of m-${i}` }]));
  const queries: string[][] = [];
  const pages: number[] = [];
  let refusing = false;
  const watch = new SharedWatch(async (ids) => {
    queries.push([...ids]);
    await clock.sleep(LATENCY_MS);
    return new Map(ids.flatMap((id) => (held.has(id) ? [[id, held.get(id)!.row]] : [])));
  }, clock);
  const cache = new ListCache(
    (id) => watch.read(id),
    async (number) => {
      pages.push(number);
      const rows = [...held].reverse().slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE);
      const answer = { rows: new Map(rows.map(([id, { row }]) => [id, row])), total: held.size };
      await clock.sleep(LATENCY_MS);
      if (refusing) throw new Error("lists are refused");
      return answer;
    },
    clock,
  );

  /** Reads `m-0` to `m-<count - 1>`, so many at a time, as an engine does. */
  async function refresh(count: number, parallel: number) {
    let next = 0;
    const rows: (string | undefined)[] = [];
    const worker = async () => {
      for (let n = next++; n < count; n = next++) rows[n] = await cache.readCached(`m-${n}`);
    };
    await turning(clock, Promise.all(Array.from({ length: parallel }, worker)));
    return rows;
  }

  return {
    clock,
    held,
    queries,
    pages,
    cache,
    refresh,
    refuse: () => void (refusing = true),
    calls: () => queries.length + pages.length,
  };
}

describe("many reads", () => {
  it.each([8, 16, 32, 1_000])(
    "that come %i at a time take three calls for a hundred images, and fifteen for a thousand",
    async (parallel) => {
      const hundred = account(100);
      await expect(hundred.refresh(100, parallel)).resolves.toEqual([...hundred.held.values()].map(({ row }) => row));
      expect(hundred.calls()).toBeLessThanOrEqual(3);

      const thousand = account(1_000);
      await expect(thousand.refresh(1_000, parallel)).resolves.toEqual(
        [...thousand.held.values()].map(({ row }) => row),
      );
      expect(thousand.calls()).toBeLessThanOrEqual(15);
    },
  );

  it("never take more pages than a third of the reads plus one, however large the account", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 120, max: 3_000 }),
        async (count, parallel, total) => {
          const { refresh, pages } = account(total);
          await refresh(count, parallel);
          expect(pages.length).toBeLessThanOrEqual(1 + count / 3);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are answered one by one when the list is refused", async () => {
    const { refresh, refuse, held, pages } = account(50);
    refuse();
    await expect(refresh(50, 8)).resolves.toEqual([...held.values()].map(({ row }) => row));
    expect(pages).toEqual([1]);
  });
});

describe("two reads", () => {
  it.each([1, 2])("fetch no list, coming %i at a time", async (parallel) => {
    const { refresh, pages } = account(5_000);
    await refresh(2, parallel);
    expect(pages).toEqual([]);
  });
});

describe("an image that is not in the list", () => {
  it("is read by its id before it counts as gone", async () => {
    const { clock, cache, refresh, held, queries } = account(100);
    await refresh(100, 8);
    held.set("m-new", { row: "row of m-new" });
    await expect(turning(clock, cache.readCached("m-new"))).resolves.toBe("row of m-new");
    await expect(turning(clock, cache.readCached("m-none"))).resolves.toBeUndefined();
    expect(queries.flat()).toEqual(expect.arrayContaining(["m-new", "m-none"]));
  });
});

describe("a list", () => {
  it("is not used after this process has changed anything", async () => {
    const { clock, cache, refresh, held } = account(100);
    await refresh(100, 8);
    await turning(
      clock,
      cache.invalidating(async () => void (held.get("m-5")!.row = "changed")),
    );
    await expect(turning(clock, cache.readCached("m-5"))).resolves.toBe("changed");
  });

  it("is not used while this process changes anything", async () => {
    const { clock, cache, refresh, held } = account(100);
    await refresh(100, 8);
    const change = cache.invalidating(() => clock.sleep(1_000));
    held.get("m-5")!.row = "changed";
    await expect(turning(clock, cache.readCached("m-5"))).resolves.toBe("changed");
    await turning(clock, change);
  });

  it("is not used if this process started a change while it was fetched", async () => {
    const { clock, cache, held, refresh, pages } = account(100);
    await refresh(8, 8);
    const reading = cache.readCached("m-50");
    expect(pages).toEqual([1]);
    await turning(
      clock,
      cache.invalidating(async () => {
        await clock.sleep(LATENCY_MS / 2);
        held.get("m-50")!.row = "changed";
      }),
    );
    await expect(turning(clock, reading)).resolves.toBe("changed");
  });

  it("is not used after some seconds, however many reads there are", async () => {
    const { clock, cache, refresh, held } = account(100);
    await refresh(100, 8);
    held.get("m-5")!.row = "changed by another program";
    for (let second = 0; second < 12; second++) {
      await clock.advance(1_000);
      await turning(clock, cache.readCached("m-7"));
    }
    await expect(turning(clock, cache.readCached("m-5"))).resolves.toBe("changed by another program");
  });
});
