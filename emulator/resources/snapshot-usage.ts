import type { World } from "../world/world";

/** What snapshots have been made into; asked for once and then for many. */
export function snapshotUsage({ images, disks }: World): {
  ofImages: ReadonlySet<string>;
  ofDisks: ReadonlySet<string>;
} {
  const ofImages = new Set<string>();
  for (const image of images.values()) for (const { snapshotId } of image.diskMappings) ofImages.add(snapshotId);
  return { ofImages, ofDisks: new Set([...disks.values()].map(({ sourceSnapshotId }) => sourceSnapshotId)) };
}
