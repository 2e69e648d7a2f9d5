import { seeds } from "../../emulator";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";

// A replaced image is kept for a rollback when keepVersions says so.

let lab: Lab;
let image: Resource;
beforeEach(async () => {
  lab = await openLab();
  image = resource(lab, "CustomImage");
});
afterEach(() => lab.close());

const build = (number: number, keepVersions = 2): Props => ({
  instanceId: seeds.instanceId,
  triggers: [number],
  deleteSnapshots: true,
  keepVersions,
});
const own = () => [...lab.emulator.world.images.values()].filter(({ owner }) => owner === "self");
const versions = () =>
  (image.state!.outputs["previousVersions"] as { imageId: string }[]).map(({ imageId }) => imageId);
const world = () => JSON.stringify([[...lab.emulator.world.images.keys()], [...lab.emulator.world.snapshots.keys()]]);

async function builds(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= count; number++) {
    expect(await image.up(build(number))).toEqual({ did: number === 1 ? "create" : "replace" });
    ids.push(image.state!.id);
  }
  return ids;
}

it("names the snapshots of a version that was replaced while deleteSnapshots was off", async () => {
  const before = new Set(lab.emulator.world.snapshots.keys());
  const kept = (number: number, keepVersions = 2) => ({ ...build(number, keepVersions), deleteSnapshots: false });
  await image.up(kept(1));
  const made = [...lab.emulator.world.snapshots.keys()].filter((id) => !before.has(id));
  await image.up(kept(2));
  await image.up(build(2, 0));
  expect(own()).toHaveLength(1);
  for (const id of made) expect(lab.said.noted.join()).toContain(id);
});

it("keeps the replaced images, deprecated, and lists them newest first", async () => {
  const [first, second, third] = await builds(3);
  expect(versions()).toEqual([second, first]);
  expect(own().map(({ imageId, deprecated }) => [imageId, deprecated])).toEqual([
    [first, true],
    [second, true],
    [third, false],
  ]);
  expect(await image.up(build(3))).toEqual({ did: "same" });
  await image.refresh();
  expect(versions()).toEqual([second, first]);
  expect(await image.up(build(3))).toEqual({ did: "same" });
});

it("deletes the oldest beyond keepVersions", async () => {
  const ids = await builds(5);
  expect(versions()).toEqual([ids[3], ids[2]]);
  expect(own().map(({ imageId }) => imageId)).toEqual(ids.slice(2));
});

it("deletes the surplus when keepVersions is lowered in place", async () => {
  const ids = await builds(3);
  expect(await image.up(build(3, 1))).toEqual({ did: "update" });
  expect(versions()).toEqual([ids[1]]);
  expect(own().map(({ imageId }) => imageId)).toEqual(ids.slice(1));
});

it("deletes or names the snapshots of the surplus as the same up has deleteSnapshots", async () => {
  const before = [...lab.emulator.world.snapshots.keys()];
  await builds(3);
  const all = [...lab.emulator.world.snapshots.keys()];
  const [first] = all.filter((id) => !before.includes(id));
  const { deleteSnapshots: _dropped, ...others } = build(3, 1);
  await image.up(others);
  expect([...lab.emulator.world.snapshots.keys()]).toEqual(all);
  expect(lab.said.noted.join()).toMatch(new RegExp(`deleteSnapshots is off, [^.]* stay: ${first}`));
  await image.up(build(3, 0));
  expect([...lab.emulator.world.snapshots.keys()]).toEqual(all.filter((id) => !all.slice(-4, -2).includes(id)));
});

it("keeps and lists what a targeted replacement replaces", async () => {
  await image.up(build(1));
  const first = image.state!.id;
  expect(await image.up(build(1), { replace: true })).toEqual({ did: "replace" });
  const second = image.state!.id;
  expect(own().map(({ imageId }) => imageId)).toEqual([first, second]);
  expect(versions()).toEqual([first]);
  await image.up(build(1), { replace: true });
  expect(versions()).toEqual([second, first]);
  await image.refresh();
  expect(versions()).toEqual([second, first]);
});

it("lists the replaced image when a later run finishes a replacement", async () => {
  await image.up(build(1));
  const first = image.state!.id;
  lab.emulator.world.scenarios.push({ for: "CreateImage", durationMs: 60 * 60_000 });
  const late = await image.up(build(2), { timeouts: { create: "5m" } });
  expect(late.error).toMatch(/not ready after 5 min/);
  expect(await image.up(build(2))).toEqual({ did: "update" });
  expect(versions()).toEqual([first]);
  await image.refresh();
  expect(versions()).toEqual([first]);
});

it("neither keeps nor lists an image that was replaced before it was recorded as ready", async () => {
  const [first] = await builds(1);
  lab.emulator.world.scenarios.push({ for: "CreateImage", durationMs: 10 * 60_000 });
  await image.up(build(2), { timeouts: { create: "5m" } });
  const unfinished = image.state!.id;
  await lab.clock.advance(10 * 60_000);
  expect(await image.up(build(3))).toEqual({ did: "replace" });
  expect(versions()).not.toContain(unfinished);
  await image.refresh();
  expect(versions()).toEqual([first]);
  expect(own().map(({ imageId }) => imageId)).toEqual([first, image.state!.id]);
});

it("does not list the image of another resource, nor one that is retained", async () => {
  const other = resource(lab, "CustomImage", "other");
  await other.up(build(1));
  const hidden = { __retainOnDelete: true };
  await image.up(build(1), { hidden });
  expect(versions()).toEqual([]);
  await image.up(build(2), { hidden });
  expect(versions()).toEqual([]);
  await image.refresh();
  expect(versions()).toEqual([]);
});

it("is destroyed with all its versions and their snapshots", async () => {
  const before = world();
  await builds(4);
  expect(await image.destroy()).toEqual({ did: "delete" });
  expect(world()).toEqual(before);
});

it("deletes the replaced image when keepVersions is 0", async () => {
  await image.up(build(1, 0));
  await image.up(build(2, 0));
  expect(own().map(({ imageId }) => imageId)).toEqual([image.state!.id]);
});

it("never deletes a snapshot that the program passed in for an earlier version", async () => {
  const before = world();
  const from = (snapshotId: string): Props => ({ snapshotId, deleteSnapshots: true, keepVersions: 1 });
  expect(await image.up(from(seeds.systemSnapshotId))).toEqual({ did: "create" });
  expect(await image.up(build(1, 1))).toEqual({ did: "replace" });
  expect(versions()).toHaveLength(1);
  expect(await image.destroy()).toEqual({ did: "delete" });
  expect(world()).toEqual(before);
});
