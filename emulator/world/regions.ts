import type { RegionRecord } from "./world";

/** The public regions, https://www.alibabacloud.com/help/en/ecs/product-overview/regions-and-zones */
const known: readonly (readonly [regionId: string, localName: string])[] = [
  ["cn-hangzhou", "China (Hangzhou)"],
  ["cn-shanghai", "China (Shanghai)"],
  ["cn-qingdao", "China (Qingdao)"],
  ["cn-beijing", "China (Beijing)"],
  ["cn-zhangjiakou", "China (Zhangjiakou)"],
  ["cn-huhehaote", "China (Hohhot)"],
  ["cn-wulanchabu", "China (Ulanqab)"],
  ["cn-shenzhen", "China (Shenzhen)"],
  ["cn-heyuan", "China (Heyuan)"],
  ["cn-guangzhou", "China (Guangzhou)"],
  ["cn-chengdu", "China (Chengdu)"],
  ["cn-hongkong", "China (Hong Kong)"],
  ["ap-northeast-1", "Japan (Tokyo)"],
  ["ap-northeast-2", "South Korea (Seoul)"],
  ["ap-southeast-1", "Singapore"],
  ["ap-southeast-3", "Malaysia (Kuala Lumpur)"],
  ["ap-southeast-5", "Indonesia (Jakarta)"],
  ["ap-southeast-6", "Philippines (Manila)"],
  ["ap-southeast-7", "Thailand (Bangkok)"],
  ["eu-central-1", "Germany (Frankfurt)"],
  ["eu-west-1", "UK (London)"],
  ["us-east-1", "US (Virginia)"],
  ["us-west-1", "US (Silicon Valley)"],
  ["na-south-1", "Mexico"],
  ["me-east-1", "UAE (Dubai)"],
  ["me-central-1", "SAU (Riyadh)"],
];

export const knownRegionIds: readonly string[] = known.map(([regionId]) => regionId);

/** A region by its id: a public one with its name, any other with the id as name. */
export function region(regionId: string): RegionRecord {
  const zones = regionId.startsWith("cn-") ? ["-i", "-j"] : ["a", "b"];
  return {
    regionId,
    localName: known.find(([id]) => id === regionId)?.[1] ?? regionId,
    zoneIds: zones.map((zone) => `${regionId}${zone}`),
  };
}
