import { seeds } from "../../emulator";
import { UNKNOWN } from "../../provider/fields/unknown";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const { world, args } = kinds.find(({ kind }) => kind === "ImageExport")!;

let lab: Lab;
let copy: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  copy = resource(lab, "ImageExport");
});
afterEach(() => lab.close());

const objects = () => lab.emulator.world.buckets.get(seeds.exportBucket)!.objects;
const written = () => copy.state!.outputs["objects"] as { bucket: string; key: string; size: number; eTag: string }[];
const exportsMade = () => lab.emulator.calls.filter(({ action, effect }) => action === "ExportImage" && effect).length;

describe("an export", () => {
  it("has every object that its task reports, with size and ETag", async () => {
    const image = lab.emulator.world.images.get(String(args["imageId"]))!;
    image.diskMappings.push({ ...image.diskMappings[0]!, type: "data", device: "/dev/xvdb", size: 100 });
    await copy.up(args);
    expect(
      written()
        .map(({ key }) => key)
        .sort(),
    ).toEqual([...objects().keys()].sort());
    expect(written()).toHaveLength(2);
    for (const { key, size, eTag } of written()) expect(objects().get(key)).toMatchObject({ size, eTag });
  });

  it("survives the deletion of the source image, but not of its objects", async () => {
    await copy.up(args);
    lab.emulator.world.images.delete(String(args["imageId"]));
    await copy.refresh();
    expect(copy.state).toBeDefined();
    objects().clear();
    await copy.refresh();
    expect(copy.state).toBeUndefined();
  });

  it("keeps its objects when deleteObjects is left out", async () => {
    await copy.up({ ...args, deleteObjects: undefined });
    await copy.destroy();
    expect(objects().size).toBe(1);
  });

  it("does not delete an object that another writer has put in its place", async () => {
    await copy.up(args);
    const [key, object] = [...objects()][0]!;
    objects().set(key, { ...object, eTag: "00000000000000000000000000000000" });
    objects().set("goldenother", { ...object, key: "goldenother" });
    await copy.destroy();
    expect([...objects().keys()].sort()).toEqual([key, "goldenother"].sort());
  });

  it("that is replaced with the same keys keeps its new files when the old export is deleted", async () => {
    await copy.up(args);
    const { eTag } = written()[0]!;
    lab.emulator.intercept = () => {
      for (const object of lab.emulator.world.buckets.get(seeds.exportBucket)!.objects.values()) object.eTag = eTag;
      return undefined;
    };
    expect(await copy.up({ ...args, triggers: ["again"] })).toEqual({ did: "replace" });
    expect(written()[0]!.eTag).toBe(eTag);
    expect(exportsMade()).toBe(2);
    expect([...objects().keys()]).toEqual(written().map(({ key }) => key));
  });

  it("waits for another export of the same image to end", async () => {
    const other = resource(lab, "ImageExport", "other");
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 10 * 60_000 });
    await other.up({ ...args, ossPrefix: "other" }, { timeouts: { create: "1m" } });
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(exportsMade()).toBe(2);
  });

  it("fails at once if waiting does not help", async () => {
    lab.emulator.world.quotas.exportsPerWeek = 0;
    const startMs = lab.clock.now();
    const { error } = await copy.up(args);
    expect(error).toMatch(/WeeklyQuotaExceed.*next week/);
    expect(lab.clock.now() - startMs).toBeLessThan(60_000);
  });

  it("without its role says which role is missing, and what it needs for exactly this bucket", async () => {
    lab.emulator.world.roles.delete(seeds.exportRole);
    const { error } = await copy.up(args);
    expect(error).toContain("AliyunECSImageExportDefaultRole");
    expect(error).toContain(`acs:oss:*:*:${seeds.exportBucket}/*`);
    expect(error).toContain("oss:PutObject");
  });

  it("whose answer is lost is found by its task, and not sent twice", async () => {
    let lost = false;
    lab.emulator.intercept = ({ action }, phase) => {
      if (action !== "ExportImage" || phase !== "after" || lost) return undefined;
      lost = true;
      return { kind: "reset" };
    };
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(exportsMade()).toBe(1);
  });

  it("leaves no tag of its own on the image that it exports", async () => {
    await copy.up(args);
    expect([...lab.emulator.world.images.get(String(args["imageId"]))!.tags.keys()]).toEqual([]);
  });

  it("of one image to two prefixes is two resources, and one can be deleted without the other", async () => {
    const other = resource(lab, "ImageExport", "other");
    await copy.up(args);
    await other.up({ ...args, ossPrefix: "other" });
    await other.destroy();
    await copy.refresh();
    expect(copy.state).toBeDefined();
    expect(objects().size).toBe(1);
  });
});

test("a format that the region does not export is refused at the preview, even for a planned image", async () => {
  const it = resource(lab, "ImageExport");
  const found = await it.preview({ imageId: UNKNOWN, ossBucket: seeds.exportBucket, imageFormat: "vhd" });
  expect(found).toEqual([
    { property: "imageFormat", reason: expect.stringMatching(/must be raw in cn-hangzhou, not vhd.*eu-central-1/) },
  ]);
  const elsewhere = { imageFormat: "vhd", regionId: "eu-central-1", imageId: UNKNOWN, ossBucket: "a-bucket" };
  expect(await it.preview(elsewhere)).toEqual([]);
});
