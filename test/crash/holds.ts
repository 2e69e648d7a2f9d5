import type { ImageRecord, World } from "../../emulator";
import { imageState } from "../../emulator/images/state";
import { isRunning } from "../../emulator/resources/tasks";
import { OWNER_TAG, ownerIn, ownerOf, PENDING_TAG, TAG_PREFIX, TEST_TAG } from "../../provider/lifecycle/ownership";
import type { Lab, Props, Recorded, Resource, ResourceName } from "../support/lab";
import type { Aftermath } from "./scenarios";

/** What can be examined: an emulated cloud, its time, and what the user was shown. */
export type Cloud = Pick<Lab, "said"> & {
  readonly emulator: Pick<Lab["emulator"], "world">;
  readonly clock: Pick<Lab["clock"], "now">;
};

/** A resource in a state. */
export type Held = Pick<Resource, "state" | "old">;

/** What a scenario's resource has in the cloud that the state must not forget. */
interface Extra {
  readonly what: string;
  readonly id: string;
  /** Whether the orphan finder would list it. */
  readonly findable: boolean;
}

/** The owner of something, as the provider writes it. */
const resourceHash = (urn: string) => ownerOf(urn, {}, {}).resource;

export const ownImages = (lab: Cloud, urn: string): ImageRecord[] =>
  [...lab.emulator.world.images.values()].filter(
    ({ tags }) => ownerIn(tags.get(OWNER_TAG))?.resource === resourceHash(urn),
  );

export const isGood = (image: ImageRecord, nowMs: number): boolean => imageState(image, nowMs).usable;

const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, held) => (held instanceof Map ? [...held].sort(([a], [b]) => (a < b ? -1 : 1)) : held));

const isExportMark = (key: string) => key.startsWith(`${TAG_PREFIX}export-`);
/** The tag that names the owner of an export, on a snapshot, as long as the export exists. */
const isOwnerNote = (key: string) => key.startsWith(`${TAG_PREFIX}owner-of-`);
const withoutMarks = <Row extends { tags: Map<string, string> }>(row: Row) => ({
  ...row,
  tags: [...row.tags].filter(([key]) => !isExportMark(key) && !isOwnerNote(key)),
});

/** Everything in the account before the resource existed. It must stay as it is. */
export function strangersIn({ images, snapshots, tasks, buckets }: World): Map<string, string> {
  const all = [
    ...[...images].map(([id, image]) => [`image ${id}`, plain(withoutMarks(image))] as const),
    ...[...snapshots].map(([id, snapshot]) => [`snapshot ${id}`, plain(withoutMarks(snapshot))] as const),
    ...[...tasks].map(([id, task]) => [`task ${id}`, plain(task)] as const),
    ...[...buckets.values()].flatMap(({ name, objects }) =>
      [...objects].map(
        ([key, object]) => [`object oss://${name}/${key}`, plain({ ...object, body: undefined })] as const,
      ),
    ),
  ];
  return new Map(all);
}

/** The resource, and what existed before it. */
export interface Before {
  readonly kind: ResourceName;
  readonly urn: string;
  readonly strangers: ReadonlyMap<string, string>;
}

const versionsIn = (outputs: Props): string[] =>
  ((outputs["previousVersions"] ?? []) as { imageId: string }[]).map(({ imageId }) => imageId);

/** What the account has of the resource beyond its state. `args` are the last requested ones. */
function extras(lab: Cloud, before: Before, it: Held, args: Props | undefined): Extra[] {
  const { images, snapshots, tasks, buckets, instances } = lab.emulator.world;
  const known = [...(it.state ? [it.state] : []), ...it.old];
  const ids = new Set([...known.map(({ id }) => id), ...known.flatMap(({ outputs }) => versionsIn(outputs))]);
  const written = new Set(
    known.flatMap(({ outputs }) =>
      ((outputs["objects"] ?? []) as { bucket: string; key: string }[]).map(({ bucket, key }) => `${bucket}/${key}`),
    ),
  );
  const own = new Set(ownImages(lab, before.urn).map(({ imageId }) => imageId));
  const exportMarks = [...images, ...snapshots].filter(([, { tags }]) => [...tags.keys()].some(isExportMark));

  const found: Extra[] = [];
  for (const { imageId, tags } of images.values()) {
    if (own.has(imageId) && !ids.has(imageId))
      found.push({ what: `image ${imageId} is in no state`, id: imageId, findable: tags.has(PENDING_TAG) });
  }
  for (const { snapshotId, takenFor, tags } of snapshots.values()) {
    if (args?.["deleteSnapshots"] && takenFor !== "" && !images.has(takenFor))
      found.push({
        what: `snapshot ${snapshotId}, made for image ${takenFor}, has outlived it`,
        id: snapshotId,
        findable: tags.has(OWNER_TAG),
      });
  }
  for (const task of tasks.values()) {
    const isKnown = ids.has(task.taskId) || ids.has(task.imageId) || own.has(task.imageId);
    if (isRunning(task, lab.clock.now()) && !isKnown)
      found.push({
        what: `task ${task.taskId} still works for nobody`,
        id: task.taskId,
        findable: exportMarks.length > 0,
      });
  }
  for (const { instanceId, imageId, tags } of instances.values()) {
    if (tags.has(TEST_TAG))
      found.push({ what: `instance ${instanceId} of a test is still there`, id: imageId, findable: true });
  }
  for (const { name, objects } of buckets.values()) {
    for (const key of objects.keys()) {
      const isKnown = before.strangers.has(`object oss://${name}/${key}`) || written.has(`${name}/${key}`);
      if (!isKnown && (args === undefined || args["deleteObjects"]))
        found.push({ what: `object oss://${name}/${key} is in no state`, id: key, findable: exportMarks.length > 0 });
    }
  }
  if (!it.state && found.length === 0)
    for (const [id] of exportMarks)
      found.push({ what: `${id} still carries the mark of an export`, id, findable: true });
  return found;
}

const PLAIN = ["imageName", "description", "imageFamily", "licenseType"] as const;

/** How the state differs from the cloud, and from the requested arguments. */
function untruths(
  lab: Cloud,
  kind: ResourceName,
  { id, outputs, initErrors }: Recorded,
  args: Props,
  leaves: Aftermath["leaves"],
): string[] {
  const { images, buckets } = lab.emulator.world;
  const wrong: string[] = [];
  if (initErrors) wrong.push(`${id} is recorded as unfinished: ${initErrors.join("; ")}`);
  if (kind === "ImageExport") {
    const objects = (outputs["objects"] ?? []) as { bucket: string; key: string; eTag: string }[];
    if (objects.length === 0) wrong.push(`export ${id} records no object`);
    // Without a call, nothing notices that an interrupted export has overwritten these keys.
    if (leaves !== "findable")
      for (const { bucket, key, eTag } of objects)
        if (buckets.get(bucket)?.objects.get(key)?.eTag !== eTag)
          wrong.push(`export ${id} records object oss://${bucket}/${key}, which is not there or is another one`);
    return wrong;
  }
  const image = images.get(id);
  if (!image) return [...wrong, `the state's image ${id} is not in the cloud`];
  if (!isGood(image, lab.clock.now()))
    wrong.push(`the state's image ${id} is ${imageState(image, lab.clock.now()).status}`);
  // The engine makes no call if program and state agree, so an image that was renamed keeps that name until a refresh.
  const isAside = leaves === "findable" && image.imageName.startsWith(`${String(args["imageName"])}-replaced-`);
  for (const key of PLAIN)
    if (args[key] !== undefined && image[key] !== args[key] && !(key === "imageName" && isAside))
      wrong.push(`the ${key} of ${id} is ${JSON.stringify(image[key])}, not ${JSON.stringify(args[key])}`);
  for (const [key, value] of Object.entries((args["tags"] ?? {}) as Props))
    if (image.tags.get(key) !== value)
      wrong.push(`the tag ${key} of ${id} is ${JSON.stringify(image.tags.get(key))}, not ${JSON.stringify(value)}`);
  if (image.deprecated !== (args["deprecated"] ?? false))
    wrong.push(`${id} is ${image.deprecated ? "" : "not "}deprecated`);
  return wrong;
}

export interface Verdict {
  readonly violations: readonly string[];
  /** What was left besides the state and is allowed. */
  readonly left: Aftermath["leaves"];
}

/**
 * What must hold after recovery from a kill, as sentences about violations. `asked` are the arguments of the last `up`;
 * undefined after a destroy.
 */
export function verdict(
  lab: Cloud,
  before: Before,
  it: Held,
  asked: Props | undefined,
  last: Props | undefined,
  leaves: Aftermath["leaves"],
): Verdict {
  const found: string[] = [];
  let left: Aftermath["leaves"] = "nothing";
  if (asked && !it.state) found.push("the state holds nothing");
  if (asked && it.state) found.push(...untruths(lab, before.kind, it.state, asked, leaves));
  if (!asked && it.state) found.push(`the state still holds ${it.state.id}`);
  for (const { id } of it.old) found.push(`the state still holds ${id} as one to delete`);

  for (const { what, id, findable } of extras(lab, before, it, asked ?? last)) {
    const isNamed = lab.said.warned.some((text) => text.includes(id));
    if (leaves === "nothing" || !(isNamed || (leaves === "findable" && findable))) found.push(what);
    if (left !== "findable") left = isNamed ? "named" : "findable";
  }

  const now = strangersIn(lab.emulator.world);
  for (const [thing, was] of before.strangers) {
    if (!now.has(thing)) found.push(`${thing}, which was there before, is gone`);
    else if (now.get(thing) !== was) found.push(`${thing}, which was there before, is another one`);
  }
  return { violations: found, left };
}
