import type { ImageDisk } from "./image-record";

/** A disk of an image that was not made from a file. */
export const imageDisk = (
  disk: Pick<ImageDisk, "type" | "device" | "size" | "snapshotId" | "encrypted">,
): ImageDisk => ({ ...disk, format: "", importBucket: "", importObject: "" });

/** `/dev/xvda` for 0, `/dev/xvdb` for 1 and so on. */
export const deviceName = (n: number): string => `/dev/xvd${String.fromCharCode("a".charCodeAt(0) + n)}`;
