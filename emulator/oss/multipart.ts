import { createHash, randomBytes } from "node:crypto";
import { storedObject } from "../world/stored-object";
import type { UploadRecord } from "../world/world";
import { type Asked, bucketOf, emptyAnswer, type Operation, ossTime, parameter, xmlAnswer } from "./operation";
import { ossRefusal } from "./refusal";

/** The smallest size of a part in bytes. Only the last part may be smaller. */
const smallestPart = 100 * 1024;

function uploadOf(asked: Asked): UploadRecord {
  const uploadId = parameter(asked, "uploadId") ?? "";
  const upload = bucketOf(asked).uploads?.get(uploadId);
  if (upload?.key !== asked.key) throw ossRefusal("NoSuchUpload", "", { UploadId: uploadId });
  return upload;
}

/** https://www.alibabacloud.com/help/en/oss/developer-reference/initiatemultipartupload */
const initiateMultipartUpload: Operation = {
  name: "InitiateMultipartUpload",
  method: "POST",
  on: "object",
  marked: "uploads",
  permission: "oss:PutObject",
  answer(asked) {
    const { bucket, key, request, context } = asked;
    const record = bucketOf(asked);
    const uploadId = randomBytes(16).toString("hex").toUpperCase();
    record.uploads ??= new Map();
    record.uploads.set(uploadId, {
      uploadId,
      key,
      startedMs: context.now,
      contentType: request.headers["content-type"] ?? "application/octet-stream",
      storageClass: request.headers["x-oss-storage-class"] ?? record.storageClass,
      parts: new Map(),
    });
    context.changed();
    return xmlAnswer(asked, "InitiateMultipartUploadResult", { Bucket: bucket, Key: key, UploadId: uploadId });
  },
};

/** https://www.alibabacloud.com/help/en/oss/developer-reference/uploadpart */
const uploadPart: Operation = {
  name: "UploadPart",
  method: "PUT",
  on: "object",
  marked: "uploadId",
  permission: "oss:PutObject",
  answer(asked) {
    const number = Number(parameter(asked, "partNumber"));
    if (!Number.isInteger(number) || number < 1 || number > 10_000)
      throw ossRefusal("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive.");
    const { parts } = uploadOf(asked);
    const part = storedObject(String(number), asked.request.body, asked.context.now);
    parts.set(number, part);
    asked.context.changed();
    return emptyAnswer(asked, 200, { etag: `"${part.eTag}"` });
  },
};

/** https://www.alibabacloud.com/help/en/oss/developer-reference/completemultipartupload */
const completeMultipartUpload: Operation = {
  name: "CompleteMultipartUpload",
  method: "POST",
  on: "object",
  marked: "uploadId",
  permission: "oss:PutObject",
  answer(asked) {
    const { bucket, key, context } = asked;
    const upload = uploadOf(asked);
    const parts = partsNamedIn(asked.request.body.toString(), upload);
    if (parts.slice(0, -1).some(({ size }) => size < smallestPart)) throw ossRefusal("EntityTooSmall");
    const md5s = Buffer.concat(parts.map(({ eTag }) => Buffer.from(eTag, "hex")));
    const eTag = `${createHash("md5").update(md5s).digest("hex").toUpperCase()}-${parts.length}`;
    const { contentType, storageClass } = upload;
    const record = bucketOf(asked);
    record.objects.set(
      key,
      storedObject(key, Buffer.concat(parts.map(({ body }) => body)), context.now, {
        eTag,
        contentType,
        storageClass,
        headers: { "x-oss-object-type": "Multipart" },
      }),
    );
    record.uploads?.delete(upload.uploadId);
    context.changed();
    return xmlAnswer(asked, "CompleteMultipartUploadResult", { Bucket: bucket, Key: key, ETag: `"${eTag}"` });
  },
};

/** The parts in the order of the request. Each must exist with the listed ETag. */
function partsNamedIn(xml: string, { parts }: UploadRecord) {
  const named = [...xml.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = ""]) => ({
    number: Number(/<PartNumber>\s*(\d+)\s*</.exec(part)?.[1]),
    eTag: /<ETag>\s*(?:"|&quot;)?([0-9A-Fa-f]+)/.exec(part)?.[1]?.toUpperCase(),
  }));
  if (named.length === 0) throw ossRefusal("MalformedXML");
  if (named.some(({ number }, at) => at > 0 && number <= (named[at - 1]?.number ?? 0)))
    throw ossRefusal("InvalidPartOrder");
  return named.map(({ number, eTag }) => {
    const part = parts.get(number);
    if (!part || part.eTag !== eTag) throw ossRefusal("InvalidPart");
    return part;
  });
}

/** https://www.alibabacloud.com/help/en/oss/developer-reference/abortmultipartupload */
const abortMultipartUpload: Operation = {
  name: "AbortMultipartUpload",
  method: "DELETE",
  on: "object",
  marked: "uploadId",
  answer(asked) {
    const { uploadId } = uploadOf(asked);
    bucketOf(asked).uploads?.delete(uploadId);
    asked.context.changed();
    return emptyAnswer(asked, 204);
  },
};

/**
 * https://www.alibabacloud.com/help/en/oss/developer-reference/listparts: always in one page, because in practice there
 * are at most 1,000 parts.
 */
const listParts: Operation = {
  name: "ListParts",
  method: "GET",
  on: "object",
  marked: "uploadId",
  answer(asked) {
    const { uploadId, parts, storageClass } = uploadOf(asked);
    return xmlAnswer(asked, "ListPartsResult", {
      Bucket: asked.bucket,
      Key: asked.key,
      UploadId: uploadId,
      StorageClass: storageClass,
      PartNumberMarker: 0,
      NextPartNumberMarker: Math.max(0, ...parts.keys()),
      MaxParts: 1000,
      IsTruncated: false,
      Part: [...parts]
        .sort(([a], [b]) => a - b)
        .map(([number, { eTag, size, lastModified }]) => ({
          PartNumber: number,
          LastModified: ossTime(lastModified),
          ETag: `"${eTag}"`,
          Size: size,
        })),
    });
  },
};

/** https://www.alibabacloud.com/help/en/oss/developer-reference/listmultipartuploads */
const listMultipartUploads: Operation = {
  name: "ListMultipartUploads",
  method: "GET",
  on: "bucket",
  marked: "uploads",
  answer(asked) {
    const uploads = [...(bucketOf(asked).uploads?.values() ?? [])];
    return xmlAnswer(asked, "ListMultipartUploadsResult", {
      Bucket: asked.bucket,
      KeyMarker: "",
      UploadIdMarker: "",
      NextKeyMarker: "",
      NextUploadIdMarker: "",
      MaxUploads: 1000,
      IsTruncated: false,
      Upload: uploads.map(({ key, uploadId, startedMs }) => ({
        Key: key,
        UploadId: uploadId,
        Initiated: ossTime(startedMs),
      })),
    });
  },
};

export const multipartOperations: readonly Operation[] = [
  initiateMultipartUpload,
  uploadPart,
  completeMultipartUpload,
  abortMultipartUpload,
  listParts,
  listMultipartUploads,
];
