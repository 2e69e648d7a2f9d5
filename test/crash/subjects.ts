import { type ImageRecord, seeds, type World } from "../../emulator";
import { imageState } from "../../emulator/images/state";
import { OWNER_TAG, ownerIn, PENDING_TAG } from "../../provider/lifecycle/ownership";
import { EXPORTABLE, manyOf, manyWorld, recoverable, testedImage, testIn } from "../support/kinds";
import type { Props, ResourceName } from "../support/lab";
import { NORTH, NORTHERN } from "../support/moves";
import type { Declared, Held } from "./engine";

/** The name of a subject's resource. */
export const NAME = "golden";

/** One kind of resource, with arguments that matter to its recovery: a row of the sweep. */
export interface Subject {
  readonly label: string;
  readonly kind: ResourceName;
  /** The call that creates it, if lists can hide it for a while. */
  readonly creates?: "CreateImage" | "ImportImage" | "ExportImage" | "CopyImage";
  world(): World;
  /** The program. Default: only the resource. */
  program?(args: Props): readonly Declared[];
  readonly args: Props;
  /** A program that updates it in place. */
  readonly changedInPlace: Props;
  /** A program that replaces it. */
  readonly replaced: Props;
  /** A program with it in another region. */
  readonly moved: Props;
  /** How the state differs from the cloud and from the requested arguments, as sentences. */
  differs(world: World, held: Held, args: Props, nowMs: number, mayHaveMoreTags: boolean): string[];
  /** What no run may remove once it exists, except a destroy or a drop of the resource. Default: nothing. */
  isThere?(world: World, nowMs: number): boolean;
}

const PLAIN = ["imageName", "description", "imageFamily", "licenseType"] as const;

const isGoodImage = ({ images }: World, id: string, nowMs: number): boolean => {
  const image = images.get(id);
  return image !== undefined && imageState(image, nowMs).usable;
};

function imageDiffers(world: World, { id }: Held, args: Props, nowMs: number, mayHaveMoreTags: boolean): string[] {
  const image = world.images.get(id);
  if (!image) return [`image ${id} is not in the cloud`];
  const wrong = PLAIN.filter((key) => args[key] !== undefined && image[key] !== args[key]).map(
    (key) => `its ${key} is ${JSON.stringify(image[key])}, not ${JSON.stringify(args[key])}`,
  );
  if (!isGoodImage(world, id, nowMs)) wrong.push(`image ${id} is ${imageState(image, nowMs).status}`);
  const wanted = (args["tags"] ?? {}) as Record<string, string>;
  const own = [...image.tags].filter(
    ([key]) => !key.startsWith("pulumi-alicloud-image:") && !(mayHaveMoreTags && !(key in wanted)),
  );
  if (JSON.stringify(own.sort()) !== JSON.stringify(Object.entries(wanted).sort()))
    wrong.push(`its tags are ${JSON.stringify(own)}, not ${JSON.stringify(wanted)}`);
  if (image.deprecated !== (args["deprecated"] ?? false))
    wrong.push(`it is ${image.deprecated ? "" : "not "}deprecated`);
  return wrong;
}

function exportDiffers({ buckets }: World, { id, outputs }: Held): string[] {
  const objects = (outputs["objects"] ?? []) as { bucket: string; key: string; eTag: string }[];
  if (objects.length === 0) return [`export ${id} records no object`];
  return objects
    .filter(({ bucket, key, eTag }) => buckets.get(bucket)?.objects.get(key)?.eTag !== eTag)
    .map(({ bucket, key }) => `export ${id} records oss://${bucket}/${key}, which is not there or is another one`);
}

const NORTHERN_IMAGE = "m-north";
const NORTHERN_BUCKET = "golden-north";

/** The world of a subject, with its source in another region. */
export function worldOf(subject: Subject): World {
  const world = subject.world();
  const [image, bucket] = [world.images.get(EXPORTABLE), world.buckets.get(seeds.imageBucket)!];
  const own = { imageId: NORTHERN_IMAGE, imageName: NORTHERN_IMAGE, regionId: NORTH };
  if (image) world.images.set(own.imageId, { ...structuredClone(image), ...own });
  world.buckets.set(NORTHERN_BUCKET, { ...structuredClone(bucket), name: NORTHERN_BUCKET, regionId: NORTH });
  return world;
}

/** The arguments of each kind that differ in another region. */
const elsewhere: Readonly<Record<ResourceName, Props>> = {
  CustomImage: { instanceId: undefined, ...NORTHERN },
  ImportedImage: {
    diskDeviceMappings: [{ ossBucket: NORTHERN_BUCKET, ossObject: seeds.imageObject }],
    regionId: NORTH,
  },
  ImageExport: { imageId: NORTHERN_IMAGE, ossBucket: NORTHERN_BUCKET, regionId: NORTH },
  ImageCopy: { regionId: "cn-shanghai" },
  ImageSharePermission: { imageId: NORTHERN_IMAGE, regionId: NORTH },
};
const movedOf = (kind: ResourceName, args: Props): Props =>
  Object.fromEntries(Object.entries({ ...args, ...elsewhere[kind] }).filter(([, value]) => value !== undefined));

const of = (wanted: ResourceName) => recoverable.find(({ kind }) => kind === wanted)!;
const each = (kind: ResourceName, change: (args: Props) => Props) => ({
  kind,
  world: of(kind).world,
  args: change(of(kind).args),
  changedInPlace: change(of(kind).changedInPlace),
  replaced: change(of(kind).replaced),
  moved: movedOf(kind, change(of(kind).args)),
});
const without =
  (key: string, more: Props = {}) =>
  (args: Props): Props => ({ ...Object.fromEntries(Object.entries(args).filter(([name]) => name !== key)), ...more });
const images = { differs: imageDiffers };

const KEPT = 2;

/**
 * The kept versions are those in the state, and not too many. A destroy after a killed replacement keeps what may have
 * been replaced, and names it; what is created afterwards has another lineage.
 */
function versionsDiffer(world: World, held: Held, ...rest: [Props, number, boolean]): string[] {
  const ids = (value: unknown) => ((value ?? []) as { imageId: string }[]).map(({ imageId }) => imageId).sort();
  const recorded = ids(held.outputs["previousVersions"]);
  const lineage = ownerIn(world.images.get(held.id)?.tags.get(OWNER_TAG))?.lineage;
  const isOfLineage = ({ tags }: ImageRecord) => tags.get(PENDING_TAG) === `version.${lineage}`;
  const kept = ids([...world.images.values()].filter(isOfLineage));
  const wrong = JSON.stringify(recorded) === JSON.stringify(kept) ? [] : [`${kept} are kept, and ${recorded} listed`];
  if (kept.length > KEPT) wrong.push(`${kept.length} versions are kept, not ${KEPT}`);
  return [...imageDiffers(world, held, ...rest), ...wrong];
}

export const isVersion = ({ tags }: ImageRecord): boolean => tags.get(PENDING_TAG)?.startsWith("version.") ?? false;

const [FIRST, SECOND, THIRD] = ["5000000000000001", "5000000000000002", "5000000000000003"] as const;
const SOMEBODY = "9999999999999999";

/** An image that somebody has shared by hand, and another one. */
function sharedWorld(): World {
  const world = manyWorld(1);
  world.images.get(EXPORTABLE)!.sharedWith = [SOMEBODY];
  return world;
}

function shareDiffers({ images: all }: World, { outputs }: Held, { accountIds }: Props): string[] {
  const { sharedWith = [] } = all.get(String(outputs["imageId"])) ?? {};
  return (accountIds as string[])
    .filter((account) => !sharedWith.includes(account))
    .map((account) => `${outputs["imageId"]} is not shared with ${account}`);
}

/** An image, and a share of it: another source replaces the image, and the share moves. */
const sharedImage = ({ accountIds, ...args }: Props): Declared[] => [
  { kind: "CustomImage", name: "base", args: { ...args, deleteSnapshots: true, forceDelete: true } },
  {
    kind: "ImageSharePermission",
    name: NAME,
    args: { accountIds, ...(args["regionId"] !== undefined && { regionId: args["regionId"] }) },
    idFrom: { argument: "imageId", name: "base" },
  },
];

export const subjects: readonly Subject[] = [
  {
    label: "CustomImage with a name",
    creates: "CreateImage",
    ...each("CustomImage", without("deleteSnapshots")),
    ...images,
  },
  {
    label: "CustomImage with deleteSnapshots",
    creates: "CreateImage",
    ...each("CustomImage", without("imageName", { deleteSnapshots: true, forceDelete: true })),
    ...images,
  },
  {
    label: "ImportedImage with a name",
    creates: "ImportImage",
    ...each("ImportedImage", without("deleteSnapshots")),
    ...images,
  },
  {
    label: "ImportedImage with deleteSnapshots",
    creates: "ImportImage",
    ...each("ImportedImage", without("imageName", { deleteSnapshots: true, forceDelete: true })),
    ...images,
  },
  {
    label: "ImageExport with deleteObjects",
    creates: "ExportImage",
    ...each("ImageExport", (args) => args),
    differs: exportDiffers,
  },
  {
    label: "ImageExport to the same keys",
    creates: "ExportImage",
    ...each("ImageExport", (args) => args),
    replaced: { ...of("ImageExport").args, triggers: ["again"] },
    differs: exportDiffers,
  },
  {
    label: "ImageExport that keeps its objects",
    creates: "ExportImage",
    ...each("ImageExport", without("deleteObjects")),
    differs: exportDiffers,
  },
  {
    label: "CustomImage with keepVersions",
    creates: "CreateImage",
    ...each("CustomImage", without("imageName", { deleteSnapshots: true, keepVersions: KEPT })),
    differs: versionsDiffer,
  },
  {
    label: "CustomImage with a test",
    creates: "CreateImage",
    kind: "CustomImage",
    world: testedImage.world,
    args: testedImage.args,
    changedInPlace: without("deleteSnapshots")(testedImage.changedInPlace),
    replaced: testedImage.replaced,
    moved: { ...movedOf("CustomImage", testedImage.args), test: testIn(NORTH) },
    ...images,
  },
  {
    label: "ImageCopy to another region, with a name",
    creates: "CopyImage",
    ...each("ImageCopy", without("deleteSnapshots")),
    ...images,
  },
  {
    label: "ImageCopy within a region",
    creates: "CopyImage",
    ...each("ImageCopy", without("imageName", { regionId: seeds.regionId, encrypted: true, deleteSnapshots: true })),
    ...images,
  },
  {
    label: "ImageSharePermission",
    kind: "ImageSharePermission",
    world: sharedWorld,
    args: { imageId: EXPORTABLE, accountIds: [FIRST, SECOND] },
    changedInPlace: { imageId: EXPORTABLE, accountIds: [SECOND, THIRD] },
    replaced: { imageId: manyOf(0), accountIds: [FIRST, SECOND] },
    moved: movedOf("ImageSharePermission", { accountIds: [FIRST, SECOND] }),
    differs: shareDiffers,
  },
  {
    label: "ImageSharePermission of an image that is replaced",
    kind: "ImageSharePermission",
    creates: "CreateImage",
    world: () => manyWorld(0),
    program: sharedImage,
    args: { instanceId: seeds.instanceId, accountIds: [FIRST, SECOND] },
    changedInPlace: { instanceId: seeds.instanceId, accountIds: [SECOND, THIRD] },
    replaced: { instanceId: seeds.secondInstanceId, accountIds: [FIRST, SECOND] },
    moved: { ...NORTHERN, accountIds: [FIRST, SECOND] },
    differs: shareDiffers,
    isThere: (world, nowMs) =>
      [...world.images].some(([id, { sharedWith }]) => sharedWith.includes(SECOND) && isGoodImage(world, id, nowMs)),
  },
];
