import type { ImageRow } from "../../ecs/actions";
import type { CheckFailure } from "../../fields/check";
import { identifier, integer, oneOf, pattern, shape } from "../../fields/rules";
import { isRecord } from "../../fields/same";
import { isUnknown } from "../../fields/unknown";

/** One disk of an image. */
export interface Disk {
  readonly snapshotId?: string;
  readonly size?: number;
  readonly device?: string;
  readonly diskType?: string;
}

const SYSTEM_DEVICE = "/dev/xvda";

/** One disk, as the argument of a `CustomImage` and as an output of every image. */
export const diskShape = shape(
  { name: "CustomImageDisk", outputName: "ImageDisk", doc: "One disk of an image." },
  {
    snapshotId: {
      accepts: identifier("a snapshot"),
      doc: "The snapshot that holds the data of the disk.",
      whenLeftOut: "an empty data disk",
    },
    size: {
      accepts: integer(5, 32_768, "GiB"),
      doc: "The size in GiB, not below the snapshot's.",
      whenLeftOut: "the snapshot's size; for an empty disk the smallest that its category allows",
    },
    device: {
      accepts: pattern("/dev/xvda for the system disk, /dev/xvdb to /dev/xvdz for a data disk", /^\/dev\/xvd[a-z]$/),
      doc: "The device name.",
      whenLeftOut: "the next free one",
    },
    diskType: {
      accepts: oneOf("system", "data"),
      doc: "The kind of disk.",
      whenLeftOut: "what the snapshot was taken of",
    },
  },
);

/** The disks of an image in the words of the arguments. The cloud returns sizes as strings. */
export const disksOf = (row: ImageRow): Disk[] =>
  (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).map(({ SnapshotId, Size, Device, Type }) => ({
    ...(SnapshotId && { snapshotId: SnapshotId }),
    ...(Size && { size: Number(Size) }),
    ...(Device && { device: Device }),
    ...(Type && { diskType: Type }),
  }));

/**
 * Whether two lists of disks make the same image. Order and spelling of numbers do not matter, nor do values that only
 * one of them leaves to the cloud (device, type, size).
 */
export function sameDisks(have: readonly Disk[], want: readonly Disk[]): boolean {
  if (!Array.isArray(have) || !Array.isArray(want) || have.length !== want.length) return false;
  const left = placed(have);
  // Disks with the most keys are matched first, so that one with few keys does not take another one's match.
  const bySaid = placed(want).sort((a, b) => saidOf(b) - saidOf(a));
  return bySaid.every((disk) => {
    const at = left.findIndex((other) => agree(other, disk));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

const saidOf = (disk: Disk) => Object.values(disk).filter((value) => value !== undefined).length;

/** Fills in what follows from the disk itself: `/dev/xvda` is the system disk, and the system disk is `/dev/xvda`. */
const placed = (disks: readonly Disk[]): Disk[] =>
  disks.map((disk) => {
    if (disk.device === SYSTEM_DEVICE) return { ...disk, diskType: "system" };
    if (disk.diskType === "system") return { ...disk, device: SYSTEM_DEVICE };
    return disk.device !== undefined || disk.snapshotId === undefined ? { ...disk, diskType: "data" } : disk;
  });

const KEYS = ["snapshotId", "size", "device", "diskType"] as const;

const agree = (have: Disk, want: Disk): boolean =>
  KEYS.every((key) => {
    // An empty disk and one from a snapshot always differ. Other keys may be left to the cloud.
    if (have[key] === undefined || want[key] === undefined) return key !== "snapshotId" || have[key] === want[key];
    return String(have[key]) === String(want[key]);
  });

/** What is wrong with a list of disks as a whole, as far as that is known without the snapshots. */
export function diskFailures(disks: unknown): CheckFailure[] {
  if (!Array.isArray(disks)) return [];
  const failures: CheckFailure[] = [];
  const fail = (index: number, key: string, reason: string, missing?: true) =>
    failures.push({ property: `diskDeviceMappings[${index}].${key}`, reason, ...(missing && { missing }) });
  const known = disks.map((disk) => (isRecord(disk) ? (disk as Disk) : undefined));
  const isSystem = (disk: Disk | undefined) => disk?.device === SYSTEM_DEVICE || disk?.diskType === "system";
  const isData = (disk: Disk | undefined) =>
    disk !== undefined &&
    !isUnknown(disk.diskType) &&
    !isUnknown(disk.device) &&
    (disk.diskType === "data" ||
      (disk.device !== undefined && disk.device !== SYSTEM_DEVICE) ||
      disk.snapshotId === undefined);

  known.forEach((disk, index) => {
    if (!disk) return;
    if (disk.device === SYSTEM_DEVICE && disk.diskType === "data")
      fail(index, "device", `${SYSTEM_DEVICE} is for the system disk; a data disk takes /dev/xvdb to /dev/xvdz`);
    if (
      disk.diskType === "system" &&
      disk.device !== undefined &&
      !isUnknown(disk.device) &&
      disk.device !== SYSTEM_DEVICE
    )
      fail(index, "device", `the system disk must be ${SYSTEM_DEVICE}, not ${disk.device}`);
    if (isSystem(disk) && disk.snapshotId === undefined)
      fail(index, "snapshotId", "the system disk must come from a snapshot; only a data disk may be empty", true);
    const first = known.findIndex(
      (other) => other?.device !== undefined && !isUnknown(other.device) && other.device === disk.device,
    );
    if (first >= 0 && first < index) fail(index, "device", `diskDeviceMappings[${first}] already has ${disk.device}`);
  });

  const systems = known.flatMap((disk, index) => (isSystem(disk) ? [index] : []));
  for (const index of systems.slice(1))
    fail(index, "diskType", `only one disk may be the system disk; diskDeviceMappings[${systems[0]}] already is`);
  if (disks.length > 0 && known.every(isData))
    failures.push({
      property: "diskDeviceMappings",
      reason: `none of the disks is the system disk: one must be ${SYSTEM_DEVICE}, from a snapshot`,
      missing: true,
    });
  const dataDisks = known.filter(isData).length;
  if (dataDisks > 16)
    failures.push({ property: "diskDeviceMappings", reason: `at most 16 disks may be data disks, not ${dataDisks}` });
  return failures;
}
