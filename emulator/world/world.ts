import type { Quirks } from "./quirks";
import type { Scenario } from "./scenario";
import type { Span } from "./span";

/**
 * Everything that an account holds in the emulated cloud: plain records that a test may read and change at any time. Times are milliseconds since 1970.
 * The world of the first account also has the other accounts, each of them a world of its own.
 */
export interface World {
  account: Account;
  /** By account id. Access keys name their account (`Credential.accountId`). */
  otherAccounts: Map<string, World>;
  /** Of this account. */
  quotas: Quotas;
  /** Of the whole cloud. */
  quirks: Quirks;
  /** Of the whole cloud. */
  regions: Map<string, RegionRecord>;
  images: Map<string, ImageRecord>;
  instances: Map<string, InstanceRecord>;
  disks: Map<string, DiskRecord>;
  snapshots: Map<string, SnapshotRecord>;
  tasks: Map<string, TaskRecord>;
  buckets: Map<string, BucketRecord>;
  roles: Map<string, RoleRecord>;
  resourceGroups: Map<string, ResourceGroupRecord>;
  /** Images that were deleted, as long as a quirk holds on to their name or snapshots. */
  deletedImages: DeletedImage[];
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
  /** Copies into one region that run at once; the others are Waiting. */
  copiesAtOncePerRegion: number;
  /** Accounts that one image can be shared with. */
  accountsPerSharedImage: number;
  /** Images that can be shared at once. */
  sharedImages: number;
  /** Calls that an action takes in one second of the clock before it answers with `Throttling.User`; an action that is not named has no limit. */
  callsPerSecond: Record<string, number>;
}

export interface RegionRecord {
  regionId: string;
  localName: string;
  zoneIds: string[];
  /** False: images can neither be imported nor exported nor copied here. */
  movesImages?: boolean;
  /** False: community images cannot be published here. */
  publishesImages?: boolean;
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
  /** Whose it is, as seen by the account that holds the record. */
  owner: ImageOwner;
  ownerId: string;
  productCode: string;
  isPublic: boolean;
  /** Accounts that it is shared with. */
  sharedWith: string[];
  /** Being copied to another region: set by a test. A copy made by CopyImage is found by its `copyOf`. */
  copying: boolean;
  /** Of a copy: what it was made from. */
  copyOf?: CopyOrigin;
  /** Of a copy that is encrypted; empty for the key that the account has by default. */
  kmsKeyId?: string;
  resourceGroupId: string;
  tags: Map<string, string>;
  diskMappings: ImageDisk[];
  detectionStrategy: string;
  secureBootSupport: string;
  createdMs: number;
  madeFrom: "instance" | "snapshot" | "import" | "copy" | "seed";
  span: Span;
  /** What a failed making ends as: `CreateFailed`, and for an import `UnAvailable`. */
  failsAs: "CreateFailed" | "UnAvailable";
  /** Not usable before this time, though `Available`. */
  usableFromMs: number;
  /** Not listed before this time: the cloud's lists may lag behind. */
  visibleFromMs: number;
  /** Gone, as if it had never been, from this time on. */
  vanishesAtMs?: number;
  /** In no list between these times, though it is there. */
  hidden?: Interval;
  deprecated: boolean;
  /** Shown instead of what time says, when a test sets it. */
  statusShown?: string;
}

export interface CopyOrigin {
  regionId: string;
  imageId: string;
  /** After its end, `Available` but not usable for this long. */
  unusableForMs: number;
  /** Once it has ended: it has snapshots of its own. */
  snapshotsTaken: boolean;
  /** False: CancelCopyImage is refused with CancelNotSupported. */
  isCancellable?: boolean;
}

export type ImageOwner = "self" | "system" | "others" | "marketplace";

export interface Interval {
  fromMs: number;
  untilMs: number;
}

export interface DeletedImage {
  imageName: string;
  regionId: string;
  snapshotIds: string[];
  deletedMs: number;
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
  /** In no list between these times, though it is there. */
  hidden?: Interval;
  /** The objects that are read or written, one for each disk. */
  objects: TaskObject[];
  /** How many of its objects DescribeTaskAttribute names; absent: all. */
  reportedObjects?: number;
  /** How many of its objects, the last ones, are not written though the task is Finished. */
  failedObjects?: number;
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
  /** Multipart uploads that are not complete, by their id. */
  uploads?: Map<string, UploadRecord>;
}

export interface UploadRecord {
  uploadId: string;
  key: string;
  startedMs: number;
  contentType: string;
  storageClass: string;
  /** By number. */
  parts: Map<number, ObjectRecord>;
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
  /** Not yet known to ECS before this time: a role that was made a moment ago takes a minute to count. */
  countsFromMs?: number;
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
