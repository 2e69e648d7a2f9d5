import type { Call, Fault } from "../../emulator";
import { kinds } from "../support/kinds";
import { type Lab, openLab, resource } from "../support/lab";

/** A search for this package's own images must not treat an unreadable row as a missing one. */
let lab: Lab;
afterEach(() => lab.close());

const rows = (...list: object[]): Fault => ({
  kind: "answer",
  status: 200,
  body: JSON.stringify({ TotalCount: list.length, Images: { Image: list } }),
});
const stranger = { ImageId: "m-stranger", ImageName: "theirs", Status: "Available" };
const unreadable = { ImageId: "m-unreadable", Status: 7 };
const named = ({ action, params }: Call) => action === "DescribeImages" && params["ImageName"] !== undefined;
const pending = ({ action, params }: Call) =>
  action === "DescribeImages" && Object.values(params).includes("pulumi-alicloud-image:pending");

describe.each(kinds.filter(({ kind }) => kind !== "ImageExport"))("$kind", ({ kind, args, replaced, world }) => {
  beforeEach(async () => {
    lab = await openLab({ world: world() });
  });

  it("creates nothing while the search for an interrupted run's image has an unreadable row", async () => {
    lab.emulator.intercept = (call, phase) =>
      phase === "before" && pending(call) ? rows(stranger, unreadable) : undefined;
    const image = resource(lab, kind);
    expect((await image.up(args)).error).toMatch(/cannot be read, so the list may be incomplete/);
    expect(lab.mutations()).toEqual([]);
    lab.emulator.intercept = undefined;
    expect(await image.up(args)).toEqual({ did: "create" });
  });

  it("renames nothing while an unreadable row may be the one that has the name", async () => {
    const image = resource(lab, kind);
    await image.up({ ...args, imageName: "golden-base" });
    lab.emulator.intercept = (call, phase) =>
      phase === "before" && named(call) ? rows(stranger, unreadable) : undefined;
    expect((await image.up({ ...replaced, imageName: "golden-base" })).error).toMatch(/cannot be read/);
    expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ imageName: "golden-base" });
  });
});

describe("a snapshot, task or image in an unreadable form is unknown, not absent", () => {
  const { args: imageArgs, world } = kinds.find(({ kind }) => kind === "CustomImage")!;
  const exported = kinds.find(({ kind }) => kind === "ImageExport")!;
  const unreadableList = (action: string): Fault => ({
    kind: "answer",
    status: 200,
    body: JSON.stringify({
      TotalCount: 2,
      ...(action === "DescribeSnapshots" && {
        Snapshots: { Snapshot: [{ SnapshotId: "s-stranger" }, { SnapshotId: 7 }] },
      }),
      ...(action === "DescribeTasks" && {
        TaskSet: { Task: [{ TaskId: "t-stranger", TaskStatus: "Finished", ResourceId: "m-stranger" }, { TaskId: 7 }] },
      }),
      ...(action === "DescribeImages" && { Images: { Image: [stranger, unreadable] } }),
    }),
  });
  const hide = (action: string, of: (call: Call) => boolean = () => true) => {
    lab.emulator.intercept = (call, phase) =>
      phase === "before" && call.action === action && of(call) ? unreadableList(action) : undefined;
  };
  const killAfter = async (action: string, work: () => Promise<unknown>) => {
    lab.emulator.intercept = (call, phase) => {
      if (call.action !== action || phase !== "after") return undefined;
      lab.processes.at(-1)!.kill("provider");
      return { kind: "reset" };
    };
    await work();
    lab.emulator.intercept = undefined;
  };
  beforeEach(async () => {
    lab = await openLab({ world: world() });
  });

  it("so an interrupted creation is neither repeated nor given up", async () => {
    const image = resource(lab, "CustomImage");
    await killAfter("CreateImage", () => image.up(imageArgs));
    await lab.clock.advance(600_000);
    hide("DescribeSnapshots");
    expect((await image.up(imageArgs)).error).toMatch(/cannot be read, so the list may be incomplete/);
    lab.emulator.intercept = undefined;
    expect(await image.up(imageArgs)).toEqual({ did: "create" });
    expect(lab.mutations().filter((action) => action === "CreateImage")).toHaveLength(1);
  });

  it("so a refresh does not forget the snapshots that an interrupted delete left", async () => {
    const image = resource(lab, "CustomImage");
    await image.up({ ...imageArgs, deleteSnapshots: true });
    await killAfter("DeleteImage", () => image.destroy());
    hide("DescribeSnapshots");
    expect((await image.refresh()).error).toMatch(/cannot be read, so the list may be incomplete/);
    lab.emulator.intercept = undefined;
    await image.refresh();
    await image.destroy();
    expect([...lab.emulator.world.snapshots.values()].filter(({ takenFor }) => takenFor !== "")).toEqual([]);
  });

  it("so a snapshot is not deleted while an unreadable image may use it", async () => {
    const image = resource(lab, "CustomImage");
    await image.up({ ...imageArgs, deleteSnapshots: true });
    hide("DescribeImages", ({ params }) => params["SnapshotId"] !== undefined);
    expect((await image.destroy()).error).toMatch(/cannot be read, so the list may be incomplete/);
    expect(lab.mutations()).not.toContain("DeleteSnapshot");
  });

  it("so a killed export is not started a second time", async () => {
    const copy = resource(lab, "ImageExport");
    await killAfter("ExportImage", () => copy.up(exported.args));
    hide("DescribeSnapshots");
    expect((await copy.up(exported.args)).error).toMatch(/cannot be read, so the list may be incomplete/);
    lab.emulator.intercept = undefined;
    expect(await copy.up(exported.args)).toEqual({ did: "create" });
    expect(lab.emulator.world.tasks.size).toBe(1);
  });

  it("so an import that was taken over keeps its task", async () => {
    const { args, kind } = kinds.find((each) => each.kind === "ImportedImage")!;
    const image = resource(lab, kind);
    await killAfter("ImportImage", () => image.up(args));
    hide("DescribeTasks");
    expect((await image.up(args)).error).toMatch(/cannot be read, so the list may be incomplete/);
    lab.emulator.intercept = undefined;
    expect(await image.up(args)).toEqual({ did: "update" });
    expect(image.state!.outputs["importTaskId"]).toBe([...lab.emulator.world.tasks.keys()][0]);
  });
});

it("a cancelled operation asks OSS for nothing", async () => {
  lab = await openLab({ world: kinds[0]!.world() });
  const signal = AbortSignal.abort();
  const operation = { urn: "", doing: "exporting", regionId: undefined, timeoutMs: 60_000, signal };
  const ctx = lab.process().session.contextFor(operation);
  await expect(ctx.oss().headObject("golden-images", "a-file")).rejects.toMatchObject({ kind: "Cancelled" });
  expect(lab.emulator.calls).toEqual([]);
});

it.each([true, false])(
  "a read that the cloud does not answer ends with the run (list cache: %s)",
  async (mayReadCached) => {
    lab = await openLab({ world: kinds[0]!.world() });
    const run = new AbortController();
    const asked = new Promise<void>((resolve) => {
      lab.emulator.intercept = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const operation = { urn: "", doing: "reading it", regionId: undefined, timeoutMs: 60_000, signal: run.signal };
    const read = lab
      .process()
      .session.contextFor({ ...operation, mayReadCached })
      .images.read("m-exportable");
    const failed = expect(read).rejects.toMatchObject({
      kind: "Cancelled",
      message: "reading it: the run was cancelled",
    });
    await lab.turn(asked);
    run.abort();
    await failed;
  },
);
