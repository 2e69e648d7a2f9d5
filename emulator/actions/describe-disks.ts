import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { isoTime, tagsToMatch } from "../request/fields";
import { idsIn, paged, pagingFields } from "../request/page";
import { flag, text } from "../request/parameters";
import { carries, foundByTag, tagRows } from "../resources/tags";
import type { DiskRecord, World } from "../world/world";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describedisks */
export const describeDisks = action({
  accepts: {
    RegionId: text({ required: true }),
    DiskIds: text(),
    DiskName: text(),
    InstanceId: text(),
    DiskType: text({ oneOf: ["all", "system", "data"] }),
    Category: text(),
    Status: text(),
    SnapshotId: text(),
    Encrypted: flag(),
    ResourceGroupId: text(),
    Tag: tagsToMatch,
    ...pagingFields,
    DryRun: flag(),
  },

  resources: () => ["disk/*"],

  answer(world, request, { regionId }) {
    if (request.DryRun) throw refusal("DryRunOperation");
    const ids = idsIn(request.DiskIds, "DiskIds");
    const unless = (all: string, wanted: string | undefined, is: string | undefined) =>
      wanted === undefined || wanted.toLowerCase() === all || wanted === is;
    const fitting = [...world.disks.values()].filter(
      (disk) =>
        disk.regionId === regionId &&
        (ids?.has(disk.diskId) ?? true) &&
        (request.DiskName ?? disk.diskName) === disk.diskName &&
        (request.InstanceId === undefined || request.InstanceId === disk.instanceId) &&
        unless("all", request.DiskType, disk.type) &&
        unless("all", request.Category, disk.category) &&
        unless("all", request.Status, disk.status) &&
        (request.SnapshotId ?? disk.sourceSnapshotId) === disk.sourceSnapshotId &&
        (!request.Encrypted || disk.encrypted) &&
        (request.ResourceGroupId ?? disk.resourceGroupId) === disk.resourceGroupId &&
        carries(disk.tags, request.Tag),
    );
    const { rows, ...counts } = paged(foundByTag(fitting, request.Tag), request, (disk) => diskRow(world, disk));
    return { ...counts, Disks: { Disk: rows } };
  },
});

function diskRow(world: World, disk: DiskRecord): Record<string, unknown> {
  const attachment =
    disk.instanceId === undefined
      ? []
      : [{ InstanceId: disk.instanceId, Device: disk.device, AttachedTime: isoTime(disk.createdMs) }];
  return {
    DiskId: disk.diskId,
    DiskName: disk.diskName,
    Description: "",
    RegionId: disk.regionId,
    ZoneId: disk.zoneId,
    Type: disk.type,
    Category: disk.category,
    Size: disk.size,
    Status: disk.status,
    InstanceId: disk.instanceId ?? "",
    ImageId: disk.type === "system" ? (world.instances.get(disk.instanceId ?? "")?.imageId ?? "") : "",
    Device: disk.device,
    Encrypted: disk.encrypted,
    KMSKeyId: disk.kmsKeyId,
    SourceSnapshotId: disk.sourceSnapshotId,
    CreationTime: isoTime(disk.createdMs),
    DiskChargeType: "PostPaid",
    DeleteWithInstance: disk.type === "system",
    DeleteAutoSnapshot: false,
    EnableAutoSnapshot: true,
    Portable: disk.type === "data",
    MultiAttach: "Disabled",
    ResourceGroupId: disk.resourceGroupId,
    Attachments: { Attachment: attachment },
    OperationLocks: { OperationLock: [] },
    Tags: tagRows(disk.tags),
  };
}
