import type { CheckFailure } from "../../fields/check";
import type { ResourceDoc } from "../../fields/doc";
import type { Fields, OutputFields } from "../../fields/fields";
import {
  anyList,
  bucket,
  flag,
  identifier,
  type ObjectType,
  oneOf,
  pattern,
  region,
  roleName,
} from "../../fields/rules";
import { REGION_LEFT_OUT } from "../images/args";

export interface ImageExportFields {
  readonly imageId: string;
  readonly ossBucket: string;
  readonly ossPrefix?: string;
  readonly imageFormat?: string;
  readonly roleName?: string;
  readonly regionId?: string;
  readonly triggers?: readonly unknown[];
  readonly deleteObjects?: boolean;
}

/** Regions in which ECS exports other formats than raw, according to the page of ExportImage. */
const FORMAT_REGIONS: readonly string[] = [
  "ap-northeast-1",
  "ap-southeast-1",
  "ap-southeast-3",
  "ap-southeast-5",
  "eu-central-1",
  "eu-west-1",
  "me-east-1",
  "us-east-1",
  "us-west-1",
];

/** Rules about the format and the region of an export together. */
export const formatFailures = (imageFormat: string, regionId: string): CheckFailure[] =>
  FORMAT_REGIONS.includes(regionId)
    ? []
    : [
        {
          property: "imageFormat",
          reason:
            `imageFormat must be raw in ${regionId}, not ${imageFormat}; ` +
            `other formats are for ${FORMAT_REGIONS.join(", ")}`,
        },
      ];

export interface ExportedObject {
  readonly bucket: string;
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly eTag: string;
}

/** The objects that an export wrote. */
export interface Written {
  readonly objects: readonly ExportedObject[];
  /** When each object was written. If another export writes the same bytes again, the objects belong to that export. */
  readonly writtenAt: readonly string[];
}

export interface ImageExportState extends ImageExportFields, Written {
  readonly regionId: string;
  readonly taskId: string;
  /**
   * `Finished`; or the status of a task that has not ended; or `Incomplete` if some objects are gone. Then `objects`
   * has the others.
   */
  readonly status: string;
  /** When it started, to the minute, as ISO 8601. An older file was written by another export. */
  readonly startedAt?: string | undefined;
}

export const fields: Fields<ImageExportFields> = {
  imageId: {
    accepts: identifier("an image"),
    required: true,
    change: "replace",
    doc: "The image to export: at most 4 data disks of at most 500 GiB, not encrypted, not from the Marketplace.",
    errors: ["InvalidImageId.NotFound", "ImageNotSupported", "InvalidImage.DiskAmountOrSize"],
    output: "The exported image.",
  },
  ossBucket: {
    accepts: bucket,
    required: true,
    change: "replace",
    doc: "The bucket, in the region of the image.",
    errors: ["InvalidOSSBucket.NotFound", "InvalidOSSBucket.EncryptUnsupported", "NoSetRoletoECSServiceAccount"],
    output: "The bucket.",
  },
  ossPrefix: {
    leftOut: "",
    accepts: pattern("1 to 30 letters and digits", /^[A-Za-z0-9]{1,30}$/),
    change: "replace",
    doc: "The beginning of each key.",
    errors: ["InvalidOSSPrefix.Malformed"],
  },
  imageFormat: {
    leftOut: "raw",
    accepts: oneOf("raw", "vhd", "qcow2", "vmdk", "vdi"),
    change: "replace",
    doc:
      `The format of the files. Other formats than \`raw\` are exported in these regions only: ` +
      `${FORMAT_REGIONS.map((region) => `\`${region}\``).join(", ")}.`,
    whenLeftOut: "`raw`",
    errors: ["InvalidImageFormat.RegionNotSupported"],
    output: "The format of the files.",
  },
  roleName: {
    accepts: roleName,
    change: "record",
    doc: "The RAM role under which ECS writes the files.",
    whenLeftOut: "`AliyunECSImageExportDefaultRole`",
    changing: "Used at the creation only; a change is only recorded.",
    errors: ["NoSetRoletoECSServiceAccount"],
    output: "The RAM role under which ECS wrote the files.",
  },
  regionId: {
    accepts: region,
    change: "replace",
    doc: "The region of the image.",
    whenLeftOut: REGION_LEFT_OUT,
    output: "The region of the image.",
    always: true,
  },
  triggers: {
    leftOut: [],
    accepts: anyList,
    change: "replace",
    mayBeSecret: true,
    doc: "A list of any values. Change it to export the same image again.",
    output: "The values given in `triggers`.",
  },
  deleteObjects: {
    accepts: flag,
    change: "record",
    default: false,
    doc: "Whether deleting the resource deletes the objects that this export wrote. Changed objects are kept.",
    output: "Whether deleting the resource deletes the objects.",
  },
};

const exportedObject: ObjectType = {
  type: "object",
  name: "ExportedObject",
  doc: "An object in OSS that an export wrote.",
  properties: {
    bucket: { type: "string", doc: "The bucket." },
    key: { type: "string", doc: "The key that the task reported." },
    size: { type: "integer", doc: "The size in bytes." },
    eTag: { type: "string", doc: "The ETag that OSS gave it, without its quotes." },
  },
  required: ["bucket", "key", "size", "eTag"],
};

export const imageExportOutputs: OutputFields<ImageExportState, ImageExportFields> = {
  taskId: { type: { type: "string" }, doc: "The id of the export task. It equals `id`." },
  status: {
    type: { type: "string", values: ["Finished", "Waiting", "Processing", "Incomplete"] },
    doc:
      "`Finished`; the status of the task while it runs, such as `Waiting` or `Processing`; or `Incomplete` if some " +
      "objects are gone or were overwritten. Then the next `pulumi up` exports again.",
  },
  objects: {
    type: { type: "array", items: exportedObject },
    doc: "What was written and is still there, one object for each disk.",
  },
  writtenAt: {
    type: { type: "array", items: { type: "string" } },
    doc: "When each of the objects was written, in the order of `objects`.",
  },
  startedAt: {
    type: { type: "string" },
    optional: true,
    doc: "When the export began, to the minute: `2026-01-01T00:00Z`.",
  },
};

export const imageExportDoc: ResourceDoc = {
  doc: `A custom image written to OSS, one object for each disk (ECS ExportImage). Its id is the task's, so two exports
of one image are two resources.

If one of its objects is gone or overwritten, a refresh notices, and the next \`pulumi up\` exports again. The provider
searches for the keys in this order: those that the task reports; the names that ECS gives
(\`<ossPrefix>_<imageId>_system.raw.tar.gz\`, \`…_data_xvdb…\`); those that the bucket lists under prefix and image
since the task began. If it finds none for a finished export, it records the objects that it knows, and a warning names
bucket and prefix.`,
  args: "Which image an `ImageExport` writes, and where to.",
  action: "ExportImage",
  replacing: "A change exports again.",
  example: `const copy = new ImageExport("archive", { imageId: image.imageId, ossBucket: "image-archive", ossPrefix:
"golden" });
export const files = copy.objects;`,
};
