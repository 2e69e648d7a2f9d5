import { existsSync } from "node:fs";
import path from "node:path";
import { emptyWorld, storedObject, type World } from "../../emulator";
import { readWorldFile } from "../../emulator/tool/world-file";
import { accountIn } from "../../emulator/world/accounts";
import { defaultRoles, diskRecord, imageRecord, instanceRecord, snapshotOf } from "../../emulator/world/seed";
import type { Exchange } from "../exchange";
import { isRow } from "./counterparts";
import { idsMadeBy, isAnswered, isCreating, rowsIn } from "./timeline";

type Row = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/**
 * A file beside the calls: what the account held, in the format of the emulator's `--seed`. Needed only where the calls
 * do not show it.
 */
const WORLD_FILE = "world.json";

/** What the account must have held for the cloud to give these answers. */
export function accountBefore(calls: readonly Exchange[], folder?: string): World {
  const startMs = Date.parse(calls[0]?.at ?? "");
  const file = folder === undefined ? undefined : path.join(folder, WORLD_FILE);
  const world = file && existsSync(file) ? readWorldFile(file)(startMs) : emptyWorld();
  for (const role of defaultRoles()) world.roles.set(role.roleName, role);
  const account = new Account(world, startMs, calls);
  for (const call of calls.filter(isAnswered)) account.needs(call);
  // Lists show the newest first.
  const oldestFirst = [...world.images].reverse().sort(([, one], [, other]) => one.createdMs - other.createdMs);
  world.images.clear();
  for (const [id, image] of oldestFirst) world.images.set(id, image);
  return world;
}

class Account {
  /** Ids of what the calls themselves created. */
  private readonly made: ReadonlySet<string>;
  /** Created images, as later calls show them: an image of an instance has the instance's disks. */
  private readonly madeImages: readonly Row[];

  constructor(
    private readonly world: World,
    private readonly startMs: number,
    calls: readonly Exchange[],
  ) {
    const images = new Set(calls.filter(isAnswered).flatMap(idsMadeBy));
    const passedIn = new Set(
      calls.flatMap(({ params }) =>
        Object.entries(params).flatMap(([name, value]) => (/SnapshotId$/.test(name) ? [value] : [])),
      ),
    );
    this.madeImages = calls
      .flatMap(({ body }) => rowsIn(body))
      .filter(({ ImageId, DiskDeviceMappings }) => images.has(text(ImageId)) && isRow(DiskDeviceMappings));
    const snapshots = this.madeImages.flatMap(rowsIn).map(({ SnapshotId }) => text(SnapshotId));
    this.made = new Set([...images, ...snapshots.filter((id) => id !== "" && !passedIn.has(id))]);
  }

  needs(call: Exchange): void {
    const { params, body } = call;
    const regionId = params["RegionId"] ?? "cn-hangzhou";
    for (const row of rowsIn(body)) this.shown(row, regionId);
    if (call.service === "oss") this.object(params["bucket"], params["key"], regionId, call.headers);
    if (isCreating(call.action)) this.sources(call, regionId);
    if (params["ImageId"] && !/[,]/.test(params["ImageId"])) this.image({ ImageId: params["ImageId"] }, regionId);
    if (params["ResourceGroupId"])
      this.world.resourceGroups.set(params["ResourceGroupId"], {
        resourceGroupId: params["ResourceGroupId"],
        name: "",
      });
    if (params["KMSKeyId"]) this.world.account.kmsKeys.set(params["KMSKeyId"], { enabled: true, taggedForEcs: true });
  }

  private shown(row: Row, regionId: string): void {
    if (text(row["ImageId"]) && isRow(row["DiskDeviceMappings"])) this.image(row, regionId);
    else if (text(row["SnapshotId"]) && row["SourceDiskId"] !== undefined) this.snapshot(row, regionId);
    else if (text(row["InstanceId"]) && row["InstanceType"] !== undefined) this.instance(row, regionId);
    else if (text(row["TaskId"]) && row["TaskStatus"] !== undefined) this.task(row, regionId);
  }

  /** Collects the sources that a creating call reads. */
  private sources({ params, body }: Exchange, regionId: string): void {
    const { ImageId } = body as Row;
    const [made] = this.madeImages.filter((row) => row["ImageId"] === ImageId);
    if (params["InstanceId"]) this.instance({ InstanceId: params["InstanceId"] }, regionId, disksIn(made));
    for (const [name, value] of Object.entries(params)) {
      if (/SnapshotId$/.test(name)) this.snapshot({ SnapshotId: value }, regionId);
      if (/AddAccount\.\d+$/.test(name)) accountIn(this.world, value);
      const at = /^(DiskDeviceMapping\.\d+\.)OSSObject$/.exec(name)?.[1];
      if (at !== undefined) this.object(params[`${at}OSSBucket`], value, regionId, {});
    }
    if (params["OSSBucket"]) this.object(params["OSSBucket"], undefined, regionId, {});
    const [role] = defaultRoles([params["RoleName"] ?? ""]);
    if (params["RoleName"]) this.world.roles.set(params["RoleName"], role!);
  }

  private image(row: Row, regionId: string): void {
    const imageId = text(row["ImageId"]);
    if (this.made.has(imageId) || this.world.images.has(imageId)) return;
    const disks = disksIn(row);
    const plain = imageRecord(
      { imageId, regionId, platform: text(row["Platform"]) || "Aliyun", size: Number(row["Size"]) || 40 },
      this.startMs,
    );
    const owner = (text(row["ImageOwnerAlias"]) || "self") as typeof plain.owner;
    const given = (name: string, otherwise: string) => (row[name] === undefined ? otherwise : text(row[name]));
    const ownerId = text(row["ImageOwnerId"]) || this.world.account.accountId;
    if (owner === "self") this.world.account.accountId = ownerId;
    this.world.images.set(imageId, {
      ...plain,
      owner,
      ownerId,
      imageName: given("ImageName", imageId),
      imageFamily: given("ImageFamily", ""),
      imageVersion: given("ImageVersion", ""),
      description: given("Description", ""),
      architecture: given("Architecture", plain.architecture),
      osType: given("OSType", plain.osType),
      osName: given("OSName", plain.osName),
      bootMode: given("BootMode", plain.bootMode),
      resourceGroupId: given("ResourceGroupId", ""),
      productCode: given("ProductCode", ""),
      isPublic: row["IsPublic"] === true,
      deprecated: row["Status"] === "Deprecated",
      tags: new Map(
        rowsIn(row["Tags"]).flatMap(({ TagKey, TagValue }) =>
          TagKey === undefined ? [] : [[text(TagKey), text(TagValue)]],
        ),
      ),
      createdMs: Date.parse(text(row["CreationTime"])) || this.startMs,
      sharedWith: /true/i.test(String(row["IsSelfShared"])) ? ["1000000000000001"] : [],
      detectionStrategy:
        isRow(row["DetectionOptions"]) && row["DetectionOptions"]["Status"] !== undefined ? "Standard" : "",
      ...(disks.length > 0 && { diskMappings: disks.map((disk) => diskOf(disk)) }),
    });
    if (row["Usage"] === "instance") this.instance({ InstanceId: `i-of-${imageId}`, ImageId: imageId }, regionId);
  }

  private snapshot(row: Row, regionId: string): void {
    const snapshotId = text(row["SnapshotId"]);
    if (this.made.has(snapshotId) || this.world.snapshots.has(snapshotId)) return;
    const type = row["SourceDiskType"] === "data" ? "data" : "system";
    const disk = diskRecord(
      { diskId: text(row["SourceDiskId"]), regionId, type, size: Number(row["SourceDiskSize"]) || 40 },
      this.startMs,
    );
    this.world.snapshots.set(
      snapshotId,
      snapshotOf(disk, snapshotId, Date.parse(text(row["CreationTime"])) || this.startMs),
    );
  }

  private instance(row: Row, regionId: string, disks: readonly Row[] = []): void {
    const instanceId = text(row["InstanceId"]);
    if (this.world.instances.has(instanceId)) return;
    const status = text(row["Status"]) || "Running";
    const imageId = text(row["ImageId"]);
    const record = instanceRecord(instanceId, regionId, status, this.startMs);
    this.world.instances.set(instanceId, { ...record, ...(imageId && { imageId }) });
    for (const [n, { type, device, size }] of (disks.length > 0 ? disks : [{}]).map(diskOf).entries()) {
      const disk = diskRecord({ diskId: `d-${n}-of-${instanceId}`, regionId, type, size }, this.startMs);
      this.world.disks.set(disk.diskId, { ...disk, instanceId, device: device || "/dev/xvda", status: "In_use" });
    }
  }

  private task(row: Row, regionId: string): void {
    const taskId = text(row["TaskId"]);
    if (this.made.has(taskId) || this.world.tasks.has(taskId)) return;
    const items = new Map(rowsIn(row).map(({ Name, Value }) => [text(Name), text(Value)]));
    const [bucket, key] = [items.get("OSSBucket") ?? "", items.get("OSSObject") ?? ""];
    const createdMs = Date.parse(text(row["CreationTime"])) || this.startMs;
    this.world.tasks.set(taskId, {
      taskId,
      regionId,
      action: row["TaskAction"] === "ExportImage" ? "ExportImage" : "ImportImage",
      imageId: text(row["ResourceId"]),
      createdMs,
      span: { startMs: createdMs, durationMs: 0, ...(row["TaskStatus"] === "Failed" && { failAtPercent: 100 }) },
      cancellable: true,
      objects: key === "" ? [] : [{ bucket, key, size: 1 }],
      effectsApplied: true,
      ...{ roleName: "", bucket, prefix: "", format: items.get("ImageFormat") ?? "" },
    });
  }

  private object(
    bucket: string | undefined,
    key: string | undefined,
    regionId: string,
    headers: Exchange["headers"],
  ): void {
    if (bucket === undefined) return;
    const one = this.world.buckets.get(bucket) ?? {
      name: bucket,
      regionId,
      creationDate: this.startMs,
      storageClass: "Standard",
      objects: new Map(),
    };
    this.world.buckets.set(bucket, one);
    const isExported = [...this.made].some((id) => key?.includes(id));
    if (key === undefined || isExported || one.objects.has(key)) return;
    const size = Number(headers["content-length"]) || 1;
    one.objects.set(key, storedObject(key, Buffer.from(key), this.startMs, { size }));
  }
}

const disksIn = (image: Row | undefined): Row[] =>
  rowsIn(image?.["DiskDeviceMappings"]).filter(({ Device }) => Device !== undefined);

const diskOf = (row: Row) => ({
  type: (row["Type"] === "data" ? "data" : "system") as "system" | "data",
  device: text(row["Device"]),
  size: Number(row["Size"]) || 40,
  snapshotId: text(row["SnapshotId"]),
  format: text(row["Format"]),
  encrypted: row["Encrypted"] === true,
  importBucket: text(row["ImportOSSBucket"]),
  importObject: text(row["ImportOSSObject"]),
});
