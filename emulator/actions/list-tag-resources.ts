import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { startOf, tokenFor } from "../request/page";
import { group, list, text } from "../request/parameters";
import { resourcesOfType, taggedFields } from "../resources/tagged-resource";
import { carries } from "../resources/tags";

/** Rows per page; the API does not document the number. */
const rowsAtOnce = 50;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-listtagresources */
export const listTagResources = action({
  accepts: {
    RegionId: taggedFields.RegionId,
    ResourceType: taggedFields.ResourceType,
    ResourceId: list(text({}), 50, { tooMany: "NumberExceed.ResourceIds" }),
    Tag: list(group({ Key: text({ alias: ["key"] }), Value: text({ alias: ["value"] }) }), 20, {
      tooMany: "NumberExceed.Tags",
    }),
    NextToken: text(),
  },

  resources: ({ ResourceType }) => [`${ResourceType ?? "*"}/*`],

  answer(world, request, { regionId }) {
    const { ResourceType, ResourceId, Tag } = request;
    const resources = resourcesOfType(world, ResourceType);
    if (ResourceId.length === 0 && Tag.length === 0) throw refusal("MissingParameter", "ResourceId.N");
    if (Tag.some(({ Key, Value }) => Key === undefined && Value !== undefined))
      throw refusal("InvalidParameter.TagValue");
    const ids = ResourceId.length > 0 ? ResourceId : [...resources.keys()];
    const all = ids.flatMap((id) => {
      const resource = resources.get(id);
      if (!resource || resource.regionId !== regionId || !carries(resource.tags, Tag)) return [];
      return [...resource.tags].map(([TagKey, TagValue]) => ({ ResourceId: id, ResourceType, TagKey, TagValue }));
    });
    const from = request.NextToken === undefined ? 0 : startOf(request.NextToken);
    return {
      TagResources: { TagResource: all.slice(from, from + rowsAtOnce) },
      NextToken: tokenFor(from + rowsAtOnce, all.length),
    };
  },
});
