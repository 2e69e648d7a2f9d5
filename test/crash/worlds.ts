import type { World } from "../../emulator";
import { isRunning } from "../../emulator/resources/tasks";
import type { Held } from "./engine";

/** Something in the cloud that may be a leftover. */
export interface Thing {
  readonly what: string;
  /** The ids by which a warning or the orphan finder may name it. */
  readonly names: readonly string[];
  /** Its whole content as a string, with and without the tags of this package. */
  readonly record: string;
  readonly plainRecord: string;
  /** The image for which a snapshot was taken, or which a task makes. */
  readonly imageId?: string;
}

const OWN_TAG = /^pulumi-alicloud-image:/;

function recordText(record: object, withoutOwnTags: boolean): string {
  return JSON.stringify(record, (key, value) => {
    if (key === "body") return undefined;
    if (!(value instanceof Map)) return value;
    const entries = [...value].filter(([name]) => !(withoutOwnTags && OWN_TAG.test(String(name))));
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  });
}

/** Everything in the account. Tasks that have ended are history, which nobody can delete. */
export function thingsIn(world: World, nowMs: number): Map<string, Thing> {
  const things = new Map<string, Thing>();
  const add = (what: string, record: object, names: readonly string[], imageId?: string) =>
    things.set(what, {
      what,
      names,
      record: recordText(record, false),
      plainRecord: recordText(record, true),
      ...(imageId !== undefined && { imageId }),
    });
  for (const [id, { sharedWith, ...image }] of world.images) {
    add(`image ${id}`, image, [id]);
    for (const account of sharedWith)
      add(`sharing of ${id} with ${account}`, {}, [shareOf(`${image.regionId}:${id}`, account)]);
  }
  for (const [id, snapshot] of world.snapshots) {
    const users = [...world.images.values()].filter(({ diskMappings }) =>
      diskMappings.some(({ snapshotId }) => snapshotId === id),
    );
    const names = [id, snapshot.takenFor, ...users.map(({ imageId }) => imageId)].filter(Boolean);
    add(`snapshot ${id}`, snapshot, names, snapshot.takenFor);
  }
  for (const [id, task] of world.tasks)
    if (isRunning(task, nowMs)) add(`task ${id}`, task, [id], task.action === "ExportImage" ? undefined : task.imageId);
  for (const [id, instance] of world.instances) add(`instance ${id}`, instance, [id, instance.imageId]);
  for (const [id, disk] of world.disks) {
    const ofTest = world.instances.get(disk.instanceId ?? "");
    add(`disk ${id}`, disk, [id, ...(ofTest ? [ofTest.instanceId, ofTest.imageId] : [])]);
  }
  for (const { name, objects } of world.buckets.values()) {
    for (const [key, object] of objects) {
      const writers = [...world.tasks.values()].filter((task) =>
        task.objects.some((written) => written.bucket === name && written.key === key),
      );
      add(`object oss://${name}/${key}`, object, [key, ...writers.map(({ taskId }) => taskId)]);
    }
  }
  return things;
}

/** How an ImageSharePermission's id names one account of an image. */
const shareOf = (id: string, account: string) => `${id}/${account}`;

const sharesOf = ({ kind, id, outputs }: Held): string[] =>
  kind === "ImageSharePermission"
    ? ((outputs["accountIds"] ?? []) as string[]).map((account) => shareOf(id, account))
    : [];

/** Every string in the state: whatever it names is known. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** What is in the cloud, was not there before, is in no state, and must not stay. */
export function extrasIn(
  world: World,
  before: ReadonlyMap<string, Thing>,
  held: readonly Held[],
  nowMs: number,
  mayStay: (thing: Thing) => boolean,
): Thing[] {
  const known = new Set(held.flatMap((one) => [one.id, ...textsIn(one.outputs), ...sharesOf(one)]));
  const ofKnown = new Set(
    [...known].flatMap((id) => world.images.get(id)?.diskMappings.map(({ snapshotId }) => snapshotId) ?? []),
  );
  return [...thingsIn(world, nowMs).values()].filter((thing) => {
    const [id] = thing.names as [string];
    const isKnown = known.has(id) || ofKnown.has(id) || (thing.imageId !== undefined && known.has(thing.imageId));
    return !before.has(thing.what) && !isKnown && !mayStay(thing);
  });
}

/** What was there before and is gone or changed, as sentences. */
export function changesOf(
  before: ReadonlyMap<string, Thing>,
  after: ReadonlyMap<string, Thing>,
  part: "record" | "plainRecord",
): string[] {
  return [...before.values()].flatMap(({ what, [part]: record }) => {
    const now = after.get(what);
    if (!now) return [`${what}, which was there before, is gone`];
    return now[part] === record
      ? []
      : [`${what}, which was there before, is another: ${difference(record, now[part])}`];
  });
}

/** The part in which two strings differ, with some context. */
function difference(before: string, after: string): string {
  let at = 0;
  while (before[at] === after[at]) at++;
  const from = Math.max(0, at - 40);
  return `…${before.slice(from, at + 60)}… became …${after.slice(from, at + 60)}…`;
}
