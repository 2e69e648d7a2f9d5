import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { isoTime } from "../request/fields";
import { paged, pagingFields } from "../request/page";
import { list, text } from "../request/parameters";
import { hasAssistant } from "../resources/instances";
import { invocationState, isOver } from "../resources/invocations";
import type { InstanceRecord, World } from "../world/world";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describecloudassistantstatus */
export const describeCloudAssistantStatus = action({
  accepts: {
    RegionId: text({ required: true }),
    InstanceId: list(text({}), 100, { tooMany: "InstanceIds.ExceedLimit" }),
    OSType: text({ oneOf: ["Windows", "Linux", "FreeBSD"] }),
    ...pagingFields,
  },

  resources: (params) => {
    const ids = Object.entries(params).flatMap(([name, id]) => (/^InstanceId\.\d+$/.test(name) ? [id] : []));
    return ids.length > 0 ? ids.map((id) => `instance/${id}`) : ["instance/*"];
  },

  answer(world, request, { now, regionId }) {
    const here = [...world.instances.values()].filter((instance) => instance.regionId === regionId);
    const asked = request.InstanceId.map((id) => {
      const found = here.find(({ instanceId }) => instanceId === id);
      if (!found) throw refusal("InvalidInstance.NotFound");
      return found;
    });
    const { rows, ...counts } = paged(asked.length > 0 ? asked : here, request, (instance) =>
      statusRow(world, instance, now),
    );
    return { ...counts, InstanceCloudAssistantStatusSet: { InstanceCloudAssistantStatus: rows } };
  },
});

function statusRow(world: World, instance: InstanceRecord, nowMs: number): Record<string, unknown> {
  const { instanceId, imageId } = instance;
  const own = [...world.invocations.values()].filter((invocation) => invocation.instanceId === instanceId);
  const isUp = hasAssistant(instance, nowMs);
  return {
    InstanceId: instanceId,
    // A string, "true" or "false".
    CloudAssistantStatus: String(isUp),
    CloudAssistantVersion: isUp ? "2.2.4.900" : "",
    OSType: world.images.get(imageId)?.osType === "windows" ? "Windows" : "Linux",
    InvocationCount: own.length,
    ActiveTaskCount: own.filter((invocation) => !isOver(invocationState(invocation, nowMs))).length,
    LastHeartbeatTime: isUp ? isoTime(nowMs) : "",
    LastInvokedTime: own.length > 0 ? isoTime(Math.max(...own.map(({ createdMs }) => createdMs))) : "",
    SupportSessionManager: isUp,
  };
}
