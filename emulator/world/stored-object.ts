import { createHash } from "node:crypto";
import type { ObjectRecord } from "./world";

/**
 * The object as OSS stores it: its ETag is the MD5 of the content, in upper case. `size` is what is reported of a
 * content too large to be kept.
 */
export function storedObject(key: string, body: Buffer, nowMs: number, more: Partial<ObjectRecord> = {}): ObjectRecord {
  return {
    key,
    body,
    size: body.length,
    eTag: createHash("md5").update(body).digest("hex").toUpperCase(),
    lastModified: nowMs,
    contentType: "application/octet-stream",
    storageClass: "Standard",
    ...more,
  };
}
