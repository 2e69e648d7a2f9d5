// Finds, records and deletes the objects of an export.

import { createHash } from "node:crypto";
import type { ImageRow } from "../../ecs/actions";
import type { Task } from "../../ecs/queries";
import { isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import type { OssObject } from "../../oss/client";
import { isRunning, itemsOf, operationsOf, tasksOf } from "../tasks/task";
import type { ExportedObject, ImageExportFields, ImageExportState, Written } from "./args";

/**
 * The destination of an export. Two exports of one image to the same place write the same keys, so the later one owns
 * the files.
 */
export type Place = Pick<ImageExportFields, "imageId" | "ossBucket" | "ossPrefix" | "imageFormat">;

export interface ObjectKey {
  readonly bucket: string;
  readonly key: string;
}

export const urlOf = ({ bucket, key }: ObjectKey): string => `oss://${bucket}/${key}`;
export const placeText = ({ ossBucket, ossPrefix, imageId }: Place): string =>
  `oss://${ossBucket}/${[ossPrefix, imageId].filter(Boolean).join("_")}`;

/**
 * The keys that a task reports. A real task may report fewer objects than it writes, spell keys in another way, or
 * report none.
 */
export const reportedKeys = (task: Task | undefined): ObjectKey[] =>
  (task ? operationsOf(task) : []).flatMap((operation) => {
    const items = itemsOf(operation);
    const [bucket, key] = [items.get("OSSBucket"), items.get("OSSObject")];
    return bucket && key ? [{ bucket, key }] : [];
  });

/** The prefix of a key: what precedes the image's id. Undefined if the key does not contain the id of that image. */
export function prefixIn(key: string, imageId: string): string | undefined {
  const at = key.indexOf(imageId);
  if (at < 0 || /^[A-Za-z0-9]/.test(key.slice(at + imageId.length))) return undefined;
  return key.slice(0, at).replace(/[^A-Za-z0-9]+$/, "");
}

const FORMATS = ["raw", "vhd", "qcow2", "vmdk", "vdi"] as const;

/** A hash of the place that fits into a tag. No prefix and an empty prefix are the same place. */
export const placeHash = ({ imageId, ossBucket, ossPrefix, imageFormat = "raw" }: Place): string =>
  createHash("sha256")
    .update(JSON.stringify([imageId, ossBucket, ossPrefix ?? null, imageFormat]))
    .digest("hex")
    .slice(0, 8);

/** Whether a task writes to the place with this hash, judged by what it reports. Unknown if that cannot be compared. */
export function relationTo(task: Task, imageId: string, place: string): "same" | "other" | "unknown" {
  const reported = operationsOf(task).flatMap(
    (operation) => itemsOf(operation).get("ImageFormat")?.toLowerCase() ?? [],
  );
  const formats = reported.length > 0 ? reported : FORMATS;
  const agrees = reportedKeys(task).map(({ bucket, key }) => {
    const prefix = prefixIn(key, imageId);
    if (prefix === undefined) return undefined;
    const written = { imageId, ossBucket: bucket, ...(prefix && { ossPrefix: prefix }) };
    return formats.some((imageFormat) => placeHash({ ...written, imageFormat }) === place);
  });
  if (agrees.includes(false)) return "other";
  return agrees.length > 0 && agrees.every(Boolean) ? "same" : "unknown";
}

/** What an export wrote, and what could not be found. */
export interface Found extends Written {
  readonly missing?: string;
  /** Whether a later export to the same place has overwritten what is missing. */
  readonly isOverwritten?: boolean;
  /** Why the bucket could not be listed, if that was necessary. */
  readonly unlisted?: string | undefined;
}

/** OSS and ECS have different clocks, and the creation time of a task has no seconds. */
const CLOCK_SLACK_MS = 60_000;
const MINUTE_MS = 60_000;
const QUERIES = 3;
const LOOK_PAUSE_MS = 10_000;

interface Search {
  readonly place: Place;
  readonly reported: readonly ObjectKey[];
  readonly disks: readonly string[];
  /** The expected number of objects. */
  readonly expected: number;
  /**
   * Objects from before this time, or from after the start of another export to the same place, belong to another
   * export.
   */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly found: Map<string, { readonly object: ExportedObject; readonly writtenAt: string }>;
  /** Keys that a later export to the same place has written. */
  readonly overwritten: Set<string>;
}

/** An export that has ended. */
interface Ended {
  readonly id: string;
  /** Left out if the cloud no longer lists it. */
  readonly task: Task | undefined;
  readonly have: Place & Pick<Partial<ImageExportState>, "startedAt">;
}

/**
 * Finds every object that a finished export wrote, in this order: by the keys that the task reports; by the names that
 * ECS gives in practice, for every disk of the image; by the bucket's list for prefix and image. To record the objects
 * it queries three times, because OSS may list them a moment after ECS has reported the end.
 */
export async function writtenBy(
  { id, task, have }: Ended,
  ctx: Context,
  purpose: "record" | "delete" = "record",
): Promise<Found> {
  const fromMs = Date.parse(task?.CreationTime ?? have.startedAt ?? "");
  const reported = reportedKeys(task);
  const disks = await disksOf(have.imageId, ctx);
  const expected = disks.length || Math.max(1, reported.length, Number(task?.TotalCount ?? 0));
  const untilMs = await nextExportMs({ id, fromMs, place: have }, purpose, ctx);
  const queries = purpose === "record" ? QUERIES : 1;
  // Without a task, objects from before the start of this creation belong to an earlier export.
  const ownFromMs = task ? fromMs - CLOCK_SLACK_MS : Math.max(fromMs, Date.parse(ctx.since));
  const search: Search = {
    place: have,
    reported,
    disks,
    expected,
    fromMs: ownFromMs,
    untilMs,
    found: new Map(),
    overwritten: new Set(),
  };
  let unlisted = await query(search, ctx);
  for (let done = 1; search.found.size < expected && done < queries; done++) {
    await ctx.pause(LOOK_PAUSE_MS);
    unlisted = await query(search, ctx);
  }
  const written = [...search.found.values()];
  const [count, place] = [written.length, placeText(have)];
  return {
    objects: written.map(({ object }) => object),
    writtenAt: written.map(({ writtenAt }) => writtenAt),
    ...(count < expected && {
      missing:
        `export task ${id} has finished, but ${count} of its ${expected} objects were found under ` +
        `${place}${unlisted === undefined ? "" : `; ${unlisted}`}`,
      isOverwritten: search.overwritten.size > 0,
    }),
    unlisted,
  };
}

/** Queries once. Returns why it could not list the bucket. */
async function query(search: Search, ctx: Context): Promise<string | undefined> {
  const { place, reported, disks, expected, found } = search;
  await Promise.all(reported.map((key) => recordIfWritten(key, search, ctx)));
  for (const disk of disks)
    for (const key of derivedKeys(disk, place))
      if (![...found.keys()].some((url) => diskIn(url) === disk)) await recordIfWritten(key, search, ctx);
  if (found.size >= expected || Number.isNaN(search.fromMs)) return undefined;
  try {
    const listed = await ctx.oss().listObjects(place.ossBucket, place.ossPrefix ?? place.imageId);
    const own = listed.filter(
      ({ key, lastModified }) =>
        prefixIn(key, place.imageId) === (place.ossPrefix ?? "") && isOwn(lastModified, search),
    );
    await Promise.all(own.map(({ key }) => recordIfWritten({ bucket: place.ossBucket, key }, search, ctx)));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Records an object if it exists and this export can have written it. */
async function recordIfWritten({ bucket, key }: ObjectKey, search: Search, ctx: Context): Promise<void> {
  const object = search.found.has(urlOf({ bucket, key })) ? undefined : await objectAt({ bucket, key }, ctx);
  if (!object) return;
  if (Date.parse(object.lastModified) >= search.untilMs + MINUTE_MS) search.overwritten.add(key);
  if (!isOwn(object.lastModified, search)) return;
  search.found.set(urlOf({ bucket, key }), {
    object: { bucket, key, size: object.size, eTag: object.eTag },
    writtenAt: object.lastModified,
  });
}

const isOwn = (lastModified: string, { fromMs, untilMs }: Search): boolean => {
  const atMs = Date.parse(lastModified);
  return !(atMs < fromMs) && !(atMs >= untilMs);
};

/** The object with that key; undefined if the object or its bucket does not exist. */
export async function objectAt({ bucket, key }: ObjectKey, ctx: Context): Promise<OssObject | undefined> {
  try {
    return await ctx.oss().headObject(bucket, key);
  } catch (error) {
    if (isFailure(error, "Refused") && error.detail.code === "NoSuchBucket") return undefined;
    throw error;
  }
}

/** `system`, `data_xvdb` and so on for each disk of the image; none if the image no longer exists. */
async function disksOf(imageId: string, ctx: Context): Promise<string[]> {
  const image: ImageRow | undefined = await ctx.images.read(imageId);
  return (image?.DiskDeviceMappings?.DiskDeviceMapping ?? []).map(({ Type, Device = "" }) =>
    Type === "data" ? `data_${Device.replace("/dev/", "")}` : "system",
  );
}

/**
 * The names that ECS gives in practice: `golden_m-1_system.raw.tar.gz`, or without a prefix `m-1_data_xvdb.raw.tar.gz`.
 */
function derivedKeys(disk: string, { imageId, ossBucket, ossPrefix, imageFormat = "raw" }: Place): ObjectKey[] {
  const name = `${[ossPrefix, imageId, disk].filter(Boolean).join("_")}.${imageFormat}`;
  const [plain, packed] = [name, `${name}.tar.gz`].map((key) => ({ bucket: ossBucket, key }));
  return imageFormat === "raw" ? [packed!, plain!] : [plain!, packed!];
}

const diskIn = (url: string): string | undefined => /_(system|data_xvd[a-z])(?:[._]|$)/.exec(url)?.[1];

/**
 * When the next export to the same place started: later files belong to that one. If two started in the same minute,
 * their order is unknown. For recording, this export then counts as the later one; for deleting, as the earlier one.
 */
async function nextExportMs(
  { id, fromMs, place }: { readonly id: string; readonly fromMs: number; readonly place: Place },
  purpose: "record" | "delete",
  ctx: Context,
): Promise<number> {
  if (Number.isNaN(fromMs)) return Number.POSITIVE_INFINITY;
  const isLater = (ms: number) => (purpose === "record" ? ms > fromMs : ms >= fromMs);
  const later = (await tasksOf(place.imageId, "ExportImage", ctx)).filter(
    ({ TaskId, TaskStatus, CreationTime }) =>
      TaskId !== id && (isRunning(TaskStatus) || TaskStatus === "Finished") && isLater(minuteOf(CreationTime)),
  );
  const rivals = await Promise.all(
    later.map(async (row) => {
      const task = await ctx.ecs("DescribeTaskAttribute", { TaskId: row.TaskId! });
      return relationTo(task, place.imageId, placeHash(place)) === "other"
        ? Number.POSITIVE_INFINITY
        : minuteOf(row.CreationTime);
    }),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...rivals);
}

const minuteOf = (time: string | undefined): number => Date.parse(time ?? "");

/** The recorded objects that are still the ones that this export wrote. */
export async function remainingOf(have: Partial<Written>, ctx: Context): Promise<Written> {
  const objects = have.objects ?? [];
  const same = await Promise.all(
    objects.map(async (recorded, i) => {
      const object = await objectAt(recorded, ctx);
      const writtenAt = have.writtenAt?.[i] ?? object?.lastModified;
      return object?.eTag === recorded.eTag && object.lastModified === writtenAt;
    }),
  );
  return {
    objects: objects.filter((_, i) => same[i]),
    writtenAt: (have.writtenAt ?? []).filter((_, i) => same[i]),
  };
}

/** Deletes those objects that are still the written ones. Returns which could not be deleted. */
export async function deleteWritten(written: Partial<Written>, ctx: Context): Promise<string[]> {
  const { objects } = await remainingOf(written, ctx);
  const failures = await Promise.all(
    objects.map(({ bucket, key }) =>
      ctx
        .oss()
        .deleteObject(bucket, key)
        .then(
          () => [],
          (error: unknown) => [messageOf(error)],
        ),
    ),
  );
  return failures.flat();
}
