import type { Span } from "./span";

/** The statuses of an image, as DescribeImages names them. */
export type ImageStatus = "Waiting" | "Creating" | "Available" | "UnAvailable" | "CreateFailed" | "Deprecated";

/** An image. Its status follows from `span` and the clock. */
export interface ImageRecord {
  /** For example `m-emu00000000000000001`. */
  imageId: string;
  /** The region where it is. */
  regionId: string;
  /** `ImageName`; unique among the images of the account in a region. */
  imageName: string;
  /** `ImageFamily`; empty: none. */
  imageFamily: string;
  /** `ImageVersion`; empty: none. */
  imageVersion: string;
  /** `Description`; empty: none. */
  description: string;
  /** `i386`, `x86_64` or `arm64`. */
  architecture: string;
  /** `linux` or `windows`. */
  osType: string;
  /** The display name of the operating system. */
  osName: string;
  /** The distribution, for example `Ubuntu`. */
  platform: string;
  /** `BIOS`, `UEFI` or `UEFI-Preferred`; empty: not shown. */
  bootMode: string;
  /** `Auto`, `Aliyun` or `BYOL`; empty: not shown. */
  licenseType: string;
  /** `v1` or `v2`; empty: not shown. */
  imdsSupport: string;
  /** `supported` or `unsupported`; empty: not shown. */
  nvmeSupport: string;
  /** The kind of owner, as seen by the account that holds the record. */
  owner: ImageOwner;
  /** The id of the account that owns it. */
  ownerId: string;
  /** For an image from the Marketplace; empty for others. */
  productCode: string;
  /** Published as a community image. */
  isPublic: boolean;
  /** Accounts that it is shared with. */
  sharedWith: string[];
  /** Set by a test: it is being copied to another region. A copy that CopyImage makes is found by its `copyOf`. */
  copying: boolean;
  /** For a copy: its source. */
  copyOf?: CopyOrigin;
  /** For an encrypted copy: its key; empty for the account's default key. */
  kmsKeyId?: string;
  /** The resource group; empty: the default group. */
  resourceGroupId: string;
  /** Key to value, including the package's own tags. */
  tags: Map<string, string>;
  /** Its disks, the system disk first. */
  diskMappings: ImageDisk[];
  /** What CreateImage or ImportImage asked for; empty: no detection. */
  detectionStrategy: string;
  /** What the detection found, in the words of DescribeImages; absent: nothing. */
  detectionItems?: DetectionItem[];
  /** Whether it supports Secure Boot, as DescribeImages shows it; empty: not shown. */
  secureBootSupport: string;
  /** When the creating call was accepted. */
  createdMs: number;
  /** What it was created from. */
  madeFrom: "instance" | "snapshot" | "import" | "copy" | "seed";
  /** For an image of CreateImage: the id of that instance or snapshot. */
  sourceId?: string;
  /** How long its creation takes, and how that ends. */
  span: Span;
  /** The status after a failed creation: `CreateFailed`, or `UnAvailable` for an import. */
  failsAs: "CreateFailed" | "UnAvailable";
  /** Not usable before this time, though `Available`. */
  usableFromMs: number;
  /** Not listed before this time: the cloud's lists may lag behind. */
  visibleFromMs: number;
  /** From this time on it is gone, as if it had never existed. */
  vanishesAtMs?: number;
  /** In no list between these times, though it is there. */
  hidden?: Interval;
  /** Set by ModifyImageAttribute: the status is then `Deprecated`. */
  deprecated: boolean;
  /** If a test sets it, this status is shown instead of the real one. */
  statusShown?: string;
}

/** One item that the detection of an image has looked at. */
export interface DetectionItem {
  /** For example `GuestOS.Nvme`. */
  Name: string;
  /** What was found. */
  Value: string;
  /** Empty: no risk. */
  RiskCode: string;
  /** `High`, `Medium` or `Low`; empty: no risk. */
  RiskLevel: string;
}

/** The source of a copy. */
export interface CopyOrigin {
  /** The region of the source. */
  regionId: string;
  /** The source. */
  imageId: string;
  /** How long the finished copy is `Available` but not usable. */
  unusableForMs: number;
  /** Whether the finished copy has snapshots of its own. */
  snapshotsTaken: boolean;
  /** False: CancelCopyImage is refused with CancelNotSupported. */
  isCancellable?: boolean;
}

/** Who owns an image, in the words of `ImageOwnerAlias`. */
export type ImageOwner = "self" | "system" | "others" | "marketplace";

/** From one time to another. */
export interface Interval {
  /** The first moment in it. */
  fromMs: number;
  /** The first moment after it. */
  untilMs: number;
}

/** What remains of a deleted image for a while. */
export interface DeletedImage {
  /** The name, which a quirk may keep taken. */
  imageName: string;
  /** The region where it was. */
  regionId: string;
  /** Its snapshots, which a quirk may keep from being deleted. */
  snapshotIds: string[];
  /** When DeleteImage was answered. */
  deletedMs: number;
}

/** One disk of an image. */
export interface ImageDisk {
  /** The system disk, or a data disk. */
  type: "system" | "data";
  /** `/dev/xvda` for the system disk, `/dev/xvdb` and so on for data disks. */
  device: string;
  /** GiB */
  size: number;
  /** The snapshot that holds its data; empty: none yet, or an empty disk. */
  snapshotId: string;
  /** The format of the imported file, for example `QCOW2`; empty for others. */
  format: string;
  /** Whether it is encrypted. */
  encrypted: boolean;
  /** The bucket of the imported file; empty for others. */
  importBucket: string;
  /** The key of the imported file; empty for others. */
  importObject: string;
}
