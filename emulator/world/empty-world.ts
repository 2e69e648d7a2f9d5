import { defaultQuirks } from "./quirks";
import { knownRegionIds, region } from "./regions";
import type { Account, Quotas, World } from "./world";

/** A world with regions and an account without restrictions, and nothing else. */
export function emptyWorld(): World {
  return {
    account: unrestrictedAccount(),
    otherAccounts: new Map(),
    quirks: { ...defaultQuirks },
    quotas: wideQuotas(),
    regions: new Map(knownRegionIds.map((regionId) => [regionId, region(regionId)])),
    deletedImages: [],
    images: new Map(),
    instances: new Map(),
    disks: new Map(),
    snapshots: new Map(),
    invocations: new Map(),
    vSwitches: new Map(),
    securityGroups: new Map(),
    tasks: new Map(),
    buckets: new Map(),
    roles: new Map(),
    resourceGroups: new Map(),
    scenarios: [],
    tokens: new Map(),
    idsIssued: 0,
  };
}

const unrestrictedAccount = (): Account => ({
  accountId: "1234567890123456",
  enoughBalance: true,
  mayOrder: true,
  enterpriseRegistered: true,
  snapshotServiceOpen: true,
  mayImageDataDisks: true,
  kmsAuthorized: true,
  mayImport: true,
  kmsKeys: new Map(),
});

/** Wide limits. A test about a quota sets it. */
const wideQuotas = (): Quotas => ({
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
  copiesAtOncePerRegion: 5,
  accountsPerSharedImage: 50,
  sharedImages: 100_000,
  vCpus: 100_000,
  callsPerSecond: {},
});
