/** An image as the cloud has it, with the names of `CustomImage`'s outputs. */
export interface GetImageResult {
  /** The id. */
  readonly imageId: string;
  readonly imageName: string;
  readonly imageFamily?: string;
  readonly imageVersion?: string;
  readonly description?: string;
  readonly regionId: string;
  /** `i386`, `x86_64` or `arm64`. */
  readonly architecture: string;
  /** The operating system distribution. */
  readonly platform?: string;
  /** `linux` or `windows`. */
  readonly osType?: string;
  /** The operating system as a person would name it. */
  readonly osName?: string;
  /** `Available`, or what was asked for. */
  readonly status: string;
  /** Whether the status is `Deprecated`. */
  readonly deprecated: boolean;
  /** How much of it is made, for example `100%`. */
  readonly progress?: string;
  /** Whether instances can be created from it. */
  readonly usable: boolean;
  /** When it was made, in UTC: `2026-01-31T08:00:00Z`. */
  readonly creationTime?: string;
  /** The size of the system disk in GiB. */
  readonly size?: number;
  readonly bootMode?: string;
  readonly licenseType?: string;
  readonly features?: { readonly imdsSupport?: string; readonly nvmeSupport?: string };
  readonly resourceGroupId?: string;
  /** The user's tags: those of Alibaba Cloud and of this package are left out. */
  readonly tags: Readonly<Record<string, string>>;
  readonly diskDeviceMappings: readonly {
    readonly snapshotId?: string;
    readonly size?: number;
    readonly device?: string;
    readonly diskType?: string;
  }[];
}
