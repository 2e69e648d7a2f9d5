import OSS from "ali-oss";
import { type Emulator, type ImageRecord, seeds, startEmulator, type World } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { ecs, officialClient, refused } from "./official-client";

const HOUR_MS = 3_600_000;
const { regionId } = seeds;
const imageId = "m-golden";

let clock: ManualClock;
let emulator: Emulator;
let client: ReturnType<typeof officialClient>;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  client = officialClient(emulator.endpoint);
  addImage(emulator.world, imageId);
});
afterEach(() => emulator.close());

function addImage(world: World, id: string, more: Partial<ImageRecord> = {}): ImageRecord {
  const disk = (type: "system" | "data", device: string, size: number) => ({
    type,
    device,
    size,
    snapshotId: `s-${device}`,
    format: "",
    encrypted: false,
    importBucket: "",
    importObject: "",
  });
  const image: ImageRecord = {
    ...structuredClone(world.images.get(seeds.publicImageId)!),
    imageId: id,
    owner: "self",
    isPublic: false,
    productCode: "",
    diskMappings: [disk("system", "/dev/xvda", 40), disk("data", "/dev/xvdb", 100)],
    ...more,
  };
  world.images.set(id, image);
  return image;
}

const exportImage = async (more: Record<string, unknown> = {}) =>
  (await client.exportImage(new ecs.ExportImageRequest({ regionId, imageId, OSSBucket: seeds.exportBucket, ...more })))
    .body!.taskId!;
const task = async (taskId: string) =>
  (await client.describeTaskAttribute(new ecs.DescribeTaskAttributeRequest({ regionId, taskId }))).body!;
const oss = () =>
  new OSS({
    endpoint: emulator.endpoint,
    region: "oss-cn-hangzhou",
    accessKeyId: "emulator-key",
    accessKeySecret: "emulator-secret",
    bucket: seeds.exportBucket,
  });
const objects = async () => (await oss().list({ "max-keys": 100 }, {})).objects ?? [];

describe("an export", () => {
  it("writes one object for each disk when it ends, and reports their keys", async () => {
    const taskId = await exportImage({ OSSPrefix: "Golden1" });
    expect(await task(taskId)).toMatchObject({
      taskStatus: "Waiting",
      taskAction: "ExportImage",
      supportCancel: "true",
    });
    await clock.advance(30_000);
    expect(await task(taskId)).toMatchObject({ taskStatus: "Processing", taskProcess: "50%" });
    expect(await objects()).toEqual([]);

    await clock.advance(30_000);
    const finished = await task(taskId);
    expect(finished).toMatchObject({ taskStatus: "Finished", taskProcess: "100%", successCount: 2 });
    const reported = finished.operationProgressSet!.operationProgress!.map(({ relatedItemSet }) =>
      Object.fromEntries(relatedItemSet!.relatedItem!.map(({ name, value }) => [name, value])),
    );
    expect(reported).toEqual([
      { OSSBucket: seeds.exportBucket, OSSObject: "Golden1_m-golden_system.raw.tar.gz", ImageFormat: "raw" },
      { OSSBucket: seeds.exportBucket, OSSObject: "Golden1_m-golden_data_xvdb.raw.tar.gz", ImageFormat: "raw" },
    ]);
    for (const { name, size } of await objects()) {
      expect(reported.map(({ OSSObject }) => OSSObject)).toContain(name);
      expect((await oss().head(name)).res.headers).toMatchObject({
        "content-length": String(size),
        "last-modified": new Date(clock.now()).toUTCString(),
      });
    }
  });

  it("with the same image, bucket and prefix writes the same keys again, with other ETags", async () => {
    await exportImage();
    await clock.advance(HOUR_MS);
    const first = await objects();
    await exportImage();
    await clock.advance(HOUR_MS);
    const second = await objects();
    expect(second.map(({ name }) => name)).toEqual(first.map(({ name }) => name));
    expect(second.map(({ etag }) => etag).filter((etag) => first.some((one) => one.etag === etag))).toEqual([]);
  });

  it("that fails, or is cancelled, writes nothing and can be followed by another", async () => {
    emulator.world.scenarios.push({ for: "ExportImage", failAtPercent: 50 });
    const failing = await exportImage();
    await clock.advance(HOUR_MS);
    const failed = await task(failing);
    expect(failed).toMatchObject({ taskStatus: "Failed", taskProcess: "50%", failedCount: 2 });
    expect(failed.operationProgressSet!.operationProgress![0]).toMatchObject({ errorCode: "ExportImageFailed" });

    const cancelled = await exportImage();
    await clock.advance(30_000);
    await client.cancelTask(new ecs.CancelTaskRequest({ regionId, taskId: cancelled }));
    await clock.advance(HOUR_MS);
    expect(await task(cancelled)).toMatchObject({ taskStatus: "Deleted" });
    expect(await objects()).toEqual([]);
    await exportImage();
  });

  it("fails when the role or the bucket is taken away before it has ended", async () => {
    const taskId = await exportImage();
    emulator.world.roles.delete(seeds.exportRole);
    await clock.advance(HOUR_MS);
    const failed = await task(taskId);
    expect(failed).toMatchObject({ taskStatus: "Failed" });
    expect(failed.operationProgressSet!.operationProgress![0]).toMatchObject({
      errorCode: "NoSetRoletoECSServiceAcount",
    });
    expect(await objects()).toEqual([]);
  });

  it("takes no client token: a repeated request is another export", async () => {
    const first = await exportImage();
    expect(await refused(exportImage())).toMatchObject({ code: "ImageIsExporting", status: 403 });
    await clock.advance(HOUR_MS);
    expect(await exportImage()).not.toBe(first);
  });

  it("keeps its image from being deleted while it runs", async () => {
    await exportImage();
    const remove = () => client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId }));
    expect(await refused(remove())).toMatchObject({ code: "ImageIsExporting", status: 403 });
    await clock.advance(HOUR_MS);
    await remove();
    expect((await objects()).length).toBe(2);
  });

  it("may choose its format where the region offers it", async () => {
    const world = emulator.world;
    world.images.get(imageId)!.regionId = "ap-southeast-1";
    world.buckets.get(seeds.exportBucket)!.regionId = "ap-southeast-1";
    const taskId = (
      await client.exportImage(
        new ecs.ExportImageRequest({
          regionId: "ap-southeast-1",
          imageId,
          OSSBucket: seeds.exportBucket,
          imageFormat: "qcow2",
        }),
      )
    ).body!.taskId!;
    await clock.advance(HOUR_MS);
    expect((await objects()).map(({ name }) => name).sort()).toEqual([
      `${imageId}_data_xvdb.qcow2`,
      `${imageId}_system.qcow2`,
    ]);
    expect(await refused(task(taskId))).toMatchObject({ code: "InvalidTaskId.NotFound" }); // in the other region
  });

  it("can be imported again", async () => {
    await exportImage();
    await clock.advance(HOUR_MS);
    const { body } = await client.importImage(
      new ecs.ImportImageRequest({
        regionId,
        diskDeviceMapping: [
          new ecs.ImportImageRequestDiskDeviceMapping({
            OSSBucket: seeds.exportBucket,
            OSSObject: `${imageId}_system.raw.tar.gz`,
            diskImageSize: 40,
          }),
        ],
      }),
    );
    await clock.advance(HOUR_MS);
    expect(emulator.world.images.get(body!.imageId!)!.diskMappings).toMatchObject([{ format: "RAW", size: 40 }]);
  });
});

describe("what ExportImage refuses", () => {
  const image = (world: World) => world.images.get(imageId)!;
  const data = (count: number, size = 100) =>
    Array.from({ length: count }, (_, at) => ({
      ...image(emulator.world).diskMappings[1]!,
      device: `/dev/xvd${"bcdef"[at]}`,
      size,
    }));
  const bucket = (world: World) => world.buckets.get(seeds.exportBucket)!;
  const cases: [code: string, status: number, more: Record<string, unknown>, prepare?: (world: World) => unknown][] = [
    ["MissingParameter", 400, { regionId: "" }],
    ["MissingParameter", 400, { imageId: "" }],
    ["MissingParameter", 400, { OSSBucket: "" }],
    ["InvalidOSSPrefix.Malformed", 400, { OSSPrefix: "with-hyphen" }],
    ["InvalidOSSPrefix.Malformed", 400, { OSSPrefix: "a".repeat(31) }],
    ["InvalidRegionId.NotFound", 400, { regionId: "cn-nowhere" }],
    ["InvalidRegion.NotSupport", 400, {}, (world) => (world.regions.get(regionId)!.movesImages = false)],
    ["IncorrectImageStatus", 400, {}, (world) => (image(world).span = { startMs: clock.now(), durationMs: HOUR_MS })],
    ["InvalidImageFormat.Malformed", 400, { imageFormat: "iso" }],
    ["InvalidImageFormat.RegionNotSupported", 400, { imageFormat: "vhd" }],
    ["InvalidOSSBucket.NotFound", 400, { OSSBucket: "not-there" }],
    ["InvalidOSSBucket.NotMatched", 400, {}, (world) => (bucket(world).regionId = "ap-southeast-1")],
    ["InvalidOSSBucket.EncryptUnsupported", 403, {}, (world) => (bucket(world).encrypted = "AES256")],
    ["InvalidOSSObject.NeedRestore", 400, {}, (world) => (bucket(world).storageClass = "Archive")],
    ["InvalidImage.DiskAmountOrSize", 400, {}, (world) => image(world).diskMappings.splice(1, 1, ...data(5))],
    ["InvalidImage.DiskAmountOrSize", 400, {}, (world) => image(world).diskMappings.splice(1, 1, ...data(1, 501))],
    ["ImageNotSupported", 400, {}, (world) => (image(world).diskMappings[0]!.encrypted = true)],
    ["ImageNotSupported", 403, {}, (world) => (image(world).productCode = "cmjj000001")],
    ["InvalidImageCategory.NotSupported", 403, { imageId: seeds.publicImageId }],
    ["InvalidImageLicense.NotSupported", 403, {}, (world) => (image(world).osType = "windows")],
    ["InvalidImageId.NotFound", 404, { imageId: "m-none" }],
    ["UserNotInTheWhiteList", 403, {}, (world) => (world.account.mayExport = false)],
    ["NoSetRoletoECSServiceAcount", 403, {}, (world) => world.roles.delete(seeds.exportRole)],
    ["NoSetRoletoECSServiceAcount", 403, { roleName: seeds.importRole }],
    [
      "InvalidOSS.NotAuthorized",
      403,
      {},
      (world) =>
        world.roles
          .get(seeds.exportRole)!
          .policies.push({ Version: "1", Statement: [{ Effect: "Deny", Action: "oss:PutObject", Resource: "*" }] }),
    ],
    ["ConcurrentQuotaExceed.ExportImage", 403, {}, (world) => (world.quotas.exportsAtOnce = 0)],
    ["WeeklyQuotaExceed.ExportImage", 403, {}, (world) => (world.quotas.exportsPerWeek = 0)],
    ["ExportImageFailed", 403, {}, (world) => world.scenarios.push({ for: "ExportImage", refused: true })],
    ["DryRunOperation", 400, { dryRun: true }],
  ];

  it.each(cases)("%s (%d): %j", async (code, status, more, ...[prepare]) => {
    prepare?.(emulator.world);
    expect(await refused(exportImage(more))).toMatchObject({ code, status });
    expect(emulator.world.tasks.size).toBe(0);
  });

  it("a fifth data disk, but not a fourth one of 500 GiB", async () => {
    image(emulator.world).diskMappings.splice(1, 1, ...data(4, 500));
    await exportImage();
    await clock.advance(HOUR_MS);
    expect((await objects()).length).toBe(5);
  });

  it("more exports than the weekly quota, until the week is over", async () => {
    emulator.world.quotas.exportsPerWeek = 1;
    await exportImage();
    await clock.advance(6 * 24 * HOUR_MS);
    expect(await refused(exportImage())).toMatchObject({ code: "WeeklyQuotaExceed.ExportImage" });
    await clock.advance(24 * HOUR_MS + 1);
    await exportImage();
  });
});
