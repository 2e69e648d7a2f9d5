import { type ImageRecord, seededWorld, seeds, type World } from "../../emulator";

type OwnImage = Partial<ImageRecord> & { readonly imageId: string };

/** The seeded account with an image of its own, as if made by hand. Its disks are on `snapshotId`. */
export function worldWithOwnImage(image: OwnImage, snapshotId?: string): World {
  const world = seededWorld(Date.UTC(2026, 0, 1));
  const base = structuredClone(world.images.get(seeds.publicImageId)!);
  const own = { owner: "self" as const, ownerId: world.account.accountId, isPublic: false, tags: new Map() };
  const disks = snapshotId === undefined ? {} : { diskMappings: base.diskMappings.map(on(snapshotId)) };
  world.images.set(image.imageId, { ...base, ...own, ...disks, ...image });
  return world;
}

const on =
  (snapshotId: string) =>
  (disk: ImageRecord["diskMappings"][number]): ImageRecord["diskMappings"][number] => ({
    ...disk,
    size: 40,
    snapshotId,
  });
