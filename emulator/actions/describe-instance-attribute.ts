import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { isoTime } from "../request/fields";
import { text } from "../request/parameters";

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstanceattribute: it takes
 * no region.
 */
export const describeInstanceAttribute = action({
  accepts: { InstanceId: text({ required: true }) },

  resources: ({ InstanceId }) => [`instance/${InstanceId ?? "*"}`],

  answer(world, request) {
    const instance = world.instances.get(request.InstanceId);
    if (!instance) throw refusal("InvalidInstanceId.NotFound");
    return {
      InstanceId: instance.instanceId,
      InstanceName: instance.instanceName,
      Description: instance.description,
      HostName: instance.instanceId,
      RegionId: instance.regionId,
      ZoneId: instance.zoneId,
      Status: instance.status,
      InstanceType: instance.instanceType,
      Cpu: 2,
      Memory: 8192,
      ImageId: instance.imageId,
      CreationTime: isoTime(instance.createdMs),
      InstanceChargeType: "PostPaid",
      InstanceNetworkType: "vpc",
      // A string here, but a boolean in DescribeInstances.
      IoOptimized: "optimized",
      OperationLocks: { LockReason: instance.locks.map((reason) => ({ LockReason: reason })) },
    };
  },
});
