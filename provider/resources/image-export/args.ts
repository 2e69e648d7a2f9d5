import type { Fields, OutputFields } from "../../fields/fields";
import { anyList, bucket, flag, identifier, oneOf, pattern, region } from "../../fields/rules";

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
  /** When each of the objects was written: the same bytes written again by another export are another export's. */
  readonly writtenAt: readonly string[];
}

export interface ImageExportState extends ImageExportFields, Written {
  readonly regionId: string;
  readonly taskId: string;
  /** `Finished`, a status of a task that has not, or `Incomplete`: some of its objects are gone, and `objects` are the others. */
  readonly status: string;
  /** When it began, to the minute, as ISO 8601. A file that is older was written by another export. */
  readonly startedAt?: string;
}

export const fields: Fields<ImageExportFields> = {
  imageId: { accepts: identifier("an image"), required: true, change: "replace", summary: "The image to export." },
  ossBucket: {
    accepts: bucket,
    required: true,
    change: "replace",
    summary: "The bucket, in the image's region.",
  },
  ossPrefix: {
    accepts: pattern("1 to 30 letters and digits", /^[A-Za-z0-9]{1,30}$/),
    change: "replace",
    summary: "What the keys begin with.",
  },
  imageFormat: {
    accepts: oneOf("raw", "vhd", "qcow2", "vmdk", "vdi"),
    change: "replace",
    summary: "The format, where the region offers it.",
  },
  roleName: {
    accepts: identifier("a RAM role"),
    change: "record",
    summary: "The role under which ECS writes the files.",
  },
  regionId: {
    accepts: region,
    change: "replace",
    summary: "The image's region. Left out: the stack's.",
  },
  triggers: {
    accepts: anyList,
    change: "replace",
    mayBeSecret: true,
    summary: "Any list of values; a change exports again.",
  },
  deleteObjects: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "On delete, remove the objects that this export wrote, if they are still the same.",
  },
};

export const imageExportOutputs: OutputFields<ImageExportState, ImageExportFields> = {
  taskId: { type: { type: "string" }, summary: "The task that exported it, which is the id of the resource." },
  status: { type: { type: "string" }, summary: "`Finished`, or how far the export has come." },
  objects: {
    type: {
      type: "array",
      items: {
        type: "object",
        properties: {
          bucket: { type: "string", description: "the bucket" },
          key: { type: "string", description: "the key that the task reported" },
          size: { type: "integer", description: "in bytes" },
          eTag: { type: "string", description: "the ETag that OSS gave it" },
        },
        required: ["bucket", "key", "size", "eTag"],
      },
    },
    summary: "The objects that this export wrote, one for each disk.",
  },
  writtenAt: {
    type: { type: "array", items: { type: "string" } },
    summary: "When each of the objects was written, as OSS reports it.",
  },
  startedAt: { type: { type: "string" }, optional: true, summary: "When the export began, in UTC." },
};
