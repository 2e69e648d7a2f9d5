import type { Fields, OutputField } from "../../fields/fields";
import {
  anyList,
  flag,
  identifier,
  integer,
  nameText,
  type ObjectType,
  oneOf,
  region,
  shape,
  tags,
  text,
  type ValueType,
} from "../../fields/rules";
import { TAG_PREFIX, USER_TAGS } from "../../lifecycle/ownership";
import { type ImageTest, type TestResult, testField, testResultOutput } from "./test/args";
import { TESTING } from "./test/state";

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
  readonly deleteSnapshots?: boolean;
  readonly keepVersions?: number;
  readonly detectionStrategy?: string;
  readonly test?: ImageTest;
  readonly triggers?: readonly unknown[];
  readonly regionId?: string;
  readonly architecture?: string;
  readonly platform?: string;
}

/** The outputs that the cloud adds. */
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
  readonly testResult?: TestResult;
  readonly detection?: Detection;
  readonly snapshotIds: readonly string[];
}

/** The result of the check that `detectionStrategy` asks for. */
export interface Detection {
  readonly status: string;
  readonly items: readonly DetectionItem[];
}

interface DetectionItem {
  readonly name: string;
  readonly value: string;
  readonly riskCode?: string;
  readonly riskLevel?: string;
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

/** An omitted feature matches any value: it keeps the value in the cloud. */
const sameFeatures = (have: unknown, want: unknown): boolean =>
  Object.entries(want as Features).every(
    ([key, wanted]) => wanted === undefined || (have as Record<string, unknown>)[key] === wanted,
  );

/** A state with every argument and output, so that the compiler reports a forgotten one. */
export type Complete<State> = {
  readonly [Key in keyof Required<State>]: object extends Pick<State, Key> ? State[Key] | undefined : State[Key];
};

/** Leaves out what is undefined. */
export const compact = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** The statuses of ECS. */
export const IMAGE_STATUSES = [
  "Creating",
  "Waiting",
  "Available",
  "UnAvailable",
  "CreateFailed",
  "Deprecated",
] as const;
/** The statuses of ECS, and the ones that the state has instead. */
const RECORDED_STATUSES = [...IMAGE_STATUSES, TESTING] as const;
export const OS_TYPES = ["linux", "windows"] as const;

/** The default region of every resource. */
export const REGION_LEFT_OUT = "the configured region";

const TEXT: ValueType = { type: "string" };

const version: ObjectType = {
  type: "object",
  name: "ImageVersion",
  doc: "A replaced image that `keepVersions` keeps.",
  properties: {
    imageId: { ...TEXT, doc: "The id of the image." },
    imageName: { ...TEXT, doc: "The name of the image." },
    creationTime: { ...TEXT, doc: "When it was created, in UTC: `2026-01-31T08:00:00Z`." },
  },
  required: ["imageId", "imageName", "creationTime"],
};

const detectionItem: ObjectType = {
  type: "object",
  name: "ImageDetectionItem",
  doc: "One item that ECS has checked.",
  properties: {
    name: { ...TEXT, doc: "What was checked, for example `GuestOS.Nvme`." },
    value: { ...TEXT, doc: "What was found." },
    riskCode: { ...TEXT, doc: "The risk; absent where there is none." },
    riskLevel: { ...TEXT, doc: "How high the risk is: `High`, `Medium` or `Low`; absent where there is none." },
  },
  required: ["name", "value"],
};

const detection: ObjectType = {
  type: "object",
  name: "ImageDetection",
  doc: "What the check of a new image found.",
  properties: {
    status: { ...TEXT, doc: "`Processing` or `Finished`, in the words of ECS." },
    items: { type: "array", items: detectionItem, doc: "What was checked, with the risks." },
  },
  required: ["status", "items"],
};

export const imageFields: Fields<ImageArgs> = {
  imageName: {
    accepts: nameText(2, 128),
    change: "update",
    attribute: "ImageName",
    doc:
      "The name, unique in the region. When a replacement keeps it, the old image is renamed before the new one is " +
      "created.",
    whenLeftOut: "`<resource name>-<random suffix>`",
    errors: ["InvalidImageName.Duplicated"],
    output: "The name.",
    always: true,
  },
  imageFamily: {
    accepts: nameText(2, 128),
    change: "update",
    attribute: "ImageFamily",
    doc: "The image family. Instances can be started from the newest image of a family.",
    changing: "It changes in place. The API cannot clear it: if you remove it from the program, the image keeps it.",
    errors: ["ImageFamilyQuotaExceed"],
    output: "The image family.",
  },
  description: {
    accepts: text(2, 256, { notStarting: ["http://", "https://"] }),
    change: "update",
    request: "Description",
    attribute: "Description",
    doc: "Free text.",
    changing: "It changes in place. The API cannot clear it: if you remove it from the program, the image keeps it.",
    output: "The description.",
  },
  bootMode: {
    accepts: oneOf("BIOS", "UEFI", "UEFI-Preferred"),
    change: "update",
    attribute: "BootMode",
    doc: "How instances of this image boot.",
    whenLeftOut: "the source's",
    errors: ["InvalidBootMode.NotSupport"],
    output: "How instances of this image boot.",
  },
  licenseType: {
    accepts: oneOf("Auto", "Aliyun", "BYOL"),
    change: "update",
    attribute: "LicenseType",
    doc: "Which license activates the operating system.",
    whenLeftOut: "what ECS chooses",
    changing: "It changes in place, to `BYOL` only.",
    errors: ["InvalidLicenseType.NotSupported"],
  },
  features: {
    accepts: shape(
      {
        name: "ImageFeatures",
        outputName: "ImageFeatureValues",
        doc: "Features of the image that instances created from it inherit.",
      },
      {
        imdsSupport: {
          accepts: oneOf("v1", "v2"),
          doc: "`v2` if instances can be restricted to hardened metadata access. It can change to `v2`, but not back.",
        },
        nvmeSupport: { accepts: oneOf("supported", "unsupported"), doc: "Whether the image has an NVMe driver." },
      },
    ),
    change: "update",
    attribute: ({ imdsSupport, nvmeSupport }: Features) => ({
      Features: compact({ ImdsSupport: imdsSupport, NvmeSupport: nvmeSupport }),
    }),
    same: sameFeatures,
    doc: "Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`).",
    errors: ["InvalidParameter.FeaturesImdsSupport"],
  },
  resourceGroupId: {
    accepts: identifier("a resource group"),
    change: "update",
    request: "ResourceGroupId",
    doc: "The resource group.",
    whenLeftOut: "the account's default group",
    errors: ["InvalidResourceGroup.NotFound"],
    output: "The id of the resource group.",
  },
  tags: {
    accepts: tags(USER_TAGS, TAG_PREFIX),
    change: "update",
    default: {},
    doc:
      "Tags; the package needs two of the twenty that an image can have. Keys have 1 to 128 characters and do not " +
      `start with \`aliyun\`, \`acs:\` or \`${TAG_PREFIX}\`. The provider never changes tags that others set.`,
    changing: "They change in place.",
    output: "The tags of this resource, without those of Alibaba Cloud, of this package and of others.",
  },
  deprecated: {
    accepts: flag,
    change: "update",
    default: false,
    attribute: (deprecated: boolean) => ({ Status: deprecated ? "Deprecated" : "Available" }),
    doc: "Whether the image is Deprecated: still usable, but no longer the newest of its family.",
    output: "Whether the status is `Deprecated`.",
  },
  forceDelete: {
    accepts: flag,
    change: "record",
    default: false,
    doc:
      "Whether to delete the image even while instances use it, or while it is shared or public. Without it, a " +
      "replaced image that is in use stays as a version until nothing uses it, and a destroy fails with " +
      "ImageUsingByInstance, ImageUseShared or ImageIsPublic.",
    output: "Whether to delete the image even while instances use it.",
  },
  deleteSnapshots: {
    accepts: flag,
    change: "record",
    default: false,
    doc: "Whether deleting the image also deletes the snapshots that its creation made.",
    output: "Whether the snapshots of this creation are deleted with the image.",
  },
  keepVersions: {
    accepts: integer(0, 100),
    change: "update",
    default: 0,
    doc:
      "How many replaced images to keep as versions for a rollback. A kept version is Deprecated and listed in " +
      "`previousVersions`. The oldest beyond this number are deleted, and a destroy deletes all of them.",
    output: "How many replaced images are kept as versions.",
  },
  detectionStrategy: {
    accepts: oneOf("Standard"),
    change: "nothing",
    request: "DetectionStrategy",
    doc:
      "With `Standard`, ECS checks the new image: the output `detection` has the result, and a risk is a warning. " +
      "The check never fails the creation.",
    whenLeftOut: "no check",
    errors: ["InvalidParameter.DetectionStrategy"],
    output: "The value given in `detectionStrategy`.",
  },
  test: testField,
  triggers: {
    leftOut: [],
    accepts: anyList,
    change: "replace",
    mayBeSecret: true,
    doc: "A list of any values. Change it to rebuild from the same source.",
    output: "The values given in `triggers`.",
  },
  regionId: {
    accepts: region,
    change: "replace",
    doc: "The region.",
    whenLeftOut: REGION_LEFT_OUT,
    output: "The region.",
    always: true,
  },
  architecture: {
    accepts: oneOf("i386", "x86_64", "arm64"),
    change: "replace",
    request: "Architecture",
    doc: "The architecture of the system disk.",
    always: true,
  },
  platform: {
    accepts: text(1, 64),
    change: "replace",
    request: "Platform",
    doc: "The operating system distribution, for example `Aliyun`, `Ubuntu` or `Windows Server 2022`.",
    output: "The operating system distribution.",
  },
};

/** The outputs that every kind of image has. */
export const imageOutputs = {
  imageId: {
    type: TEXT,
    doc: "The id of the image. It is `id`, so that a preview of an update in place knows it.",
  },
  status: {
    type: { type: "string", values: RECORDED_STATUSES },
    doc:
      "`Available` or `Deprecated`. While the image is unfinished: `Waiting`, `Creating`, or `Testing` if it has yet " +
      "to pass its `test`. After a failure: `CreateFailed`, or `UnAvailable` for an import.",
  },
  progress: { type: TEXT, optional: true, doc: "How much of it is created, for example `100%`." },
  creationTime: { type: TEXT, doc: "When it was created, in UTC: `2026-01-31T08:00:00Z`." },
  size: { type: { type: "integer" }, doc: "The size of the system disk in GiB." },
  osType: { type: { type: "string", values: OS_TYPES }, doc: "`linux` or `windows`." },
  osName: { type: TEXT, doc: "The operating system's display name." },
  usable: { type: { type: "boolean" }, doc: "Whether instances can be created from it." },
  previousVersions: {
    type: { type: "array", items: version },
    doc: "The replaced images that `keepVersions` keeps, the newest first.",
  },
  testResult: testResultOutput,
  detection: {
    type: detection,
    optional: true,
    doc: "The result of the check that `detectionStrategy` asked for; absent without it. A risk is also a warning.",
  },
  snapshotIds: {
    type: { type: "array", items: TEXT },
    doc: "The snapshots that this creation made.",
  },
} as const satisfies Record<keyof ImageOutputs, OutputField>;
