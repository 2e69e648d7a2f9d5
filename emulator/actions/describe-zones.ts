import { action } from "../request/action";
import { text } from "../request/parameters";

const diskCategories = ["cloud_essd", "cloud_ssd", "cloud_efficiency"];

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describezones */
export const describeZones = action({
  accepts: { RegionId: text({ required: true }), AcceptLanguage: text() },

  answer: (world, _request, { regionId }) => ({
    Zones: {
      Zone: (world.regions.get(regionId)?.zoneIds ?? []).map((zoneId) => ({
        ZoneId: zoneId,
        LocalName: zoneId,
        ZoneType: "AvailabilityZone",
        AvailableDiskCategories: { DiskCategories: diskCategories },
        AvailableInstanceTypes: { InstanceTypes: ["ecs.g7.large"] },
        AvailableResourceCreation: { ResourceTypes: ["Instance", "Disk", "VSwitch"] },
      })),
    },
  }),
});
