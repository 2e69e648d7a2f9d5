import { type ArgsRule, type CheckFailure, failuresIn } from "../fields/check";
import type { Field, Fields } from "../fields/fields";
import { flag, identifier, listOf, oneOf, pattern, type Rule, region, text } from "../fields/rules";
import { isRecord } from "../fields/same";
import { isUnknown } from "../fields/unknown";
import { account } from "../resources/image-share-permission/args";
import { IMAGE_STATUSES, imageFields, REGION_LEFT_OUT } from "../resources/images/args";

/**
 * Which image to find. Every filter that is given must fit; without any, all images of this account that are
 * `Available` do.
 */
export interface GetImageArgs {
  /** The id. */
  imageId?: string;
  /** The family, 1 to 128 characters. */
  imageFamily?: string;
  /** The exact name. */
  imageName?: string;
  /**
   * A regular expression (JavaScript's) that the name matches; it may match a part of it, unless it begins with `^` and
   * ends with `$`.
   */
  nameRegex?: string;
  /** Tags that the image carries with exactly these values, at most 20. */
  tags?: Record<string, string>;
  /**
   * Whose images to search: `self` (this account's), `system` (Alibaba Cloud's public images), `others` (shared with
   * this account, or community images with `isPublic`) or `marketplace`. `others` needs `imageId` or `ownerIds`, since
   * anyone can share an image of any name with this account. Default: `["self"]`.
   */
  owners?: ("self" | "system" | "others" | "marketplace")[];
  /** The ids of the accounts that own the images, 1 to 10 as strings. */
  ownerIds?: string[];
  /** `i386`, `x86_64` or `arm64`. */
  architecture?: "i386" | "x86_64" | "arm64";
  /** The status. Default: `Available`; an image counts as `Available` once instances can be created from it. */
  status?: "Creating" | "Waiting" | "Available" | "UnAvailable" | "CreateFailed" | "Deprecated";
  /** `linux` or `windows`. */
  osType?: "linux" | "windows";
  /** `instance`: ECS instances use the image; `none`: none does. */
  usage?: "instance" | "none";
  /** An instance type, such as `ecs.g7.large`, that can be started from the image. */
  instanceType?: string;
  /** The resource group; ECS cannot filter by the default one. */
  resourceGroupId?: string;
  /** A snapshot that the image is made of. */
  snapshotId?: string;
  /** Whether the image supports cloud-init. */
  isSupportCloudInit?: boolean;
  /** Whether it is published as a community image. Community images of others are found with `true` only. */
  isPublic?: boolean;
  /** The region to search. Default: `alicloud:region`. */
  regionId?: string;
}

const IMAGE_OWNERS = ["self", "system", "others", "marketplace"] as const;

/** Each owner is a separate query. */
const MOST_OWNERS = 10;

/** The most tags by which DescribeImages filters. */
const MOST_TAGS = 20;

const regularExpression: Rule = {
  ...text(1, 256),
  expects: "a regular expression of 1 to 256 characters",
  violations(value, path) {
    const tooLong = text(1, 256).violations(value, path);
    if (tooLong.length > 0 || isUnknown(value)) return tooLong;
    const foreign = foreignSyntax.find(([syntax]) => syntax.test(value as string));
    if (foreign)
      return [
        { path, expects: "", found: "", reason: `${path} must be a regular expression of JavaScript: ${foreign[1]}` },
      ];
    try {
      new RegExp(value as string);
      return [];
    } catch (error) {
      const [, why = "it cannot be read"] = /.*: (.+)$/s.exec((error as Error).message) ?? [];
      const reason = `${path} must be ${this.expects}, not ${JSON.stringify(value)}: ${why.toLowerCase()}`;
      return [{ path, expects: this.expects, found: "", reason }];
    }
  },
};

/** Syntax of Go's and Terraform's regular expressions that JavaScript lacks or reads in another way. */
const foreignSyntax: readonly (readonly [RegExp, string])[] = [
  [/\(\?[imsU-]+[:)]/, "it has no (?i); for either case write both letters, such as [Ww]eb"],
  [/(?<!\\)(?:\\\\)*\\A/, "instead of \\A write ^"],
  [/(?<!\\)(?:\\\\)*\\[zZ]/, "instead of \\z write $"],
  [/\(\?P</, "write a named group as (?<name>...)"],
  [/\[\[:\^?[a-z]+:\]/, "instead of [[:alpha:]] write [A-Za-z], and [0-9] for [[:digit:]]"],
  [/(?<!\\)(?:\\\\)*\\[QE]/, "it has no \\Q...\\E; put a backslash before each special character"],
];

const tagFilter: Rule = {
  ...text(0, 128),
  type: { type: "map", values: { type: "string" } },
  expects: `an object of 1 to ${MOST_TAGS} tags, each a key of 1 to 128 characters with a value of at most 128`,
  violations(value, path) {
    if (isUnknown(value)) return [];
    if (!isRecord(value))
      return [{ path, expects: this.expects, found: Array.isArray(value) ? "a list" : typeof value }];
    const count = Object.keys(value).length;
    const wrongCount = count < 1 || count > MOST_TAGS;
    return [
      ...(wrongCount ? [{ path, expects: this.expects, found: `${count} tags` }] : []),
      ...Object.entries(value).flatMap(([key, held]) => [
        ...text(1, 128).violations(key, `the key of ${path}[${JSON.stringify(key)}]`),
        ...text(0, 128).violations(held, `${path}[${JSON.stringify(key)}]`),
      ]),
    ];
  },
};

const argument = (accepts: Rule, doc: string, whenLeftOut?: string): Field<GetImageArgs> => ({
  accepts,
  doc,
  change: "nothing",
  changing: "",
  whenLeftOut,
});

/** Names and families of public images start with `aliyun` and `acs:`. Those of an account's own images cannot. */
export const lookUpFields: Fields<GetImageArgs> = {
  imageId: argument(identifier("an image"), "The id."),
  imageFamily: argument(text(1, 128), "The family."),
  imageName: argument(text(1, 128), "The exact name."),
  nameRegex: argument(
    regularExpression,
    "A regular expression (JavaScript's) that the name matches; it may match a part of it, unless it begins with " +
      "`^` and ends with `$`.",
  ),
  tags: argument(tagFilter, "Tags that the image carries with exactly these values."),
  owners: argument(
    listOf(oneOf(...IMAGE_OWNERS), 1, IMAGE_OWNERS.length),
    "Whose images to search: `self` (this account's), `system` (Alibaba Cloud's public images), `others` (shared " +
      "with this account, or community images with `isPublic`) or `marketplace`. `others` needs `imageId` or " +
      "`ownerIds`, since anyone " +
      "can share an image of any name with this account.",
    '`["self"]`',
  ),
  ownerIds: argument(listOf(account, 1, MOST_OWNERS), "The accounts that own the images."),
  architecture: argument(imageFields.architecture.accepts, "The architecture."),
  status: argument(
    oneOf(...IMAGE_STATUSES),
    "The status. An image counts as `Available` once instances can be created from it.",
    "`Available`",
  ),
  osType: argument(oneOf("linux", "windows"), "The kind of operating system."),
  usage: argument(oneOf("instance", "none"), "`instance`: ECS instances use the image; `none`: none does."),
  instanceType: argument(
    pattern("an instance type such as ecs.g7.large", /^[A-Za-z0-9._-]{1,64}$/),
    "An instance type that can be started from the image.",
  ),
  resourceGroupId: argument(
    identifier("a resource group"),
    "The resource group. ECS cannot filter by the default one.",
  ),
  snapshotId: argument(identifier("a snapshot"), "A snapshot that the image is made of."),
  isSupportCloudInit: argument(flag, "Whether the image supports cloud-init."),
  isPublic: argument(
    flag,
    "Whether it is published as a community image. Community images of others are found with `true` only.",
  ),
  regionId: argument(region, "The region to search.", REGION_LEFT_OUT),
};

/** Arguments of `alicloud_images` and of ECS that are missing or named otherwise here, with what to write instead. */
const GUIDANCE: Readonly<Record<string, string>> = {
  mostRecent: "leave it out: getImage returns the newest image, and getImages lists the newest first",
  ownerId: 'give ownerIds: ["<account id>"]',
  imageOwnerId: 'give ownerIds: ["<account id>"]',
  owner: 'give owners: ["self"], or system, others or marketplace',
  ownerAlias: 'give owners: ["self"], or system, others or marketplace',
  imageOwnerAlias: 'give owners: ["self"], or system, others or marketplace',
  ids: "give imageId, or filter the result of getImages",
  name: "give imageName for an exact name, or nameRegex",
  dryRun: "leave it out: a look-up changes nothing",
  outputFile: "leave it out, and write the result to a file in the program",
  usable: "leave it out: an image counts as Available once instances can be created from it",
  actionType: "leave it out: every image that is found can be used for new instances",
  isSupportIoOptimized: "leave it out: all current instance types are I/O optimized; give instanceType to name one",
  pageNumber: "leave it out: every page is read",
  pageSize: "leave it out: every page is read",
};

/** The account that shares an image decides its name, family and creation time. */
const sharedImagesHaveAnOwner: ArgsRule<GetImageArgs> = ({ owners, imageId, ownerIds }) =>
  Array.isArray(owners) && owners.includes("others") && imageId === undefined && ownerIds === undefined
    ? [
        {
          property: "owners",
          reason:
            "owners with others needs imageId or ownerIds: anyone can share an image of any name and family with " +
            'this account, and the look-up would find it; give ownerIds: ["<the id of the account that you trust>"]',
        },
      ]
    : [];

/** Every violated rule of a look-up's arguments, all at once. Pure. */
export function lookUpFailures(given: Record<string, unknown>): CheckFailure[] {
  const guided = Object.keys(given).filter((name) => Object.hasOwn(GUIDANCE, name));
  const others = Object.fromEntries(Object.entries(given).filter(([name]) => !guided.includes(name)));
  return [
    ...guided.map((property) => ({ property, reason: `there is no argument ${property}: ${GUIDANCE[property]}` })),
    ...failuresIn(lookUpFields, others, [sharedImagesHaveAnOwner]),
  ];
}

/** The filters of a look-up for an error message, including those that apply by default. */
export function filtersOf({ tags = {}, regionId: _named, ...args }: GetImageArgs, isSecret: boolean): string {
  const { owners = ["self"], status = "Available", ...given } = args;
  const shown = (value: unknown) => (isSecret ? "(secret)" : JSON.stringify(value));
  return [
    ...Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${shown(value)}`])),
    ...Object.entries(tags).map(([key, value]) => `tag ${shown(key)} with the value ${shown(value)}`),
    `status ${isSecret ? shown(status) : status}`,
    `owner ${isSecret ? shown(owners) : owners.join(" or ")}`,
  ].join(", ");
}
