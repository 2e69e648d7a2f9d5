import { type Emulator, seeds, startEmulator, type World } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { storedObject } from "../../emulator/world/stored-object";
import { ecs, officialClient, refused } from "./official-client";

const GIB = 2 ** 30;
const HOUR_MS = 3_600_000;

let clock: ManualClock;
let emulator: Emulator;
let client: ReturnType<typeof officialClient>;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  client = officialClient(emulator.endpoint);
});
afterEach(() => emulator.close());

const { regionId } = seeds;
const file = { OSSBucket: seeds.imageBucket, OSSObject: seeds.imageObject };
const request = (more: Record<string, unknown> = {}, ...disks: Record<string, unknown>[]) =>
  new ecs.ImportImageRequest({
    regionId,
    diskDeviceMapping: (disks.length > 0 ? disks : [{}]).map(
      (disk) => new ecs.ImportImageRequestDiskDeviceMapping({ ...file, ...disk }),
    ),
    ...more,
  });
const importImage = async (more?: Record<string, unknown>, ...disks: Record<string, unknown>[]) =>
  (await client.importImage(request(more, ...disks))).body!;
const task = async (taskId: string) =>
  (await client.describeTaskAttribute(new ecs.DescribeTaskAttributeRequest({ regionId, taskId }))).body!;
const image = async (imageId: string) =>
  (
    await client.describeImages(
      new ecs.DescribeImagesRequest({
        regionId,
        imageId,
        status: "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated",
      }),
    )
  ).body!.images!.image![0];
const put = (key: string, size: number, more = {}) =>
  emulator.world.buckets
    .get(seeds.imageBucket)!
    .objects.set(key, storedObject(key, Buffer.from(key), clock.now(), { size, ...more }));

describe("an import", () => {
  it("waits, reports percentages, and leaves an image with a snapshot of every disk", async () => {
    put("data.vhd", 7 * GIB);
    const { imageId, taskId } = await importImage(
      {
        imageName: "imported",
        tag: [new ecs.ImportImageRequestTag({ key: "a", value: "b" })],
        resourceGroupId: seeds.resourceGroupId,
        platform: "Debian",
        bootMode: "UEFI",
      },
      { diskImageSize: 40 },
      { OSSObject: "data.vhd" },
    );
    expect(await task(taskId!)).toMatchObject({
      taskStatus: "Waiting",
      taskProcess: "0%",
      supportCancel: "true",
      taskAction: "ImportImage",
      totalCount: 2,
      successCount: 0,
      finishedTime: "",
    });
    expect(await image(imageId!)).toMatchObject({
      status: "Waiting",
      usable: false,
      imageName: "imported",
      tags: { tag: [{ tagKey: "a", tagValue: "b" }] },
    });

    await clock.advance(45_000);
    expect(await task(taskId!)).toMatchObject({
      taskStatus: "Processing",
      taskProcess: "50%",
      creationTime: "2026-01-01T00:00Z",
    });
    expect(await image(imageId!)).toMatchObject({ status: "Creating", progress: "50%" });

    await clock.advance(45_000);
    const finished = await task(taskId!);
    expect(finished).toMatchObject({
      taskStatus: "Finished",
      taskProcess: "100%",
      supportCancel: "false",
      successCount: 2,
      finishedTime: "2026-01-01T00:01Z",
    });
    expect(
      finished.operationProgressSet!.operationProgress!.map(({ operationStatus, relatedItemSet }) => [
        operationStatus,
        ...relatedItemSet!.relatedItem!.map(({ value }) => value),
      ]),
    ).toEqual([
      ["Success", seeds.imageBucket, seeds.imageObject, "qcow2"],
      ["Success", seeds.imageBucket, "data.vhd", "qcow2"],
    ]);
    const row = await image(imageId!);
    expect(row).toMatchObject({
      status: "Available",
      usable: true,
      platform: "Debian",
      bootMode: "UEFI",
      resourceGroupId: seeds.resourceGroupId,
    });
    expect(
      row!.diskDeviceMappings!.diskDeviceMapping!.map(({ device, size, type, format, importOSSObject }) => [
        device,
        size,
        type,
        format,
        importOSSObject,
      ]),
    ).toEqual([
      ["/dev/xvda", "40", "system", "QCOW2", seeds.imageObject],
      ["/dev/xvdb", "7", "data", "VHD", "data.vhd"],
    ]);
    for (const { snapshotId } of row!.diskDeviceMappings!.diskDeviceMapping!)
      expect(emulator.world.snapshots.get(snapshotId!)).toMatchObject({ takenFor: imageId });
  });

  it("that fails leaves its image UnAvailable, and the task says why", async () => {
    emulator.world.scenarios.push({
      for: "ImportImage",
      failAtPercent: 40,
      reason: { code: "ImageFormatUnknown", message: "The image file cannot be read." },
    });
    const { imageId, taskId } = await importImage();
    await clock.advance(HOUR_MS);
    const failed = await task(taskId!);
    expect(failed).toMatchObject({ taskStatus: "Failed", taskProcess: "40%", failedCount: 1, supportCancel: "false" });
    expect(failed.operationProgressSet!.operationProgress![0]).toMatchObject({
      errorCode: "ImageFormatUnknown",
      errorMsg: "The image file cannot be read.",
    });
    expect(await image(imageId!)).toMatchObject({ status: "UnAvailable", usable: false });
  });

  it("fails when its file is taken away before it has ended", async () => {
    const { imageId, taskId } = await importImage();
    emulator.world.buckets.get(seeds.imageBucket)!.objects.clear();
    await clock.advance(HOUR_MS);
    expect(await task(taskId!)).toMatchObject({ taskStatus: "Failed" });
    expect(await image(imageId!)).toMatchObject({ status: "UnAvailable" });
  });

  it("that is cancelled runs for a moment more and leaves nothing", async () => {
    const { imageId, taskId } = await importImage({ imageName: "imported" });
    await clock.advance(30_000);
    const cancel = () => client.cancelTask(new ecs.CancelTaskRequest({ regionId, taskId }));
    const remove = () => client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId }));
    expect(await refused(remove())).toMatchObject({ code: "ImageIsImporting", status: 403 });
    await cancel();
    expect(await task(taskId!)).toMatchObject({ taskStatus: "Processing", supportCancel: "false" });
    expect(await refused(cancel())).toMatchObject({ code: "InvalidTaskId.IncorrectTaskStatus", status: 403 });
    expect(await refused(remove())).toMatchObject({ code: "ImageIsImporting" });

    await clock.advance(HOUR_MS);
    expect(await task(taskId!)).toMatchObject({ taskStatus: "Deleted", supportCancel: "false" });
    expect(await image(imageId!)).toBeUndefined();
    expect([...emulator.world.snapshots.values()].filter(({ takenFor }) => takenFor === imageId)).toEqual([]);
    expect((await importImage({ imageName: "imported" })).imageId).not.toBe(imageId);
  });

  it("that is cancelled at the last moment makes no progress", async () => {
    const { imageId, taskId } = await importImage();
    await clock.advance(89_000);
    await client.cancelTask(new ecs.CancelTaskRequest({ regionId, taskId }));
    await clock.advance(1_500);
    expect(await image(imageId!)).toMatchObject({ status: "Creating", progress: "98%" });
  });

  it("sticks, hides, vanishes and stays unusable as its scenario says", async () => {
    emulator.world.scenarios.push(
      { for: "ImportImage", sticksAtPercent: 99 },
      { for: "ImportImage", hiddenForMs: 10_000, unusableForMs: 60_000 },
      { for: "ImportImage", vanishes: true },
    );
    const [stuck, hidden, vanishing] = [await importImage(), await importImage(), await importImage()];
    expect(await image(hidden.imageId!)).toBeUndefined();
    expect(await refused(task(hidden.taskId!))).toMatchObject({ code: "InvalidTaskId.NotFound" });
    expect(await image(vanishing.imageId!)).toBeDefined();
    await clock.advance(90_000);
    expect(await image(hidden.imageId!)).toMatchObject({ status: "Available", usable: false });
    expect(await image(vanishing.imageId!)).toBeUndefined();
    expect(await refused(task(vanishing.taskId!))).toMatchObject({ code: "InvalidTaskId.NotFound" });
    await clock.advance(24 * HOUR_MS);
    expect(await task(stuck.taskId!)).toMatchObject({ taskStatus: "Processing", taskProcess: "99%" });
    expect(await image(hidden.imageId!)).toMatchObject({ usable: true });
  });

  it("sent twice with one token is one import, and the token is refused for another request", async () => {
    const first = await importImage({ clientToken: "once", imageName: "imported" });
    const again = await importImage({ clientToken: "once", imageName: "imported" });
    expect(again).toMatchObject({ imageId: first.imageId, taskId: first.taskId });
    expect(await refused(importImage({ clientToken: "once", imageName: "other" }))).toMatchObject({
      code: "IdempotenceParamNotMatch",
      status: 400,
    });
    expect(emulator.calls.filter(({ action, effect }) => action === "ImportImage" && effect)).toHaveLength(1);
  });

  it("that is only a dry run creates nothing", async () => {
    expect(await refused(importImage({ dryRun: true }))).toMatchObject({ code: "DryRunOperation", status: 400 });
    expect(emulator.world.tasks.size).toBe(0);
  });
});

describe("what ImportImage refuses", () => {
  const role = (world: World) => world.roles.get(seeds.importRole)!;
  const inBucket = (change: (bucket: ReturnType<World["buckets"]["get"]> & object) => void) => (world: World) =>
    change(world.buckets.get(seeds.imageBucket)!);
  const cases: [
    code: string,
    status: number,
    more: Record<string, unknown>,
    disks: Record<string, unknown>[],
    prepare?: (world: World) => unknown,
  ][] = [
    ["MissingParameter", 400, { regionId: "" }, []],
    ["MissingParameter.DiskDeviceMapping", 403, { diskDeviceMapping: undefined }, []],
    ["MissingParameter", 400, {}, [{ OSSBucket: undefined }]],
    ["MissingParameter", 400, {}, [{ OSSObject: undefined }]],
    ["InvalidRegionId.NotFound", 400, { regionId: "cn-nowhere" }, []],
    ["InvalidRegion.NotSupport", 400, {}, [], (world) => (world.regions.get(regionId)!.movesImages = false)],
    ["InvalidImageName.Malformed", 400, { imageName: "1st" }, []],
    ["InvalidImageName.Duplicated", 400, { imageName: "taken" }, [], (world) => (anImage(world).imageName = "taken")],
    ["InvalidDescription.Malformed", 400, { description: "http://a" }, []],
    ["InvalidArchitecture.Malformed", 400, { architecture: "sparc" }, []],
    ["InvalidOSType.Malformed", 400, { OSType: "beos" }, []],
    ["InvalidPlatform.Malformed", 400, { platform: "BeOS" }, []],
    ["InvalidBootMode.Malformed", 400, { bootMode: "UEFI-Preferred" }, []],
    ["InvalidBootMode.NotSupport", 400, { architecture: "arm64", bootMode: "BIOS" }, []],
    ["InvalidLicenseType.NotSupported", 400, { licenseType: "Free" }, []],
    ["InvalidLicenseType.BYOLOnly", 400, { licenseType: "Aliyun", platform: "RedHat" }, []],
    ["InvalidImageFormat.Malformed", 400, {}, [{ format: "ISO" }]],
    ["InvalidOSSObject.Malformed", 400, {}, [{ OSSObject: "/rooted" }]],
    ["InvalidParameter.Malformed", 403, {}, [{ device: "/dev/sda" }]],
    ["InvalidParameter.Malformed", 403, {}, [{ device: "/dev/xvda" }, { device: "/dev/xvda" }]],
    ["InvalidImageSize", 400, {}, [{ diskImageSize: 4 }]],
    ["InvalidImageSize", 400, {}, [{ diskImageSize: 2049 }]],
    [
      "InvalidImageSize",
      400,
      {},
      [{ diskImageSize: 10 }],
      inBucket(({ objects }) => (objects.get(seeds.imageObject)!.size = 11 * GIB)),
    ],
    ["InvalidDataDiskSize", 400, {}, [{}, { diskImageSize: 2049 }]],
    ["InvalidParameter", 400, {}, Array.from({ length: 18 }, () => ({}))],
    ["InvalidOSSBucket.NotFound", 400, {}, [{ OSSBucket: "not-there" }]],
    ["InvalidOSSBucket.NotMatched", 400, {}, [], inBucket((bucket) => (bucket.regionId = "ap-southeast-1"))],
    ["InvalidOSSBucket.EncryptUnsupported", 403, {}, [], inBucket((bucket) => (bucket.encrypted = "KMS"))],
    ["InvalidOSSObject.NotFound", 400, {}, [{ OSSObject: "not-there" }]],
    [
      "InvalidOSSObject.NotFound",
      400,
      {},
      [],
      inBucket(({ objects }) => (objects.get(seeds.imageObject)!.storageClass = "ColdArchive")),
    ],
    ["NoSetRoletoECSServiceAcount", 403, {}, [], (world) => world.roles.delete(seeds.importRole)],
    ["NoSetRoletoECSServiceAcount", 403, { roleName: "other" }, []],
    ["NoSetRoletoECSServiceAcount", 403, {}, [], (world) => (role(world).services = ["rds.aliyuncs.com"])],
    [
      "NoSetRoletoECSServiceAcount",
      403,
      {},
      [],
      (world) =>
        (role(world).policies = [
          { Version: "1", Statement: [{ Effect: "Allow", Action: "oss:GetObject", Resource: "*" }] },
        ]),
    ],
    [
      "InvalidOSS.NotAuthorized",
      403,
      {},
      [],
      (world) =>
        role(world).policies.push({
          Version: "1",
          Statement: [{ Effect: "Deny", Action: "oss:*", Resource: `acs:oss:*:*:${seeds.imageBucket}/*` }],
        }),
    ],
    ["Forbbiden", 400, {}, [], (world) => (world.account.mayImport = false)],
    ["UserNotInTheWhiteList", 403, {}, [{ format: "VMDK" }]],
    ["ImportImageFailed", 403, {}, [], (world) => world.scenarios.push({ for: "ImportImage", refused: true })],
    ["ImportImageFailed", 403, {}, [], (world) => (world.quotas.importsAtOnce = 0)],
    ["QuotaExceed.Image", 403, {}, [], (world) => (world.quotas.images = 0)],
    ["QuotaExceed.Snapshot", 403, {}, [], (world) => (world.quotas.snapshotsAtOnce = 0)],
    ["InvalidResourceGroup.NotFound", 404, { resourceGroupId: "rg-none" }, []],
    ["InvalidTagKey.Malformed", 400, { tag: [{ key: "acs:mine", value: "" }] }, []],
    ["Duplicate.TagKey", 400, { tag: [{ key: "a" }, { key: "a" }] }, []],
    ["InvalidDetectionStrategy.Malformed", 400, { detectionStrategy: "Thorough" }, []],
    ["InvalidParameter", 400, { features: { nvmeSupport: "maybe" } }, []],
  ];
  const anImage = (world: World) => {
    const [one] = [...world.images.values()];
    const mine = { ...structuredClone(one!), imageId: "m-mine", owner: "self" as const };
    world.images.set(mine.imageId, mine);
    return mine;
  };

  it.each(cases)("%s (%d): %j %j", async (code, status, more, disks, ...[prepare]) => {
    prepare?.(emulator.world);
    const before = emulator.world.tasks.size;
    expect(await refused(importImage(more, ...disks))).toMatchObject({ code, status });
    expect(emulator.world.tasks.size).toBe(before);
  });

  it("a name that another import in progress has, apart from one of an existing image", async () => {
    await importImage({ imageName: "imported" });
    expect(await refused(importImage({ imageName: "imported" }))).toMatchObject({
      code: "ImageIsImporting",
      status: 403,
    });
    await clock.advance(HOUR_MS);
    expect(await refused(importImage({ imageName: "imported" }))).toMatchObject({
      code: "InvalidImageName.Duplicated",
      status: 400,
    });
  });

  it("nothing that the pages allow", async () => {
    emulator.world.account.mayImportVmdk = true;
    put("big.raw", 3 * GIB);
    await importImage(
      {
        architecture: "arm64",
        platform: "Anolis",
        OSType: "linux",
        licenseType: "BYOL",
        detectionStrategy: "Standard",
        features: { nvmeSupport: "supported", imdsSupport: "v2" },
      },
      { format: "VMDK", diskImageSize: 500 },
    );
    await importImage(
      {},
      ...Array.from({ length: 17 }, () => ({ OSSObject: "big.raw", format: "raw", diskImageSize: 5 })),
    );
    await importImage(
      { platform: "Windows Server 2022", OSType: "windows", licenseType: "Aliyun" },
      { diskImageSize: 40 },
      { diskImageSize: 1000 },
    );
    expect(emulator.world.tasks.size).toBe(3);
  });
});
