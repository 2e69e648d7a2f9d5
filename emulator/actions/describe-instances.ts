import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { isoTime, tagsToMatch } from "../request/fields";
import { idsIn, paged, pagingFields } from "../request/page";
import { flag, text } from "../request/parameters";
import { carries, foundByTag, tagRows } from "../resources/tags";
import { familyOf, instanceTypes } from "../world/instance-types";
import type { InstanceRecord, World } from "../world/world";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances */
export const describeInstances = action({
  accepts: {
    RegionId: text({ required: true }),
    InstanceIds: text(),
    InstanceName: text(),
    ImageId: text(),
    ZoneId: text(),
    Status: text(),
    ResourceGroupId: text(),
    Tag: tagsToMatch,
    ...pagingFields,
    DryRun: flag(),
  },

  resources: () => ["instance/*"],

  answer(world, request, { regionId }) {
    if (request.DryRun) throw refusal("DryRunOperation");
    const ids = idsIn(request.InstanceIds, "InstanceIds");
    const fitting = [...world.instances.values()].filter(
      (instance) =>
        instance.regionId === regionId &&
        (ids?.has(instance.instanceId) ?? true) &&
        (request.InstanceName ?? instance.instanceName) === instance.instanceName &&
        (request.ImageId ?? instance.imageId) === instance.imageId &&
        (request.ZoneId ?? instance.zoneId) === instance.zoneId &&
        (request.Status ?? instance.status) === instance.status &&
        (request.ResourceGroupId ?? instance.resourceGroupId) === instance.resourceGroupId &&
        carries(instance.tags, request.Tag),
    );
    const { rows, ...counts } = paged(foundByTag(fitting, request.Tag), request, (instance) =>
      instanceRow(world, instance),
    );
    return { ...counts, Instances: { Instance: rows } };
  },
});

/** A time in the format of the page. */
const toTheMinute = (ms: number): string => isoTime(ms).replace(/:\d\dZ$/, "Z");

function instanceRow(world: World, instance: InstanceRecord): Record<string, unknown> {
  const image = world.images.get(instance.imageId);
  const type = instanceTypes.find(({ id }) => id === instance.instanceType);
  const { vSwitchId = "", securityGroupId, releasedAtMs } = instance;
  return {
    InstanceId: instance.instanceId,
    InstanceName: instance.instanceName,
    Description: instance.description,
    HostName: instance.instanceId,
    RegionId: instance.regionId,
    ZoneId: instance.zoneId,
    Status: instance.status,
    InstanceType: instance.instanceType,
    InstanceTypeFamily: familyOf(instance.instanceType),
    Cpu: type?.cores ?? 2,
    Memory: (type?.memory ?? 8) * 1024,
    ImageId: instance.imageId,
    OSType: image?.osType ?? "linux",
    OSName: image?.osName ?? "",
    OSNameEn: image?.osName ?? "",
    CreationTime: toTheMinute(instance.createdMs),
    InstanceChargeType: "PostPaid",
    InstanceNetworkType: "vpc",
    IoOptimized: true,
    DeletionProtection: false,
    DeviceAvailable: instance.status === "Running",
    HibernationOptions: { Configured: instance.hibernationConfigured },
    AutoReleaseTime: releasedAtMs === undefined ? "" : toTheMinute(releasedAtMs),
    VpcAttributes: { VSwitchId: vSwitchId, VpcId: world.vSwitches.get(vSwitchId)?.vpcId ?? "" },
    SecurityGroupIds: { SecurityGroupId: securityGroupId === undefined ? [] : [securityGroupId] },
    ResourceGroupId: instance.resourceGroupId,
    OperationLocks: { LockReason: instance.locks.map((reason) => ({ LockReason: reason })) },
    Tags: tagRows(instance.tags),
  };
}
