import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { flag, text } from "../request/parameters";
import { snapshotUsage } from "../resources/snapshot-usage";

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deletesnapshot: it takes no region. A
 * snapshot that is not finished is cancelled.
 */
export const deleteSnapshot = action({
  accepts: { SnapshotId: text({ required: true }), Force: flag() },

  resources: ({ SnapshotId }) => [`snapshot/${SnapshotId ?? "*"}`],

  answer(world, request, { now, changed }) {
    // "If the specified snapshot ID does not exist, the request is ignored", though the error table has a 404 for it.
    if (!world.snapshots.has(request.SnapshotId)) return {};
    const { ofImages, ofDisks } = snapshotUsage(world);
    const { snapshotsHeldAfterDeleteMs } = world.quirks;
    const isHeld = world.deletedImages.some(
      ({ snapshotIds, deletedMs }) =>
        snapshotIds.includes(request.SnapshotId) && now < deletedMs + snapshotsHeldAfterDeleteMs,
    );
    if (ofImages.has(request.SnapshotId) || isHeld) throw refusal("SnapshotCreatedImage");
    if (ofDisks.has(request.SnapshotId) && !request.Force) throw refusal("SnapshotCreatedDisk");
    world.snapshots.delete(request.SnapshotId);
    changed();
    return {};
  },
});
