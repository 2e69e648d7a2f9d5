import type { Elements } from "../http/xml";
import type { ObjectRecord } from "../world/world";
import { type Asked, bucketOf, type Operation, ossTime, parameter, xmlAnswer } from "./operation";
import { ossRefusal } from "./refusal";

/**
 * One page of a bucket's list: the names that the request selects, with those below a delimiter combined into one
 * prefix.
 */
interface Page {
  readonly objects: readonly ObjectRecord[];
  readonly prefixes: readonly string[];
  /** The last name on this page, if there is another page after it. */
  readonly next: string | undefined;
}

function pageOf(asked: Asked, after: string, atMost: number): Page {
  const prefix = parameter(asked, "prefix") ?? "";
  const delimiter = parameter(asked, "delimiter") ?? "";
  const names = new Map<string, ObjectRecord | undefined>();
  for (const object of [...bucketOf(asked).objects.values()].sort((a, b) =>
    Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
  )) {
    if (!object.key.startsWith(prefix)) continue;
    const cut = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    const name = cut < 0 ? object.key : object.key.slice(0, cut + delimiter.length);
    if (name > after) names.set(name, cut < 0 ? object : undefined);
  }
  const page = [...names].slice(0, atMost);
  return {
    objects: page.flatMap(([, object]) => (object ? [object] : [])),
    prefixes: page.flatMap(([name, object]) => (object ? [] : [name])),
    next: names.size > page.length ? page.at(-1)?.[0] : undefined,
  };
}

function atMostOf(asked: Asked): number {
  const given = Number(parameter(asked, "max-keys") ?? 100);
  if (!Number.isInteger(given) || given < 1 || given > 1000)
    throw ossRefusal("InvalidArgument", "The max-keys is not between 1 and 1000.");
  return given;
}

/** Object names may have characters that XML cannot contain. With `encoding-type=url` they are sent escaped. */
const namesFor = (asked: Asked) =>
  parameter(asked, "encoding-type") === "url"
    ? (name: string) => encodeURIComponent(name).replaceAll("%2F", "/")
    : (name: string) => name;

function contents(asked: Asked, page: Page, withOwner: boolean): Elements {
  const owner = asked.context.accountId;
  const name = namesFor(asked);
  return {
    Name: asked.bucket,
    Prefix: name(parameter(asked, "prefix") ?? ""),
    Delimiter: name(parameter(asked, "delimiter") ?? ""),
    EncodingType: parameter(asked, "encoding-type"),
    MaxKeys: atMostOf(asked),
    IsTruncated: page.next !== undefined,
    Contents: page.objects.map((object) => ({
      Key: name(object.key),
      LastModified: ossTime(object.lastModified),
      ETag: `"${object.eTag}"`,
      Type: "Normal",
      Size: object.size,
      StorageClass: object.storageClass,
      ...(withOwner ? { Owner: { ID: owner, DisplayName: owner } } : {}),
    })),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: name(prefix) })),
  };
}

const listObjects: Operation = {
  name: "ListObjects",
  method: "GET",
  on: "bucket",
  answer(asked) {
    const marker = parameter(asked, "marker") ?? "";
    const page = pageOf(asked, marker, atMostOf(asked));
    const name = namesFor(asked);
    return xmlAnswer(asked, "ListBucketResult", {
      ...contents(asked, page, true),
      Marker: name(marker),
      NextMarker: page.next === undefined ? undefined : name(page.next),
    });
  },
};

const listObjectsV2: Operation = {
  name: "ListObjectsV2",
  method: "GET",
  on: "bucket",
  marked: "list-type",
  permission: "oss:ListObjects",
  answer(asked) {
    const token = parameter(asked, "continuation-token");
    const startAfter = parameter(asked, "start-after") ?? "";
    if (parameter(asked, "list-type") !== "2") throw ossRefusal("InvalidArgument", "The list-type is not 2.");
    const page = pageOf(asked, token ? Buffer.from(token, "base64url").toString() : startAfter, atMostOf(asked));
    return xmlAnswer(asked, "ListBucketResult", {
      ...contents(asked, page, parameter(asked, "fetch-owner") === "true"),
      StartAfter: startAfter || undefined,
      ContinuationToken: token,
      NextContinuationToken: page.next === undefined ? undefined : Buffer.from(page.next).toString("base64url"),
      KeyCount: page.objects.length + page.prefixes.length,
    });
  },
};

export const listingOperations: readonly Operation[] = [listObjectsV2, listObjects];
