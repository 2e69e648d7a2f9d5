import { type Emulator, seeds, startEmulator, type World } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { codes } from "../../emulator/codes";
import { createImageCodes } from "../../emulator/codes/create-image";
import { ecs, officialClient } from "./official-client";
import { call } from "./signed-call";

type Params = Record<string, string>;
const fromInstance: Params = { InstanceId: seeds.instanceId };
const fromSnapshot: Params = { SnapshotId: seeds.systemSnapshotId };
const mapped = (...disks: Params[]): Params =>
  Object.fromEntries(
    disks.flatMap((disk, n) =>
      Object.entries(disk).map(([name, value]) => [`DiskDeviceMapping.${n + 1}.${name}`, value]),
    ),
  );
const system = { SnapshotId: seeds.systemSnapshotId };

let clock: ManualClock;
let emulator: Emulator;
let world: World;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  world = emulator.world;
});
afterEach(() => emulator.close());

const create = (params: Params) => call(emulator, "CreateImage", params);
const images = () => [...world.images.values()].filter(({ owner }) => owner === "self");
const describe1 = async (imageId: string) =>
  (await call(emulator, "DescribeImages", { ImageId: imageId, Status: "ALL" })).body.Images.Image[0];

const instance = (world: World) => world.instances.get(seeds.instanceId)!;
const systemDisk = (world: World) => world.disks.get(seeds.systemDiskId)!;
const dataDisk = (world: World) => world.disks.get(seeds.dataDiskId)!;
const systemSnapshot = (world: World) => world.snapshots.get(seeds.systemSnapshotId)!;
const dataSnapshot = (world: World) => world.snapshots.get(seeds.dataSnapshotId)!;
const encrypt = (world: World, key?: { enabled: boolean; taggedForEcs: boolean }) => {
  systemSnapshot(world).kmsKeyId = "key-1";
  if (key) world.account.kmsKeys.set("key-1", key);
};

type Refusal = [name: keyof typeof createImageCodes, why: string, params: Params, arrange?: (world: World) => unknown];

/** What a request, or the state of the world, brings about. */
const refusals: Refusal[] = [
  ["InvalidImageName.Malformed", "one character", { ...fromInstance, ImageName: "x" }],
  ["InvalidImageName.Malformed", "129 characters", { ...fromInstance, ImageName: "x".repeat(129) }],
  ["InvalidImageName.Malformed", "a digit first", { ...fromInstance, ImageName: "1st" }],
  ["InvalidImageName.Malformed", "a reserved beginning", { ...fromInstance, ImageName: "acs:mine" }],
  ["InvalidImageName.Malformed", "a slash", { ...fromInstance, ImageName: "a/b" }],
  [
    "InvalidImageName.Duplicated",
    "a name that is taken",
    { ...fromInstance, ImageName: "taken" },
    (w) =>
      w.images.set("m-1", { ...w.images.get(seeds.publicImageId)!, imageId: "m-1", imageName: "taken", owner: "self" }),
  ],
  ["InvalidDescription.Malformed", "one character", { ...fromInstance, Description: "x" }],
  ["InvalidDescription.Malformed", "a link first", { ...fromInstance, Description: "https://a.example" }],
  ["InvalidImageVersion.Malformed", "41 characters", { ...fromInstance, ImageVersion: "1".repeat(41) }],
  [
    "InvalidImageVersion.Malformed",
    "another version than the marketplace image's",
    { ...fromInstance, ImageVersion: "2" },
    (w) => Object.assign(w.images.get(seeds.publicImageId)!, { productCode: "cmgj1", imageVersion: "1" }),
  ],
  ["IncorrectInstanceStatus", "an instance that starts", fromInstance, (w) => (instance(w).status = "Starting")],
  ["InstanceLockedForSecurity", "a locked instance", { InstanceId: seeds.lockedInstanceId }],
  [
    "HibernationConfigured.InstanceOperationForbidden",
    "an instance that may hibernate",
    fromInstance,
    (w) => (instance(w).hibernationConfigured = true),
  ],
  [
    "IncorrectInstanceStatus.NeedRestart",
    "a disk attached while it was stopped",
    fromInstance,
    (w) => (instance(w).needsRestart = true),
  ],
  [
    "InvalidInstance.NotFoundSystemDisk",
    "an instance without a system disk",
    fromInstance,
    (w) => w.disks.delete(seeds.systemDiskId),
  ],
  ["InvalidInstanceId.NotFound/named", "an unknown instance", { InstanceId: "i-none" }],
  ["MissingParameter/source", "no source", { ImageName: "name" }],
  ["InvalidParameter.AllEmpty", "only empty sources", { InstanceId: "", SnapshotId: "" }],
  ["InvalidDevice.Malformed", "a device of another kind", mapped(system, { Device: "/dev/sdb", Size: "20" })],
  [
    "InvalidDevice.Malformed",
    "the system disk's device on a data disk",
    mapped(system, { Device: "/dev/xvda", Size: "20" }),
  ],
  ["InvalidDevice.Malformed", "a data disk's device on the system disk", mapped({ ...system, Device: "/dev/xvdb" })],
  [
    "InvalidDevice.InUse",
    "a device twice",
    mapped(system, { Device: "/dev/xvdb", Size: "20" }, { Device: "/dev/xvdb", Size: "20" }),
  ],
  ["InvalidSize.ValueNotSupported", "4 GiB", mapped(system, { Size: "4" })],
  ["InvalidSize.ValueNotSupported", "more than any disk holds", mapped(system, { Size: "32769" })],
  ["InvalidSize.ValueNotSupported", "less than the snapshot", mapped({ ...system, Size: "39" })],
  ["OperationDenied/no-system-disk", "data disks alone", mapped({ SnapshotId: seeds.dataSnapshotId })],
  [
    "OperationDenied/two-system-disks",
    "two system disks",
    mapped(system, { SnapshotId: seeds.dataSnapshotId, DiskType: "system" }),
  ],
  ["OperationDenied/snapshot", "a data disk snapshot alone", { SnapshotId: seeds.dataSnapshotId }],
  [
    "OperationDenied/snapshot",
    "a snapshot of a released instance's disk",
    fromSnapshot,
    (w) => (systemSnapshot(w).imageForbidden = true),
  ],
  ["InvalidSystemSnapshot.Missing", "a system disk without a snapshot", mapped({ DiskType: "system" })],
  ["InvalidDiskType.ValueNotSupported", "a third type", mapped({ ...system, DiskType: "swap" })],
  [
    "InvalidDiskCategory.CreateImage",
    "a local system disk",
    fromInstance,
    (w) => (systemDisk(w).category = "ephemeral_ssd"),
  ],
  [
    "InvalidOperation.DiskCategoryUnsupported",
    "an elastic ephemeral data disk",
    fromInstance,
    (w) => (dataDisk(w).category = "elastic_ephemeral_disk_standard"),
  ],
  ["InvalidArchitecture.Malformed", "an unknown architecture", { ...fromSnapshot, Architecture: "riscv" }],
  ["InvalidPlatform.Malformed", "an unknown platform", { ...fromSnapshot, Platform: "Plan 9" }],
  [
    "InvalidParameter.DiskType",
    "an encrypted data disk as the system disk",
    mapped({ SnapshotId: seeds.dataSnapshotId, DiskType: "system" }),
    (w) => {
      dataSnapshot(w).kmsKeyId = "key-1";
      w.account.kmsKeys.set("key-1", { enabled: true, taggedForEcs: true });
    },
  ],
  [
    "UserNotInTheWhiteList",
    "a data disk as the system disk, for an account that may not",
    mapped({ SnapshotId: seeds.dataSnapshotId, DiskType: "system" }),
    (w) => (w.account.mayImageDataDisks = false),
  ],
  ["Duplicate.TagKey", "a key twice", { ...fromInstance, "Tag.1.Key": "a", "Tag.2.Key": "a" }],
  ["InvalidTagKey.Malformed", "an empty key", { ...fromInstance, "Tag.1.Key": "", "Tag.1.Value": "b" }],
  ["InvalidTagKey.Malformed", "a reserved key", { ...fromInstance, "Tag.1.Key": "acs:x" }],
  ["InvalidTagKey.Malformed", "a link inside a key", { ...fromInstance, "Tag.1.Key": "a http://b" }],
  ["InvalidTagKey.Malformed", "a key of 129 characters", { ...fromInstance, "Tag.1.Key": "k".repeat(129) }],
  ["InvalidTagValue.Malformed", "a reserved value", { ...fromInstance, "Tag.1.Key": "a", "Tag.1.Value": "acs:x" }],
  [
    "InvalidTagValue.Malformed",
    "a value of 129 characters",
    { ...fromInstance, "Tag.1.Key": "a", "Tag.1.Value": "v".repeat(129) },
  ],
  [
    "QuotaExceed.Tags",
    "21 tags",
    { ...fromInstance, ...Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`Tag.${n + 1}.Key`, `k${n}`])) },
  ],
  ["InvalidImageFamily.Malformed", "a reserved beginning", { ...fromInstance, ImageFamily: "aliyun-mine" }],
  [
    "ImageQuotaExceed.ImageFamily",
    "a family that is full",
    { ...fromInstance, ImageFamily: "family" },
    (w) => {
      w.quotas.imagesPerFamily = 1;
      w.images.set("m-1", {
        ...w.images.get(seeds.publicImageId)!,
        imageId: "m-1",
        imageName: "",
        imageFamily: "family",
        owner: "self",
      });
    },
  ],
  [
    "ImageFamilyQuotaExceed",
    "a family too many",
    { ...fromInstance, ImageFamily: "family" },
    (w) => (w.quotas.imageFamilies = 0),
  ],
  ["InvalidBootMode.Malformed", "an unknown boot mode", { ...fromSnapshot, BootMode: "floppy" }],
  ["InvalidBootMode.NotSupport", "BIOS on Arm", { ...fromSnapshot, Architecture: "arm64", BootMode: "BIOS" }],
  ["InvalidBootMode.NotSupport", "UEFI on 32 bits", { ...fromSnapshot, Architecture: "i386", BootMode: "UEFI" }],
  ["InvalidParameter.FeaturesImdsSupport", "a third version", { ...fromSnapshot, "Features.ImdsSupport": "v3" }],
  ["InvalidDetectionStrategy.Malformed", "another strategy", { ...fromSnapshot, DetectionStrategy: "Thorough" }],
  ["InvalidSnapshotId.NotFound", "an unknown snapshot", { SnapshotId: "s-none" }],
  [
    "SnapshotNotReady",
    "a snapshot in progress",
    fromSnapshot,
    (w) => (systemSnapshot(w).span = { startMs: Date.UTC(2026, 0, 1), durationMs: 1000 }),
  ],
  [
    "InvalidSnapshotId.NotReady",
    "a failed snapshot",
    fromSnapshot,
    (w) => (systemSnapshot(w).span = { startMs: 0, durationMs: 0, failAtPercent: 50 }),
  ],
  [
    "InvalidSnapshot.TooOld",
    "a snapshot of 2013-07-15",
    fromSnapshot,
    (w) => (systemSnapshot(w).createdMs = Date.UTC(2013, 6, 15, 23, 59)),
  ],
  [
    "OperationDenied.InvalidSnapshotCategory",
    "an archived snapshot",
    fromSnapshot,
    (w) => (systemSnapshot(w).category = "Archive"),
  ],
  [
    "InvalidSnapshotCategory.NotSupportImageCreation",
    "a local snapshot",
    fromSnapshot,
    (w) => (systemSnapshot(w).category = "Flash"),
  ],
  [
    "InvalidOperation.SnapshotStorageLocationUnsupported",
    "a snapshot in a CloudBox",
    fromSnapshot,
    (w) => (systemSnapshot(w).inCloudBox = true),
  ],
  [
    "InvalidOperation.DefaultFreeSnapshotNotSupport",
    "a default free snapshot",
    fromSnapshot,
    (w) => (systemSnapshot(w).defaultFree = true),
  ],
  [
    "InvalidParameter.KMSKeyId.KMSUnauthorized",
    "a key that ECS may not use",
    fromSnapshot,
    (w) => (encrypt(w), (w.account.kmsAuthorized = false)),
  ],
  [
    "InvalidParameter.KMSKeyId.CMKNotEnabled",
    "a key that is off",
    fromSnapshot,
    (w) => encrypt(w, { enabled: false, taggedForEcs: true }),
  ],
  [
    "InvalidParameter.KMSKeyId.CMKUnauthorized",
    "a key without the tag",
    fromSnapshot,
    (w) => encrypt(w, { enabled: true, taggedForEcs: false }),
  ],
  [
    "IncorrectDiskStatus.NeverAttached",
    "a disk that was never attached",
    fromInstance,
    (w) => (dataDisk(w).everAttached = false),
  ],
  [
    "IncorrectDiskStatus.Transferring",
    "a disk on the move",
    fromInstance,
    (w) => (systemDisk(w).status = "Transferring"),
  ],
  [
    "IncorrectDiskStatus.Invalid",
    "a disk in an invalid state",
    fromInstance,
    (w) => (systemDisk(w).status = "Invalid"),
  ],
  [
    "IncorrectDiskStatus",
    "a disk that is initialised again",
    fromInstance,
    (w) => (systemDisk(w).status = "ReIniting"),
  ],
  ["IncorrectDiskStatus.CreatingSnapshot", "a snapshot running, where only one may", fromInstance, (w) => busy(w, 1)],
  [
    "QuotaExceed.ConcurrentSnapshotQuota",
    "as many snapshots running as the disk allows",
    fromInstance,
    (w) => busy(w, 2),
  ],
  [
    "TooManySnapshot.Unfinished",
    "too many snapshots of the account running",
    fromInstance,
    (w) => (w.quotas.snapshotsAtOnce = 1),
  ],
  ["QuotaExceed.Snapshot", "a disk with all its snapshots taken", fromInstance, (w) => (w.quotas.snapshotsPerDisk = 1)],
  ["QuotaExceed.Image", "an account with all its images made", fromInstance, (w) => (w.quotas.images = 0)],
  [
    "InternalError/snapshot",
    "a snapshot that could not be begun",
    fromInstance,
    (w) => w.scenarios.push({ for: "CreateImage", refused: true }),
  ],
  ["InvalidAccountStatus.NotEnoughBalance", "no balance", fromInstance, (w) => (w.account.enoughBalance = false)],
  [
    "InvalidAccountStatus.SnapshotServiceUnavailable",
    "no snapshot service",
    fromInstance,
    (w) => (w.account.snapshotServiceOpen = false),
  ],
  ["AccountForbidden.CreateOrder", "an abnormal account", fromInstance, (w) => (w.account.mayOrder = false)],
  [
    "AccountEnterpriseStatusInvalid",
    "a revoked registration",
    fromInstance,
    (w) => (w.account.enterpriseRegistered = false),
  ],
  ["InvalidResourceGroup.NotFound", "an unknown resource group", { ...fromInstance, ResourceGroupId: "rg-none" }],
];

function busy(world: World, atOnce: number): void {
  world.quotas.snapshotsAtOncePerDisk = atOnce;
  for (let n = 0; n < atOnce; n += 1) {
    world.snapshots.set(`s-busy${n}`, {
      ...systemSnapshot(world),
      snapshotId: `s-busy${n}`,
      span: { startMs: Date.UTC(2026, 0, 1), durationMs: 60_000 },
    });
  }
}

test.each(refusals)(
  "%s: %s is refused with the documented status and message, and nothing is made",
  async (...[name, , params, arrange]) => {
    arrange?.(world);
    const before = [images().length, world.snapshots.size];
    const { status, body } = await create(params);
    const documented = codes[name];
    expect([status, body.Code]).toEqual([documented.status, name.split("/")[0]]);
    expect(body.Message).toMatch(
      new RegExp(`^${documented.message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("%s", ".+")}$`),
    );
    expect([images().length, world.snapshots.size]).toEqual(before);
  },
);

test("every code of the page occurs, except the second one for a used token", () => {
  const tested = new Set<string>([...refusals.map(([name]) => name), "IdempotenceParamNotMatch"]);
  expect(Object.keys(createImageCodes).filter((name) => !tested.has(name))).toEqual(["InvalidParamter.Conflict"]);
});

test("the official client makes an image of an instance, with a snapshot for each disk", async () => {
  const client = officialClient(emulator.endpoint);
  const { body } = await client.createImage(
    new ecs.CreateImageRequest({
      regionId: "cn-hangzhou",
      instanceId: seeds.instanceId,
      imageName: "黄金-1",
      imageFamily: "golden",
      resourceGroupId: seeds.resourceGroupId,
      tag: [new ecs.CreateImageRequestTag({ key: "team", value: "平台 a+b" })],
      features: new ecs.CreateImageRequestFeatures({ imdsSupport: "v2" }),
    }),
  );
  const [image] = (
    await client.describeImages(
      new ecs.DescribeImagesRequest({ regionId: "cn-hangzhou", imageId: body!.imageId!, status: "ALL" }),
    )
  ).body!.images!.image!;
  expect(image).toMatchObject({
    imageName: "黄金-1",
    imageFamily: "golden",
    status: "Waiting",
    progress: "0%",
    usable: false,
    size: 40,
    resourceGroupId: seeds.resourceGroupId,
  });
  expect(image!.tags!.tag).toMatchObject([{ tagKey: "team", tagValue: "平台 a+b" }]);
  expect(image!.features!.imdsSupport).toBe("v2");
  const disks = image!.diskDeviceMappings!.diskDeviceMapping!;
  expect(disks.map(({ type, device, size }) => [type, device, size])).toEqual([
    ["system", "/dev/xvda", "40"],
    ["data", "/dev/xvdb", "100"],
  ]);

  const { snapshots } = (
    await client.describeSnapshots(
      new ecs.DescribeSnapshotsRequest({
        regionId: "cn-hangzhou",
        snapshotIds: JSON.stringify(disks.map((disk) => disk.snapshotId)),
      }),
    )
  ).body!;
  expect(
    snapshots!.snapshot!.map(({ snapshotName, sourceDiskId, status }) => [snapshotName, sourceDiskId, status]).sort(),
  ).toEqual([
    ["黄金-1", seeds.dataDiskId, "progressing"],
    ["黄金-1", seeds.systemDiskId, "progressing"],
  ]);
});

test("an image and its snapshots go from Waiting to Creating to Available as time passes", async () => {
  const { ImageId } = (await create({ ...fromInstance, ImageName: "slow" })).body;
  const seen = [];
  for (const seconds of [0, 27, 30, 3]) {
    await clock.advance(seconds * 1000);
    const { Status, Progress, Usable } = await describe1(ImageId);
    seen.push([Status, Progress, Usable]);
  }
  expect(seen).toEqual([
    ["Waiting", "0%", false],
    ["Creating", "45%", false],
    ["Creating", "95%", false],
    ["Available", "100%", true],
  ]);
  expect(
    (await call(emulator, "DescribeSnapshots", { SnapshotName: "slow", Status: "accomplished" })).body.TotalCount,
  ).toBe(2);
});

test("an image takes InstanceId before mappings before SnapshotId, and ignores mistakes in the others", async () => {
  expect((await create({ ...fromInstance, ...mapped({ SnapshotId: "s-none" }), SnapshotId: "s-none" })).status).toBe(
    200,
  );
  expect((await create({ ...mapped(system), SnapshotId: "s-none" })).status).toBe(200);
});

test("an image of mappings has the system disk first, fills in devices and sizes, and makes no snapshot", async () => {
  const before = world.snapshots.size;
  const { ImageId } = (
    await create(
      mapped({ Size: "30" }, { SnapshotId: seeds.dataSnapshotId, Device: "/dev/xvdb" }, { ...system, Size: "50" }, {}),
    )
  ).body;
  expect(
    (await describe1(ImageId)).DiskDeviceMappings.DiskDeviceMapping.map((disk: any) => [
      disk.Type,
      disk.Device,
      disk.Size,
      disk.SnapshotId,
    ]),
  ).toEqual([
    ["system", "/dev/xvda", "50", seeds.systemSnapshotId],
    ["data", "/dev/xvdc", "30", ""],
    ["data", "/dev/xvdb", "100", seeds.dataSnapshotId],
  ]);
  expect(world.snapshots.size).toBe(before);
});

test("seventeen disks are accepted, eighteen are not", async () => {
  const data = (count: number) => Array.from({ length: count }, () => ({ Size: "20" }));
  expect((await create(mapped(system, ...data(16)))).status).toBe(200);
  expect((await create(mapped(system, ...data(17)))).status).toBe(400);
});

test("a data disk snapshot becomes a system disk with the given architecture and platform", async () => {
  const { ImageId } = (
    await create({
      ...mapped({ SnapshotId: seeds.dataSnapshotId, DiskType: "system" }),
      Architecture: "arm64",
      Platform: "Debian",
    })
  ).body;
  expect(await describe1(ImageId)).toMatchObject({
    Architecture: "arm64",
    Platform: "Debian",
    OSType: "linux",
    BootMode: "UEFI",
    Size: 100,
    Features: { ImdsSupport: "v1" },
  });
});

test("an image of an instance has the system type of the instance's image, whatever its platform", async () => {
  const source = emulator.world.images.get(emulator.world.instances.get(seeds.instanceId)!.imageId)!;
  Object.assign(source, { platform: "Other Windows", osType: "windows" });
  const { ImageId } = (await create(fromInstance)).body;
  expect(await describe1(ImageId)).toMatchObject({ Platform: "Other Windows", OSType: "windows" });
});

test("the older spelling of tags is accepted", async () => {
  const { ImageId } = (await create({ ...fromInstance, "Tag.1.key": "a", "Tag.1.value": "b", "Tag.2.Key": "empty" }))
    .body;
  expect((await describe1(ImageId)).Tags.Tag).toEqual([
    { TagKey: "a", TagValue: "b" },
    { TagKey: "empty", TagValue: "" },
  ]);
});

test("one client token makes one image, even if it is sent several times at once", async () => {
  const asked = { ...fromInstance, ImageName: "once", ClientToken: "token-1" };
  const answers = await Promise.all(Array.from({ length: 8 }, () => create(asked)));
  await clock.advance(120_000);
  answers.push(await create(asked));
  expect(new Set(answers.map(({ body }) => body.ImageId)).size).toBe(1);
  expect(images()).toHaveLength(1);
  expect(emulator.calls.filter(({ action, effect }) => action === "CreateImage" && effect)).toHaveLength(1);
});

test("a client token that was used is refused with other parameters", async () => {
  await create({ ...fromInstance, ImageName: "once", ClientToken: "token-1" });
  const { status, body } = await create({ ...fromInstance, ImageName: "twice", ClientToken: "token-1" });
  expect([status, body.Code]).toEqual([400, "IdempotenceParamNotMatch"]);
});

test("a refused request does not spend its client token", async () => {
  const asked = { ...fromInstance, ClientToken: "token-1" };
  instance(world).status = "Starting";
  await create(asked);
  instance(world).status = "Running";
  expect((await create(asked)).status).toBe(200);
});

test("a dry run reports errors, and creates nothing", async () => {
  expect((await create({ InstanceId: "i-none", DryRun: "true" })).body.Code).toBe("InvalidInstanceId.NotFound");
  const { status, body } = await create({ ...fromInstance, DryRun: "true", ClientToken: "token-1" });
  expect([status, body.Code]).toEqual([400, "DryRunOperation"]);
  expect(images()).toHaveLength(0);
  expect((await create({ ...fromInstance, ClientToken: "token-1" })).status).toBe(200);
});

test("a scenario makes the next image fail, stick, come late, stay unusable or vanish", async () => {
  world.scenarios.push(
    { for: "CreateImage", failAtPercent: 50 },
    { for: "CreateImage", sticksAtPercent: 99 },
    { for: "CreateImage", hiddenForMs: 5_000 },
    { for: "CreateImage", unusableForMs: 600_000 },
    { for: "CreateImage", vanishes: true },
  );
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.push((await create(fromInstance)).body.ImageId);
  const [fails, sticks, late, unusable, vanishes] = ids as [string, string, string, string, string];
  expect(await describe1(late)).toBeUndefined();
  expect((await call(emulator, "DeleteImage", { ImageId: late })).body.Code).toBe("ImageIsCreating");
  await clock.advance(45_000);
  expect((await describe1(late)).Status).toBe("Creating");
  expect(await describe1(fails)).toMatchObject({ Status: "CreateFailed", Progress: "50%" });
  expect((await describe1(vanishes)).Status).toBe("Creating");
  await clock.advance(60_000);
  expect(await describe1(vanishes)).toBeUndefined();
  expect(await describe1(unusable)).toMatchObject({ Status: "Available", Usable: false });
  await clock.advance(3_600_000);
  expect((await describe1(unusable)).Usable).toBe(true);
  expect(await describe1(sticks)).toMatchObject({ Status: "Creating", Progress: "99%" });
});

test("names are free in another region", async () => {
  world.snapshots.set("s-there", { ...systemSnapshot(world), snapshotId: "s-there", regionId: "ap-southeast-1" });
  await create({ ...fromInstance, ImageName: "same" });
  expect((await create({ SnapshotId: "s-there", ImageName: "same", RegionId: "ap-southeast-1" })).status).toBe(200);
  expect((await create({ SnapshotId: "s-there", ImageName: "other" })).body.Code).toBe("InvalidSnapshotId.NotFound");
});
