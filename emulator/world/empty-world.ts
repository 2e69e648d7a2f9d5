import type { World } from "./world";

/** Regions and an account without a fault in it; nothing else. */
export function emptyWorld(): World {
  return {
    account: {
      accountId: "1234567890123456",
      enoughBalance: true,
      mayOrder: true,
      enterpriseRegistered: true,
      snapshotServiceOpen: true,
      mayImageDataDisks: true,
      kmsAuthorized: true,
      mayImport: true,
      kmsKeys: new Map(),
    },
    quotas: {
      // Wide on purpose: a test that is about a quota sets it.
      images: 100_000,
      imageFamilies: 10_000,
      imagesPerFamily: 10_000,
      tagsPerResource: 20,
      snapshotsPerDisk: 100_000,
      snapshotsAtOncePerDisk: 10_000,
      snapshotsAtOnce: 100_000,
      importsAtOnce: 10_000,
      exportsAtOnce: 10_000,
      exportsPerWeek: 100_000,
      callsPerSecond: {},
    },
    regions: new Map(
      [
        { regionId: "cn-hangzhou", localName: "China (Hangzhou)", zoneIds: ["cn-hangzhou-i", "cn-hangzhou-j"] },
        { regionId: "ap-southeast-1", localName: "Singapore", zoneIds: ["ap-southeast-1a", "ap-southeast-1b"] },
      ].map((region) => [region.regionId, region]),
    ),
    images: new Map(),
    instances: new Map(),
    disks: new Map(),
    snapshots: new Map(),
    tasks: new Map(),
    buckets: new Map(),
    roles: new Map(),
    resourceGroups: new Map(),
    scenarios: [],
    tokens: new Map(),
    idsIssued: 0,
  };
}
