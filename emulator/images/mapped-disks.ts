import { refusal } from "../request/api-error";
import { deviceName, imageDisk } from "../world/image-disk";
import type { ImageDisk, SnapshotRecord, World } from "../world/world";
import { usableSnapshot } from "./usable-snapshot";

export interface GivenMapping {
  readonly SnapshotId: string | undefined;
  readonly Size: number | undefined;
  readonly Device: string | undefined;
  readonly DiskType: string | undefined;
}

/**
 * GiB. "Basic disk: 5 to 2000. Other disks: 20 to 32768". The request does not name the category, so a size that fits
 * any is accepted.
 */
const smallest = 5;
const largest = 32_768;
const emptyDiskSize = 20;

const systemDevice = deviceName(0);
const dataDevices = Array.from({ length: 25 }, (_, n) => deviceName(n + 1));

/** The disks of an image made of snapshots and empty disks, the system disk first. */
export function mappedDisks(
  world: World,
  mappings: readonly GivenMapping[],
  regionId: string,
  nowMs: number,
): ImageDisk[] {
  const disks = mappings.map((mapping) => {
    const snapshot =
      mapping.SnapshotId === undefined ? undefined : usableSnapshot(world, mapping.SnapshotId, regionId, nowMs);
    const type = typeOf(world, mapping, snapshot);
    if (mapping.Device !== undefined && !(type === "system" ? [systemDevice] : dataDevices).includes(mapping.Device))
      throw refusal("InvalidDevice.Malformed");
    return { type, snapshot, size: sizeOf(mapping, snapshot), device: mapping.Device };
  });

  const systemDisks = disks.filter(({ type }) => type === "system");
  if (systemDisks.length === 0) throw refusal("OperationDenied/no-system-disk");
  if (systemDisks.length > 1) throw refusal("OperationDenied/two-system-disks");
  if (disks.length - 1 > 16) throw refusal("InvalidParameter", "DiskDeviceMapping.N");

  const named = disks.flatMap(({ device }) => device ?? []);
  if (new Set(named).size < named.length) throw refusal("InvalidDevice.InUse");
  const free = dataDevices.filter((device) => !named.includes(device));
  return disks
    .sort((a, b) => (a.type === b.type ? 0 : a.type === "system" ? -1 : 1))
    .map(({ type, snapshot, size, device }) =>
      imageDisk({
        type,
        device: device ?? (type === "system" ? systemDevice : (free.shift() ?? "")),
        size,
        snapshotId: snapshot?.snapshotId ?? "",
        encrypted: snapshot?.encrypted ?? false,
      }),
    );
}

function typeOf(world: World, { DiskType }: GivenMapping, snapshot: SnapshotRecord | undefined): "system" | "data" {
  const type = (DiskType ?? snapshot?.sourceDiskType ?? "data") as "system" | "data";
  if (type === "system" && !snapshot)
    throw refusal("InvalidSystemSnapshot.Missing", "The system disk of the image needs a snapshot.");
  if (type === "system" && snapshot?.sourceDiskType === "data") {
    if (!world.account.mayImageDataDisks) throw refusal("UserNotInTheWhiteList");
    if (snapshot.kmsKeyId !== "") throw refusal("InvalidParameter.DiskType");
  }
  return type;
}

function sizeOf({ Size }: GivenMapping, snapshot: SnapshotRecord | undefined): number {
  const size = Size ?? snapshot?.sourceDiskSize ?? emptyDiskSize;
  if (size < (snapshot?.sourceDiskSize ?? smallest) || size > largest) throw refusal("InvalidSize.ValueNotSupported");
  return size;
}
