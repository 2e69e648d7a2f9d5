import { seeds } from "../../emulator";
import { kinds } from "../support/kinds";
import { inputsOf, type Lab, openLab, type Resource, resource } from "../support/lab";

const { world, args } = kinds.find(({ kind }) => kind === "ImageExport")!;
const IMAGE = String(args["imageId"]);
const PLAIN = { ...args, ossPrefix: undefined };
const THEIRS = { ...args, ossPrefix: "theirs" };

let lab: Lab;
let copy: Resource;
let other: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  copy = resource(lab, "ImageExport");
  other = resource(lab, "ImageExport", "other");
});
afterEach(() => lab.close());

const image = () => lab.emulator.world.images.get(IMAGE)!;
const tasks = () => [...lab.emulator.world.tasks.values()];
const keys = () => [...lab.emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()].sort();
const keysOf = (one: Resource) => (one.state!.outputs["objects"] as { key: string }[]).map(({ key }) => key);
const holdings = ({ images, snapshots, buckets } = lab.emulator.world) =>
  structuredClone({ images, snapshots, objects: [...buckets.values()].map((bucket) => bucket.objects) });
const marks = () =>
  [...lab.emulator.world.snapshots.values(), image()].flatMap(({ tags }) =>
    [...tags.keys()].filter((key) => key.startsWith("pulumi-alicloud-image:export-")),
  );

/** A run that is killed around its ExportImage: `before` it takes effect, or `after` it did. */
async function killed(name: string, asked: object, phase: "before" | "after"): Promise<void> {
  const process = lab.process();
  lab.emulator.intercept = (call, at) => {
    if (call.action !== "ExportImage" || at !== phase || call.accessKeyId !== process.accessKeyId) return undefined;
    if (at === "after" && !call.effect) return undefined; // it was refused
    process.kill("provider");
    return { kind: "reset" };
  };
  await lab.turn(process.of("ImageExport").create(inputsOf("ImageExport", name, { ...asked }))).catch(() => undefined);
  lab.emulator.intercept = undefined;
}

describe("the mark of an export", () => {
  it("needs no tag of the image, all of which may be the user's", async () => {
    for (let i = 0; i < 20; i++) image().tags.set(`team-${i}`, "platform");
    const before = holdings();
    await killed("golden", args, "after");
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(tasks()).toHaveLength(1);
    await copy.destroy();
    expect(holdings()).toEqual(before);
  });

  it("is on the image if that shows no snapshot of this account", async () => {
    for (const disk of image().diskMappings) disk.snapshotId = "s-of-another-account";
    const before = holdings();
    await killed("golden", args, "after");
    expect([...image().tags]).toHaveLength(1);
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(tasks()).toHaveLength(1);
    await copy.destroy();
    expect(holdings()).toEqual(before);
  });

  it.each([
    ["the quota of the week", () => void (lab.emulator.world.quotas.exportsPerWeek = 0)],
    ["a bucket that is not there", () => void lab.emulator.world.buckets.delete(seeds.exportBucket)],
    ["an image that is encrypted", () => image().diskMappings.forEach((disk) => (disk.encrypted = true))],
  ])("is removed when ExportImage is refused: %s", async (_why, hinder) => {
    hinder();
    const before = holdings();
    expect((await copy.up(args)).error).toBeDefined();
    expect(holdings()).toEqual(before);
  });

  it("is not set on an image of another account, and the error says so", async () => {
    image().owner = "others";
    const before = holdings();
    const { error } = await copy.up(args);
    expect(error).toContain(`image ${IMAGE} is not a custom image of this account in cn-hangzhou`);
    expect(error).not.toContain("ResourceIds");
    expect(holdings()).toEqual(before);
  });

  it("finds each of several interrupted exports of one image", async () => {
    await killed("golden", args, "after");
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    await killed("other", THEIRS, "after"); // waits for the first, then is killed
    expect(tasks()).toHaveLength(2);
    expect(await other.up(THEIRS)).toEqual({ did: "create" });
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect([copy.state!.id, other.state!.id]).toEqual(tasks().map(({ taskId }) => taskId));
    expect(marks()).toEqual([]);
    await copy.destroy();
    expect(keys()).toEqual(keysOf(other));
  });
});

describe("an interrupted export that lists show only while the next run finds the image busy", () => {
  beforeEach(async () => {
    lab.emulator.world.quirks.listDelayMs = 10_000;
    await killed("golden", args, "after");
  });

  it("is taken over", async () => {
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(tasks().map(({ taskId }) => taskId)).toEqual([copy.state!.id]);
  });

  it("is named in a warning when that run is interrupted too, and another place is asked for", async () => {
    const { taskId } = tasks()[0]!;
    let busy = 0;
    lab.emulator.intercept = ({ action }, phase) => {
      if (action !== "ExportImage" || phase === "before" || ++busy < 2) return undefined;
      lab.processes.at(-1)!.kill("engine");
      return undefined;
    };
    expect((await copy.up(args)).did).toBe("killed");
    lab.emulator.intercept = undefined;
    await copy.up(THEIRS);
    expect(lab.said.warned.join()).toContain(taskId);
  });
});

describe("an interrupted export without a prefix", () => {
  it("does not take over an export of the same image to a prefix, nor its file", async () => {
    await killed("golden", PLAIN, "before");
    await other.up(THEIRS);
    expect(await copy.up(PLAIN)).toEqual({ did: "create" });
    expect(keysOf(copy)).toEqual([`${IMAGE}_system.raw.tar.gz`]);
    await copy.destroy();
    expect(keys()).toEqual(keysOf(other));
  });

  it("does not take over one that keeps the image busy when its own answer is lost", async () => {
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    await other.up(THEIRS, { timeouts: { create: "1m" } });
    let lost = false;
    lab.emulator.intercept = ({ action }, phase) => {
      if (action !== "ExportImage" || phase !== "before" || lost) return undefined;
      lost = true;
      return { kind: "reset" };
    };
    expect(await copy.up(PLAIN)).toEqual({ did: "create" });
    expect(tasks()).toHaveLength(2);
    expect(copy.state!.id).not.toBe(other.state!.id);
    expect(keysOf(copy)).toEqual([`${IMAGE}_system.raw.tar.gz`]);
  });
});

describe("an image that is being exported", () => {
  beforeEach(async () => {
    lab.emulator.world.scenarios.push({ for: "ExportImage", durationMs: 600_000 });
    await other.up(THEIRS, { timeouts: { create: "1m" } });
  });

  it("is waited for, with a line on the row that names the task", async () => {
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(lab.said.shown.join("\n")).toMatch(new RegExp(`being exported by task ${other.state!.id}: Processing`));
  });

  it("may return the task that keeps it busy, which is not taken for a new one", async () => {
    const body = JSON.stringify({ RequestId: "1", TaskId: other.state!.id, RegionId: "cn-hangzhou" });
    let answered = false;
    lab.emulator.intercept = ({ action }, phase) => {
      if (action !== "ExportImage" || phase !== "before" || answered) return undefined;
      answered = true;
      return { kind: "answer", status: 200, body, contentType: "application/json" };
    };
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copy.state!.id).not.toBe(other.state!.id);
    expect(tasks()).toHaveLength(2);
  });

  it("is not waited for beyond the timeout, and nothing is left", async () => {
    const before = holdings();
    const { error } = await copy.up(args, { timeouts: { create: "2m" } });
    expect(error).toContain("ImageIsExporting");
    expect(copy.state).toBeUndefined();
    expect(holdings()).toEqual(before);
  });
});

describe("an interrupted export that may be another's", () => {
  it("is named in a warning and not taken over if two resources exported to the same place", async () => {
    await killed("golden", args, "before");
    await killed("other", args, "after");
    const [left] = tasks();
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copy.state!.id).not.toBe(left!.taskId);
    expect(lab.said.warned.join()).toContain(left!.taskId);
  });

  it("is named in a warning and not taken over if the task does not report what it writes", async () => {
    await killed("golden", args, "after");
    const [left] = tasks();
    left!.objects = [];
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copy.state!.id).not.toBe(left!.taskId);
    expect(lab.said.warned.join()).toContain(left!.taskId);
  });

  it("is named in a warning and not taken over a day later", async () => {
    await killed("golden", args, "after");
    const [left] = tasks();
    await lab.clock.advance(25 * 3_600_000);
    expect(await copy.up(args)).toEqual({ did: "create" });
    expect(copy.state!.id).not.toBe(left!.taskId);
    expect(lab.said.warned.join()).toContain(left!.taskId);
    expect(keys()).toEqual(keysOf(copy));
  });
});
