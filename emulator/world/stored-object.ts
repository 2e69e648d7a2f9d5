import { createHash } from "node:crypto";
import type { ObjectRecord } from "./world";

/**
 * An object as OSS stores it: its ETag is the MD5 of the content, in upper case. `size` is the reported size of a
 * content that is too large to keep.
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
