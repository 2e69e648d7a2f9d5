import type { Ecs, ImageRow, SnapshotRow } from "../ecs/actions";
import { certainRows } from "../ecs/pages";
import { ANY_IMAGE_STATUS } from "../ecs/queries";
import type { Clock } from "../wait/clock";
import { OWNER_TAG, type OwnerTag, ownerIn, PENDING_TAG, pendingIn, pendingValue, tagsIn } from "./ownership";

/** An image that a creation of this stack made, according to its tags. */
export interface TaggedImage {
  readonly id: string;
  readonly owner: OwnerTag;
  readonly row?: ImageRow;
}

/** A filter by tags finds at most this many, and does not report that there are more. */
const MOST_BY_TAG = 1_000;

/** A query that all callers of one run share. */
interface SharedQuery {
  readonly images: Promise<TaggedImage[]>;
  readonly atMs: number;
}

/** The contents of this account in one region, by tags. Each list is read once for the whole run. */
export class TaggedImages {
  /** All images of this account. */
  readonly all: () => Promise<ImageRow[]>;
  /** The snapshots with an owner tag. */
  readonly snapshots: () => Promise<SnapshotRow[]>;
  private readonly withOwner: () => Promise<ImageRow[]>;
  private readonly queries = new Map<string, SharedQuery>();

  constructor(
    private readonly ecs: (doing: string) => Ecs,
    private readonly clock: Clock,
  ) {
    this.all = once(() => imagesOfAccount(ecs, undefined));
    this.withOwner = once(() => imagesOfAccount(ecs, [{ Key: OWNER_TAG }]));
    this.snapshots = once(() =>
      certainRows(ecs("reading this account's snapshots"), "DescribeSnapshots", { Tag: [{ Key: OWNER_TAG }] }),
    );
  }

  /**
   * The images with an owner tag. If the list lacks `witness`, an image that must be in it, or reaches the limit of a
   * filter by tags, all images are read instead.
   */
  async owned(witness: string | undefined): Promise<ImageRow[]> {
    const rows = await this.withOwner();
    const isCertain = witness === undefined || rows.some(({ ImageId }) => ImageId === witness);
    return isCertain && rows.length < MOST_BY_TAG ? rows : await this.all();
  }

  /** The images of the stack with this pending tag, from a query that started no earlier than `sinceMs`. */
  inState(state: "pending" | "returned", stack: string, sinceMs: number): Promise<TaggedImage[]> {
    const value = pendingValue(state, stack);
    const known = this.queries.get(value);
    if (known && known.atMs >= sinceMs) return known.images;
    const query = { images: imagesTagged(this.ecs, state, value), atMs: this.clock.now() };
    this.queries.set(value, query);
    query.images.catch(() => {
      if (this.queries.get(value) === query) this.queries.delete(value); // the next one asks again
    });
    return query.images;
  }
}

/** Asks once and remembers the answer, but not a failure. */
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
    // Checks the row's own tags as well, because the index of tags may lag behind.
    return row.ImageId && owner && pendingIn(tags.get(PENDING_TAG)) === state ? [{ id: row.ImageId, owner, row }] : [];
  });
}
