import { type CheckFailure, failuresIn } from "../fields/check";
import type { Field, Fields } from "../fields/fields";
import { identifier, listOf, oneOf, type Rule, region, text } from "../fields/rules";
import { isRecord } from "../fields/same";
import { isUnknown } from "../fields/unknown";
import { IMAGE_STATUSES, imageFields, REGION_LEFT_OUT } from "../resources/images/args";

/** Which image to find. Every filter that is given must fit; without any, all images of this account that are `Available` do. */
export interface GetImageArgs {
  /** The id. */
  imageId?: string;
  /** The family, 1 to 128 characters. */
  imageFamily?: string;
  /** The exact name. */
  imageName?: string;
  /** A regular expression (JavaScript's) that the name matches; it may match a part of it, unless it begins with `^` and ends with `$`. */
  nameRegex?: string;
  /** Tags that the image carries with exactly these values, at most 20. */
  tags?: Record<string, string>;
  /**
   * Whose images to search: `self` (this account's), `system` (Alibaba Cloud's public images), `others` (shared with this account) or
   * `marketplace`. Default: `["self"]`.
   */
  owners?: ("self" | "system" | "others" | "marketplace")[];
  /** `i386`, `x86_64` or `arm64`. */
  architecture?: "i386" | "x86_64" | "arm64";
  /** The status. Default: `Available`; an image counts as `Available` once instances can be created from it. */
  status?: "Creating" | "Waiting" | "Available" | "UnAvailable" | "CreateFailed" | "Deprecated";
  /** The region to search. Default: `alicloud:region`. */
  regionId?: string;
}

const IMAGE_OWNERS = ["self", "system", "others", "marketplace"] as const;
export type ImageOwner = NonNullable<GetImageArgs["owners"]>[number];

/** The most tags by which DescribeImages filters. */
const MOST_TAGS = 20;

const regularExpression: Rule = {
  ...text(1, 256),
  expects: "a regular expression of 1 to 256 characters",
  violations(value, path) {
    const tooLong = text(1, 256).violations(value, path);
    if (tooLong.length > 0 || isUnknown(value)) return tooLong;
    try {
      new RegExp(value as string);
      return [];
    } catch (error) {
      return [{ path, expects: this.expects, found: (error as Error).message }];
    }
  },
};

const tagFilter: Rule = {
  ...text(0, 128),
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
  ...(whenLeftOut !== undefined && { whenLeftOut }),
});

/** The names and families of public images begin with `aliyun` and `acs:`, which those of one's own may not. */
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
      "with this account) or `marketplace`.",
    '`["self"]`',
  ),
  architecture: argument(imageFields.architecture.accepts, "The architecture."),
  status: argument(
    oneOf(...IMAGE_STATUSES),
    "The status. An image counts as `Available` once instances can be created from it.",
    "`Available`",
  ),
  regionId: argument(region, "The region to search.", REGION_LEFT_OUT),
};

/** Every rule that the arguments of a look-up violate, all at once. Pure. */
export const lookUpFailures = (given: Record<string, unknown>): CheckFailure[] => failuresIn(lookUpFields, given);

/** The filters of a look-up as an error text names them, those that apply by default among them. */
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
