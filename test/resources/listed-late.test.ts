import { seeds } from "../../emulator";
import { LINEAGE } from "../../provider/lifecycle/lineage";
import { RETAINED_TAG } from "../../provider/lifecycle/ownership";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";
import { lateTags } from "../support/late-tags";
import { adoptedByAnotherStack, NORTH } from "../support/moves";
import { worldWithOwnImage } from "../support/own-image";

// A list may lack for some seconds what exists. One look at it decides nothing: neither that an image is nobody's, nor
// that it is gone, nor that nobody can use it.

const EXISTING = "m-existing";
const OWNER = "pulumi-alicloud-image:owner";
/** The owner tag of another stack. */
const THEIRS = ["3", "a".repeat(12), "a".repeat(16), "a".repeat(12), "a".repeat(16), "a".repeat(12)].join(".");
const LAG_MS = 30_000;
const args = { instanceId: seeds.instanceId };

describe.each(FRONTS)("%s host", (front) => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await openLab({ world: worldWithOwnImage({ imageId: EXISTING }, seeds.systemSnapshotId) }, {}, { front });
  });
  afterEach(() => lab.close());

  const images = () => lab.emulator.world.images;
  const row = (id = EXISTING) => images().get(id)!;
  const hide = (id = EXISTING) => lab.emulator.hide(id, LAG_MS);

  describe("an image that another stack adopted a moment ago", () => {
    const ENDS: [string, (first: Resource) => Promise<unknown>][] = [
      ["destroyed", (first) => first.destroy()],
      ["rebuilt", (first) => first.up({ ...args, triggers: [1] })],
      ["rebuilt and keeps versions", (first) => first.up({ ...args, triggers: [1], keepVersions: 1 })],
    ];
    it.each(ENDS)("stays as it is when its first stack's resource is %s", async (_how, end) => {
      const { id, first, second } = await adoptedByAnotherStack(lab, args);
      const adopted = structuredClone(row(id));
      hide(id);
      lab.reached = (moment) => moment === "create recorded" && hide(id);
      await end(first);
      expect({ ...row(id), hidden: undefined }).toEqual({ ...adopted, hidden: undefined });
      expect(lab.said.warned.join()).toContain(`kept ${id}: another stack has adopted it`);
      expect(await second.destroy()).toEqual({ did: "delete" });
      expect(images().has(id)).toBe(false);
    });
  });

  describe("tags that lists show late", () => {
    /** From now on, after what was there is shown. */
    const late = async () => {
      lateTags(lab, LAG_MS);
      await lab.clock.advance(LAG_MS);
    };
    const theirs = (id: string) => ({ ...row(id), tags: new Map(row(id).tags) });

    it("spare what another stack has just adopted", async () => {
      const { id, first, second } = await adoptedByAnotherStack(lab, args, late);
      const adopted = theirs(id);
      await first.destroy();
      expect(images().has(id) && theirs(id)).toEqual(adopted);
      expect(lab.said.warned.join()).toContain(`kept ${id}: another stack has adopted it`);
      await lab.clock.advance(LAG_MS);
      expect(await second.destroy()).toEqual({ did: "delete" });
      expect(images().has(id)).toBe(false);
    });

    it("spare what was handed over and nobody has adopted yet", async () => {
      const first = resource(lab, "CustomImage");
      await first.up(args);
      const { id } = first.state!;
      row(id).tags.set(RETAINED_TAG, "2026-01-01T00:00:00Z");
      expect(await first.destroy()).toEqual({ did: "delete" });
      expect(images().has(id)).toBe(true);
      expect(lab.said.warned.join()).toMatch(new RegExp(`kept ${id}: .* keeps it on purpose`));
    });

    it("do not leave it to others what its own resource adopts", async () => {
      const first = resource(lab, "CustomImage");
      await first.up(args);
      const { id } = first.state!;
      await late();
      row(id).tags.set(RETAINED_TAG, "2026-01-01T00:00:00Z");
      await resource(lab, "CustomImage").up(args, { hidden: { __import: id } });
      expect(row(id).tags.has(RETAINED_TAG)).toBe(false);
    });

    it("spare what another stack has just adopted once its tags were removed", async () => {
      const { id, first } = await adoptedByAnotherStack(lab, args, async () => {
        row([...images().keys()].at(-1)).tags.clear();
        await late();
      });
      const adopted = theirs(id);
      await first.destroy();
      expect(images().has(id) && theirs(id)).toEqual(adopted);
    });

    it("spare an image that up --replace takes over after a kill", async () => {
      const image = resource(lab, "CustomImage");
      lab.reached = (moment) => moment === "create recorded" && lab.processes.at(-1)!.kill("engine");
      await image.up(args);
      lab.reached = undefined;
      const { id } = image.state!;
      await late();
      expect(await image.up(args, { replace: true })).toEqual({ did: "replace" });
      expect(image.state!.id).toBe(id);
      expect(images().has(id)).toBe(true);
    });

    it("spare an image that up --replace took over after a kill and before another", async () => {
      const image = resource(lab, "CustomImage");
      const kill = (moment: string) => moment === "create recorded" && lab.processes.at(-1)!.kill("engine");
      lab.reached = kill;
      await image.up(args);
      const { id } = image.state!;
      await late();
      await image.up(args, { replace: true });
      lab.reached = undefined;
      expect(image.old).toHaveLength(1);
      await image.up(args);
      expect([image.old, image.state!.id, images().has(id)]).toEqual([[], id, true]);
    });

    it("and lists that are read once spare a version that another stack adopts meanwhile", async () => {
      const kept = { ...args, keepVersions: 1 };
      const image = resource(lab, "CustomImage");
      await image.up(kept);
      const { id } = image.state!;
      await image.up({ ...kept, triggers: [1] });
      lab.reached = (moment) => {
        if (moment !== "create returned") return;
        row(id).tags = new Map([[OWNER, THEIRS]]);
      };
      await image.up({ ...kept, triggers: [2] });
      expect(images().has(id)).toBe(true);
    });
  });

  describe("an image that lists lack for a while", () => {
    /** Lists lack it from a call on. */
    const hideAfter = (action: string, id = EXISTING) => {
      lab.emulator.intercept = (call, phase) => {
        if (call.action === action && phase === "after") hide(id);
        return undefined;
      };
    };
    const killAfter = (action: string) => {
      lab.emulator.intercept = (call, phase) => {
        if (call.action === action && call.effect && phase === "after") lab.processes.at(-1)!.kill("engine");
        return undefined;
      };
    };
    const done = (action: string) => lab.emulator.calls.filter((call) => call.effect && call.action === action);
    const copied = { sourceImageId: EXISTING, regionId: NORTH };
    const wanted = { imageId: EXISTING, ossBucket: seeds.exportBucket, deleteObjects: true };
    const objects = () => [...lab.emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()];

    it("has its features in a copy", async () => {
      row().nvmeSupport = "supported";
      lab.emulator.world.scenarios.push({ for: "CopyImage", durationMs: 5_000 });
      hideAfter("CopyImage");
      const copy = resource(lab, "ImageCopy");
      await copy.up(copied);
      expect(copy.state!.outputs["features"]).toMatchObject({ nvmeSupport: "supported" });
    });

    /** Lists show it as it was before it was deprecated. */
    const showAvailable = () => {
      const untilMs = lab.clock.now() + LAG_MS;
      lab.emulator.intercept = ({ action }, phase) => {
        if (action === "DescribeImages") row().deprecated = phase === "after" || lab.clock.now() >= untilMs;
        return undefined;
      };
    };
    it.each([
      ["lists lack it", () => hide()],
      ["lists show it as it was", showAvailable],
    ])("is deprecated although the answer is lost and %s", async (_how, late) => {
      const image = resource(lab, "CustomImage");
      await image.up({ ...args, description: "ours" }, { hidden: { __import: EXISTING } });
      lab.emulator.intercept = ({ action, params }, phase) => {
        if (action !== "ModifyImageAttribute" || !("Status" in params) || phase === "before") return undefined;
        lab.emulator.intercept = undefined;
        late();
        return { kind: "reset" };
      };
      const change = { ...args, description: "ours", deprecated: true };
      expect(await image.up(change, { hidden: { __import: EXISTING } })).toEqual({ did: "update" });
      expect(row().deprecated).toBe(true);
    });

    it.each([
      ["a copy", "ImageCopy", "CopyImage", copied],
      ["an export", "ImageExport", "ExportImage", wanted],
    ] as const)("is the source of %s that a killed run left", async (_what, kind, action, given) => {
      killAfter(action);
      const made = resource(lab, kind);
      expect((await made.up(given)).did).toBe("killed");
      lab.emulator.intercept = undefined;
      hide();
      expect(await made.up(given)).toEqual({ did: "create" });
      expect(done(action)).toHaveLength(1);
    });

    it.each(["handed-over", `${"a".repeat(12)}.${"b".repeat(12)}.${"c".repeat(16)}`])(
      "has an export that is somebody else's to delete: %s",
      async (value) => {
        row().diskMappings = row().diskMappings.map((disk) => ({ ...disk, snapshotId: "" }));
        const made = resource(lab, "ImageExport");
        await made.up(wanted);
        const [written, { id }] = [objects(), made.state!];
        expect(written).not.toEqual([]);
        row().tags.set(`pulumi-alicloud-image:owner-of-${id}`, value);
        hide();
        expect(await made.destroy()).toEqual({ did: "delete" });
        expect(objects()).toEqual(written);
        expect(lab.said.warned.join()).toContain(`kept ${id}`);
      },
    );

    it("gets its name back when what a killed run made in its place fails", async () => {
      const image = resource(lab, "CustomImage");
      await image.up({ ...args, imageName: "golden" });
      const { id } = image.state!;
      lab.emulator.world.scenarios.push({ for: "CreateImage", failAtPercent: 50 });
      killAfter("CreateImage");
      expect((await image.up({ ...args, imageName: "golden", triggers: [1] })).did).toBe("killed");
      expect(row(id).imageName).not.toBe("golden");
      hideAfter("DeleteImage", id);
      lab.emulator.world.scenarios.push({ for: "CreateImage", failAtPercent: 50 });
      await image.up({ ...args, imageName: "golden", triggers: [1] });
      expect(row(id).imageName).toBe("golden");
    });
  });

  it("an image that somebody has deleted is no error of a destroy, which takes a minute more", async () => {
    const image = resource(lab, "CustomImage");
    await image.up({ ...args, deleteSnapshots: true });
    images().delete(image.state!.id);
    const startedMs = lab.clock.now();
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(lab.clock.now() - startedMs).toBeLessThan(90_000);
  });

  const published = { imageId: EXISTING, isPublic: true };
  const AGES: [string, number][] = [
    ["young", 0],
    ["old", 3_600_000],
  ];
  describe.each(AGES)("a publication that is %s", (_age, ageMs) => {
    const HIDES: [string, (sharing: Resource) => Promise<unknown>][] = [
      ["a destroy", async () => hide()],
      [
        "a refresh",
        async (sharing) => {
          hide();
          await sharing.refresh();
        },
      ],
      [
        "a refresh and a destroy",
        async (sharing) => {
          hide();
          await sharing.refresh();
          hide();
        },
      ],
      [
        "an update",
        async (sharing) => {
          hide();
          await sharing.up({ ...published, accountIds: ["1000000000000001"] });
        },
      ],
      [
        "an update that ends it",
        async (sharing) => {
          hide();
          await sharing.up({ imageId: EXISTING, accountIds: ["1000000000000001"] });
          expect(row().isPublic).toBe(false);
        },
      ],
    ];
    it.each(HIDES)("ends with its resource although lists lack the image during %s", async (_when, move) => {
      const sharing = resource(lab, "ImageSharePermission");
      expect(await sharing.up(published)).toEqual({ did: "create" });
      await lab.clock.advance(ageMs);
      await move(sharing);
      expect(await sharing.destroy()).toEqual({ did: "delete" });
      expect(row()).toMatchObject({ isPublic: false, sharedWith: [] });
      expect(lab.said.warned).toEqual([]);
    });

    it("ends with its resource when lists lack the image as it begins", async () => {
      const sharing = resource(lab, "ImageSharePermission");
      hide();
      await sharing.up(published);
      expect(row().isPublic).toBe(true);
      await lab.clock.advance(ageMs);
      await sharing.destroy();
      expect(row().isPublic).toBe(false);
    });

    it("is made again after somebody ended it, and is no error of a destroy then", async () => {
      const sharing = resource(lab, "ImageSharePermission");
      await sharing.up(published);
      await lab.clock.advance(ageMs);
      row().isPublic = false;
      await sharing.refresh();
      await sharing.up(published);
      expect(row().isPublic).toBe(true);
      row().isPublic = false;
      expect(await sharing.destroy()).toEqual({ did: "delete" });
    });

    it("goes with an image that somebody has deleted", async () => {
      const sharing = resource(lab, "ImageSharePermission");
      await sharing.up(published);
      await lab.clock.advance(ageMs);
      images().delete(EXISTING);
      expect(await sharing.destroy()).toEqual({ did: "delete" });
    });
  });

  it.each(["found by its tags", "found by nothing"])(
    "what a killed run left is taken over, %s at first",
    async (how) => {
      lab.reached = (moment) => moment === "create returned" && lab.processes.at(-1)!.kill("engine");
      const before = [...images().keys()];
      const image = resource(lab, "CustomImage");
      expect((await image.up(args)).did).toBe("killed");
      lab.reached = undefined;
      const [left] = [...images().keys()].filter((id) => !before.includes(id));
      const untilMs = lab.clock.now() + LAG_MS;
      lab.emulator.intercept = ({ action, params }, phase) => {
        if (action !== "DescribeImages") return undefined;
        const isLate = lab.clock.now() < untilMs && (how === "found by nothing" || !("Tag.1.Key" in params));
        if (phase === "before" && isLate) Object.assign(row(left), { hidden: { fromMs: 0, untilMs } });
        else delete row(left).hidden;
        return undefined;
      };
      expect(await image.up(args)).toEqual({ did: "create" });
      expect(image.state!.id).toBe(left);
      expect(images().size).toBe(before.length + 1);
      const made = lab.mutations().filter((action) => action === "CreateImage");
      expect(made).toHaveLength(how === "found by its tags" ? 1 : 2);
    },
  );
});

describe("an image that pulumi import has adopted", () => {
  let lab: Lab;
  let image: Resource;
  beforeEach(async () => {
    lab = await openLab(
      { world: worldWithOwnImage({ imageId: EXISTING }, seeds.systemSnapshotId) },
      {},
      { front: "native" },
    );
    image = resource(lab, "CustomImage");
    await image.importByCommand(EXISTING);
  });
  afterEach(() => lab.close());

  const row = () => lab.emulator.world.images.get(EXISTING)!;
  const changed = (): Props => {
    const { [LINEAGE]: _hidden, ...inputs } = image.state!.inputs;
    return { ...inputs, description: "ours" };
  };

  it("and another stack meanwhile stays that stack's, although lists lack it for a while", async () => {
    row().tags.set(OWNER, THEIRS);
    const theirs = structuredClone(row());
    lab.emulator.hide(EXISTING, LAG_MS);
    expect((await image.up(changed())).error).toMatch(/belongs to another stack/);
    expect({ ...row(), hidden: undefined }).toEqual({ ...theirs, hidden: undefined });
  });

  it("and another stack meanwhile is not claimed at the end of a run that changes something else", async () => {
    row().tags.set(OWNER, THEIRS);
    lab.emulator.hide(EXISTING, 10 * LAG_MS);
    const process = lab.process();
    const provider = process.of("CustomImage");
    const { id, outputs, inputs } = image.state!;
    await lab.turn(provider.diff(id, outputs, inputs));
    process.session.changesStack();
    const startedMs = lab.clock.now();
    await process.end();
    expect(row().tags.get(OWNER)).toBe(THEIRS);
    expect(lab.clock.now() - startedMs).toBeLessThan(10_000);
  });

  it("is claimed although lists lack it for a while", async () => {
    lab.emulator.hide(EXISTING, LAG_MS);
    expect((await image.up(changed())).error).toBeUndefined();
    expect(row().tags.has(OWNER)).toBe(true);
  });

  it("and somebody has deleted is an error of the update, which says so", async () => {
    lab.emulator.world.images.delete(EXISTING);
    expect((await image.up(changed())).error).toMatch(/there is no image m-existing in cn-hangzhou/);
  });
});
