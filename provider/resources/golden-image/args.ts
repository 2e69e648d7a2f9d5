import { type CheckFailure, failuresIn } from "../../fields/check";
import type { Fields, OutputField } from "../../fields/fields";
import { withoutNulls } from "../../fields/given";
import { listOf, region, shape } from "../../fields/rules";
import { isRecord } from "../../fields/same";
import type { DescribedField } from "../../fields/schema";
import { isUnknown } from "../../fields/unknown";
import { customImageFields } from "../custom-image/args";
import { account } from "../image-share-permission/args";
import { compact, imageFields } from "../images/args";
import { importedImageFields } from "../imported-image/args";

const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings", "files"] as const;
const { instanceId, snapshotId, diskDeviceMappings, architecture } = customImageFields;
const { diskDeviceMappings: files, osType, roleName, trackSource } = importedImageFields;
const { imageName, imageFamily, description, bootMode, licenseType, features, resourceGroupId, tags } = imageFields;
const { deprecated, forceDelete, keepVersions, triggers, platform } = imageFields;

/** Which of the source's keys go with which source; the others go with every one. */
const FILES_ALONE = ["osType", "roleName", "trackSource"] as const;

export const goldenImageDoc = {
  replacing: "A change replaces the image and its copies.",
  source: { exactlyOne: SOURCES, only: { files: FILES_ALONE } },
};

const source = shape(
  {
    name: "GoldenImageSource",
    doc: "What a `GoldenImage` is made from: exactly one of these. A change of it replaces the image and its copies.",
  },
  {
    instanceId,
    snapshotId,
    diskDeviceMappings: { ...diskDeviceMappings, doc: "Disks, as of a `CustomImage`." },
    files: {
      ...files,
      doc: "Files in OSS, the first of which is the system disk: the `diskDeviceMappings` of an `ImportedImage`.",
    },
    osType: { ...osType, doc: "With `files`: the kind of operating system." },
    roleName: { ...roleName, doc: "With `files`: the RAM role under which ECS reads them." },
    trackSource: {
      ...trackSource,
      doc: "With `files`: whether to replace the image when the file under the same key is another one.",
    },
    architecture,
    platform,
  },
);

/** The arguments of a `GoldenImage`, which are those of the resources in it. */
export const goldenImageFields: Readonly<Record<string, DescribedField>> = {
  source: {
    accepts: source,
    required: true,
    change: "nothing",
    doc:
      "What the image is made from. It is given as it is, not as an output, since it decides which resource makes " +
      "the image.",
    changing: "",
  },
  regions: {
    accepts: listOf(region, 0, 100),
    change: "nothing",
    doc:
      "Regions to copy the image to, known at a preview. The configured region, where the image is made, may be " +
      "among them.",
    whenLeftOut: "none",
    changing: "A change makes or deletes copies.",
  },
  shareWith: {
    accepts: listOf(account, 0, 50),
    change: "nothing",
    doc: "Accounts to share the image and its copies with.",
    whenLeftOut: "none",
    changing: "They change in place.",
  },
  keepVersions: {
    ...keepVersions,
    doc: "How many replaced images to keep as versions in each region, deprecated, for a rollback.",
  },
  triggers: { ...triggers, doc: "Any list of values. Use it to rebuild from the same source." },
  imageName: { ...imageName, doc: "The name of the image in every region." },
  imageFamily: { ...imageFamily, doc: "The family in every region." },
  description,
  bootMode,
  licenseType: { ...licenseType, doc: "Which license activates the operating system; copies take it over." },
  features,
  resourceGroupId,
  tags,
  deprecated: { ...deprecated, doc: "Whether the image and its copies are Deprecated." },
  forceDelete: {
    ...forceDelete,
    doc: "Whether to delete images even while instances use them or they are shared with further accounts.",
  },
  deleteSnapshots: {
    ...customImageFields.deleteSnapshots,
    doc:
      "Whether to delete, along with an image, the snapshots that its own creation made. An image from files has " +
      "none.",
  },
};

export const goldenImageOutputs: Readonly<Record<string, OutputField>> = {
  imageId: { type: { type: "string" }, doc: "The id of the image in the configured region." },
  imageIds: {
    type: { type: "map", values: { type: "string" } },
    doc:
      "The ids by region, the configured one among them. Use the component in `dependsOn` to wait until all of them " +
      "are shared as well.",
  },
};

type Values = Readonly<Record<string, unknown>>;

/** Everything that is wrong with the arguments of a `GoldenImage`, at once. Its resources check theirs again. */
export function goldenImageFailures(given: Record<string, unknown>): CheckFailure[] {
  const args = withoutNulls(goldenImageFields as unknown as Fields<Values>, given);
  const known = isUnknown(args["source"]) ? { ...args, source: {} } : args; // its keys decide what is made
  return [
    ...failuresIn(goldenImageFields as unknown as Fields<Values>, known),
    ...sourceFailures(known),
    ...regionFailures(args),
  ];
}

function sourceFailures({ source }: Values): CheckFailure[] {
  if (!isRecord(source)) return []; // has a failure of its own
  const keys = SOURCES.filter((key) => source[key] !== undefined);
  if (keys.length === 1) return [];
  const what = keys.length > 0 ? keys.join(" and ") : "none of them";
  const reason = `source must be an object with exactly one of ${SOURCES.join(", ")}, whose key the program gives itself, not ${what}`;
  return [{ property: "source", reason }];
}

/** Each region is a resource, so a preview has to know it. */
function regionFailures({ regions }: Values): CheckFailure[] {
  const isOpen = isUnknown(regions) || (Array.isArray(regions) && regions.some(isUnknown));
  const reason = "regions must be known at a preview: a list of region ids, none of them an output";
  return isOpen ? [{ property: "regions", reason }] : [];
}

/** One resource of a `GoldenImage`. What another resource must be made for first is left out: the ids of images. */
export interface Part {
  readonly name: string;
  readonly args: Values;
}

/** What a `GoldenImage` consists of. */
export interface Parts {
  readonly image: Part & { readonly type: "CustomImage" | "ImportedImage" };
  readonly copies: readonly (Part & { readonly regionId: string })[];
  /** Of the image, then of each copy, in the same order. */
  readonly shares: readonly Part[];
}

/** Of arguments without failures. Values may be outputs: none is looked into, apart from the keys of the source and the regions. */
export function goldenImageParts(name: string, args: Values, home: string | undefined): Parts {
  const { source, regions: given, shareWith, licenseType, triggers, deleteSnapshots, ...common } = args;
  const regions = [...new Set(given as readonly string[] | undefined)].filter((regionId) => regionId !== home);
  const copies = regions.map((regionId) => ({
    name: `${name}-${regionId}`,
    regionId,
    args: { ...(home !== undefined && { sourceRegionId: home }), regionId, ...common, ...compact({ deleteSnapshots }) },
  }));
  const isShared = shareWith !== undefined && !(Array.isArray(shareWith) && shareWith.length === 0);
  const shares = [{ name, args: {} }, ...copies.map(({ name: own, regionId }) => ({ name: own, args: { regionId } }))];
  return {
    image: imagePart(
      name,
      source as Values,
      { ...common, ...compact({ licenseType, triggers }) },
      compact({ deleteSnapshots }),
    ),
    copies,
    shares: isShared ? shares.map((share) => ({ ...share, args: { ...share.args, accountIds: shareWith } })) : [],
  };
}

function imagePart(name: string, source: Values, common: Values, ofSnapshots: Values): Parts["image"] {
  const { files: disks, ...rest } = source;
  return disks == null
    ? { type: "CustomImage", name, args: { ...source, ...common, ...ofSnapshots } }
    : { type: "ImportedImage", name, args: { diskDeviceMappings: disks, ...rest, ...common } };
}
