import type { ImageRow, SnapshotRow, TaskRow } from "../provider/ecs/actions";
import { OWNER_TAG, type Owner, ownerIn, PENDING_TAG, urnParts } from "../provider/lifecycle/ownership";
import type { Task } from "../provider/lifecycle/session";
import type { StackState } from "./stack-state";

/** What the cloud holds in one region that may be the stack's. */
export interface Holdings {
  readonly regionId: string;
  /** Everything with an owner tag, whoever's. */
  readonly images: readonly ImageRow[];
  /** Everything with an owner tag, and what the disks of those images are made from. */
  readonly snapshots: readonly SnapshotRow[];
  /** Tasks of those images that are under way. */
  readonly tasks: readonly TaskRow[];
  /** For exports of the stack that an interrupted run began: what the next run would go on with. */
  readonly exports: readonly { readonly urn: string; readonly task: Task }[];
}

export type OrphanKind = "image" | "snapshot" | "import" | "export";

/** Something in the cloud that carries the stack's mark and that its state does not know. */
export interface Orphan {
  readonly kind: OrphanKind;
  readonly id: string;
  readonly regionId: string;
  readonly status: string;
  readonly name?: string;
  readonly sizeGiB?: number;
  /** As the cloud tells it. */
  readonly createdAt?: string;
  /** The resource that it was made for, when the state still names it. */
  readonly urn?: string;
  /** The image that a snapshot or a task belongs to. */
  readonly imageId?: string;
  /**
   * `interrupted`: never handed over to an engine, so no state can know it. `forgotten`: it was, so a state knew it once, and another
   * may still: stacks of the same name in two backends have the same mark.
   */
  readonly origin: "interrupted" | "forgotten";
  /** Who made it, to be written on what is to go along with it. */
  readonly owner?: Owner;
  /** Why it must not be deleted now. */
  readonly kept?: string;
}

export interface Caution {
  readonly nowMs: number;
  /** What is younger is kept: a run that is under way may be making it. */
  readonly olderThanMs: number;
  /** Keeps what a state knew once. */
  readonly keepForgotten: boolean;
}

/** What of `held` is the stack's by its tags and unknown to its state. Pure. */
export function orphansAmong(held: Holdings, state: StackState, caution: Caution): Orphan[] {
  const { regionId } = held;
  const isOurs = (owner: Owner | undefined): owner is Owner => owner?.stack === state.hash;
  const made = (orphan: Orphan): Orphan => {
    const kept = orphan.kept ?? reasonToKeep(orphan, state, caution);
    return { ...orphan, ...(kept !== undefined && { kept }) };
  };
  const madeFor = ({ resource }: Owner) => ({ ...(state.urns.has(resource) && { urn: state.urns.get(resource)! }) });

  const images = new Map<string, { row: ImageRow; orphan: Orphan }>();
  const disksOfOthers = new Set<string>();
  for (const row of held.images) {
    const tags = tagsOf(row);
    const owner = ownerIn(tags.get(OWNER_TAG));
    if (!row.ImageId) continue;
    if (!isOurs(owner) || state.known.has(row.ImageId)) {
      for (const id of diskSnapshots(row)) disksOfOthers.add(id);
      continue;
    }
    const orphan = made({
      kind: "image",
      id: row.ImageId,
      regionId,
      status: row.Status ?? "",
      ...(row.ImageName && { name: row.ImageName }),
      ...sized(row.Size),
      ...(row.CreationTime && { createdAt: row.CreationTime }),
      ...madeFor(owner),
      owner,
      origin: tags.has(PENDING_TAG) ? "interrupted" : "forgotten",
    });
    images.set(row.ImageId, { row, orphan });
  }

  const snapshots = held.snapshots.flatMap((row): Orphan[] => {
    const id = row.SnapshotId;
    if (!id || state.known.has(id) || disksOfOthers.has(id)) return [];
    const plain = {
      kind: "snapshot" as const,
      id,
      regionId,
      status: row.Status ?? "",
      ...(row.SnapshotName && { name: row.SnapshotName }),
      ...sized(row.SourceDiskSize),
      ...(row.CreationTime && { createdAt: row.CreationTime }),
    };
    const using = [...images.values()].find((image) => diskSnapshots(image.row).includes(id));
    const tag = tagsOf(row).get(OWNER_TAG);
    if (tag === undefined)
      return using && isMadeFor(row, using.row) ? [made({ ...plain, ...alongWith(using.orphan) })] : [];
    const owner = ownerIn(tag);
    if (!isOurs(owner)) return [];
    const imageId = tag.split(".")[3];
    if (imageId !== undefined && state.known.has(imageId)) return []; // a delete that is to be repeated will remove it
    if (using) return [made({ ...plain, ...alongWith(using.orphan) })];
    // A delete that was to remove it got as far as the image: whichever state knew it wants it gone.
    return [made({ ...plain, ...madeFor(owner), ...(imageId !== undefined && { imageId }), origin: "interrupted" })];
  });

  const ownExports = held.exports.filter(({ task }) => task.TaskId && !state.known.has(task.TaskId));
  const exportOrphans = ownExports.map(({ urn, task }) =>
    made({
      ...taskOrphan(task, "export", regionId),
      urn,
      origin: "interrupted",
      ...(!isUnderWay(task) && {
        kept: "it has ended: the next pulumi up takes it over, or delete its objects in OSS by hand",
      }),
    }),
  );
  const tasks = held.tasks.flatMap((task): Orphan[] => {
    const image = images.get(task.ResourceId ?? "");
    const isExport = task.TaskAction === "ExportImage";
    if (
      !task.TaskId ||
      !image ||
      !isUnderWay(task) ||
      state.known.has(task.TaskId) ||
      ownExports.some(({ task: own }) => own.TaskId === task.TaskId)
    )
      return [];
    const orphan = { ...taskOrphan(task, isExport ? "export" : "import", regionId), ...alongWith(image.orphan) };
    return [made(isExport ? { ...orphan, kept: "it may be another stack's" } : orphan)];
  });

  return [...tasks, ...exportOrphans, ...[...images.values()].map(({ orphan }) => orphan), ...snapshots];
}

const isUnderWay = ({ TaskStatus }: Task) => TaskStatus === "Waiting" || TaskStatus === "Processing";

const taskOrphan = (task: Task, kind: "import" | "export", regionId: string) => ({
  kind,
  id: task.TaskId!,
  regionId,
  status: task.TaskStatus ?? "",
  ...(task.ResourceId && { imageId: task.ResourceId }),
  ...(task.CreationTime && { createdAt: task.CreationTime }),
});

/** What goes when its image goes, and stays when that stays. */
const alongWith = ({ id, urn, owner, origin, kept }: Orphan) => ({
  imageId: id,
  origin,
  ...(urn !== undefined && { urn }),
  ...(owner && { owner }),
  ...(kept !== undefined && { kept }),
});

/**
 * A snapshot that the image's own creation made carries no tag. One that was passed in had to be finished before the image was
 * begun, so it is older than the image.
 */
const isMadeFor = (snapshot: SnapshotRow, image: ImageRow) =>
  Date.parse(snapshot.CreationTime ?? "") >= Date.parse(image.CreationTime ?? "");

export const diskSnapshots = (row: ImageRow): string[] =>
  (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).flatMap(({ SnapshotId }) => SnapshotId || []);

const tagsOf = (row: ImageRow | SnapshotRow) =>
  new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue ?? ""]));

const sized = (gib: number | string | undefined) => (Number(gib) > 0 ? { sizeGiB: Number(gib) } : {});

function reasonToKeep(
  { id, createdAt, origin }: Orphan,
  { users }: StackState,
  { nowMs, olderThanMs, keepForgotten }: Caution,
): string | undefined {
  const user = users.get(id);
  if (user !== undefined) return `used by ${user}`;
  // What does not tell its age may have been made a moment ago.
  if (!(nowMs - Date.parse(createdAt ?? "") >= olderThanMs)) return "too young";
  if (keepForgotten && origin === "forgotten") return "not without --forgotten";
  return undefined;
}

/** What an orphan was made for, as a person calls it. */
export const nameOfResource = ({ urn }: Orphan): string | undefined =>
  urn === undefined ? undefined : urnParts(urn).name;
