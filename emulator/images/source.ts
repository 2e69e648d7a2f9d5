import { refusal } from "../request/api-error";
import { imageSeenBy } from "../world/accounts";
import { deviceName, imageDisk } from "../world/image-disk";
import { nextId } from "../world/next-id";
import { snapshotOf } from "../world/seed";
import type { DiskRecord, ImageDisk, ImageRecord, SnapshotRecord, World } from "../world/world";
import { imageableInstance } from "./instance-disks";
import { type GivenMapping, mappedDisks } from "./mapped-disks";
import { usableSnapshot } from "./usable-snapshot";

export interface GivenSource {
  readonly InstanceId: string | undefined;
  readonly SnapshotId: string | undefined;
  readonly DiskDeviceMapping: readonly GivenMapping[];
  readonly ImageVersion: string | undefined;
}

export interface ImageSource {
  readonly from: "instance" | "snapshot";
  /** The image that the instance was made from. */
  readonly image?: ImageRecord | undefined;
  /** The disks of the new image; creates the snapshots that it needs. */
  disks(image: ImageRecord): ImageDisk[];
}

/** The caller's account, what it can see, and the time of the call. */
interface Moment {
  readonly cloud: World;
  readonly world: World;
  readonly now: number;
}

interface FromInstance {
  readonly instanceId: string;
  readonly imageVersion: string | undefined;
  readonly regionId: string;
}

/**
 * The source of the new image: "InstanceId > DiskDeviceMapping > SnapshotId". The other parameters are ignored, even if
 * they are wrong.
 */
export function imageSource(moment: Moment, given: GivenSource, regionId: string): ImageSource {
  const { world, now: nowMs } = moment;
  const { InstanceId: instanceId, ImageVersion: imageVersion } = given;
  if (instanceId) return fromInstance(moment, { instanceId, imageVersion, regionId });
  if (given.DiskDeviceMapping.length > 0) {
    const disks = mappedDisks(world, given.DiskDeviceMapping, regionId, nowMs);
    return { from: "snapshot", disks: () => disks };
  }
  if (given.SnapshotId) return fromSnapshot(usableSnapshot(world, given.SnapshotId, regionId, nowMs));
  if (given.InstanceId === undefined && given.SnapshotId === undefined) throw refusal("MissingParameter/source");
  throw refusal("InvalidParameter.AllEmpty", "SnapshotId, InstanceId and DiskDeviceMapping are all empty.");
}

function fromSnapshot(snapshot: SnapshotRecord): ImageSource {
  // "Specify only the snapshot ID of the system disk"; a data disk snapshot needs a mapping with DiskType system.
  if (snapshot.sourceDiskType !== "system") throw refusal("OperationDenied/snapshot");
  return {
    from: "snapshot",
    disks: () => [
      imageDisk({
        type: "system",
        device: deviceName(0),
        size: snapshot.sourceDiskSize,
        snapshotId: snapshot.snapshotId,
        encrypted: snapshot.encrypted,
      }),
    ],
  };
}

function fromInstance(
  { cloud, world, now }: Moment,
  { instanceId, imageVersion, regionId }: FromInstance,
): ImageSource {
  const { instance, disks } = imageableInstance(world, instanceId, regionId, now);
  const source = imageSeenBy(cloud, world, instance.imageId)?.image;
  // "If the image of the instance is a Marketplace image or made from one, this parameter must be the same … or left
  // empty."
  if (source && source.productCode !== "" && imageVersion !== undefined && imageVersion !== source.imageVersion)
    throw refusal("InvalidImageVersion.Malformed");
  return {
    from: "instance",
    image: source,
    disks: (image) =>
      disks.map((disk, n) =>
        imageDisk({
          type: disk.type,
          device: deviceName(n),
          size: disk.size,
          snapshotId: startSnapshot(world, disk, image).snapshotId,
          encrypted: disk.encrypted,
        }),
      ),
  };
}

/**
 * "A successful call creates a new snapshot for each cloud disk of the instance." It takes as long as the image and has
 * the same outcome.
 */
function startSnapshot(world: World, disk: DiskRecord, image: ImageRecord): SnapshotRecord {
  const snapshot: SnapshotRecord = {
    ...snapshotOf(disk, nextId(world, "s"), image.createdMs),
    snapshotName: image.imageName || image.imageId,
    span: image.span,
    takenFor: image.imageId,
  };
  world.snapshots.set(snapshot.snapshotId, snapshot);
  return snapshot;
}
