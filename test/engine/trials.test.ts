import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CustomImage, ImageExport } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { imageState } from "../../emulator/images/state";
import { thingsIn } from "../crash/worlds";
import { kinds } from "../support/kinds";
import { nightly } from "../support/sample";
import { leadingTo, openStack, type RigStack, type Run } from "./support";

/** Trials about what the engine itself does: which record it deletes when, and what its end means. */
let emulator: Emulator;
let before: ReadonlySet<string>;
beforeEach(async () => {
  emulator = await startEmulator({
    durations: { createMs: 1_000, importMs: 1_000, exportMs: 1_000 },
    world: kinds[0]!.world(),
  });
  before = new Set(thingsIn(emulator.world, Date.now()).keys());
});
afterEach(() => emulator.close());

const made = () => [...emulator.world.images.keys()].filter((id) => !before.has(`image ${id}`));
const isGood = (id: string) => imageState(emulator.world.images.get(id)!, Date.now()).usable;
const warnings = ({ messages }: Run) =>
  messages.filter(({ severity }) => severity === "warning").map(({ text }) => text);
const heldBy = (stack: RigStack, name: string) => stack.state().resources.find((resource) => resource.name === name);
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

async function killWhen(stack: RigStack, running: Promise<Run>, isTime: () => boolean): Promise<void> {
  while (!isTime()) await pause();
  const { engines, providers } = stack.processes();
  for (const pid of [...engines, ...providers]) process.kill(pid, "SIGKILL");
  await running;
  await stack.cancel();
}

it("trial 1: after a kill and a failed up --replace, the next up loses no image", async () => {
  const stack = await openStack(
    "trial-1",
    async () => {
      new CustomImage("golden", { instanceId: seeds.instanceId });
      new CustomImage("neighbour", { snapshotId: seeds.systemSnapshotId });
    },
    { config: leadingTo(emulator) },
  );
  // Which of the two creations comes first is the engine's to choose.
  emulator.intercept = ({ action, params }, phase) => {
    if (action === "CreateImage" && phase === "before" && params["SnapshotId"])
      emulator.world.scenarios.push({ for: "CreateImage", durationMs: 20_000, failAtPercent: 40 });
    return undefined;
  };
  await killWhen(stack, stack.up(), () => heldBy(stack, "golden")?.id !== undefined);
  emulator.intercept = ({ action, params }, phase) =>
    action === "CreateImage" && phase === "before" && params["SnapshotId"]
      ? { kind: "error", status: 403, code: "Forbidden.RAM" }
      : undefined;
  const { urn } = heldBy(stack, "golden")!;
  expect((await stack.up({ replace: [urn] })).error).toBeDefined();
  emulator.intercept = undefined;

  expect((await stack.up()).error).toBeUndefined();
  const held = stack.state().resources.map(({ id }) => id!);
  expect(held.map((id) => [id, emulator.world.images.has(id) && isGood(id)])).toEqual(held.map((id) => [id, true]));
  expect(made().sort()).toEqual(held.sort());
});

nightly("trial 2: after the backend fails in a creation, the next up takes over the image or names it", async () => {
  const stack = await openStack(
    "trial-2",
    async () => void new CustomImage("golden", { instanceId: seeds.instanceId }),
    { config: leadingTo(emulator) },
  );
  const backend = path.join(path.dirname(stack.folder), "backend");
  const running = stack.up();
  while (made().length === 0) await pause();
  renameSync(backend, `${backend}-lost`);
  writeFileSync(backend, "a folder that is gone would be created again");
  expect((await running).error).toBeDefined();
  rmSync(backend);
  renameSync(`${backend}-lost`, backend);
  await stack.cancel();
  expect(stack.state().resources).toEqual([]);

  const again = await stack.up();
  expect(again.error).toBeUndefined();
  const unnamed = made().filter((id) => heldBy(stack, "golden")?.id !== id && !warnings(again).join("\n").includes(id));
  expect(unnamed).toEqual([]);
});

nightly("trial of the tags: an image with eighteen user tags and its exports are destroyed together", async () => {
  const tags = Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`key${i}`, `value ${i}`]));
  const stack = await openStack(
    "trial-tags",
    async () => {
      const golden = new CustomImage("golden", { instanceId: seeds.instanceId, tags, deleteSnapshots: true });
      new ImageExport("file", { imageId: golden.id, ossBucket: seeds.exportBucket, deleteObjects: true });
      new ImageExport("other", {
        imageId: golden.id,
        ossBucket: seeds.exportBucket,
        ossPrefix: "other",
        deleteObjects: true,
      });
    },
    { config: leadingTo(emulator) },
  );
  expect((await stack.up()).error).toBeUndefined();
  const again = await stack.up();
  expect(again.changes).toEqual({ same: 4 });
  expect((await stack.destroy()).error).toBeUndefined();
  expect([...thingsIn(emulator.world, Date.now()).keys()].filter((what) => !before.has(what))).toEqual([]);
});
