import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Emulator, seededWorld, seeds, startEmulator, storedObject } from "../../emulator";
import { manualClock } from "../../emulator/clock";
import { assumedRole } from "../../provider/config/assumed-role";
import { settingsFrom } from "../../provider/config/settings";
import type { Ecs } from "../../provider/ecs/actions";
import { openEcs } from "../../provider/ecs/client";
import { OssClient } from "../../provider/oss/client";
import { anonymiser } from "../../recording/anonymiser";
import { CALLS_FILE, type Exchange, recordingIn } from "../../recording/exchange";
import { record } from "../../recording/recorder";
import fc from "../support/fast-check";
import { turning } from "../support/turning";

const letters = (size: number) =>
  fc.string({ unit: fc.constantFrom(..."abcdefghkmnpqrstuvwxyz23456789"), minLength: size, maxLength: size });
const digits = (size: number) => fc.string({ unit: fc.constantFrom(..."123456789"), minLength: size, maxLength: size });
const id = (prefix: string) => letters(18).map((tail) => `${prefix}-9${tail}`);
const word = letters(7).map((tail) => `q${tail}`);
/** A name as people choose one: with separators, in Chinese, with an address or an account in it. */
const name = fc.oneof(
  word,
  fc.tuple(word, word).map(([a, b]) => `${a}-${b}`),
  fc.tuple(word, word).map(([a, b]) => `${a}.${b}_x`),
  word.map((one) => `镜像${one}镜`),
);
const address = fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 100, max: 255 }))).map((parts) => parts.join("."));

/** Everything in an account that must not appear in its recording. */
const accounts = fc.record({
  accountId: digits(16),
  otherAccountId: digits(16),
  accessKeyId: letters(20).map((tail) => `LTAI5t${tail}`),
  accessKeySecret: letters(30),
  instanceId: id("i"),
  unknownInstanceId: id("i"),
  imageName: name,
  copyName: name,
  description: fc.tuple(name, address).map(([who, at]) => `built by ${who} on ${at}`),
  tagKey: name,
  tagValue: fc.oneof(name, address, digits(16)),
  resourceGroupId: id("rg"),
  bucket: word,
  key: fc.tuple(word, name).map(([folder, file]) => `${folder}/${file}.qcow2`),
  prefix: word,
  roleName: word,
  sessionName: word,
});
type Account = typeof accounts extends fc.Arbitrary<infer T> ? T : never;

function cloudOf(account: Account): Parameters<typeof startEmulator>[0] {
  const world = seededWorld(Date.UTC(2026, 0, 1));
  world.account.accountId = account.accountId;
  const instance = world.instances.get(seeds.instanceId)!;
  world.instances.set(account.instanceId, { ...instance, instanceId: account.instanceId });
  for (const disk of [...world.disks.values()].filter((one) => one.instanceId === seeds.instanceId))
    world.disks.set(`${disk.diskId}-2`, { ...disk, diskId: `${disk.diskId}-2`, instanceId: account.instanceId });
  world.resourceGroups.set(account.resourceGroupId, { resourceGroupId: account.resourceGroupId, name: "one" });
  const images = world.buckets.get(seeds.imageBucket)!;
  const object = storedObject(account.key, Buffer.from("x"), 0, { size: 1024 ** 3 });
  world.buckets.set(account.bucket, { ...images, name: account.bucket, objects: new Map([[account.key, object]]) });
  const [role] = [...world.roles.values()];
  world.roles.set(account.roleName, { ...role!, roleName: account.roleName });
  const { accessKeyId, accessKeySecret } = account;
  return { world, credentials: [{ accessKeyId, accessKeySecret }] };
}

/** A lifecycle that brings each of the account's secrets into a request, an answer or an error. */
async function live(account: Account, emulator: Emulator, call: Ecs): Promise<void> {
  const failing = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      () => undefined,
    );
  const tags = [{ Key: account.tagKey, Value: account.tagValue }];
  const { imageName: ImageName, description: Description, resourceGroupId: ResourceGroupId, bucket, key } = account;
  const { ImageId } = await call("CreateImage", {
    InstanceId: account.instanceId,
    ImageName,
    Description,
    ResourceGroupId,
    Tag: tags,
  });
  await failing(call("CreateImage", { InstanceId: account.unknownInstanceId, ImageName }));
  await failing(call("CreateImage", { InstanceId: account.instanceId, ImageName }));
  await emulator.advance(3_600_000);
  await call("DescribeImages", { ImageId: ImageId!, Status: "Creating,Available" });
  await call("DescribeSnapshots", { Tag: tags });
  await failing(
    call("CopyImage", { ImageId: ImageId!, DestinationRegionId: "cn-beijing", DestinationImageName: account.copyName }),
  );
  await failing(call("ModifyImageSharePermission", { ImageId: ImageId!, AddAccount: [account.otherAccountId] }));
  const disks = [{ OSSBucket: bucket, OSSObject: key, Format: "QCOW2" }];
  const imported = await call("ImportImage", {
    DiskDeviceMapping: disks,
    RoleName: account.roleName,
    ImageName: `${account.copyName}2`,
  });
  await call("DescribeTaskAttribute", { TaskId: imported.TaskId! });
  await failing(
    call("ExportImage", {
      ImageId: ImageId!,
      OSSBucket: bucket,
      OSSPrefix: account.prefix,
      RoleName: account.roleName,
    }),
  );
  await call("DescribeTasks", { ResourceIds: [ImageId!] });
}

async function recordLife(account: Account): Promise<{ folder: string; text: string; emulator: Emulator }> {
  const clock = manualClock();
  const emulator = await startEmulator({ clock, durations: { importMs: 1, createMs: 1 }, ...cloudOf(account) });
  const { accessKeyId, accessKeySecret, roleName, sessionName } = account;
  const keys = { accessKeyId, accessKeySecret };
  const credentials = { get: async () => keys, renew: () => undefined };
  const folder = mkdtempSync(path.join(tmpdir(), "recording-"));
  const stop = record(folder, "a key");
  try {
    const bound = openEcs({
      regionId: "cn-hangzhou",
      endpoint: emulator.endpoint,
      protocol: "HTTPS",
      credentials,
      clock,
    });
    const call = bound({ doing: "testing", deadlineMs: clock.now() + 86_400_000 });
    await turning(clock, live(account, emulator, call));
    const endpoint = { protocol: "HTTP", host: new URL(emulator.endpoint).host } as const;
    const oss = new OssClient({ regionId: "cn-hangzhou", endpoint, credentials, clock });
    await turning(clock, oss.headObject(account.bucket, account.key));
    await turning(clock, oss.listObjects(account.bucket, account.key.split("/")[0]!));
    await turning(clock, oss.headObject(account.bucket, `${account.prefix}-gone`));
    const settings = settingsFrom({ get: () => undefined }, { ALIBABA_CLOUD_ENDPOINT_STS: emulator.endpoint });
    const role = {
      roleArn: `acs:ram::${account.accountId}:role/${roleName}`,
      sessionName,
      sessionExpirationSeconds: 900,
    };
    await turning(
      clock,
      assumedRole(credentials, role as never, settings, clock)
        .get()
        .catch(() => undefined),
    );
  } finally {
    stop();
    await emulator.close();
  }
  return { folder, text: readFileSync(path.join(folder, CALLS_FILE), "utf8"), emulator };
}

/** The parts of a text that would be recognised on their own. */
const partsOf = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length >= 5);
const OF_THE_TEST = ["built", "qcow2"];

test("a recording contains nothing that identifies its owner, whatever the account holds", async () => {
  await fc.assert(
    fc.asyncProperty(accounts, async (account) => {
      const { text, emulator } = await recordLife(account);
      const given = Object.values(account).flatMap((value) => [value, ...partsOf(value)]);
      const made = [
        ...emulator.world.images.values(),
        ...emulator.world.snapshots.values(),
        ...emulator.world.tasks.values(),
      ];
      const ids = made.flatMap((one) =>
        "taskId" in one ? one.taskId : "imageId" in one ? one.imageId : one.snapshotId,
      );
      const secrets = [...given, ...ids.filter((one) => one.startsWith("m-emu") || one.startsWith("t-emu"))];
      expect(secrets.filter((secret) => text.includes(secret) && !OF_THE_TEST.includes(secret))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("a recording has every call of both clients to ECS, OSS and STS, with its answer", async () => {
  const [account] = fc.sample(accounts, { numRuns: 1, seed: 1 });
  const { folder, emulator } = await recordLife(account!);
  const calls = recordingIn(folder);
  expect(calls.map(({ action, status }) => [action, status])).toEqual(
    emulator.calls.map(({ action, answered }) => [action.replace("V2", ""), answered!.status]),
  );
  expect(new Set(calls.map(({ service }) => service))).toEqual(new Set(["ecs", "oss", "sts"]));
  const [created] = calls;
  const seen = calls.find(({ action }) => action === "DescribeImages")!;
  const [row] = (seen.body as { Images: { Image: Record<string, unknown>[] } }).Images.Image;
  expect(row).toMatchObject({
    ImageId: (created!.body as { ImageId: string }).ImageId,
    ImageName: created!.params["ImageName"],
    Description: created!.params["Description"],
    Status: "Available",
    Tags: { Tag: [{ TagKey: created!.params["Tag.1.Key"], TagValue: created!.params["Tag.1.Value"] }] },
  });
  expect(calls.find(({ action }) => action === "HeadObject")!.params["bucket"]).toBe(
    calls.find(({ action }) => action === "ImportImage")!.params["DiskDeviceMapping.1.OSSBucket"],
  );
});

const exchange = (more: Partial<Exchange>): Exchange => ({
  at: "2026-01-01T00:00:00.000Z",
  tookMs: 1,
  service: "ecs",
  action: "DescribeImages",
  params: {},
  status: 200,
  headers: {},
  body: {},
  ...more,
});

test.each([
  [
    "a user in a refusal",
    "The user acs:ram::1234567890123456:user/berta is not authorized.",
    ["1234567890123456", "berta"],
  ],
  ["an address", "The request from 203.0.113.77 is not allowed.", ["203.0.113.77"]],
  ["an address of IPv6", "The request from 2400:3200:baba::1 is not allowed.", ["2400:3200:baba"]],
  ["a mail address", "Ask berta@acme.example for access.", ["berta", "acme"]],
  ["what was signed", "server string to sign is:POST\n/\nImageName=acme", ["acme"]],
])("a message of the cloud keeps its words and loses %s", (_what, Message, telling) => {
  const params = { UserName: "berta" };
  const { body } = anonymiser("a key")(exchange({ status: 403, params, body: { Code: "Forbidden.RAM", Message } }));
  const shown = JSON.stringify(body);
  expect(shown).toContain("Forbidden.RAM");
  expect(telling.filter((one) => shown.includes(one))).toEqual([]);
});

test("the cloud's own words, numbers and times stay as they are", () => {
  const row = {
    Status: "Available",
    Progress: "100%",
    OSName: "Alibaba Cloud Linux  3.2104 LTS 64位",
    Platform: "Aliyun",
    Size: 40,
    IsSelfShared: "False",
    CreationTime: "2023-03-06T06:04:04Z",
    Tags: { Tag: [] },
    Features: { NvmeSupport: "supported" },
    DiskDeviceMappings: { DiskDeviceMapping: [{ Device: "/dev/xvda", Size: "40", Format: "", Type: "system" }] },
  };
  const body = { TotalCount: 2, PageSize: 100, RegionId: "cn-zhangjiakou", Images: { Image: [row] } };
  expect(anonymiser("a key")(exchange({ body })).body).toEqual(body);
});

test("the key of an exported file keeps the disk and the format that ECS has written into it", () => {
  const item = { Name: "OSSObject", Value: "acme/web_m-2ze2gu2si5vs2n8en5mk_system.raw.tar.gz" };
  const { body } = anonymiser("a key")(exchange({ body: { RelatedItem: [item] } }));
  const [shown] = (body as { RelatedItem: { Name: string; Value: string }[] }).RelatedItem;
  expect(shown!.Name).toBe("OSSObject");
  expect(shown!.Value).toMatch(/^n\w+\/n\w+_m-[a-z0-9]{20}_system\.raw\.tar\.gz$/);
});
