import { emptyWorld } from "./empty-world";
import { deviceName, imageDisk } from "./image-disk";
import { region } from "./regions";
import { storedObject } from "./stored-object";
import type {
  BucketRecord,
  DiskRecord,
  ImageRecord,
  InstanceRecord,
  ObjectRecord,
  RamPolicy,
  RoleRecord,
  SnapshotRecord,
  World,
} from "./world";

/** The ids in a seeded world. */
export const seeds = {
  /** The region of all of it. */
  regionId: "cn-hangzhou",
  /** Running, made from `publicImageId`, with a 40 GiB system disk and a 100 GiB data disk. */
  instanceId: "i-emulator0golden",
  /** The system disk of `instanceId`. */
  systemDiskId: "d-emulator0golden-system",
  /** The data disk of `instanceId`. */
  dataDiskId: "d-emulator0golden-data",
  /** Stopped, with only a 60 GiB system disk. */
  secondInstanceId: "i-emulator0second",
  /** The system disk of `secondInstanceId`. */
  secondDiskId: "d-emulator0second-system",
  /** Locked for security: no image can be made of it. */
  lockedInstanceId: "i-emulator0locked",
  /** The system disk of `lockedInstanceId`. */
  lockedDiskId: "d-emulator0locked-system",
  /** A snapshot of `systemDiskId`. */
  systemSnapshotId: "s-emulator0system",
  /** A snapshot of `dataDiskId`. */
  dataSnapshotId: "s-emulator0data",
  /** A public Linux image. */
  publicImageId: "aliyun_3_x64_20G_alibase_20260101.vhd",
  /** A public Windows image. */
  publicWindowsImageId: "win2022_21H2_x64_dtc_en-us_40G_alibase_20260101.vhd",
  /**
   * A vSwitch in the first zone of the region, in the same VPC as `securityGroupId`. `testNetwork` has the ids for
   * other regions.
   */
  vSwitchId: "vsw-emulator0test",
  /** A security group. */
  securityGroupId: "sg-emulator0test",
  /** A resource group besides the default one. */
  resourceGroupId: "rg-emulator0images",
  /** Holds `imageObject`, which can be imported. */
  imageBucket: "golden-images",
  /** A disk image in the format QCOW2, 5 GiB. */
  imageObject: "debian-12.qcow2",
  /** Empty, for exports. */
  exportBucket: "golden-exports",
  /** The default role of ImportImage. */
  importRole: "AliyunECSImageImportDefaultRole",
  /** The default role of ExportImage. */
  exportRole: "AliyunECSImageExportDefaultRole",
  /** Trusts the account itself and may do everything; for AssumeRole. */
  assumableRole: "emulator-builder",
  /** The ARN of `assumableRole`. */
  assumableRoleArn: "acs:ram::1234567890123456:role/emulator-builder",
} as const;

const dayMs = 24 * 3600 * 1000;
const gib = 1024 ** 3;

/** A small account with at least one source of each kind for an image. */
export function seededWorld(nowMs: number): World {
  const world = emptyWorld();
  const madeMs = nowMs - 30 * dayMs;
  const { regionId } = seeds;
  for (const image of publicImages(regionId, madeMs)) world.images.set(image.imageId, image);

  for (const [instanceId, status, locks] of [
    [seeds.instanceId, "Running", []],
    [seeds.secondInstanceId, "Stopped", []],
    [seeds.lockedInstanceId, "Running", ["security"]],
  ] as const)
    world.instances.set(instanceId, { ...instanceRecord(instanceId, regionId, status, madeMs), locks: [...locks] });
  for (const [diskId, instanceId, type, size] of [
    [seeds.systemDiskId, seeds.instanceId, "system", 40],
    [seeds.dataDiskId, seeds.instanceId, "data", 100],
    [seeds.secondDiskId, seeds.secondInstanceId, "system", 60],
    [seeds.lockedDiskId, seeds.lockedInstanceId, "system", 40],
  ] as const)
    world.disks.set(diskId, { ...diskRecord({ diskId, regionId, type, size }, madeMs), instanceId, status: "In_use" });
  for (const [snapshotId, diskId] of [
    [seeds.systemSnapshotId, seeds.systemDiskId],
    [seeds.dataSnapshotId, seeds.dataDiskId],
  ] as const)
    world.snapshots.set(snapshotId, snapshotOf(world.disks.get(diskId) as DiskRecord, snapshotId, nowMs - dayMs));

  for (const id of world.regions.keys()) addTestNetwork(world, id);
  world.resourceGroups.set(seeds.resourceGroupId, { resourceGroupId: seeds.resourceGroupId, name: "images" });
  const file = qcow2Object(seeds.imageObject, 5 * gib, madeMs);
  world.buckets.set(seeds.imageBucket, bucket(seeds.imageBucket, madeMs, [file]));
  world.buckets.set(seeds.exportBucket, bucket(seeds.exportBucket, madeMs, []));
  for (const role of defaultRoles()) world.roles.set(role.roleName, role);
  const { accountId } = world.account;
  world.roles.set(seeds.assumableRole, roleRecord(seeds.assumableRole, `acs:ram::${accountId}:root`, ["*"]));
  return world;
}

/** The ids of the vSwitch and of the security group that a seeded world has in a region. */
export function testNetwork(regionId: string): Record<"vSwitchId" | "securityGroupId", string> {
  const suffix = regionId === seeds.regionId ? "" : `-${regionId}`;
  return { vSwitchId: `${seeds.vSwitchId}${suffix}`, securityGroupId: `${seeds.securityGroupId}${suffix}` };
}

/** A vSwitch in the first zone of the region and a security group, in one VPC. */
function addTestNetwork(world: World, regionId: string): void {
  const { vSwitchId, securityGroupId } = testNetwork(regionId);
  const vpcId = vSwitchId.replace("vsw-", "vpc-");
  const zoneId = world.regions.get(regionId)?.zoneIds[0] ?? regionId;
  world.vSwitches.set(vSwitchId, { vSwitchId, regionId, zoneId, vpcId });
  world.securityGroups.set(securityGroupId, { securityGroupId, regionId, vpcId });
}

/** The default roles of image import and export, or roles with these names that may do all of it. */
export function defaultRoles(names?: readonly string[]): RoleRecord[] {
  const reading = ["oss:GetObject", "oss:GetBucketLocation", "oss:GetBucketInfo"];
  const writing = [
    ...reading,
    "oss:PutObject",
    "oss:DeleteObject",
    "oss:AbortMultipartUpload",
    "oss:ListMultipartUploads",
    "oss:ListParts",
  ];
  if (names) return names.map((name) => roleRecord(name, "ecs.aliyuncs.com", writing));
  return [
    roleRecord(seeds.importRole, "ecs.aliyuncs.com", reading),
    roleRecord(seeds.exportRole, "ecs.aliyuncs.com", writing),
  ];
}

function roleRecord(roleName: string, service: string, Action: string[]): RoleRecord {
  const policy: RamPolicy = { Version: "1", Statement: [{ Effect: "Allow", Action, Resource: "*" }] };
  return { roleName, roleId: `emu${roleName.length}`, services: [service], policies: [policy] };
}

export function instanceRecord(
  instanceId: string,
  regionId: string,
  status: string,
  createdMs: number,
): InstanceRecord {
  return {
    instanceId,
    regionId,
    zoneId: region(regionId).zoneIds[0] ?? regionId,
    instanceName: instanceId.replace(/^i-(emulator0)?/, ""),
    description: "",
    instanceType: "ecs.g7.large",
    status,
    locks: [],
    hibernationConfigured: false,
    needsRestart: false,
    imageId: seeds.publicImageId,
    resourceGroupId: "",
    tags: new Map(),
    createdMs,
  };
}

type Disk = Pick<DiskRecord, "diskId" | "regionId" | "type" | "size">;

/** A disk that is not attached. */
export function diskRecord({ diskId, regionId, type, size }: Disk, createdMs: number): DiskRecord {
  return {
    diskId,
    diskName: diskId.replace("d-emulator0", ""),
    regionId,
    zoneId: region(regionId).zoneIds[0] ?? regionId,
    type,
    category: "cloud_essd",
    size,
    status: "Available",
    device: type === "system" ? "/dev/xvda" : "/dev/xvdb",
    sourceSnapshotId: "",
    everAttached: true,
    encrypted: false,
    kmsKeyId: "",
    resourceGroupId: "",
    tags: new Map(),
    createdMs,
  };
}

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

/** An object with the first bytes of a qcow2 file, and the reported size of a whole one. */
const qcow2Object = (key: string, size: number, lastModified: number): ObjectRecord =>
  storedObject(key, Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]), lastModified, { size });

/** The public images of Alibaba Cloud. */
export const publicImages = (regionId: string, createdMs: number): ImageRecord[] => [
  imageRecord({ imageId: seeds.publicImageId, regionId, platform: "Aliyun", size: 20 }, createdMs),
  imageRecord({ imageId: seeds.publicWindowsImageId, regionId, platform: "Windows Server 2022", size: 40 }, createdMs),
];

const linux = {
  imageFamily: "acs:alibaba_cloud_linux_3",
  osType: "linux",
  osName: "Alibaba Cloud Linux 3 64 bit",
  bootMode: "UEFI-Preferred",
  imdsSupport: "v2",
  nvmeSupport: "supported",
};
const windows = {
  imageFamily: "acs:windows_server_2022",
  osType: "windows",
  osName: "Windows Server 2022 Data Center Edition 64bit English Edition",
  bootMode: "BIOS",
  imdsSupport: "v1",
  nvmeSupport: "unsupported",
};

/** A finished public image. With another owner and name it is any other image. */
export function imageRecord(
  { imageId, regionId, platform, size }: Pick<ImageRecord, "imageId" | "regionId" | "platform"> & { size: number },
  createdMs: number,
): ImageRecord {
  return {
    ...(platform.startsWith("Windows") ? windows : linux),
    imageId,
    regionId,
    imageName: imageId,
    imageVersion: "",
    description: "",
    architecture: "x86_64",
    platform,
    licenseType: "Auto",
    owner: "system",
    ownerId: "0",
    productCode: "",
    isPublic: true,
    sharedWith: [],
    copying: false,
    resourceGroupId: "",
    tags: new Map(),
    diskMappings: [imageDisk({ type: "system", device: deviceName(0), size, snapshotId: "", encrypted: false })],
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
