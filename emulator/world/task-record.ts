import type { Interval } from "./image-record";
import type { Span } from "./span";

/** An import or an export. Its status follows from `span` and the clock. */
export interface TaskRecord {
  /** For example `t-emu00000000000000001`. */
  taskId: string;
  /** The region where it runs. */
  regionId: string;
  /** The call that started it. */
  action: "ImportImage" | "ExportImage";
  /** The image that is imported or exported. */
  imageId: string;
  /** When the call was accepted. */
  createdMs: number;
  /** How long it takes, and how that ends. */
  span: Span;
  /** False: CancelTask is refused. */
  cancellable: boolean;
  /** When CancelTask was accepted; absent: it was not cancelled. */
  cancelledMs?: number;
  /** Not listed before this time. */
  visibleFromMs?: number;
  /** Not listed from this time on. */
  vanishesAtMs?: number;
  /** No list shows it between these times, though it exists. */
  hidden?: Interval;
  /** The objects that are read or written, one for each disk. */
  objects: TaskObject[];
  /** How many of its objects DescribeTaskAttribute names; absent: all. */
  reportedObjects?: number;
  /** How many of its objects, the last ones, are not written though the task is Finished. */
  failedObjects?: number;
  /** Whether its effect is in the world, once it has ended. */
  effectsApplied: boolean;
  /** The RAM role that ECS uses. */
  roleName: string;
  /** The OSS bucket that is read or written. */
  bucket: string;
  /** `OSSPrefix` of an export; empty: none. */
  prefix: string;
  /** The format of the files, for example `raw`; empty: detected. */
  format: string;
}

/** A file that a task reads or writes. */
export interface TaskObject {
  /** The bucket. */
  bucket: string;
  /** The key. */
  key: string;
  /** Bytes. */
  size: number;
}
