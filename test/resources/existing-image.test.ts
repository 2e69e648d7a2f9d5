import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";
import { worldWithOwnImage } from "../support/own-image";

// The resource option `import`, and what a preview asks the cloud.

const EXISTING = "m-existing";
let lab: Lab;
let image: Resource;
beforeEach(async () => {
  const tags = new Map([["made-by", "hand"]]);
  lab = await openLab({ world: worldWithOwnImage({ imageId: EXISTING, imageName: "web", tags }) });
  image = resource(lab, "CustomImage");
});
afterEach(() => lab.close());

const hidden = { __import: EXISTING };
const images = () => [...lab.emulator.world.images.keys()];

describe("the option import", () => {
  it("adopts an existing image: never created, updated in place, deleted with the resource", async () => {
    const before = images();
    const args = { instanceId: seeds.instanceId, description: "taken over" };
    expect(await image.up(args, { hidden })).toEqual({ did: "create" });
    expect(image.state).toMatchObject({ id: EXISTING, outputs: { imageName: "web", description: "taken over" } });
    expect(images()).toEqual(before);
    expect(lab.emulator.world.images.get(EXISTING)!.tags.get("made-by")).toBe("hand");
    expect(await image.up(args, { hidden })).toEqual({ did: "same" });
    expect(await image.up(args)).toEqual({ did: "same" });
    await image.destroy();
    expect(images()).toEqual(before.filter((id) => id !== EXISTING));
  });

  it("lists every difference in a replacing argument, and changes nothing", async () => {
    const before = JSON.stringify([...lab.emulator.world.images.get(EXISTING)!.tags]);
    const args = { instanceId: seeds.instanceId, architecture: "arm64", platform: "Ubuntu" };
    const { error } = await image.up(args, { hidden });
    expect(error).toMatch(
      /architecture is "x86_64", and the program has "arm64"; platform is "[^"]+", and the program has "Ubuntu"/,
    );
    expect(image.state).toBeUndefined();
    expect(JSON.stringify([...lab.emulator.world.images.get(EXISTING)!.tags])).toBe(before);
  });

  it("may stay in the program while the image is rebuilt twice", async () => {
    const args = { instanceId: seeds.instanceId };
    await image.up(args, { hidden });
    for (const triggers of [[1], [2]])
      expect(await image.up({ ...args, triggers }, { hidden })).toEqual({ did: "replace" });
    expect(image.state!.id).not.toBe(EXISTING);
    await image.refresh();
    expect(await image.up({ ...args, triggers: [2] }, { hidden })).toEqual({ did: "same" });
    expect(await image.up({ ...args, triggers: [3] }, { hidden })).toEqual({ did: "replace" });
  });

  it("of another image than the resource has is named in a warning, whose command adopts that image", async () => {
    const args = { instanceId: seeds.instanceId };
    await image.up(args);
    expect(await image.up(args, { hidden })).toEqual({ did: "same" });
    expect(lab.said.warned.join()).toMatch(
      new RegExp(`import names ${EXISTING}, and this resource already has ${image.state!.id}. .* up --replace urn:`),
    );
    expect(await image.up(args, { hidden, replace: true })).toEqual({ did: "replace" });
    expect(image.state!.id).toBe(EXISTING);
    lab.said.warned.length = 0;
    expect(await image.up(args, { hidden })).toEqual({ did: "same" });
    expect(lab.said.warned).toEqual([]);
  });

  it("keeps the image when --replace adopts it again", async () => {
    const args = { instanceId: seeds.instanceId };
    const before = images();
    await image.up(args, { hidden });
    for (const _again of [1, 2]) {
      await image.up(args, { hidden, replace: true });
      expect(images()).toEqual(before);
      expect(image.state!.id).toBe(EXISTING);
    }
    expect(lab.said.warned.at(-1)).toMatch(/kept m-existing.*remove the option import/);
    expect(await image.up(args, { replace: true })).toEqual({ did: "replace" });
    expect(images()).not.toContain(EXISTING);
    expect(images()).toContain(image.state!.id);
  });

  it("keeps it also when such a run is killed before its end", async () => {
    const args = { instanceId: seeds.instanceId };
    const before = images();
    await image.up(args, { hidden });
    lab.reached = (moment) => moment === "create recorded" && lab.processes.at(-1)!.kill("engine");
    expect((await image.up(args, { hidden, replace: true })).did).toBe("killed");
    lab.reached = undefined;
    expect(await image.up(args)).toEqual({ did: "same" });
    expect(images()).toEqual(before);
    expect([image.state!.id, image.old]).toEqual([EXISTING, []]);
  });

  it.each([
    ["does not exist", "m-nowhere", /there is no image m-nowhere in cn-hangzhou/],
    ["is not this account's", seeds.publicImageId, /belongs to system, not to this account/],
  ])("refuses an image that %s", async (_what, id, says) => {
    expect((await image.up({ instanceId: seeds.instanceId }, { hidden: { __import: id } })).error).toMatch(says);
    expect(lab.mutations()).toEqual([]);
  });
});

describe("hidden inputs", () => {
  const args = { instanceId: seeds.instanceId };

  it("plan no change when an option of the resource comes or goes", async () => {
    await image.up(args, { hidden: { __retainOnDelete: true, __preview: true } });
    expect(image.state!.inputs).not.toHaveProperty("__preview");
    expect(await image.up(args)).toEqual({ did: "same" });
    expect(await image.up(args, { hidden: { __retainOnDelete: true } })).toEqual({ did: "same" });
    await image.refresh();
    expect(await image.up(args)).toEqual({ did: "same" });
  });

  it("refuse the option provider before anything is created, and say what to do", async () => {
    const { failures } = await image.up(args, { hidden: { __explicitProvider: true } });
    expect(failures).toEqual([
      { property: "provider", reason: expect.stringMatching(/configure the stack.*native plugin/) },
    ]);
    expect(lab.mutations()).toEqual([]);
  });
});

describe("the option import of an export", () => {
  const { world, args } = kinds.find(({ kind }) => kind === "ImageExport")!;
  const key = `${seeds.exportBucket}/golden_${args["imageId"]}_system.raw.tar.gz`;
  let made: Resource;
  beforeEach(async () => {
    await lab.close();
    lab = await openLab({ world: world() });
    made = resource(lab, "ImageExport", "made");
    await made.up({ ...args, deleteObjects: true });
  });
  const objects = () => [...lab.emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()];
  /** The tags that say whose the exports are. */
  const ownerTags = () =>
    [...lab.emulator.world.images.values(), ...lab.emulator.world.snapshots.values()].flatMap(({ tags }) =>
      [...tags].flatMap(([key, value]) => (key.includes("owner-of-") ? { tags, key, value } : [])),
    );
  const handOver = () => {
    for (const { tags, key } of ownerTags()) tags.set(key, "handed-over");
  };

  it.each(FRONTS)(
    "is refused in the %s host while another resource has it, and handed over literally",
    async (front) => {
      await lab.close();
      lab = await openLab({ world: world() }, {}, { front });
      made = resource(lab, "ImageExport", "made");
      await made.up({ ...args, deleteObjects: true });
      const taken = resource(lab, "ImageExport", "taken");
      taken.renameStack("production");
      const adopt = () => taken.up({ ...args, deleteObjects: true }, { hidden: { __import: made.state!.id } });
      const before = lab.mutations();
      const { error } = await adopt();
      expect(lab.mutations()).toEqual(before);
      const said = /belongs to another stack.*--ResourceId\.1 (\S+) --Tag\.1\.Key (\S+) --Tag\.1\.Value (\S+);/.exec(
        error!,
      );
      const [, ResourceId, Key, Value] = said as unknown as string[];
      const { session } = lab.process();
      const ctx = session.contextFor({ urn: "", doing: "following", regionId: undefined, timeoutMs: 60_000 });
      const tag = { Key: Key!, Value: Value! };
      await lab.turn(ctx.ecs("TagResources", { ResourceType: "snapshot", ResourceId: [ResourceId!], Tag: [tag] }));
      expect((await adopt()).error).toBeUndefined();
      expect((await made.destroy()).error).toBeUndefined();
      expect(objects()).toHaveLength(1);
      expect(await taken.destroy()).toEqual({ did: "delete" });
      expect([objects(), ownerTags()]).toEqual([[], []]);
    },
  );

  it.each(FRONTS)("without an owner keeps its objects in the %s host, and names them", async (front) => {
    await lab.close();
    lab = await openLab({ world: world() }, {}, { front });
    made = resource(lab, "ImageExport", "made");
    await made.up({ ...args, deleteObjects: true });
    for (const { tags, key } of ownerTags()) tags.delete(key);
    const taken = resource(lab, "ImageExport", "taken");
    const given = { ...args, deleteObjects: true };
    await taken.up(given, { hidden: { __import: key } });
    expect(await taken.up({ ...given, roleName: "another" })).toEqual({ did: "update" });
    await taken.refresh();
    expect(await taken.destroy()).toEqual({ did: "delete" });
    expect([objects().length, ownerTags()]).toEqual([1, []]);
    expect(lab.said.warned.join()).toContain(`kept oss://${seeds.exportBucket}/${objects()[0]}`);
  });

  it("of a lost state belongs to its resource again, with its objects", async () => {
    const again = resource(lab, "ImageExport", "made");
    const given = { ...args, deleteObjects: true };
    expect((await again.up(given, { hidden: { __import: key } })).error).toBeUndefined();
    await again.destroy();
    expect([objects(), ownerTags()]).toEqual([[], []]);
  });

  it("leaves no tag of an export whose objects were lost", async () => {
    lab.emulator.world.buckets.get(seeds.exportBucket)!.objects.clear();
    await made.refresh();
    expect(await made.up({ ...args, deleteObjects: true })).toEqual({ did: "create" });
    await made.destroy();
    expect([objects(), ownerTags()]).toEqual([[], []]);
  });

  it("finds room for its mark on an image with many exports", async () => {
    const many = Array.from({ length: 14 }, (_, n) => resource(lab, "ImageExport", `n${n}`));
    for (const [n, one] of many.entries()) await one.up({ ...args, ossPrefix: `n${n}` });
    expect(ownerTags()).toHaveLength(10);
    for (const one of many) await one.destroy();
    expect(ownerTags()).toHaveLength(1);
  });

  const exportCalls = () => lab.mutations().filter((action) => action === "ExportImage");

  it.each([
    ["its task", () => made.state!.id],
    ["the key of an object", () => key],
  ])("by %s adopts it with its objects, exports nothing, and removes them on delete", async (_by, id) => {
    handOver();
    const taken = resource(lab, "ImageExport", "taken");
    const existing = { __import: id() };
    expect(await taken.up({ ...args, deleteObjects: true }, { hidden: existing })).toEqual({ did: "create" });
    const { objects: recorded, status, taskId } = made.state!.outputs;
    expect(taken.state).toMatchObject({ id: made.state!.id, outputs: { objects: recorded, status, taskId } });
    expect(await taken.up({ ...args, deleteObjects: true }, { hidden: existing })).toEqual({ did: "same" });
    expect(await taken.up({ ...args, deleteObjects: true })).toEqual({ did: "same" });
    expect(exportCalls()).toHaveLength(1);
    await taken.destroy();
    expect(objects()).toEqual([]);
  });

  it("by a key that is too long for a tag is adopted, and its objects stay", async () => {
    const { buckets, tasks } = lab.emulator.world;
    const bucket = { ...buckets.get(seeds.exportBucket)!, name: "b".repeat(63), objects: new Map() };
    buckets.set(bucket.name, bucket);
    const long = { ...args, ossBucket: bucket.name, ossPrefix: "p".repeat(30), deleteObjects: true };
    await resource(lab, "ImageExport", "long").up(long);
    tasks.clear();
    const [longKey] = bucket.objects.keys();
    const taken = resource(lab, "ImageExport", "taken");
    expect((await taken.up(long, { hidden: { __import: `${bucket.name}/${longKey}` } })).error).toBeUndefined();
    expect(await taken.destroy()).toEqual({ did: "delete" });
    expect([...bucket.objects.keys()]).toEqual([longKey]);
  });

  it("by an object's key has no task if the task is no longer listed", async () => {
    lab.emulator.world.tasks.clear();
    const taken = resource(lab, "ImageExport", "taken");
    expect(await taken.up(args, { hidden: { __import: key } })).toEqual({ did: "create" });
    expect(taken.state).toMatchObject({ id: key, outputs: { taskId: "", status: "Finished" } });
    expect(await taken.refresh()).toEqual({ did: "refresh" });
    expect(taken.state).toMatchObject({ id: key, outputs: { taskId: "", objects: made.state!.outputs["objects"] } });
  });

  it("stays in the program, and a rebuild exports again", async () => {
    handOver();
    const taken = resource(lab, "ImageExport", "taken");
    await taken.up(args, { hidden: { __import: key } });
    expect(await taken.up({ ...args, triggers: [1] }, { hidden: { __import: key } })).toEqual({ did: "replace" });
    expect(taken.state!.id).not.toBe(made.state!.id);
    expect(exportCalls()).toHaveLength(2);
  });

  it("keeps its objects when --replace adopts it again", async () => {
    handOver();
    const taken = resource(lab, "ImageExport", "taken");
    const given = { ...args, deleteObjects: true };
    await taken.up(given, { hidden: { __import: key } });
    await taken.up(given, { hidden: { __import: key }, replace: true });
    expect(objects()).toHaveLength(1);
    expect(await taken.refresh()).toEqual({ did: "refresh" });
    expect(taken.state).toMatchObject({ outputs: { status: "Finished" } });
  });

  it.each([
    ["another prefix", { ossPrefix: "silver" }, /ossPrefix is "golden", and the program has "silver"/],
    ["another image", { imageId: "m-another" }, /imageId is "[^"]+", and the program has "m-another"/],
  ])("made with %s is refused, and nothing changes", async (_what, change, says) => {
    handOver();
    const before = lab.mutations();
    const taken = resource(lab, "ImageExport", "taken");
    expect((await taken.up({ ...args, ...change }, { hidden: { __import: key } })).error).toMatch(says);
    expect(lab.mutations()).toEqual(before);
  });

  it("that does not exist is refused", async () => {
    const { error } = await resource(lab, "ImageExport", "taken").up(args, { hidden: { __import: "t-nowhere" } });
    expect(error).toMatch(/there is no export t-nowhere in cn-hangzhou/);
  });
});

describe("a preview of a creation", () => {
  it("reports what the cloud would refuse, and creates nothing", async () => {
    const before = images();
    expect(await image.preview({ instanceId: "i-nowhere" })).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/InvalidInstanceId.NotFound/) }),
    ]);
    expect(await image.preview({ instanceId: seeds.instanceId })).toEqual([]);
    expect(images()).toEqual(before);
  });

  it("of an export reports what the cloud would refuse, and exports nothing", async () => {
    const made = resource(lab, "ImageExport");
    expect(await made.preview({ imageId: "m-nowhere", ossBucket: seeds.exportBucket })).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/InvalidImageId.NotFound/) }),
    ]);
    expect(lab.emulator.world.tasks.size).toBe(0);
  });

  it("of an export is silent about a bucket that the same run may create, and about a running export", async () => {
    const made = resource(lab, "ImageExport");
    const args = { imageId: EXISTING, ossBucket: "not-there-yet" };
    expect(await made.preview(args)).toEqual([]);
    lab.emulator.intercept = ({ action }) =>
      action === "ExportImage" ? { kind: "error", status: 403, code: "ImageIsExporting" } : undefined;
    expect(await made.preview(args)).toEqual([]);
  });

  it("is silent when the cloud gives no answer", async () => {
    lab.emulator.intercept = () => ({ kind: "error", status: 503, code: "ServiceUnavailable" });
    expect(await image.preview({ instanceId: "i-nowhere" })).toEqual([]);
  });

  it("makes no dry run with an unknown argument, or with alicloud-image:dryRun false", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect(await image.preview({ instanceId: unknown })).toEqual([]);
    const quiet = await openLab({}, { "alicloud-image:dryRun": "false" });
    expect(await resource(quiet, "CustomImage").preview({ instanceId: "i-nowhere" })).toEqual([]);
    expect(quiet.emulator.calls).toEqual([]);
    await quiet.close();
    expect(lab.emulator.calls).toEqual([]);
  });
});
