/**
 * How the emulated cloud behaves where the API pages leave it open, or where recorded answers differ. The defaults are
 * what recordings show. A client must work with either behaviour, so its tests set the other ones.
 */
export interface Quirks {
  /** How an empty list is written: `{ "Tag": [] }` as recorded (`list`), `{}` (`object`), or not at all (`omitted`). */
  emptyLists: "list" | "object" | "omitted";
  /**
   * When a throttled answer says to try again: not at all, by `x-acs-retry-after` in milliseconds, by
   * `x-ratelimit-user` and `x-ratelimit-user-api` as older gateways do, or by both.
   */
  throttleHeaders: "none" | "retry-after" | "rate-limit" | "both";
  /** Rows of images that are Waiting or Creating show no tags, and no tag filter finds them. */
  hideTagsWhileCreating: boolean;
  /** DescribeImages and DescribeTasks list nothing that is younger than this. Milliseconds of the emulator's clock. */
  listDelayMs: number;
  /** How long after its end a task is listed and described; undefined: always. */
  taskRetentionMs: number | undefined;
  /**
   * A second ExportImage of an image whose export runs: refused with ImageIsExporting, or answered with the same task.
   */
  repeatedExport: "refuse" | "same-task";
  /** The name of a deleted image is taken for this long. */
  nameHeldAfterDeleteMs: number;
  /**
   * DeleteImage takes effect later than it answers: for this long, the snapshots of a deleted image are refused with
   * SnapshotCreatedImage.
   */
  snapshotsHeldAfterDeleteMs: number;
  /** An image can be copied into one region at a time (OperationDenied.ImageCopying), or into several at once. */
  concurrentCopies: "refuse" | "allow";
  /**
   * Whether the encrypted copy of an unencrypted image can be in another region. If not, the code is
   * OperationDenied.EncryptSnapshotAcrossRegion.
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
