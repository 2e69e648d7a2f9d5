import { tagsIn } from "../../provider/lifecycle/ownership";
import { completeList, ownImages, snapshotsOf } from "../lists";
import type { Orphan } from "../model";
import { diskSnapshots, isMadeFor } from "../orphan";
import { RUN_TAG } from "./scene";
import type { Place } from "./stage";

/**
 * Gives the run's tag to the snapshots that its images have made. The provider leaves the snapshots of an import to the
 * account, and once an image is gone, nothing shows whose its snapshots are. Sources of images are older than the
 * images, and keep their tags.
 */
export async function markSnapshots({ run, regions, given, context }: Place): Promise<void> {
  const Tag = [{ Key: RUN_TAG, Value: run }];
  for (const regionId of regions) {
    const ctx = context("marking the snapshots of the run", regionId);
    const images = await ownImages({ Tag }, ctx);
    const rows = await snapshotsOf(images.flatMap(diskSnapshots), ctx);
    const made = rows.filter((row) =>
      images.some((image) => diskSnapshots(image).includes(row.SnapshotId!) && isMadeFor(row, image)),
    );
    const unmarked = made.filter((row) => row.SnapshotId !== given.snapshotId && tagsIn(row).get(RUN_TAG) !== run);
    const ResourceId = unmarked.map(({ SnapshotId }) => SnapshotId!);
    if (ResourceId.length > 0) await ctx.ecs("TagResources", { ResourceType: "snapshot", ResourceId, Tag });
  }
}

/** The snapshots with the run's tag, as orphans to remove. */
export async function markedSnapshots(regionId: string, { run, context }: Place): Promise<Orphan[]> {
  const ctx = context("looking for snapshots", regionId);
  const rows = await completeList("DescribeSnapshots", { Tag: [{ Key: RUN_TAG, Value: run }] }, ctx);
  return rows.map(({ SnapshotId, Status = "" }) => ({
    kind: "snapshot",
    id: SnapshotId!,
    regionId,
    status: Status,
    origin: "interrupted",
  }));
}
