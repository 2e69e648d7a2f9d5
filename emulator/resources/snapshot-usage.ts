import type { World } from "../world/world";

/** The images and disks made from each snapshot, computed once for all snapshots. */
export function snapshotUsage({ images, disks }: World): {
  ofImages: ReadonlySet<string>;
  ofDisks: ReadonlySet<string>;
} {
  const ofImages = new Set<string>();
  for (const image of images.values()) for (const { snapshotId } of image.diskMappings) ofImages.add(snapshotId);
  return { ofImages, ofDisks: new Set([...disks.values()].map(({ sourceSnapshotId }) => sourceSnapshotId)) };
}
