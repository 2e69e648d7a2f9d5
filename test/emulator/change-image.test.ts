import { type Emulator, type ImageRecord, seeds, startEmulator, type TaskRecord, type World } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { type Code, codes } from "../../emulator/codes";
import { ecs, officialClient } from "./official-client";
import { call } from "./signed-call";

let clock: ManualClock;
let emulator: Emulator;
let world: World;
let image: ImageRecord;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  world = emulator.world;
  const { ImageId } = (
    await call(emulator, "CreateImage", { InstanceId: seeds.instanceId, ImageName: "mine", Description: "as it was" })
  ).body;
  await clock.advance(60_000);
  image = world.images.get(ImageId)!;
});
afterEach(() => emulator.close());

const remove = (params: Record<string, string> = {}) =>
  call(emulator, "DeleteImage", { ImageId: image.imageId, ...params });
const modify = (params: Record<string, string>) =>
  call(emulator, "ModifyImageAttribute", { ImageId: image.imageId, ...params });
const asDocumented = (name: Code) => ({
  status: codes[name].status,
  Code: name.split("/")[0],
  Message: codes[name].message,
});
const answerOf = ({ status, body }: { status: number; body: any }) => ({
  status,
  Code: body.Code,
  Message: body.Message,
});
const task = (action: TaskRecord["action"]): TaskRecord => ({
  taskId: "t-1",
  regionId: "cn-hangzhou",
  action,
  imageId: image.imageId,
  createdMs: clock.now(),
  span: { startMs: clock.now(), durationMs: 60_000 },
  cancellable: true,
  objects: [],
  effectsApplied: false,
  roleName: "",
  bucket: "",
  prefix: "",
  format: "",
});

test("a deleted image is gone, its snapshots are not, and deleting it again is ignored", async () => {
  const snapshots = world.snapshots.size;
  expect((await remove()).status).toBe(200);
  expect(world.images.has(image.imageId)).toBe(false);
  expect(world.snapshots.size).toBe(snapshots);
  expect((await remove()).status).toBe(200);
  expect(emulator.calls.filter(({ action, effect }) => action === "DeleteImage" && effect)).toHaveLength(1);
});

const hindrances: [Code, () => unknown][] = [
  ["ImageUseShared", () => image.sharedWith.push("123")],
  ["ImageIsPublic", () => (image.isPublic = true)],
  ["OperationDenied.ImageCopying", () => (image.copying = true)],
  ["ImageIsCreating", () => (image.span = { startMs: clock.now(), durationMs: 1000 })],
  [
    "ImageIsImporting",
    () => Object.assign(image, { madeFrom: "import", span: { startMs: clock.now(), durationMs: 1000 } }),
  ],
  ["ImageIsImporting", () => world.tasks.set("t-1", task("ImportImage"))],
  ["ImageIsExporting/delete", () => world.tasks.set("t-1", task("ExportImage"))],
  ["InvalidImageId.NotFound", () => (image.owner = "others")],
];
test.each(hindrances)("%s keeps an image from being deleted, by force too", async (name, arrange) => {
  arrange();
  expect(answerOf(await remove())).toEqual(asDocumented(name));
  expect(answerOf(await remove({ Force: "true" }))).toEqual(asDocumented(name));
});

test("an image in use is deleted only by force", async () => {
  world.instances.get(seeds.instanceId)!.imageId = image.imageId;
  expect(answerOf(await remove())).toEqual(asDocumented("ImageUsingByInstance"));
  expect((await remove({ Force: "true" })).status).toBe(200);
});

test("a failed image can be deleted", async () => {
  image.span = { startMs: 0, durationMs: 1000, failAtPercent: 50 };
  expect((await remove()).status).toBe(200);
});

test("changed attributes show, and omitted or empty ones stay", async () => {
  const client = officialClient(emulator.endpoint);
  await client.modifyImageAttribute(
    new ecs.ModifyImageAttributeRequest({
      regionId: "cn-hangzhou",
      imageId: image.imageId,
      imageName: "renamed",
      imageFamily: "golden",
      bootMode: "UEFI",
      licenseType: "BYOL",
      features: new ecs.ModifyImageAttributeRequestFeatures({ nvmeSupport: "supported" }),
      description: "",
    }),
  );
  expect(image).toMatchObject({
    imageName: "renamed",
    imageFamily: "golden",
    bootMode: "UEFI",
    licenseType: "BYOL",
    nvmeSupport: "supported",
    description: "as it was",
  });
  expect((await modify({ ImageName: "renamed" })).status).toBe(200);
});

test("an image is deprecated and restored, and a repeated change is refused", async () => {
  const status = async () =>
    (await call(emulator, "DescribeImages", { ImageId: image.imageId, Status: "ALL" })).body.Images.Image[0].Status;
  expect((await modify({ Status: "Available" })).body.Code).toBe("ImageStatus.NotDeprecated");
  expect((await modify({ Status: "Deprecated" })).status).toBe(200);
  expect(await status()).toBe("Deprecated");
  expect((await modify({ Status: "Deprecated" })).body.Code).toBe("ImageStatus.NotAvailable");
  expect((await modify({ Status: "Available" })).status).toBe(200);
  expect(await status()).toBe("Available");
});

const refusals: [Code, Record<string, string>, (() => unknown)?][] = [
  ["InvalidImageName.Malformed", { ImageName: "1" }],
  [
    "InvalidImageName.Duplicated/modify",
    { ImageName: "taken" },
    () => world.images.set("m-2", { ...image, imageId: "m-2", imageName: "taken" }),
  ],
  ["InvalidDescription.Malformed", { Description: "http://x" }],
  ["InvalidImageFamily.Malformed/modify", { ImageFamily: "aliyun" }],
  ["ImageFamilyQuotaFull", { ImageFamily: "golden" }, () => (world.quotas.imageFamilies = 0)],
  [
    "ImageQuotaFull.ImageFamily",
    { ImageFamily: "golden" },
    () => {
      world.quotas.imagesPerFamily = 1;
      world.images.set("m-2", { ...image, imageId: "m-2", imageName: "", imageFamily: "golden" });
    },
  ],
  ["InvalidBootMode.NotSupport/modify", { BootMode: "floppy" }],
  ["InvalidBootMode.NotSupport", { BootMode: "BIOS" }, () => (image.architecture = "arm64")],
  [
    "OperationDeined.ImageUsingByInstance",
    { BootMode: "BIOS" },
    () => (world.instances.get(seeds.instanceId)!.imageId = image.imageId),
  ],
  ["InvalidLicenseType.NotSupported", { LicenseType: "Aliyun" }],
  ["InvalidParameter.FeaturesImdsSupport", { "Features.ImdsSupport": "v3" }],
  ["InvalidOperation.FeaturesImdsSupportNotMatch", { "Features.ImdsSupport": "v1" }],
  ["ImageUseShared/deprecate", { Status: "Deprecated" }, () => image.sharedWith.push("123")],
  ["ImageStatus.NotAvailable", { Status: "Deprecated" }, () => (image.statusShown = "UnAvailable")],
  ["ImageStatus.NotDeprecated", { Status: "Available" }, () => (image.statusShown = "UnAvailable")],
  [
    "InvalidStatus.ImageIsCreating",
    { Description: "other" },
    () => (image.span = { startMs: clock.now(), durationMs: 1000 }),
  ],
  ["InvalidImageId.NotFound", { ImageId: "m-none" }],
  ["InvalidImageId.NotFound", { ImageId: seeds.publicImageId }],
  ["DryRunOperation", { Description: "other", DryRun: "true" }],
];
test.each(refusals)("%s is answered to %j, and nothing changes", async (...[name, params, arrange]) => {
  arrange?.();
  const before = JSON.stringify(image);
  expect(answerOf(await modify(params))).toEqual(asDocumented(name));
  expect(JSON.stringify(image)).toBe(before);
});

test("a snapshot that an image uses cannot be deleted, not even by force, until soon after the image", async () => {
  const { snapshotId } = image.diskMappings[0]!;
  const drop = (params = {}) => call(emulator, "DeleteSnapshot", { SnapshotId: snapshotId, ...params });
  expect(answerOf(await drop({ Force: "true" }))).toEqual(asDocumented("SnapshotCreatedImage"));
  await remove();
  expect(answerOf(await drop({ Force: "true" }))).toEqual(asDocumented("SnapshotCreatedImage"));
  await clock.advance(2_000);
  expect((await drop()).status).toBe(200);
  expect(world.snapshots.has(snapshotId)).toBe(false);
  expect((await drop()).status).toBe(200);
});

test("a snapshot with a disk made from it is deleted only by force", async () => {
  world.disks.get(seeds.dataDiskId)!.sourceSnapshotId = seeds.dataSnapshotId;
  const drop = (params = {}) => call(emulator, "DeleteSnapshot", { SnapshotId: seeds.dataSnapshotId, ...params });
  expect(answerOf(await drop())).toEqual(asDocumented("SnapshotCreatedDisk"));
  expect((await drop({ Force: "true" })).status).toBe(200);
});
