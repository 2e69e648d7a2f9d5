import { type Scenario, seededWorld, seeds, testNetwork, type World } from "../../emulator";
import { FRONTS } from "./fronts";
import type { KindName, Lab, Props, ResourceName } from "./lab";

/** What the tests of the contract need to know about one kind of resource. */
export interface KindCase {
  readonly kind: ResourceName;
  /** The call that creates it. */
  readonly creates: NonNullable<Scenario["for"]>;
  /** The call that deletes it, or deletes what it wrote. */
  readonly removes: "DeleteImage" | "DeleteObject";
  /** The region in which it is made. */
  readonly regionId: string;
  /** The output that has its id. */
  readonly idOutput: "imageId" | "taskId";
  /** What the error says if the cloud's reason is "The disk cannot be read". */
  readonly failsWith: RegExp;
  /** The arguments of the nth resource, where many are made at once. */
  nth(n: number): Props;
  /** Deletes it without the engine. */
  lose(lab: Lab, id: string): void;
  readonly args: Props;
  /** `args` with every change that happens in place. */
  readonly changedInPlace: Props;
  /** `args` with another source. */
  readonly replaced: Props;
  /** Other ways to create it. Together, `args` and these use every argument (test/fields/declared.test.ts). */
  readonly alternatives: readonly Props[];
  world(): World;
  /** What is left in the cloud after it was destroyed. */
  remains(lab: Lab): string[];
}

const START_MS = Date.UTC(2026, 0, 1);
export const EXPORTABLE = "m-exportable";
const EXPORTABLE_SNAPSHOT = "s-exportable";
const SECOND_OBJECT = "debian-13.qcow2";
const KEY = "key-of-the-copies";

/** The emulator's seeded account, with a second file to import and a custom image to export. */
function world(): World {
  const seeded = seededWorld(START_MS);
  seeded.account.kmsKeys.set(KEY, { enabled: true, taggedForEcs: true });
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

/** The same account with many images to export or to copy. */
export function manyWorld(count = MANY): World {
  const seeded = world();
  const source = seeded.images.get(EXPORTABLE)!;
  for (let n = 0; n < count; n++) {
    const imageId = manyOf(n);
    seeded.images.set(imageId, { ...structuredClone(source), imageId, imageName: `many-${n}` });
  }
  return seeded;
}

/** A `test` argument that uses the network of the emulated cloud, which every region has. */
export const testIn = (regionId: string) => ({ ...testNetwork(regionId), command: "echo fine", timeout: "10m" });

/** Everything that this package has made: images and snapshots with its tags, and anything else that it has tagged. */
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

const loseImage = ({ emulator }: Lab, id: string) => void emulator.world.images.delete(id);
const MANY = 31;
export const manyOf = (n: number) => `m-many-${n}`;

export const kinds: (KindCase & { readonly kind: KindName })[] = [
  {
    kind: "CustomImage",
    creates: "CreateImage",
    removes: "DeleteImage",
    regionId: seeds.regionId,
    idOutput: "imageId",
    failsWith: /CreateFailed/,
    nth: (n) => ({ instanceId: seeds.instanceId, imageName: `image-${n}` }),
    lose: loseImage,
    args: {
      instanceId: seeds.instanceId,
      imageName: "golden",
      description: "the base of the fleet",
      imageFamily: "golden",
      tags: { team: "platform" },
    },
    changedInPlace: {
      instanceId: seeds.instanceId,
      imageName: "golden-2",
      description: "the new base",
      imageFamily: "golden-next",
      tags: { tier: "1" },
      deprecated: true,
      bootMode: "UEFI",
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
    alternatives: [
      {
        snapshotId: seeds.systemSnapshotId,
        regionId: seeds.regionId,
        imageVersion: "1.2",
        secureBootSupport: "supported",
        architecture: "x86_64",
        platform: "Aliyun",
        bootMode: "UEFI",
        resourceGroupId: seeds.resourceGroupId,
        detectionStrategy: "Standard",
        test: testIn(seeds.regionId),
        keepVersions: 1,
        triggers: ["2026-01"],
      },
      { diskDeviceMappings: [{ snapshotId: seeds.systemSnapshotId, device: "/dev/xvda" }, { size: 20 }] },
    ],
    world,
    remains: tagged,
  },
  {
    kind: "ImportedImage",
    creates: "ImportImage",
    removes: "DeleteImage",
    regionId: seeds.regionId,
    idOutput: "imageId",
    failsWith: /The disk cannot be read/,
    nth: (n) => ({
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }],
      imageName: `image-${n}`,
    }),
    lose: loseImage,
    args: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }],
      imageName: "imported",
      description: "from a file",
      tags: { team: "platform" },
    },
    changedInPlace: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }],
      imageName: "imported-2",
      description: "from the same file",
      tags: { tier: "1" },
      imageFamily: "golden",
      bootMode: "UEFI",
      licenseType: "BYOL",
      features: { nvmeSupport: "supported" },
      deprecated: true,
      forceDelete: true,
      deleteSnapshots: true,
    },
    replaced: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: SECOND_OBJECT }],
      imageName: "imported",
      description: "from a file",
      tags: { team: "platform" },
    },
    alternatives: [
      {
        diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: SECOND_OBJECT, format: "QCOW2" }],
        regionId: seeds.regionId,
        architecture: "x86_64",
        platform: "Debian",
        osType: "linux",
        bootMode: "UEFI",
        licenseType: "BYOL",
        features: { nvmeSupport: "supported" },
        resourceGroupId: seeds.resourceGroupId,
        detectionStrategy: "Standard",
        test: testIn(seeds.regionId),
        roleName: seeds.importRole,
        trackSource: true,
        keepVersions: 1,
        triggers: ["2026-01"],
      },
    ],
    world,
    remains: tagged,
  },
  {
    kind: "ImageExport",
    creates: "ExportImage",
    removes: "DeleteObject",
    regionId: seeds.regionId,
    idOutput: "taskId",
    failsWith: /The disk cannot be read/,
    nth: (n) => ({ imageId: manyOf(n), ossBucket: seeds.exportBucket, ossPrefix: `n${n}`, deleteObjects: true }),
    lose: ({ emulator }) => emulator.world.buckets.forEach(({ objects }) => void objects.clear()),
    args: { imageId: EXPORTABLE, ossBucket: seeds.exportBucket, ossPrefix: "golden", deleteObjects: true },
    changedInPlace: {
      imageId: EXPORTABLE,
      ossBucket: seeds.exportBucket,
      ossPrefix: "golden",
      deleteObjects: true,
      roleName: "AliyunECSImageExportDefaultRole",
    },
    replaced: { imageId: EXPORTABLE, ossBucket: seeds.exportBucket, ossPrefix: "silver", deleteObjects: true },
    alternatives: [
      {
        imageId: EXPORTABLE,
        ossBucket: seeds.exportBucket,
        regionId: seeds.regionId,
        imageFormat: "raw",
        triggers: ["2026-01"],
        deleteObjects: true,
      },
    ],
    world,
    remains: (lab) => [...tagged(lab), ...(lab.emulator.world.buckets.get(seeds.exportBucket)?.objects.keys() ?? [])],
  },
];

const copied = { sourceImageId: EXPORTABLE, regionId: "cn-beijing" };

/** A copy to another region than the stack's. */
const imageCopy: KindCase = {
  kind: "ImageCopy",
  creates: "CopyImage",
  removes: "DeleteImage",
  regionId: copied.regionId,
  idOutput: "imageId",
  failsWith: /CreateFailed/,
  nth: (n) => ({ ...copied, sourceImageId: manyOf(n), imageName: `image-${n}` }),
  lose: loseImage,
  args: { ...copied, imageName: "golden", description: "the base of the fleet", tags: { team: "platform" } },
  changedInPlace: {
    ...copied,
    imageName: "golden-2",
    description: "the new base",
    imageFamily: "golden",
    tags: { tier: "1" },
    bootMode: "UEFI",
    features: { nvmeSupport: "supported" },
    deprecated: true,
    forceDelete: true,
    deleteSnapshots: true,
  },
  replaced: { ...copied, sourceImageId: manyOf(0), imageName: "golden" },
  alternatives: [
    {
      ...copied,
      sourceRegionId: seeds.regionId,
      encrypted: true,
      kmsKeyId: KEY,
      bootMode: "UEFI",
      features: { nvmeSupport: "supported" },
      resourceGroupId: seeds.resourceGroupId,
      test: testIn(copied.regionId),
      keepVersions: 1,
      triggers: ["2026-01"],
    },
  ],
  world: () => manyWorld(1),
  remains: tagged,
};

const tested = (args: Props): Props => ({ ...args, test: testIn(seeds.regionId) });

/** An image that is tested before it gets its family. */
export const testedImage: KindCase = {
  ...kinds[0]!,
  args: tested(kinds[0]!.args),
  changedInPlace: tested(kinds[0]!.changedInPlace),
  replaced: tested(kinds[0]!.replaced),
};

/** The kinds whose creation takes time and can be interrupted: those above and copies. */
export const recoverable: readonly KindCase[] = [...kinds, imageCopy];

/** Every kind on every host. */
export const kindsByFront = FRONTS.flatMap((front) => kinds.map((each) => ({ ...each, front })));
/** The same with copies. Each has enough images to make many resources at once. */
export const contractKinds = FRONTS.flatMap((front) =>
  recoverable.map((each) => ({ ...each, world: () => manyWorld(), front })),
);
