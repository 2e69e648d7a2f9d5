import {
  type Emulator,
  type EmulatorOptions,
  type ManualClock,
  manualClock,
  seeds,
  startEmulator,
  storedObject,
} from "../../emulator";
import { ecs, officialClient, refused } from "./official-client";
import { call, send, signedV1 } from "./signed-call";

const { regionId } = seeds;

let clock: ManualClock;
let emulator: Emulator;
let client: ReturnType<typeof officialClient>;
const start = async (options: EmulatorOptions = {}) => {
  clock = manualClock();
  emulator = await startEmulator({ clock, ...options });
  client = officialClient(emulator.endpoint);
};
afterEach(() => emulator.close());

const create = async (more: Record<string, unknown> = {}) =>
  (await client.createImage(new ecs.CreateImageRequest({ regionId, instanceId: seeds.instanceId, ...more }))).body!
    .imageId!;
const finished = async (more: Record<string, unknown> = {}) => {
  const imageId = await create(more);
  await clock.advance(60_000);
  return imageId;
};
const listed = async (more: Record<string, unknown> = {}) =>
  (
    await client.describeImages(
      new ecs.DescribeImagesRequest({ regionId, imageOwnerAlias: "self", status: "ALL", ...more }),
    )
  ).body!.images!.image!;
const idsListed = async (more = {}) => (await listed(more)).map(({ imageId }) => imageId);
const exportImage = (imageId: string, more: Record<string, unknown> = {}) =>
  client.exportImage(new ecs.ExportImageRequest({ regionId, imageId, OSSBucket: seeds.exportBucket, ...more }));
const task = async (taskId: string) =>
  (await client.describeTaskAttribute(new ecs.DescribeTaskAttributeRequest({ regionId, taskId }))).body!;
const importFile = (more: Record<string, unknown> = {}) =>
  client.importImage(
    new ecs.ImportImageRequest({
      regionId,
      diskDeviceMapping: [{ OSSBucket: seeds.imageBucket, OSSObject: seeds.imageObject }],
      ...more,
    }),
  );

test.each([
  ["list", { Images: { Image: [] }, RegionId: regionId }],
  ["object", { Images: {}, RegionId: regionId }],
  ["omitted", { RegionId: regionId }],
] as const)("an empty list written as %s", async (emptyLists, expected) => {
  await start({ quirks: { emptyLists } });
  const { body } = await call(emulator, "DescribeImages", { ImageId: "m-none" });
  expect(body).toEqual({ ...expected, TotalCount: 0, PageNumber: 1, PageSize: 10, RequestId: expect.any(String) });
});

test("the lists inside rows are written in the same way, and the official client reads them", async () => {
  await start({ quirks: { emptyLists: "object" } });
  const imageId = await create();
  const { body } = await call(emulator, "DescribeImages", { ImageId: imageId, Status: "ALL" });
  expect(body.Images.Image[0].Tags).toEqual({});
  expect(body.Images.Image[0].DiskDeviceMappings.DiskDeviceMapping).toHaveLength(2);
  expect((await listed())[0]).toMatchObject({ imageId, tags: {} });
});

test.each([
  ["none", {}],
  ["retry-after", { "x-acs-retry-after": "600" }],
  [
    "rate-limit",
    {
      "x-ratelimit-user": "Limit:1,Remain:0,TimeLeft:600,Reset:600",
      "x-ratelimit-user-api": "Limit:1,Remain:0,TimeLeft:600,Reset:600",
    },
  ],
] as const)("a throttled answer with headers: %s", async (throttleHeaders, expected) => {
  await start({ quirks: { throttleHeaders }, quotas: { callsPerSecond: { DescribeImages: 1 } } });
  await call(emulator, "DescribeImages");
  await clock.advance(400);
  const { status, body, headers } = await call(emulator, "DescribeImages");
  expect([status, body.Code]).toEqual([400, "Throttling.User"]);
  const limits = Object.entries(headers).filter(([name]) => /^x-(acs-retry|ratelimit)/.test(name));
  expect(Object.fromEntries(limits)).toEqual(expected);
  await clock.advance(600);
  expect((await call(emulator, "DescribeImages")).status).toBe(200);
});

test("an injected fault affects the given number of calls, before or after their effect", async () => {
  await start();
  emulator.inject({
    action: "DescribeImages",
    times: 2,
    fault: { kind: "error", status: 503, code: "ServiceUnavailable", headers: { "x-acs-retry-after": "2000" } },
  });
  emulator.inject({
    action: "CreateImage",
    phase: "after",
    fault: { kind: "error", status: 500, code: "InternalError" },
  });
  for (let n = 0; n < 2; n += 1) {
    const { status, headers } = await call(emulator, "DescribeImages");
    expect([status, headers["x-acs-retry-after"]]).toEqual([503, "2000"]);
  }
  expect((await call(emulator, "DescribeImages")).status).toBe(200);
  expect((await refused(create())).status).toBe(500);
  expect(await idsListed()).toHaveLength(1);
});

test("lists that lag show nothing young, not even by id, but changes to it work", async () => {
  await start({ quirks: { listDelayMs: 10_000 } });
  const imageId = await create();
  expect(await idsListed({ imageId })).toEqual([]);
  await clock.advance(10_000);
  expect(await idsListed({ imageId })).toEqual([imageId]);
});

test("an image that is hidden for a while is in no list, and can be deleted all the same", async () => {
  await start();
  const imageId = await finished();
  emulator.hide(imageId, 7_000);
  expect(await idsListed()).toEqual([]);
  await clock.advance(7_000);
  expect(await idsListed()).toEqual([imageId]);
  emulator.hide(imageId, 7_000);
  await client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId }));
  expect(emulator.world.images.has(imageId)).toBe(false);
  expect(() => emulator.hide(imageId, 1)).toThrow(imageId);
});

test("a scenario hides an image for some seconds near its end", async () => {
  await start({ scenarios: [{ for: "CreateImage", hiddenLater: { afterMs: 50_000, forMs: 7_000 } }] });
  const imageId = await create();
  await clock.advance(49_000);
  expect(await idsListed()).toEqual([imageId]);
  await clock.advance(2_000);
  expect(await idsListed()).toEqual([]);
  await clock.advance(7_000);
  expect(await idsListed()).toEqual([imageId]);
});

test("while an image is created its tags may be hidden, from filters too", async () => {
  await start({ quirks: { hideTagsWhileCreating: true } });
  const imageId = await create({ tag: [{ key: "team", value: "web" }] });
  expect((await listed())[0]?.tags).toEqual({ tag: [] });
  expect(await idsListed({ tag: [{ key: "team" }] })).toEqual([]);
  await clock.advance(60_000);
  expect(await idsListed({ tag: [{ key: "team" }] })).toEqual([imageId]);
});

test("a task may report one object of two, although both are written", async () => {
  await start({ scenarios: [{ for: "ExportImage", reportedObjects: 1 }] });
  const imageId = await finished();
  const { taskId } = (await exportImage(imageId)).body!;
  await clock.advance(60_000);
  const { operationProgressSet, totalCount } = await task(taskId!);
  expect([operationProgressSet!.operationProgress!.length, totalCount]).toEqual([1, 2]);
  expect([...emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()]).toEqual([
    `${imageId}_system.raw.tar.gz`,
    `${imageId}_data_xvdb.raw.tar.gz`,
  ]);
});

test("a finished task counts a disk that failed, gives its reason, and does not write it", async () => {
  await start({
    scenarios: [{ for: "ExportImage", failedObjects: 1, reason: { code: "InternalError", message: "disk 2" } }],
  });
  const imageId = await finished();
  const { taskId } = (await exportImage(imageId, { OSSPrefix: "nightly" })).body!;
  await clock.advance(60_000);
  const { taskStatus, totalCount, successCount, failedCount, operationProgressSet } = await task(taskId!);
  expect([taskStatus, totalCount, successCount, failedCount]).toEqual(["Finished", 2, 1, 1]);
  expect(operationProgressSet!.operationProgress).toMatchObject([
    { operationStatus: "Success", errorCode: "" },
    { operationStatus: "Failed", errorCode: "InternalError", errorMsg: "disk 2" },
  ]);
  expect([...emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()]).toEqual([
    `nightly_${imageId}_system.raw.tar.gz`,
  ]);
});

test("a paused task is Paused, and goes on afterwards from where it was", async () => {
  await start({ scenarios: [{ for: "ImportImage", pause: { atPercent: 40, forMs: 3_600_000 }, durationMs: 100_000 }] });
  const { taskId, imageId } = (await importFile()).body!;
  await clock.advance(1_000_000);
  expect(await task(taskId!)).toMatchObject({ taskStatus: "Paused", taskProcess: "40%" });
  expect((await listed({ imageId }))[0]).toMatchObject({ status: "Creating", progress: "40%" });
  await clock.advance(3_600_000 - 1_000_000 + 41_000);
  expect(await task(taskId!)).toMatchObject({ taskStatus: "Processing" });
  await clock.advance(60_000);
  expect(await task(taskId!)).toMatchObject({ taskStatus: "Finished" });
  expect((await listed({ imageId }))[0]).toMatchObject({ status: "Available" });
});

test("tasks may be forgotten some time after their end", async () => {
  await start({ quirks: { taskRetentionMs: 3_600_000 } });
  const { taskId } = (await exportImage(await finished())).body!;
  await clock.advance(60_000 + 3_599_000);
  expect(await task(taskId!)).toMatchObject({ taskStatus: "Finished" });
  await clock.advance(1_000);
  expect((await refused(task(taskId!))).code).toBe("InvalidTaskId.NotFound");
  const tasks = await client.describeTasks(new ecs.DescribeTasksRequest({ regionId }));
  expect(tasks.body!.totalCount).toBe(0);
});

test.each(["refuse", "same-task"] as const)("a second export of the same image: %s", async (repeatedExport) => {
  await start({ quirks: { repeatedExport } });
  const imageId = await finished();
  const first = (await exportImage(imageId)).body!.taskId!;
  const second = exportImage(imageId, { OSSPrefix: "other" });
  if (repeatedExport === "refuse") expect((await refused(second)).code).toBe("ImageIsExporting");
  else expect((await second).body!.taskId).toBe(first);
  expect(emulator.world.tasks.size).toBe(1);
});

test("the name of a deleted image may stay taken for a while", async () => {
  await start({ quirks: { nameHeldAfterDeleteMs: 30_000 } });
  const imageId = await finished({ imageName: "golden" });
  await client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId }));
  expect((await refused(create({ imageName: "golden" }))).code).toBe("InvalidImageName.Duplicated");
  await clock.advance(30_000);
  await create({ imageName: "golden" });
});

test("ECS does not know a role that was created a moment ago", async () => {
  await start();
  emulator.world.roles.get(seeds.importRole)!.countsFromMs = clock.now() + 60_000;
  expect((await refused(importFile())).code).toBe("NoSetRoletoECSServiceAcount");
  await clock.advance(60_000);
  await importFile();
});

test.each([1, 2048])("a file becomes a disk of %i GiB", async (diskImageSize) => {
  await start();
  const objects = emulator.world.buckets.get(seeds.imageBucket)!.objects;
  objects.set("small.raw", storedObject("small.raw", Buffer.from("raw"), clock.now()));
  const mapping = { OSSBucket: seeds.imageBucket, OSSObject: "small.raw", diskImageSize };
  const { imageId } = (await importFile({ diskDeviceMapping: [mapping, mapping] })).body!;
  expect(emulator.world.images.get(imageId!)!.diskMappings.map(({ size }) => size)).toEqual([
    diskImageSize,
    diskImageSize,
  ]);
});

test("keys that differ in case alone are refused, at a creation and afterwards", async () => {
  await start();
  const tag = [{ key: "Team" }, { key: "team" }];
  expect(await refused(create({ tag }))).toMatchObject({ code: "TagKey.Duplication", status: 403 });
  const imageId = await create();
  const request = { regionId, resourceType: "image", resourceId: [imageId], tag };
  expect((await refused(client.tagResources(new ecs.TagResourcesRequest(request)))).code).toBe("TagKey.Duplication");
  expect(emulator.world.images.get(imageId)!.tags.size).toBe(0);
});

describe("a dry run answers DryRunOperation and changes nothing", () => {
  const image = () => [...emulator.world.images.values()].find(({ owner }) => owner === "self")!.imageId;
  const cases: [action: string, params: () => Record<string, string>][] = [
    ["CreateImage", () => ({ InstanceId: seeds.instanceId })],
    ["CopyImage", () => ({ ImageId: image(), DestinationRegionId: "us-east-1" })],
    ["DeleteImage", () => ({ ImageId: image() })],
    ["ModifyImageAttribute", () => ({ ImageId: image(), Description: "other" })],
    ["ModifyImageSharePermission", () => ({ ImageId: image(), "AddAccount.1": "2222222222222222" })],
    [
      "ImportImage",
      () => ({
        "DiskDeviceMapping.1.OSSBucket": seeds.imageBucket,
        "DiskDeviceMapping.1.OSSObject": seeds.imageObject,
      }),
    ],
    ["ExportImage", () => ({ ImageId: image(), OSSBucket: seeds.exportBucket })],
    ["DescribeImages", () => ({})],
    ["DescribeSnapshots", () => ({})],
    ["DescribeInstances", () => ({})],
    ["DescribeDisks", () => ({})],
  ];
  test.each(cases)("%s", async (action, params) => {
    await start();
    await finished();
    const before = JSON.stringify(emulator.world, (_, value) => (value instanceof Map ? [...value] : value));
    const { status, body } = await call(emulator, action, { ...params(), DryRun: "true" });
    expect([status, body.Code]).toEqual([400, "DryRunOperation"]);
    expect(JSON.stringify(emulator.world, (_, value) => (value instanceof Map ? [...value] : value))).toBe(before);
    expect(emulator.calls.at(-1)!.effect).toBe(false);
  });
});

test("time can be moved forward on the system's clock too, for the emulator alone", async () => {
  emulator = await startEmulator({ durations: { createMs: 3_600_000 } });
  client = officialClient(emulator.endpoint);
  const imageId = await create();
  await emulator.advance(3_600_000);
  expect((await listed({ imageId }))[0]?.status).toBe("Available");
});

test("a reset gives a fresh world and forgets calls and faults", async () => {
  await start({ scenarios: [{ for: "CreateImage", durationMs: 1 }] });
  await create();
  emulator.inject({ action: "*", fault: { kind: "error", status: 500, code: "InternalError" } });
  emulator.reset();
  expect(emulator.calls).toEqual([]);
  expect(await idsListed()).toEqual([]);
  expect(emulator.world.scenarios).toEqual([{ for: "CreateImage", durationMs: 1 }]);
  const own = await startEmulator({ world: emulator.world });
  expect(() => own.reset()).toThrow("Give a function");
  await own.close();
});

test("AssumeRole gives a key of the account that the role belongs to", async () => {
  await start({ credentials: [{ accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" }] });
  const other = emulator.account("2222222222222222");
  other.roles.set("builder", {
    ...emulator.world.roles.get(seeds.assumableRole)!,
    roleName: "builder",
  });
  const params = { RoleArn: "acs:ram::2222222222222222:role/builder", RoleSessionName: "ci" };
  const { body } = await send(emulator.endpoint, signedV1("AssumeRole", params));
  const { AccessKeyId, AccessKeySecret, SecurityToken } = body.Credentials;
  const credential = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
  expect((await call(emulator, "GetCallerIdentity", {}, credential)).body.AccountId).toBe("2222222222222222");
  expect((await call(emulator, "DescribeInstances", {}, credential)).body.TotalCount).toBe(0);
});
