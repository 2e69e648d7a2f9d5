import { isSoldOut } from "../instances/launch";
import { action } from "../request/action";
import { integer, text } from "../request/parameters";
import { instanceTypes } from "../world/instance-types";
import type { World } from "../world/world";

/**
 * Which instance types the zones have in stock:
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeavailableresource
 */
export const describeAvailableResource = action({
  accepts: {
    RegionId: text({ required: true }),
    DestinationResource: text({
      required: true,
      missing: "Invalid.Param",
      oneOf: ["Zone", "InstanceType"],
      wrong: "Invalid.DestinationResource",
    }),
    ZoneId: text(),
    InstanceType: text(),
    InstanceChargeType: text({ oneOf: ["PostPaid", "PrePaid"], wrong: "Invalid.InstanceChargeType" }),
    IoOptimized: text({ oneOf: ["none", "optimized"] }),
    NetworkCategory: text({ oneOf: ["vpc", "classic"] }),
    ResourceType: text({ oneOf: ["instance", "disk", "reservedinstance", "ddh"] }),
    SystemDiskCategory: text(),
    Cores: integer(),
  },

  answer: (world, request, { regionId }) => {
    const zones = (world.regions.get(regionId)?.zoneIds ?? []).filter(
      (zoneId) => (request.ZoneId ?? zoneId) === zoneId,
    );
    const types = instanceTypes.filter(
      ({ id, cores }) => (request.InstanceType ?? id) === id && (request.Cores ?? cores) === cores,
    );
    return {
      AvailableZones: {
        AvailableZone: zones.map((zoneId) => zoneRow(world, { regionId, zoneId }, request.DestinationResource, types)),
      },
    };
  },
});

function zoneRow(
  world: World,
  { regionId, zoneId }: { readonly regionId: string; readonly zoneId: string },
  destination: string,
  types: readonly { readonly id: string }[],
): Record<string, unknown> {
  const rows = types.map(({ id }) => {
    const isOut = isSoldOut(world, regionId, zoneId, id);
    return { Value: id, Status: isOut ? "SoldOut" : "Available", StatusCategory: isOut ? "WithoutStock" : "WithStock" };
  });
  const hasSome = rows.some(({ Status }) => Status === "Available");
  const state = { Status: hasSome ? "Available" : "SoldOut", StatusCategory: hasSome ? "WithStock" : "WithoutStock" };
  const resources = destination === "Zone" ? [{ Value: zoneId, ...state }] : rows;
  return {
    RegionId: regionId,
    ZoneId: zoneId,
    ...state,
    AvailableResources: {
      AvailableResource: [{ Type: destination, SupportedResources: { SupportedResource: resources } }],
    },
  };
}
