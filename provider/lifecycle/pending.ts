import type { Ecs, ImageRow, SnapshotRow } from "../ecs/actions";
import { certainRows } from "../ecs/pages";
import { ANY_IMAGE_STATUS } from "../ecs/queries";
import type { Clock } from "../wait/clock";
import {
  isSameResource,
  OWNER_TAG,
  type Owner,
  type OwnerTag,
  ownerIn,
  ownerValue,
  PENDING_TAG,
  pendingIn,
  pendingValue,
} from "./ownership";

/** An image that some creation of this stack made, by its own tags. */
export interface TaggedImage {
  readonly id: string;
  readonly owner: OwnerTag;
  readonly row?: ImageRow;
}

/** A tag on something that the engine has not recorded yet. An export's mark is on a snapshot of its image. */
export interface Mark {
  readonly resourceType: "image" | "snapshot";
  readonly resourceId: string;
  readonly tag: string;
}

/**
 * What this process and interrupted ones have created in one region, and which of it the engine has recorded
 * (docs/adoption.md).
 *
 * The engine calls `create` alike for a first creation, after a kill, and for `up --replace`. The tag `pending`
 * distinguishes them. It stays on an image until the engine ends this process in order; then it says `returned`, since
 * an orderly end does not prove that the engine could write its state. It is removed once a later run shows the record.
 */
export interface PendingCreations {
  /** Pending images of one resource. The cloud is asked once for all that is about to be created. */
  pendingImagesOf(owner: Owner, since?: "once" | "now"): Promise<TaggedImage[]>;
  /** The same, including what has been listed since this process made `id`. */
  pendingImagesBeside(id: string, owner: Owner): Promise<TaggedImage[]>;
  /** Images of one resource that a run returned to its engine, and no later run has shown since. */
  returnedImagesOf(owner: Owner): Promise<TaggedImage[]>;
  /**
   * This account's images with an owner tag, read once for the whole run, with what this run has changed since. A list
   * that lacks `witness`, an image that must be in it, proves nothing; then, and beyond what a filter by tags finds,
   * all images are read.
   */
  ownedImages(witness: string | undefined): Promise<ImageRow[]>;
  /** The snapshots that carry an owner tag, read once for the whole run: they are to go with their image. */
  ownedSnapshots(): Promise<SnapshotRow[]>;
  /** Every image of this account, read once for the whole run. */
  allImages(): Promise<ImageRow[]>;
  /** The image is a kept version from now on, with these tags. */
  kept(row: ImageRow): void;
  versionDeleted(id: string): void;
  made(id: string, owner: Owner, creationId: string): void;
  /**
   * `create` returns what an interrupted run made. The image gets the new creation id, so that an older record no
   * longer owns it.
   */
  takeOver(id: string, owner: Owner, creationId: string): Promise<void>;
  /** The program adopts what no creation of this package made. */
  adopted(id: string): void;
  /** An export that was taken over, with its mark. */
  takeOverMarked(id: string, mark: Mark): void;
  isTakenOver(id: string): boolean;
  /**
   * `create` returned in this process what existed before: it was taken over, or imported. An older record no longer
   * owns it.
   */
  isAdopted(id: string): boolean;
  /** The state holds it: the engine passed its record to this process. */
  isShown(id: string): boolean;
  /** The same, of the record with this creation id. */
  isShownAs(id: string, creationId: string): boolean;
  /** The engine runs no program: whatever it deletes, it deletes all records of. */
  isDestroy(): boolean;
  removed(id: string): void;
  isRemoved(id: string): boolean;
  /** It carries a mark that has to come off once the engine has it. */
  marked(id: string, mark?: Mark): void;
  isMarked(id: string): boolean;
  /** It was returned to the engine. */
  delivered(id: string): void;
  /** Called when the engine ends this process in order, and its deletes have come. */
  atEnd(work: () => void): void;
  /** Records in the cloud what was returned to the engine at least `settledMs` ago. */
  close(settledMs: number): Promise<void>;
}

const BATCH_SIZE = 50;
/** A filter by tags finds no more than this, and does not say so. */
const MOST_BY_TAG = 1_000;
/**
 * Creations that end within so long of each other share a query for duplicates. An image may show its tags only when it
 * is finished.
 */
const SHARED_MS = 10_000;

const pendingMark = (resourceId: string): Mark => ({ resourceType: "image", resourceId, tag: PENDING_TAG });

/** One query of the cloud, shared by all that ask within one run. */
interface SharedQuery {
  readonly images: Promise<TaggedImage[]>;
  readonly atMs: number;
}

/** What this process knows of the state, from the engine's requests. */
export interface Shown {
  /** The ids, each with its creation ids, that it passed as recorded. */
  readonly records: Map<string, Set<string>>;
  /** It has checked what a program declares; in a `pulumi destroy` there is no program. */
  hasProgram: boolean;
}

export function pendingCreationsOf(
  ecs: (doing: string) => Ecs,
  clock: Clock,
  shown: Readonly<Shown>,
): PendingCreations {
  const mine = new Map<string, { owner: OwnerTag; atMs: number }>();
  const takenOver = new Set<string>();
  const imported = new Set<string>();
  const removed = new Set<string>();
  const delivered = new Map<string, number>();
  const marks = new Map<string, Mark>();
  /** The stack of each image that this process made or took over. */
  const stacks = new Map<string, string>();
  const queries = new Map<string, SharedQuery>();
  const ends: (() => void)[] = [];
  const kept = new Map<string, ImageRow>();
  const owned = once(() => imagesOfAccount(ecs, [{ Key: OWNER_TAG }]));
  const ownedSnapshots = once(() =>
    certainRows(ecs("reading this account's snapshots"), "DescribeSnapshots", { Tag: [{ Key: OWNER_TAG }] }),
  );
  const all = once(() => imagesOfAccount(ecs, undefined));

  /** The rows as this run has changed them. */
  const present = (rows: readonly ImageRow[]): ImageRow[] =>
    [...new Map([...rows, ...kept.values()].map((row) => [row.ImageId!, row])).values()].filter(
      ({ ImageId }) => kept.has(ImageId!) || !removed.has(ImageId!),
    );

  /** The images of the stack with this tag, by a query that began no earlier than `sinceMs`. */
  function tagged(state: "pending" | "returned", stack: string, sinceMs: number): Promise<TaggedImage[]> {
    const value = pendingValue(state, stack);
    const known = queries.get(value);
    if (known && known.atMs >= sinceMs) return known.images;
    const query = { images: imagesTagged(ecs, state, value), atMs: clock.now() };
    queries.set(value, query);
    query.images.catch(() => {
      if (queries.get(value) === query) queries.delete(value); // the next one asks again
    });
    return query.images;
  }

  const isOf = (owner: Owner) => (image: TaggedImage) => isSameResource(image.owner, owner) && !removed.has(image.id);

  async function pendingOf(owner: Owner, sinceMs: number): Promise<TaggedImage[]> {
    const listed = await tagged("pending", owner.stack, sinceMs);
    const own = [...mine].map(([id, made]): TaggedImage => ({ id, owner: made.owner }));
    const all = new Map([...listed, ...own].map((image) => [image.id, image]));
    return [...all.values()].filter(isOf(owner)).filter(({ id }) => !shown.records.has(id));
  }

  async function writeOwner(id: string, owner: Owner, creationId: string): Promise<void> {
    const tags = creationTags(owner, creationId);
    await ecs(`taking over ${id}`)("TagResources", { ResourceType: "image", ResourceId: [id], Tag: tags });
    stacks.set(id, owner.stack);
    marks.set(id, pendingMark(id));
  }

  /** What has to be written for everything that was returned to the engine. */
  function closings(settledMs: number): { readonly mark: Mark; readonly write: "untag" | "returned" }[] {
    return [...delivered].flatMap(([id, atMs]) => {
      const mark = marks.get(id);
      if (!mark || removed.has(id) || removed.has(mark.resourceId) || clock.now() - atMs < settledMs) return [];
      delivered.delete(id);
      const isProven = mark.tag !== PENDING_TAG || !stacks.has(id);
      return [{ mark, write: isProven ? ("untag" as const) : ("returned" as const) }];
    });
  }

  return {
    pendingImagesOf: (owner, since = "once") =>
      pendingOf(owner, since === "now" ? clock.now() : Number.NEGATIVE_INFINITY),
    pendingImagesBeside(id, owner) {
      const { atMs } = mine.get(id) ?? { atMs: clock.now() };
      return pendingOf(owner, clock.now() - Math.min(SHARED_MS, (clock.now() - atMs) / 2));
    },
    returnedImagesOf: async (owner) =>
      (await tagged("returned", owner.stack, Number.NEGATIVE_INFINITY)).filter(isOf(owner)),
    async ownedImages(witness) {
      const rows = await owned();
      const isCertain = witness === undefined || rows.some(({ ImageId }) => ImageId === witness);
      return present(isCertain && rows.length < MOST_BY_TAG ? rows : await all());
    },
    ownedSnapshots,
    allImages: async () => present(await all()),
    kept(row) {
      removed.add(row.ImageId!); // from the state: from now on it is one of the versions
      kept.set(row.ImageId!, row);
    },
    versionDeleted(id) {
      removed.add(id);
      kept.delete(id);
    },
    made(id, owner, creationId) {
      mine.set(id, { owner: { ...owner, creationId }, atMs: clock.now() });
      stacks.set(id, owner.stack);
      marks.set(id, pendingMark(id));
    },
    adopted(id) {
      imported.add(id);
      marks.delete(id); // its tag says for good that it was adopted
    },
    async takeOver(id, owner, creationId) {
      await writeOwner(id, owner, creationId);
      takenOver.add(id);
    },
    takeOverMarked(id, mark) {
      takenOver.add(id);
      marks.set(id, mark);
    },
    isTakenOver: (id) => takenOver.has(id),
    isAdopted: (id) => takenOver.has(id) || imported.has(id),
    isShown: (id) => shown.records.has(id),
    isShownAs: (id, creationId) => shown.records.get(id)?.has(creationId) ?? false,
    isDestroy: () => !shown.hasProgram,
    removed: (id) => void removed.add(id),
    isRemoved: (id) => removed.has(id),
    marked: (id, mark = pendingMark(id)) => void marks.set(id, mark),
    isMarked: (id) => marks.has(id),
    delivered: (id) => void (delivered.has(id) || delivered.set(id, clock.now())),
    atEnd: (work) => void ends.push(work),
    close: async (settledMs) => {
      for (const work of ends) work();
      await writeClosings(ecs("recording what the engine was given"), closings(settledMs), (id) => stacks.get(id));
    },
  };
}

/** Asks once and remembers the answer, but no failure. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () =>
    (answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    }));
}

const imagesOfAccount = (ecs: (doing: string) => Ecs, tags: { Key: string }[] | undefined): Promise<ImageRow[]> =>
  certainRows(ecs("reading this account's images"), "DescribeImages", {
    ImageOwnerAlias: "self",
    Status: ANY_IMAGE_STATUS,
    ...(tags && { Tag: tags }),
  });

async function imagesTagged(
  ecs: (doing: string) => Ecs,
  state: "pending" | "returned",
  value: string,
): Promise<TaggedImage[]> {
  const rows = await certainRows(ecs("looking for images of an interrupted run"), "DescribeImages", {
    ImageOwnerAlias: "self",
    Status: ANY_IMAGE_STATUS,
    Tag: [{ Key: PENDING_TAG, Value: value }],
  });
  return rows.flatMap((row) => {
    const tags = tagsIn(row);
    const owner = ownerIn(tags.get(OWNER_TAG));
    // By its own tags and not by the filter alone: the index of tags may lag behind.
    return row.ImageId && owner && pendingIn(tags.get(PENDING_TAG)) === state ? [{ id: row.ImageId, owner, row }] : [];
  });
}

/** Writes each kind of closing in batches, so that a thousand images take twenty calls. */
async function writeClosings(
  send: Ecs,
  closings: readonly { readonly mark: Mark; readonly write: "untag" | "returned" }[],
  stackOfImage: (id: string) => string | undefined,
): Promise<void> {
  const groups = new Map<string, { mark: Mark; value?: string; ids: string[] }>();
  for (const { mark, write } of closings) {
    const stack = write === "returned" ? stackOfImage(mark.resourceId) : undefined;
    const value = stack === undefined ? undefined : pendingValue("returned", stack);
    const key = JSON.stringify([mark.resourceType, mark.tag, value]);
    const group = groups.get(key) ?? { mark, ...(value !== undefined && { value }), ids: [] };
    group.ids.push(mark.resourceId);
    groups.set(key, group);
  }
  const calls = [...groups.values()].flatMap(({ mark: { resourceType, tag }, value, ids }) =>
    batches(ids).map((ResourceId) =>
      value === undefined
        ? send("UntagResources", { ResourceType: resourceType, ResourceId, TagKey: [tag] })
        : send("TagResources", { ResourceType: resourceType, ResourceId, Tag: [{ Key: tag, Value: value }] }),
    ),
  );
  await Promise.allSettled(calls);
}

const batches = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / BATCH_SIZE) }, (_, i) => ids.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE));

/** The tags of a row by their keys. */
export const tagsIn = (row: { Tags?: { Tag?: { TagKey?: string; TagValue?: string }[] } }): Map<string, string> =>
  new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey ?? "", TagValue ?? ""]));

/** The tags that a creating call carries. */
export const creationTags = (owner: Owner, creationId: string) => [
  { Key: OWNER_TAG, Value: ownerValue(owner, creationId) },
  { Key: PENDING_TAG, Value: pendingValue("pending", owner.stack) },
];
