/** An OSS bucket. */
export interface BucketRecord {
  /** Unique in the whole cloud. */
  name: string;
  /** The region where it is. */
  regionId: string;
  /** When it was created. */
  creationDate: number;
  /** For example `Standard`; objects have it unless they name another. */
  storageClass: string;
  /** The server-side encryption, for example `AES256`; absent: none. ECS refuses such a bucket. */
  encrypted?: string;
  /** By key. */
  objects: Map<string, ObjectRecord>;
  /** Multipart uploads that are not complete, by their id. */
  uploads?: Map<string, UploadRecord>;
}

/** A multipart upload that is not complete. */
export interface UploadRecord {
  /** The id that InitiateMultipartUpload returned. */
  uploadId: string;
  /** The key of the future object. */
  key: string;
  /** When it was begun. */
  startedMs: number;
  /** The content type of the future object. */
  contentType: string;
  /** The storage class of the future object. */
  storageClass: string;
  /** By number. */
  parts: Map<number, ObjectRecord>;
}

/** An OSS object, or a part of an upload. */
export interface ObjectRecord {
  /** The key; of a part, its number. */
  key: string;
  /** The content. */
  body: Buffer;
  /** Reported size in bytes, which may be far more than `body` has. */
  size: number;
  /** Without quotes, upper-case. */
  eTag: string;
  /** When it was written. */
  lastModified: number;
  /** The content type, as it was given. */
  contentType: string;
  /** For example `Standard`, or `Archive`, which must be restored before it can be read. */
  storageClass: string;
  /** For an archived object: whether it was restored and can be read. */
  restored?: boolean;
  /** User metadata and other headers kept with it, lower-case names. */
  headers?: Record<string, string>;
}
