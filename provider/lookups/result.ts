/** An image as the cloud has it, with the names of `CustomImage`'s outputs. */
export interface GetImageResult {
  /** The id. */
  readonly imageId: string;
  /** The name. */
  readonly imageName: string;
  /** The image family. */
  readonly imageFamily?: string;
  /** The version that was given at the creation. */
  readonly imageVersion?: string;
  /** The description. */
  readonly description?: string;
  /** The id of the account that owns it, where ECS says so. */
  readonly ownerId?: string;
  /** Whether it is published as a community image. */
  readonly isPublic: boolean;
  /** `instance`: ECS instances use it; `none`: none does. */
  readonly usage?: string;
  /** The region. */
  readonly regionId: string;
  /** `i386`, `x86_64` or `arm64`. */
  readonly architecture: string;
  /** The operating system distribution. */
  readonly platform?: string;
  /** `linux` or `windows`. */
  readonly osType?: string;
  /** The operating system's display name. */
  readonly osName?: string;
  /** `Available`, or the requested status. */
  readonly status: string;
  /** Whether the status is `Deprecated`. */
  readonly deprecated: boolean;
  /** The progress of its creation, for example `100%`. */
  readonly progress?: string;
  /** Whether instances can be created from it. */
  readonly usable: boolean;
  /** When it was created, in UTC: `2026-01-31T08:00:00Z`. */
  readonly creationTime?: string;
  /** The size of the system disk in GiB. */
  readonly size?: number;
  /** `BIOS`, `UEFI` or `UEFI-Preferred`. */
  readonly bootMode?: string;
  /** `Auto`, `Aliyun` or `BYOL`. */
  readonly licenseType?: string;
  /** Metadata access (`imdsSupport`: `v1` or `v2`) and NVMe (`nvmeSupport`: `supported` or `unsupported`). */
  readonly features?: {
    /** `v1` or `v2`. */
    readonly imdsSupport?: string;
    /** `supported` or `unsupported`. */
    readonly nvmeSupport?: string;
  };
  /** The id of the resource group. */
  readonly resourceGroupId?: string;
  /** The user's tags: those of Alibaba Cloud and of this package are left out. */
  readonly tags: Readonly<Record<string, string>>;
  /** The disks. */
  readonly diskDeviceMappings: readonly {
    /** The snapshot that holds the data; absent for an empty disk. */
    readonly snapshotId?: string;
    /** The size in GiB. */
    readonly size?: number;
    /** The device name, such as `/dev/xvda`. */
    readonly device?: string;
    /** `system` or `data`. */
    readonly diskType?: string;
  }[];
}
