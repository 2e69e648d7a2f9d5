import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { isoTime, tagsToMatch } from "../request/fields";
import { idsIn, paged, pagingFields } from "../request/page";
import { flag, text } from "../request/parameters";
import { snapshotUsage } from "../resources/snapshot-usage";
import { carries, foundByTag, tagRows } from "../resources/tags";
import { spanEndMs, spanState } from "../world/span";
import type { SnapshotRecord } from "../world/world";

const statusOfPhase = {
  waiting: "progressing",
  running: "progressing",
  paused: "progressing",
  done: "accomplished",
  failed: "failed",
} as const;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describesnapshots */
export const describeSnapshots = action({
  accepts: {
    RegionId: text({ required: true }),
    SnapshotIds: text(),
    SnapshotName: text(),
    DiskId: text(),
    InstanceId: text(),
    Status: text({ oneOf: ["progressing", "accomplished", "failed", "all"] }),
    Usage: text({ oneOf: ["image", "disk", "image_disk", "none"], wrong: "InvalidUsage" }),
    SourceDiskType: text({ matches: /^(system|data)$/i }),
    SnapshotType: text({ oneOf: ["auto", "user", "all"] }),
    Category: text(),
    Encrypted: flag(),
    ResourceGroupId: text(),
    Tag: tagsToMatch,
    ...pagingFields,
    DryRun: flag(),
  },

  resources: () => ["snapshot/*"],

  answer(world, request, { now, regionId }) {
    if (request.DryRun) throw refusal("DryRunOperation");
    const ids = idsIn(request.SnapshotIds, "SnapshotIds");
    const uses = snapshotUsage(world);
    const fitting = [...world.snapshots.values()].filter(
      (snapshot) =>
        snapshot.regionId === regionId &&
        (ids?.has(snapshot.snapshotId) ?? true) &&
        (request.SnapshotName ?? snapshot.snapshotName) === snapshot.snapshotName &&
        (request.DiskId ?? snapshot.sourceDiskId) === snapshot.sourceDiskId &&
        (request.InstanceId === undefined ||
          world.disks.get(snapshot.sourceDiskId)?.instanceId === request.InstanceId) &&
        (request.Status === undefined || request.Status === "all" || request.Status === statusOf(snapshot, now)) &&
        (request.Usage === undefined || request.Usage === usageOf(snapshot, uses)) &&
        (request.SourceDiskType === undefined || request.SourceDiskType.toLowerCase() === snapshot.sourceDiskType) &&
        request.SnapshotType !== "auto" &&
        (request.Category?.toLowerCase() ?? snapshot.category.toLowerCase()) === snapshot.category.toLowerCase() &&
        (!request.Encrypted || snapshot.encrypted) &&
        (request.ResourceGroupId ?? snapshot.resourceGroupId) === snapshot.resourceGroupId &&
        carries(snapshot.tags, request.Tag),
    );
    const { rows, ...counts } = paged(foundByTag(fitting.reverse(), request.Tag), request, (snapshot) =>
      snapshotRow(snapshot, usageOf(snapshot, uses), now),
    );
    return { ...counts, Snapshots: { Snapshot: rows } };
  },
});

const statusOf = ({ span }: SnapshotRecord, nowMs: number) => statusOfPhase[spanState(span, nowMs).phase];

function usageOf({ snapshotId }: SnapshotRecord, { ofImages, ofDisks }: ReturnType<typeof snapshotUsage>): string {
  const uses = [ofImages.has(snapshotId) ? "image" : "", ofDisks.has(snapshotId) ? "disk" : ""].filter(Boolean);
  return uses.join("_") || "none";
}

function snapshotRow(snapshot: SnapshotRecord, usage: string, nowMs: number): Record<string, unknown> {
  const { percent, remainingMs, phase } = spanState(snapshot.span, nowMs);
  return {
    SnapshotId: snapshot.snapshotId,
    SnapshotName: snapshot.snapshotName,
    Description: snapshot.description,
    RegionId: snapshot.regionId,
    Status: statusOf(snapshot, nowMs),
    Progress: `${percent}%`,
    RemainTime: Math.ceil(remainingMs / 1000),
    Available: phase === "done",
    SourceDiskId: snapshot.sourceDiskId,
    SourceDiskType: snapshot.sourceDiskType,
    // GiB, as a string.
    SourceDiskSize: String(snapshot.sourceDiskSize),
    SourceStorageType: "disk",
    SnapshotType: "user",
    Category: snapshot.category.toLowerCase(),
    Usage: usage,
    Encrypted: snapshot.encrypted,
    KMSKeyId: snapshot.kmsKeyId,
    InstantAccess: false,
    CreationTime: isoTime(snapshot.createdMs),
    LastModifiedTime: isoTime(Math.min(nowMs, spanEndMs(snapshot.span) ?? nowMs)),
    ResourceGroupId: snapshot.resourceGroupId,
    Tags: tagRows(snapshot.tags),
  };
}
