import { mkdtemp, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { configurationOf } from "../../cli/configuration";
import { seeds } from "../../emulator";
import {
  newCreationId,
  OWNER_TAG,
  ownerIn,
  ownerValue,
  PENDING_TAG,
  RETAINED_TAG,
  stackOf,
} from "../../provider/lifecycle/ownership";
import { EXPORTABLE, kinds } from "../support/kinds";
import { inputsOf, type KindName, type Lab, openLab, type Props, resource, urnOf } from "../support/lab";
import { NORTH } from "../support/moves";
import { callOrphans, exported, type Row } from "./terminal";

const HOUR_MS = 3_600_000;
const caseOf = (kind: KindName) => kinds.find((one) => one.kind === kind)!;
const [custom, imported, exports] = [caseOf("CustomImage"), caseOf("ImportedImage"), caseOf("ImageExport")];

let lab: Lab;
beforeEach(async () => void (lab = await openLab({ world: custom.world() })));
afterEach(() => lab.close());

/** A creation whose engine is killed before it has written anything. */
async function killedCreation(kind: KindName, args: Props, name = "golden", stack = "dev"): Promise<string> {
  const inputs = JSON.parse(
    JSON.stringify(inputsOf(kind, name, args)).replaceAll("urn:pulumi:dev", `urn:pulumi:${stack}`),
  ) as Props;
  return (await lab.turn(lab.process().of(kind).create(inputs))).id;
}

/** The same, killed as soon as the cloud has started the creation. */
async function killedStart(kind: KindName, args: Props): Promise<void> {
  const begun = lab.emulator.calls.length;
  const killed = new Promise((_resolve, reject) => {
    lab.emulator.intercept = ({ action }, phase) => {
      if (phase === "after" && action === (kind === "ImportedImage" ? "ImportImage" : "ExportImage"))
        reject(new Error("killed"));
      return undefined;
    };
  });
  const work = lab
    .process()
    .of(kind)
    .create(inputsOf(kind, "golden", args));
  work.catch(() => undefined);
  await lab.turn(Promise.race([work, killed])).catch(() => undefined);
  lab.emulator.intercept = undefined;
  expect(lab.emulator.calls.length).toBeGreaterThan(begun);
}

const nothingKnown = exported([]);
const listed = async (state: string, ...args: string[]) => {
  const { code, out, said } = await callOrphans(lab, ["--state", "-", "--json", ...args], { input: state });
  if (code === 2) throw new Error(said);
  return {
    code,
    orphans: (
      JSON.parse(out) as {
        orphans: { kind: string; id: string; kept?: string; origin: string; outcome?: string; imageId?: string }[];
      }
    ).orphans,
  };
};
const ids = () => [...lab.emulator.world.images.keys(), ...lab.emulator.world.snapshots.keys()].sort();

test("a cloud that has nothing of the stack is reported as such", async () => {
  const { code, out } = await callOrphans(lab, ["--state", "-"], { input: nothingKnown });
  expect(code).toBe(0);
  expect(out).toMatch(/^No orphans: .*stack dev of project golden, in cn-hangzhou/);
});

test("an image of a killed creation is listed with its snapshots and its resource", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(50 * HOUR_MS);
  const { code, out } = await callOrphans(lab, ["--state", "-"], {
    input: exported([], { pending: [{ kind: "CustomImage", args: custom.args }] }),
  });
  expect(code).toBe(1);
  expect(out).toMatch(/^3 orphans of stack dev of project golden, in cn-hangzhou of account 1234567890123456:$/m);
  expect(out).toMatch(
    new RegExp(`^image +${id} +golden +2d 2h +40 GiB +Available +golden +interrupted run +kept: `, "m"),
  );
  expect(out.match(/^snapshot .*interrupted run/gm)).toHaveLength(2);
  expect(out).toContain("140 GiB");
});

test("--delete removes exactly what was left", async () => {
  const before = ids();
  await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const { code, out } = await callOrphans(lab, ["--state", "-", "--delete", "--yes"], { input: nothingKnown });
  expect(code).toBe(0);
  expect(out).toMatch(/Nothing is left\.$/);
  expect(ids()).toEqual(before);
});

const answered = async (input: string | Readable, state = nothingKnown) =>
  callOrphans(lab, ["--state", await writtenState(state), "--delete"], { isInteractive: true, input });

test.each(["all\n", "ALL", "1-3\n", "1\n", "what?\n4\n1,2 3\n"])(
  "a person who answers %j deletes all three, since an image takes its snapshots along",
  async (answer) => {
    await killedCreation("CustomImage", custom.args);
    await lab.clock.advance(2 * HOUR_MS);
    expect((await answered(answer)).code).toBe(0);
  },
);

test.each(["", "\n", "none\n", "no\n", "0\n", "2-1\n", "1 x\n"])("the answer %j deletes nothing", async (answer) => {
  await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const before = ids();
  const { code, said } = await answered(answer);
  expect(code).toBe(1);
  expect(said).toMatch(/Nothing was deleted\.$/);
  expect(ids()).toEqual(before);
});

test("only the chosen ones are deleted, and no snapshot whose image was not chosen", async () => {
  const first = await killedCreation("CustomImage", { snapshotId: seeds.systemSnapshotId }, "first");
  const second = await killedCreation("CustomImage", custom.args, "second");
  await lab.clock.advance(2 * HOUR_MS);
  const before = ids();
  const { orphans } = await listed(nothingKnown);
  const number = (id: string) => orphans.findIndex((orphan) => orphan.id === id) + 1;
  const snapshot = orphans.find(({ kind }) => kind === "snapshot")!.id;
  const { code, said } = await answered(`${number(first)} ${number(snapshot)}\n`);
  expect(code).toBe(1);
  expect(said).toContain(`${snapshot} stays: its image ${second} was not chosen`);
  expect(ids()).toEqual(before.filter((id) => id !== first));
});

test("without a terminal and without --yes it refuses, before it asks the cloud anything", async () => {
  const { code, out, said } = await callOrphans(lab, ["--state", "-", "--delete"], { input: nothingKnown });
  expect([code, out]).toEqual([2, ""]);
  expect(said.split("\n")).toEqual([expect.stringContaining("--yes")]);
  expect(lab.emulator.calls).toEqual([]);
});

test("nothing in the state is listed, not even what is marked for deletion", async () => {
  const [one, two, three] = [
    resource(lab, "CustomImage", "one"),
    resource(lab, "ImportedImage", "two"),
    resource(lab, "ImageExport", "three"),
  ];
  await one.up(custom.args);
  await two.up(imported.args);
  await three.up(exports.args);
  await lab.clock.advance(2 * HOUR_MS);
  const state = exported([
    { kind: "CustomImage", name: "one", recorded: one.state!, delete: true },
    { kind: "ImportedImage", name: "two", recorded: two.state! },
    { kind: "ImageExport", name: "three", recorded: three.state! },
  ]);
  expect(await listed(state)).toEqual({ code: 0, orphans: [] });
});

test("images of another stack, of another tool and without an owner are left alone", async () => {
  await killedCreation("CustomImage", custom.args, "golden", "prod");
  const { images } = lab.emulator.world;
  const other = [...images.values()].find(({ owner, tags }) => owner === "self" && tags.size > 0)!;
  images.set("m-other", {
    ...other,
    imageId: "m-other",
    imageName: "other",
    tags: new Map([
      ["terraform", "yes"],
      [OWNER_TAG, "a tag that somebody else has set"],
    ]),
  });
  await lab.clock.advance(2 * HOUR_MS);
  const before = ids();
  expect(await listed(nothingKnown, "--delete", "--yes", "--retained")).toEqual({ code: 0, orphans: [] });
  expect(ids()).toEqual(before);
});

test("a snapshot that was passed in stays when the orphan made from it is deleted", async () => {
  const before = ids();
  await killedCreation("CustomImage", { snapshotId: seeds.systemSnapshotId });
  await lab.clock.advance(2 * HOUR_MS);
  const { code, orphans } = await listed(nothingKnown, "--delete", "--yes");
  expect(code).toBe(0);
  expect(orphans.map(({ kind }) => kind)).toEqual(["image"]);
  expect(ids()).toEqual(before);
});

describe.each([
  ["CustomImage", custom, 2],
  ["ImportedImage", imported, 1],
] as const)("a snapshot of a %s left by a delete that failed halfway", (kind, { args }, disks) => {
  async function halfDeleted() {
    const subject = resource(lab, kind);
    await subject.up({ ...args, deleteSnapshots: true });
    const recorded = subject.state!;
    const { id, outputs } = recorded;
    // as it is recorded of an image that was not finished
    const unfinished = { ...recorded, outputs: { ...outputs, snapshotIds: [] } };
    lab.emulator.intercept = ({ action }, phase) =>
      action === "DeleteSnapshot" && phase === "before"
        ? { kind: "error", status: 403, code: "Forbidden.RAM" }
        : undefined;
    await lab.turn(lab.process().of(kind).delete(id, unfinished.outputs)).catch(() => undefined);
    lab.emulator.intercept = undefined;
    await lab.clock.advance(2 * HOUR_MS);
    return { id, unfinished };
  }

  test("is left to the next destroy as long as the state has its image", async () => {
    const { unfinished } = await halfDeleted();
    expect(await listed(exported([{ kind, recorded: unfinished }]))).toEqual({ code: 0, orphans: [] });
  });

  test("is an orphan once the state no longer has its image", async () => {
    const before = [...lab.emulator.world.snapshots.keys()];
    const { id } = await halfDeleted();
    const { orphans } = await listed(nothingKnown);
    expect(orphans).toMatchObject(Array(disks).fill({ kind: "snapshot", imageId: id }));
    expect((await listed(nothingKnown, "--delete", "--yes")).code).toBe(0);
    expect([...lab.emulator.world.snapshots.keys()]).toEqual(before);
  });
});

test("an import that takes longer than an hour is kept with its image, because a run may be making it", async () => {
  lab.emulator.world.scenarios.push({ for: "ImportImage", sticksAtPercent: 30 });
  await killedStart("ImportedImage", imported.args);
  await lab.clock.advance(2 * HOUR_MS);
  const before = ids();
  const { code, orphans } = await listed(nothingKnown, "--delete", "--yes");
  expect(code).toBe(1);
  expect(orphans).toMatchObject([
    { kind: "import", kept: expect.stringContaining("still running") },
    { kind: "image", kept: expect.stringMatching(/still being made|works on it/) },
  ]);
  expect(ids()).toEqual(before);
  expect([...lab.emulator.world.tasks.values()].every(({ cancelledMs }) => cancelledMs === undefined)).toBe(true);
});

test("an image for which the state has a pending operation is kept, however old it is", async () => {
  await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(50 * HOUR_MS);
  const before = ids();
  const state = exported([], { pending: [{ kind: "CustomImage", args: custom.args }] });
  const { code, orphans } = await listed(state, "--delete", "--yes", "--retained");
  expect(code).toBe(1);
  expect(orphans[0]!.kept).toContain("pending operation");
  expect(ids()).toEqual(before);
});

test("an export that an interrupted run began is found by its mark, and kept while it runs", async () => {
  lab.emulator.world.scenarios.push({ for: "ExportImage", sticksAtPercent: 30 });
  await killedStart("ImageExport", exports.args);
  await lab.clock.advance(2 * HOUR_MS);
  const before = ids();
  const state = exported([], { pending: [{ kind: "ImageExport", args: exports.args }] });
  const { code, orphans } = await listed(state, "--delete", "--yes");
  expect(orphans).toMatchObject([{ kind: "export", kept: expect.stringContaining("still running") }]);
  expect(code).toBe(1);
  expect([...lab.emulator.world.tasks.values()].map(({ cancelledMs }) => cancelledMs)).toEqual([undefined]);
  expect(ids()).toEqual(before);
});

test("an export of the stack's image is found by its mark, although no resource in the state began it", async () => {
  const golden = resource(lab, "CustomImage");
  await golden.up(custom.args);
  const imageId = golden.state!.id;
  lab.emulator.world.scenarios.push({ for: "ExportImage", sticksAtPercent: 30 });
  await killedStart("ImageExport", { ...exports.args, imageId });
  const { orphans } = await listed(exported([{ kind: "CustomImage", recorded: golden.state! }]));
  expect(orphans).toEqual([expect.objectContaining({ kind: "export", imageId, origin: "interrupted" })]);
});

describe("exports of images that the state does not name", () => {
  const OTHER = "m-other";
  const region = ["--region", NORTH];
  const other = { ...exports.args, imageId: OTHER };
  const finishedExport = async (args: Props, name = "golden"): Promise<Row> => {
    const made = resource(lab, "ImageExport", name);
    await made.up(args);
    await lab.clock.advance(10 * 60_000);
    return { kind: "ImageExport", name, recorded: made.state! };
  };
  /** Another image to export, made by hand: the snapshot of its disk carries the mark, or else the image itself. */
  function addImage(changes: { regionId?: string; diskMappings?: [] } = {}): void {
    const { images, snapshots, buckets } = lab.emulator.world;
    buckets.set("north", { ...buckets.get(seeds.exportBucket)!, name: "north", objects: new Map(), regionId: NORTH });
    const image = structuredClone(images.get(EXPORTABLE)!);
    const [disk] = image.diskMappings;
    const snapshot = { ...snapshots.get(disk!.snapshotId!)!, snapshotId: "s-other", tags: new Map() };
    snapshots.set("s-other", { ...snapshot, regionId: changes.regionId ?? snapshot.regionId });
    const diskMappings = [{ ...disk!, snapshotId: "s-other" }];
    images.set(OTHER, { ...image, imageId: OTHER, imageName: OTHER, tags: new Map(), diskMappings, ...changes });
  }

  test.each([
    ["another image", {}, {}],
    ["an image that shows no snapshot", { diskMappings: [] }, {}],
    ["an image of another region", { regionId: NORTH }, { regionId: NORTH, ossBucket: "north" }],
  ] as const)("one of %s is listed beside the one that the state has", async (_what, changes, moved) => {
    addImage(structuredClone(changes) as Parameters<typeof addImage>[0]);
    const known = await finishedExport(exports.args);
    const { id } = await killed({ ...other, ...moved });
    const { orphans } = await listed(exported([known]), ...("regionId" in moved ? region : []));
    expect(orphans).toEqual([expect.objectContaining({ kind: "export", id, imageId: OTHER })]);
  });

  test("one of the stack's new image is listed while the state has the export of the old image", async () => {
    const golden = resource(lab, "CustomImage");
    await golden.up(custom.args);
    const known = await finishedExport(exports.args);
    const { id } = await killed({ ...exports.args, imageId: golden.state!.id });
    const { orphans } = await listed(exported([known, { kind: "CustomImage", recorded: golden.state! }]));
    expect(orphans).toEqual([expect.objectContaining({ kind: "export", id })]);
  });

  test("one that a resource began before it got another name is listed while the program has the alias", async () => {
    addImage();
    const { id } = await killed(other);
    const known = await finishedExport(exports.args, "web");
    const { orphans } = await listed(exported([{ ...known, aliases: [urnOf("ImageExport", "golden")] }]));
    expect(orphans).toEqual([expect.objectContaining({ kind: "export", id, urn: urnOf("ImageExport", "web") })]);
  });

  test("one that another stack began or has adopted, and one that the state has, is not listed", async () => {
    addImage();
    const known = await finishedExport(exports.args);
    await killedCreation("ImageExport", other, "golden", "prod");
    expect((await listed(exported([known]))).orphans).toEqual([]);
    const { id } = await killed(other);
    const { tags } = lab.emulator.world.snapshots.get("s-other")!;
    tags.set(
      `pulumi-alicloud-image:owner-of-${id}`,
      `${newCreationId()}.${stackOf("golden", "prod")}.${"0".repeat(16)}`,
    );
    expect((await listed(exported([known]))).orphans).toEqual([]);
  });

  /** Killed before the engine had recorded it, so its mark stays. */
  const killed = async (args: Props) => {
    const id = await killedCreation("ImageExport", args);
    await lab.clock.advance(2 * HOUR_MS);
    return { id };
  };
});

test("an export that has ended unseen is listed, and its objects are not deleted", async () => {
  await killedCreation("ImageExport", exports.args);
  await lab.clock.advance(2 * HOUR_MS);
  const objects = () => [...lab.emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()];
  expect(objects()).not.toEqual([]);
  const before = objects();
  const { code, orphans } = await listed(
    exported([], { pending: [{ kind: "ImageExport", args: exports.args }] }),
    "--delete",
    "--yes",
  );
  expect(code).toBe(1);
  expect(orphans).toMatchObject([{ kind: "export", kept: expect.stringContaining("OSS") }]);
  expect(objects()).toEqual(before);
});

test("what is younger than an hour is listed and kept, because a run may be making it", async () => {
  await killedCreation("CustomImage", custom.args);
  const before = ids();
  const { code, out } = await callOrphans(lab, ["--state", "-", "--delete", "--yes"], { input: nothingKnown });
  expect(code).toBe(1);
  expect(out).toMatch(/kept: too young$/m);
  expect(out).toContain("younger than 1h");
  expect(ids()).toEqual(before);
  expect((await listed(nothingKnown, "--delete", "--yes", "--older-than", "0s")).code).toBe(0);
  expect(ids()).not.toEqual(before);
});

test("what a state had once is deleted only after a confirmation or with a flag", async () => {
  const lost = resource(lab, "CustomImage");
  await lost.up(custom.args);
  await lost.up({ ...custom.args, description: "a second run has seen it in the state" });
  await lab.clock.advance(2 * HOUR_MS);
  // The stack's outputs still name it, as they do after pulumi state delete.
  const state = exported([], { outputs: { imageId: lost.state!.id } });
  const unattended = await listed(state, "--delete", "--yes");
  expect(unattended.code).toBe(1);
  expect(unattended.orphans[0]).toMatchObject({ origin: "retained", kept: expect.stringContaining("--retained") });
  expect(lab.emulator.world.images.has(lost.state!.id)).toBe(true);

  const { code, said } = await callOrphans(lab, ["--state", await writtenState(state), "--delete"], {
    isInteractive: true,
    input: "all\n",
  });
  expect(said).toContain("returned to an engine once");
  expect(code).toBe(0);
  expect(lab.emulator.world.images.has(lost.state!.id)).toBe(false);
});

test("what a run returned and no state has is listed as such, and not deleted without a question", async () => {
  const lost = resource(lab, "CustomImage");
  await lost.up(custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const { code, orphans } = await listed(nothingKnown, "--delete", "--yes");
  expect(code).toBe(1);
  expect(orphans[0]).toMatchObject({
    id: lost.state!.id,
    origin: "unconfirmed",
    kept: expect.stringContaining("--retained"),
  });
  expect(lab.emulator.world.images.has(lost.state!.id)).toBe(true);
});

test("ids in resources of the native plugin count as known, too", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const urn = "urn:pulumi:dev::golden::alicloud-image:index:CustomImage::golden";
  const native = { urn, type: "alicloud-image:index:CustomImage", custom: true, id: "m-other", outputs: {} };
  const state = (held: object) => {
    const text = JSON.parse(nothingKnown) as { deployment: { resources: unknown[] } };
    text.deployment.resources.push(held);
    return JSON.stringify(text);
  };
  expect((await listed(state({ ...native, id }))).orphans).toEqual([]);
  const snapshotIds = [...lab.emulator.world.images.get(id)!.diskMappings].map(({ snapshotId }) => snapshotId);
  const { orphans } = await listed(state({ ...native, outputs: { snapshotIds } }));
  expect(orphans).toMatchObject([{ id, urn }]);
});

test("an orphan that another resource of the state uses is kept", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const web = {
    urn: "urn:pulumi:dev::golden::alicloud:ecs/instance:Instance::web",
    type: "alicloud:ecs/instance:Instance",
    custom: true,
    id: "i-1",
    inputs: { imageId: id },
    outputs: { imageId: id },
  };
  const state = JSON.parse(nothingKnown) as { deployment: { resources: unknown[] } };
  state.deployment.resources.push(web);
  const { code, orphans } = await listed(JSON.stringify(state), "--delete", "--yes");
  expect(code).toBe(1);
  expect(orphans[0]).toMatchObject({ id, kept: expect.stringContaining("web") });
  expect(lab.emulator.world.images.has(id)).toBe(true);
});

test("what a run takes over during the question is not deleted", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const file = await writtenState(nothingKnown);
  async function* typed() {
    await writeFile(file, exported([{ kind: "CustomImage", recorded: { id, inputs: {}, outputs: {} } }]));
    yield "all\n";
  }
  await callOrphans(lab, ["--state", file, "--delete"], { isInteractive: true, input: Readable.from(typed()) });
  expect(lab.emulator.world.images.has(id)).toBe(true);
});

test("an image that cannot be deleted keeps its snapshots, and is reported with the cloud's reason", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  lab.emulator.world.instances.get(seeds.secondInstanceId)!.imageId = id;
  await lab.clock.advance(2 * HOUR_MS);
  const before = ids();
  const { code, said } = await callOrphans(lab, ["--state", "-", "--delete", "--yes"], { input: nothingKnown });
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`^\\[1/3\\] image ${id}: not deleted: .*ImageUsingByInstance`, "m"));
  expect(said.match(new RegExp(`^\\[./3\\] snapshot .*: not deleted: ${id} is still there`, "gm"))).toHaveLength(2);
  expect(ids()).toEqual(before);
});

test.each(["DescribeSnapshots", "DescribeTasks", "TagResources"])(
  "what a run takes over while %s is answered is not deleted",
  async (action) => {
    const id = await killedCreation("CustomImage", custom.args);
    await lab.clock.advance(2 * HOUR_MS);
    const { tags } = lab.emulator.world.images.get(id)!;
    const takenOver = ownerValue(ownerIn(tags.get(OWNER_TAG))!, newCreationId());
    lab.emulator.intercept = (call, phase) => {
      if (call.action === action && phase === "after") tags.set(OWNER_TAG, takenOver);
      return undefined;
    };
    const { said } = await callOrphans(lab, ["--state", "-", "--delete", "--yes"], { input: nothingKnown });
    expect(said).toContain(`image ${id}: not deleted: a run has taken it over since it was listed`);
    expect(lab.emulator.world.images.has(id)).toBe(true);
  },
);

test("what somebody deletes between the list and the choice is no error", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  lab.emulator.intercept = ({ action }, phase) => {
    if (action === "DeleteImage" && phase === "before") lab.emulator.world.images.delete(id);
    return undefined;
  };
  expect((await listed(nothingKnown, "--delete", "--yes")).code).toBe(0);
  lab.emulator.intercept = undefined;
  expect((await listed(nothingKnown)).orphans).toEqual([]);
});

test("after an interruption between image and snapshots, the snapshots are found again", async () => {
  await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  lab.emulator.intercept = ({ action }, phase) =>
    action === "DeleteSnapshot" && phase === "before"
      ? { kind: "error", status: 403, code: "Forbidden.RAM" }
      : undefined;
  expect((await listed(nothingKnown, "--delete", "--yes")).code).toBe(1);
  lab.emulator.intercept = undefined;
  expect((await listed(nothingKnown, "--delete", "--yes")).orphans.map(({ kind }) => kind)).toEqual([
    "snapshot",
    "snapshot",
  ]);
  expect((await listed(nothingKnown)).code).toBe(0);
});

test("orphans on every page of the cloud's lists are found", async () => {
  const id = await killedCreation("CustomImage", { snapshotId: seeds.systemSnapshotId });
  const { images, snapshots } = lab.emulator.world;
  const owner = images.get(id)!.tags.get(OWNER_TAG)!;
  const known: Row[] = [];
  const unknown = [id];
  for (let n = 0; n < 250; n++) {
    const imageId = `m-copy${n}`;
    images.set(imageId, { ...images.get(id)!, imageId, imageName: `copy-${n}` });
    if (n % 50 === 0) unknown.push(imageId);
    else known.push({ kind: "CustomImage", name: imageId, recorded: { id: imageId, inputs: {}, outputs: {} } });
    const snapshotId = `s-copy${n}`;
    snapshots.set(snapshotId, {
      ...snapshots.get(seeds.dataSnapshotId)!,
      snapshotId,
      tags: new Map([[OWNER_TAG, `${owner}.m-gone`]]),
    });
    unknown.push(snapshotId);
  }
  const { orphans } = await listed(exported(known));
  expect(orphans.map((orphan) => orphan.id).sort()).toEqual(unknown.sort());
});

test("orphans of another region are found when the state or the command names it", async () => {
  const id = await killedCreation("CustomImage", { snapshotId: seeds.systemSnapshotId });
  const { images } = lab.emulator.world;
  images.set(id, { ...images.get(id)!, regionId: "ap-southeast-1" });
  expect((await listed(nothingKnown)).orphans).toEqual([]);
  expect((await listed(nothingKnown, "--region", "ap-southeast-1")).orphans).toMatchObject([{ id }]);
  const elsewhere = { id: "m-elsewhere", inputs: {}, outputs: { regionId: "ap-southeast-1" } };
  expect((await listed(exported([{ kind: "CustomImage", recorded: elsewhere }]))).orphans).toMatchObject([{ id }]);
});

test("operations that never ended cause a warning", async () => {
  const { said } = await callOrphans(lab, ["--state", "-"], {
    input: exported([], { pending: [{ kind: "CustomImage", args: custom.args }] }),
  });
  expect(said).toMatch(
    /^Warning: a run was interrupted or is still active: creating urn:pulumi:dev::golden::.*::golden\./,
  );
});

test("an operation that never ended causes no warning once the state has its resource", async () => {
  const golden = resource(lab, "CustomImage");
  await golden.up(custom.args);
  const { code, said } = await callOrphans(lab, ["--state", "-"], {
    input: exported([{ kind: "CustomImage", recorded: golden.state! }], {
      pending: [{ kind: "CustomImage", args: custom.args }],
    }),
  });
  expect([code, said]).toEqual([0, ""]);
});

test("an image that the state wrongly lists as a version is listed and kept", async () => {
  const version = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const recorded = { id: "m-now", inputs: {}, outputs: { previousVersions: [{ imageId: version }] } };
  const state = exported([{ kind: "CustomImage", recorded }]);
  const [image] = (await listed(state, "--delete", "--yes")).orphans;
  expect(image).toMatchObject({ id: version, kept: "used by golden" });
  expect(lab.emulator.world.images.has(version)).toBe(true);
});

test("a version that instances use is listed as in use once its resource keeps fewer, and kept", async () => {
  const golden = resource(lab, "CustomImage");
  await golden.up({ ...custom.args, keepVersions: 1 });
  const version = golden.state!.id;
  await golden.up({ ...custom.replaced, keepVersions: 1 });
  const [instance] = lab.emulator.world.instances.values();
  instance!.imageId = version;
  await lab.clock.advance(2 * HOUR_MS);
  const { outputs } = golden.state!;
  const state = (keepVersions: number) =>
    exported([{ kind: "CustomImage", recorded: { ...golden.state!, outputs: { ...outputs, keepVersions } } }]);
  expect((await listed(state(1))).orphans).toEqual([]);
  const [image] = (await listed(state(0), "--delete", "--yes", "--retained")).orphans;
  expect(image).toMatchObject({ id: version, kept: expect.stringContaining("instances use") });
});

test("a version that instances use is no orphan of a resource that has another name now", async () => {
  const golden = resource(lab, "CustomImage");
  await golden.up({ ...custom.args, keepVersions: 1 });
  lab.emulator.world.instances.values().next().value!.imageId = golden.state!.id;
  await golden.up({ ...custom.replaced, keepVersions: 1 });
  golden.alias({ name: "web" });
  await golden.up({ ...custom.replaced, keepVersions: 1 });
  const state = exported([{ kind: "CustomImage", name: "web", recorded: golden.state! }]);
  expect((await listed(state)).orphans).toEqual([]);
});

test("what was left before the stack was renamed is listed, and not deleted without a question", async () => {
  const id = await killedCreation("CustomImage", custom.args, "lost", "before");
  await lab.clock.advance(2 * HOUR_MS);
  const urn = "urn:pulumi:before::golden::pulumi-nodejs:dynamic/alicloud-image:CustomImage::web";
  const recorded = { id: "m-now", inputs: {}, outputs: { __record: { version: 1, urn, given: [] } } };
  const state = exported([{ kind: "CustomImage", name: "web", recorded }]);
  const [image] = (await listed(state, "--delete", "--yes")).orphans;
  expect(image).toMatchObject({ id, origin: "retained", kept: "not without --retained" });
});

test("an imported image is never listed as a leftover of a run", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const { tags } = lab.emulator.world.images.get(id)!;
  tags.set(PENDING_TAG, tags.get(PENDING_TAG)!.replace(/^\w+/, "imported"));
  const [image] = (await listed(nothingKnown, "--delete", "--yes", "--retained")).orphans;
  expect(image).toMatchObject({ id, origin: "retained", kept: expect.stringContaining("imported") });
  expect(lab.emulator.world.images.has(id)).toBe(true);
});

test("an import that is paused keeps its image", async () => {
  await lab.close();
  lab = await openLab({ world: imported.world() });
  lab.emulator.world.scenarios.push({ for: "ImportImage", pause: { atPercent: 10 } });
  await killedStart("ImportedImage", imported.args);
  await lab.clock.advance(2 * HOUR_MS);
  const { orphans } = await listed(nothingKnown, "--delete", "--yes");
  expect(orphans.find(({ kind }) => kind === "import")).toMatchObject({ status: "Paused" });
  expect(orphans.find(({ kind }) => kind === "image")!.kept).toBeDefined();
});

test("--delete refuses an old copy of the state, because a run may have recorded more since", async () => {
  await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const file = await writtenState(nothingKnown);
  const before = ids();
  const longAgo = new Date(lab.clock.now() - HOUR_MS);
  await utimes(file, longAgo, longAgo);
  const { code, said } = await callOrphans(lab, ["--state", file, "--delete", "--yes"]);
  expect([code, said]).toEqual([2, expect.stringMatching(/may have recorded more since.*pulumi stack export/)]);
  expect(ids()).toEqual(before);
});

test("an explicit provider with an account of its own is named, and the result is not empty", async () => {
  const urn = "urn:pulumi:dev::golden::pulumi:providers:alicloud-image::other";
  const state = JSON.parse(exported([])) as { deployment: { resources: object[] } };
  state.deployment.resources.push(
    {
      urn,
      type: "pulumi:providers:alicloud-image",
      custom: true,
      id: "p-1",
      inputs: { profile: "other", region: "cn-beijing" },
    },
    {
      urn: "urn:pulumi:dev::golden::alicloud-image:index:CustomImage::web",
      type: "alicloud-image:index:CustomImage",
      custom: true,
      id: "m-1",
      provider: `${urn}::p-1`,
      inputs: {},
      outputs: {},
    },
  );
  const { code, out, said } = await callOrphans(lab, ["--state", "-"], { input: JSON.stringify(state) });
  expect(code).toBe(2);
  expect(said).toContain("provider other may use another account");
  expect(out).toContain("in cn-hangzhou, cn-beijing of account 1234567890123456");
});

test.each([
  ["the plugin's", { native: true }, "cn-beijing"],
  ["the dynamic provider's", { dynamic: true }, "cn-hangzhou"],
  ["the plugin's where the state has nothing", {}, "cn-beijing", ["alicloud-image:region"]],
])(
  "%s configuration is used for its resources",
  (_whose, used, region, keys = ["alicloud-image:region", "alicloud:region"]) => {
    const values = { "alicloud-image:region": "cn-beijing", "alicloud:region": "cn-hangzhou" } as Record<
      string,
      string
    >;
    const config = new Map(keys.map((key) => [key, values[key]!]));
    const providers = { dynamic: false, native: false, explicit: [], ...used };
    expect(configurationOf(providers, config, undefined).configuration("alicloud:region")).toBe(region);
  },
);

test("two configurations with two accounts must be selected one by one", () => {
  const config = new Map([
    ["alicloud:accessKey", "a"],
    ["alicloud-image:accessKey", "b"],
  ]);
  const providers = { dynamic: true, native: true, explicit: [] };
  expect(() => configurationOf(providers, config, undefined)).toThrow(
    /--provider alicloud and --provider alicloud-image/,
  );
  const { configuration, unasked } = configurationOf(providers, config, "alicloud-image");
  expect([configuration("alicloud:accessKey"), unasked]).toEqual(["b", ["alicloud"]]);
});

test("a version belongs to its resource while the state has that resource, and is never deleted unasked", async () => {
  const golden = resource(lab, "CustomImage");
  await golden.up({ ...custom.args, keepVersions: 1 });
  const version = golden.state!.id;
  await golden.up({ ...custom.replaced, keepVersions: 1 });
  await lab.clock.advance(2 * HOUR_MS);
  const { outputs } = golden.state!;
  const recorded = { ...golden.state!, outputs: { ...outputs, previousVersions: [] } };
  expect((await listed(exported([{ kind: "CustomImage", recorded }]))).orphans).toEqual([]);
  await listed(nothingKnown, "--delete", "--yes");
  expect(lab.emulator.world.images.has(version)).toBe(true);
});

describe("acknowledging", () => {
  /** An image that a state held once, as retainOnDelete leaves it, with its snapshots. */
  async function retained(args: Props = custom.args) {
    const lost = resource(lab, "CustomImage", "retained");
    await lost.up(args);
    await lab.clock.advance(2 * HOUR_MS);
    return lost.state!.id;
  }
  const tagsOf = (id: string) => lab.emulator.world.images.get(id)!.tags;

  test("keeps the next run from listing or deleting them, unless it lists all", async () => {
    const id = await retained();
    expect((await listed(nothingKnown)).code).toBe(1);
    const { code, said, out } = await callOrphans(lab, ["--state", "-", "--acknowledge", id], { input: nothingKnown });
    expect([code, out]).toEqual([0, "Nothing else is left."]);
    expect(said).toContain(`image ${id}: acknowledged`);
    const before = ids();
    const again = await callOrphans(lab, ["--state", "-", "--delete", "--yes", "--retained"], { input: nothingKnown });
    expect(again.code).toBe(0);
    expect(again.out).not.toContain(id);
    expect(again.out).toMatch(/^3 kept on purpose/m);
    expect((await callOrphans(lab, ["--state", "-", "--all"], { input: nothingKnown })).out).toContain(id);
    expect(ids()).toEqual(before);
  });

  test("works with eighteen user tags, also on leftovers of an interrupted run", async () => {
    const tags = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`tag${n}`, "x"]));
    const id = await killedCreation("CustomImage", { ...custom.args, tags });
    await lab.clock.advance(2 * HOUR_MS);
    expect(tagsOf(id).size).toBe(20);
    expect((await listed(nothingKnown, "--acknowledge", id)).code).toBe(0);
    expect(tagsOf(id).size).toBe(20);
    expect([...tagsOf(id).keys()].filter((key) => !(key in tags)).sort()).toEqual([OWNER_TAG, RETAINED_TAG]);
    expect((await listed(nothingKnown)).code).toBe(0);
  });

  test("of an id that is no orphan fails before anything is changed", async () => {
    const id = await retained();
    const { code, said } = await callOrphans(lab, ["--state", "-", "--acknowledge", `${id},m-nowhere`], {
      input: nothingKnown,
    });
    expect(code).toBe(2);
    expect(said).toMatch(/nothing was acknowledged: m-nowhere is not an orphan/);
    expect([...tagsOf(id).keys()]).not.toContain(RETAINED_TAG);
  });

  test("of what a run may be making is refused", async () => {
    const id = await killedCreation("CustomImage", custom.args);
    const state = exported([], { pending: [{ kind: "CustomImage", args: custom.args }] });
    const { code, said } = await callOrphans(lab, ["--state", "-", "--acknowledge", id], { input: state });
    expect(code).toBe(2);
    expect(said).toContain("pending operation");
  });
});

test("more images than a filter by tags can find are found, and a note says so", async () => {
  const id = await killedCreation("CustomImage", { snapshotId: seeds.systemSnapshotId });
  const { images } = lab.emulator.world;
  const known: Row[] = [];
  for (let n = 0; n < 1_000; n++) {
    const imageId = `m-copy${n}`;
    images.set(imageId, { ...images.get(id)!, imageId, imageName: `copy-${n}` });
    known.push({ kind: "CustomImage", name: imageId, recorded: { id: imageId, inputs: {}, outputs: {} } });
  }
  lab.emulator.intercept = ({ action, params }, phase) =>
    action === "DescribeImages" && phase === "before" && params["Tag.1.Key"] && Number(params["PageNumber"]) > 10
      ? { kind: "answer", status: 200, body: JSON.stringify({ TotalCount: 1_000, Images: { Image: [] } }) }
      : undefined;
  const { out, said } = await callOrphans(lab, ["--state", "-"], { input: exported(known) });
  expect(out).toContain(id);
  expect(said).toMatch(/^cn-hangzhou: the filter by tags finds 1,000 images at most/);
});

test("without a network it says that nothing was changed, and what to run again", async () => {
  const { code, out, said } = await callOrphans(lab, ["--state", "-"], {
    input: nothingKnown,
    env: { ALIBABA_CLOUD_ENDPOINT_ECS: "http://127.0.0.1:9" },
  });
  expect([code, out]).toEqual([2, ""]);
  expect(said).toMatch(/^orphans: looking for orphans in cn-hangzhou: .*Nothing was changed.*run this command again$/);
  expect(said).not.toContain("pulumi up");
});

describe("without an answer it never reports that there are no orphans", () => {
  test.each([
    ["DescribeImages", "forbidden", { kind: "error", status: 403, code: "Forbidden.RAM" }],
    ["DescribeSnapshots", "forbidden", { kind: "error", status: 403, code: "Forbidden.RAM" }],
    ["DescribeTasks", "forbidden", { kind: "error", status: 403, code: "Forbidden.RAM" }],
    ["DescribeSnapshots", "answered with nothing", { kind: "answer", status: 200, body: "" }],
    ["DescribeImages", "answered with an empty object", { kind: "answer", status: 200, body: "{}" }],
  ] as const)("%s %s", async (action, _what, fault) => {
    await killedCreation("CustomImage", custom.args);
    await lab.clock.advance(2 * HOUR_MS);
    const before = ids();
    lab.emulator.intercept = (call, phase) => (phase === "before" && call.action === action ? fault : undefined);
    const { code, out, said } = await callOrphans(lab, ["--state", "-", "--delete", "--yes"], { input: nothingKnown });
    expect([code, out]).toEqual([2, ""]);
    expect(said.split("\n")).toHaveLength(1);
    expect(ids()).toEqual(before);
  });

  test.each([
    ["no JSON", "oops"],
    ["an empty object", "{}"],
    ["a list", "[]"],
    ["resources that are no list", '{"deployment":{"resources":{}}}'],
    ["a resource without a URN", '{"deployment":{"resources":[{"type":"a"}]}}'],
    ["an empty state of nobody", '{"deployment":{}}'],
    [
      "two stacks at once",
      JSON.stringify({
        deployment: { resources: ["a", "b"].map((s) => ({ urn: `urn:pulumi:${s}::p::t::n`, type: "t" })) },
      }),
    ],
  ])("a state that is %s", async (_what, state) => {
    const { code, out, said } = await callOrphans(lab, ["--state", "-"], { input: state });
    expect([code, out]).toEqual([2, ""]);
    expect(said).toMatch(/^orphans: .*state/);
    expect(lab.emulator.calls).toEqual([]);
  });

  test.each([
    [["--older-than", "soon"]],
    [["--nonsense"]],
    [["--state", "/does/not/exist"]],
    [["--state", "-", "--stack", "other"]],
    [["--state", "-", "--region", "evil.example/"]],
  ])("%j", async (args) => {
    const { code, out, said } = await callOrphans(lab, args, { input: nothingKnown });
    expect([code, out]).toEqual([2, ""]);
    expect(said).toMatch(/^orphans: [^\n]+$/);
  });
});

test("the empty state after a destroy is read if --stack names it", async () => {
  const id = await killedCreation("CustomImage", { snapshotId: seeds.systemSnapshotId });
  const { out } = await callOrphans(lab, ["--state", "-", "--stack", "golden/dev"], {
    input: '{"version":3,"deployment":{}}',
  });
  expect(out).toContain(id);
  const checkpoint = { version: 3, checkpoint: { stack: "organization/golden/dev", latest: { resources: null } } };
  expect((await callOrphans(lab, ["--state", "-"], { input: JSON.stringify(checkpoint) })).out).toContain(id);
});

test("neither a key nor a secret is printed, whatever goes wrong", async () => {
  const secret = "kept-out-of-sight-0123456789";
  await killedCreation("CustomImage", custom.args);
  lab.emulator.intercept = ({ action }, phase) =>
    phase === "before" && action === "DescribeImages"
      ? { kind: "error", status: 403, code: "SignatureDoesNotMatch", message: `not the signature of ${secret}` }
      : undefined;
  const { code, out, said } = await callOrphans(lab, ["--state", "-"], {
    input: nothingKnown,
    env: { ALICLOUD_SECRET_KEY: secret },
  });
  expect(code).toBe(2);
  expect(out + said).not.toContain(secret);
});

test("what the state has in any resource is no orphan, whatever its owner tag", async () => {
  const id = await killedCreation("CustomImage", custom.args);
  await lab.clock.advance(2 * HOUR_MS);
  const read = {
    urn: "urn:pulumi:dev::golden::alicloud:ecs/image:Image::adopted",
    type: "alicloud:ecs/image:Image",
    custom: true,
    id,
  };
  const state = JSON.parse(nothingKnown) as { deployment: { resources: unknown[] } };
  state.deployment.resources.push(read);
  expect((await listed(JSON.stringify(state))).orphans).toEqual([]);
});

/** A file that can be read twice, unlike standard input. */
async function writtenState(state: string): Promise<string> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), "orphans-")), "state.json");
  await writeFile(file, state);
  return file;
}
