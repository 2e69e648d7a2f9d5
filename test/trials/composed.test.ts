import { seeds } from "../../emulator";
import type { Stack } from "../crash/engine";
import type { Front } from "../support/fronts";
import { destroy, exportOf, forbidden, image, openStage, replace, type Stage, unaccounted, up } from "./stage";

/** Several mishaps one after another, as `npm run test:crash` found them. */
describe("a killed creation that lists do not show yet, then one that exceeds its timeout", () => {
  it.each([{ create: "10s" }, undefined])(
    "leaves nothing without a warning that names it (timeouts: %p)",
    async (timeouts) => {
      const stage = await openStage();
      stage.world.quirks.listDelayMs = 10_000;
      const stack = stage.stack();
      await stage.killed(stack, up(image("golden")), "CreateImage after");
      await stack.run(up(image("golden", {}, timeouts)));
      expect((await stack.run(up(image("golden")))).errors).toEqual([]);
      expect(stack.live("golden")!.initErrors).toBeUndefined();
      expect(unaccounted(stage, stack)).toEqual([]);
    },
  );
});

describe("an older image of a killed run that is found only after another was created", () => {
  async function found(durationMs: number) {
    const stage = await openStage();
    stage.world.quirks.listDelayMs = 10_000;
    stage.world.scenarios.push({ for: "CreateImage", durationMs });
    const stack = stage.stack();
    await stage.killed(stack, up(image("golden")), "CreateImage after");
    return { stage, stack };
  }

  it("is kept, although another resource asked for the tags half a minute before it showed its own", async () => {
    const stage = await openStage();
    stage.world.quirks.hideTagsWhileCreating = true;
    const long = { for: "CreateImage", durationMs: 90_000 } as const;
    stage.world.scenarios.push(long, long, { for: "CreateImage", durationMs: 60_000 });
    const stack = stage.stack();
    await stage.killed(stack, up(image("golden")), "CreateImage after");
    const [older] = stage.images();
    expect((await stack.run(up(image("golden"), image("neighbour")))).errors).toEqual([]);
    expect(stack.live("golden")!.id).toBe(older!.imageId);
    expect(stage.images()).toHaveLength(2);
  });

  it("is named if it cannot be tagged", async () => {
    const { stage, stack } = await found(20_000);
    stage.order(({ action }, phase) => (action === "TagResources" && phase === "before" ? forbidden : undefined));
    expect((await stack.run(up(image("golden")))).errors).toEqual([]);
    expect(stage.images()).toHaveLength(2);
    expect(unaccounted(stage, stack)).toEqual([]);
  });

  it("is named if it is not ready before the timeout", async () => {
    const { stage, stack } = await found(3 * 60 * 60_000);
    expect((await stack.run(up(image("golden", {}, { create: "5m" })))).errors).toEqual([]);
    expect(stage.images()).toHaveLength(2);
    expect(unaccounted(stage, stack)).toEqual([]);
  });
});

describe("an explicit name of an image that shows no tags while it is being created", () => {
  async function taken() {
    const stage = await openStage();
    stage.world.quirks.hideTagsWhileCreating = true;
    const stack = stage.stack();
    const golden = image("golden", { imageName: "golden" });
    await stage.killed(stack, up(golden), "CreateImage after");
    return { stage, stack, golden, holder: stage.images()[0]! };
  }

  it("is this resource's own, if a killed run created it", async () => {
    const { stage, stack, golden, holder } = await taken();
    expect((await stack.run(up(golden))).errors).toEqual([]);
    expect(stage.images()).toEqual([holder]);
    expect(stack.live("golden")!.id).toBe(holder.imageId);
    expect(stage.lab.said.shown.join("\n")).toContain(`${holder.imageId}, which is still being created`);
  });

  it("is another's, if it shows no tags when it is finished either", async () => {
    const { stage, stack, golden, holder } = await taken();
    holder.tags.clear();
    const before = structuredClone(holder);
    const { errors } = await stack.run(up(golden));
    expect(errors).toEqual([expect.stringMatching(/not created by this package/)]);
    expect(stage.images()).toEqual([before]);
  });
});

/** The objects in the bucket that neither the state nor a warning names. */
function unnamedObjects({ world, warned }: Stage, { backend }: Stack): string[] {
  const held = JSON.stringify(backend.state.map(({ outputs }) => outputs["objects"]));
  const keys = [...world.buckets.get(seeds.exportBucket)!.objects.keys()];
  return keys.filter((key) => !held.includes(key) && !warned.some((text) => text.includes(key)));
}

describe("a killed export to another place that no list shows yet", () => {
  const golden = exportOf("golden", { ossPrefix: "golden", deleteObjects: true });
  const silver = exportOf("golden", { ossPrefix: "silver", deleteObjects: true });
  const bronze = exportOf("golden", { ossPrefix: "bronze", deleteObjects: true });

  it.each([
    ["the next run, which exports to a third place,", up(bronze)],
    ["a destroy", destroy],
  ])("is named by %s before its mark is removed", async (_what, next) => {
    const stage = await openStage();
    const stack = stage.stack();
    expect((await stack.run(up(golden))).errors).toEqual([]);
    await stage.lab.clock.advance(600_000);
    stage.world.quirks.listDelayMs = 20_000;
    await stage.killed(stack, up(silver), "ExportImage after");
    expect((await stack.run(next)).errors).toEqual([]);
    await stage.lab.clock.advance(600_000);
    expect([...stage.world.buckets.get(seeds.exportBucket)!.objects.keys()]).toContain(
      "silver_m-exportable_system.raw.tar.gz",
    );
    expect(unnamedObjects(stage, stack)).toEqual([]);
  });
});

describe("an unfinished export whose task ECS has forgotten", () => {
  const args = { ossPrefix: "golden", deleteObjects: true };
  const late = { ...exportOf("golden", args), timeouts: { create: "10s" } };

  async function unfinished(scenario: object) {
    const stage = await openStage();
    stage.world.quirks.taskRetentionMs = 60_000;
    stage.world.scenarios.push({ for: "ExportImage", ...scenario });
    const stack = stage.stack();
    expect((await stack.run(up(late))).errors).toEqual([expect.stringContaining("recorded as unfinished")]);
    await stage.lab.clock.advance(3 * 60_000);
    return { stage, stack };
  }

  it("is finished by the next up with the objects that it wrote", async () => {
    const { stage, stack } = await unfinished({});
    expect((await stack.run(up(exportOf("golden", args)))).errors).toEqual([]);
    expect(stack.live("golden")!.outputs["objects"]).toMatchObject([{ key: "golden_m-exportable_system.raw.tar.gz" }]);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });

  it("has failed if it wrote none, and the up after that exports again", async () => {
    const { stage, stack } = await unfinished({ failAtPercent: 50 });
    const failed = await stack.run(up(exportOf("golden", args)));
    expect(failed.errors).toEqual([expect.stringMatching(/is gone: the cloud no longer lists it/)]);
    expect((await stack.run(up(exportOf("golden", args)))).errors).toEqual([]);
    expect(stack.live("golden")!.outputs["objects"]).toHaveLength(1);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("an export that was cancelled and forgotten, right after another to the same place", () => {
  it("does not take the other's objects for its own, and is exported again", async () => {
    const stage = await openStage();
    stage.world.quirks.taskRetentionMs = 60_000;
    const stack = stage.stack();
    const golden = exportOf("golden", { ossPrefix: "golden", deleteObjects: true });
    expect((await stack.run(up(golden))).errors).toEqual([]);
    const late = { ...golden, timeouts: { create: "10s" } };
    expect((await stack.run(replace("golden", late))).errors).toEqual([expect.stringContaining("unfinished")]);
    const cancelled = stage.world.tasks.get(stack.live("golden")!.id)!;
    cancelled.cancelledMs = stage.lab.clock.now();
    await stage.lab.clock.advance(15 * 60_000);

    expect((await stack.run({ do: "up", program: [golden], refresh: true })).errors).toEqual([]);
    const { id, outputs } = stack.live("golden")!;
    expect(id).not.toBe(cancelled.taskId);
    expect(outputs["objects"]).toHaveLength(1);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("an unfinished export whose objects a killed one has overwritten", () => {
  it("is exported again, and the state has the existing objects", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    const args = { ossPrefix: "golden", deleteObjects: true };
    await stack.run(up({ ...exportOf("golden", args), timeouts: { create: "10s" } }));
    expect(stack.live("golden")!.initErrors).toHaveLength(1);
    await stage.lab.clock.advance(3 * 60_000);
    await stage.killed(stack, up(exportOf("golden", { ...args, triggers: ["again"] })), "ExportImage after");
    await stage.lab.clock.advance(3 * 60_000);

    expect((await stack.run({ do: "up", program: [exportOf("golden", args)], refresh: true })).errors).toEqual([]);
    const objects = stack.live("golden")!.outputs["objects"] as { key: string; eTag: string }[];
    const held = stage.world.buckets.get(seeds.exportBucket)!.objects;
    expect(objects.map(({ key, eTag }) => [key, eTag])).toEqual([...held].map(([key, { eTag }]) => [key, eTag]));
    expect(objects).toHaveLength(1);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("an image that an earlier run returned to its engine, and that no run has shown since", () => {
  it.each([{}, { imageName: "golden" }, { keepVersions: 2 }])(
    "is deleted by up --replace without a warning (%p)",
    async (args) => {
      const stage = await openStage();
      const stack = stage.stack();
      await stack.run(up(image("golden", args)));
      expect((await stack.run(replace("golden", image("golden", args)))).errors).toEqual([]);
      expect(stage.warned).toEqual([]);
    },
  );

  it.each([
    ["the next run creates another", "never"],
    ["a killed run creates another, which the next one takes over", "CreateImage after"],
  ])("is named if the state lacks it: %s", async (_what, at) => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(image("golden")));
    const [lost] = stage.images();
    stack.backend.state = [];
    // It is no leftover any more, so it is not taken over.
    await stage.killed(stack, up(image("golden")), at);
    expect((await stack.run(up(image("golden")))).errors).toEqual([]);
    expect(stage.warned).toEqual([expect.stringContaining(lost!.imageId)]);
    expect(unaccounted(stage, stack)).toEqual([]);
  });
});

describe("two replaced images that are deleted in one run", () => {
  it.each([false, true])("leave as many versions as keepVersions (refresh: %s)", async (refresh) => {
    const stage = await openStage();
    const stack = stage.stack();
    const program = [image("golden", { keepVersions: 1, deleteSnapshots: true })];
    const neighbour = image("neighbour", { snapshotId: seeds.systemSnapshotId, instanceId: undefined });
    await stack.run(up(...program));
    stage.order(({ action, params }, phase) =>
      action === "CreateImage" && params["SnapshotId"] && phase === "before" ? forbidden : undefined,
    );
    expect((await stack.run(replace("golden", ...program, neighbour))).errors).not.toEqual([]);
    stage.order(undefined);
    const second = stack.live("golden")!.id;
    expect(stack.backend.state).toHaveLength(2);

    const ran = await stack.run({ do: "up", program, replace: ["golden"], refresh });
    expect(ran.errors).toEqual([]);
    const { id, outputs } = stack.live("golden")!;
    expect(stage.images().map(({ imageId }) => imageId)).toEqual([second, id]);
    expect(outputs["previousVersions"]).toMatchObject([{ imageId: second }]);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("a destroy after a killed replacement", () => {
  const build = (number: number) => image("golden", { keepVersions: 2, triggers: [number] });

  async function afterKill(front: Front) {
    const stage = await openStage(undefined, front);
    const stack = stage.stack();
    await stack.run(up(build(1)));
    await stack.run(up(build(2)));
    await stage.killed(stack, up(build(3)), "CreateImage after");
    const ids = stage.images().map(({ imageId }) => imageId);
    expect((await stack.run(destroy)).errors).toEqual([]);
    return { stage, ids, left: stage.images().map(({ imageId }) => imageId) };
  }

  it("deletes the image and its versions", async () => {
    const { ids, left } = await afterKill("dynamic");
    expect(left).toEqual(ids.slice(2));
  });

  it("keeps and names them in the plugin, because another provider may have created the new image", async () => {
    const { stage, ids, left } = await afterKill("native");
    const [version, present, newer] = ids;
    expect(left).toEqual(ids);
    expect(stage.warned).toEqual([
      expect.stringMatching(
        new RegExp(`^kept as previous versions: ${present}, ${version}\\. ${newer} may have replaced ${present}`),
      ),
    ]);
  });
});
