import type { ImageRow, SnapshotRow } from "../provider/ecs/actions";
import type { Task } from "../provider/ecs/queries";
import {
  OWNER_TAG,
  type OwnerTag,
  ownerIn,
  ownerValue,
  PENDING_TAG,
  pendingIn,
  RETAINED_TAG,
  TEST_TAG,
  tagsIn,
} from "../provider/lifecycle/ownership";
import { isRunning as isTaskRunning } from "../provider/resources/tasks/task";
import { type Caution, reasonToKeep } from "./caution";
import type { Holdings, Orphan } from "./model";
import type { StackState } from "./stack-state";

/** What in `held` belongs to the stack by its tags and is missing from its state. Pure. */
export function orphansAmong(held: Holdings, state: StackState, caution: Caution): Orphan[] {
  const withReason = (orphan: Orphan): Orphan => {
    const kept = reasonToKeep(orphan, state, caution);
    return kept === undefined ? orphan : { ...orphan, kept };
  };
  const running = new Map(held.tasks.filter(isRunning).map((task) => [task.ResourceId ?? "", task]));
  const images = imageOrphans(held, state).map((image) => {
    const task = running.get(image.id);
    return withReason(task?.TaskId ? { ...image, task: task.TaskId } : image);
  });
  const byId = new Map(images.map((image) => [image.id, image]));
  return [
    ...taskOrphans(held, byId, state).map(withReason),
    ...exportOrphans(held).map(withReason),
    ...instanceOrphans(held, state).map(withReason),
    ...images,
    ...snapshotOrphans(held, byId, state).map(withReason),
  ];
}

/** Whether it belongs to the stack: by one of the stack's names so far, or by the lineage of one of its resources. */
export const isOurs = (owner: OwnerTag | undefined, { hashes, lineages }: StackState): owner is OwnerTag =>
  owner !== undefined && (hashes.has(owner.stack) || lineages.has(owner.lineage ?? ""));

function imageOrphans({ images, regionId }: Holdings, state: StackState): Orphan[] {
  const beyond = versionsInUse(images, state);
  return images.flatMap((row): Orphan[] => {
    const tags = tagsIn(row);
    const owner = ownerIn(tags.get(OWNER_TAG));
    if (!row.ImageId || !isOurs(owner, state) || state.known.has(row.ImageId)) return [];
    const pending = tags.get(PENDING_TAG);
    if (isVersion(row, owner, state) && !beyond.has(row.ImageId)) return [];
    return [
      {
        kind: "image",
        id: row.ImageId,
        regionId,
        status: row.Status ?? "",
        ...(row.Progress && { progress: row.Progress }),
        ...(row.ImageName && { name: row.ImageName }),
        ...sized(row.Size),
        ...(row.CreationTime && { createdAt: row.CreationTime }),
        ...madeFor(owner, state),
        ...acknowledgedBy(tags),
        origin: originIn(pending, owner, state),
        ...(beyond.has(row.ImageId) && { kept: IN_USE }),
        ...(pending?.startsWith("imported.") && { kept: IMPORTED }),
        ownerTag: tags.get(OWNER_TAG)!,
      },
    ];
  });
}

const IN_USE = "a version that instances use; the first replacement at which none uses it deletes it";
const IMPORTED = "it was imported, so no run made it; delete it in the ECS console, or import it again";

/**
 * Whether an image is a version of a resource, in the state or not yet. The resource deletes it later, and at the
 * latest when it is destroyed.
 */
const isVersion = (row: ImageRow, owner: OwnerTag, { urns, versions, lineages }: StackState): boolean =>
  pendingIn(tagsIn(row).get(PENDING_TAG)) === "version" &&
  ((owner.lineage === undefined ? urns.has(owner.resource) : lineages.has(owner.lineage)) ||
    versions.has(row.ImageId ?? ""));

/** Versions beyond the number that their resource keeps. They stay while instances use them. */
function versionsInUse(images: readonly ImageRow[], state: StackState): ReadonlySet<string> {
  const byResource = new Map<string, ImageRow[]>();
  for (const row of images) {
    const owner = ownerIn(tagsIn(row).get(OWNER_TAG));
    if (!isOurs(owner, state) || !isVersion(row, owner, state)) continue;
    const resource = owner.lineage ?? owner.resource;
    byResource.set(resource, [...(byResource.get(resource) ?? []), row]);
  }
  const newestFirst = (a: ImageRow, b: ImageRow) => ((a.CreationTime ?? "") < (b.CreationTime ?? "") ? 1 : -1);
  const beyond = [...byResource].flatMap(([resource, rows]) =>
    rows.sort(newestFirst).slice(state.keeps.get(resource) ?? 0),
  );
  return new Set(beyond.filter(({ Usage }) => Usage === "instance").map(({ ImageId }) => ImageId!));
}

/**
 * Instances that tests of images started. The run deletes its instance, or the next run does; if none does, ECS
 * releases it.
 */
function instanceOrphans({ instances, regionId }: Holdings, state: StackState): Orphan[] {
  return instances.flatMap((row): Orphan[] => {
    const owner = ownerIn(tagsIn(row).get(TEST_TAG));
    if (!row.InstanceId || !isOurs(owner, state)) return [];
    return [
      {
        kind: "instance",
        id: row.InstanceId,
        regionId,
        status: row.Status ?? "",
        ...(row.InstanceName && { name: row.InstanceName }),
        ...(row.CreationTime && { createdAt: row.CreationTime }),
        ...madeFor(owner, state),
        origin: "interrupted",
      },
    ];
  });
}

function snapshotOrphans(held: Holdings, images: ReadonlyMap<string, Orphan>, state: StackState): Orphan[] {
  const isOrphan = ({ ImageId }: ImageRow) => images.has(ImageId ?? "");
  const inUse = new Set(held.images.filter((row) => !isOrphan(row)).flatMap(diskSnapshots));
  const orphanRows = held.images.filter(isOrphan);
  return held.snapshots.flatMap((row): Orphan[] => {
    const { SnapshotId: id } = row;
    if (!id || state.known.has(id) || inUse.has(id)) return [];
    const tags = tagsIn(row);
    const tag = tags.get(OWNER_TAG);
    const plain = {
      kind: "snapshot" as const,
      id,
      regionId: held.regionId,
      status: row.Status ?? "",
      ...(row.Progress && { progress: row.Progress }),
      ...(row.SnapshotName && { name: row.SnapshotName }),
      ...sized(row.SourceDiskSize),
      ...(row.CreationTime && { createdAt: row.CreationTime }),
      ...acknowledgedBy(tags),
    };
    const users = orphanRows.filter((image) => diskSnapshots(image).includes(id));
    const using = users.find(({ ImageId }) => images.get(ImageId!)!.kept !== undefined) ?? users[0];
    const owner = ownerIn(tag);
    if (tag === undefined)
      return using && isMadeFor(row, using) ? [{ ...plain, ...alongWith(images.get(using.ImageId!)!) }] : [];
    if (!isOurs(owner, state)) return [];
    const imageId = imageIdIn(tag, owner);
    if (imageId !== undefined && state.known.has(imageId)) return []; // the next delete of the image removes it
    if (using) return [{ ...plain, ...alongWith(images.get(using.ImageId!)!) }];
    // A delete removed its image and was interrupted before it deleted the snapshot.
    return [{ ...plain, ...madeFor(owner, state), ...(imageId && { imageId }), origin: "interrupted", ownerTag: tag }];
  });
}

function exportOrphans({ exports, regionId }: Holdings): Orphan[] {
  return exports.map(({ urn, task }) => ({
    ...taskOrphan(task, "export", regionId),
    ...(urn !== undefined && { urn }),
    origin: "interrupted",
    kept: isRunning(task) ? STILL_RUNNING : ENDED,
  }));
}

function taskOrphans(held: Holdings, images: ReadonlyMap<string, Orphan>, state: StackState): Orphan[] {
  const exported = new Set(held.exports.map(({ task }) => task.TaskId));
  return held.tasks.flatMap((task): Orphan[] => {
    const image = images.get(task.ResourceId ?? "");
    if (!task.TaskId || !image || !isRunning(task) || state.known.has(task.TaskId) || exported.has(task.TaskId))
      return [];
    const kind = task.TaskAction === "ExportImage" ? "export" : "import";
    return [{ ...taskOrphan(task, kind, held.regionId), ...alongWith(image), kept: STILL_RUNNING }];
  });
}

const STILL_RUNNING = "it is still running; if no run of Pulumi is, cancel it in the ECS console and list again";

const ENDED = "it has ended: a pulumi up that asks for the same takes it over; otherwise delete its objects in OSS";

const isRunning = ({ TaskStatus }: Task) => isTaskRunning(TaskStatus);

const taskOrphan = (task: Task, kind: "import" | "export", regionId: string) => ({
  kind,
  id: task.TaskId!,
  regionId,
  status: task.TaskStatus ?? "",
  ...(task.TaskProcess && { progress: task.TaskProcess }),
  ...(task.ResourceId && { imageId: task.ResourceId }),
  ...(task.CreationTime && { createdAt: task.CreationTime }),
});

/** The properties that an image shares with what is deleted with it. */
const alongWith = ({ id, urn, origin, acknowledgedAt, kept, ownerTag, resource }: Orphan) => ({
  imageId: id,
  origin,
  ...(urn !== undefined && { urn }),
  ...(acknowledgedAt !== undefined && { acknowledgedAt }),
  ...(kept !== undefined && { kept }),
  ...(ownerTag !== undefined && { ownerTag }),
  ...(resource !== undefined && { resource }),
});

/** `retained` for what was made under an earlier name of the stack: another stack may have the name and hold it now. */
function originIn(pending: string | undefined, owner: OwnerTag, state: StackState): Orphan["origin"] {
  if (owner.stack !== state.hash && !state.lineages.has(owner.lineage ?? "")) return "retained";
  if (pending?.startsWith("imported.")) return "retained";
  if (pending === undefined || pendingIn(pending) === "version") return "retained";
  return pendingIn(pending) === "returned" ? "unconfirmed" : "interrupted";
}

const madeFor = ({ resource }: OwnerTag, { urns }: StackState) => ({
  resource,
  ...(urns.has(resource) && { urn: urns.get(resource)! }),
});

const acknowledgedBy = (tags: ReadonlyMap<string, string>) =>
  tags.has(RETAINED_TAG) ? { acknowledgedAt: tags.get(RETAINED_TAG)! } : {};

/**
 * The owner tag of a snapshot that is deleted with its image ends with the image's id. After an interrupted delete, the
 * command finds the snapshot by it.
 */
export const snapshotTag = (ownerTag: string, imageId: string): string => `${ownerTag}.${imageId}`;

const imageIdIn = (tag: string, owner: OwnerTag): string | undefined =>
  tag.slice(ownerValue(owner, owner.creationId, owner.madeBy).length + 1) || undefined;

/**
 * Snapshots that the image's own creation made have no tag. A snapshot that was passed in had to be finished before the
 * creation began, so it is older than the image.
 */
export const isMadeFor = (snapshot: SnapshotRow, image: ImageRow) =>
  Date.parse(snapshot.CreationTime ?? "") >= Date.parse(image.CreationTime ?? "");

export const diskSnapshots = (row: ImageRow): string[] =>
  (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).flatMap(({ SnapshotId }) => SnapshotId || []);

const sized = (gib: number | string | undefined) => (Number(gib) > 0 ? { sizeGiB: Number(gib) } : {});
