import { type Emulator, seeds, startEmulator, type World } from "../../emulator";
import { type Code, codes } from "../../emulator/codes";
import { ecs, officialClient } from "./official-client";
import { call } from "./signed-call";

let emulator: Emulator;
let world: World;
beforeEach(async () => {
  emulator = await startEmulator();
  world = emulator.world;
});
afterEach(() => emulator.close());

const tagged = (params: Record<string, string> = {}) => ({
  ResourceType: "snapshot",
  "ResourceId.1": seeds.systemSnapshotId,
  ...params,
});
const tagsOf = (snapshotId: string) => [...world.snapshots.get(snapshotId)!.tags];
const answerOf = ({ status, body }: { status: number; body: any }) => ({
  status,
  Code: body.Code,
  Message: body.Message,
});

test("the official client sets, lists and removes tags, several resources at a time", async () => {
  const client = officialClient(emulator.endpoint);
  const on = {
    regionId: "cn-hangzhou",
    resourceType: "snapshot",
    resourceId: [seeds.systemSnapshotId, seeds.dataSnapshotId],
  };
  const tag = [
    new ecs.TagResourcesRequestTag({ key: "team", value: "平台" }),
    new ecs.TagResourcesRequestTag({ key: "empty", value: "" }),
  ];
  await client.tagResources(new ecs.TagResourcesRequest({ ...on, tag }));
  expect(tagsOf(seeds.dataSnapshotId)).toEqual([
    ["team", "平台"],
    ["empty", ""],
  ]);

  const { tagResources } = (await client.listTagResources(new ecs.ListTagResourcesRequest(on))).body!;
  expect(tagResources!.tagResource).toHaveLength(4);
  await client.untagResources(new ecs.UntagResourcesRequest({ ...on, tagKey: ["team", "never there"] }));
  expect(tagsOf(seeds.systemSnapshotId)).toEqual([["empty", ""]]);
});

test("untagging all removes the user's tags and leaves the cloud's", async () => {
  world.snapshots.get(seeds.systemSnapshotId)!.tags.set("mine", "1").set("acs:rm:x", "2");
  await call(emulator, "UntagResources", tagged({ All: "true" }));
  expect(tagsOf(seeds.systemSnapshotId)).toEqual([["acs:rm:x", "2"]]);
});

test("tags are listed by key, by key and value, and page by page", async () => {
  for (let n = 0; n < 60; n += 1)
    world.snapshots.set(`s-${n}`, {
      ...world.snapshots.get(seeds.systemSnapshotId)!,
      snapshotId: `s-${n}`,
      tags: new Map([["n", String(n)]]),
    });
  const list = async (params: Record<string, string>) =>
    (await call(emulator, "ListTagResources", { ResourceType: "snapshot", ...params })).body;
  const first = await list({ "Tag.1.Key": "n" });
  const second = await list({ "Tag.1.Key": "n", NextToken: first.NextToken });
  expect([first.TagResources.TagResource.length, second.TagResources.TagResource.length, second.NextToken]).toEqual([
    50,
    10,
    "",
  ]);
  expect((await list({ "Tag.1.Key": "n", "Tag.1.Value": "7" })).TagResources.TagResource).toEqual([
    { ResourceId: "s-7", ResourceType: "snapshot", TagKey: "n", TagValue: "7" },
  ]);
});

const many = (count: number, name: (n: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n + 1), `v${n}`]));
const refusals: [Code, string, Record<string, string>][] = [
  ["InvalidResourceId.NotFound", "TagResources", tagged({ "ResourceId.2": "s-none", "Tag.1.Key": "a" })],
  [
    "InvalidResourceId.NotFound",
    "TagResources",
    { ResourceType: "image", "ResourceId.1": seeds.publicImageId, "Tag.1.Key": "a" },
  ],
  ["InvalidResourceType.NotFound", "TagResources", tagged({ ResourceType: "bucket", "Tag.1.Key": "a" })],
  ["MissingParameter.ResourceType", "TagResources", { "ResourceId.1": "s-1", "Tag.1.Key": "a" }],
  ["MissingParameter.Tags", "TagResources", tagged()],
  ["NumberExceed.Tags", "TagResources", tagged(many(21, (n) => `Tag.${n}.Key`))],
  [
    "NumberExceed.ResourceIds",
    "TagResources",
    { ResourceType: "snapshot", ...many(51, (n) => `ResourceId.${n}`), "Tag.1.Key": "a" },
  ],
  ["Duplicate.TagKey", "TagResources", tagged({ "Tag.1.Key": "a", "Tag.2.Key": "a" })],
  ["InvalidTagKey.Malformed", "TagResources", tagged({ "Tag.1.Key": "acs:a" })],
  ["InvalidTagValue.Malformed", "TagResources", tagged({ "Tag.1.Key": "a", "Tag.1.Value": "http://a" })],
  ["InvalidResourceId.NotFound", "UntagResources", tagged({ "ResourceId.1": "s-none", "TagKey.1": "a" })],
  ["InvalidParameter.TagValue", "ListTagResources", { ResourceType: "snapshot", "Tag.1.Value": "a" }],
  [
    "InvalidResourceGroup.NotFound",
    "JoinResourceGroup",
    { ResourceType: "snapshot", ResourceId: seeds.systemSnapshotId, ResourceGroupId: "rg-none" },
  ],
  [
    "InvalidResourceId.NotFound",
    "JoinResourceGroup",
    { ResourceType: "snapshot", ResourceId: "s-none", ResourceGroupId: seeds.resourceGroupId },
  ],
  ["InvalidInstanceId.NotFound", "DescribeInstanceAttribute", { InstanceId: "i-none" }],
];
test.each(refusals)("%s is the answer of %s to %j, and no tag is set", async (name, action, params) => {
  expect(answerOf(await call(emulator, action, params))).toEqual({
    status: codes[name].status,
    Code: name.split("/")[0],
    Message: codes[name].message,
  });
  expect(tagsOf(seeds.systemSnapshotId)).toEqual([]);
});

test("a twenty-first tag is refused, and a twentieth key that is there already is not", async () => {
  const { tags } = world.snapshots.get(seeds.systemSnapshotId)!;
  for (let n = 0; n < 20; n += 1) tags.set(`k${n}`, "");
  expect((await call(emulator, "TagResources", tagged({ "Tag.1.Key": "k20" }))).body.Code).toBe("QuotaExceed.Tags");
  expect((await call(emulator, "TagResources", tagged({ "Tag.1.Key": "k19", "Tag.1.Value": "new" }))).status).toBe(200);
});

test("joining a resource group moves the resource; joining it again changes nothing", async () => {
  const join = () =>
    call(emulator, "JoinResourceGroup", {
      ResourceType: "snapshot",
      ResourceId: seeds.systemSnapshotId,
      ResourceGroupId: seeds.resourceGroupId,
    });
  await join();
  await join();
  expect(world.snapshots.get(seeds.systemSnapshotId)!.resourceGroupId).toBe(seeds.resourceGroupId);
  expect(emulator.calls.map(({ effect }) => effect)).toEqual([true, false]);
});

test("the official client sees instances, their locks, disks and snapshots", async () => {
  const client = officialClient(emulator.endpoint);
  const { instances } = (
    await client.describeInstances(
      new ecs.DescribeInstancesRequest({
        regionId: "cn-hangzhou",
        instanceIds: JSON.stringify([seeds.lockedInstanceId]),
      }),
    )
  ).body!;
  expect(instances!.instance).toMatchObject([
    {
      instanceId: seeds.lockedInstanceId,
      status: "Running",
      operationLocks: { lockReason: [{ lockReason: "security" }] },
    },
  ]);
  const attribute = (
    await client.describeInstanceAttribute(
      new ecs.DescribeInstanceAttributeRequest({ instanceId: seeds.secondInstanceId }),
    )
  ).body!;
  expect(attribute).toMatchObject({ status: "Stopped", regionId: "cn-hangzhou" });
  const { disks } = (
    await client.describeDisks(
      new ecs.DescribeDisksRequest({ regionId: "cn-hangzhou", instanceId: seeds.instanceId, diskType: "data" }),
    )
  ).body!;
  expect(disks!.disk).toMatchObject([{ diskId: seeds.dataDiskId, size: 100, type: "data", status: "In_use" }]);
  const { snapshots } = (
    await client.describeSnapshots(
      new ecs.DescribeSnapshotsRequest({ regionId: "cn-hangzhou", sourceDiskType: "System" }),
    )
  ).body!;
  expect(snapshots!.snapshot).toMatchObject([
    {
      snapshotId: seeds.systemSnapshotId,
      sourceDiskSize: "40",
      progress: "100%",
      status: "accomplished",
      usage: "none",
    },
  ]);
});

test("snapshots show what was created from them", async () => {
  await call(emulator, "CreateImage", { SnapshotId: seeds.systemSnapshotId });
  world.disks.get(seeds.dataDiskId)!.sourceSnapshotId = seeds.systemSnapshotId;
  const usage = async (is: string) =>
    (await call(emulator, "DescribeSnapshots", { Usage: is })).body.Snapshots.Snapshot.map(
      (snapshot: any) => snapshot.SnapshotId,
    );
  expect(await usage("image_disk")).toEqual([seeds.systemSnapshotId]);
  expect(await usage("none")).toEqual([seeds.dataSnapshotId]);
});

test("paging by token shows every snapshot once", async () => {
  for (let n = 0; n < 25; n += 1)
    world.snapshots.set(`s-${n}`, { ...world.snapshots.get(seeds.systemSnapshotId)!, snapshotId: `s-${n}` });
  const seen = [];
  let token = "";
  do {
    const { body } = await call(emulator, "DescribeSnapshots", {
      MaxResults: "10",
      ...(token ? { NextToken: token } : {}),
    });
    seen.push(...body.Snapshots.Snapshot.map((snapshot: any) => snapshot.SnapshotId));
    token = body.NextToken;
  } while (token);
  expect([seen.length, new Set(seen).size]).toEqual([27, 27]);
});

test("ids that are not a JSON list are refused", async () => {
  expect((await call(emulator, "DescribeSnapshots", { SnapshotIds: seeds.systemSnapshotId })).body.Code).toBe(
    "InvalidParameter",
  );
});

test("regions and their zones are listed", async () => {
  const client = officialClient(emulator.endpoint);
  expect(
    (await client.describeRegions(new ecs.DescribeRegionsRequest({}))).body!.regions!.region!.map(
      ({ regionId }) => regionId,
    ),
  ).toEqual(expect.arrayContaining(["cn-hangzhou", "ap-southeast-1", "us-east-1"]));
  expect(
    (await client.describeZones(new ecs.DescribeZonesRequest({ regionId: "ap-southeast-1" }))).body!.zones!.zone!.map(
      ({ zoneId }) => zoneId,
    ),
  ).toEqual(["ap-southeast-1a", "ap-southeast-1b"]);
});
