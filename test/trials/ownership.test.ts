import { type ImageRecord, seeds } from "../../emulator";
import { callOrphans, exported } from "../cli/terminal";
import { declared, destroy, forbidden, image, openStage, replace, type Stage, up } from "./stage";

/** Ownership: names, forged tags, retained images, images that move, and missing permissions. */
const HOUR_MS = 60 * 60_000;
const named = image("golden", { imageName: "golden" });

describe("trial 4: orphans --delete --yes while an import of three hours runs", () => {
  const source = [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }];
  const imported = declared("ImportedImage", "golden", { diskDeviceMappings: source }, { create: "5h" });
  it.each([
    ["the state of now, with its pending operation", [{ kind: "ImportedImage" as const, args: imported.args }]],
    ["a state from before", []],
  ])("keeps what the run creates, given %s", async (_what, pending) => {
    const stage = await openStage();
    const stack = stage.stack();
    stage.world.scenarios.push({ for: "ImportImage", durationMs: 3 * HOUR_MS });
    let swept: Promise<unknown> = Promise.resolve();
    stage.at(1.5 * HOUR_MS, () => {
      swept = callOrphans(stage.lab, ["--state", "-", "--delete", "--yes"], { input: exported([], { pending }) });
    });
    expect((await stack.run(up(imported))).errors).toEqual([]);
    await swept;
    expect(stage.lab.mutations()).not.toContain("CancelTask");
    expect(stage.images().map(({ imageId }) => imageId)).toEqual([stack.live("golden")!.id]);
  });
});

describe("trial 7: an image with the tags of a creation, set by somebody else", () => {
  /** What was really made is replaced by an image of another source that carries its tags. */
  async function forged(stage: Stage, program: ReturnType<typeof image>, change: Partial<ImageRecord>): Promise<void> {
    await stage.killed(stage.stack(), up(program), "CreateImage after");
    await stage.lab.clock.advance(10 * 60_000);
    const [made] = stage.images();
    stage.world.images.delete(made!.imageId);
    stage.world.snapshots.forEach(({ takenFor }, id) => {
      if (takenFor !== "") stage.world.snapshots.delete(id);
    });
    stage.world.images.set("m-theirs", { ...made!, imageId: "m-theirs", madeFrom: "seed", ...change });
  }

  const versioned = declared("CustomImage", "golden", { snapshotId: seeds.systemSnapshotId, imageVersion: "1" });
  const secured = declared("CustomImage", "golden", {
    snapshotId: seeds.systemSnapshotId,
    bootMode: "UEFI",
    secureBootSupport: "supported",
  });
  it.each([
    ["with the same explicit name", named, { diskMappings: [] }],
    ["whose rows show no snapshots", image("golden"), { diskMappings: [], imageName: "theirs" }],
    ["of another version", versioned, { imageVersion: "2", imageName: "theirs" }],
    ["without Secure Boot", secured, { secureBootSupport: "unsupported", imageName: "theirs" }],
  ])("%s is neither adopted nor deleted", async (_what, program, change) => {
    const stage = await openStage();
    const stack = stage.stack();
    await forged(stage, program, change);
    await stack.run(up(program));
    expect(stack.live("golden")?.id).not.toBe("m-theirs");
    await stack.run(destroy);
    expect(stage.images().map(({ imageId, imageName }) => [imageId, imageName])).toEqual([
      ["m-theirs", "imageName" in change ? "theirs" : "golden"],
    ]);
  });
});

describe("names", () => {
  it("trial 12: a kept name among 120 similar ones can be replaced", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(named));
    const [made] = stage.images();
    for (let i = 0; i < 120; i++) {
      const imageId = `m-similar-${i}`;
      stage.world.images.set(imageId, { ...made!, imageId, imageName: `golden-${i}`, tags: new Map() });
    }
    const again = image("golden", { imageName: "golden", triggers: ["again"] });
    expect((await stack.run(up(again))).errors).toEqual([]);
    const { id } = stack.live("golden")!;
    expect(stage.world.images.get(id)!.imageName).toBe("golden");
    expect(stage.world.images.has(made!.imageId)).toBe(false);
  });

  it("trial 14: a retained image whose name is asked for again is named in a warning", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(named));
    const { id } = stack.live("golden")!;
    stack.backend.state = []; // retainOnDelete: the engine forgets it without a call
    expect((await stack.run(up(named))).errors).toEqual([]);
    expect(stage.warned.join("\n")).toContain(id);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.images().map(({ imageId }) => imageId)).toEqual([id]);
  });

  it.each(["々々", "〇", "⺀", "𠀀", "𠀀".repeat(128)])(
    "trial 16: the cloud accepts the automatic name of a resource %s",
    async (name) => {
      const stage = await openStage();
      const stack = stage.stack();
      expect((await stack.run(up(image(name)))).errors).toEqual([]);
      expect(stage.images()[0]!.imageName).toMatch(/^[A-Za-z\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff.:_-]{1,127}$/);
    },
  );

  it.each([Number.POSITIVE_INFINITY, Number.NaN])("trial 16: triggers: [%d] is refused", async (trigger) => {
    const stage = await openStage();
    const { errors } = await stage.stack().run(up(image("golden", { triggers: [trigger] })));
    expect(errors).toEqual([expect.stringMatching(/triggers/)]);
    expect(stage.lab.mutations()).toEqual([]);
  });

  it("trial 18: the error for a resource that is renamed without an alias names the alias", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(named));
    const { errors } = await stack.run(up(image("renamed", { imageName: "golden" })));
    expect(errors).toEqual([expect.stringMatching(/alias/)]);
    expect(stage.images().map(({ imageName }) => imageName)).toEqual(["golden"]);
  });

  it("trial 18: two images swap their names within two ups", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    const [blue, green] = [image("a", { imageName: "blue" }), image("b", { imageName: "green" })];
    await stack.run(up(blue, green));
    const swapped = up(
      { ...blue, args: { ...blue.args, imageName: "green" } },
      { ...green, args: { ...green.args, imageName: "blue" } },
    );
    await stack.run(swapped);
    expect((await stack.run(swapped)).errors).toEqual([]);
    const nameOf = (name: string) => stage.world.images.get(stack.live(name)!.id)!.imageName;
    expect([nameOf("a"), nameOf("b")]).toEqual(["green", "blue"]);
  });
});

describe("deletes", () => {
  it("trial 13: a destroy of a snapshot that another image uses fails at once", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(image("golden", { deleteSnapshots: true })));
    const [made] = stage.images();
    stage.world.images.set("m-another", { ...made!, imageId: "m-another", imageName: "another", tags: new Map() });
    const sinceMs = stage.lab.clock.now();
    const { errors } = await stack.run(destroy);
    expect(stage.lab.clock.now() - sinceMs).toBeLessThan(15 * 60_000);
    expect([...errors, ...stage.warned].join("\n")).toContain("m-another");
    expect(stage.images().map(({ imageId }) => imageId)).toEqual(["m-another"]);
  });

  it("trial 15: without the delete permission the replaced image stays, with it a destroy deletes both", async () => {
    const stage = await openStage();
    const stack = stage.stack();
    await stack.run(up(image("golden", { deleteSnapshots: true })));
    stage.order(({ action }, phase) => (action === "DeleteImage" && phase === "before" ? forbidden : undefined));
    const again = image("golden", { deleteSnapshots: true });
    expect((await stack.run(replace("golden", again))).errors).not.toEqual([]);
    expect(stage.images()).toHaveLength(2);
    stage.order(undefined);
    expect((await stack.run(destroy)).errors).toEqual([]);
    expect(stage.changes()).toEqual([]);
  });
});

describe("trial 17: an instance that is not yet Running", () => {
  it("is waited for, with a line on the row", async () => {
    const stage = await openStage();
    const instance = stage.world.instances.get(seeds.instanceId)!;
    instance.status = "Starting";
    stage.at(60_000, () => void (instance.status = "Running"));
    expect((await stage.stack().run(up(image("golden")))).errors).toEqual([]);
    const first = stage.lab.said.shown[0];
    expect(first).toMatch(/instance|IncorrectInstanceStatus/);
  });
});
