import type { Ecs, ImageRow, SnapshotRow } from "../ecs/actions";
import type { Clock } from "../wait/clock";
import { type Closing, type Mark, pendingMark, writeClosings } from "./marks";
import { creationTags, isSameResource, type Owner, type OwnerTag, PENDING_TAG } from "./ownership";
import type { StackView } from "./stack-view";
import { type TaggedImage, TaggedImages } from "./tagged-images";

/**
 * Creations that end within this time of each other share one query for duplicates. It is not sent at once, because an
 * image may show its tags only when it is finished.
 */
const SHARED_MS = 10_000;
const AT_ANY_TIME = Number.NEGATIVE_INFINITY;

/**
 * What this process and interrupted ones have created in one region, and which of it the engine has recorded
 * (docs/adoption.md).
 *
 * The engine calls `create` alike for a first creation, after a kill, and for `up --replace`. The tag `pending` tells
 * them apart. It stays on an image until the engine's orderly end. Then it becomes `returned`, because an
 * orderly end does not prove that the engine could write its state. It is removed once a later run sees the record.
 */
export class PendingCreations {
  private readonly listed: TaggedImages;
  private readonly mine = new Map<string, { readonly owner: OwnerTag; readonly atMs: number }>();
  private readonly takenOver = new Set<string>();
  private readonly imported = new Set<string>();
  private readonly removals = new Set<string>();
  private readonly versions = new Map<string, ImageRow>();
  private readonly noVersions = new Set<string>();
  private readonly absent = new Set<string>();
  private readonly marks = new Map<string, Mark>();
  /** The stack of each image that this process made or took over. */
  private readonly stacks = new Map<string, string>();
  /** The time at which each id was returned to the engine. */
  private readonly deliveries = new Map<string, number>();
  private readonly ends = new Map<unknown, () => void>();
  private readonly openedMs: number;

  constructor(
    private readonly ecs: (doing: string) => Ecs,
    private readonly clock: Clock,
    private readonly stack: StackView,
  ) {
    this.listed = new TaggedImages(ecs, clock);
    this.openedMs = clock.now();
  }

  /** Pending images of one resource. One query serves everything that is about to be created. */
  pendingImagesOf(owner: Owner, since: "once" | "now" = "once"): Promise<TaggedImage[]> {
    return this.pendingOf(owner, since === "now" ? this.clock.now() : AT_ANY_TIME);
  }

  /**
   * What earlier runs left of resources that this run has not asked for: they were renamed or removed since, or are
   * not targeted. Known only when this run ends.
   */
  async leftByOthers(stack: string): Promise<() => TaggedImage[]> {
    const listed = await this.listed.inState("pending", stack, AT_ANY_TIME);
    const earlier = listed.filter(({ row }) => Date.parse(row?.CreationTime ?? "") < this.openedMs);
    return () => earlier.filter(({ id, owner }) => !this.isShown(id) && !this.stack.isAskedFor(owner));
  }

  /** The same, by a query that is recent enough to show what was made at the same time as `id`. */
  pendingImagesBeside(id: string, owner: Owner): Promise<TaggedImage[]> {
    const nowMs = this.clock.now();
    const { atMs } = this.mine.get(id) ?? { atMs: nowMs };
    return this.pendingOf(owner, nowMs - Math.min(SHARED_MS, (nowMs - atMs) / 2));
  }

  /** Images of one resource that a run returned to its engine, and that no later run has seen in the state. */
  async returnedImagesOf(owner: Owner): Promise<TaggedImage[]> {
    const listed = await this.listed.inState("returned", owner.stack, AT_ANY_TIME);
    return listed.filter((image) => this.isOf(owner, image));
  }

  /**
   * This account's images with an owner tag, read once for the whole run, with this run's changes. A list that lacks
   * `witness`, an image that must be in it, proves nothing: then all images are read.
   */
  async ownedImages(witness: string | undefined): Promise<ImageRow[]> {
    return this.asChanged(await this.listed.owned(witness));
  }

  /** The snapshots with an owner tag, read once for the whole run. They are deleted with their image. */
  ownedSnapshots(): Promise<SnapshotRow[]> {
    return this.listed.snapshots();
  }

  /** All images of this account, read once for the whole run. */
  async allImages(): Promise<ImageRow[]> {
    return this.asChanged(await this.listed.all());
  }

  /** Notes that the image is now a kept version with these tags. */
  kept(row: ImageRow): void {
    this.removals.add(row.ImageId!); // removed from the state, because it is one of the versions now
    this.versions.set(row.ImageId!, row);
  }

  /** This run has made it a version. */
  isKept(id: string): boolean {
    return this.versions.has(id);
  }

  versionDeleted(id: string): void {
    this.removals.add(id);
    this.versions.delete(id);
  }

  /** Notes that this run has proven that a recorded version is none. */
  noVersion(id: string): void {
    this.noVersions.add(id);
  }

  isNoVersion(id: string): boolean {
    return this.noVersions.has(id);
  }

  /** Notes that this run has proven that the image does not exist. */
  gone(id: string): void {
    this.absent.add(id);
  }

  isGone(id: string): boolean {
    return this.absent.has(id);
  }

  made(id: string, owner: Owner, creationId: string): void {
    this.mine.set(id, { owner: { ...owner, creationId }, atMs: this.clock.now() });
    this.stacks.set(id, owner.stack);
    this.marked(id);
  }

  /** Whether this process sent the call that created it. */
  isMade(id: string): boolean {
    return this.mine.has(id);
  }

  /**
   * Takes over what an interrupted run made. The image gets the new creation id, so that an older record no longer owns
   * it.
   */
  async takeOver(image: TaggedImage, owner: Owner, creationId: string): Promise<void> {
    await this.writeOwner(image, owner, creationId);
    this.takenOver.add(image.id);
  }

  /** Notes an export that was taken over, with its mark. */
  takeOverMarked(id: string, mark: Mark): void {
    this.takenOver.add(id);
    this.marked(id, mark);
  }

  isTakenOver(id: string): boolean {
    return this.takenOver.has(id);
  }

  /** Notes that the program adopts something that no creation of this package made. */
  adopted(id: string): void {
    this.imported.add(id);
    this.marks.delete(id); // its tag keeps saying that it was adopted
  }

  /**
   * Whether `create` returned something in this process that existed before, taken over or imported. An older record no
   * longer owns it.
   */
  isAdopted(id: string): boolean {
    return this.takenOver.has(id) || this.imported.has(id);
  }

  /** Whether the state has it: the engine passed its record to this process. */
  isShown(id: string): boolean {
    return this.stack.isShown(id);
  }

  /** The same, for the record with this creation id. */
  isShownAs(id: string, creationId: string): boolean {
    return this.stack.isShownAs(id, creationId);
  }

  /** Whether the engine runs no program. Then it deletes all records of what it deletes. */
  isDestroy(): boolean {
    return !this.stack.hasProgram;
  }

  removed(id: string): void {
    this.removals.add(id);
  }

  isRemoved(id: string): boolean {
    return this.removals.has(id);
  }

  /** Notes a mark to remove once the engine has recorded the resource. */
  marked(id: string, mark: Mark = pendingMark(id)): void {
    this.marks.set(id, mark);
  }

  isMarked(id: string): boolean {
    return this.marks.has(id);
  }

  /** Notes that it was returned to the engine. */
  delivered(id: string): void {
    if (!this.deliveries.has(id)) this.deliveries.set(id, this.clock.now());
  }

  /** `work` is called at the engine's orderly end, after its deletes; once for each key. */
  atEnd(work: () => void, key: unknown = work): void {
    this.ends.set(key, work);
  }

  /** Writes to the cloud what was returned to the engine at least `settledMs` ago. */
  async close(settledMs: number): Promise<void> {
    for (const work of this.ends.values()) work();
    await writeClosings(this.ecs("updating the tags of this run's images"), this.closings(settledMs));
  }

  private async pendingOf(owner: Owner, sinceMs: number): Promise<TaggedImage[]> {
    const listed = await this.listed.inState("pending", owner.stack, sinceMs);
    const own = [...this.mine].map(([id, made]): TaggedImage => ({ id, owner: made.owner }));
    const all = new Map([...listed, ...own].map((image) => [image.id, image]));
    return [...all.values()].filter((image) => this.isOf(owner, image) && !this.isShown(image.id));
  }

  private isOf(owner: Owner, image: TaggedImage): boolean {
    return isSameResource(image.owner, owner) && !this.isRemoved(image.id);
  }

  /** The rows with this run's changes. */
  private asChanged(rows: readonly ImageRow[]): ImageRow[] {
    const all = new Map([...rows, ...this.versions.values()].map((row) => [row.ImageId!, row]));
    return [...all.values()].filter(({ ImageId }) => this.versions.has(ImageId!) || !this.isRemoved(ImageId!));
  }

  private async writeOwner({ id, owner: from }: TaggedImage, owner: Owner, creationId: string): Promise<void> {
    const tags = creationTags(owner, creationId, from.madeBy ?? from.creationId);
    await this.ecs(`taking over ${id}`)("TagResources", { ResourceType: "image", ResourceId: [id], Tag: tags });
    this.stacks.set(id, owner.stack);
    this.marked(id);
  }

  /** The tags to write for everything that was returned to the engine. */
  private closings(settledMs: number): Closing[] {
    return [...this.deliveries].flatMap(([id, atMs]) => {
      const mark = this.marks.get(id);
      if (!mark || this.isRemoved(id) || this.isRemoved(mark.resourceId) || this.clock.now() - atMs < settledMs)
        return [];
      this.deliveries.delete(id);
      const isProven = mark.tag !== PENDING_TAG || !this.stacks.has(id);
      return [{ mark, returnedTo: isProven ? undefined : this.stacks.get(id) }];
    });
  }
}
