import { createHash } from "node:crypto";
import { requirePermissions } from "../access/ram";
import type { HttpAnswer, HttpRequest } from "../http/message";
import { storedObject } from "../world/stored-object";
import type { ObjectRecord } from "../world/world";
import { type Asked, bucketOf, emptyAnswer, type Operation, ossTime, xmlAnswer } from "./operation";
import { ossRefusal } from "./refusal";
import { requestIdHeaders, targetOf } from "./request";

const putObject: Operation = {
  name: "PutObject",
  method: "PUT",
  on: "object",
  answer(asked) {
    const { request, key, context } = asked;
    const bucket = bucketOf(asked);
    // A PUT with a parameter is another operation.
    if (asked.parameters.length > 0) throw ossRefusal("NotImplemented");
    if (key.length > 1023 || /^[/\\]/.test(key)) throw ossRefusal("InvalidObjectName", "", { ObjectName: key });
    const md5 = createHash("md5").update(request.body).digest("base64");
    if (request.headers["content-md5"] !== undefined && request.headers["content-md5"] !== md5)
      throw ossRefusal("InvalidDigest");
    const object = storedObject(key, request.body, context.now, {
      contentType: request.headers["content-type"] ?? "application/octet-stream",
      storageClass: request.headers["x-oss-storage-class"] ?? bucket.storageClass,
      headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.startsWith("x-oss-meta-"))),
    });
    bucket.objects.set(key, object);
    context.changed();
    return emptyAnswer(asked, 200, { etag: `"${object.eTag}"`, "content-md5": md5 });
  },
};

/**
 * https://www.alibabacloud.com/help/en/oss/developer-reference/copyobject: between this account's buckets in one
 * region.
 */
const copyObject: Operation = {
  name: "CopyObject",
  method: "PUT",
  on: "object",
  header: "x-oss-copy-source",
  permission: "oss:PutObject",
  answer(asked) {
    const { request, key, context } = asked;
    const { bucket, key: from } = targetOf({ ...request, hostname: "", path: pathOf(request) });
    const source = bucketOf({ ...asked, bucket });
    const target = bucketOf(asked);
    requirePermissions(context.credential, [objectPermission(bucket, from)], context.accountId);
    const object = source.objects.get(from);
    if (!object) throw ossRefusal("NoSuchKey", "", { Key: from });
    if (source.regionId !== target.regionId) throw ossRefusal("AccessDenied/copy-across-regions");
    const copy = { ...object, key, lastModified: context.now };
    target.objects.set(key, copy);
    context.changed();
    return xmlAnswer(asked, "CopyObjectResult", { LastModified: ossTime(context.now), ETag: `"${copy.eTag}"` });
  },
};

/** The source as `/bucket/key`, escaped. The first slash may be missing. */
const pathOf = ({ headers }: HttpRequest): string =>
  `/${(headers["x-oss-copy-source"] ?? "").replace(/^\//, "").split("?")[0]}`;

const objectPermission = (bucket: string, key: string) => ({
  action: "oss:GetObject",
  resource: `acs:oss:*:*:${bucket}/${key}`,
});

const headObject: Operation = {
  name: "HeadObject",
  method: "HEAD",
  on: "object",
  permission: "oss:GetObject",
  answer(asked) {
    const object = objectOf(asked);
    return emptyAnswer(asked, 200, { ...headersOf(object), "content-length": String(object.size) });
  },
};

/**
 * https://www.alibabacloud.com/help/en/oss/developer-reference/getobjectmeta: HeadObject with fewer headers, marked by
 * a parameter.
 */
const getObjectMeta: Operation = { ...headObject, name: "GetObjectMeta", marked: "objectMeta" };

const getObject: Operation = {
  name: "GetObject",
  method: "GET",
  on: "object",
  answer(asked) {
    const object = objectOf(asked);
    if (/Archive/.test(object.storageClass) && !object.restored) throw ossRefusal("InvalidObjectState");
    return contentAnswer(asked, object);
  },
};

const deleteObject: Operation = {
  name: "DeleteObject",
  method: "DELETE",
  on: "object",
  answer(asked) {
    if (bucketOf(asked).objects.delete(asked.key)) asked.context.changed();
    return emptyAnswer(asked, 204);
  },
};

export const objectOperations: readonly Operation[] = [
  putObject,
  copyObject,
  headObject,
  getObjectMeta,
  getObject,
  deleteObject,
];

function objectOf(asked: Asked): ObjectRecord {
  const object = bucketOf(asked).objects.get(asked.key);
  if (!object) throw ossRefusal("NoSuchKey", "", { Key: asked.key });
  const { "if-match": only, "if-none-match": unless } = asked.request.headers;
  if (only !== undefined && bare(only) !== object.eTag) throw ossRefusal("PreconditionFailed");
  if (unless !== undefined && bare(unless) === object.eTag) throw notModified();
  return object;
}

const bare = (eTag: string): string => eTag.replaceAll('"', "").toUpperCase();

const notModified = () => Object.assign(ossRefusal("PreconditionFailed"), { status: 304, code: "NotModified" });

const headersOf = (object: ObjectRecord): Record<string, string> => ({
  etag: `"${object.eTag}"`,
  "last-modified": new Date(object.lastModified).toUTCString(),
  "content-type": object.contentType,
  "accept-ranges": "bytes",
  "x-oss-object-type": "Normal",
  "x-oss-storage-class": object.storageClass,
  ...(object.restored === undefined
    ? {}
    : { "x-oss-restore": `ongoing-request="${object.restored ? "false" : "true"}"` }),
  ...object.headers,
});

/**
 * The stored part of the content, or one range of it if the request names a range. An invalid range is ignored, as in
 * OSS.
 */
function contentAnswer({ request, context }: Asked, object: ObjectRecord): HttpAnswer {
  const headers = { ...requestIdHeaders(context.requestId), ...headersOf(object) };
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (from === "" && to === "") return { status: 200, headers, body: object.body };
  const start = from === "" ? Math.max(0, object.size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? object.size - 1 : Math.min(Number(to), object.size - 1);
  if (start > end) return { status: 200, headers, body: object.body };
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end}/${object.size}` },
    body: object.body.subarray(start, end + 1),
  };
}
