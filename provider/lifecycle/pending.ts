import type { Ecs, ImageRow } from "../ecs/actions";
import type { Clock } from "../wait/clock";
import { OWNER_TAG, type Owner, ownerIn, ownerValue, PENDING_TAG } from "./ownership";

/** An image that some creation made and nobody handed over to the engine yet. */
export interface PendingImage {
  readonly id: string;
  readonly owner: Owner;
  readonly row?: ImageRow;
}

/** The tag that says of something that it was not handed over, and what carries it. An export is marked on what it exports. */
export interface Mark {
  readonly resourceType: "image" | "snapshot";
  readonly resourceId: string;
  readonly tag: string;
}

const openOn = (imageId: string): Mark => ({ resourceType: "image", resourceId: imageId, tag: PENDING_TAG });

/**
 * What this process and interrupted ones have made in one region, and which of it the engine knows about (docs/adoption.md).
 * `create` looks like a first creation in three situations; the tag `open` is what tells them apart, so it must stay on an image
 * until the engine has certainly written it into its state: until the engine, at its orderly end, tells this process to go.
 */
export interface PendingCreations {
  /** Open images of one resource. The cloud is asked once for all that is about to be made; what the process makes itself, it remembers. */
  openImagesOf(owner: Owner): Promise<PendingImage[]>;
  /** The same, with what has come to be listed since this process made `id`. */
  openImagesBeside(id: string, owner: Owner): Promise<PendingImage[]>;
  made(id: string, owner: Owner): void;
  /** `create` gives to the engine what an interrupted run made. */
  adopt(id: string, mark?: Mark): void;
  /** Whether this process adopted it: then a delete of the same id cannot be meant, since it is what the resource now is. */
  isAdopted(id: string): boolean;
  removed(id: string): void;
  /** It is marked as open: this run has done so, or one that was killed between two moments. */
  marked(id: string, mark?: Mark): void;
  isMarked(id: string): boolean;
  /** The engine has it, or is about to write it down: should it carry `open`, that comes off at the end. */
  delivered(id: string): void;
  /** Takes `open` off whatever was delivered `settledMs` ago or earlier. */
  close(settledMs: number): Promise<void>;
}

/** `DescribeImages` lists Available images only unless it is told otherwise. */
export const ANY_IMAGE_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated";
const UNTAG_SIZE = 50;

export function pendingCreationsOf(ecs: (doing: string) => Ecs, clock: Clock): PendingCreations {
  const mine = new Map<string, { owner: Owner; atMs: number }>();
  const adopted = new Set<string>();
  const removed = new Set<string>();
  const delivered = new Map<string, number>();
  const marks = new Map<string, Mark>();
  let found: { open: Promise<PendingImage[]>; atMs: number } | undefined;

  async function look(): Promise<PendingImage[]> {
    const ask = ecs("looking for images that an interrupted run has left");
    const left: PendingImage[] = [];
    for (let page = 1; ; page++) {
      const answer = await ask("DescribeImages", {
        ImageOwnerAlias: "self",
        Status: ANY_IMAGE_STATUS,
        Tag: [{ Key: PENDING_TAG }],
        PageNumber: page,
        PageSize: 100,
      });
      const rows = answer.Images?.Image ?? [];
      for (const row of rows) {
        const tags = new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]));
        const owner = ownerIn(tags.get(OWNER_TAG));
        // By its own tags and not by the filter alone: an index of tags may lag behind, and what is not open is a finished image of this very resource.
        if (row.ImageId && owner && tags.has(PENDING_TAG)) left.push({ id: row.ImageId, owner, row });
      }
      if (rows.length === 0 || page * 100 >= (answer.TotalCount ?? 0)) return left;
    }
  }

  /** Those of one resource, by a look that began no earlier than `sinceMs`. */
  async function openOf(owner: Owner, sinceMs: number): Promise<PendingImage[]> {
    if (!found || found.atMs < sinceMs) {
      const now = { open: look(), atMs: clock.now() };
      found = now;
      now.open.catch(() => {
        if (found === now) found = undefined; // the next one asks again
      });
    }
    const left = [...(await found.open), ...[...mine].map(([id, made]) => ({ id, owner: made.owner }))];
    return [...new Map(left.map((image) => [image.id, image])).values()].filter(
      (image) => image.owner.stack === owner.stack && image.owner.resource === owner.resource && !removed.has(image.id),
    );
  }

  return {
    openImagesOf: (owner) => openOf(owner, Number.NEGATIVE_INFINITY),
    openImagesBeside(id, owner) {
      const { atMs } = mine.get(id) ?? { atMs: clock.now() };
      return openOf(owner, atMs + (clock.now() - atMs) / 2); // so that what is finished at about the same time shares a look
    },
    made(id, owner) {
      mine.set(id, { owner, atMs: clock.now() });
      marks.set(id, openOn(id));
    },
    adopt(id, mark = openOn(id)) {
      adopted.add(id);
      marks.set(id, mark);
    },
    isAdopted: (id) => adopted.has(id),
    removed: (id) => void removed.add(id),
    marked: (id, mark = openOn(id)) => void marks.set(id, mark),
    isMarked: (id) => marks.has(id),
    delivered: (id) => void (delivered.has(id) || delivered.set(id, clock.now())),
    async close(settledMs) {
      const untag = ecs("recording what was handed over");
      const off = new Map<string, Mark[]>();
      for (const [id, atMs] of delivered) {
        const mark = marks.get(id);
        if (!mark || removed.has(mark.resourceId) || clock.now() - atMs < settledMs) continue;
        const alike = `${mark.resourceType} ${mark.tag}`;
        off.set(alike, [...(off.get(alike) ?? []), mark]);
        delivered.delete(id);
      }
      const calls = [...off.values()].flatMap((marks) =>
        Array.from({ length: Math.ceil(marks.length / UNTAG_SIZE) }, (_, i) =>
          marks.slice(i * UNTAG_SIZE, (i + 1) * UNTAG_SIZE),
        ),
      );
      await Promise.allSettled(
        calls.map((marks) =>
          untag("UntagResources", {
            ResourceType: marks[0]!.resourceType,
            ResourceId: marks.map(({ resourceId }) => resourceId),
            TagKey: [marks[0]!.tag],
          }),
        ),
      );
    },
  };
}

/** The tags that a creating call carries. */
export const creationTags = (owner: Owner, now: number) => [
  { Key: OWNER_TAG, Value: ownerValue(owner) },
  { Key: PENDING_TAG, Value: new Date(now).toISOString() },
];
