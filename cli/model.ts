import type { ImageRow, InstanceRow, SnapshotRow, TaskRow } from "../provider/ecs/actions";
import type { Task } from "../provider/ecs/queries";

/** The contents of one region that may be the stack's. */
export interface Holdings {
  readonly regionId: string;
  /** All images with an owner tag, of any stack. */
  readonly images: readonly ImageRow[];
  /** All snapshots with an owner tag, and the sources of those images' disks. */
  readonly snapshots: readonly SnapshotRow[];
  /** All instances that a test of an image has started, of any stack. */
  readonly instances: readonly InstanceRow[];
  /** The tasks of those images. */
  readonly tasks: readonly TaskRow[];
  readonly exports: readonly OrphanExport[];
}

/** An export that an interrupted run started, and its resource if the state knows it. */
export interface OrphanExport {
  readonly urn?: string;
  readonly task: Task;
}

type OrphanKind = "image" | "instance" | "snapshot" | "import" | "export";

/** Something in the cloud with the stack's tags that is missing from its state. */
export interface Orphan {
  readonly kind: OrphanKind;
  readonly id: string;
  readonly regionId: string;
  readonly status: string;
  readonly progress?: string;
  readonly name?: string;
  readonly sizeGiB?: number;
  /** The creation time that the cloud reports. */
  readonly createdAt?: string;
  /** The resource for which it was made, if the state still has its name. */
  readonly urn?: string;
  /** The image that a snapshot or a task belongs to. */
  readonly imageId?: string;
  /**
   * `interrupted`: the run that created it did not end normally. `unconfirmed`: the run ended normally, but no later
   * run has seen it in the state: the state could not be written, or the resource was retained or removed before the
   * next run. `retained`: it was in a state once. Either the resource was retained or moved, or the state is an old
   * one. Another state may still have it, because stacks with the same name in two backends have the same tags.
   */
  readonly origin: "interrupted" | "unconfirmed" | "retained";
  /** When it was acknowledged as kept on purpose. */
  readonly acknowledgedAt?: string;
  /** Why it must not be deleted now. */
  readonly kept?: string;
  /** The value of its owner tag, or of its image's. What is deleted with it gets this tag. */
  readonly ownerTag?: string;
  /** The task that is working on it. */
  readonly task?: string;
  /** The hash of the resource for which it was made. */
  readonly resource?: string;
}
