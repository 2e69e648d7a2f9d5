import { emptyWorld } from "./empty-world";
import { storedObject } from "./stored-object";
import type {
  BucketRecord,
  DiskRecord,
  ImageRecord,
  InstanceRecord,
  ObjectRecord,
  RamPolicy,
  SnapshotRecord,
  World,
} from "./world";

/** The ids of what a seeded world holds: the one place that names them. */
export const seeds = {
  regionId: "cn-hangzhou",
  /** Running, made from `publicImageId`, with a 40 GiB system disk and a 100 GiB data disk. */
  instanceId: "i-emulator0golden",
  systemDiskId: "d-emulator0golden-system",
  dataDiskId: "d-emulator0golden-data",
  /** Stopped, with a 60 GiB system disk alone. */
  secondInstanceId: "i-emulator0second",
  secondDiskId: "d-emulator0second-system",
  /** Locked for security: no image can be made of it. */
  lockedInstanceId: "i-emulator0locked",
  lockedDiskId: "d-emulator0locked-system",
  /** Of the golden instance's disks. */
  systemSnapshotId: "s-emulator0system",
  dataSnapshotId: "s-emulator0data",
  publicImageId: "aliyun_3_x64_20G_alibase_20260101.vhd",
  publicWindowsImageId: "win2022_21H2_x64_dtc_en-us_40G_alibase_20260101.vhd",
  resourceGroupId: "rg-emulator0images",
  /** Holds `imageObject`, which can be imported. */
  imageBucket: "golden-images",
  imageObject: "debian-12.qcow2",
  /** Empty, for exports. */
  exportBucket: "golden-exports",
  importRole: "AliyunECSImageImportDefaultRole",
  exportRole: "AliyunECSImageExportDefaultRole",
  /** Trusts the account itself and may do everything: for AssumeRole. */
  assumableRole: "emulator-builder",
  assumableRoleArn: "acs:ram::1234567890123456:role/emulator-builder",
} as const;

const dayMs = 24 * 3600 * 1000;
const gib = 1024 ** 3;

/** A small account: something of everything that an image can be made of. */
export function seededWorld(nowMs: number): World {
  const world = emptyWorld();
  const madeMs = nowMs - 30 * dayMs;
  const { regionId } = seeds;
  const zoneId = "cn-hangzhou-i";

  for (const [imageId, platform, size] of [
    [seeds.publicImageId, "Aliyun", 20],
    [seeds.publicWindowsImageId, "Windows Server 2022", 40],
  ] as const) {
    world.images.set(imageId, publicImage(imageId, regionId, platform, size, madeMs));
  }

  const instance = (instanceId: string, status: string, locks: string[] = []): InstanceRecord => ({
    instanceId,
    regionId,
    zoneId,
    instanceName: instanceId.replace("i-emulator0", ""),
    description: "",
    instanceType: "ecs.g7.large",
    status,
    locks,
    hibernationConfigured: false,
    needsRestart: false,
    imageId: seeds.publicImageId,
    resourceGroupId: "",
    tags: new Map(),
    createdMs: madeMs,
  });
  const disk = (diskId: string, instanceId: string, type: "system" | "data", size: number): DiskRecord => ({
    diskId,
    diskName: diskId.replace("d-emulator0", ""),
    regionId,
    zoneId,
    type,
    category: "cloud_essd",
    size,
    status: "In_use",
    instanceId,
    device: type === "system" ? "/dev/xvda" : "/dev/xvdb",
    sourceSnapshotId: "",
    everAttached: true,
    encrypted: false,
    kmsKeyId: "",
    resourceGroupId: "",
    tags: new Map(),
    createdMs: madeMs,
  });
  for (const one of [
    instance(seeds.instanceId, "Running"),
    instance(seeds.secondInstanceId, "Stopped"),
    instance(seeds.lockedInstanceId, "Running", ["security"]),
  ]) {
    world.instances.set(one.instanceId, one);
  }
  for (const one of [
    disk(seeds.systemDiskId, seeds.instanceId, "system", 40),
    disk(seeds.dataDiskId, seeds.instanceId, "data", 100),
    disk(seeds.secondDiskId, seeds.secondInstanceId, "system", 60),
    disk(seeds.lockedDiskId, seeds.lockedInstanceId, "system", 40),
  ]) {
    world.disks.set(one.diskId, one);
    if (one.instanceId === seeds.instanceId) {
      const taken = snapshotOf(
        one,
        one.type === "system" ? seeds.systemSnapshotId : seeds.dataSnapshotId,
        nowMs - dayMs,
      );
      world.snapshots.set(taken.snapshotId, taken);
    }
  }

  world.resourceGroups.set(seeds.resourceGroupId, { resourceGroupId: seeds.resourceGroupId, name: "images" });
  world.buckets.set(
    seeds.imageBucket,
    bucket(seeds.imageBucket, madeMs, [qcow2Object(seeds.imageObject, 5 * gib, madeMs)]),
  );
  world.buckets.set(seeds.exportBucket, bucket(seeds.exportBucket, madeMs, []));

  const reading = ["oss:GetObject", "oss:GetBucketLocation", "oss:GetBucketInfo"];
  const writing = [
    "oss:PutObject",
    "oss:DeleteObject",
    "oss:AbortMultipartUpload",
    "oss:ListMultipartUploads",
    "oss:ListParts",
  ];
  const ecs = ["ecs.aliyuncs.com"];
  for (const [roleName, services, actions] of [
    [seeds.importRole, ecs, reading],
    [seeds.exportRole, ecs, [...reading, ...writing]],
    [seeds.assumableRole, [`acs:ram::${world.account.accountId}:root`], ["*"]],
  ] as const) {
    world.roles.set(roleName, {
      roleName,
      roleId: `emu${roleName.length}`,
      services: [...services],
      policies: [allowing([...actions])],
    });
  }
  return world;
}

const allowing = (Action: string[]): RamPolicy => ({
  Version: "1",
  Statement: [{ Effect: "Allow", Action, Resource: "*" }],
});

export function snapshotOf(disk: DiskRecord, snapshotId: string, createdMs: number): SnapshotRecord {
  return {
    snapshotId,
    snapshotName: `of-${disk.diskName}`,
    description: "",
    regionId: disk.regionId,
    sourceDiskId: disk.diskId,
    sourceDiskType: disk.type,
    sourceDiskCategory: disk.category,
    sourceDiskSize: disk.size,
    category: "Standard",
    encrypted: disk.encrypted,
    kmsKeyId: disk.kmsKeyId,
    inCloudBox: false,
    defaultFree: false,
    imageForbidden: false,
    resourceGroupId: "",
    tags: new Map(),
    createdMs,
    span: { startMs: createdMs, durationMs: 0 },
    takenFor: "",
  };
}

function bucket(name: string, creationDate: number, objects: ObjectRecord[]): BucketRecord {
  return {
    name,
    regionId: seeds.regionId,
    creationDate,
    storageClass: "Standard",
    objects: new Map(objects.map((one) => [one.key, one])),
  };
}

/** The first bytes of a qcow2 file, under the size of a whole one. */
const qcow2Object = (key: string, size: number, lastModified: number): ObjectRecord =>
  storedObject(key, Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]), lastModified, { size });

function publicImage(
  imageId: string,
  regionId: string,
  platform: string,
  size: number,
  createdMs: number,
): ImageRecord {
  const isWindows = platform.startsWith("Windows");
  return {
    imageId,
    regionId,
    imageName: imageId,
    imageFamily: `acs:${isWindows ? "windows_server_2022" : "alibaba_cloud_linux_3"}`,
    imageVersion: "",
    description: "",
    architecture: "x86_64",
    osType: isWindows ? "windows" : "linux",
    osName: isWindows
      ? "Windows Server 2022 Data Center Edition 64bit English Edition"
      : "Alibaba Cloud Linux 3 64 bit",
    platform,
    bootMode: isWindows ? "BIOS" : "UEFI-Preferred",
    licenseType: "Auto",
    imdsSupport: isWindows ? "v1" : "v2",
    nvmeSupport: isWindows ? "unsupported" : "supported",
    owner: "system",
    ownerId: "0",
    productCode: "",
    isPublic: true,
    sharedWith: [],
    copying: false,
    resourceGroupId: "",
    tags: new Map(),
    diskMappings: [
      {
        type: "system",
        device: "/dev/xvda",
        size,
        snapshotId: "",
        format: "",
        encrypted: false,
        importBucket: "",
        importObject: "",
      },
    ],
    detectionStrategy: "",
    secureBootSupport: "unsupported",
    createdMs,
    madeFrom: "seed",
    span: { startMs: createdMs, durationMs: 0 },
    failsAs: "CreateFailed",
    usableFromMs: createdMs,
    visibleFromMs: createdMs,
    deprecated: false,
  };
}
