import { refusal } from "../request/api-error";
import { isOngoing } from "../world/span";
import type { DiskRecord, InstanceRecord, World } from "../world/world";
import { requireUsableKey } from "./usable-account";
import { requireImageableCategory } from "./usable-snapshot";

/**
 * The instance with that id and its disks, the system disk first. Refuses the request unless an image can be made of
 * it.
 */
export function imageableInstance(
  world: World,
  instanceId: string,
  regionId: string,
  nowMs: number,
): { instance: InstanceRecord; disks: DiskRecord[] } {
  const instance = world.instances.get(instanceId);
  if (!instance || instance.regionId !== regionId) throw refusal("InvalidInstanceId.NotFound/named", instanceId);
  if (instance.locks.includes("security")) throw refusal("InstanceLockedForSecurity");
  if (instance.status !== "Running" && instance.status !== "Stopped") throw refusal("IncorrectInstanceStatus");
  if (instance.hibernationConfigured) throw refusal("HibernationConfigured.InstanceOperationForbidden");
  if (instance.needsRestart) throw refusal("IncorrectInstanceStatus.NeedRestart");

  const disks = [...world.disks.values()]
    .filter((disk) => disk.instanceId === instanceId)
    .sort((a, b) => (a.type === b.type ? 0 : a.type === "system" ? -1 : 1));
  if (disks[0]?.type !== "system") throw refusal("InvalidInstance.NotFoundSystemDisk");
  for (const disk of disks) requireImageableDisk(world, disk, nowMs);
  requireRoomForSnapshots(world, disks.length, nowMs);
  return { instance, disks };
}

function requireImageableDisk(world: World, disk: DiskRecord, nowMs: number): void {
  requireImageableCategory(disk.category, disk.type);
  if (!disk.everAttached) throw refusal("IncorrectDiskStatus.NeverAttached");
  if (disk.status === "Transferring") throw refusal("IncorrectDiskStatus.Transferring");
  if (disk.status === "Invalid") throw refusal("IncorrectDiskStatus.Invalid");
  if (disk.status !== "In_use") throw refusal("IncorrectDiskStatus");
  requireUsableKey(world, disk.kmsKeyId);

  const { snapshotsPerDisk, snapshotsAtOncePerDisk: atOnce } = world.quotas;
  const taken = [...world.snapshots.values()].filter((snapshot) => snapshot.sourceDiskId === disk.diskId);
  const running = taken.filter(({ span }) => isOngoing(span, nowMs)).length;
  // Both codes mean that a snapshot is in progress. The plain one is for disks that allow only one at a time.
  if (running >= atOnce)
    throw atOnce === 1
      ? refusal("IncorrectDiskStatus.CreatingSnapshot")
      : refusal("QuotaExceed.ConcurrentSnapshotQuota", disk.diskId, atOnce);
  if (taken.length >= snapshotsPerDisk) throw refusal("QuotaExceed.Snapshot");
}

function requireRoomForSnapshots({ snapshots, quotas }: World, wanted: number, nowMs: number): void {
  const running = [...snapshots.values()].filter(({ span }) => isOngoing(span, nowMs)).length;
  if (running + wanted > quotas.snapshotsAtOnce) throw refusal("TooManySnapshot.Unfinished");
}
