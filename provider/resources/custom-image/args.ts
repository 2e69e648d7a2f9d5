import type { ArgsRule } from "../../fields/check";
import type { Fields, OutputFields } from "../../fields/fields";
import { flag, identifier, integer, listOf, oneOf, pattern, shape } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { compact, type ImageArgs, type ImageOutputs, imageFields, imageOutputs } from "../images/args";
import { type Disk, diskFailures, sameDisks } from "../images/disks";

export interface CustomImageArgs extends ImageArgs {
  readonly instanceId?: string;
  readonly snapshotId?: string;
  readonly diskDeviceMappings?: readonly Disk[];
  readonly imageVersion?: string;
  readonly deleteSnapshots?: boolean;
}

export interface CustomImageState extends CustomImageArgs, ImageOutputs {
  readonly snapshotIds: readonly string[];
}

const disk = shape({
  snapshotId: identifier("a snapshot"),
  size: integer(5, 32_768, "GiB"),
  device: pattern("/dev/xvda for the system disk, /dev/xvdb to /dev/xvdz for a data disk", /^\/dev\/xvd[a-z]$/),
  diskType: oneOf("system", "data"),
});

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
    summary: "Source: a Running or Stopped instance.",
  },
  snapshotId: {
    accepts: identifier("a snapshot"),
    change: "replace",
    request: "SnapshotId",
    summary: "Source: a snapshot of a system disk.",
  },
  diskDeviceMappings: {
    accepts: listOf(disk, 1, 17),
    change: "replace",
    request: diskParameters,
    // Another source before means another image, whatever disks that had.
    same: (have, want, whole) =>
      whole.have.instanceId === undefined &&
      whole.have.snapshotId === undefined &&
      sameDisks(have as Disk[], want as Disk[]),
    summary: "Source: disks, each from a snapshot or empty; one system disk, up to 16 data disks.",
  },
  ...imageFields,
  imageFamily: { ...imageFields.imageFamily, request: "ImageFamily" },
  bootMode: { ...imageFields.bootMode, request: "BootMode" },
  features: {
    ...imageFields.features,
    // CreateImage takes this one alone; the other is set once the image is ready.
    request: ({ imdsSupport }: { imdsSupport?: string }) =>
      imdsSupport === undefined ? {} : { Features: { ImdsSupport: imdsSupport } },
  },
  imageVersion: {
    accepts: pattern("1 to 40 Latin letters, digits, periods, underscores or hyphens", /^[A-Za-z0-9._-]{1,40}$/),
    change: "replace",
    request: "ImageVersion",
    summary: "A version of your own.",
  },
  deleteSnapshots: {
    accepts: flag,
    change: "record",
    default: false,
    summary: "Delete the snapshots that this creation made along with the image.",
  },
};

export const customImageOutputs: OutputFields<CustomImageState, CustomImageArgs> = {
  ...imageOutputs,
  snapshotIds: {
    type: { type: "array", items: { type: "string" } },
    summary: "The snapshots that this creation made, never one that was passed in.",
  },
};

export const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings"] as const;

/** The API would silently take the instance, then the disks, then the snapshot. One that is not known yet may turn out to be none. */
const exactlyOneSource: ArgsRule<CustomImageArgs> = (args) => {
  const given = SOURCES.filter(
    (source) => args[source] !== undefined && (args[source] as unknown) !== "" && !isUnknown(args[source]),
  );
  if (given.length === 1) return [];
  if (given.length === 0 && SOURCES.some((source) => isUnknown(args[source]))) return [];
  if (given.length === 0)
    return [{ property: "instanceId", reason: `a source is missing: give one of ${SOURCES.join(", ")}` }];
  return given
    .slice(1)
    .map((source) => ({ property: source, reason: `exactly one source may be given, not ${given.join(" and ")}` }));
};

const disksFitTogether: ArgsRule<CustomImageArgs> = ({ diskDeviceMappings }) => diskFailures(diskDeviceMappings);

export const customImageRules = [exactlyOneSource, disksFitTogether];
