/**
 * How the emulated cloud answers where the API pages leave it open, or where recorded answers differ.
 * The defaults are what recordings show; a test of a client sets the others, since a client must work either way.
 */
export interface Quirks {
  /** How an empty list is written: `{ "Tag": [] }` as recorded (`list`), `{}` (`object`), or not at all (`omitted`). */
  emptyLists: "list" | "object" | "omitted";
  /**
   * What a throttled answer says about when to try again: nothing, `x-acs-retry-after` in milliseconds,
   * `x-ratelimit-user` and `x-ratelimit-user-api` as older gateways send them, or both.
   */
  throttleHeaders: "none" | "retry-after" | "rate-limit" | "both";
  /** Rows of images that are Waiting or Creating show no tags, and no tag filter finds them. */
  hideTagsWhileCreating: boolean;
  /** DescribeImages and DescribeTasks list nothing that is younger than this. Milliseconds of the emulator's clock. */
  listDelayMs: number;
  /** Tasks are neither listed nor described from this long after their end on; undefined: always. */
  taskRetentionMs: number | undefined;
  /**
   * A second ExportImage of an image whose export runs: refused with ImageIsExporting, or answered with the same task.
   */
  repeatedExport: "refuse" | "same-task";
  /** The name of a deleted image is taken for this long. */
  nameHeldAfterDeleteMs: number;
  /**
   * DeleteImage ends later than it answers: the snapshots of a deleted image are refused with SnapshotCreatedImage for
   * this long.
   */
  snapshotsHeldAfterDeleteMs: number;
  /** An image can be copied into one region at a time (OperationDenied.ImageCopying), or into several at once. */
  concurrentCopies: "refuse" | "allow";
  /**
   * Whether an unencrypted image can become an encrypted copy in another region (if not,
   * OperationDenied.EncryptSnapshotAcrossRegion).
   */
  encryptAcrossRegions: boolean;
}

/** The quirks of a new world: what recordings of the cloud show. */
export const defaultQuirks: Readonly<Quirks> = {
  emptyLists: "list",
  throttleHeaders: "none",
  hideTagsWhileCreating: false,
  listDelayMs: 0,
  taskRetentionMs: undefined,
  repeatedExport: "refuse",
  nameHeldAfterDeleteMs: 0,
  snapshotsHeldAfterDeleteMs: 2_000,
  concurrentCopies: "allow",
  encryptAcrossRegions: true,
};
