import type {
  DiskRecord,
  InstanceRecord,
  InvocationRecord,
  SecurityGroupRecord,
  SnapshotRecord,
  VSwitchRecord,
} from "./compute-records";
import type { DeletedImage, ImageRecord } from "./image-record";
import type { BucketRecord } from "./oss-records";
import type { Quirks } from "./quirks";
import type { RoleRecord } from "./role-record";
import type { Scenario } from "./scenario";
import type { TaskRecord } from "./task-record";

export type * from "./compute-records";
export type * from "./image-record";
export type * from "./oss-records";
export type * from "./role-record";
export type * from "./task-record";

/**
 * Everything that an account holds in the emulated cloud: plain records that a test may read and change at any time.
 * Times are milliseconds since 1970. The first account's world also has the other accounts' worlds.
 */
export interface World {
  /** The account itself, and what it may do. */
  account: Account;
  /** By account id. Access keys name their account (`Credential.accountId`). */
  otherAccounts: Map<string, World>;
  /** The limits of this account. */
  quotas: Quotas;
  /** The behaviour of the whole cloud. */
  quirks: Quirks;
  /** The regions of the whole cloud. */
  regions: Map<string, RegionRecord>;
  /** By image id; public images are among them. */
  images: Map<string, ImageRecord>;
  /** By instance id. */
  instances: Map<string, InstanceRecord>;
  /** By disk id. */
  disks: Map<string, DiskRecord>;
  /** By snapshot id. */
  snapshots: Map<string, SnapshotRecord>;
  /** Commands of Cloud Assistant, by invocation id. */
  invocations: Map<string, InvocationRecord>;
  /** By id. */
  vSwitches: Map<string, VSwitchRecord>;
  /** By id. */
  securityGroups: Map<string, SecurityGroupRecord>;
  /** Imports and exports, by task id. */
  tasks: Map<string, TaskRecord>;
  /** OSS buckets, by name. */
  buckets: Map<string, BucketRecord>;
  /** RAM roles, by name. */
  roles: Map<string, RoleRecord>;
  /** By id. */
  resourceGroups: Map<string, ResourceGroupRecord>;
  /** Deleted images whose name or snapshots a quirk still holds. */
  deletedImages: DeletedImage[];
  /** How the next creations go: each takes the first scenario for its action. */
  scenarios: Scenario[];
  /** Answers by client token, so that a repeated request gets the same one. */
  tokens: Map<string, TokenRecord>;
  /** Counts everything that was ever created, so that ids stay unique in a world that is kept in a file. */
  idsIssued: number;
}

/** An account, and which services are open to it. */
export interface Account {
  /** Digits, for example `1234567890123456`. */
  accountId: string;
  /** False: creating calls are refused for lack of balance. */
  enoughBalance: boolean;
  /** False: orders are refused for an abnormal account. */
  mayOrder: boolean;
  /** False: the enterprise registration was revoked. */
  enterpriseRegistered: boolean;
  /** False: the snapshot service has not been activated, so no image can be created. */
  snapshotServiceOpen: boolean;
  /** Whether it may make images whose system disk comes from a data disk snapshot. */
  mayImageDataDisks: boolean;
  /** Whether ECS may use its KMS keys. */
  kmsAuthorized: boolean;
  /** False: importing has not been opened for this account. */
  mayImport: boolean;
  /** Whether it may import VMDK files. */
  mayImportVmdk?: boolean;
  /** False: exporting has not been opened for this account. */
  mayExport?: boolean;
  /** KMS keys, by id. */
  kmsKeys: Map<string, KmsKey>;
}

/** A key of KMS, with what matters to ECS. */
export interface KmsKey {
  /** False: what it encrypts cannot be used. */
  enabled: boolean;
  /** Whether it has the tag that lets ECS use it. */
  taggedForEcs: boolean;
}

/** The limits of an account. A call beyond one is refused with the code of the API page. */
export interface Quotas {
  /** Custom images. */
  images: number;
  /** Different image families. */
  imageFamilies: number;
  /** Images in one family. */
  imagesPerFamily: number;
  /** Tags on one image, snapshot or other resource. */
  tagsPerResource: number;
  /** Snapshots of one disk. */
  snapshotsPerDisk: number;
  /**
   * Snapshots of one disk in progress at once. With 1, a second one is refused with
   * IncorrectDiskStatus.CreatingSnapshot.
   */
  snapshotsAtOncePerDisk: number;
  /** Snapshots in progress at once, in the whole account. */
  snapshotsAtOnce: number;
  /** Imports that run at once. */
  importsAtOnce: number;
  /** Exports that run at once. */
  exportsAtOnce: number;
  /** Exports in seven days. */
  exportsPerWeek: number;
  /** Copies into one region that run at once; the others are Waiting. */
  copiesAtOncePerRegion: number;
  /** Accounts that one image can be shared with. */
  accountsPerSharedImage: number;
  /** Images that can be shared at once. */
  sharedImages: number;
  /** Cores of all pay-as-you-go instances of a region together. */
  vCpus: number;
  /**
   * Calls of an action in one second of the clock before it answers with `Throttling.User`. An action that is not named
   * has no limit.
   */
  callsPerSecond: Record<string, number>;
}

/** A region of the cloud. */
export interface RegionRecord {
  /** For example `cn-hangzhou`. */
  regionId: string;
  /** The name for people, for example `China (Hangzhou)`. */
  localName: string;
  /** Its zones, for example `cn-hangzhou-h`. */
  zoneIds: string[];
  /** Instance types that are out of stock, by zone; `*` stands for all types. */
  soldOut?: Record<string, string[]>;
  /** False: images can neither be imported nor exported nor copied here. */
  movesImages?: boolean;
  /** False: community images cannot be published here. */
  publishesImages?: boolean;
}

/** A resource group. */
export interface ResourceGroupRecord {
  /** For example `rg-emulator0images`. */
  resourceGroupId: string;
  /** The name for people. */
  name: string;
}

/** The answer to a client token. */
export interface TokenRecord {
  /** The action that it was sent with. */
  action: string;
  /** A hash of all parameters of the first request. */
  fingerprint: string;
  /** The answer, without its request id. */
  body: Record<string, unknown>;
}
