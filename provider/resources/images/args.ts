import type { Fields, OutputField } from "../../fields/fields";
import { anyList, flag, identifier, integer, nameText, oneOf, region, shape, tags, text } from "../../fields/rules";
import { TAG_PREFIX, USER_TAGS } from "../../lifecycle/ownership";

/** The arguments that every kind of image has. */
export interface ImageArgs {
  readonly imageName?: string;
  readonly imageFamily?: string;
  readonly description?: string;
  readonly bootMode?: string;
  readonly licenseType?: string;
  readonly features?: { readonly imdsSupport?: string; readonly nvmeSupport?: string };
  readonly resourceGroupId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly deprecated?: boolean;
  readonly forceDelete?: boolean;
  readonly keepVersions?: number;
  readonly detectionStrategy?: string;
  readonly triggers?: readonly unknown[];
  readonly regionId?: string;
  readonly architecture?: string;
  readonly platform?: string;
}

/** What the cloud adds. */
export interface ImageOutputs {
  readonly imageId: string;
  readonly status: string;
  readonly progress?: string;
  readonly creationTime: string;
  readonly size: number;
  readonly osType: string;
  readonly osName: string;
  readonly usable: boolean;
  readonly previousVersions: readonly Version[];
}

/** A replaced image that `keepVersions` keeps. */
export interface Version {
  readonly imageId: string;
  readonly imageName: string;
  readonly creationTime: string;
}

interface Features {
  readonly imdsSupport?: string;
  readonly nvmeSupport?: string;
}

/** Only what is given is wanted: a feature that is left out keeps the value that the cloud has. */
const sameFeatures = (have: unknown, want: unknown): boolean =>
  Object.entries(want as Features).every(
    ([key, wanted]) => wanted === undefined || (have as Record<string, unknown>)[key] === wanted,
  );

/** A state that names every argument and output, so that the compiler points to one that is forgotten. */
export type Complete<State> = {
  readonly [Key in keyof Required<State>]: object extends Pick<State, Key> ? State[Key] | undefined : State[Key];
};

/** Leaves out what is undefined. */
export const compact = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

export const imageFields: Fields<ImageArgs> = {
  imageName: {
    accepts: nameText(2, 128),
    change: "update",
    attribute: "ImageName",
    summary: "The name, unique in the region. Left out: `<resource name>-<random suffix>`.",
  },
  imageFamily: {
    accepts: nameText(2, 128),
    change: "update",
    attribute: "ImageFamily",
    summary: "The family; instances can be started from the newest image of a family.",
  },
  description: {
    accepts: text(2, 256, { notStarting: ["http://", "https://"] }),
    change: "update",
    request: "Description",
    attribute: "Description",
    summary: "Free text.",
  },
  bootMode: {
    accepts: oneOf("BIOS", "UEFI", "UEFI-Preferred"),
    change: "update",
    attribute: "BootMode",
    summary: "How instances of this image boot.",
  },
  licenseType: {
    accepts: oneOf("Auto", "Aliyun", "BYOL"),
    change: "update",
    attribute: "LicenseType",
    summary: "Which license activates the operating system. The cloud changes it to `BYOL` only.",
  },
  features: {
    accepts: shape({ imdsSupport: oneOf("v1", "v2"), nvmeSupport: oneOf("supported", "unsupported") }),
    change: "update",
    attribute: ({ imdsSupport, nvmeSupport }: Features) => ({
      Features: compact({ ImdsSupport: imdsSupport, NvmeSupport: nvmeSupport }),
    }),
    same: sameFeatures,
    summary: "Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`).",
  },
  resourceGroupId: {
    accepts: identifier("a resource group"),
    change: "update",
    request: "ResourceGroupId",
    summary: "The resource group.",
  },
  tags: {
    accepts: tags(USER_TAGS, TAG_PREFIX),
    change: "update",
    default: {},
    summary: `At most ${USER_TAGS}. Tags that others set are left alone.`,
  },
  deprecated: {
    accepts: flag,
    change: "update",
    default: false,
    attribute: (deprecated: boolean) => ({ Status: deprecated ? "Deprecated" : "Available" }),
    summary: "Whether the status is Deprecated.",
  },
  forceDelete: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "Delete the image even while instances use it or it is shared.",
  },
  keepVersions: {
    accepts: integer(0, 100),
    change: "update",
    default: 0,
    summary: "How many replaced images to keep as versions, deprecated.",
  },
  detectionStrategy: {
    accepts: oneOf("Standard"),
    change: "nothing",
    request: "DetectionStrategy",
    summary: "Has the cloud check the new image.",
  },
  triggers: {
    accepts: anyList,
    change: "replace",
    mayBeSecret: true,
    summary: "Any list of values; a change rebuilds from the same source.",
  },
  regionId: {
    accepts: region,
    change: "replace",
    summary: "The region. Left out: the stack's.",
  },
  architecture: {
    accepts: oneOf("i386", "x86_64", "arm64"),
    change: "replace",
    request: "Architecture",
    summary: "The system disk's architecture.",
  },
  platform: {
    accepts: text(1, 64),
    change: "replace",
    request: "Platform",
    summary: "The operating system distribution.",
  },
};

/** The outputs that every kind of image has. */
export const imageOutputs = {
  imageId: { type: { type: "string" }, summary: "The id of the image, as `id` is." },
  status: {
    type: { type: "string" },
    summary:
      "`Available` or `Deprecated`; `Waiting` or `Creating` while unfinished; `CreateFailed` or `UnAvailable` after a failure.",
  },
  progress: { type: { type: "string" }, optional: true, summary: "How much of it is made, for example `100%`." },
  creationTime: { type: { type: "string" }, summary: "When it was created, in UTC: `2026-01-31T08:00:00Z`." },
  size: { type: { type: "integer" }, summary: "The size of the system disk in GiB." },
  osType: { type: { type: "string" }, summary: "`linux` or `windows`." },
  osName: { type: { type: "string" }, summary: "The operating system's display name." },
  usable: { type: { type: "boolean" }, summary: "Whether instances can be created from it." },
  previousVersions: {
    type: {
      type: "array",
      items: {
        type: "object",
        properties: {
          imageId: { type: "string" },
          imageName: { type: "string" },
          creationTime: { type: "string" },
        },
        required: ["imageId", "imageName", "creationTime"],
      },
    },
    summary: "The replaced images that `keepVersions` keeps, the newest first.",
  },
} as const satisfies Record<keyof ImageOutputs, OutputField>;
