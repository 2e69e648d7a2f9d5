import type { World } from "../../emulator";
import { imageState } from "../../emulator/images/state";
import { kinds } from "../support/kinds";
import type { KindName, Props } from "../support/lab";
import type { Held } from "./engine";

/** One kind of resource, with arguments that differ in what matters to its recovery: a row of the sweep. */
export interface Subject {
  readonly label: string;
  readonly kind: KindName;
  /** The call that brings it into being. */
  readonly creates: "CreateImage" | "ImportImage" | "ExportImage";
  readonly args: Props;
  /** Another program, by a change in place. */
  readonly changedInPlace: Props;
  /** Another program, by a replacement. */
  readonly replaced: Props;
  /** How what the state holds differs from what is in the cloud, and from what was asked for; each a sentence. */
  differs(world: World, held: Held, args: Props, nowMs: number, mayHaveMoreTags: boolean): string[];
  /** Whether one that can be used is in the cloud. Left out: it is not a thing that is never to be missing. */
  isGood?(world: World, id: string, nowMs: number): boolean;
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

const of = (wanted: KindName) => kinds.find(({ kind }) => kind === wanted)!;
const each = (kind: KindName, change: (args: Props) => Props) => ({
  kind,
  args: change(of(kind).args),
  changedInPlace: change(of(kind).changedInPlace),
  replaced: change(of(kind).replaced),
});
const without =
  (key: string, more: Props = {}) =>
  (args: Props): Props => ({ ...Object.fromEntries(Object.entries(args).filter(([name]) => name !== key)), ...more });
const images = { differs: imageDiffers, isGood: isGoodImage };

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
  { label: "ImportedImage with a name", creates: "ImportImage", ...each("ImportedImage", (args) => args), ...images },
  {
    label: "ImportedImage",
    creates: "ImportImage",
    ...each("ImportedImage", without("imageName", { forceDelete: true })),
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
];
