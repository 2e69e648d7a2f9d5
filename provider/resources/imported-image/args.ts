import type { ArgsRule } from "../../fields/check";
import type { ResourceDoc } from "../../fields/doc";
import type { Fields, OutputFields } from "../../fields/fields";
import { anyList, bucket, flag, integer, listOf, oneOf, pattern, roleName, shape, text } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { compact, type ImageArgs, type ImageOutputs, imageFields, imageOutputs, OS_TYPES } from "../images/args";

/** One disk, from an image file in OSS. The first is the system disk. */
export interface ImportDisk {
  readonly ossBucket: string;
  readonly ossObject: string;
  readonly format?: string;
  readonly diskImageSize?: number;
  readonly device?: string;
}

export interface ImportedImageArgs extends ImageArgs {
  readonly diskDeviceMappings: readonly ImportDisk[];
  readonly osType?: string;
  readonly roleName?: string;
  readonly trackSource?: boolean;
  /** The ETag of each file, in the order of the disks, if `trackSource` is on. */
  readonly sourceETags?: readonly string[];
}

export interface ImportedImageState extends ImportedImageArgs, Omit<ImageOutputs, "osType"> {
  readonly importTaskId?: string;
}

const disk = shape(
  { name: "ImportedImageDisk", outputName: "ImportedDisk", doc: "One disk of an imported image, from a file in OSS." },
  {
    ossBucket: { accepts: bucket, doc: "The bucket, in the region of the image." },
    ossObject: { accepts: text(1, 1023, { notStarting: ["/", "\\"] }), doc: "The key of the image file." },
    format: {
      accepts: oneOf("RAW", "VHD", "qcow2", "QCOW2", "VMDK"),
      doc: "The format of the file; `VMDK` where the account is invited to it.",
      whenLeftOut: "what the cloud detects, which also overrides a given format",
    },
    diskImageSize: {
      accepts: integer(1, 2_048, "GiB"),
      doc: "The size of the disk in GiB.",
      whenLeftOut: "what the cloud detects",
    },
    device: {
      accepts: pattern("/dev/xvda to /dev/xvdz", /^\/dev\/xvd[a-z]$/),
      doc: "The device name.",
      whenLeftOut: "by the order of the list; leave it out, because ECS is about to remove this parameter",
    },
  },
  ["ossBucket", "ossObject"],
);

const diskParameters = (disks: readonly ImportDisk[]) => ({
  DiskDeviceMapping: disks.map(({ ossBucket, ossObject, format, diskImageSize, device }) =>
    compact({
      OSSBucket: ossBucket,
      OSSObject: ossObject,
      Format: format,
      DiskImageSize: diskImageSize === undefined ? undefined : Number(diskImageSize),
      Device: device,
    }),
  ),
});

const agree = (a: unknown, b: unknown) =>
  a === undefined || b === undefined || String(a).toLowerCase() === String(b).toLowerCase();

/** Whether both lists mean the same files. A value that one of them leaves to the cloud matches any value. */
function sameImportDisks(have: readonly ImportDisk[], want: readonly ImportDisk[]): boolean {
  if (!Array.isArray(have) || !Array.isArray(want) || have.length !== want.length) return false;
  return have.every((one: ImportDisk, i) => {
    const other = want[i] as ImportDisk | undefined;
    if (typeof other !== "object") return false;
    const isSameFile = one.ossBucket === other.ossBucket && one.ossObject === other.ossObject;
    const detected = ["format", "diskImageSize", "device"] as const;
    return isSameFile && detected.every((key) => agree(one[key], other[key]));
  });
}

export const importedImageFields: Fields<ImportedImageArgs> = {
  diskDeviceMappings: {
    accepts: listOf(disk, 1, 17),
    required: true,
    change: "replace",
    request: diskParameters,
    same: (have, want) => sameImportDisks(have as ImportDisk[], want as ImportDisk[]),
    doc: "Source: files in OSS, of which the first is the system disk. Up to 16 more are data disks.",
    changing: "A change replaces the image. Another spelling of a format or of a number is no change.",
    errors: ["InvalidOSSBucket.NotFound", "InvalidImageSize", "NoSetRoletoECSServiceAccount"],
    output: "The disks, with the values that the cloud detected.",
  },
  ...imageFields,
  architecture: {
    ...imageFields.architecture,
    whenLeftOut: "`x86_64`",
    leftOut: "x86_64",
    errors: ["InvalidArchitecture.Malformed"],
  },
  platform: { ...imageFields.platform, whenLeftOut: "`Others Linux`", leftOut: "Others Linux" },
  imageFamily: {
    ...imageFields.imageFamily,
    doc:
      "The image family. Instances can be started from the newest image of a family. It is set once the image is " +
      "ready, because ImportImage does not take it.",
  },
  licenseType: {
    ...imageFields.licenseType,
    request: "LicenseType",
    doc:
      "Which license activates the operating system. Windows needs one: `Aliyun` for a license of Alibaba Cloud, " +
      "`BYOL` for your own. The API page no longer lists `Auto`.",
    whenLeftOut: "`Aliyun`",
    errors: ["InvalidLicenseType.NotSupported", "InvalidLicenseType.BYOLOnly"],
  },
  bootMode: {
    ...imageFields.bootMode,
    doc:
      "How instances of this image boot. `arm64` takes `UEFI` only. " +
      "`UEFI-Preferred` is set once the image is ready.",
    whenLeftOut: "`BIOS`",
    // An image can be changed to UEFI-Preferred, but not imported as such.
    request: (bootMode: string) => (bootMode === "UEFI-Preferred" ? {} : { BootMode: bootMode }),
  },
  features: { ...imageFields.features, request: imageFields.features.attribute as (value: never) => object },
  osType: {
    leftOut: "linux",
    accepts: oneOf(...OS_TYPES),
    change: "replace",
    request: "OSType",
    doc: "The kind of operating system.",
    whenLeftOut: "`linux`",
    errors: ["InvalidOSType.Malformed"],
    output: "`linux` or `windows`.",
    always: true,
  },
  roleName: {
    accepts: roleName,
    change: "nothing",
    request: "RoleName",
    doc: "The RAM role under which ECS reads the files.",
    whenLeftOut: "`AliyunECSImageImportDefaultRole`",
    output: "The RAM role under which ECS read the files.",
  },
  trackSource: {
    accepts: flag,
    change: "record",
    default: false,
    doc:
      "Whether to read the ETag of each file at every preview, and to replace the image if a file has changed under " +
      "the same key.",
    changing: "A change is only recorded.",
    output: "Whether the ETags of the files are compared at every preview.",
  },
  sourceETags: {
    accepts: { ...anyList, type: { type: "array", items: { type: "string" } } },
    change: "replace",
    computed: true,
    doc: "The ETag of each file when it was imported, in the order of the disks, if `trackSource` is on.",
  },
};

export const importedImageOutputs: OutputFields<ImportedImageState, ImportedImageArgs> = {
  imageId: imageOutputs.imageId,
  status: imageOutputs.status,
  progress: imageOutputs.progress,
  creationTime: imageOutputs.creationTime,
  size: imageOutputs.size,
  osName: imageOutputs.osName,
  usable: imageOutputs.usable,
  previousVersions: imageOutputs.previousVersions,
  testResult: imageOutputs.testResult,
  detection: imageOutputs.detection,
  snapshotIds: imageOutputs.snapshotIds,
  importTaskId: { type: { type: "string" }, optional: true, doc: "The task that imported it." },
};

export const importedImageDoc: ResourceDoc = {
  doc: `A custom image made from image files in OSS (ECS ImportImage).

ECS reads the files under a RAM role that the account must have. If it is missing, the error says how to create it. An
import that is still running is cancelled before its image is deleted. ECS makes a snapshot of each disk, which stays
when the image is deleted, unless \`deleteSnapshots\` is on.`,
  args: "The source files of an `ImportedImage` and its properties.",
  action: "ImportImage",
  replacing: "A change replaces the image.",
  example: `const image = new ImportedImage("base", {
  diskDeviceMappings: [{ ossBucket: "golden-images", ossObject: "base.qcow2" }],
  trackSource: true,
});`,
};

const bootModeFits: ArgsRule<ImportedImageArgs> = ({ architecture, bootMode }) =>
  architecture === "arm64" && bootMode !== undefined && !isUnknown(bootMode) && bootMode !== "UEFI"
    ? [{ property: "bootMode", reason: `bootMode must be UEFI for an image of architecture arm64, not ${bootMode}` }]
    : [];

/** The API page says: "If OSType is windows, LicenseType must be set". */
const windowsNeedsLicense: ArgsRule<ImportedImageArgs> = ({ osType, licenseType }) =>
  osType === "windows" && licenseType === undefined
    ? [{ property: "licenseType", reason: "licenseType is missing: an import of Windows must name Aliyun or BYOL" }]
    : [];

export const importedImageRules = [bootModeFits, windowsNeedsLicense];
