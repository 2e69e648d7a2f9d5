import { createHash } from "node:crypto";
import type { ImageRow } from "../../ecs/actions";
import type { Task } from "../../ecs/queries";
import { isFailure, messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import type { OssObject } from "../../oss/client";
import { isRunning, itemsOf, operationsOf, tasksOf } from "../tasks/task";
import type { ExportedObject, ImageExportFields, ImageExportState, Written } from "./args";

/**
 * Where an export writes to. Two exports of one image to one place write the same keys, so the later one has the files.
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
 * What a task reports that it writes. A real task may name fewer objects than it writes, spell them otherwise, or name
 * none.
 */
export const reportedKeys = (task: Task | undefined): ObjectKey[] =>
  (task ? operationsOf(task) : []).flatMap((operation) => {
    const items = itemsOf(operation);
    const [bucket, key] = [items.get("OSSBucket"), items.get("OSSObject")];
    return bucket && key ? [{ bucket, key }] : [];
  });

/**
 * The prefix that a key was written under: what precedes the image's id. Undefined when the key does not name that
 * image.
 */
export function prefixIn(key: string, imageId: string): string | undefined {
  const at = key.indexOf(imageId);
  if (at < 0 || /^[A-Za-z0-9]/.test(key.slice(at + imageId.length))) return undefined;
  return key.slice(0, at).replace(/[^A-Za-z0-9]+$/, "");
}

const FORMATS = ["raw", "vhd", "qcow2", "vmdk", "vdi"] as const;

/** A hash that fits into a tag and differs for each place; no prefix and an empty prefix are the same place. */
export const placeHash = ({ imageId, ossBucket, ossPrefix, imageFormat = "raw" }: Place): string =>
  createHash("sha256")
    .update(JSON.stringify([imageId, ossBucket, ossPrefix ?? null, imageFormat]))
    .digest("hex")
    .slice(0, 8);

/** Whether a task writes to the place with this hash, by what it reports. What cannot be compared does not agree. */
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

/** What an export wrote, and what could not be found of it. */
export interface Found extends Written {
  readonly missing?: string;
  /** A later export to the same place has written over what is missing. */
  readonly isOverwritten?: boolean;
  /** Why the bucket could not be listed, where that was needed. */
  readonly unlisted?: string | undefined;
}

/** OSS and ECS have clocks of their own, and a task has only the minute of its creation. */
const CLOCK_SLACK_MS = 60_000;
const MINUTE_MS = 60_000;
const QUERIES = 3;
const LOOK_PAUSE_MS = 10_000;

interface Search {
  readonly place: Place;
  readonly reported: readonly ObjectKey[];
  readonly disks: readonly string[];
  /** How many objects there should be. */
  readonly expected: number;
  /** What was written before, or once another export to the same place had begun, is another export's. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly found: Map<string, { readonly object: ExportedObject; readonly writtenAt: string }>;
  /** The keys of objects that a later export to the same place wrote. */
  readonly overwritten: Set<string>;
}

/** An export that has ended. */
interface Ended {
  readonly id: string;
  /** Left out: the cloud no longer lists it. */
  readonly task: Task | undefined;
  readonly have: Place & Pick<Partial<ImageExportState>, "startedAt">;
}

/**
 * Every object that a finished export wrote, as it is in OSS. In this order: what the task says, where an object is
 * there under it; the names that ECS gives in practice, for every disk of the image; what the bucket lists under prefix
 * and image. To record them it queries three times, since OSS may list them a moment after ECS has reported the end.
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
  // A task that is not listed proves nothing: what was written before this creation began is an earlier export's then.
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

/** Lists once, and returns why it could not list the bucket. */
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

/** Records an object if it is there and this export can have written it. */
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

/** The object of that key; undefined when it, or its bucket, is not there. */
export async function objectAt({ bucket, key }: ObjectKey, ctx: Context): Promise<OssObject | undefined> {
  try {
    return await ctx.oss().headObject(bucket, key);
  } catch (error) {
    if (isFailure(error, "Refused") && error.detail.code === "NoSuchBucket") return undefined;
    throw error;
  }
}

/** `system`, or `data_xvdb` and so on, for each disk of the image; none when the image is no longer there. */
async function disksOf(imageId: string, ctx: Context): Promise<string[]> {
  const image: ImageRow | undefined = await ctx.images.read(imageId);
  return (image?.DiskDeviceMappings?.DiskDeviceMapping ?? []).map(({ Type, Device = "" }) =>
    Type === "data" ? `data_${Device.replace("/dev/", "")}` : "system",
  );
}

/**
 * As such files are called in practice: `golden_m-1_system.raw.tar.gz`, without a prefix `m-1_data_xvdb.raw.tar.gz`.
 */
function derivedKeys(disk: string, { imageId, ossBucket, ossPrefix, imageFormat = "raw" }: Place): ObjectKey[] {
  const name = `${[ossPrefix, imageId, disk].filter(Boolean).join("_")}.${imageFormat}`;
  const [plain, packed] = [name, `${name}.tar.gz`].map((key) => ({ bucket: ossBucket, key }));
  return imageFormat === "raw" ? [packed!, plain!] : [plain!, packed!];
}

const diskIn = (url: string): string | undefined => /_(system|data_xvd[a-z])(?:[._]|$)/.exec(url)?.[1];

/**
 * When the next export to the same place began: later files are its files. If two began in the same minute, their order
 * is unknown. To record the files, this export counts as the later one; to delete them, as the earlier one.
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

/** Which of the recorded objects are still the ones that this export wrote. */
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

/** Deletes objects, as far as they are still the ones that were written, and says which could not be deleted. */
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
