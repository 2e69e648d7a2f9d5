import { seeds, type World } from "../../emulator";
import type { Stack } from "../crash/engine";
import { declared, destroy, exportOf, forbidden, openStage, replace, type Stage, up } from "./stage";

/** Exports of one image by several resources and stacks, and what the destroy of one may delete. */
const objectsIn = ({ world }: Stage) => [...world.buckets.get(seeds.exportBucket)!.objects.keys()].sort();
const recorded = (stack: Stack, name: string) =>
  (stack.live(name)!.outputs["objects"] as { key: string }[]).map(({ key }) => key);
const withObjects = (prefix?: string) => ({ deleteObjects: true, ...(prefix && { ossPrefix: prefix }) });

describe("trial 1: an export is replaced that an interrupted run had just recorded, and its neighbour fails", () => {
  const neighbour = declared("CustomImage", "neighbour", { snapshotId: seeds.systemSnapshotId });
  const program = [exportOf("golden", withObjects("golden")), neighbour];

  async function replacedAfterKill() {
    const stage = await openStage();
    const stack = stage.stack();
    stage.world.scenarios.push({ for: "CreateImage", durationMs: 60 * 60_000, failAtPercent: 90 });
    await stage.killed(stack, up(...program), "create recorded");
    const { id } = stack.live("golden")!;
    await stage.lab.clock.advance(60 * 60_000);
    stage.order(({ action }, phase) => (action === "CreateImage" && phase === "before" ? forbidden : undefined));
    expect((await stack.run(replace("golden", ...program))).errors).not.toEqual([]);
    stage.order(undefined);
    expect(stack.live("golden")!.id).toBe(id);
    return { stage, stack };
  }

  it("keeps the file in the state when any process deletes the old record", async () => {
    const { stage, stack } = await replacedAfterKill();
    expect((await stack.run(up(...program))).errors).toEqual([]);
    expect(objectsIn(stage)).toEqual(recorded(stack, "golden"));
    expect(objectsIn(stage)).toHaveLength(1);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });

  it("a destroy removes both records, the file, and every tag", async () => {
    const { stage, stack } = await replacedAfterKill();
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("trial 5: two exports of one image", () => {
  const [plain, prefixed] = [exportOf("plain", withObjects()), exportOf("prefixed", withObjects("golden"))];
  it.each([
    ["one without a prefix and one with", [plain, prefixed], "refuse"],
    ["one with a prefix and one without", [prefixed, plain], "refuse"],
    ["one without a prefix and one with, answered with one task", [plain, prefixed], "same-task"],
    ["one with a prefix and one without, answered with one task", [prefixed, plain], "same-task"],
  ] as const)("%s, are two files, and deleting one keeps the other", async (_what, program, repeatedExport) => {
    const stage = await openStage();
    stage.world.quirks.repeatedExport = repeatedExport;
    const stack = stage.stack();
    expect((await stack.run(up(...program))).errors).toEqual([]);
    expect(stack.live("plain")!.id).not.toBe(stack.live("prefixed")!.id);
    expect([...recorded(stack, "plain"), ...recorded(stack, "prefixed")].sort()).toEqual(objectsIn(stage));
    expect(objectsIn(stage)).toHaveLength(2);

    expect((await stack.run(up(prefixed))).errors).toEqual([]);
    expect(objectsIn(stage)).toEqual(recorded(stack, "prefixed"));
  });

  it("of two stacks at once to the same keys, leave the file to the last writer", async () => {
    const stage = await openStage();
    const [dev, prod] = [stage.stack("dev"), stage.stack("prod")];
    const golden = exportOf("golden", withObjects("golden"));
    const both = await Promise.all([dev.run(up(golden)), prod.run(up(golden))]);
    expect(both.flatMap(({ errors }) => errors)).toEqual([]);
    const [first, last] = dev.live("golden")!.id < prod.live("golden")!.id ? [dev, prod] : [prod, dev];
    await first.run(destroy);
    expect(objectsIn(stage)).toEqual(recorded(last, "golden"));
    expect((await last.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("trial 6: an export of an image with a data disk, whose task names one object", () => {
  const withDataDisk = (world: World) => {
    const image = world.images.get("m-exportable")!;
    const [system] = image.diskMappings;
    world.images.set("m-exportable", {
      ...image,
      diskMappings: [system!, { ...system!, type: "data", device: "/dev/xvdb" }],
    });
  };
  it("records both objects, and removes both", async () => {
    const stage = await openStage(withDataDisk);
    const stack = stage.stack();
    stage.world.scenarios.push({ for: "ExportImage", reportedObjects: 1 });
    expect((await stack.run(up(exportOf("golden", withObjects("golden"))))).errors).toEqual([]);
    expect(recorded(stack, "golden").sort()).toEqual(objectsIn(stage));
    expect(objectsIn(stage)).toHaveLength(2);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("trial 19: an export without a prefix, while another stack exports the same image with one", () => {
  it.each([
    [0, "refuse"],
    [5_000, "refuse"],
    [0, "same-task"],
    [5_000, "same-task"],
  ] as const)(
    "that started %d ms before (%s) writes its own file, and its destroy keeps the other",
    async (ms, quirk) => {
      const stage = await openStage();
      stage.world.quirks.repeatedExport = quirk;
      const [dev, prod] = [stage.stack("dev"), stage.stack("prod")];
      const theirs = prod.run(up(exportOf("golden", withObjects("theirs"))));
      const ours = stage.lab.clock.sleep(ms).then(() => dev.run(up(exportOf("golden", withObjects()))));
      const both = await Promise.all([theirs, stage.lab.turn(ours)]);
      expect(both.flatMap(({ errors }) => errors)).toEqual([]);
      expect(dev.live("golden")!.id).not.toBe(prod.live("golden")!.id);
      expect((await dev.run(destroy)).errors).toEqual([]);
      expect(objectsIn(stage)).toEqual(recorded(prod, "golden"));
    },
  );
});

describe("trial 24: an export that is deleted while its task runs on", () => {
  const golden = { ...exportOf("golden", withObjects("golden")), timeouts: { create: "10s" } };

  it("and cannot be cancelled leaves nothing", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(golden));
    for (const task of stage.world.tasks.values()) task.cancellable = false;
    expect((await stack.run(destroy)).errors).toEqual([]);
    await stage.lab.clock.advance(10 * 60_000);
    expect(stage.changes()).toEqual([]);
  });

  it("although the cancellation was accepted leaves nothing", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(golden));
    stage.order(({ action }, phase) =>
      action === "CancelTask" && phase === "before"
        ? { kind: "answer", status: 200, body: JSON.stringify({ RequestId: "7F3C0F2E-0E63-4F7E-9D1B-2A4B6C8D0E1F" }) }
        : undefined,
    );
    expect((await stack.run(destroy)).errors).toEqual([]);
    await stage.lab.clock.advance(10 * 60_000);
    expect(stage.changes()).toEqual([]);
  });
});
