import type { Scenario } from "./scenario";
import type { Span } from "./span";

/** Everything that the emulated cloud holds: plain records that a test may read and change at any time. Times are milliseconds since 1970. */
export interface World {
  account: Account;
  quotas: Quotas;
  regions: Map<string, RegionRecord>;
  images: Map<string, ImageRecord>;
  instances: Map<string, InstanceRecord>;
  disks: Map<string, DiskRecord>;
  snapshots: Map<string, SnapshotRecord>;
  tasks: Map<string, TaskRecord>;
  buckets: Map<string, BucketRecord>;
  roles: Map<string, RoleRecord>;
  resourceGroups: Map<string, ResourceGroupRecord>;
  /** What becomes of the next creations: each takes the first scenario that is meant for it. */
  scenarios: Scenario[];
  /** Answers already given to a client token, so that a repeated request gets the same one. */
  tokens: Map<string, TokenRecord>;
  /** Counts everything ever made: ids stay unique in a world that is kept in a file. */
  idsIssued: number;
}

export interface Account {
  accountId: string;
  enoughBalance: boolean;
  /** False: orders are refused for an abnormal account. */
  mayOrder: boolean;
  /** False: the enterprise registration was revoked. */
  enterpriseRegistered: boolean;
  snapshotServiceOpen: boolean;
  /** May make images whose system disk comes from a data disk snapshot. */
  mayImageDataDisks: boolean;
  /** Has let ECS use its KMS. */
  kmsAuthorized: boolean;
  /** False: importing has not been opened for this account. */
  mayImport: boolean;
  /** Invited to import VMDK files. */
  mayImportVmdk?: boolean;
  /** False: exporting has not been opened for this account. */
  mayExport?: boolean;
  kmsKeys: Map<string, { enabled: boolean; taggedForEcs: boolean }>;
}

export interface Quotas {
  images: number;
  imageFamilies: number;
  imagesPerFamily: number;
  tagsPerResource: number;
  snapshotsPerDisk: number;
  /** Snapshots in progress at once, of one disk and of the whole account. With 1 for a disk, a second one is refused as "a previous snapshot creation is in process". */
  snapshotsAtOncePerDisk: number;
  snapshotsAtOnce: number;
  importsAtOnce: number;
  exportsAtOnce: number;
  exportsPerWeek: number;
  /** Calls that an action takes in one second of the clock before it answers with `Throttling.User`; an action that is not named has no limit. */
  callsPerSecond: Record<string, number>;
}

export interface RegionRecord {
  regionId: string;
  localName: string;
  zoneIds: string[];
  /** False: images can neither be imported nor exported here. */
  movesImages?: boolean;
}

export type ImageStatus = "Waiting" | "Creating" | "Available" | "UnAvailable" | "CreateFailed" | "Deprecated";

export interface ImageRecord {
  imageId: string;
  regionId: string;
  imageName: string;
  imageFamily: string;
  imageVersion: string;
  description: string;
  architecture: string;
  osType: string;
  osName: string;
  platform: string;
  bootMode: string;
  licenseType: string;
  imdsSupport: string;
  nvmeSupport: string;
  /** Whose it is, as seen by the account. */
  owner: "self" | "system" | "others" | "marketplace";
  ownerId: string;
  productCode: string;
  isPublic: boolean;
  /** Accounts that it is shared with. */
  sharedWith: string[];
  /** Being copied to another region. */
  copying: boolean;
  resourceGroupId: string;
  tags: Map<string, string>;
  diskMappings: ImageDisk[];
  detectionStrategy: string;
  secureBootSupport: string;
  createdMs: number;
  madeFrom: "instance" | "snapshot" | "import" | "seed";
  span: Span;
  /** What a failed making ends as: `CreateFailed`, and for an import `UnAvailable`. */
  failsAs: "CreateFailed" | "UnAvailable";
  /** Not usable before this time, though `Available`. */
  usableFromMs: number;
  /** Not listed before this time: the cloud's lists may lag behind. */
  visibleFromMs: number;
  /** Gone, as if it had never been, from this time on. */
  vanishesAtMs?: number;
  deprecated: boolean;
  /** Shown instead of what time says, when a test sets it. */
  statusShown?: string;
}

export interface ImageDisk {
  type: "system" | "data";
  device: string;
  /** GiB */
  size: number;
  snapshotId: string;
  format: string;
  encrypted: boolean;
  importBucket: string;
  importObject: string;
}

export interface InstanceRecord {
  instanceId: string;
  regionId: string;
  zoneId: string;
  instanceName: string;
  description: string;
  instanceType: string;
  /** `Running`, `Stopped`, `Starting`, `Stopping`, `Pending`. */
  status: string;
  /** For example `security`, `financial`. */
  locks: string[];
  hibernationConfigured: boolean;
  /** A disk was attached while it was stopped: it must be started before an image can be made. */
  needsRestart: boolean;
  imageId: string;
  resourceGroupId: string;
  tags: Map<string, string>;
  createdMs: number;
}

export interface DiskRecord {
  diskId: string;
  diskName: string;
  regionId: string;
  zoneId: string;
  type: "system" | "data";
  category: string;
  /** GiB */
  size: number;
  /** `In_use`, `Available`, `Attaching`, `Detaching`, `Creating`, `ReIniting`, `Transferring`, `Invalid`. */
  status: string;
  /** Absent: not attached. */
  instanceId?: string;
  device: string;
  /** Empty: not made from a snapshot. */
  sourceSnapshotId: string;
  everAttached: boolean;
  encrypted: boolean;
  kmsKeyId: string;
  resourceGroupId: string;
  tags: Map<string, string>;
  createdMs: number;
}

export interface SnapshotRecord {
  snapshotId: string;
  snapshotName: string;
  description: string;
  regionId: string;
  sourceDiskId: string;
  sourceDiskType: "system" | "data";
  sourceDiskCategory: string;
  /** GiB */
  sourceDiskSize: number;
  /** `Standard`, `Flash`, `Archive`. */
  category: string;
  encrypted: boolean;
  kmsKeyId: string;
  inCloudBox: boolean;
  /** A default free snapshot. */
  defaultFree: boolean;
  /** Of a disk whose instance was released, or of a product that forbids it: no image may be made of it. */
  imageForbidden: boolean;
  resourceGroupId: string;
  tags: Map<string, string>;
  createdMs: number;
  span: Span;
  /** The image in whose making it was taken; empty for all others. */
  takenFor: string;
}

export interface TaskRecord {
  taskId: string;
  regionId: string;
  action: "ImportImage" | "ExportImage";
  imageId: string;
  createdMs: number;
  span: Span;
  cancellable: boolean;
  cancelledMs?: number;
  /** Not listed before this time. */
  visibleFromMs?: number;
  /** Not listed from this time on. */
  vanishesAtMs?: number;
  /** The objects that are read or written, one for each disk. */
  objects: TaskObject[];
  /** Once it has ended: its effect is in the world. */
  effectsApplied: boolean;
  roleName: string;
  bucket: string;
  prefix: string;
  format: string;
}

export interface TaskObject {
  bucket: string;
  key: string;
  /** Bytes. */
  size: number;
}

export interface BucketRecord {
  name: string;
  regionId: string;
  creationDate: number;
  storageClass: string;
  encrypted?: string;
  objects: Map<string, ObjectRecord>;
}

export interface ObjectRecord {
  key: string;
  body: Buffer;
  /** Bytes, as reported; may be far more than `body` holds. */
  size: number;
  /** Without quotes, upper-case. */
  eTag: string;
  lastModified: number;
  contentType: string;
  storageClass: string;
  /** Of an archived object: whether it was restored and can be read. */
  restored?: boolean;
  /** User metadata and other headers kept with it, lower-case names. */
  headers?: Record<string, string>;
}

export interface RoleRecord {
  roleName: string;
  roleId: string;
  /** Services that may assume it, for example `ecs.aliyuncs.com`. */
  services: string[];
  policies: RamPolicy[];
}

export interface RamPolicy {
  Version: string;
  Statement: RamStatement[];
}

export interface RamStatement {
  Effect: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
}

export interface ResourceGroupRecord {
  resourceGroupId: string;
  name: string;
}

export interface TokenRecord {
  action: string;
  /** Hash of every parameter of the first request. */
  fingerprint: string;
  /** The answer, without its request id. */
  body: Record<string, unknown>;
}
