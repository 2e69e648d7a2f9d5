import { seeds } from "../../emulator";
import { callOrphans, exported } from "../cli/terminal";
import { FRONTS } from "../support/fronts";
import { declared, destroy, forbidden, image, openStage, replace, type Stage, unaccounted, up } from "./stage";

/** What an interrupted run leaves, and what the next runs do with it. The trials are numbered. */
const HOUR_MS = 60 * 60_000;
const neighbour = declared("CustomImage", "neighbour", { snapshotId: seeds.systemSnapshotId });

describe("trial 1: a resource is replaced that an interrupted run had just recorded, and its neighbour fails", () => {
  it("keeps the image in the state when any process deletes the old record", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    stage.world.scenarios.push(
      { for: "CreateImage" },
      { for: "CreateImage", durationMs: HOUR_MS / 2, failAtPercent: 20 },
    );
    await stage.killed(stack, up(image("golden"), neighbour), "create recorded");
    stage.order(({ action, params }, phase) =>
      action === "CreateImage" && phase === "before" && params["SnapshotId"] !== undefined
        ? { kind: "error", status: 403, code: "Forbidden.RAM" }
        : undefined,
    );
    const failed = await stack.run(replace("golden", image("golden"), neighbour));
    expect(failed.errors).not.toEqual([]);
    stage.order(undefined);

    expect((await stack.run(up(image("golden"), neighbour))).errors).toEqual([]);
    const { id } = stack.live("golden")!;
    expect({ id, isGood: stage.isGood(id) }).toEqual({ id, isGood: true });
    expect(unaccounted(stage, stack)).toEqual([]);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.images()).toEqual([]);
  });
});

describe("a killed creation with an automatic name", () => {
  it.each(["dynamic", "native"] as const)(
    "is taken over by the next %s run, which makes up another name",
    async (front) => {
      const stage = await openStage(undefined, front);
      const stack = stage.stack();
      await stage.killed(stack, up(image("golden")), "CreateImage after");
      const [started] = stage.images();
      expect((await stack.run(up(image("golden")))).errors).toEqual([]);
      expect(stage.images().map(({ imageId }) => imageId)).toEqual([started!.imageId]);
      expect(stack.live("golden")!.id).toBe(started!.imageId);
      expect((await stack.run(up(image("golden")))).errors).toEqual([]);
      expect((await stack.run(destroy)).errors).toEqual([]);
      expect(stage.images()).toEqual([]);
    },
  );
});

describe("trial 2: an orderly end of the engine, whose state was not written", () => {
  it.each([
    ["an automatic name", {}],
    ["an explicit name", { imageName: "golden" }],
  ])("with %s the next up takes over the image, or names it", async (_name, args) => {
    const stage = await openStage();
    const stack = stage.stack();
    stack.backend.writesLeft = 1;
    const lost = await stack.run(up(image("golden", args)));
    expect(lost.errors).toEqual([expect.stringMatching(/snapshot/)]);
    expect(stage.images()).toHaveLength(1);
    stack.backend.writesLeft = Number.POSITIVE_INFINITY;

    await stack.run(up(image("golden", args)));
    expect(unaccounted(stage, stack)).toEqual([]);
  });

  it("keys that expire during the creation cause no second image", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    stage.order(({ action, accessKeyId }, phase) => {
      if (action === "CreateImage" && phase === "after") stage.lab.emulator.credentials.delete(accessKeyId);
      return undefined;
    });
    await stack.run(up(image("golden")));
    stage.order(undefined);
    expect((await stack.run(up(image("golden")))).errors).toEqual([]);
    expect(stage.images().map(({ imageId }) => imageId)).toEqual([stack.live("golden")!.id]);
  });
});

describe("trial 3: a killed --replace, plain ups, and --replace again after two years", () => {
  it("creates a new image and names the old leftover", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(image("golden")));
    const first = stack.live("golden")!.id;
    await stage.killed(stack, replace("golden", image("golden")), "CreateImage after");
    const leftover = stage.images().find(({ imageId }) => imageId !== first)!.imageId;
    await stack.run(up(image("golden")));
    await stage.lab.clock.advance(700 * 24 * HOUR_MS);

    const calls = stage.lab.emulator.calls.length;
    expect((await stack.run(replace("golden", image("golden")))).errors).toEqual([]);
    const sent = stage.lab.emulator.calls.slice(calls).map(({ action }) => action);
    expect(sent.filter((action) => action === "CreateImage")).toHaveLength(1);
    expect([first, leftover]).not.toContain(stack.live("golden")!.id);
    expect(stage.warned.join("\n")).toContain(leftover);
    expect(stage.world.images.has(leftover)).toBe(true);
  });
});

const hidden = (hiddenForMs: number) => ({ for: "CreateImage", hiddenForMs }) as const;

describe("trial 9: two images made at once for the same creation", () => {
  it("become one image, and nothing is left of the other", async () => {
    const stage = await openStage();
    const [one, two] = [stage.stack(), stage.stack()];
    const args = { deleteSnapshots: true };
    stage.world.scenarios.push(hidden(20_000), hidden(20_000));
    const both = await Promise.all([one.run(up(image("golden", args))), two.run(up(image("golden", args)))]);
    expect(both.flatMap(({ errors }) => errors)).toEqual([]);
    expect(stage.lab.mutations().filter((action) => action === "CreateImage")).toHaveLength(2);
    expect(one.live("golden")!.id).toBe(two.live("golden")!.id);
    // The record of the run that gave up its own image owns the one that is left; the other deletes nothing.
    for (const { errors } of [await one.run(destroy), await two.run(destroy)]) expect(errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });

  it("leave no snapshots of the deleted one, with any value of deleteSnapshots", async () => {
    const stage = await openStage();
    const [one, two] = [stage.stack(), stage.stack()];
    stage.world.scenarios.push(hidden(20_000), hidden(20_000));
    await Promise.all([one.run(up(image("golden"))), two.run(up(image("golden")))]);
    const takenFor = [...stage.world.snapshots.values()].map((snapshot) => snapshot.takenFor).filter(Boolean);
    expect(new Set(takenFor)).toEqual(new Set([one.live("golden")!.id]));
  });

  describe.each(FRONTS)("with the younger one deleted, %s host", (front) => {
    const twins = ({ world }: Stage, id: string) =>
      [...world.snapshots.values()].filter(({ takenFor }) => takenFor !== "" && takenFor !== id);

    it.each([
      ["DeleteImage after", {}],
      ["DeleteSnapshot before", {}],
      ["DeleteSnapshot before", { deleteSnapshots: true }],
    ])("leave no snapshot of it when the run is killed at %s, with %j", async (at, args) => {
      const stage = await openStage(undefined, front);
      const stack = stage.stack();
      stage.world.scenarios.push(hidden(20_000));
      await stage.killed(stack, up(image("golden", args)), "CreateImage after");
      await stage.killed(stack, up(image("golden", args)), at);
      expect((await stack.run(up(image("golden", args)))).errors).toEqual([]);
      const { id } = stack.live("golden")!;
      expect(stage.images().map(({ imageId }) => imageId)).toEqual([id]);
      expect(twins(stage, id)).toEqual([]);
    });

    it("leave the snapshot that was passed in, and list in orphans one that could not be deleted", async () => {
      const stage = await openStage(undefined, front);
      const stack = stage.stack();
      stage.world.scenarios.push(hidden(20_000));
      await stage.killed(stack, up(neighbour), "CreateImage after");
      await stage.killed(stack, up(neighbour), "DeleteImage after");
      await stack.run(up(neighbour));
      expect(stage.world.snapshots.has(seeds.systemSnapshotId)).toBe(true);

      stage.world.scenarios.push(hidden(20_000));
      await stage.killed(stack, up(neighbour, image("golden")), "CreateImage after");
      stage.order(({ action }, phase) => (action === "DeleteSnapshot" && phase === "before" ? forbidden : undefined));
      expect((await stack.run(up(neighbour, image("golden")))).errors).toEqual([]);
      stage.order(undefined);
      await stage.lab.clock.advance(HOUR_MS);
      const left = twins(stage, stack.live("golden")!.id);
      expect(left).toHaveLength(2); // of the system disk and of the data disk
      const rows = stack.backend.state.map((recorded) => ({
        kind: "CustomImage" as const,
        name: recorded.name,
        recorded,
      }));
      const { out } = await callOrphans(stage.lab, ["--state", "-", "--json"], { input: exported(rows) });
      const listed = JSON.parse(out).orphans.map(
        (orphan: { kind: string; id: string }) => `${orphan.kind} ${orphan.id}`,
      );
      expect(listed.sort()).toEqual(left.map(({ snapshotId }) => `snapshot ${snapshotId}`).sort());
    });
  });

  it("become one, or the other is named, when the second run is killed in its delete", async () => {
    const stage = await openStage();
    const [one, two] = [stage.stack(), stage.stack()];
    stage.world.scenarios.push(hidden(20_000), hidden(20_000));
    const both = Promise.all([one.run(up(image("golden"))), two.run(up(image("golden")))]);
    stage.order(({ action, accessKeyId }, phase) => {
      if (action !== "DeleteImage" || phase !== "before") return undefined;
      stage.lab.processes.find((process) => process.accessKeyId === accessKeyId)!.kill("engine");
      return { kind: "reset" };
    });
    await both;
    stage.order(undefined);
    const survivor = one.live("golden") ? one : two;
    const other = survivor === one ? two : one;
    await other.run(up(image("golden")));
    expect(unaccounted(stage, survivor, other)).toEqual([]);
  });
});

describe("trial 10: two engines seven seconds apart, with an explicit name", () => {
  it.each([
    [0, false],
    [10_000, false],
    [0, true],
  ])(
    "make one image, which keeps its name (lists lag by %d ms, tags hidden: %s)",
    async (lagMs, hideTagsWhileCreating) => {
      const stage = await openStage();
      Object.assign(stage.world.quirks, { hideTagsWhileCreating });
      stage.world.scenarios.push(hidden(lagMs), hidden(lagMs));
      const [one, two] = [stage.stack(), stage.stack()];
      const golden = image("golden", { imageName: "golden" });
      const later = stage.lab.clock.sleep(7_000).then(() => two.run(up(golden)));
      await Promise.all([one.run(up(golden)), stage.lab.turn(later)]);
      expect(stage.images().map(({ imageName }) => imageName)).toEqual(["golden"]);
      expect(one.live("golden")!.id).toBe(stage.images()[0]!.imageId);
    },
  );
});

describe("trial 11: tags of a run that was killed", () => {
  const eighteen = (prefix: string) => Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`${prefix}${i}`, "x"]));
  it.each([
    ["eighteen others", eighteen("a"), eighteen("b")],
    ["fewer", { kept: "1", dropped: "1" }, { kept: "1" }],
  ])("yield to %s", async (_what, before, after) => {
    const stage = await openStage();
    const stack = stage.stack();
    await stage.killed(stack, up(image("golden", { tags: before })), "CreateImage after");
    expect((await stack.run(up(image("golden", { tags: after })))).errors).toEqual([]);
    const own = [...stage.images()[0]!.tags].filter(([key]) => !key.startsWith("pulumi-alicloud-image:"));
    expect(Object.fromEntries(own)).toEqual(after);
    expect(stage.images()).toHaveLength(1);
  });
});

describe("trial 20: the cloud ignores an argument of the creation", () => {
  it("does not duplicate what an interrupted run made", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    const golden = image("golden", { platform: "Ubuntu", architecture: "x86_64" });
    await stage.killed(stack, up(golden), "CreateImage after");
    stage.images()[0]!.platform = "Aliyun";
    expect((await stack.run(up(golden))).errors).toEqual([]);
    expect(stage.images().map(({ imageId }) => imageId)).toEqual([stack.live("golden")!.id]);
  });
});

describe("lists that lag behind", () => {
  const late = { create: "10s" };

  it.each([8_000, 10_000, 15_000])(
    "trial 8: an image of %d ms that lists hide for seven seconds near its end is waited for",
    async (durationMs) => {
      const stage = await openStage();
      const stack = stage.stack();
      stage.world.scenarios.push({ for: "CreateImage", durationMs });
      stage.at(durationMs - 2_000, () => {
        for (const made of stage.images()) made.visibleFromMs = stage.lab.clock.now() + 7_000;
      });
      expect((await stack.run(up(image("golden")))).errors).toEqual([]);
      expect(stage.lab.mutations()).not.toContain("DeleteImage");
      expect(stage.images().map(({ imageId }) => imageId)).toEqual([stack.live("golden")!.id]);
    },
  );

  it.each([
    ["refresh, then up", { do: "refresh" } as const, {}],
    ["refresh, then up, with an explicit name", { do: "refresh" } as const, { imageName: "golden" }],
    ["up --refresh", undefined, {}],
  ])("trial 21: %s of an unfinished image continues with it", async (_what, first, args) => {
    const stage = await openStage();
    const stack = stage.stack();
    stage.world.scenarios.push(hidden(30_000));
    await stack.run(up(image("golden", args, late)));
    const { id } = stack.live("golden")!;
    if (first) await stack.run(first);
    const done = await stack.run({ do: "up", program: [image("golden", args)], refresh: !first });
    expect(done.errors).toEqual([]);
    expect(stage.images().map(({ imageId, imageName }) => [imageId, imageName])).toEqual([
      [id, ("imageName" in args ? args.imageName : undefined) ?? expect.stringMatching(/^golden-/)],
    ]);
    expect(stack.live("golden")!.id).toBe(id);
  });

  it.each([65_000, 100_000])("trial 22: an image that no list shows for %d ms is waited for", async (hiddenForMs) => {
    const stage = await openStage();
    const stack = stage.stack();
    stage.world.scenarios.push(hidden(hiddenForMs));
    expect((await stack.run(up(image("golden")))).errors).toEqual([]);
    expect(stage.lab.mutations()).not.toContain("DeleteImage");
    expect(stage.images().map(({ imageId }) => imageId)).toEqual([stack.live("golden")!.id]);
  });

  it("trial 23: a destroy of an unfinished image removes its snapshots", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    stage.world.scenarios.push(hidden(45_000));
    await stack.run(up(image("golden", { deleteSnapshots: true }, late)));
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});
