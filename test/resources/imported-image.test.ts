import { seeds } from "../../emulator";
import { takeSnapshots } from "../../emulator/resources/image-snapshots";
import { UNKNOWN } from "../../provider/fields/unknown";
import { FRONTS } from "../support/fronts";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const { world, remains } = kinds.find(({ kind }) => kind === "ImportedImage")!;
const file = { ossBucket: seeds.imageBucket, ossObject: seeds.imageObject };
const args = { diskDeviceMappings: [file] };

let lab: Lab;
let image: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  image = resource(lab, "ImportedImage");
});
afterEach(() => lab.close());

const object = () => lab.emulator.world.buckets.get(seeds.imageBucket)!.objects.get(seeds.imageObject)!;

describe("trackSource", () => {
  it("plans a replacement at preview once the file with the same key is another one", async () => {
    await image.up({ ...args, trackSource: true });
    expect(image.state!.outputs["sourceETags"]).toEqual([object().eTag]);
    expect(await image.up({ ...args, trackSource: true })).toEqual({ did: "same" });
    object().eTag = "FEDCBA9876543210FEDCBA9876543210";
    expect(await image.up({ ...args, trackSource: true })).toEqual({ did: "replace" });
    expect(image.state!.outputs["sourceETags"]).toEqual(["FEDCBA9876543210FEDCBA9876543210"]);
  });

  it("that is turned on later records the file as it is, and replaces nothing", async () => {
    await image.up(args);
    expect(await image.up({ ...args, trackSource: true })).toEqual({ did: "update" });
    expect(image.state!.outputs["sourceETags"]).toEqual([object().eTag]);
    expect(await image.up({ ...args, trackSource: true })).toEqual({ did: "same" });
  });

  it("left out makes no calls to OSS", async () => {
    await image.up(args);
    object().eTag = "FEDCBA9876543210FEDCBA9876543210";
    expect(await image.up(args)).toEqual({ did: "same" });
    expect(lab.emulator.calls.map(({ action }) => action)).not.toContain("HeadObject");
  });

  const missing = [
    file,
    { ossBucket: seeds.imageBucket, ossObject: "nowhere.raw" },
    { ossBucket: "no-such-bucket", ossObject: "a.raw" },
  ];

  it.each(FRONTS)("passes the check of a file that the same run may upload, through the %s host", async (front) => {
    const own = await openLab({ world: world() }, {}, { front });
    const preview = await resource(own, "ImportedImage").preview({ diskDeviceMappings: missing, trackSource: true });
    expect(preview).toEqual([]);
    await own.close();
  });

  it.each(FRONTS)("refuses a creation from files that nobody has uploaded, through the %s host", async (front) => {
    const own = await openLab({ world: world() }, {}, { front });
    const { error } = await resource(own, "ImportedImage").up({ diskDeviceMappings: missing, trackSource: true });
    expect(error).toContain(`there is no object oss://${seeds.imageBucket}/nowhere.raw, oss://no-such-bucket/a.raw`);
    expect(own.mutations()).toEqual([]);
    await own.close();
  });

  it("keeps the image and its name when the file of its replacement is missing", async () => {
    await image.up({ ...args, imageName: "golden", trackSource: true });
    const [before] = [...lab.emulator.world.images.values()].filter(({ imageName }) => imageName === "golden");
    lab.emulator.world.buckets.get(seeds.imageBucket)!.objects.delete(seeds.imageObject);
    const { did, error } = await image.up({ ...args, imageName: "golden", trackSource: true });
    expect([did, error]).toEqual(["replace", expect.stringContaining("there is no object")]);
    expect(lab.emulator.world.images.get(before!.imageId)).toMatchObject({ imageName: "golden" });
  });

  it("makes no calls while the region is unknown", async () => {
    expect(await image.preview({ ...args, trackSource: true, regionId: UNKNOWN })).toEqual([]);
    expect(lab.emulator.calls).toEqual([]);
  });
});

describe("deleteSnapshots", () => {
  const withSnapshots = { ...args, deleteSnapshots: true };
  const snapshots = () => [...lab.emulator.world.snapshots.keys()];
  const forbidden = { kind: "error", status: 403, code: "SnapshotCreatedDisk" } as const;

  it("left out keeps the snapshot of each disk, and names it on the row", async () => {
    const before = snapshots();
    await image.up(args);
    const { id, outputs } = image.state!;
    const made = snapshots().filter((one) => !before.includes(one));
    expect([made.length, outputs["snapshotIds"]]).toEqual([1, made]);
    await image.destroy();
    expect(snapshots()).toEqual([...before, ...made]);
    expect(lab.said.noted).toEqual([expect.stringMatching(new RegExp(`^${id} is deleted.*: ${made[0]}$`))]);
  });

  it("deletes what the import made once its image is gone, also when it is turned on later", async () => {
    const before = snapshots();
    await image.up({ ...withSnapshots, diskDeviceMappings: [file, file] });
    expect(image.state!.outputs["snapshotIds"]).toHaveLength(2);
    await image.destroy();
    await image.up(args);
    expect(await image.up(withSnapshots)).toEqual({ did: "update" });
    await image.destroy();
    expect(snapshots()).toEqual(before);
    expect(lab.mutations().lastIndexOf("DeleteSnapshot")).toBeGreaterThan(lab.mutations().lastIndexOf("DeleteImage"));
  });

  it("deletes the snapshots of an import that ends just before it is cancelled", async () => {
    const before = snapshots();
    lab.emulator.world.scenarios.push({ for: "ImportImage", durationMs: 3_600_000 });
    await image.up(withSnapshots, { timeouts: { create: "5m" } });
    lab.emulator.intercept = ({ action }, phase) => {
      if (action !== "CancelTask" || phase !== "before") return undefined;
      const { images, tasks } = lab.emulator.world;
      for (const one of [...tasks.values(), ...images.values()])
        if (one.span.durationMs === 3_600_000)
          one.span = { ...one.span, durationMs: lab.clock.now() - one.span.startMs };
      return undefined;
    };
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(lab.mutations()).toContain("DeleteSnapshot");
    expect(snapshots()).toEqual(before);
  });

  it("finds what a killed destroy has left after it deleted the image, even after a refresh", async () => {
    const before = snapshots();
    await image.up(withSnapshots);
    lab.emulator.intercept = ({ action }, phase) =>
      action === "DeleteSnapshot" && phase === "before" ? forbidden : undefined;
    expect((await image.destroy()).error).toMatch(/the image is deleted, but these snapshots of it are not/);
    await image.refresh();
    expect(image.state!.outputs).toMatchObject({ status: "Deleted", snapshotIds: [expect.any(String)] });
    lab.emulator.intercept = undefined;
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(snapshots()).toEqual(before);
  });

  it("deletes those of versions: of the oldest beyond keepVersions, and of one in use once it is free", async () => {
    const before = snapshots();
    const build = (n: number) => ({ ...withSnapshots, triggers: [n], keepVersions: 1 });
    for (const n of [1, 2, 3]) await image.up(build(n));
    expect(snapshots()).toHaveLength(before.length + 2);
    const { instances } = lab.emulator.world;
    const used = { ...instances.get(seeds.instanceId)!, instanceId: "i-of-the-fleet", imageId: image.state!.id };
    instances.set(used.instanceId, used);
    for (const n of [4, 5]) await image.up(build(n));
    expect(lab.said.warned.join()).toContain(`kept as previous version: ${used.imageId}`);
    instances.delete(used.instanceId);
    await image.destroy();
    expect(snapshots()).toEqual(before);
  });

  it("does not matter when a creation fails: everything that it made is deleted", async () => {
    const before = snapshots();
    lab.emulator.world.scenarios.push({ for: "ImportImage", failAtPercent: 50 });
    lab.emulator.intercept = ({ action }, phase) => {
      const made = [...lab.emulator.world.images.values()].find(({ madeFrom }) => madeFrom === "import");
      if (action === "ImportImage" && phase === "after") takeSnapshots(lab.emulator.world, made!, lab.clock.now());
      return undefined;
    };
    expect((await image.up(args)).error).toBeDefined();
    expect(lab.mutations()).toContain("DeleteSnapshot");
    expect(snapshots()).toEqual(before);
  });
});

describe("an import", () => {
  it("without its role names the role, with the policies to paste for exactly this bucket", async () => {
    lab.emulator.world.roles.delete(seeds.importRole);
    const { error } = await image.up(args);
    expect(error).toContain("AliyunECSImageImportDefaultRole");
    const policies = [...error!.matchAll(/^\{.*\}$/gm)].map(
      ([text]) => JSON.parse(text) as { Statement: [{ Action: string | string[]; Resource?: string[] }] },
    );
    expect(policies[0]!.Statement[0].Action).toBe("sts:AssumeRole");
    expect(policies[1]!.Statement[0]).toMatchObject({
      Action: ["oss:GetObject", "oss:GetBucketLocation", "oss:GetBucketInfo"],
      Resource: [`acs:oss:*:*:${seeds.imageBucket}`, `acs:oss:*:*:${seeds.imageBucket}/*`],
    });
    expect(image.state).toBeUndefined();
    lab.emulator.world.roles.set(seeds.importRole, {
      roleName: seeds.importRole,
      roleId: "1",
      services: ["ecs.aliyuncs.com"],
      policies: [policies[1] as never],
    });
    expect(await image.up(args)).toEqual({ did: "create" }); // exactly that policy is enough
  });

  it("that is still running when it is destroyed is cancelled first, and leaves nothing", async () => {
    lab.emulator.world.scenarios.push({ for: "ImportImage", durationMs: 3_600_000 });
    await image.up(args, { timeouts: { create: "5m" } });
    expect(await image.destroy()).toEqual({ did: "delete" });
    const actions = lab.emulator.calls.map(({ action }) => action);
    expect(actions).toContain("CancelTask");
    expect(remains(lab)).toEqual([]);
    expect([...lab.emulator.world.tasks.values()].every(({ cancelledMs }) => cancelledMs !== undefined)).toBe(true);
  });

  it("whose task fails, although its image does not show that, ends within minutes", async () => {
    lab.emulator.world.scenarios.push({
      for: "ImportImage",
      durationMs: 600_000,
      failAtPercent: 10,
      reason: { code: "BadFile", message: "The file is no disk." },
    });
    lab.emulator.intercept = ({ action }, phase) => {
      // The image goes on to be listed as it was at first.
      for (const one of lab.emulator.world.images.values())
        if (action === "DescribeImages" && phase === "before" && one.madeFrom === "import")
          one.statusShown = "Creating";
      return undefined;
    };
    const startMs = lab.clock.now();
    const { error } = await image.up(args, { timeouts: { create: "2h" } });
    expect(error).toContain("The file is no disk.");
    expect(lab.clock.now() - startMs).toBeLessThan(10 * 60_000);
  });

  it("gets attributes that ImportImage cannot carry after the import", async () => {
    expect(await image.up({ ...args, imageFamily: "base", bootMode: "UEFI-Preferred", deprecated: true })).toEqual({
      did: "create",
    });
    expect(image.state!.outputs).toMatchObject({
      imageFamily: "base",
      bootMode: "UEFI-Preferred",
      deprecated: true,
      status: "Deprecated",
    });
    expect(await image.up({ ...args, imageFamily: "base", bootMode: "UEFI-Preferred", deprecated: true })).toEqual({
      did: "same",
    });
  });

  it("records its task", async () => {
    await image.up(args);
    expect(image.state!.outputs["importTaskId"]).toBe([...lab.emulator.world.tasks.keys()][0]);
  });
});
