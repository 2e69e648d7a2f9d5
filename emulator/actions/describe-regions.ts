import { action } from "../request/action";
import { text } from "../request/parameters";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeregions */
export const describeRegions = action({
  accepts: { AcceptLanguage: text() },

  answer: (world) => ({
    Regions: {
      Region: [...world.regions.values()].map(({ regionId, localName }) => ({
        RegionId: regionId,
        LocalName: localName,
        RegionEndpoint: `ecs.${regionId}.aliyuncs.com`,
        Status: "available",
      })),
    },
  }),
});
