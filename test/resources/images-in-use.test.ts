import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";

// A fleet that still runs from the image that is replaced is the normal case: the image stays until nothing uses it.

let lab: Lab;
let image: Resource;
afterEach(() => lab.close());

const build = (number: number, more: Props = {}): Props => ({
  instanceId: seeds.instanceId,
  triggers: [number],
  deleteSnapshots: true,
  ...more,
});
const own = () =>
  [...lab.emulator.world.images.values()].filter(({ owner }) => owner === "self").map(({ imageId }) => imageId);
const versions = () =>
  (image.state!.outputs["previousVersions"] as { imageId: string }[]).map(({ imageId }) => imageId);
const world = () => JSON.stringify([[...lab.emulator.world.images.keys()], [...lab.emulator.world.snapshots.keys()]]);

/** What keeps an image from being deleted, and how it ends. */
const USES = {
  "instances use": {
    begin(id: string) {
      const { instances } = lab.emulator.world;
      const instance = { ...instances.get(seeds.instanceId)!, instanceId: `i-fleet-${id}`, imageId: id };
      instances.set(instance.instanceId, instance);
    },
    end: (id: string) => void lab.emulator.world.instances.delete(`i-fleet-${id}`),
  },
  "is shared": {
    begin: (id: string) => void lab.emulator.world.images.get(id)!.sharedWith.push("1000000000000001"),
    end: (id: string) => void lab.emulator.world.images.get(id)!.sharedWith.splice(0),
  },
} as const;

describe.each(FRONTS)("an image that is in use, %s provider", (front) => {
  beforeEach(async () => {
    lab = await openLab({}, {}, { front });
    image = resource(lab, "CustomImage");
  });

  describe.each(Object.keys(USES) as (keyof typeof USES)[])("which %s", (use) => {
    const { begin, end } = USES[use];

    it("is kept as a version when it is replaced, and deleted by the first replacement after its use", async () => {
      await image.up(build(1));
      const first = image.state!.id;
      begin(first);
      expect(await image.up(build(2))).toEqual({ did: "replace" });
      expect(lab.said.warned.filter((text) => text.includes(first))).toHaveLength(1);
      const second = image.state!.id;
      await image.refresh();
      expect(versions()).toEqual([first]);
      expect(await image.up(build(2))).toEqual({ did: "same" });
      expect(await image.up(build(3))).toEqual({ did: "replace" });
      expect(own()).toEqual([first, image.state!.id]);
      expect(own()).not.toContain(second);
      end(first);
      expect(await image.up(build(4))).toEqual({ did: "replace" });
      expect(own()).toEqual([image.state!.id]);
      expect(image.old).toEqual([]);
    });

    it("is skipped and named by the pruning of versions, which goes on", async () => {
      const keepVersions = 1;
      await image.up(build(1, { keepVersions }));
      const first = image.state!.id;
      begin(first);
      await image.up(build(2, { keepVersions }));
      const second = image.state!.id;
      expect(await image.up(build(3, { keepVersions }))).toEqual({ did: "replace" });
      const third = image.state!.id;
      expect(lab.said.warned.at(-1)).toContain(first);
      expect(lab.said.warned.at(-1)).not.toMatch(new RegExp(`${second}|${third}`));
      expect(await image.up(build(4, { keepVersions }))).toEqual({ did: "replace" });
      expect(own()).toEqual([first, third, image.state!.id]);
      await image.refresh();
      expect(versions()).toEqual([third, first]);
      end(first);
      await image.up(build(5, { keepVersions }));
      expect(own()).toHaveLength(2);
    });

    it("makes a destroy fail with its name, and nothing is forgotten", async () => {
      const before = world();
      await image.up(build(1, { keepVersions: 2 }));
      const first = image.state!.id;
      await image.up(build(2, { keepVersions: 2 }));
      const second = image.state!.id;
      begin(first);
      const failed = await image.destroy();
      expect(failed.error).toMatch(new RegExp(`previous version ${first}.*forceDelete`));
      expect(image.state?.id).toBe(second);
      expect(own()).toEqual([first, second]);
      expect(await image.up(build(2, { keepVersions: 2, forceDelete: true }))).toEqual({ did: "update" });
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(world()).toEqual(before);
    });

    it.each([
      ["present image", 2],
      ["newer version", 1],
      ["older version", 0],
    ])("lets a destroy delete nothing while it is the %s, and the next one without a wait", async (_which, at) => {
      const before = world();
      const ids: string[] = [];
      for (const number of [1, 2, 3]) {
        await image.up(build(number, { keepVersions: 2 }));
        ids.push(image.state!.id);
      }
      begin(ids[at]!);
      expect((await image.destroy()).error).toContain(ids[at]);
      expect(own()).toEqual(ids);
      end(ids[at]!);
      const startedMs = lab.clock.now();
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(lab.clock.now() - startedMs).toBeLessThan(30_000);
      expect(world()).toEqual(before);
    });

    it("is deleted with a forceDelete that the same up sets", async () => {
      await image.up(build(1));
      begin(image.state!.id);
      expect(await image.up(build(2, { forceDelete: true }))).toEqual({ did: "replace" });
      expect(own()).toEqual([image.state!.id]);
    });

    it("is deleted by destroy when forceDelete is set as the error says", async () => {
      const before = world();
      await image.up(build(1));
      begin(image.state!.id);
      expect((await image.destroy()).error).toMatch(/set forceDelete to true, run pulumi up/);
      await image.up(build(1, { forceDelete: true }));
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(world()).toEqual(before);
    });
  });

  it("is listed as a version by the up that replaces it, and by a targeted replacement", async () => {
    await image.up(build(1));
    const first = image.state!.id;
    USES["instances use"].begin(first);
    await image.up(build(2));
    expect(versions()).toEqual([first]);
    const second = image.state!.id;
    await image.up(build(2, { keepVersions: 1 }), { replace: true });
    expect(versions()).toEqual([second, first]);
    expect(own()).toEqual([first, second, image.state!.id]);
  });

  it("is deleted with a forceDelete that is set after an up ended before the delete", async () => {
    await image.up(build(1));
    const first = image.state!.id;
    USES["instances use"].begin(first);
    lab.reached = (moment) => moment === "create recorded" && lab.processes.at(-1)!.kill("engine");
    expect(await image.up(build(2))).toMatchObject({ did: "killed" });
    lab.reached = undefined;
    expect(own()).toEqual([first, image.state!.id]);
    expect(image.old).toHaveLength(1);
    expect(await image.up(build(2, { forceDelete: true }))).toEqual({ did: "update" });
    expect(own()).toEqual([image.state!.id]);
    expect(image.old).toEqual([]);
  });

  it("is not listed as a version by the up that deletes it, because that sets forceDelete", async () => {
    await image.up(build(1));
    USES["instances use"].begin(image.state!.id);
    await image.up(build(2, { forceDelete: true }));
    expect(versions()).toEqual([]);
    expect(own()).toEqual([image.state!.id]);
  });

  it("is deleted with the newest value of deleteSnapshots", async () => {
    const before = world();
    await image.up(build(1, { deleteSnapshots: false }));
    await image.up(build(2, { deleteSnapshots: true }));
    await image.destroy();
    expect(world()).toEqual(before);
  });
});
