import { UNKNOWN } from "../../provider/fields/unknown";
import { type Lab, openLab, type Resource, resource } from "../support/lab";
import { worldWithOwnImage } from "../support/own-image";

const SOURCE = "m-golden";
const ELSEWHERE = "cn-beijing";
const args = { sourceImageId: SOURCE, regionId: ELSEWHERE, imageName: "golden-beijing", tags: { team: "platform" } };

const world = () => worldWithOwnImage({ imageId: SOURCE, imageName: "golden" });

let lab: Lab;
let copy: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  copy = resource(lab, "ImageCopy");
});
afterEach(() => lab.close());

const everything = () => JSON.stringify([...lab.emulator.world.images.keys(), ...lab.emulator.world.snapshots.keys()]);
const copies = () => [...lab.emulator.world.images.values()].filter(({ copyOf }) => copyOf !== undefined);

describe("a copy to another region", () => {
  it("is created there, with its name and tags, and the source stays as it was", async () => {
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copies()).toMatchObject([{ regionId: ELSEWHERE, imageName: "golden-beijing" }]);
    expect(copy.state!.outputs).toMatchObject({ ...args, sourceRegionId: "cn-hangzhou", status: "Available" });
    expect(await copy.up(args)).toEqual({ did: "same" });
    await copy.refresh();
    expect(await copy.up(args)).toEqual({ did: "same" });
  });

  it("calls CopyImage and reads the source in the source's region, all else in the copy's", async () => {
    await copy.up(args);
    const regions = lab.emulator.calls.map(({ action, params }) => [action === "CopyImage", params["RegionId"]]);
    expect(new Set(regions.filter(([isCopy]) => isCopy).map(([, region]) => region))).toEqual(new Set(["cn-hangzhou"]));
    const others = lab.emulator.calls.filter(({ action }) => action !== "CopyImage");
    const isLook = ({ action, params }: (typeof others)[number]) =>
      action === "DescribeImages" && params["ImageId"] === SOURCE;
    expect(new Set(others.filter((call) => !isLook(call)).map(({ params }) => params["RegionId"]))).toEqual(
      new Set([ELSEWHERE]),
    );
  });

  it("to a region that is probably misspelled causes a warning at preview, without a call", async () => {
    expect(await copy.preview({ sourceImageId: UNKNOWN, regionId: "cn-bejing" })).toEqual([]);
    expect(lab.said.warned).toEqual(['no region "cn-bejing" is known; did you mean cn-beijing?']);
    expect(lab.emulator.calls).toEqual([]);
  });

  it("is updated in place, and destroyed with its snapshots", async () => {
    const before = everything();
    await copy.up({ ...args, deleteSnapshots: true });
    expect(await copy.up({ ...args, deleteSnapshots: true, description: "in Beijing" })).toEqual({ did: "update" });
    expect(await copy.destroy()).toEqual({ did: "delete" });
    expect(everything()).toEqual(before);
  });

  it("that is unfinished at the deadline is cancelled by a destroy, and nothing is left", async () => {
    const before = everything();
    lab.emulator.world.scenarios.push({ for: "CopyImage", durationMs: 60 * 60_000 });
    expect((await copy.up(args, { timeouts: { create: "5m" } })).error).toMatch(/not ready after 5 min/);
    expect(await copy.destroy()).toEqual({ did: "delete" });
    expect(lab.mutations()).toContain("CancelCopyImage");
    expect(everything()).toEqual(before);
  });

  it("of a run that was killed is taken over by the next", async () => {
    lab.reached = (moment) => moment === "create returned" && lab.processes.at(-1)!.kill("engine");
    expect((await copy.up(args)).did).toBe("killed");
    lab.reached = undefined;
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copies().map(({ imageId }) => imageId)).toEqual([copy.state!.id]);
  });
});

describe("a copy is like its source", () => {
  const record = () => copies()[0]!;
  const changes = () => lab.mutations().filter((action) => action === "ModifyImageAttribute");

  it("has the source's NVMe support, which CopyImage does not copy, unless the program gives it", async () => {
    expect(lab.emulator.world.images.get(SOURCE)!.nvmeSupport).toBe("supported");
    await copy.up(args);
    expect(record().nvmeSupport).toBe("supported");
    expect(copy.state!.outputs).toMatchObject({ features: { nvmeSupport: "supported" } });
    expect(await copy.refresh()).toEqual({ did: "refresh" });
    expect(await copy.up(args)).toEqual({ did: "same" });
    expect(changes()).toHaveLength(1);
    const other = { ...args, imageName: "other", features: { nvmeSupport: "unsupported" }, triggers: [1] };
    expect(await copy.up(other)).toEqual({ did: "replace" });
    expect(record().nvmeSupport).toBe("unsupported");
  });

  it("is recorded as encrypted when ECS shows it, whatever the program says", async () => {
    const source = lab.emulator.world.images.get(SOURCE)!;
    source.diskMappings = source.diskMappings.map((disk) => ({ ...disk, encrypted: true }));
    await copy.up(args);
    expect(copy.state!.outputs).toMatchObject({ encrypted: true });
    expect(await copy.up(args)).toEqual({ did: "same" });
    expect(await copy.up({ ...args, encrypted: true })).toEqual({ did: "same" });
  });

  it("says on its row that it waits for its turn", async () => {
    const { world } = lab.emulator;
    world.images.set("m-other", {
      ...structuredClone(world.images.get(SOURCE)!),
      imageId: "m-other",
      imageName: "other",
    });
    world.quotas.copiesAtOncePerRegion = 1;
    world.scenarios.push({ for: "CopyImage", durationMs: 60 * 60_000 });
    const first = { ...args, sourceImageId: "m-other", imageName: "first" };
    await resource(lab, "ImageCopy", "first").up(first, { timeouts: { create: "1m" } });
    await copy.up(args, { timeouts: { create: "2m" } });
    expect(lab.said.shown).toContainEqual(expect.stringMatching(/Waiting.*ECS copies five images at once/));
  });
});
