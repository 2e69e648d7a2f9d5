import { nearestOf } from "../nearest";

/**
 * The regions of https://www.alibabacloud.com/help/en/ecs/product-overview/regions-and-zones, for hints only. New
 * regions work without being listed here.
 */
export const REGIONS: readonly string[] = [
  ...["beijing", "chengdu", "fuzhou", "guangzhou", "hangzhou", "heyuan", "hongkong", "huhehaote", "nanjing", "qingdao"],
  ...["shanghai", "shenzhen", "wuhan-lr", "wulanchabu", "zhangjiakou", "zhengzhou-jva"],
  ...["beijing-finance-1", "hangzhou-finance", "shanghai-finance-1", "shenzhen-finance-1", "north-2-gov-1"],
]
  .map((name) => `cn-${name}`)
  .concat(
    ["ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5"],
    ["ap-southeast-6", "ap-southeast-7", "ap-southeast-8", "ap-south-1", "eu-central-1", "eu-west-1"],
    ["me-central-1", "me-east-1", "na-south-1", "us-east-1", "us-west-1"],
  );

/** The region that an unknown name probably means. Undefined for a known region, and if none is similar. */
export const meantRegion = (regionId: string): string | undefined =>
  REGIONS.includes(regionId) ? undefined : nearestOf(regionId, REGIONS);
