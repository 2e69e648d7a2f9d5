import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const { world } = kinds.find(({ kind }) => kind === "CustomImage")!;

let lab: Lab;
let image: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  image = resource(lab, "CustomImage");
});
afterEach(() => lab.close());

const fromInstance = { instanceId: seeds.instanceId };
const snapshots = () => [...lab.emulator.world.snapshots.keys()];

describe("the three sources", () => {
  it("create an image: an instance, with a snapshot for each of its disks", async () => {
    expect(await image.up(fromInstance)).toEqual({ did: "create" });
    expect(image.state!.outputs["snapshotIds"]).toHaveLength(2);
    expect(image.state!.outputs["diskDeviceMappings"]).toMatchObject([
      { device: "/dev/xvda", diskType: "system" },
      { device: "/dev/xvdb", diskType: "data" },
    ]);
  });

  it("create an image: a snapshot of a system disk, without another snapshot", async () => {
    expect(await image.up({ snapshotId: seeds.systemSnapshotId })).toEqual({ did: "create" });
    expect(image.state!.outputs).toMatchObject({ snapshotId: seeds.systemSnapshotId, snapshotIds: [] });
  });

  it("create an image: disks, some of them empty", async () => {
    const disks = [
      { snapshotId: seeds.systemSnapshotId },
      { snapshotId: seeds.dataSnapshotId, device: "/dev/xvdb" },
      { size: 50, device: "/dev/xvdc" },
    ];
    expect(await image.up({ diskDeviceMappings: disks })).toEqual({ did: "create" });
    expect(image.state!.outputs["diskDeviceMappings"]).toHaveLength(3);
    expect(image.state!.outputs["snapshotIds"]).toEqual([]);
    const spelt = [
      { size: "50", device: "/dev/xvdc" },
      { snapshotId: seeds.dataSnapshotId, diskType: "data" },
      { snapshotId: seeds.systemSnapshotId, device: "/dev/xvda", size: 40 },
    ];
    expect(await image.up({ diskDeviceMappings: spelt })).toEqual({ did: "same" });
    expect(await image.up({ diskDeviceMappings: [disks[0], disks[1], { size: 60, device: "/dev/xvdc" }] })).toEqual({
      did: "replace",
    });
  });

  it("replace the image when the source changes to another kind", async () => {
    await image.up(fromInstance);
    expect(await image.up({ snapshotId: seeds.systemSnapshotId })).toEqual({ did: "replace" });
    expect(await image.up({ diskDeviceMappings: [{ snapshotId: seeds.systemSnapshotId }] })).toEqual({
      did: "replace",
    });
    expect(await image.up(fromInstance)).toEqual({ did: "replace" });
    expect(
      [...lab.emulator.world.images.values()].filter(
        ({ madeFrom }) => madeFrom === "instance" || madeFrom === "snapshot",
      ),
    ).toHaveLength(1);
  });
});

describe("deleteSnapshots", () => {
  it("left out keeps what the creation made", async () => {
    const before = snapshots();
    await image.up(fromInstance);
    await image.destroy();
    expect(snapshots()).toHaveLength(before.length + 2);
  });

  it("removes what this creation made, once the image is gone, and never what was passed in", async () => {
    const before = snapshots();
    await image.up({ ...fromInstance, deleteSnapshots: true });
    await image.up({
      diskDeviceMappings: [
        { snapshotId: seeds.systemSnapshotId },
        { snapshotId: seeds.dataSnapshotId, diskType: "data" },
      ],
      deleteSnapshots: true,
    });
    await image.destroy();
    expect(snapshots().sort()).toEqual(before.sort());
    const actions = lab.emulator.calls.map(({ action }) => action);
    expect(actions.indexOf("DeleteSnapshot")).toBeGreaterThan(actions.indexOf("DeleteImage"));
  });

  it("is the last line on the row of a delete, even after a wait", async () => {
    await image.up({ ...fromInstance, deleteSnapshots: true });
    const { id } = image.state!;
    await image.destroy();
    expect(lab.said.shown.slice(-2)).toEqual([
      expect.stringContaining("An image still uses the snapshot"),
      `${id} and its 2 snapshots are deleted`,
    ]);
  });

  it("also works when it is turned on long after the creation", async () => {
    const before = snapshots();
    await image.up(fromInstance);
    expect(await image.up({ ...fromInstance, deleteSnapshots: true })).toEqual({ did: "update" });
    await image.destroy();
    expect(snapshots().sort()).toEqual(before.sort());
  });

  it("forgets none when one of them cannot be deleted: the next destroy tries it again", async () => {
    const before = snapshots();
    await image.up({ ...fromInstance, deleteSnapshots: true });
    const [first] = image.state!.outputs["snapshotIds"] as string[];
    lab.emulator.intercept = ({ action, params }, phase) =>
      phase === "before" && action === "DeleteSnapshot" && params["SnapshotId"] === first
        ? { kind: "error", status: 403, code: "SnapshotCreatedDisk" }
        : undefined;
    const failed = await image.destroy();
    expect(failed.error).toContain(first);
    expect(snapshots()).toHaveLength(before.length + 1);
    lab.emulator.intercept = undefined;
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(snapshots().sort()).toEqual(before.sort());
  });

  it("finds the snapshots of an image that was recorded unfinished, even when the image is gone", async () => {
    const before = snapshots();
    lab.emulator.world.scenarios.push({ for: "CreateImage", durationMs: 20 * 60_000 });
    await image.up({ ...fromInstance, deleteSnapshots: true }, { timeouts: { create: "2m" } });
    lab.emulator.intercept = ({ action }, phase) =>
      phase === "before" && action === "DeleteSnapshot"
        ? { kind: "error", status: 403, code: "SnapshotCreatedDisk" }
        : undefined;
    expect((await image.destroy()).error).toBeDefined();
    expect(lab.emulator.world.images.has(image.state!.id)).toBe(false);
    lab.emulator.intercept = undefined;
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(snapshots().sort()).toEqual(before.sort());
  });
});

describe.each(FRONTS)("deleteSnapshots, %s host", (front) => {
  it("deletes the snapshots of an unfinished image that does not show them yet", async () => {
    await lab.close();
    lab = await openLab({ world: world() }, {}, { front });
    const young = resource(lab, "CustomImage");
    const { world: cloud } = lab.emulator;
    const before = new Set(cloud.snapshots.keys());
    cloud.scenarios.push({ for: "CreateImage", durationMs: 20 * 60_000 });
    await young.up({ ...fromInstance, deleteSnapshots: true }, { timeouts: { create: "2m" } });
    const made = cloud.images.get(young.state!.id)!;
    const { diskMappings } = made;
    made.diskMappings = [];
    void lab.clock.sleep(17 * 60_000).then(() => (made.diskMappings = diskMappings));
    await young.refresh();
    expect(await young.destroy()).toEqual({ did: "delete" });
    expect(new Set(cloud.snapshots.keys())).toEqual(before);
  });
});

describe("a source that is busy for a while", () => {
  it("is waited for, not failed on", async () => {
    const instance = lab.emulator.world.instances.get(seeds.instanceId)!;
    instance.status = "Starting";
    setImmediate(() => void lab.clock.sleep(60_000).then(() => (instance.status = "Running")));
    expect(await image.up(fromInstance)).toEqual({ did: "create" });
  });

  it("ends at the deadline when it stays busy, with the reason and nothing created", async () => {
    lab.emulator.world.instances.get(seeds.instanceId)!.status = "Starting";
    const { error } = await image.up(fromInstance, { timeouts: { create: "5m" } });
    expect(error).toMatch(/IncorrectInstanceStatus.*Running or Stopped/);
    expect(image.state).toBeUndefined();
    expect(lab.mutations().filter((action) => action !== "CreateImage")).toEqual([]);
  });
});

it("waits for exactly the time in customTimeouts", async () => {
  lab.emulator.world.scenarios.push({ for: "CreateImage", durationMs: 3 * 3_600_000 });
  const startMs = lab.clock.now();
  await image.up(fromInstance, { timeouts: { create: "1h30m" } });
  expect(lab.clock.now() - startMs).toBeGreaterThanOrEqual(90 * 60_000);
  expect(lab.clock.now() - startMs).toBeLessThan(92 * 60_000);
});

it("refuses customTimeouts that are no durations, at preview", async () => {
  const { failures } = await image.up(fromInstance, { timeouts: { create: "soon" } });
  expect(failures).toEqual([{ property: "customTimeouts", reason: expect.stringContaining('"soon"') }]);
});

describe("a wait that can be left", () => {
  it("says so once on the row, and shows only the progress after that", async () => {
    await lab.close();
    lab = await openLab({ world: world() }, {}, { waitHint: "Ctrl-C leaves the wait" });
    image = resource(lab, "CustomImage");
    await image.up(fromInstance);
    const { shown } = lab.said;
    expect(shown.filter((text) => text.endsWith(" (Ctrl-C leaves the wait)"))).toHaveLength(1);
    expect(shown).toContainEqual(expect.stringMatching(/^Creating \(\d+%\), about \d+ s left$/));
  });
});

describe("what ECS finds in a new image", () => {
  const risk = { Name: "GuestOS.Nvme", Value: "none", RiskCode: "NVMe.NotInstalled", RiskLevel: "High" };
  const fine = { Name: "GuestOS.Online", Value: "true", RiskCode: "", RiskLevel: "" };

  it("is an output, and each risk one warning", async () => {
    const lab = await openLab();
    try {
      const one = resource(lab, "CustomImage");
      const args = { instanceId: seeds.instanceId, detectionStrategy: "Standard" };
      await one.up(args);
      expect(one.state!.outputs).toMatchObject({ detection: { status: "Finished", items: [] } });
      lab.emulator.world.images.get(one.state!.id)!.detectionItems = [fine, risk];
      await one.refresh();
      await one.refresh();
      const items = [
        { name: "GuestOS.Online", value: "true" },
        { name: "GuestOS.Nvme", value: "none", riskCode: "NVMe.NotInstalled", riskLevel: "High" },
      ];
      expect(one.state!.outputs).toMatchObject({ detection: { items } });
      expect(lab.said.warned).toEqual([expect.stringMatching(/NVMe\.NotInstalled \(GuestOS\.Nvme, High\)/)]);
      expect(await one.up(args)).toEqual({ did: "same" });
    } finally {
      await lab.close();
    }
  });
});
