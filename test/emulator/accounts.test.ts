import OSS from "ali-oss";
import { type Emulator, type ImageRecord, type ManualClock, manualClock, seeds, startEmulator } from "../../emulator";
import { ecs, officialClient, refused } from "./official-client";

const regionId = "cn-hangzhou";
const other = { accessKeyId: "other-key", accessKeySecret: "other-secret", accountId: "2222222222222222" };
const { accountId } = other;
const imageId = "m-golden";

let clock: ManualClock;
let emulator: Emulator;
let image: ImageRecord;
let owner: ReturnType<typeof officialClient>;
let guest: ReturnType<typeof officialClient>;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({
    clock,
    credentials: [{ accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" }, other],
  });
  owner = officialClient(emulator.endpoint);
  guest = officialClient(emulator.endpoint, other);
  image = {
    ...structuredClone(emulator.world.images.get(seeds.publicImageId)!),
    imageId,
    imageName: "golden",
    imageFamily: "web",
    owner: "self",
    ownerId: emulator.world.account.accountId,
    isPublic: false,
    tags: new Map([["team", "web"]]),
  };
  emulator.world.images.set(imageId, image);
});
afterEach(() => emulator.close());

const idsFor = async (client: typeof owner, more: Record<string, unknown> = {}) =>
  (await client.describeImages(new ecs.DescribeImagesRequest({ regionId, ...more }))).body!.images!.image!.map(
    (row) => row.imageId,
  );
const share = (more: Record<string, unknown>, client = owner) =>
  client.modifyImageSharePermission(new ecs.ModifyImageSharePermissionRequest({ regionId, imageId, ...more }));
const sharedWith = async (more: Record<string, unknown> = {}) =>
  (
    await owner.describeImageSharePermission(
      new ecs.DescribeImageSharePermissionRequest({ regionId, imageId, ...more }),
    )
  ).body!;

test("an account sees its own images and the public ones, but not those of others", async () => {
  expect(await idsFor(owner)).toContain(imageId);
  expect(await idsFor(guest)).toEqual(expect.arrayContaining([seeds.publicImageId]));
  expect(await idsFor(guest)).not.toContain(imageId);
  expect(await idsFor(guest, { imageId })).toEqual([]);
  for (const refusal of [
    guest.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId, force: true })),
    guest.modifyImageAttribute(new ecs.ModifyImageAttributeRequest({ regionId, imageId, description: "mine now" })),
    share({ addAccount: [accountId] }, guest),
  ])
    await refusal.catch((error: { code: string }) => expect(error.code).toBe("InvalidImageId.NotFound"));
  expect(emulator.world.images.get(imageId)).toMatchObject({ description: "", sharedWith: [] });
});

test("an account sees an image shared with it in its region only, as another's, without tags", async () => {
  await share({ addAccount: [accountId] });
  expect(await idsFor(guest, { imageOwnerAlias: "others" })).toEqual([imageId]);
  expect(await idsFor(guest, { imageOwnerAlias: "others", regionId: "eu-central-1" })).toEqual([]);
  expect(await idsFor(guest, { imageOwnerAlias: "self" })).toEqual([]);
  expect(await idsFor(guest, { imageOwnerAlias: "others", imageOwnerId: Number(image.ownerId) })).toEqual([imageId]);
  expect(await idsFor(guest, { imageOwnerAlias: "others", imageOwnerId: 42 })).toEqual([]);
  expect(await idsFor(guest, { tag: [{ key: "team" }] })).toEqual([]);
  const [row] = (await guest.describeImages(new ecs.DescribeImagesRequest({ regionId, imageId }))).body!.images!.image!;
  expect(row).toMatchObject({ imageOwnerAlias: "others", isSelfShared: "", tags: { tag: [] } });
  expect(
    (await owner.describeImages(new ecs.DescribeImagesRequest({ regionId, imageId }))).body!.images!.image![0],
  ).toMatchObject({
    imageOwnerAlias: "self",
    isSelfShared: "True",
    tags: { tag: [{ tagKey: "team", tagValue: "web" }] },
  });
  await share({ removeAccount: [accountId] });
  expect(await idsFor(guest)).not.toContain(imageId);
});

test("a family finds the newest available image, of one's own, shared, public or published", async () => {
  const newest = async (client: typeof owner, imageFamily = "web") =>
    (await client.describeImageFromFamily(new ecs.DescribeImageFromFamilyRequest({ regionId, imageFamily }))).body!
      .image?.imageId;
  expect(await newest(owner)).toBe(imageId);
  expect(await newest(guest)).toBeUndefined();
  await share({ addAccount: [accountId] });
  expect(await newest(guest)).toBe(imageId);
  await share({ removeAccount: [accountId] });
  await share({ isPublic: true });
  expect(await newest(guest)).toBe(imageId);
  expect(await newest(guest, "acs:alibaba_cloud_linux_3")).toBe(seeds.publicImageId);
  image.deprecated = true;
  expect(await newest(owner)).toBeUndefined();
});

test("of more than ten accounts in a call, all but the first ten are silently ignored", async () => {
  const accounts = Array.from({ length: 25 }, (_, n) => String(3_000_000_000_000_000 + n));
  await share({ addAccount: accounts });
  const first = await sharedWith({ pageSize: 4, pageNumber: 3 });
  expect([first.totalCount, first.accounts!.account!.map((row) => row.aliyunId)]).toEqual([10, accounts.slice(8, 10)]);
  await share({ addAccount: accounts.slice(10, 20), removeAccount: accounts.slice(0, 3) });
  expect(emulator.world.images.get(imageId)!.sharedWith).toEqual(accounts.slice(3, 20));
});

test("an image is shared with fifty accounts and no more", async () => {
  const accounts = Array.from({ length: 51 }, (_, n) => String(3_000_000_000_000_000 + n));
  for (let at = 0; at < 50; at += 10) await share({ addAccount: accounts.slice(at, at + 10) });
  expect(await refused(share({ addAccount: [accounts[50]] }))).toMatchObject({
    code: "QuotaExceed.ShareImageUser",
    status: 403,
  });
  await share({ addAccount: [accounts[50]], removeAccount: [accounts[0]] });
  expect((await sharedWith()).totalCount).toBe(50);
});

describe("what ModifyImageSharePermission refuses", () => {
  const cases: [code: string, status: number, params: Record<string, unknown>, arrange?: () => unknown][] = [
    ["InvalidImageId.NotFound", 404, { imageId: "m-none" }],
    ["InvalidImageId.NotFound", 404, { imageId: seeds.publicImageId, addAccount: [accountId] }],
    ["InvalidAccount.NotFound", 404, { addAccount: ["somebody"] }],
    ["InvalidAccount.Forbbiden", 404, { addAccount: ["1234567890123456"] }],
    ["OperationDenied.InvalidImageStatus", 403, { addAccount: [accountId] }, () => (image.deprecated = true)],
    [
      "IncorrectImageStatus",
      400,
      { addAccount: [accountId] },
      () => (image.span = { startMs: clock.now(), durationMs: 1000 }),
    ],
    [
      "InvalidOperation.ServiceKeyEncryptedImageUnsupported",
      403,
      { addAccount: [accountId] },
      () => (image.diskMappings[0]!.encrypted = true),
    ],
    ["InvalidParameter.IsPublic", 403, { addAccount: [accountId], isPublic: true }],
    ["Image.Public", 403, { isPublic: true }, () => (image.isPublic = true)],
    [
      "CurrentRegion.NotSupportPublicImage",
      403,
      { isPublic: true },
      () => (emulator.world.regions.get(regionId)!.publishesImages = false),
    ],
    ["QuotaExceed.ShareImage", 403, { addAccount: [accountId] }, () => (emulator.world.quotas.sharedImages = 0)],
    ["DryRunOperation", 400, { addAccount: [accountId], dryRun: true }],
  ];
  test.each(cases)("%s (%i) for %j", async (...[code, status, params, arrange]) => {
    arrange?.();
    const before = JSON.stringify(image);
    expect(await refused(share(params))).toMatchObject({ code, status });
    expect(JSON.stringify(image)).toBe(before);
  });
});

test("removing an account from a deprecated image is allowed", async () => {
  await share({ addAccount: [accountId] });
  image.deprecated = true;
  await share({ removeAccount: [accountId] });
  expect(image.sharedWith).toEqual([]);
});

test("a shared image can be copied within its region, and the copy belongs to the account that made it", async () => {
  await share({ addAccount: [accountId] });
  const copy = (destinationRegionId: string) =>
    guest.copyImage(new ecs.CopyImageRequest({ regionId, imageId, destinationRegionId }));
  expect(await refused(copy("eu-central-1"))).toMatchObject({ code: "OperationDenied.SameRegionOnly" });
  const id = (await copy(regionId)).body!.imageId!;
  await clock.advance(120_000);
  expect(await idsFor(guest, { imageOwnerAlias: "self" })).toEqual([id]);
  expect(await idsFor(owner)).not.toContain(id);
});

test("each account has instances, tasks, buckets and names of its own", async () => {
  expect(
    (await guest.describeInstances(new ecs.DescribeInstancesRequest({ regionId }))).body!.instances!.instance,
  ).toEqual([]);
  expect((await guest.describeSnapshots(new ecs.DescribeSnapshotsRequest({ regionId }))).body!.totalCount).toBe(0);
  const oss = new OSS({
    endpoint: emulator.endpoint,
    region: "oss-cn-hangzhou",
    accessKeyId: other.accessKeyId,
    accessKeySecret: other.accessKeySecret,
  });
  expect(await oss.listBuckets({}, {})).not.toHaveProperty("buckets", [expect.anything()]);
  oss.useBucket(seeds.imageBucket);
  await expect(oss.head(seeds.imageObject)).rejects.toMatchObject({ status: 403 });
  await expect(oss.putBucket(seeds.imageBucket)).rejects.toMatchObject({ code: "BucketAlreadyExists" });

  emulator.account(accountId).snapshots.set("s-1", {
    ...emulator.world.snapshots.get(seeds.systemSnapshotId)!,
    snapshotId: "s-1",
  });
  const made = await guest.createImage(
    new ecs.CreateImageRequest({ regionId, snapshotId: "s-1", imageName: "golden" }),
  );
  const mine = await owner.createImage(
    new ecs.CreateImageRequest({ regionId, snapshotId: seeds.systemSnapshotId, imageName: "mine" }),
  );
  expect(made.body!.imageId).not.toBe(mine.body!.imageId);
  expect(emulator.account(accountId).images.get(made.body!.imageId!)).toMatchObject({ ownerId: accountId });
});

test("the quota of calls is per account and region", async () => {
  for (const world of [emulator.world, emulator.account(accountId)]) world.quotas.callsPerSecond.DescribeImages = 1;
  await idsFor(owner);
  await idsFor(guest);
  await idsFor(owner, { regionId: "us-east-1" });
  expect(await refused(idsFor(owner))).toMatchObject({ code: "Throttling.User" });
});

test("regions are the configured ones", async () => {
  const small = await startEmulator({
    regions: ["cn-beijing", { regionId: "x-1", localName: "X", zoneIds: ["x-1a"] }],
  });
  const client = officialClient(small.endpoint);
  const regions = (await client.describeRegions(new ecs.DescribeRegionsRequest({}))).body!.regions!.region!;
  expect(regions.map(({ regionId, localName }) => [regionId, localName])).toEqual([
    ["cn-beijing", "China (Beijing)"],
    ["x-1", "X"],
  ]);
  expect(await refused(client.describeImages(new ecs.DescribeImagesRequest({ regionId })))).toMatchObject({
    code: "InvalidRegionId.NotFound",
  });
  await small.close();
});
