import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, emptyWorld, seeds, startEmulator } from "../../emulator";
import { manualClock } from "../../emulator/clock";
import { loadWorld, saveWorld } from "../../emulator/world/state-file";
import { call } from "./signed-call";

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-"));
  stateFile = join(folder, "world.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("after a restart a creation goes on, and its token still returns the same image", async () => {
  const clock = manualClock();
  const asked = { InstanceId: seeds.instanceId, ImageName: "kept", "Tag.1.Key": "a", ClientToken: "token-1" };
  const first = await startEmulator({ clock, stateFile });
  const { ImageId } = (await call(first, "CreateImage", asked)).body;
  await first.close();

  await clock.advance(30_000);
  const second = await startEmulator({ clock, stateFile });
  const [image] = (await call(second, "DescribeImages", { Status: "ALL", ImageOwnerAlias: "self" })).body.Images.Image;
  expect(image).toMatchObject({
    ImageId,
    Status: "Creating",
    Progress: "50%",
    Tags: { Tag: [{ TagKey: "a", TagValue: "" }] },
  });
  expect((await call(second, "CreateImage", asked)).body.ImageId).toBe(ImageId);
  expect((await call(second, "CreateImage", { InstanceId: seeds.instanceId })).body.ImageId).not.toBe(ImageId);
  await second.close();
});

test("a change is in the file before its answer is sent, so that a killed emulator loses nothing", async () => {
  const emulator = await startEmulator({ stateFile });
  const { ImageId } = (await call(emulator, "CreateImage", { InstanceId: seeds.instanceId })).body;
  expect(loadWorld(stateFile)!.images.has(ImageId)).toBe(true);
  await call(emulator, "DescribeImages");
  await emulator.close();
});

test.each([
  ["a world file", { instances: [{ instanceId: "i-1" }] }, /give it with --seed/],
  ["a package.json", { name: "mine", version: "1.0.0" }, /is not a state file of the emulator/],
  ["a list", [1], /is not a state file of the emulator/],
  ["a state of a later format", { format: "pulumi-alicloud-image emulator state", version: 2, world: {} }, /format 2/],
])("%s is refused and stays unchanged", async (_name, content, reason) => {
  const text = JSON.stringify(content);
  writeFileSync(stateFile, text);
  await expect(startEmulator({ stateFile })).rejects.toThrow(reason);
  expect(readFileSync(stateFile, "utf8")).toBe(text);
  expect(readdirSync(folder)).toEqual(["world.json"]);
});

test("an empty file is an empty state file", async () => {
  writeFileSync(stateFile, "");
  const emulator = await startEmulator({ stateFile });
  expect(emulator.world.instances.size).toBeGreaterThan(0);
  await emulator.close();
  expect(loadWorld(stateFile)!.instances.size).toBeGreaterThan(0);
});

test("a call that only reads does not write", async () => {
  const emulator = await startEmulator({ stateFile });
  rmSync(stateFile);
  await call(emulator, "DescribeImages");
  await call(emulator, "DeleteImage", { ImageId: "m-none" });
  expect(readdirSync(folder)).toEqual(["world.json.lock"]);
  await emulator.close();
  expect(readdirSync(folder)).toEqual(["world.json"]);
});

test("bytes, maps and every record come back as they were, and nothing is left beside the file", () => {
  const world = emptyWorld();
  const body = Buffer.from([0, 255, 128]);
  world.buckets.set("b", {
    name: "b",
    regionId: "cn-hangzhou",
    creationDate: 1,
    storageClass: "Standard",
    objects: new Map([
      ["k", { key: "k", body, size: 5e9, eTag: "E", lastModified: 2, contentType: "x", storageClass: "IA" }],
    ]),
  });
  saveWorld(stateFile, world);
  expect(loadWorld(stateFile)).toEqual(world);
  expect(Buffer.isBuffer(loadWorld(stateFile)!.buckets.get("b")!.objects.get("k")!.body)).toBe(true);
  expect(readdirSync(folder)).toEqual(["world.json"]);
});

test("only its owner can read the file, and it contains no secret", async () => {
  const emulator: Emulator = await startEmulator({ stateFile });
  await call(emulator, "AssumeRole", { RoleArn: seeds.assumableRoleArn, RoleSessionName: "me" });
  await call(emulator, "CreateImage", { InstanceId: seeds.instanceId });
  const secrets = [...emulator.credentials.values()].flatMap(({ accessKeySecret, securityToken }) => [
    accessKeySecret,
    securityToken ?? accessKeySecret,
  ]);
  await emulator.close();
  expect(statSync(stateFile).mode & 0o077).toBe(0);
  const kept = readFileSync(stateFile, "utf8");
  for (const secret of secrets) expect(kept.includes(secret)).toBe(false);
});

test("a given world is used as it is, and an empty one has only regions", async () => {
  const world = emptyWorld();
  const emulator = await startEmulator({ world });
  expect(emulator.world).toBe(world);
  expect((await call(emulator, "DescribeInstances")).body.TotalCount).toBe(0);
  await emulator.close();
});
