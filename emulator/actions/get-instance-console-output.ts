import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { flag, text } from "../request/parameters";
import { imageSeenBy } from "../world/accounts";

/** In UTC+8, according to the page. */
const consoleTime = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-getinstanceconsoleoutput */
export const getInstanceConsoleOutput = action({
  accepts: { RegionId: text({ required: true }), InstanceId: text({ required: true }), RemoveSymbols: flag() },

  resources: ({ InstanceId }) => [`instance/${InstanceId ?? "*"}`],

  answer(world, request, { now, regionId, cloud }) {
    const instance = world.instances.get(request.InstanceId);
    if (instance?.regionId !== regionId) throw refusal("InvalidInstanceId.NotFound");
    if (imageSeenBy(cloud, world, instance.imageId)?.image.osType === "windows") throw refusal("NotSupported/console");
    const shown = instance.status === "Pending" ? "" : (instance.start?.consoleOutput ?? "login: ");
    return {
      InstanceId: instance.instanceId,
      ConsoleOutput: Buffer.from(shown).toString("base64"),
      LastUpdateTime: consoleTime(instance.start?.runningAtMs ?? now),
    };
  },
});
