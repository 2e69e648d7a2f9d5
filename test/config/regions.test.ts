import { type Call, type Fault, seededWorld, seeds } from "../../emulator";
import { inputsOf, type Lab, openLab } from "../support/lab";

const ELSEWHERE = "cn-emulator-elsewhere";
const SNAPSHOT_ELSEWHERE = "s-emulator0elsewhere";

let lab: Lab;
let throttledUntilMs = 0;

beforeEach(async () => {
  const world = seededWorld(Date.UTC(2026, 0, 1));
  world.regions.set(ELSEWHERE, { ...world.regions.get(seeds.regionId)!, regionId: ELSEWHERE });
  const snapshot = world.snapshots.get(seeds.systemSnapshotId)!;
  world.snapshots.set(SNAPSHOT_ELSEWHERE, { ...snapshot, snapshotId: SNAPSHOT_ELSEWHERE, regionId: ELSEWHERE });
  const intercept = (call: Call, phase: string): Fault | undefined =>
    phase === "before" && call.params["RegionId"] === ELSEWHERE && lab.clock.now() < throttledUntilMs
      ? { kind: "error", status: 400, code: "Throttling.User" }
      : undefined;
  lab = await openLab({ world, intercept, durations: { createMs: 10_000 } });
});
afterEach(() => lab.close());

/** An image in each of two regions, made at once by one process, and when each was ready. */
async function createBoth() {
  const process = lab.process();
  const startMs = lab.clock.now();
  const create = async (name: string, args: object) => {
    const { id } = await process
      .of("CustomImage")
      .create(inputsOf("CustomImage", name, { imageName: "golden", ...args }));
    return { id, afterMs: lab.clock.now() - startMs };
  };
  const [here, there] = await lab.turn(
    Promise.all([
      create("here", { snapshotId: seeds.systemSnapshotId }),
      create("there", { snapshotId: SNAPSHOT_ELSEWHERE, regionId: ELSEWHERE }),
    ]),
  );
  await process.end();
  return { here: here!, there: there! };
}

describe("one process with images in two regions", () => {
  it("reads each in its own region", async () => {
    const { here, there } = await createBoth();
    const queries = lab.emulator.calls.filter(
      ({ action, params }) => action === "DescribeImages" && params["ImageId"] !== undefined,
    );
    for (const { params } of queries)
      expect([params["RegionId"], params["ImageId"]]).toEqual(
        params["ImageId"] === here.id ? [seeds.regionId, here.id] : [ELSEWHERE, there.id],
      );
    expect(new Set(queries.map(({ params }) => params["RegionId"])).size).toBe(2);
  });

  it("is slowed down by throttling only in the throttled region", async () => {
    throttledUntilMs = lab.clock.now() + 60_000;
    const { here, there } = await createBoth();
    expect(here.afterMs).toBeLessThan(15_000);
    expect(there.afterMs).toBeGreaterThanOrEqual(60_000);
  });

  it("marks the images of each as recorded", async () => {
    await createBoth();
    const tagged = lab.emulator.calls
      .filter(({ action }) => action === "TagResources")
      .map(({ params }) => params["RegionId"]);
    expect(tagged.sort()).toEqual([ELSEWHERE, seeds.regionId].sort());
  });
});

test.each(["cn-hangzou", "cn-hangzhou-finance"])(
  "a creation in %s fails with an error about the region",
  async (regionId) => {
    const process = lab.process();
    const inputs = inputsOf("CustomImage", "golden", { instanceId: seeds.instanceId, regionId });
    await expect(lab.turn(process.of("CustomImage").create(inputs))).rejects.toThrow(
      /^creating image [^:]*: The specified RegionId does not exist/,
    );
    await process.end();
  },
);
