import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { clientToken } from "../request/fields";
import { answerOnce } from "../request/idempotence";
import { flag, list, text } from "../request/parameters";
import { releaseInstance } from "../resources/instances";
import type { InstanceRecord } from "../world/world";

const flags = { Force: flag(), ForceStop: flag(), TerminateSubscription: flag(), DryRun: flag() } as const;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteinstance */
export const deleteInstance = action({
  accepts: { InstanceId: text({ required: true }), ...flags },

  resources: ({ InstanceId }) => [`instance/${InstanceId ?? "*"}`],

  answer(world, request, { now, durations, changed }) {
    const instance = world.instances.get(request.InstanceId);
    if (!instance) throw refusal("InvalidInstanceId.NotFound");
    requireReleasable(instance, request.Force);
    if (request.DryRun) throw refusal("DryRunOperation");
    releaseInstance(world, instance, now, durations.releaseMs);
    changed();
    return {};
  },
});

/**
 * All of them or none: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteinstances
 */
export const deleteInstances = action({
  accepts: {
    RegionId: text({ required: true }),
    InstanceId: list(text({}), 100, { required: true }),
    ...flags,
    ClientToken: clientToken,
  },

  resources: (params) =>
    Object.entries(params).flatMap(([name, id]) => (/^InstanceId\.\d+$/.test(name) ? [`instance/${id}`] : [])),

  answer(world, request, { now, regionId, durations, params, changed }) {
    return answerOnce(world, { action: "DeleteInstances", token: request.ClientToken, params }, () => {
      const instances = request.InstanceId.map((id) => {
        const instance = world.instances.get(id);
        if (instance?.regionId !== regionId) throw refusal("InvalidInstanceId.NotFound");
        return instance;
      });
      // "Sends a check request without querying resource status."
      if (request.DryRun) throw refusal("DRYRUN.SUCCESS");
      for (const instance of instances) requireReleasable(instance, request.Force);
      for (const instance of instances) releaseInstance(world, instance, now, durations.releaseMs);
      changed();
      return {};
    });
  },
});

/** With `Force`, a running instance can be deleted too, but not while it is being initialized. */
function requireReleasable({ status, locks }: InstanceRecord, force: boolean | undefined): void {
  if (locks.includes("security")) throw refusal("InstanceLockedForSecurity/delete");
  if (status === "Pending") throw refusal("IncorrectInstanceStatus.Initializing");
  if (status !== "Stopped" && status !== "Stopping" && !force) throw refusal("IncorrectInstanceStatus/delete");
}
