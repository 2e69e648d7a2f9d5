import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { tagsToSet } from "../request/fields";
import { resourceNames, resourceOf, taggedFields } from "../resources/tagged-resource";
import { tagMap } from "../resources/tags";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-tagresources */
export const tagResources = action({
  accepts: { ...taggedFields, Tag: tagsToSet("NumberExceed.Tags", "MissingParameter.Tags") },

  resources: resourceNames,

  answer(world, request, { regionId, changed }) {
    const given = tagMap(request.Tag);
    // If one resource is refused, none is tagged.
    const resources = request.ResourceId.map((id) => resourceOf(world, request.ResourceType, id, regionId));
    const { tagsPerResource } = world.quotas;
    if (resources.some(({ tags }) => new Set([...tags.keys(), ...given.keys()]).size > tagsPerResource)) {
      throw refusal("QuotaExceed.Tags", `A resource has at most ${tagsPerResource} tags.`);
    }
    for (const { tags } of resources) for (const [key, value] of given) tags.set(key, value);
    changed();
    return {};
  },
});
