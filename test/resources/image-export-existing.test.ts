import { seeds } from "../../emulator";
import { findExistingExport } from "../../provider/resources/image-export/existing";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const { world, args } = kinds.find(({ kind }) => kind === "ImageExport")!;
const IMAGE = String(args["imageId"]);
const ASKED = { imageId: IMAGE, ossBucket: seeds.exportBucket, ossPrefix: "golden" };

let lab: Lab;
let made: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  const image = lab.emulator.world.images.get(IMAGE)!;
  image.diskMappings.push({ ...image.diskMappings[0]!, type: "data", device: "/dev/xvdb", size: 100, snapshotId: "" });
  made = resource(lab, "ImageExport");
  await made.up(args);
});
afterEach(() => lab.close());

const find = (idOrKey: string, asked: Parameters<typeof findExistingExport>[1] = ASKED) => {
  const { session } = lab.process();
  const ctx = session.contextFor({ urn: "", doing: "importing", regionId: undefined, timeoutMs: 60_000 });
  return lab.turn(findExistingExport(idOrKey, asked, ctx));
};
const recorded = () => {
  const { objects, writtenAt } = made.state!.outputs;
  return { objects, writtenAt, status: "Finished" };
};
const key = `${seeds.exportBucket}/golden_${IMAGE}_data_xvdb.raw.tar.gz`;

describe("an existing export", () => {
  it.each([
    ["its task", () => made.state!.id],
    ["one of its objects", () => key],
    ["the URL of one of its objects", () => `oss://${key}`],
  ])("is found by %s, with the objects of every disk", async (_by, idOrKey) => {
    const mutations = lab.mutations();
    const found = await find(idOrKey());
    expect(found).toMatchObject({ id: made.state!.id, state: { ...ASKED, taskId: made.state!.id, ...recorded() } });
    expect(lab.mutations()).toEqual(mutations);
  });

  it("is found by an object whose task is no longer listed", async () => {
    lab.emulator.world.tasks.clear();
    const found = await find(key);
    expect(found).toMatchObject({ id: key, state: { ...ASKED, taskId: "", status: "Finished" } });
    expect(new Set(found!.state.objects.map((each) => each.key))).toEqual(
      new Set((made.state!.outputs["objects"] as { key: string }[]).map((each) => each.key)),
    );
  });

  it("has its original arguments where the program has others", async () => {
    const asked = { ...ASKED, imageId: "m-another", ossPrefix: "silver", imageFormat: "qcow2" };
    expect(await find(key, asked)).toMatchObject({ state: { ...ASKED, imageFormat: "raw" } });
  });

  it("is not found without such a task or object, and is refused while it runs", async () => {
    expect(await find("t-nowhere")).toBeUndefined();
    expect(await find(`${seeds.exportBucket}/nothing`)).toBeUndefined();
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    const other = resource(lab, "ImageExport", "other");
    await other.up({ ...args, ossPrefix: "other" }, { timeouts: { create: "1m" } });
    await expect(find(other.state!.id)).rejects.toThrow(/is Processing; only an export that has finished/);
  });
});
