import { action } from "../request/action";
import { text } from "../request/parameters";
import { requireResourceGroup, resourceNames, resourceOf } from "../resources/tagged-resource";

const required = { required: true, missing: "MissingParameter/resource-group" } as const;

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-joinresourcegroup: the parameter
 * table says "not required", but the errors contradict it.
 */
export const joinResourceGroup = action({
  accepts: {
    RegionId: text(required),
    ResourceGroupId: text(required),
    ResourceId: text(required),
    ResourceType: text({ required: true, missing: "MissingParameter.ResourceType" }),
  },

  resources: resourceNames,

  answer(world, request, { regionId, changed }) {
    requireResourceGroup(world, request.ResourceGroupId);
    const resource = resourceOf(world, request.ResourceType, request.ResourceId, regionId);
    if (resource.resourceGroupId !== request.ResourceGroupId) changed();
    resource.resourceGroupId = request.ResourceGroupId;
    return {};
  },
});
