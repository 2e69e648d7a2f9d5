import { createHash } from "node:crypto";
import type { HttpAnswer } from "../http/message";
import { storedObject } from "../world/stored-object";
import type { ObjectRecord } from "../world/world";
import { type Asked, bucketOf, emptyAnswer, type Operation } from "./operation";
import { ossRefusal } from "./refusal";
import { requestIdHeaders } from "./request";

const putObject: Operation = {
  name: "PutObject",
  method: "PUT",
  on: "object",
  answer(asked) {
    const { request, key, context } = asked;
    const bucket = bucketOf(asked);
    // Copying, and the other things that a PUT can be asked for by a header or a parameter.
    if (request.headers["x-oss-copy-source"] !== undefined || asked.parameters.length > 0)
      throw ossRefusal("NotImplemented");
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

export const objectOperations: readonly Operation[] = [putObject, headObject, getObject, deleteObject];

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

/** The content as far as it is kept; one range of it, if the request asks for one. A range that makes no sense is ignored, as OSS does. */
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
