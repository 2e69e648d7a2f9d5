import { readFileSync } from "node:fs";
import { accountIn } from "../world/accounts";
import { emptyWorld } from "../world/empty-world";
import { knownRegionIds, region } from "../world/regions";
import { defaultRoles, diskRecord, imageRecord, instanceRecord, publicImages, snapshotOf } from "../world/seed";
import { storedObject } from "../world/stored-object";
import type { World } from "../world/world";
import { type Decode, flagOf, listOf, mapOf, objectOf, oneOf, optional, textOf, wholeNumber } from "./decode";

const id = textOf("an id");
const tags = optional(mapOf(textOf("a string", () => true)), new Map<string, string>());
const regionId = optional(id, undefined);
const gib = wholeNumber(1, 65_536);
const many = <T>(of: Decode<T>) => optional(listOf(of), [] as T[]);

/** An account. The file itself is the first one. */
const account = {
  /** The account's id, normally 16 digits. */
  accountId: optional(
    textOf("an account id (digits)", (text) => /^\d+$/.test(text)),
    undefined,
  ),
  /**
   * Instances. If the file has no image with the `imageId`, the instance runs Alibaba Cloud Linux. The first disk is
   * the system disk.
   */
  instances: many(
    objectOf({
      instanceId: id,
      regionId,
      instanceName: optional(id, undefined),
      status: optional(oneOf("Running", "Stopped", "Starting", "Stopping", "Pending"), "Running"),
      imageId: optional(id, undefined),
      tags,
      disks: optional(
        listOf(
          objectOf({
            diskId: optional(id, undefined),
            size: gib,
            category: optional(id, "cloud_essd"),
            encrypted: optional(flagOf, false),
          }),
        ),
        [{ diskId: undefined, size: 40, category: "cloud_essd", encrypted: false }],
      ),
    }),
  ),
  snapshots: many(
    objectOf({
      snapshotId: id,
      regionId,
      snapshotName: optional(id, ""),
      diskType: optional(oneOf("system", "data"), "system"),
      size: optional(gib, 40),
      encrypted: optional(flagOf, false),
      tags,
    }),
  ),
  images: many(
    objectOf({
      imageId: id,
      regionId,
      imageName: optional(id, ""),
      imageFamily: optional(id, ""),
      description: optional(
        textOf("a string", () => true),
        "",
      ),
      platform: optional(id, "Aliyun"),
      architecture: optional(oneOf("x86_64", "arm64", "i386"), "x86_64"),
      size: optional(gib, 40),
      sharedWith: many(id),
      deprecated: optional(flagOf, false),
      tags,
    }),
  ),
  /** Buckets. The `size` of an object, in bytes, may be a real image's. A download returns `content`. */
  buckets: many(
    objectOf({
      name: textOf("a bucket's name (3 to 63 of a-z, 0-9 and -)", (text) =>
        /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text),
      ),
      regionId,
      objects: many(
        objectOf({
          key: id,
          size: optional(wholeNumber(0), undefined),
          content: optional(
            textOf("a string", () => true),
            "",
          ),
        }),
      ),
    }),
  ),
  /**
   * Networks for instances. Without a `vpcId`, all networks of a region are in one VPC. Without a `zoneId`, a vSwitch
   * is in the first zone.
   */
  vSwitches: many(
    objectOf({ vSwitchId: id, regionId, zoneId: optional(id, undefined), vpcId: optional(id, undefined) }),
  ),
  securityGroups: many(objectOf({ securityGroupId: id, regionId, vpcId: optional(id, undefined) })),
  resourceGroups: many(id),
  /**
   * Roles that ECS may assume, which may do everything in OSS. If left out, the default roles of image import and
   * export.
   */
  roles: optional(listOf(id), undefined),
};

/**
 * The world file of `alicloud-image-emulator --seed FILE`: plain JSON, in the words of the API. Everything may be left
 * out. Without a `regionId`, a resource is in the first region.
 *
 * @example
 * {
 *   "regions": ["cn-hangzhou", "eu-central-1"],
 *   "instances": [{ "instanceId": "i-web", "disks": [{ "size": 40 }, { "size": 100 }] }],
 *   "snapshots": [{ "snapshotId": "s-base", "size": 40 }],
 *   "images": [{ "imageId": "m-base", "imageName": "base", "imageFamily": "web", "tags": { "team": "web" } }],
 *   "buckets": [{ "name": "images", "objects": [{ "key": "debian.qcow2", "size": 5368709120 }] }],
 *   "accounts": [{ "accountId": "2222222222222222" }]
 * }
 */
const worldFile = objectOf({
  ...account,
  regions: optional(listOf(id), knownRegionIds),
  accounts: many(objectOf(account)),
});
type AccountFile = Omit<ReturnType<typeof worldFile>, "regions" | "accounts">;

/** All errors of a world file, each with its path inside the file. */
export class WorldFileError extends Error {
  constructor(file: string, problems: readonly string[]) {
    super(`The world file ${file} cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "WorldFileError";
  }
}

/** Reads a world file. Returns a function that makes a fresh world of it. */
export function readWorldFile(file: string): (nowMs: number) => World {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new WorldFileError(file, [code === "ENOENT" ? "there is no such file" : message]);
  }
  const problems: string[] = [];
  const read = worldFile(content, "", problems);
  if (problems.length === 0) problems.push(...unknownRegions(read));
  if (problems.length > 0) throw new WorldFileError(file, problems);
  return (nowMs) => worldOf(read, nowMs);
}

/** Reports resources in a region that the file does not have, and ids that occur twice. */
function unknownRegions(read: ReturnType<typeof worldFile>): string[] {
  const accounts = [read, ...read.accounts];
  return accounts.flatMap((one, n) => {
    const prefix = n === 0 ? "" : `accounts[${n - 1}].`;
    return (["instances", "snapshots", "images", "buckets", "vSwitches", "securityGroups"] as const).flatMap((kind) =>
      one[kind].flatMap(({ regionId: given }, at) =>
        given === undefined || read.regions.includes(given)
          ? []
          : [
              `${prefix}${kind}[${at}].regionId is ${given}, which is not among the regions: ` +
                `${read.regions.join(", ")}`,
            ],
      ),
    );
  });
}

function worldOf(read: ReturnType<typeof worldFile>, nowMs: number): World {
  const world = emptyWorld();
  world.regions = new Map(read.regions.map((regionId) => [regionId, region(regionId)]));
  if (read.accountId !== undefined) world.account.accountId = read.accountId;
  const first = read.regions[0] ?? "cn-hangzhou";
  for (const image of publicImages(first, nowMs)) world.images.set(image.imageId, image);
  fill(world, read, first, nowMs);
  for (const [n, other] of read.accounts.entries())
    fill(accountIn(world, other.accountId ?? String(2_000_000_000_000_000 + n)), other, first, nowMs);
  return world;
}

function fill(world: World, read: AccountFile, first: string, nowMs: number): void {
  for (const given of read.instances) addInstance(world, given, first, nowMs);
  for (const { diskType, size, ...given } of read.snapshots) {
    const disk = diskRecord({ diskId: "", regionId: given.regionId ?? first, type: diskType, size }, nowMs);
    const { snapshotId, snapshotName, encrypted, tags } = given;
    world.snapshots.set(snapshotId, { ...snapshotOf(disk, snapshotId, nowMs), snapshotName, encrypted, tags });
  }
  for (const { size, regionId = first, tags, ...given } of read.images) {
    const image = imageRecord({ imageId: given.imageId, regionId, platform: given.platform, size }, nowMs);
    const owned = { owner: "self" as const, ownerId: world.account.accountId, isPublic: false };
    world.images.set(given.imageId, { ...image, ...given, ...owned, tags });
  }
  for (const { name, regionId = first, objects } of read.buckets)
    world.buckets.set(name, {
      name,
      regionId,
      creationDate: nowMs,
      storageClass: "Standard",
      objects: new Map(
        objects.map(({ key, size, content }) => [
          key,
          storedObject(key, Buffer.from(content || key), nowMs, size === undefined ? {} : { size }),
        ]),
      ),
    });
  addNetworks(world, read, first);
  for (const resourceGroupId of read.resourceGroups)
    world.resourceGroups.set(resourceGroupId, { resourceGroupId, name: resourceGroupId });
  for (const role of defaultRoles(read.roles)) world.roles.set(role.roleName, role);
}

function addNetworks(world: World, { vSwitches, securityGroups }: AccountFile, first: string): void {
  for (const {
    vSwitchId,
    regionId = first,
    zoneId = region(regionId).zoneIds[0] ?? "",
    vpcId = `vpc-${regionId}`,
  } of vSwitches)
    world.vSwitches.set(vSwitchId, { vSwitchId, regionId, zoneId, vpcId });
  for (const { securityGroupId, regionId = first, vpcId = `vpc-${regionId}` } of securityGroups)
    world.securityGroups.set(securityGroupId, { securityGroupId, regionId, vpcId });
}

function addInstance(
  world: World,
  { regionId: given, tags, imageId, instanceName, disks, ...rest }: AccountFile["instances"][number],
  first: string,
  nowMs: number,
): void {
  const regionId = given ?? first;
  world.instances.set(rest.instanceId, {
    ...instanceRecord(rest.instanceId, regionId, rest.status, nowMs),
    ...(imageId === undefined ? {} : { imageId }),
    ...(instanceName === undefined ? {} : { instanceName }),
    tags,
  });
  for (const [n, { diskId = `d-${rest.instanceId.replace(/^i-/, "")}-${n}`, ...disk }] of disks.entries())
    world.disks.set(diskId, {
      ...diskRecord({ diskId, regionId, type: n === 0 ? "system" : "data", size: disk.size }, nowMs),
      ...disk,
      device: `/dev/xvd${String.fromCharCode("a".charCodeAt(0) + n)}`,
      instanceId: rest.instanceId,
      status: "In_use",
    });
}
