import { seeds } from "../../emulator";
import { LINEAGE } from "../../provider/lifecycle/lineage";
import { OWNER_TAG, PENDING_TAG } from "../../provider/lifecycle/ownership";
import { RECORD } from "../../provider/lifecycle/record";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";
import { imagesBeside, MOVES, prepare, release, worldOf } from "../support/moves";
import { nightly, ofHost } from "../support/sample";

// Versions belong to their resource through everything that the engine does to it.

let lab: Lab;
let image: Resource;
afterEach(() => lab.close());

const build = (number: number, more: Props = { instanceId: seeds.instanceId }): Props => ({
  triggers: [number],
  deleteSnapshots: true,
  keepVersions: 2,
  ...more,
});
const own = () => imagesBeside(lab);
const versions = () =>
  (image.state!.outputs["previousVersions"] as { imageId: string }[]).map(({ imageId }) => imageId);
const world = () => worldOf(lab);

describe.each(FRONTS)("an image with a name of its own, %s provider", (front) => {
  it.each(Object.keys(MOVES).filter(ofHost(front)))("passes it to its replacement after %s", async (name) => {
    lab = await openLab({}, {}, { front });
    prepare(lab);
    image = resource(lab, "CustomImage");
    const before = world();
    const named = (source: Props = { instanceId: seeds.instanceId }) => ({ ...source, imageName: "golden" });
    await image.up(build(1, named()));
    const first = image.state!.id;
    const { options, source } = MOVES[name]!(image, lab, front) ?? {};
    expect(await image.up(build(2, named(source)), options)).toEqual({ did: "replace" });
    expect(own()).toEqual([first, image.state!.id]);
    expect(lab.emulator.world.images.get(image.state!.id)!.imageName).toBe("golden");
    release(lab);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(world()).toEqual(before);
  });
});

describe.each(FRONTS)("kept versions, %s provider", (front) => {
  /** What the hosts have no part in. */
  const inOneHost = front === FRONTS[0] ? it : nightly;
  let before: string;
  let ids: string[];
  beforeEach(async () => {
    lab = await openLab({}, {}, { front });
    prepare(lab);
    image = resource(lab, "CustomImage");
    before = world();
    ids = [];
    for (const number of [1, 2, 3]) {
      await image.up(build(number));
      ids.push(image.state!.id);
    }
  });

  describe.each(Object.keys(MOVES).filter(ofHost(front)))("after %s", (name) => {
    it("are listed, pruned and destroyed as before", async () => {
      const { options, source } = MOVES[name]!(image, lab, front) ?? {};
      expect(await image.up(build(4, source), options)).toEqual({ did: "replace" });
      ids.push(image.state!.id);
      // The oldest version, which an instance uses, is passed over.
      const present = name === "instances that use a version" ? ids : ids.slice(1);
      expect(own()).toEqual(present);
      await image.refresh();
      expect(versions()).toEqual(present.slice(0, -1).reverse());
      release(lab);
      expect(await image.up(build(5, source))).toEqual({ did: "replace" });
      ids.push(image.state!.id);
      expect(own()).toEqual(ids.slice(2));
      expect(versions()).toEqual([ids[3], ids[2]]);
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(world()).toEqual(before);
    });

    it("are deleted by a destroy that follows at once", async () => {
      const { options, source } = MOVES[name]!(image, lab, front) ?? {};
      await image.up(build(3, source), { ...options, deleteBeforeReplace: false });
      release(lab);
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(world()).toEqual(before);
    });
  });

  it.each(["TagResources", "DeleteImage"])(
    "are not lost when a targeted replacement is killed after %s, and repeated",
    async (action) => {
      const options = { replace: true, deleteBeforeReplace: true };
      const version = action === "DeleteImage" ? ids[0] : ids[1];
      lab.emulator.intercept = ({ action: called, params }, phase) => {
        const process = lab.processes.at(-1)!;
        const isMeant = called === action && (params["ImageId"] ?? params["ResourceId.1"]) === version;
        if (!process.killed && !(isMeant && phase === "after")) return undefined;
        process.kill("engine");
        return { kind: "reset" };
      };
      expect((await image.up(build(4), options)).did).toBe("killed");
      lab.emulator.intercept = undefined;
      expect((await image.up(build(4), options)).error).toBeUndefined();
      await image.refresh();
      expect(versions()).toEqual([ids[2], ids[1]]);
      expect(own()).toEqual([ids[1], ids[2], image.state!.id]);
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(world()).toEqual(before);
    },
  );

  it("stay listed after an alias that changes nothing else", async () => {
    image.alias({ name: "web" });
    expect(await image.up(build(3))).toEqual({ did: "update" });
    await image.refresh();
    expect(versions()).toEqual([ids[1], ids[0]]);
    expect(await image.up(build(3))).toEqual({ did: "same" });
  });

  inOneHost("are pruned and destroyed in the region where the resource was before", async () => {
    const regionId = "cn-beijing";
    const north = (number: number): Props => ({
      snapshotId: "s-north",
      regionId,
      triggers: [number],
      keepVersions: 2,
      deleteSnapshots: true,
    });
    expect(await image.up(north(4))).toEqual({ did: "replace" });
    expect(versions()).toEqual([ids[2], ids[1]]);
    await image.refresh();
    expect(versions()).toEqual([ids[2], ids[1]]);
    expect(await image.up(north(5))).toEqual({ did: "replace" });
    expect(own()).toHaveLength(3);
    expect(await image.up(build(6))).toEqual({ did: "replace" });
    expect(own()).toHaveLength(3);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(own()).toEqual([]);
    expect(lab.emulator.world.snapshots.has("s-north")).toBe(true);
  });

  it("stay listed after a move away from a region that is down, and the new image is ready", async () => {
    const north = { ...build(4), instanceId: undefined, snapshotId: "s-north", regionId: "cn-beijing" };
    lab.emulator.intercept = ({ params }, phase) =>
      phase === "before" && params["RegionId"] === seeds.regionId ? { kind: "reset" } : undefined;
    expect(await image.up(north)).toMatchObject({ did: "replace", error: expect.stringMatching(/^deleting image/) });
    expect(image.state).toMatchObject({ outputs: { status: "Available", regionId: "cn-beijing" } });
    expect(image.state!.initErrors).toBeUndefined();
    expect(versions()).toEqual([...ids].reverse());
    expect(lab.said.warned.join()).toMatch(
      /previousVersions may be out of date until the next refresh: reading images/,
    );
    lab.emulator.intercept = undefined;
    expect(await image.up(north)).toEqual({ did: "same" });
    await image.refresh();
    expect(versions()).toEqual([ids[2], ids[1]]);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(world()).toEqual(before);
  });

  it("are pruned and destroyed when the resource is deleted early and moves to another region", async () => {
    const north = {
      ...build(4),
      instanceId: undefined,
      snapshotId: "s-north",
      regionId: "cn-beijing",
    };
    expect(await image.up(north, { deleteBeforeReplace: "dependent" })).toEqual({ did: "replace" });
    await image.refresh();
    expect(versions()).toEqual([ids[2], ids[1]]);
    expect(own()).toEqual([ids[1], ids[2], image.state!.id]);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(world()).toEqual(before);
  });

  inOneHost("are not deleted with another resource that gets the former name", async () => {
    image.alias({ name: "web" });
    await image.up(build(3));
    const other = resource(lab, "CustomImage");
    await other.up(build(1));
    expect(await other.up(build(2))).toEqual({ did: "replace" });
    expect(await other.destroy()).toEqual({ did: "delete" });
    expect(own()).toEqual(ids);
  });

  inOneHost("are all deleted although a restored state lacks the last builds", async () => {
    const restore = image.backup();
    await image.up(build(4));
    await image.up(build(5));
    const last = image.state!.id;
    restore();
    await image.refresh();
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(own()).toEqual([last]);
  });

  inOneHost(
    "are listed, pruned and destroyed when an earlier release wrote tags and record, without a lineage",
    async () => {
      for (const { owner, tags } of lab.emulator.world.images.values()) {
        if (owner !== "self") continue;
        const [, stack, resource, , fingerprint, creationId] = tags.get(OWNER_TAG)!.split(".");
        tags.set(OWNER_TAG, [2, stack, resource, fingerprint, creationId].join("."));
        if (tags.get(PENDING_TAG)?.startsWith("version.")) tags.set(PENDING_TAG, `version.${stack}`);
      }
      const { inputs, outputs } = image.state!;
      for (const props of [inputs, outputs]) delete props[LINEAGE];
      delete (outputs[RECORD] as Props)["lineage"];
      await image.refresh();
      expect(versions()).toEqual([ids[1], ids[0]]);
      expect(await image.up(build(4))).toEqual({ did: "replace" });
      ids.push(image.state!.id);
      expect(own()).toEqual(ids.slice(1));
      expect(versions()).toEqual([ids[2], ids[1]]);
      expect(await image.up(build(4))).toEqual({ did: "same" });
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(world()).toEqual(before);
    },
  );

  inOneHost("are found among more images of other stacks than a filter by tags finds", async () => {
    const { images } = lab.emulator.world;
    const tag = `3.${"0".repeat(12)}.${"0".repeat(16)}.${"0".repeat(12)}.${"0".repeat(16)}.${"0".repeat(12)}`;
    const row = images.get(ids[0]!)!;
    const others = Array.from({ length: 1_001 }, (_, n) => `m-other-${n}`);
    for (const imageId of others)
      images.set(imageId, { ...row, imageId, imageName: imageId, diskMappings: [], tags: new Map([[OWNER_TAG, tag]]) });
    for (const imageId of ids) {
      const held = images.get(imageId)!; // a list shows the oldest last
      images.delete(imageId);
      images.set(imageId, held);
    }
    await image.refresh();
    expect(versions()).toEqual([ids[1], ids[0]]);
    expect(await image.up(build(4))).toEqual({ did: "replace" });
    expect(own().slice(others.length)).toEqual([ids[1], ids[2], image.state!.id]);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(own()).toEqual(others);
  });

  inOneHost("stay with the resource while its image is gone", async () => {
    expect(await image.up(build(3, { instanceId: seeds.instanceId, deleteSnapshots: false }))).toEqual({
      did: "update",
    });
    lab.emulator.world.images.delete(ids[2]!);
    await image.refresh();
    expect(image.state?.id).toBe(ids[2]);
    expect(versions()).toEqual([ids[1], ids[0]]);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(own()).toEqual([]);
  });

  inOneHost("keep their resource in the state until the last one is deleted", async () => {
    lab.emulator.world.images.get(ids[0]!)!.sharedWith.push("1000000000000001");
    expect((await image.destroy()).error).toContain(ids[0]);
    await image.refresh();
    lab.emulator.world.images.get(ids[0]!)!.sharedWith.splice(0);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(world()).toEqual(before);
  });
});
