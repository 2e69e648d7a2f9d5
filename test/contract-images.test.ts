import { kindsByFront } from "./support/kinds";
import { type Lab, openLab, type Resource, resource, urnOf } from "./support/lab";

/**
 * What every kind of image must guarantee in addition, because it has a name, tags, and a status that somebody may
 * change by hand.
 */
describe.each(kindsByFront.filter(({ kind }) => kind !== "ImageExport"))(
  "the image of a $kind, $front host",
  ({ front, kind, args, replaced, world, remains }) => {
    let lab: Lab;
    let image: Resource;
    beforeEach(async () => {
      lab = await openLab({ world: world() }, {}, { front });
      image = resource(lab, kind);
    });
    afterEach(() => lab.close());

    it("is read in full from a state that has only its region and provider", async () => {
      await image.up(args);
      const { id, outputs } = image.state!;
      const process = lab.process();
      const read = await lab.turn(process.of(kind).read(id, { __provider: outputs["__provider"] }));
      expect(read.props).toMatchObject({
        imageId: id,
        status: "Available",
        imageName: outputs["imageName"],
        regionId: "cn-hangzhou",
      });
      const before = lab.mutations().length;
      await process.end();
      expect(lab.mutations()).toHaveLength(before); // a resource that was only read must not change it
    });

    it("is named after the resource, with a new suffix each time, if the program gives no name", async () => {
      const { imageName: _none, ...unnamed } = args;
      await image.up(unnamed);
      const first = image.state!.outputs["imageName"];
      expect(first).toMatch(/^golden-[0-9a-f]{7}$/);
      await image.up({ ...unnamed, triggers: [1] });
      expect(image.state!.outputs["imageName"]).toMatch(/^golden-[0-9a-f]{7}$/);
      expect(image.state!.outputs["imageName"]).not.toBe(first);
    });

    it("takes over the name of the one that it replaces, which is renamed until it is deleted", async () => {
      const named = { ...args, imageName: "golden-base" };
      await image.up(named);
      const { id } = image.state!;
      const seen: string[] = [];
      lab.emulator.intercept = ({ action }, phase) => {
        if (phase === "after" && /^(Create|Import)Image$/.test(action))
          seen.push(lab.emulator.world.images.get(id)!.imageName);
        return undefined;
      };
      expect(await image.up({ ...replaced, imageName: "golden-base" })).toEqual({ did: "replace" });
      expect(seen.at(-1)).toMatch(/^golden-base-replaced-/);
      expect(image.state!.outputs["imageName"]).toBe("golden-base");
      expect(lab.emulator.world.images.has(id)).toBe(false);
    });

    it("gives the old one its name back when the new one cannot be made", async () => {
      const named = { ...args, imageName: "golden-base" };
      await image.up(named);
      const { id } = image.state!;
      lab.emulator.world.scenarios.push({
        for: kind === "CustomImage" ? "CreateImage" : "ImportImage",
        failAtPercent: 30,
      });
      expect((await image.up({ ...replaced, imageName: "golden-base" })).error).toBeDefined();
      expect(lab.emulator.world.images.get(id)).toMatchObject({ imageName: "golden-base" });
      await image.refresh();
      expect(await image.up(named)).toEqual({ did: "same" });
    });

    it("does not take the name of another owner's image, and says whose it is", async () => {
      const stranger =
        [...lab.emulator.world.images.values()].find(({ owner }) => owner === "self") ??
        [...lab.emulator.world.images.values()][0]!;
      lab.emulator.world.images.set("m-stranger", {
        ...structuredClone(stranger),
        imageId: "m-stranger",
        imageName: "golden-base",
        owner: "self",
        tags: new Map(),
      });
      const { error } = await image.up({ ...args, imageName: "golden-base" });
      expect(error).toMatch(/"golden-base" belongs to image m-stranger/);
      expect(lab.emulator.world.images.get("m-stranger")).toMatchObject({ imageName: "golden-base" });
      expect(image.state).toBeUndefined();
    });

    it.each([
      ["imageName", "renamed"],
      ["description", "described by hand"],
      ["imageFamily", "another-family"],
    ] as const)("shows a %s that was changed by hand, and the next up corrects it", async (property, byHand) => {
      const given = { ...args, imageName: "golden-base", description: "as it is meant", imageFamily: "golden" };
      await image.up(given);
      Object.assign(lab.emulator.world.images.get(image.state!.id)!, { [property]: byHand });
      await image.refresh();
      expect(image.state!.outputs[property]).toBe(byHand);
      expect(await image.up(given)).toEqual({ did: "update" });
      expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ [property]: given[property] });
      expect(await image.up(given)).toEqual({ did: "same" });
    });

    it("gets its own tags corrected, and keeps those that others have set", async () => {
      const given = { ...args, tags: { team: "platform", tier: "1" } };
      await image.up(given);
      const tags = lab.emulator.world.images.get(image.state!.id)!.tags;
      tags.set("team", "changed by hand").set("cost-centre", "4711").set("acs:system", "theirs");
      tags.delete("tier");
      await image.refresh();
      expect(image.state!.outputs["tags"]).toEqual({ team: "changed by hand" });
      expect(await image.up(given)).toEqual({ did: "update" });
      expect(await image.up({ ...args, tags: { tier: "2" } })).toEqual({ did: "update" });
      const left = [...lab.emulator.world.images.get(image.state!.id)!.tags].filter(
        ([key]) => !key.startsWith("pulumi-alicloud-image:"),
      );
      expect(Object.fromEntries(left)).toEqual({ tier: "2", "cost-centre": "4711", "acs:system": "theirs" });
    });

    it("that was deprecated by hand is available again after the next up, and the other way round", async () => {
      await image.up(args);
      lab.emulator.world.images.get(image.state!.id)!.deprecated = true;
      await image.refresh();
      expect(image.state!.outputs).toMatchObject({ deprecated: true, status: "Deprecated" });
      expect(await image.up(args)).toEqual({ did: "update" });
      expect(lab.emulator.world.images.get(image.state!.id)!.deprecated).toBe(false);
      expect(await image.up({ ...args, deprecated: true })).toEqual({ did: "update" });
      expect(image.state!.outputs).toMatchObject({ deprecated: true, status: "Deprecated" });
      expect(await image.up({ ...args, deprecated: true })).toEqual({ did: "same" });
    });

    it("keeps a description that is left out of the program later, and plans no change for it", async () => {
      await image.up({ ...args, description: "to be forgotten" });
      const { description: _gone, ...without } = { ...args, description: undefined };
      expect(await image.up(without)).toEqual({ did: "same" });
      expect(image.state!.outputs["description"]).toBe("to be forgotten");
    });

    it("is waited for until it is usable, not only listed as Available", async () => {
      lab.emulator.world.scenarios.push({
        for: kind === "CustomImage" ? "CreateImage" : "ImportImage",
        unusableForMs: 120_000,
      });
      const startMs = lab.clock.now();
      await image.up(args);
      expect(image.state!.outputs["usable"]).toBe(true);
      expect(lab.clock.now() - startMs).toBeGreaterThanOrEqual(120_000);
    });

    it("is tagged as returned after an orderly end, until a later run shows its record", async () => {
      await image.up(args);
      const { tags } = lab.emulator.world.images.get(image.state!.id)!;
      expect(tags.has("pulumi-alicloud-image:owner")).toBe(true);
      expect(tags.get("pulumi-alicloud-image:pending")).toMatch(/^returned\./);
      expect(await image.up({ ...args, description: "shown by an update" })).toEqual({ did: "update" });
      expect(lab.emulator.world.images.get(image.state!.id)!.tags.has("pulumi-alicloud-image:pending")).toBe(false);
    });

    it.each([
      ["in use", "ImageUsingByInstance", /forceDelete/],
      ["shared", "ImageUseShared", /sharing/],
      ["being copied", "OperationDenied.ImageCopying", /copy/],
      ["being exported", "ImageIsExporting", /export/],
    ])("that is %s is not deleted by force, and the error says what to do", async (_what, code, advice) => {
      await image.up(args);
      const { id } = image.state!;
      lab.emulator.intercept = ({ action }, phase) =>
        action === "DeleteImage" && phase === "before" ? { kind: "error", status: 403, code } : undefined;
      const { error } = await image.destroy();
      expect(error).toMatch(advice);
      expect(lab.emulator.world.images.has(id)).toBe(true);
      expect(image.state).toBeDefined();
      expect(lab.emulator.calls.filter(({ params }) => params["Force"] === "true")).toEqual([]);
    });

    it("gets an attribute that the cloud does not report, in a single update", async () => {
      lab.emulator.world.resourceGroups.set("rg-another", { resourceGroupId: "rg-another", name: "another" });
      await image.up(args);
      expect(await image.up({ ...args, resourceGroupId: "rg-another", licenseType: "BYOL" })).toEqual({
        did: "update",
      });
      expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({
        resourceGroupId: "rg-another",
        licenseType: "BYOL",
      });
      expect(await image.up({ ...args, resourceGroupId: "rg-another", licenseType: "BYOL" })).toEqual({ did: "same" });
    });

    it("that is finished by a later run gets what its creating call could not carry", async () => {
      lab.emulator.world.scenarios.push({
        for: kind === "CustomImage" ? "CreateImage" : "ImportImage",
        durationMs: 30 * 60_000,
      });
      const want = { ...args, licenseType: "BYOL", deprecated: true };
      await image.up(want, { timeouts: { create: "2m" } });
      expect(await image.up(want)).toEqual({ did: "update" });
      expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ licenseType: "BYOL", deprecated: true });
    });

    it("that is renamed with an alias gets a new owner tag, and a later replacement its name", async () => {
      await image.up({ ...args, imageName: "golden-base" });
      const { id, inputs, outputs } = image.state!;
      const renamed = { ...inputs, __urn: urnOf(kind, "renamed") };
      const process = lab.process();
      expect(await lab.turn(process.of(kind).diff(id, outputs, renamed))).toMatchObject({
        changes: true,
        replaces: [],
      });
      await lab.turn(process.of(kind).update(id, outputs, renamed));
      const made = await lab.turn(process.of(kind).create({ ...renamed, ...replaced, imageName: "golden-base" }));
      expect(made.outs["imageName"]).toBe("golden-base");
      await process.end();
    });

    it("that is gone before an update is not created again; the error says what to do", async () => {
      await image.up(args);
      lab.emulator.world.images.delete(image.state!.id);
      const { error } = await image.up({ ...args, description: "never to be seen" });
      expect(error).toMatch(/is gone.*next pulumi up replaces it/s);
      expect(lab.mutations().filter((action) => /^(Create|Import)Image$/.test(action))).toHaveLength(1);
      expect(await image.up(args)).toEqual({ did: "replace" });
      expect(await image.up(args)).toEqual({ did: "same" });
      await image.destroy();
      expect(remains(lab)).toEqual([]);
    });

    it("that is gone before an update is created by the up after a refresh", async () => {
      await image.up(args);
      lab.emulator.world.images.delete(image.state!.id);
      await image.up({ ...args, description: "never to be seen" });
      await image.refresh();
      expect(await image.up(args)).toEqual({ did: "create" });
    });

    it("that only lists lacked before an update is kept once a refresh finds it", async () => {
      await image.up(args);
      const { id } = image.state!;
      lab.emulator.world.images.get(id)!.visibleFromMs = lab.clock.now() + 40 * 60_000;
      expect((await image.up({ ...args, description: "another" })).error).toMatch(/is gone/);
      await lab.clock.advance(60 * 60_000);
      await image.refresh();
      expect(await image.up({ ...args, description: "another" })).toEqual({ did: "update" });
      expect(image.state!.id).toBe(id);
    });

    it("shows its progress on its own row during a wait", async () => {
      await image.up(args);
      expect(lab.said.shown.some((text) => /\d+%/.test(text))).toBe(true);
    });
  },
);
