import { imageState } from "../images/state";
import { refusal } from "../request/api-error";
import { imageSeenBy, imagesSeenBy } from "../world/accounts";
import { type InstanceType, instanceTypes, misfit } from "../world/instance-types";
import type { ImageRecord, SecurityGroupRecord, VSwitchRecord, World } from "../world/world";

/** The caller's account, what it can see, and the time of the call. */
interface Moment {
  readonly cloud: World;
  readonly world: World;
  readonly now: number;
}

/** The image for a new instance: the one with that id, or the newest available one of the family. */
export function launchableImage(
  moment: Moment,
  { ImageId, ImageFamily }: { ImageId: string | undefined; ImageFamily: string | undefined },
  regionId: string,
): ImageRecord {
  if (ImageId === undefined && ImageFamily === undefined) throw refusal("MissingParameter", "ImageId");
  const image =
    ImageId === undefined
      ? newestOf(moment, ImageFamily, regionId)
      : imageSeenBy(moment.cloud, moment.world, ImageId)?.image;
  if (image?.regionId !== regionId) throw refusal("InvalidImageId.NotFound");
  const { status, usable } = imageState(image, moment.now);
  if (!usable || (status !== "Available" && status !== "Deprecated")) throw refusal("OperationDenied.ImageNotValid");
  return image;
}

/**
 * Of the newest images, the account's own come first, as in DescribeImageFromFamily. A deprecated image does not count.
 */
export function newestOf({ cloud, world, now }: Moment, family: string | undefined, regionId: string) {
  const [newest] = imagesSeenBy(cloud, world)
    .filter(
      ({ image, owner }) =>
        owner !== "marketplace" &&
        image.imageFamily === family &&
        image.regionId === regionId &&
        imageState(image, now).status === "Available",
    )
    .sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || b.image.createdMs - a.image.createdMs);
  return newest?.image;
}

/** The vSwitch and the security group, which must belong to one VPC. */
export function networkOf(
  world: World,
  { VSwitchId, SecurityGroupId }: { VSwitchId: string | undefined; SecurityGroupId: string | undefined },
  regionId: string,
): { vSwitch: VSwitchRecord; group: SecurityGroupRecord } {
  if (SecurityGroupId === undefined) throw refusal("MissingParameter", "SecurityGroupId");
  const group = world.securityGroups.get(SecurityGroupId);
  if (group?.regionId !== regionId) throw refusal("InvalidSecurityGroupId.NotFound", SecurityGroupId);
  if (VSwitchId === undefined) throw refusal("InvalidVSwitchId.Necessary");
  const vSwitch = world.vSwitches.get(VSwitchId);
  if (vSwitch?.regionId !== regionId) throw refusal("InvalidVSwitchId.NotFound");
  if (vSwitch.vpcId !== group.vpcId) throw refusal("InvalidParameter.Mismatch");
  return { vSwitch, group };
}

/** The instance type with that name, if the image supports it and it is in stock in the zone. */
export function typeFor(
  world: World,
  name: string | undefined,
  image: ImageRecord,
  { regionId, zoneId }: VSwitchRecord,
): InstanceType {
  if (name === undefined) throw refusal("MissingParameter", "InstanceType");
  const type = instanceTypes.find(({ id }) => id === name);
  if (!type) throw refusal("InvalidInstanceType.ValueNotSupported");
  const problem = misfit(image, type);
  if (problem === "architecture") throw refusal("ImageNotSupportInstanceType");
  if (problem === "nvme")
    throw refusal(
      "InvalidParameter.NotMatch",
      "The specified image does not support NVMe, which the instance type requires.",
    );
  if (isSoldOut(world, regionId, zoneId, name)) throw refusal("OperationDenied.NoStock");
  return type;
}

export function isSoldOut({ regions }: World, regionId: string, zoneId: string, type: string): boolean {
  const soldOut = regions.get(regionId)?.soldOut?.[zoneId] ?? [];
  return soldOut.includes(type) || soldOut.includes("*");
}

/** Refuses the request if the account would run more cores than its quota. */
export function requireCores(world: World, type: InstanceType, amount: number, regionId: string): void {
  const coresOf = (name: string) => instanceTypes.find(({ id }) => id === name)?.cores ?? 0;
  const running = [...world.instances.values()]
    .filter((instance) => instance.regionId === regionId)
    .reduce((sum, { instanceType }) => sum + coresOf(instanceType), 0);
  if (running + amount * type.cores > world.quotas.vCpus) throw refusal("QuotaExceed.ElasticQuota");
}

const HALF_AN_HOUR_MS = 30 * 60_000;
const THREE_YEARS_MS = 3 * 365 * 24 * 3_600_000;

/**
 * "If the seconds are not 00, the start of the minute; at the earliest 30 minutes from now, at the latest three years".
 */
export function releaseTimeOf(given: string | undefined, nowMs: number): number | undefined {
  if (given === undefined) return undefined;
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(given) ? Date.parse(given) : Number.NaN;
  const cutMs = atMs - (atMs % 60_000);
  if (!(cutMs >= nowMs + HALF_AN_HOUR_MS && cutMs <= nowMs + THREE_YEARS_MS))
    throw refusal("InvalidAutoReleaseTime.Malformed");
  return cutMs;
}
