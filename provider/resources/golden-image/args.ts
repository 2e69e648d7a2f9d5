import type { OutputField } from "../../fields/fields";
import { listOf, region, shape } from "../../fields/rules";
import type { DescribedField } from "../../fields/schema";
import { customImageFields } from "../custom-image/args";
import { account } from "../image-share-permission/args";
import { compact } from "../images/args";
import { importedImageFields } from "../imported-image/args";

const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings", "files"] as const;
const { instanceId, snapshotId, diskDeviceMappings, architecture, platform } = customImageFields;
const { diskDeviceMappings: files, osType, roleName, trackSource } = importedImageFields;
const { imageName, imageFamily, description, bootMode, licenseType, features, resourceGroupId, tags } =
  customImageFields;
const { deprecated, forceDelete, deleteSnapshots, keepVersions, triggers } = customImageFields;

const sourceFields = {
  instanceId,
  snapshotId,
  diskDeviceMappings,
  files,
  osType,
  roleName,
  trackSource,
  architecture,
  platform,
};

/** The arguments of a `GoldenImage`, which are those of the resources in it. */
export const goldenImageFields: Readonly<Record<string, DescribedField>> = {
  source: {
    accepts: shape(Object.fromEntries(Object.entries(sourceFields).map(([key, { accepts }]) => [key, accepts]))),
    required: true,
    change: "nothing",
    summary: `What the image is made from: exactly one of ${SOURCES.join(", ")}. It decides which resource makes the image, so its keys must be known.`,
  },
  regions: {
    accepts: listOf(region, 0, 100),
    change: "nothing",
    summary:
      "Regions to copy the image to, known at a preview. The provider's own region, where the image is made, may be among them.",
  },
  shareWith: {
    accepts: listOf(account, 0, 50),
    change: "nothing",
    summary: "Accounts to share the image and its copies with, at most 50. They change in place.",
  },
  keepVersions,
  triggers,
  imageName,
  imageFamily,
  description,
  bootMode,
  licenseType,
  features,
  resourceGroupId,
  tags,
  deprecated,
  forceDelete,
  deleteSnapshots,
};

export const goldenImageOutputs: Readonly<Record<string, OutputField>> = {
  imageId: { type: { type: "string" }, summary: "The id of the image in the provider's region." },
  imageIds: {
    type: { type: "map", values: { type: "string" } },
    summary: "The ids by region, the provider's own among them.",
  },
};

type Values = Readonly<Record<string, unknown>>;

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

/** Fails unless the source is one. Values may be outputs: none is looked into, apart from the keys of the source and the regions. */
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
    image: imagePart(name, source, { ...common, ...compact({ licenseType, triggers }) }, compact({ deleteSnapshots })),
    copies,
    shares: isShared ? shares.map((share) => ({ ...share, args: { ...share.args, accountIds: shareWith } })) : [],
  };
}

function imagePart(name: string, given: unknown, common: Values, ofSnapshots: Values): Parts["image"] {
  const source = Object(given) as Values;
  const keys = SOURCES.filter((key) => source[key] !== undefined);
  if (keys.length !== 1) {
    const what = keys.length > 0 ? keys.join(" and ") : "none of them";
    throw new Error(
      `GoldenImage ${JSON.stringify(name)}: source must be an object with exactly one of ${SOURCES.join(", ")}, not ${what}`,
    );
  }
  const { files: disks, ...rest } = source;
  return disks === undefined
    ? { type: "CustomImage", name, args: { ...source, ...common, ...ofSnapshots } }
    : { type: "ImportedImage", name, args: { diskDeviceMappings: disks, ...rest, ...common } };
}
