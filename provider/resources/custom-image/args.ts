import type { ArgsRule } from "../../fields/check";
import type { ResourceDoc } from "../../fields/doc";
import type { Fields, OutputFields } from "../../fields/fields";
import { identifier, listOf, oneOf, pattern } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { compact, type ImageArgs, type ImageOutputs, imageFields, imageOutputs } from "../images/args";
import { type Disk, diskFailures, diskShape, sameDisks } from "../images/disks";

export interface CustomImageArgs extends ImageArgs {
  readonly instanceId?: string;
  readonly snapshotId?: string;
  readonly diskDeviceMappings?: readonly Disk[];
  readonly imageVersion?: string;
  readonly secureBootSupport?: string;
}

export interface CustomImageState extends CustomImageArgs, ImageOutputs {}

const diskParameters = (disks: readonly Disk[]) => ({
  DiskDeviceMapping: disks.map(({ snapshotId, size, device, diskType }) =>
    compact({
      SnapshotId: snapshotId,
      Size: size === undefined ? undefined : Number(size),
      Device: device,
      DiskType: diskType,
    }),
  ),
});

export const customImageFields: Fields<CustomImageArgs> = {
  instanceId: {
    accepts: identifier("an instance"),
    change: "replace",
    request: "InstanceId",
    doc:
      "Source: the id of an instance that is Running or Stopped and not locked for security. ECS takes a snapshot of " +
      "each of its disks.",
    errors: ["InvalidInstanceId.NotFound", "IncorrectInstanceStatus", "InstanceLockedForSecurity"],
    output: "The source instance.",
  },
  snapshotId: {
    accepts: identifier("a snapshot"),
    change: "replace",
    request: "SnapshotId",
    doc: "Source: the id of a snapshot of a system disk, taken after 2013-07-15.",
    errors: ["InvalidSnapshotId.NotFound", "InvalidSnapshotId.NotReady", "InvalidSnapshot.TooOld", "OperationDenied"],
    output: "The source snapshot.",
  },
  diskDeviceMappings: {
    accepts: listOf(diskShape, 1, 17),
    change: "replace",
    request: diskParameters,
    // An image with another kind of source is another image, even if the disks are equal.
    same: (have, want, whole) =>
      whole.have.instanceId === undefined &&
      whole.have.snapshotId === undefined &&
      sameDisks(have as Disk[], want as Disk[]),
    doc: "Source: disks, each from a snapshot or empty. One is the system disk, and up to 16 are data disks.",
    changing:
      "A change replaces the image. Another order, a number given as a string, or an explicit default is no change.",
    errors: ["InvalidDevice.InUse", "InvalidSize.ValueNotSupported", "OperationDenied"],
    output: "The disks of the image.",
    always: true,
  },
  ...imageFields,
  licenseType: {
    ...imageFields.licenseType,
    doc:
      "Which license activates the operating system. It is set once the image is ready, because CreateImage does not " +
      "take it.",
    output: "Which license activates the operating system.",
  },
  architecture: {
    ...imageFields.architecture,
    doc: "The architecture of the system disk; needed if the system disk is made from a data disk's snapshot.",
    whenLeftOut: "`x86_64`",
    output: "The architecture of the system disk.",
  },
  platform: { ...imageFields.platform, whenLeftOut: "the source's, or `Others Linux`" },
  imageFamily: {
    ...imageFields.imageFamily,
    // With the family in the request, instances would start from an untested image. So it is set after the test.
    request: (imageFamily: string, { test }: CustomImageArgs) =>
      test === undefined ? { ImageFamily: imageFamily } : {},
  },
  bootMode: { ...imageFields.bootMode, request: "BootMode" },
  features: {
    ...imageFields.features,
    // CreateImage takes only this one. The other is set once the image is ready.
    request: ({ imdsSupport }: { imdsSupport?: string }) =>
      imdsSupport === undefined ? {} : { Features: { ImdsSupport: imdsSupport } },
  },
  imageVersion: {
    accepts: pattern("1 to 40 Latin letters, digits, periods, underscores or hyphens", /^[A-Za-z0-9._-]{1,40}$/),
    change: "replace",
    request: "ImageVersion",
    doc: "A version that you choose. For a source from the Marketplace, leave it out or repeat the source's version.",
    errors: ["InvalidImageVersion.Malformed"],
    output: "The version that was given.",
  },
  secureBootSupport: {
    accepts: oneOf("supported", "unsupported"),
    change: "replace",
    request: (SecureBootSupport: string) => ({ SecureBootOptions: { SecureBootSupport } }),
    doc: "Whether instances of this image can start with Secure Boot. It needs a `bootMode` with UEFI.",
    whenLeftOut: "what ECS chooses",
    output: "Whether instances of this image can start with Secure Boot.",
  },
  deleteSnapshots: {
    ...imageFields.deleteSnapshots,
    doc: `${imageFields.deleteSnapshots.doc} Snapshots that you passed in are never deleted.`,
  },
};

export const customImageOutputs: OutputFields<CustomImageState, CustomImageArgs> = {
  ...imageOutputs,
  snapshotIds: {
    ...imageOutputs.snapshotIds,
    doc: "The snapshots that this creation made, without those that were passed in.",
  },
};

export const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings"] as const;

export const customImageDoc: ResourceDoc = {
  doc: `A custom image made from an instance, from a snapshot of a system disk, or from several disks (ECS CreateImage).

It is ready when the cloud reports it as Available and usable. If the source changes, the new image is created before
the old one is deleted.`,
  args:
    "The source of a `CustomImage` and its properties. Exactly one of `instanceId`, `snapshotId` and " +
    "`diskDeviceMappings` must be given.",
  action: "CreateImage",
  replacing: "A change replaces the image.",
  example: `const image = new CustomImage("golden", { instanceId: "i-bp1g6zv0ce8oghu7abcd", imageFamily: "golden" });
export const imageId = image.imageId;`,
  exactlyOne: SOURCES,
};

/**
 * With several sources, the API would silently use the instance, then the disks, then the snapshot. An unknown source
 * may turn out to be undefined.
 */
const exactlyOneSource: ArgsRule<CustomImageArgs> = (args) => {
  const given = SOURCES.filter(
    (source) => args[source] !== undefined && (args[source] as unknown) !== "" && !isUnknown(args[source]),
  );
  if (given.length === 1) return [];
  if (given.length === 0 && SOURCES.some((source) => isUnknown(args[source]))) return [];
  if (given.length === 0)
    return [
      { property: "instanceId", reason: `a source is missing: give one of ${SOURCES.join(", ")}`, missing: true },
    ];
  return given
    .slice(1)
    .map((source) => ({ property: source, reason: `exactly one source may be given, not ${given.join(" and ")}` }));
};

const disksFitTogether: ArgsRule<CustomImageArgs> = ({ diskDeviceMappings }) => diskFailures(diskDeviceMappings);

const secureBootFits: ArgsRule<CustomImageArgs> = ({ secureBootSupport, bootMode }) =>
  secureBootSupport === "supported" && bootMode === "BIOS"
    ? [{ property: "secureBootSupport", reason: "secureBootSupport must be unsupported if bootMode is BIOS" }]
    : [];

export const customImageRules = [secureBootFits, exactlyOneSource, disksFitTogether];
