import { seededWorld, seeds, type World } from "../../emulator";
import { FRONTS } from "./fronts";
import type { KindName, Lab, Props } from "./lab";

/** What the sequences of the contract need to know of one kind of resource. */
export interface KindCase {
  readonly kind: KindName;
  readonly args: Props;
  /** `args` with everything changed that is changed in place. */
  readonly amended: Props;
  /** `args` with another source. */
  readonly replaced: Props;
  world(): World;
  /** What a destroyed resource has left in the cloud. */
  remains(lab: Lab): string[];
}

const START_MS = Date.UTC(2026, 0, 1);
const EXPORTABLE = "m-exportable";
const EXPORTABLE_SNAPSHOT = "s-exportable";
const SECOND_OBJECT = "debian-13.qcow2";

/** The emulator's seeded account, with another file to import, and a custom image to export. */
function world(): World {
  const seeded = seededWorld(START_MS);
  const objects = seeded.buckets.get(seeds.imageBucket)!.objects;
  const file = objects.get(seeds.imageObject)!;
  objects.set(SECOND_OBJECT, { ...file, key: SECOND_OBJECT, eTag: "0123456789ABCDEF0123456789ABCDEF" });
  const base = seeded.images.get(seeds.publicImageId)!;
  seeded.images.set(EXPORTABLE, {
    ...base,
    imageId: EXPORTABLE,
    imageName: "exportable",
    owner: "self",
    ownerId: seeded.account.accountId,
    isPublic: false,
    tags: new Map(),
    diskMappings: base.diskMappings.map((disk) => ({ ...disk, snapshotId: EXPORTABLE_SNAPSHOT })),
  });
  const snapshot = [...seeded.snapshots.values()][0]!;
  seeded.snapshots.set(EXPORTABLE_SNAPSHOT, { ...snapshot, snapshotId: EXPORTABLE_SNAPSHOT, tags: new Map() });
  return seeded;
}

/** Whatever this package has made: images and snapshots with its tags, and tags of its own on anything else. */
function tagged(lab: Lab): string[] {
  const { images, snapshots, tasks } = lab.emulator.world;
  const own = [...images.values(), ...snapshots.values()].filter(({ tags }) =>
    [...tags.keys()].some((key) => key.startsWith("pulumi-alicloud-image:")),
  );
  const running = [...tasks.values()]
    .filter((task) => task.cancelledMs === undefined && !task.effectsApplied)
    .map(({ taskId }) => taskId);
  return [...own.map((record) => ("imageId" in record ? record.imageId : record.snapshotId)), ...running];
}

export const kinds: KindCase[] = [
  {
    kind: "CustomImage",
    args: {
      instanceId: seeds.instanceId,
      imageName: "golden",
      description: "the base of the fleet",
      imageFamily: "golden",
      tags: { team: "platform" },
    },
    amended: {
      instanceId: seeds.instanceId,
      imageName: "golden-2",
      description: "the new base",
      imageFamily: "golden-next",
      tags: { tier: "1" },
      deprecated: true,
      licenseType: "BYOL",
      features: { nvmeSupport: "supported" },
      forceDelete: true,
      deleteSnapshots: true,
    },
    replaced: {
      instanceId: seeds.secondInstanceId,
      imageName: "golden",
      description: "the base of the fleet",
      imageFamily: "golden",
      tags: { team: "platform" },
    },
    world,
    remains: tagged,
  },
  {
    kind: "ImportedImage",
    args: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }],
      imageName: "imported",
      description: "from a file",
      tags: { team: "platform" },
    },
    amended: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }],
      imageName: "imported-2",
      description: "from the same file",
      tags: { tier: "1" },
      imageFamily: "golden",
      deprecated: true,
      forceDelete: true,
    },
    replaced: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: SECOND_OBJECT }],
      imageName: "imported",
      description: "from a file",
      tags: { team: "platform" },
    },
    world,
    remains: tagged,
  },
  {
    kind: "ImageExport",
    args: { imageId: EXPORTABLE, ossBucket: seeds.exportBucket, ossPrefix: "golden", deleteObjects: true },
    amended: {
      imageId: EXPORTABLE,
      ossBucket: seeds.exportBucket,
      ossPrefix: "golden",
      deleteObjects: true,
      roleName: "AliyunECSImageExportDefaultRole",
    },
    replaced: { imageId: EXPORTABLE, ossBucket: seeds.exportBucket, ossPrefix: "silver", deleteObjects: true },
    world,
    remains: (lab) => [...tagged(lab), ...(lab.emulator.world.buckets.get(seeds.exportBucket)?.objects.keys() ?? [])],
  },
];

/** Every kind through every host. */
export const kindsByFront = FRONTS.flatMap((front) => kinds.map((each) => ({ ...each, front })));
