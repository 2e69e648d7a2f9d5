import { seeds, type World } from "../../emulator";
import { storedObject } from "../../emulator/world/stored-object";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const { world, args } = kinds.find(({ kind }) => kind === "ImageExport")!;
const IMAGE = String(args["imageId"]);

let lab: Lab;
let copy: Resource;
const open = async (seeded: World) => {
  lab = await openLab({ world: seeded });
  copy = resource(lab, "ImageExport");
};
beforeEach(() => open(world()));
afterEach(() => lab.close());

const objects = () => lab.emulator.world.buckets.get(seeds.exportBucket)!.objects;
const keys = () => [...objects().keys()].sort();
const recorded = () => (copy.state!.outputs["objects"] as { key: string }[]).map(({ key }) => key).sort();
const tasks = () => [...lab.emulator.world.tasks.values()];
const addDisk = () => {
  const image = lab.emulator.world.images.get(IMAGE)!;
  image.diskMappings.push({ ...image.diskMappings[0]!, type: "data", device: "/dev/xvdb", size: 100, snapshotId: "" });
};
const store = (key: string, atMs = lab.clock.now()) => objects().set(key, storedObject(key, Buffer.from(key), atMs));

/** Everything that the account holds and pays for. */
const holdings = ({ images, snapshots, buckets } = lab.emulator.world) =>
  structuredClone({ images, snapshots, objects: [...buckets.values()].map((bucket) => bucket.objects) });

/**
 * Has the cloud write under other keys than the task reports; `undefined` for an object that the task does not report.
 */
const spell = (spelled: (key: string) => string, reported: (key: string) => boolean = () => true) => {
  lab.emulator.intercept = ({ action }, phase) => {
    if (action !== "DescribeTaskAttribute" || phase !== "before") return undefined;
    for (const task of tasks().filter(({ effectsApplied }) => effectsApplied)) {
      for (const { key } of task.objects) {
        const object = objects().get(key);
        objects().delete(key);
        if (object) objects().set(spelled(key), { ...object, key: spelled(key) });
      }
      task.objects = task.objects.filter(({ key }) => reported(key));
    }
    return undefined;
  };
};

describe("the objects of an export", () => {
  it("are found by the names that ECS gives in practice if the task reports others", async () => {
    addDisk();
    lab.emulator.intercept = ({ action }, phase) => {
      if (action === "DescribeTaskAttribute" && phase === "before")
        for (const task of tasks())
          if (task.effectsApplied)
            task.objects = task.objects.map((one) => ({ ...one, key: `golden_${IMAGE}_t-1.vhd` }));
      return undefined;
    };
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(recorded()).toEqual(keys());
    expect(recorded()).toEqual([`golden_${IMAGE}_data_xvdb.raw.tar.gz`, `golden_${IMAGE}_system.raw.tar.gz`]);
  });

  it("are all recorded, and removed, if the task reports one of two", async () => {
    addDisk();
    const before = holdings();
    spell(
      (key) => key,
      (key) => key.includes("system"),
    );
    await copy.up(args);
    expect(recorded()).toEqual(keys());
    expect(recorded()).toHaveLength(2);
    await copy.destroy();
    expect(holdings()).toEqual(before);
  });

  it("are found on any page of the bucket, however they are spelled, among older and similar ones", async () => {
    for (let i = 0; i < 1_100; i++) store(`golden_a-${i}`);
    store(`golden/${IMAGE}/disk-0.img`, lab.clock.now() - 3_600_000);
    store(`goldenother_${IMAGE}_system.raw.tar.gz`);
    spell((key) => key.replace(`golden_${IMAGE}_system.raw.tar.gz`, `golden/${IMAGE}/disk-1.img`));
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(recorded()).toEqual([`golden/${IMAGE}/disk-1.img`]);
    expect(lab.said.warned).toEqual([]);
  });

  it("that cannot be found do not fail it: a warning names the bucket and the prefix", async () => {
    spell((key) => `elsewhere-${key.length}`);
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copy.state!.outputs).toMatchObject({ status: "Finished", objects: [] });
    expect(lab.said.warned.join()).toContain(`oss://${seeds.exportBucket}/golden_${IMAGE}`);
    await copy.refresh();
    expect(copy.state).toBeDefined();
    expect(await copy.up(args)).toEqual({ did: "same" });
  });

  it("are not looked for in older files under the same names", async () => {
    const key = `golden_${IMAGE}_system.raw`;
    spell(() => `golden-${IMAGE}.raw`);
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    const made = copy.up(args);
    store(key, lab.clock.now() - 3_600_000);
    await made;
    expect(recorded()).toEqual([`golden-${IMAGE}.raw`]);
    await copy.destroy();
    expect(keys()).toEqual([key]);
  });
});

describe("an export of two disks of which one fails", () => {
  it("fails with the reason, and nothing of it is left", async () => {
    addDisk();
    const before = holdings();
    lab.emulator.intercept = ({ action }, phase) => {
      const [task] = tasks();
      if (action !== "DescribeTaskAttribute" || phase !== "before" || !task?.effectsApplied) return undefined;
      for (const key of keys().filter((each) => each.includes("data"))) objects().delete(key);
      const operation = (key: string, failed: boolean) => ({
        OperationStatus: failed ? "Failed" : "Success",
        ErrorCode: failed ? "DiskTooLarge" : "",
        ErrorMsg: failed ? "The disk is too large." : "",
        RelatedItemSet: {
          RelatedItem: [
            { Name: "OSSBucket", Value: seeds.exportBucket },
            { Name: "OSSObject", Value: key },
          ],
        },
      });
      const body = {
        RequestId: "1",
        TaskId: task.taskId,
        TaskAction: "ExportImage",
        TaskStatus: "Finished",
        TaskProcess: "100%",
        CreationTime: new Date(task.createdMs).toISOString(),
        TotalCount: 2,
        SuccessCount: 1,
        FailedCount: 1,
        OperationProgressSet: {
          OperationProgress: task.objects.map(({ key }) => operation(key, key.includes("data"))),
        },
      };
      return { kind: "answer", status: 200, body: JSON.stringify(body), contentType: "application/json" };
    };
    const { error } = await copy.up({ ...args, deleteObjects: false });
    expect(error).toMatch(/1 of 2 operations.*data_xvdb.*The disk is too large. \(DiskTooLarge\)/);
    expect(copy.state).toBeUndefined();
    expect(holdings()).toEqual(before);
  });
});

describe("an export that has lost one of its objects", () => {
  beforeEach(async () => {
    addDisk();
    await copy.up(args);
    objects().delete(`golden_${IMAGE}_data_xvdb.raw.tar.gz`);
  });

  it("still removes the others, after a refresh too", async () => {
    await copy.refresh();
    expect(copy.state!.outputs["status"]).toBe("Incomplete");
    expect(recorded()).toEqual([`golden_${IMAGE}_system.raw.tar.gz`]);
    await copy.destroy();
    expect(keys()).toEqual([]);
  });

  it("exports again after a refresh, and deletes what is left at the old place", async () => {
    await copy.refresh();
    expect(await copy.up({ ...args, ossPrefix: "silver" })).toEqual({ did: "replace" });
    expect(keys()).toEqual([`silver_${IMAGE}_data_xvdb.raw.tar.gz`, `silver_${IMAGE}_system.raw.tar.gz`]);
    expect(recorded()).toEqual(keys());
    expect(copy.old).toEqual([]);
  });

  it("exports again with the same keys, and deleting the old one leaves the new objects alone", async () => {
    await copy.refresh();
    expect(await copy.up(args)).toEqual({ did: "replace" });
    expect(recorded()).toEqual([`golden_${IMAGE}_data_xvdb.raw.tar.gz`, `golden_${IMAGE}_system.raw.tar.gz`]);
    expect(keys()).toEqual(recorded());
  });
});

describe("an export whose task the cloud no longer lists", () => {
  it("is updated in place at once, because its objects are recorded", async () => {
    await copy.up({ ...args, deleteObjects: false });
    lab.emulator.world.tasks.clear();
    const startMs = lab.clock.now();
    expect(await copy.up(args)).toEqual({ did: "update" });
    expect(lab.clock.now() - startMs).toBeLessThan(10_000);
    await copy.destroy();
    expect(keys()).toEqual([]);
  });

  it("is finished, if all of its objects are there", async () => {
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    await copy.up(args, { timeouts: { create: "1m" } });
    await lab.clock.advance(600_000);
    // has the emulator write them
    await lab.turn(lab.process().of("ImageExport").read(copy.state!.id, copy.state!.outputs));
    lab.emulator.world.tasks.clear();
    expect(await copy.up(args)).toEqual({ did: "update" });
    expect(recorded()).toEqual(keys());
  });
});

describe("an export that is deleted while its task runs", () => {
  const late = async (more: object = {}) => {
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    await copy.up({ ...args, ...more }, { timeouts: { create: "1m" } });
  };

  it.each([true, false])("leaves nothing if the cancellation is refused (deleteObjects: %s)", async (deleteObjects) => {
    const before = holdings();
    await late({ deleteObjects });
    for (const task of tasks()) task.cancellable = false;
    expect(await copy.destroy()).toEqual({ did: "delete" });
    expect(tasks().map(({ effectsApplied }) => effectsApplied)).toEqual([true]);
    expect(holdings()).toEqual(before);
  });

  it("leaves nothing if the cancelling call never arrives", async () => {
    const before = holdings();
    await late();
    lab.emulator.intercept = ({ action }, phase) =>
      action === "CancelTask" && phase === "before" ? { kind: "reset" } : undefined;
    expect(await copy.destroy()).toEqual({ did: "delete" });
    expect(holdings()).toEqual(before);
  });

  it("leaves nothing if lists do not show the young task yet", async () => {
    const before = holdings();
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000, hiddenForMs: 65_000 });
    await copy.up(args, { timeouts: { create: "20s" } });
    expect(await copy.destroy()).toEqual({ did: "delete" });
    await lab.clock.advance(600_000);
    await copy.refresh();
    expect(tasks().filter(({ cancelledMs }) => cancelledMs === undefined)).toEqual([]);
    expect(holdings()).toEqual(before);
  });
});

it("a task that is Paused is waited for", async () => {
  let paused = true;
  lab.emulator.intercept = ({ action }, phase) => {
    const [task] = tasks();
    if (action !== "DescribeTaskAttribute" || phase !== "before" || !task || !paused) return undefined;
    paused = lab.clock.now() < task.createdMs + 300_000;
    const body = { RequestId: "1", TaskId: task.taskId, TaskStatus: "Paused", TaskAction: "ExportImage" };
    return { kind: "answer", status: 200, body: JSON.stringify(body), contentType: "application/json" };
  };
  expect(await copy.up(args)).toEqual({ did: "create" });
  expect(lab.said.shown.join()).toContain("Paused");
});
