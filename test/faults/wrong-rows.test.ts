import type { Call } from "../../emulator";
import { seeds } from "../../emulator";
import { EXPORTABLE, kinds, recoverable } from "../support/kinds";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const SEARCHES = /^(ImageName|ResourceIds\.\d+|Tag\.\d+\.\w+|InstanceId|SnapshotIds)$/;
const IDS = /^(ImageId|TaskIds)$/;

/** Makes the cloud ignore these parameters of a call. It then returns everything that it has. */
function unheard({ action, params }: Call, filters: RegExp) {
  if (!/^Describe(Images|Tasks|Snapshots)$/.test(action)) return;
  const heard = params as Record<string, string>;
  for (const name of Object.keys(heard)) if (filters.test(name)) delete heard[name];
}

/**
 * A cloud with well-formed answers whose rows were not requested, come in another order or late, or change between
 * answers.
 */
describe.each(recoverable)("$kind", ({ kind, creates, args, changedInPlace, replaced, regionId, world, remains }) => {
  let lab: Lab;
  let subject: Resource;
  let others: Resource[];
  beforeEach(async () => {
    lab = await openLab({ world: world() });
    subject = resource(lab, kind);
    others = [];
    for (const [n, other] of (["CustomImage", "ImportedImage"] as const).entries()) {
      const given = kinds.find((one) => one.kind === other)!;
      others.push(resource(lab, other, `other-${n}`));
      await others[n]!.up({
        ...given.args,
        imageName: `other-${n}`,
        ...(other === "CustomImage" && { deleteSnapshots: true }),
      });
    }
  });
  afterEach(() => lab.close());
  const deafTo = (filters: RegExp) => {
    lab.emulator.intercept = (call, phase) => {
      if (phase === "before") unheard(call, filters);
      return undefined;
    };
  };
  const othersStand = async () => {
    lab.emulator.intercept = undefined;
    for (const other of others) {
      await other.refresh();
      expect(other.state).toMatchObject({ outputs: { status: "Available" } });
    }
  };

  it("goes through the full lifecycle and touches nothing else in a cloud that ignores filters", async () => {
    const snapshots = [...lab.emulator.world.snapshots.keys()];
    deafTo(SEARCHES);
    const disks = kind === "CustomImage" ? { deleteSnapshots: true } : {};
    expect(await subject.up({ ...args, ...disks })).toEqual({ did: "create" });
    const { id, outputs } = subject.state!;
    await subject.refresh();
    expect(subject.state).toMatchObject({ id, outputs });
    expect(await subject.up({ ...changedInPlace, ...disks })).toEqual({ did: "update" });
    expect(await subject.up({ ...replaced, ...disks })).toEqual({ did: "replace" });
    const second = subject.state!.id;
    expect(await subject.up({ ...replaced, ...disks }, { replace: true })).toEqual({ did: "replace" });
    expect(subject.state!.id).not.toBe(second);
    const aboutOthers = lab.said.warned.filter((text) => !text.includes(second)); // its own one steps aside
    expect(aboutOthers).toEqual([]);
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect([...lab.emulator.world.snapshots.keys()]).toEqual(expect.arrayContaining(snapshots));
    await othersStand();
    for (const other of others) await other.destroy();
    expect(remains(lab)).toEqual([]);
  });

  it("is not taken for gone when the answer is only about others", async () => {
    await subject.up(args);
    const { id } = subject.state!;
    const image = lab.emulator.world.images.get(id);
    const task = lab.emulator.world.tasks.get(id);
    const stranger = lab.emulator.world.images.get(EXPORTABLE)!;
    lab.emulator.world.images.set("m-stranger", { ...stranger, imageId: "m-stranger", regionId });
    deafTo(IDS);
    // What was asked for is ignored, and its own row is on a page that nobody asks for.
    if (image) image.visibleFromMs = Number.POSITIVE_INFINITY;
    if (task) task.visibleFromMs = Number.POSITIVE_INFINITY;
    const { error } = await subject.refresh();
    if (kind === "ImageExport")
      expect(subject.state).toBeDefined(); // its objects are there, which is all that counts
    else expect(error).toMatch(/^reading .*(not requested)/);
    expect(subject.state).toBeDefined();
  });

  it("is removed when its creation is interrupted, in a cloud that ignores all filters", async () => {
    // ECS makes a custom image to its end before it deletes it.
    lab.emulator.world.scenarios.push({
      for: creates,
      durationMs: kind === "CustomImage" ? 20 * 60_000 : 3 * 3600_000,
    });
    const long = [resource(lab, "ImportedImage", "long"), kinds.find((one) => one.kind === "ImportedImage")!] as const;
    await subject.up(args, { timeouts: { create: "2m" } });
    lab.emulator.world.scenarios.push({ for: "ImportImage", durationMs: 3 * 3600_000 });
    await long[0].up({ ...long[1].args, imageName: "long" }, { timeouts: { create: "2m" } });
    deafTo(SEARCHES);
    expect(await subject.destroy()).toEqual({ did: "delete" });
    lab.emulator.intercept = undefined;
    expect(lab.emulator.world.images.has(long[0].state!.id)).toBe(true);
    expect(
      [...lab.emulator.world.tasks.values()].find(({ imageId }) => imageId === long[0].state!.id)!.cancelledMs,
    ).toBeUndefined();
    await othersStand();
  });

  it("becomes ready although lists show it at one moment and not at the next", async () => {
    lab.emulator.world.scenarios.push({ for: creates, durationMs: 5 * 60_000 });
    let reads = 0;
    lab.emulator.intercept = ({ action }, phase) => {
      if (phase !== "before" || !/^Describe(Images|Task)/.test(action)) return undefined;
      const hidden = reads++ % 2 === 0;
      for (const record of [...lab.emulator.world.images.values(), ...lab.emulator.world.tasks.values()]) {
        const own = "taskId" in record ? record.action === creates : record.imageName === args["imageName"];
        if (own) record.visibleFromMs = hidden ? Number.POSITIVE_INFINITY : 0;
      }
      return undefined;
    };
    expect(await subject.up(args)).toEqual({ did: "create" });
    const { outputs } = subject.state!;
    await subject.refresh();
    expect(subject.state!.outputs).toEqual(outputs);
    lab.emulator.intercept = undefined;
    for (const record of [...lab.emulator.world.images.values(), ...lab.emulator.world.tasks.values()])
      record.visibleFromMs = 0;
    expect(await subject.up(args)).toEqual({ did: "same" });
  });

  it("keeps waiting through an unknown status, and through one that goes back", async () => {
    if (kind === "ImageExport") return; // a task's statuses end it, but for the two in which it works
    const shown = ["Waiting", "Creating", "Quarantined", "Creating", "Waiting", "Creating"];
    lab.emulator.intercept = ({ action }, phase) => {
      const image = [...lab.emulator.world.images.values()].find(({ imageName }) => imageName === args["imageName"]);
      if (phase === "before" && action === "DescribeImages" && image) {
        const next = shown.shift();
        if (next === undefined) delete image.statusShown;
        else image.statusShown = next;
      }
      return undefined;
    };
    expect(await subject.up(args)).toEqual({ did: "create" });
    expect(subject.state!.outputs["status"]).toBe("Available");
  });

  it("is read from an answer whose rows are reversed", async () => {
    const { world: held } = lab.emulator;
    const turnRound = <T>(records: Map<string, T>) => {
      const all = [...records].reverse();
      records.clear();
      for (const [id, record] of all) records.set(id, record);
    };
    deafTo(SEARCHES);
    const deafened = lab.emulator.intercept!;
    lab.emulator.intercept = (call, phase) => {
      if (phase === "before")
        for (const records of [held.images, held.tasks, held.snapshots] as Map<string, unknown>[]) turnRound(records);
      return deafened(call, phase);
    };
    expect(await subject.up(args)).toEqual({ did: "create" });
    expect(subject.state!.outputs).toMatchObject(args);
    expect(await subject.destroy()).toEqual({ did: "delete" });
    expect(held.instances.has(seeds.instanceId)).toBe(true);
    await othersStand();
  });
});
