import type { ArgsRule } from "../../fields/check";
import type { Fields, OutputFields } from "../../fields/fields";
import { anyList, bucket, flag, identifier, integer, listOf, oneOf, pattern, shape, text } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { compact, type ImageArgs, type ImageOutputs, imageFields, imageOutputs } from "../images/args";

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
  /** The ETag of each file, in the order of the disks, when `trackSource` asks for it. */
  readonly sourceETags?: readonly string[];
}

export interface ImportedImageState extends ImportedImageArgs, Omit<ImageOutputs, "osType"> {
  readonly importTaskId?: string;
}

const disk = shape(
  {
    ossBucket: bucket,
    ossObject: text(1, 1023, { notStarting: ["/", "\\"] }),
    format: oneOf("RAW", "VHD", "qcow2", "QCOW2", "VMDK"),
    diskImageSize: integer(1, 2_048, "GiB"),
    device: pattern("/dev/xvda to /dev/xvdz", /^\/dev\/xvd[a-z]$/),
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

/** What one of them leaves for the cloud to detect makes no difference, nor does the spelling of a format or of a number. */
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
    summary: "Source: files in OSS, the first the system disk, up to 16 data disks (1-2048 GiB each).",
  },
  ...imageFields,
  licenseType: { ...imageFields.licenseType, request: "LicenseType" },
  bootMode: {
    ...imageFields.bootMode,
    // An image can be changed to UEFI-Preferred, but not imported as such.
    request: (bootMode: string) => (bootMode === "UEFI-Preferred" ? {} : { BootMode: bootMode }),
  },
  features: { ...imageFields.features, request: imageFields.features.attribute as (value: never) => object },
  osType: {
    accepts: oneOf("linux", "windows"),
    change: "replace",
    request: "OSType",
    summary: "The kind of operating system.",
  },
  roleName: {
    accepts: identifier("a RAM role"),
    change: "nothing",
    request: "RoleName",
    summary: "The role under which ECS reads the files.",
  },
  trackSource: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "Replace when the file under the same key is another one.",
  },
  sourceETags: {
    accepts: anyList,
    change: "replace",
    computed: true,
    summary: "The ETag of each file, read from OSS when `trackSource` is on.",
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
  importTaskId: { type: { type: "string" }, optional: true, summary: "The task that imported it." },
};

const bootModeFits: ArgsRule<ImportedImageArgs> = ({ architecture, bootMode }) =>
  architecture === "arm64" && bootMode !== undefined && !isUnknown(bootMode) && bootMode !== "UEFI"
    ? [{ property: "bootMode", reason: `bootMode must be UEFI for an image of architecture arm64, not ${bootMode}` }]
    : [];

export const importedImageRules = [bootModeFits];
