import type { ImageRow, InstanceRow, SnapshotRow, TaskRow } from "../provider/ecs/actions";
import type { Task } from "../provider/ecs/queries";

/** What the cloud holds in one region that may be the stack's. */
export interface Holdings {
  readonly regionId: string;
  /** Everything with an owner tag, of whatever stack. */
  readonly images: readonly ImageRow[];
  /** Everything with an owner tag, and what the disks of those images are made from. */
  readonly snapshots: readonly SnapshotRow[];
  /** Instances that tests of images have started, of whatever stack. */
  readonly instances: readonly InstanceRow[];
  /** Tasks of those images. */
  readonly tasks: readonly TaskRow[];
  readonly exports: readonly OrphanExport[];
}

/** An export that an interrupted run began, and its resource, where the state knows that. */
export interface OrphanExport {
  readonly urn?: string;
  readonly task: Task;
}

type OrphanKind = "image" | "instance" | "snapshot" | "import" | "export";

/** Something in the cloud that carries the stack's mark and that its state does not know. */
export interface Orphan {
  readonly kind: OrphanKind;
  readonly id: string;
  readonly regionId: string;
  readonly status: string;
  readonly progress?: string;
  readonly name?: string;
  readonly sizeGiB?: number;
  /** As the cloud reports it. */
  readonly createdAt?: string;
  /** The resource that it was made for, when the state still names it. */
  readonly urn?: string;
  /** The image that a snapshot or a task belongs to. */
  readonly imageId?: string;
  /**
   * `interrupted`: the run that created it never ended in order. `unconfirmed`: it did, and no later run has seen a
   * record of it: the state could not be written, or the resource was retained or removed before the next run.
   * `retained`: a state held it, so it was retained or moved, or the state is an older one; another state may hold it
   * still, since stacks of the same name in two backends have the same mark.
   */
  readonly origin: "interrupted" | "unconfirmed" | "retained";
  /** When it was acknowledged as kept on purpose. */
  readonly acknowledgedAt?: string;
  /** Why it must not be deleted now. */
  readonly kept?: string;
  /** Its owner tag, or that of its image, to be written on what is to go along with it. */
  readonly ownerTag?: string;
  /** The task that works on it. */
  readonly task?: string;
  /** The hash of the resource that it was made for. */
  readonly resource?: string;
}
