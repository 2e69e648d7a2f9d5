import { createHash } from "node:crypto";
import type { ImageRow, SnapshotRow, TaskRow } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { certainRows } from "../../ecs/pages";
import { Failure, isFailure } from "../../failure";
import type { Context } from "../../lifecycle/context";
import type { Mark } from "../../lifecycle/marks";
import { type Owner, TAG_PREFIX } from "../../lifecycle/ownership";
import { snapshotsOf } from "../images/snapshots";
import { readRecorded } from "../images/state";
import { type Place, placeHash } from "./objects";

/**
 * ExportImage takes neither a tag nor a client token. So a tag marks that an export of a resource is under way: it is
 * set before the call and removed once the engine has the export (docs/adoption.md). It is on the snapshot of the
 * image's system disk, because all twenty tags of the image may be the user's. If the image shows no snapshot of this
 * account, it is on the image.
 */
export interface ExportMark {
  readonly mark: Mark;
  readonly fingerprint: string;
  /** A hash of where the export writes to. Objects elsewhere, or without a prefix, belong to another export. */
  readonly place: string;
  readonly sinceMs: number;
  /** When the run that set it was to end: it began no export after that. */
  readonly untilMs: number;
  /** Hashes of exports that were there already. */
  readonly earlier: readonly string[];
}

/** `1.<fingerprint>.<place>.<from>.<until>/<earlier tasks>`; times in seconds, to base 36. */
const FORMAT = 1;
const VALUE_LENGTH = 128;
const MARK_PREFIX = `${TAG_PREFIX}export-`;
/**
 * `<prefix><task id>` = `<creation>.<stack>.<resource>`: whose an export is, as long as it exists. An older record of
 * the same task no longer owns it, in whatever process its delete comes. `.kept` behind it: it was adopted, and nothing
 * showed that its objects were this resource's to delete.
 */
const OWNER_PREFIX = `${TAG_PREFIX}owner-of-`;
/** In the place of an owner: the one that was has given the export up, with its objects. */
export const HANDED_OVER = "handed-over";
const KEPT = "kept";
/** Beyond these, an export gets no such tag: a snapshot has twenty, and the mark of the next export needs one. */
const MOST_OWNER_TAGS = 10;

/** Tasks have the minute of their creation, and two clocks may differ a little. */
const TASK_TIME_SLACK_MS = 2 * 60_000;

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Two stacks may have a resource of the same name. */
export const markKey = ({ stack, resource }: Pick<Owner, "stack" | "resource">): string =>
  `${MARK_PREFIX}${stack}.${resource}`;

/** The stack and the resource that set a mark. */
export function ownerOfMark({ tag }: Mark): Pick<Owner, "stack" | "resource"> {
  const [stack = "", resource = ""] = tag.slice(MARK_PREFIX.length).split(".");
  return { stack, resource };
}

export type Holder = Pick<Mark, "resourceType" | "resourceId">;

/** What carries the marks of an image's exports, with all that are there. */
export interface ExportMarks {
  /** Where a mark is set now: the first that the cloud accepts. */
  readonly holders: readonly Holder[];
  readonly own: ExportMark | undefined;
  readonly others: readonly ExportMark[];
  /** Whether there is room for the tag that says whose the next export is. */
  readonly hasRoom: boolean;
}

/** Which creation an export belongs to, and the tag that records it. */
export interface ExportOwner {
  readonly mark: Mark;
  readonly creationId: string;
  /** Absent where it was handed over, and nobody has adopted it yet. */
  readonly owner?: Pick<Owner, "stack" | "resource">;
  /** Its objects are its owner's to delete. */
  readonly hasObjects: boolean;
}

export async function readExportMarks(owner: Owner, imageId: string, ctx: Context): Promise<ExportMarks> {
  const rows = await holdersOf(imageId, ctx);
  const marks = rows.flatMap(({ holder, row }) => (row ? marksOn(holder, row) : []));
  return {
    holders: rows.map(({ holder }) => holder),
    own: marks.find(({ mark }) => mark.tag === markKey(owner)),
    others: marks.filter(({ mark }) => mark.tag !== markKey(owner)),
    hasRoom: rows.flatMap(ownersOn).length < MOST_OWNER_TAGS,
  };
}

async function holdersOf(imageId: string, ctx: Context): Promise<{ holder: Holder; row?: ImageRow | SnapshotRow }[]> {
  const image = await readRecorded(imageId, ctx);
  const snapshot = await systemSnapshot(image, ctx);
  return [
    ...(snapshot ? [{ holder: onSnapshot(snapshot), row: snapshot }] : []),
    { holder: { resourceType: "image", resourceId: imageId }, ...(image && { row: image }) },
  ];
}

const onSnapshot = ({ SnapshotId }: SnapshotRow): Holder => ({ resourceType: "snapshot", resourceId: SnapshotId! });

/** By its task. A key in OSS, by which an export is adopted whose task is no longer listed, may be too long for it. */
const ownerKey = (id: string): string => OWNER_PREFIX + (id.includes("/") ? hash(id) : id);

const ownerTag = (id: string, { stack, resource }: Owner, ctx: Context, more: readonly string[] = []) => ({
  Key: ownerKey(id),
  Value: [ctx.creationId, stack, resource, ...more].join("."),
});

/** Persists that the creation of `ctx` now owns the export, and whether it may delete its objects. */
export async function takeOverExport(
  { id, imageId, hasObjects }: { readonly id: string; readonly imageId: string; readonly hasObjects: boolean },
  owner: Owner,
  ctx: Context,
): Promise<void> {
  const holders = (await holdersOf(imageId, ctx)).map(({ holder }) => holder);
  await tagFirst(holders, ownerTag(id, owner, ctx, hasObjects ? [] : [KEPT]), imageId, ctx);
}

/** The same of an export that has just begun, beside its mark. What cannot be written fails no export. */
export async function noteOwner(taskId: string, { resourceType, resourceId }: Holder, owner: Owner, ctx: Context) {
  const request = { ResourceType: resourceType, ResourceId: [resourceId], Tag: [ownerTag(taskId, owner, ctx)] };
  await ctx.ecs("TagResources", request).catch(() => undefined);
}

/** Undefined where nothing says whose it is. A snapshot can outlive its image, so it is found by the tag, too. */
export async function exportOwnerOf(id: string, imageId: string, ctx: Context): Promise<ExportOwner | undefined> {
  const key = ownerKey(id);
  let rows = await holdersOf(imageId, ctx);
  if (rows.every(({ row }) => !row)) {
    const tagged = await certainRows(ctx.ecs, "DescribeSnapshots", { Tag: [{ Key: key }] });
    rows = tagged.map((row) => ({ holder: onSnapshot(row), row }));
  }
  return rows.flatMap(ownersOn).find(({ mark }) => mark.tag === key);
}

/** The tags of exports of this resource that no longer exist. `isThere`: whether an export by this id does. */
export async function staleOwnersOf(
  { stack, resource }: Owner,
  imageId: string,
  isThere: (taskId: string) => boolean,
  ctx: Context,
): Promise<Mark[]> {
  return (await holdersOf(imageId, ctx))
    .flatMap(ownersOn)
    .filter(({ owner }) => owner?.stack === stack && owner.resource === resource)
    .filter(({ mark }) => mark.tag.startsWith(`${OWNER_PREFIX}t-`) && !isThere(mark.tag.slice(OWNER_PREFIX.length)))
    .map(({ mark }) => mark);
}

function ownersOn({ holder, row }: { holder: Holder; row?: ImageRow | SnapshotRow }): ExportOwner[] {
  return (row?.Tags?.Tag ?? []).flatMap(({ TagKey = "", TagValue = "" }) => {
    const [creationId = "", stack, resource, kept] = TagValue.split(".");
    if (!TagKey.startsWith(OWNER_PREFIX) || creationId === "") return [];
    const owner = stack && resource ? { owner: { stack, resource } } : {};
    const hasObjects = kept === undefined && (creationId === HANDED_OVER || "owner" in owner);
    return [{ mark: { ...holder, tag: TagKey }, creationId, ...owner, hasObjects }];
  });
}

async function systemSnapshot(image: ImageRow | undefined, ctx: Context): Promise<SnapshotRow | undefined> {
  const disks = image?.DiskDeviceMappings?.DiskDeviceMapping ?? [];
  const id = (disks.find(({ Type }) => Type === "system") ?? disks[0])?.SnapshotId;
  if (!id || (image?.ImageOwnerAlias ?? "self") !== "self") return undefined;
  const [snapshot] = await snapshotsOf([id], ctx);
  return snapshot;
}

export function marksOn(holder: Holder, { Tags }: ImageRow | SnapshotRow): ExportMark[] {
  return (Tags?.Tag ?? []).flatMap(({ TagKey = "", TagValue = "" }) => {
    const [head = "", ...earlier] = TagValue.split("/");
    const [format, fingerprint, place, from, until] = head.split(".");
    if (!TagKey.startsWith(MARK_PREFIX) || Number(format) !== FORMAT || !fingerprint || !place) return [];
    const [sinceMs, untilMs] = [Number.parseInt(from ?? "", 36) * 1_000, Number.parseInt(until ?? "", 36) * 1_000];
    return [{ mark: { ...holder, tag: TagKey }, fingerprint, place, sinceMs, untilMs, earlier }];
  });
}

/** What there is before an export begins. */
interface Before {
  readonly holders: readonly Holder[];
  readonly known: readonly TaskRow[];
  /** The mark of an interrupted export to the same place, which the new mark must go on covering. */
  readonly left?: ExportMark | undefined;
}

/** Sets the mark of an export that is about to begin. */
export async function setExportMark(
  owner: Owner,
  place: Place,
  { holders, known, left }: Before,
  ctx: Context,
): Promise<ExportMark> {
  const [sinceMs, untilMs] = [left?.sinceMs ?? ctx.clock.now(), ctx.deadlineMs];
  const others = known.filter((task) => !left || !isWithinMark(left)(task));
  const seconds = (ms: number) => Math.floor(ms / 1_000).toString(36);
  const parts = [FORMAT, owner.fingerprint, placeHash(place), seconds(sinceMs), seconds(untilMs)];
  const recent = others.filter(({ CreationTime }) => Date.parse(CreationTime ?? "") >= sinceMs - TASK_TIME_SLACK_MS);
  const earlier = recent.map(({ TaskId }) => hash(TaskId!));
  const value = [parts.join("."), ...earlier].join("/").slice(0, VALUE_LENGTH);
  const mark = await tagFirst(holders, { Key: markKey(owner), Value: value }, place.imageId, ctx);
  return { mark, fingerprint: owner.fingerprint, place: placeHash(place), sinceMs, untilMs, earlier };
}

async function tagFirst(
  holders: readonly Holder[],
  tag: { readonly Key: string; readonly Value: string },
  imageId: string,
  ctx: Context,
): Promise<Mark> {
  let refused: unknown;
  for (const holder of holders) {
    try {
      await ctx.ecs("TagResources", { ResourceType: holder.resourceType, ResourceId: [holder.resourceId], Tag: [tag] });
      return { ...holder, tag: tag.Key };
    } catch (error) {
      if (!isFailure(error, "Refused")) throw error;
      refused = error;
    }
  }
  if (reactionTo(refused) !== "gone") throw refused;
  throw new Failure(
    "Refused",
    `image ${imageId} is not a custom image of this account in ${ctx.regionId}, and only these can be exported. ` +
      "Check imageId and the region; copy an image that is shared with you before exporting it",
    (refused as Failure).detail,
  );
}

/** Whether a task can have come of the creation that set this mark. */
export const isWithinMark =
  ({ sinceMs, untilMs, earlier }: ExportMark) =>
  ({ TaskId = "", CreationTime }: TaskRow): boolean => {
    const createdMs = Date.parse(CreationTime ?? "");
    const isInTime = createdMs >= sinceMs - TASK_TIME_SLACK_MS && createdMs <= untilMs + TASK_TIME_SLACK_MS;
    return isInTime && !earlier.includes(hash(TaskId));
  };

export async function removeExportMark({ resourceType, resourceId, tag }: Mark, ctx: Context): Promise<void> {
  await ctx.ecs("UntagResources", { ResourceType: resourceType, ResourceId: [resourceId], TagKey: [tag] });
}
