import { nextId } from "../world/next-id";
import type { ImageRecord, World } from "../world/world";

/** Adds the snapshots that an import or a copy makes at its end. */
export function takeSnapshots(world: World, image: ImageRecord, atMs: number): void {
  for (const disk of image.diskMappings) {
    const snapshotId = nextId(world, "s");
    world.snapshots.set(snapshotId, {
      snapshotId,
      snapshotName: "",
      description: "",
      regionId: image.regionId,
      sourceDiskId: "",
      sourceDiskType: disk.type,
      sourceDiskCategory: "cloud_essd",
      sourceDiskSize: disk.size,
      category: "Standard",
      encrypted: disk.encrypted,
      kmsKeyId: image.kmsKeyId ?? "",
      inCloudBox: false,
      defaultFree: false,
      imageForbidden: false,
      resourceGroupId: "",
      tags: new Map(),
      createdMs: atMs,
      span: { startMs: atMs, durationMs: 0 },
      takenFor: image.imageId,
    });
    disk.snapshotId = snapshotId;
  }
}
