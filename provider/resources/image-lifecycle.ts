import type { ImageRow } from "../ecs/actions";
import { isFailure } from "../failure";
import type { ArgsRule, CheckFailure } from "../fields/check";
import { type Fields, requestOf } from "../fields/fields";
import type { Lifecycle, Started } from "../lifecycle/lifecycle";
import { OWNER_TAG, ownerIn, ownerOf, PENDING_TAG, pendingIn, urnParts } from "../lifecycle/ownership";
import { creationTags, tagsIn } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import type { ImageArgs, ImageOutputs } from "./image.args";
import { deleteImage } from "./image-delete";
import { automaticName, startNamed, updateNamed } from "./image-name";
import { type Agrees, findDuplicate, findLeftover, warnOfReturned } from "./image-recovery";
import { deleteSnapshots, existingSnapshots, tagSnapshots } from "./image-snapshots";
import { imagePhase, imageWait, notePending, readRecorded } from "./image-state";
import { claimImage, updateImage } from "./image-update";

/** Parameters that every creating call takes. */
export interface CreationParameters {
  readonly ImageName: string;
  readonly Tag: { Key: string; Value: string }[];
}

type SnapshotState = { readonly snapshotIds?: readonly string[]; readonly deleteSnapshots?: boolean };
type SomeStatus = { readonly status?: string; readonly usable?: boolean };
type AnyState = Omit<ImageOutputs, "osType"> & SnapshotState;

/** What one kind of image has of its own. The rest of its lifecycle is the same for all. */
export interface ImageKind<Args extends ImageArgs, State extends Args & AnyState> {
  readonly type: string;
  readonly fields: Fields<Args>;
  readonly argsRules: readonly ArgsRule<Args>[];
  readonly defaultTimeoutMs: number;
  /** The statuses that never become Available. */
  readonly failedStatuses: readonly string[];
  describe(args: Partial<Args>): string;
  /** Sends the creating call. */
  send(args: Args, parameters: CreationParameters, ctx: Context): Promise<Started<State>>;
  /** Whether an image is made from what the arguments ask for, by what the cloud shows of it. */
  agrees(args: Args, ctx: Context): Agrees;
  stateOf(row: ImageRow, known: Partial<State>, ctx: Context): State;
  /** Waits until the image is ready; left out: by the image alone. May learn more of the state. */
  wait?(id: string, have: Partial<State>, ctx: Context): Promise<{ row: ImageRow; known?: Partial<State> }>;
  /** Ends what keeps the image from being deleted while it is being made. Returns whether there was something. */
  stopCreating?(id: string, have: Partial<State>, error: unknown, ctx: Context): Promise<boolean>;
  readonly inspect?: Lifecycle<Args, State>["inspect"];
  dryRun?(args: Args, parameters: CreationParameters, ctx: Context): Promise<readonly CheckFailure[]>;
}

/** What is recorded of an image that is gone while snapshots of its own are not. It is not a status of ECS. */
const DELETED = "Deleted";

export function imageLifecycle<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
): Lifecycle<Args, State> {
  const { type, fields, argsRules, defaultTimeoutMs, describe } = kind;
  const failed = [...kind.failedStatuses, DELETED];
  const ownerFor = (args: Partial<Args>, ctx: Context) => ownerOf(ctx.urn, fields, args);

  const parametersFor = (args: Args, ctx: Context): CreationParameters => ({
    ...requestOf(fields, args),
    ImageName: args.imageName ?? automaticName(urnParts(ctx.urn).name, ctx.suffix()),
    Tag: [
      ...Object.entries(args.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
      ...creationTags(ownerFor(args, ctx), ctx.creationId),
    ],
  });

  function stateOf(row: ImageRow, known: Partial<State>, ctx: Context): State {
    notePending(row, ownerFor(known, ctx), ctx);
    return kind.stateOf(row, known, ctx);
  }

  /** Deletes the image, after ending what still creates it. */
  async function removeImage(id: string, have: Partial<State>, ctx: Context): Promise<void> {
    const force = have.forceDelete ?? false;
    try {
      await deleteImage(id, force, ctx);
    } catch (error) {
      if (!isFailure(error) || !(await kind.stopCreating?.(id, have, error, ctx))) throw error;
      await deleteImage(id, force, ctx);
    }
  }

  async function remove(id: string, have: Partial<State>, ctx: Context): Promise<void> {
    if (!have.deleteSnapshots) return removeImage(id, have, ctx);
    const row = await readRecorded(id, imagePhase(have as SomeStatus, failed), ctx);
    const made = row ? (stateOf(row, have, ctx).snapshotIds ?? []) : [];
    const ids = await tagSnapshots(id, row, made, have.snapshotIds ?? [], ownerFor(have, ctx), ctx);
    await removeImage(id, have, ctx);
    await deleteSnapshots(ids, id, ctx);
  }

  return {
    type,
    fields,
    argsRules,
    defaultTimeoutMs,
    describe,
    ...(kind.inspect && { inspect: kind.inspect }),
    ...(kind.dryRun && { dryRun: (args: Args, ctx: Context) => kind.dryRun!(args, parametersFor(args, ctx), ctx) }),
    phase: (have) => imagePhase(have as SomeStatus, failed),
    summary: ({ imageId, status }) => `${imageId} is ${status}`,
    initialState: (id) => ({ imageId: id, status: "Creating", usable: false }) as Partial<State>,

    findLeftover: (args, ctx) => findLeftover(fields, args, ctx, kind.agrees(args, ctx)),
    async findDuplicate(id, args, ctx) {
      await warnOfReturned(id, fields, args, ctx);
      return findDuplicate(id, fields, args, ctx, kind.agrees(args, ctx));
    },

    start(args, ctx) {
      const owner = ownerFor(args, ctx);
      const wanted = { imageName: args.imageName, owner, failed: kind.failedStatuses, agrees: kind.agrees(args, ctx) };
      return startNamed<State>(wanted, ctx, async () => {
        const started = await kind.send(args, parametersFor(args, ctx), ctx);
        ctx.pending.made(started.id, owner, ctx.creationId);
        return started;
      });
    },

    async waitUntilReady(id, args, have, ctx) {
      const waited = kind.wait
        ? await kind.wait(id, have, ctx)
        : { row: await ctx.images.until(id, imageWait(id, kind.failedStatuses, ctx)) };
      // On an image that was taken over, every tag that is not the package's comes from the interrupted run.
      const tags = ctx.pending.isTakenOver(id) ? undefined : { ...have.tags, ...args.tags };
      const { tags: _known, ...rest } = { ...have, ...("known" in waited ? waited.known : {}) } as Partial<State>;
      return stateOf(waited.row, { ...rest, ...(tags && { tags }) } as Partial<State>, ctx);
    },

    updateInPlace: (id, have, want, changed, ctx) =>
      updateNamed(want.imageName, ownerFor(want, ctx), ctx, () =>
        updateImage(id, fields, have, want, changed, ctx),
      ) as Promise<Partial<State>>,
    claim: (id, args, ctx) => claimImage(id, fields, args, ctx),

    async read(id, have, ctx) {
      const isRecorded = have.status !== undefined; // not so when it is only looked at, or imported
      const row = await readRecorded(id, isRecorded ? imagePhase(have as SomeStatus, failed) : "ready", ctx);
      if (row) return stateOf(row, have, ctx);
      // A delete that was interrupted between the two: if the image is forgotten now, its snapshots stay for ever.
      if (!have.deleteSnapshots) return undefined;
      const ids = await tagSnapshots(id, undefined, [], have.snapshotIds ?? [], ownerFor(have, ctx), ctx);
      const left = await existingSnapshots(ids, ctx);
      return left.length > 0 ? ({ ...have, status: DELETED, usable: false, snapshotIds: left } as State) : undefined;
    },

    async isOwnedBy(id, creationId, _have, ctx) {
      const row = await ctx.images.read(id);
      const tags = row ? tagsIn(row) : new Map<string, string>();
      const owner = ownerIn(tags.get(OWNER_TAG));
      if (owner === undefined || owner.creationId === creationId) return true;
      if (ctx.pending.isTakenOver(id) || ctx.pending.isShownAs(id, owner.creationId)) return false;
      // A run took the image over and was killed. If the state held that record, this process would have been shown it.
      return pendingIn(tags.get(PENDING_TAG)) === "pending";
    },

    remove,
    discard: (id, have, ctx) =>
      remove(id, "deleteSnapshots" in fields ? { ...have, deleteSnapshots: true } : have, ctx),
  };
}
