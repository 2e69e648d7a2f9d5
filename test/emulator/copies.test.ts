import { type Emulator, type ImageRecord, type ManualClock, manualClock, seeds, startEmulator } from "../../emulator";
import { ecs, officialClient, refused } from "./official-client";

const source = "cn-hangzhou";
const destination = "eu-central-1";
const imageId = "m-golden";

let clock: ManualClock;
let emulator: Emulator;
let client: ReturnType<typeof officialClient>;
let image: ImageRecord;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock, durations: { copyMs: 100_000 } });
  client = officialClient(emulator.endpoint);
  image = addImage(imageId);
});
afterEach(() => emulator.close());

function addImage(id: string, more: Partial<ImageRecord> = {}): ImageRecord {
  const added: ImageRecord = {
    ...structuredClone(emulator.world.images.get(seeds.publicImageId)!),
    imageId: id,
    imageName: id,
    imageFamily: "golden",
    owner: "self",
    ownerId: emulator.world.account.accountId,
    isPublic: false,
    nvmeSupport: "supported",
    sharedWith: ["2222222222222222"],
    tags: new Map([["team", "web"]]),
    ...more,
  };
  emulator.world.images.set(id, added);
  return added;
}
const copy = async (more: Record<string, unknown> = {}) =>
  (
    await client.copyImage(
      new ecs.CopyImageRequest({ regionId: source, imageId, destinationRegionId: destination, ...more }),
    )
  ).body!.imageId!;
const rowOf = async (id: string, regionId = destination) =>
  (await client.describeImages(new ecs.DescribeImagesRequest({ regionId, imageId: id, status: "ALL" }))).body!.images!
    .image![0];
const cancel = (id: string, regionId = destination) =>
  client.cancelCopyImage(new ecs.CancelCopyImageRequest({ regionId, imageId: id }));
const remove = (id: string, regionId: string) =>
  client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId: id }));

test("a copy is listed although lists hide its source", async () => {
  image.hidden = { fromMs: 0, untilMs: Number.POSITIVE_INFINITY };
  expect(await rowOf(await copy())).toMatchObject({ status: "Waiting" });
});

test("a copy appears in the destination region alone, with its own name, tags and snapshots", async () => {
  const id = await copy({
    destinationImageName: "golden-eu",
    destinationDescription: "for Europe",
    tag: [{ key: "stage", value: "prod" }],
  });
  expect(await rowOf(id, source)).toBeUndefined();
  await clock.advance(50_000);
  expect(await rowOf(id)).toMatchObject({ status: "Creating", progress: "50%", isCopied: true });
  await clock.advance(50_000);
  const row = (await rowOf(id))!;
  expect(row).toMatchObject({
    status: "Available",
    imageName: "golden-eu",
    description: "for Europe",
    imageFamily: "",
    isSelfShared: "False",
    tags: { tag: [{ tagKey: "stage", tagValue: "prod" }] },
    features: { nvmeSupport: "unsupported" },
  });
  const { snapshotId } = row.diskDeviceMappings!.diskDeviceMapping![0]!;
  expect(emulator.world.snapshots.get(snapshotId!)).toMatchObject({ regionId: destination, takenFor: id });
  expect(await rowOf(imageId, source)).toMatchObject({ isCopied: false, status: "Available" });
});

test("five copies into a region run at once; the others are Waiting, and each begins when one ends", async () => {
  for (let n = 0; n < 7; n += 1) addImage(`m-${n}`);
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) ids.push(await copy({ imageId: `m-${n}` }));
  const elsewhere = await copy({ imageId: "m-0", destinationRegionId: "us-east-1" });
  const statuses = async () => Promise.all(ids.map(async (id) => (await rowOf(id))?.status));
  await clock.advance(90_000);
  expect(await statuses()).toEqual([...Array(5).fill("Creating"), "Waiting", "Waiting"]);
  expect((await rowOf(elsewhere, "us-east-1"))?.status).toBe("Creating");
  await clock.advance(100_000);
  expect(await statuses()).toEqual([...Array(5).fill("Available"), "Creating", "Creating"]);
  expect((await rowOf(ids[6]!))?.progress).toBe("90%");
  await clock.advance(10_000);
  expect(await statuses()).toEqual(Array(7).fill("Available"));
});

test("a cancelled copy is gone, and the next one starts in its place", async () => {
  for (let n = 0; n < 6; n += 1) addImage(`m-${n}`);
  const ids: string[] = [];
  for (let n = 0; n < 6; n += 1) ids.push(await copy({ imageId: `m-${n}` }));
  await clock.advance(60_000);
  await cancel(ids[0]!);
  expect(await rowOf(ids[0]!)).toBeUndefined();
  await clock.advance(50_000);
  expect(await rowOf(ids[5]!)).toMatchObject({ status: "Creating", progress: "50%" });
  await cancel(ids[5]!);
  expect([...emulator.world.images.keys()]).not.toContain(ids[5]);
});

test("CancelCopyImage is for unfinished copies, in the region of the copy", async () => {
  const id = await copy();
  expect(await refused(cancel(id, source))).toMatchObject({ code: "InvalidImageId.NotFound", status: 404 });
  expect(await refused(cancel(imageId, source))).toMatchObject({ code: "ImageCreatedNotFromCopy", status: 400 });
  emulator.world.images.get(id)!.copyOf!.isCancellable = false;
  expect(await refused(cancel(id))).toMatchObject({ code: "CancelNotSupported", status: 400 });
  await clock.advance(100_000);
  expect(await refused(cancel(id))).toMatchObject({ code: "IncorrectImageStatus", status: 400 });
});

test("while it is copied, neither the source nor the copy can be deleted; afterwards both can", async () => {
  image.sharedWith = [];
  const id = await copy();
  expect(await refused(remove(imageId, source))).toMatchObject({ code: "OperationDenied.ImageCopying", status: 403 });
  expect(await refused(remove(id, destination))).toMatchObject({ code: "OperationDenied.ImageCopying", status: 403 });
  await clock.advance(100_000);
  await remove(imageId, source);
  await remove(id, destination);
  expect([...emulator.world.images.values()].filter(({ owner }) => owner === "self")).toEqual([]);
});

test("a repeated client token returns the same copy, in any state", async () => {
  const id = await copy({ clientToken: "once" });
  expect(await copy({ clientToken: "once" })).toBe(id);
  expect(await refused(copy({ clientToken: "once", destinationImageName: "other" }))).toMatchObject({
    code: "IdempotenceParamNotMatch",
  });
});

test("an encrypted copy has encrypted disks, under the key that was named", async () => {
  emulator.world.account.kmsKeys.set("key-1", { enabled: true, taggedForEcs: true });
  const id = await copy({ encrypted: true, KMSKeyId: "key-1", destinationRegionId: source });
  await clock.advance(100_000);
  const mapping = (await rowOf(id, source))!.diskDeviceMappings!.diskDeviceMapping![0]!;
  expect(mapping.encrypted).toBe(true);
  expect(emulator.world.snapshots.get(mapping.snapshotId!)).toMatchObject({ encrypted: true, kmsKeyId: "key-1" });
});

test("scenarios decide the outcome of a copy", async () => {
  emulator.world.scenarios.push(
    { for: "CopyImage", failAtPercent: 30 },
    { for: "CopyImage", hiddenForMs: 5_000, durationMs: 10_000, unusableForMs: 4_000 },
    { for: "CopyImage", refused: true },
  );
  const failing = await copy();
  const late = await copy({ destinationRegionId: "us-east-1" });
  expect(await refused(copy({ destinationRegionId: "us-west-1" }))).toMatchObject({ status: 500 });
  expect(await rowOf(late, "us-east-1")).toBeUndefined();
  await clock.advance(10_000);
  expect(await rowOf(late, "us-east-1")).toMatchObject({ status: "Available", usable: false });
  await clock.advance(20_000);
  expect(await rowOf(late, "us-east-1")).toMatchObject({ usable: true });
  expect(await rowOf(failing)).toMatchObject({ status: "CreateFailed" });
  expect(await refused(cancel(failing))).toMatchObject({ code: "IncorrectImageStatus" });
});

describe("what CopyImage refuses", () => {
  const cases: [code: string, status: number, params: Record<string, unknown>, arrange?: () => unknown][] = [
    ["MissingParameter", 400, { regionId: "" }],
    ["SourceRegion.NotFound", 400, { regionId: "mars-1" }],
    ["DestinationRegion.NotFound", 400, { destinationRegionId: "mars-1" }],
    ["InvalidImageId.NotFound", 404, { imageId: "m-none" }],
    ["InvalidImageId.NotFound", 404, { regionId: "us-west-1" }],
    ["InvalidImageId.NotFound", 404, { imageId: seeds.publicImageId }],
    ["InvalidImageName.Malformed", 400, { destinationImageName: "1" }],
    ["InvalidDescription.Malformed", 400, { destinationDescription: "http://x" }],
    [
      "InvalidImageName.Duplicated",
      400,
      { destinationImageName: "taken" },
      () => addImage("m-taken", { imageName: "taken", regionId: destination }),
    ],
    ["IncorrectImageStatus", 400, {}, () => (image.deprecated = true)],
    ["IncorrectImageStatus", 400, {}, () => (image.span = { startMs: clock.now(), durationMs: 1000 })],
    ["OperationDenied.ImageCopying", 403, {}, () => (image.copying = true)],
    ["OperationDenied.ImageCopyConflict", 400, {}, () => copy()],
    [
      "OperationDenied.ImageCopying",
      403,
      { destinationRegionId: "us-west-1" },
      () => {
        emulator.world.quirks.concurrentCopies = "refuse";
        return copy();
      },
    ],
    ["OperationDenied.CommunityImage", 400, {}, () => (image.isPublic = true)],
    ["OperationDenied.SameRegionOnly", 403, {}, () => (image.owner = "others")],
    ["OperationDenied.NotAuthorized", 403, {}, () => (image.owner = "marketplace")],
    ["RegionNotSupportCopy", 403, {}, () => (emulator.world.regions.get(destination)!.movesImages = false)],
    ["QuotaExceed.Image", 403, {}, () => (emulator.world.quotas.images = 0)],
    ["QuotaExceed.Tags", 403, { tag: Array.from({ length: 21 }, (_, n) => ({ key: `k${n}`, value: "" })) }],
    ["TagKey.Duplication", 403, { tag: [{ key: "a" }, { key: "A" }] }],
    ["InvalidResourceGroup.NotFound", 404, { resourceGroupId: "rg-none" }],
    ["InvalidParameter.EncryptedIllegal", 400, { KMSKeyId: "key-1" }],
    ["InvalidParameter.KMSKeyId.NotFound", 404, { encrypted: true, KMSKeyId: "key-1" }],
    ["OperationDeined.EncryptedSnapshot", 403, { encrypted: false }, () => (image.diskMappings[0]!.encrypted = true)],
    [
      "OperationDenied.EncryptSnapshotAcrossRegion",
      403,
      { encrypted: true },
      () => (emulator.world.quirks.encryptAcrossRegions = false),
    ],
    ["DryRunOperation", 400, { dryRun: true }],
  ];
  test.each(cases)("%s (%i) for %j", async (...[code, status, params, arrange]) => {
    await arrange?.();
    const before = JSON.stringify([...emulator.world.images]);
    expect(await refused(copy(params))).toMatchObject({ code, status });
    expect(JSON.stringify([...emulator.world.images])).toBe(before);
  });
});
