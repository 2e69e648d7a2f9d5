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
  /** Whose it is, as seen by the account that holds the record. */
  owner: ImageOwner;
  /** The id of the account that owns it. */
  ownerId: string;
  /** Of an image from the Marketplace; empty for others. */
  productCode: string;
  /** Published as a community image. */
  isPublic: boolean;
  /** Accounts that it is shared with. */
  sharedWith: string[];
  /** Being copied to another region: set by a test. A copy made by CopyImage is found by its `copyOf`. */
  copying: boolean;
  /** Of a copy: what it was made from. */
  copyOf?: CopyOrigin;
  /** Of a copy that is encrypted; empty for the key that the account has by default. */
  kmsKeyId?: string;
  /** The resource group; empty: the default group. */
  resourceGroupId: string;
  /** Key to value, those of the package among them. */
  tags: Map<string, string>;
  /** Its disks, the system disk first. */
  diskMappings: ImageDisk[];
  /** What CreateImage or ImportImage asked for; empty: no check. */
  detectionStrategy: string;
  /** What the check found, in the words of DescribeImages; absent: nothing. */
  detectionItems?: DetectionItem[];
  /** Whether it supports Secure Boot, as DescribeImages shows it; empty: not shown. */
  secureBootSupport: string;
  /** When the creating call was accepted. */
  createdMs: number;
  /** What it was created from. */
  madeFrom: "instance" | "snapshot" | "import" | "copy" | "seed";
  /** Of CreateImage: the id of that instance or snapshot. */
  sourceId?: string;
  /** How long its creation takes, and how that ends. */
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
  /** Set by ModifyImageAttribute: the status is then `Deprecated`. */
  deprecated: boolean;
  /** Shown instead of what time says, when a test sets it. */
  statusShown?: string;
}

/** One thing that the check of an image has looked at. */
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

/** What a copy was made from. */
export interface CopyOrigin {
  /** The region of the source. */
  regionId: string;
  /** The source. */
  imageId: string;
  /** After its end, `Available` but not usable for this long. */
  unusableForMs: number;
  /** Once it has ended: it has snapshots of its own. */
  snapshotsTaken: boolean;
  /** False: CancelCopyImage is refused with CancelNotSupported. */
  isCancellable?: boolean;
}

/** Whose an image is, in the words of `ImageOwnerAlias`. */
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
