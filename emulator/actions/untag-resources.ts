import { action } from "../request/action";
import { flag, list, text } from "../request/parameters";
import { resourceNames, resourceOf, taggedFields } from "../resources/tagged-resource";

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-untagresources: a key that the
 * resource does not have is no error.
 */
export const untagResources = action({
  accepts: {
    ...taggedFields,
    TagKey: list(text({}), 20, { tooMany: "NumberExceed.Tags" }),
    All: flag(),
  },

  resources: resourceNames,

  answer(world, request, { regionId, changed }) {
    const resources = request.ResourceId.map((id) => resourceOf(world, request.ResourceType, id, regionId));
    for (const { tags } of resources) {
      // "All takes effect only when TagKey.N is not specified." A user cannot remove system tags.
      const keys =
        request.TagKey.length > 0 || !request.All
          ? request.TagKey
          : [...tags.keys()].filter((key) => !key.startsWith("acs:"));
      for (const key of keys) if (tags.delete(key)) changed();
    }
    return {};
  },
});
