// GoldenImage: its arguments, and the resources that it consists of.

import { type CheckFailure, failuresIn } from "../../fields/check";
import type { Fields, OutputField } from "../../fields/fields";
import { withoutNulls } from "../../fields/given";
import { identifier, listOf, mapOf, region, shape } from "../../fields/rules";
import { isRecord } from "../../fields/same";
import type { DescribedField } from "../../fields/schema";
import { isUnknown } from "../../fields/unknown";
import { customImageFields } from "../custom-image/args";
import { imageCopyFields } from "../image-copy/args";
import { account } from "../image-share-permission/args";
import { compact, imageFields } from "../images/args";
import { importedImageFields } from "../imported-image/args";

const SOURCES = ["instanceId", "snapshotId", "diskDeviceMappings", "files"] as const;
const { instanceId, snapshotId, diskDeviceMappings, architecture } = customImageFields;
const { diskDeviceMappings: files, osType, roleName, trackSource } = importedImageFields;
const { imageName, imageFamily, description, bootMode, licenseType, features, resourceGroupId, tags } = imageFields;
const { deprecated, forceDelete, keepVersions, triggers, platform, test, detectionStrategy } = imageFields;
const { encrypted } = imageCopyFields;

/** The keys of `source` that require `files`. The others go with every source. */
const FILES_ONLY = ["osType", "roleName", "trackSource"] as const;

export const goldenImageDoc = {
  replacing: "A change replaces the image and its copies.",
  source: { exactlyOne: SOURCES, only: { files: FILES_ONLY } },
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
      doc: "Files in OSS, as `diskDeviceMappings` of an `ImportedImage`. The first is the system disk.",
    },
    osType: { ...osType, doc: "With `files`: the kind of operating system." },
    roleName: { ...roleName, doc: "With `files`: the RAM role under which ECS reads them." },
    trackSource: {
      ...trackSource,
      doc: "With `files`: whether to replace the image if a file has changed under the same key.",
    },
    architecture,
    platform,
  },
);

const copyTest = shape(
  { name: "ImageCopyTest", doc: "Where a copy is tested, in its region." },
  {
    vSwitchId: { accepts: identifier("a vSwitch in the region"), doc: "The vSwitch of the instance." },
    securityGroupId: {
      accepts: identifier("a security group in the VPC of the vSwitch"),
      doc: "The security group of the instance.",
    },
  },
  ["vSwitchId", "securityGroupId"],
);

/** The arguments of a `GoldenImage`, which are those of its resources. */
export const goldenImageFields: Readonly<Record<string, DescribedField>> = {
  source: {
    accepts: source,
    required: true,
    change: "nothing",
    doc:
      "What the image is made from. Give a plain object, not an output, because its keys decide which resource " +
      "creates the image.",
    changing: "",
  },
  regions: {
    accepts: listOf(region, 0, 100),
    change: "nothing",
    doc:
      "Regions to copy the image to. They must be known at a preview. The configured region, where the image is " +
      "created, may be among them.",
    whenLeftOut: "none",
    changing: "A change creates or deletes copies.",
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
    doc: "How many replaced images to keep as Deprecated versions in each region for a rollback.",
  },
  triggers: { ...triggers, doc: "A list of any values. Change it to rebuild from the same source." },
  imageName: { ...imageName, doc: "The name of the image in every region." },
  imageFamily: { ...imageFamily, doc: "The family in every region." },
  test: {
    ...test,
    doc:
      "Tests the image in the configured region before it gets its family, is copied or is shared: an instance that " +
      "was started from it must run `command` with exit code 0. With `copyTests`, give a plain object, not an " +
      "output.",
  },
  copyTests: {
    accepts: mapOf(region, copyTest),
    change: "nothing",
    doc:
      "Regions whose copies are tested too, with the command of `test`, each in a network of its region. " +
      "The provider " +
      "chooses the instance type in each region. Give a plain object, not an output.",
    whenLeftOut: "none",
    changing: "A change applies to the next copies.",
  },
  encrypted: {
    ...encrypted,
    doc: "Whether to encrypt the copies. The image in the configured region is encrypted if its source is.",
    changing: "A change replaces the copies.",
  },
  kmsKeyIds: {
    accepts: mapOf(region, identifier("a KMS key")),
    change: "nothing",
    doc:
      "The KMS key of each region, which encrypts the copy there. A key serves one region. An encrypted image can be " +
      "shared only if a key of your own encrypts it. Give a plain object, not an output.",
    whenLeftOut: "the service key of ECS, with `encrypted`",
    changing: "A change replaces the copy of that region.",
  },
  detectionStrategy: { ...detectionStrategy, doc: "With `Standard`, ECS checks the image in the configured region." },
  imageVersion: {
    ...customImageFields.imageVersion,
    doc: "A version that you choose, for the image in the configured region. Not with `files`.",
  },
  description,
  bootMode,
  licenseType: { ...licenseType, doc: "Which license activates the operating system. Copies inherit it." },
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
      "Whether deleting an image or a copy also deletes the snapshots that its creation made. Snapshots that you " +
      "passed in are never deleted.",
  },
};

export const goldenImageOutputs: Readonly<Record<string, OutputField>> = {
  imageId: { type: { type: "string" }, doc: "The id of the image in the configured region." },
  imageIds: {
    type: { type: "map", values: { type: "string" } },
    doc:
      "The ids by region, including the configured region. To wait until all images are shared, too, use the " +
      "component in `dependsOn`.",
  },
};

type Values = Readonly<Record<string, unknown>>;

/** Everything that is wrong with the arguments of a `GoldenImage`, at once. Its resources check their own again. */
export function goldenImageFailures(given: Record<string, unknown>): CheckFailure[] {
  const args = withoutNulls(goldenImageFields as unknown as Fields<Values>, given);
  const known = isUnknown(args["source"]) ? { ...args, source: {} } : args; // its keys decide what is made
  return [
    ...failuresIn(goldenImageFields as unknown as Fields<Values>, known),
    ...sourceFailures(known),
    ...regionFailures(args),
    ...copyFailures(args),
  ];
}

function sourceFailures({ source }: Values): CheckFailure[] {
  if (!isRecord(source)) return []; // reported elsewhere
  const keys = SOURCES.filter((key) => source[key] !== undefined);
  if (keys.length === 1) return [];
  const given = keys.length > 0 ? `, not ${keys.join(" and ")}` : "; it has none of them";
  const reason =
    `source must be an object with exactly one of ${SOURCES.join(", ")}, whose key the program ` +
    `gives itself${given}`;
  return [{ property: "source", reason }];
}

/** Regions must be known in a preview, because each of them is a resource. */
function regionFailures({ regions }: Values): CheckFailure[] {
  const isOpen = isUnknown(regions) || (Array.isArray(regions) && regions.some(isUnknown));
  const reason = "regions must be known at a preview: a list of region ids, none of them an output";
  return isOpen ? [{ property: "regions", reason }] : [];
}

/** Arguments about a copy must name a region of `regions`, and a test of a copy needs the command of `test`. */
function copyFailures({ regions, test, copyTests, kmsKeyIds, imageVersion, source }: Values): CheckFailure[] {
  const copied = Array.isArray(regions) ? regions : [];
  const astray = Object.entries({ copyTests, kmsKeyIds }).flatMap(([property, of]) =>
    isRecord(of) && !copied.some(isUnknown)
      ? Object.keys(of)
          .filter((regionId) => !copied.includes(regionId))
          .map((regionId) => ({ property, reason: `${property} names ${regionId}, which is not among the regions` }))
      : [],
  );
  const opaque = Object.entries({ ...(copyTests !== undefined && { test }), copyTests, kmsKeyIds })
    .filter(([, value]) => isUnknown(value))
    .map(([property]) => ({
      property,
      reason: `${property} must be an object in the program; the values in it may be outputs`,
    }));
  const commandless = copyTests !== undefined && test === undefined;
  const hasVersion = imageVersion !== undefined && isRecord(source) && source["files"] !== undefined;
  return [
    ...astray,
    ...opaque,
    ...(commandless
      ? [{ property: "copyTests", reason: "copyTests needs test: its command is run in the copies too" }]
      : []),
    ...(hasVersion ? [{ property: "imageVersion", reason: "imageVersion must be left out with source.files" }] : []),
  ];
}

/** One resource of a `GoldenImage`. Image ids are omitted: they are known only after the image exists. */
export interface Part {
  readonly name: string;
  readonly args: Values;
}

/** The types of the image of a `GoldenImage`. It is the same resource, whichever of them its source requires. */
const HOME_TYPES = ["CustomImage", "ImportedImage"];

/**
 * The type tokens that a part of a `GoldenImage` may have in the state: those of both providers, because a stack can
 * move between them, and for the image those of the other kind of source.
 */
export const goldenImageTokens = (type: string): string[] =>
  (HOME_TYPES.includes(type) ? HOME_TYPES : [type]).flatMap((one) => [
    `alicloud-image:index:${one}`,
    `pulumi-nodejs:dynamic/alicloud-image:${one}`,
  ]);

/** The resources of a `GoldenImage`. */
export interface Parts {
  readonly image: Part & { readonly type: "CustomImage" | "ImportedImage" };
  readonly copies: readonly (Part & { readonly regionId: string })[];
  /** The share of the image, then those of the copies, in the same order. */
  readonly shares: readonly Part[];
}

/**
 * Makes the parts from arguments without failures. Values may be outputs, so only the keys of the source and the
 * regions are read.
 */
export function goldenImageParts(name: string, args: Values, home: string | undefined): Parts {
  const { source, regions: given, shareWith, licenseType, triggers, ...others } = args;
  const { test, copyTests, encrypted, kmsKeyIds, detectionStrategy, imageVersion, ...common } = others;
  const regions = [...new Set(given as readonly string[] | undefined)].filter((regionId) => regionId !== home);
  const copies = regions.map((regionId) => ({
    name: `${name}-${regionId}`,
    regionId,
    args: {
      ...(home !== undefined && { sourceRegionId: home }),
      regionId,
      ...common,
      ...compact(ofRegion(regionId, { test, copyTests, encrypted, kmsKeyIds })),
    },
  }));
  const isShared = shareWith !== undefined && !(Array.isArray(shareWith) && shareWith.length === 0);
  const shares = [{ name, args: {} }, ...copies.map(({ name: own, regionId }) => ({ name: own, args: { regionId } }))];
  return {
    image: imagePart(name, source as Values, {
      ...common,
      ...compact({ licenseType, triggers, test, detectionStrategy, imageVersion }),
    }),
    copies,
    shares: isShared ? shares.map((share) => ({ ...share, args: { ...share.args, accountIds: shareWith } })) : [],
  };
}

/**
 * The name that a part had when its component was called `former`. The engine applies the alias of a component to the
 * component's resources only in the run that renames it. If one of them failed in that run, the next run would create
 * it again. So each resource has its former names as aliases of its own.
 */
export const formerPartName = (part: string, component: string, former: string): string =>
  part.startsWith(component) ? former + part.slice(component.length) : part;

/** The arguments of a copy that depend on its region: its test, with a network there, and its key. */
function ofRegion(regionId: string, { test, copyTests, encrypted, kmsKeyIds }: Values): Values {
  const kmsKeyId = (kmsKeyIds as Values | undefined)?.[regionId];
  const network = (copyTests as Values | undefined)?.[regionId] as Values | undefined;
  const { instanceType: _ofHome, ...how } = (test ?? {}) as Values;
  return {
    test: network === undefined ? undefined : { ...how, ...network },
    encrypted: encrypted ?? (kmsKeyId === undefined ? undefined : true),
    kmsKeyId,
  };
}

function imagePart(name: string, source: Values, common: Values): Parts["image"] {
  const { files: disks, ...rest } = source;
  return disks == null
    ? { type: "CustomImage", name, args: { ...source, ...common } }
    : { type: "ImportedImage", name, args: { diskDeviceMappings: disks, ...rest, ...common } };
}
