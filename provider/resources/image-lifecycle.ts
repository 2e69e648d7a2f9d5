import type { ImageRow } from "../ecs/actions";
import { reactionTo } from "../ecs/codes";
import { refusalsOf } from "../ecs/dry-run";
import { Failure, isFailure } from "../failure";
import type { ArgsRule } from "../fields/check";
import { type Fields, requestOf } from "../fields/fields";
import type { Lifecycle, Started } from "../lifecycle/lifecycle";
import { OWNER_TAG, ownerIn, ownerOf, PENDING_TAG, pendingIn, urnParts } from "../lifecycle/ownership";
import { creationTags, tagsIn } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import { type Complete, compact, type ImageArgs, type ImageOutputs, type Version } from "./image.args";
import { deleteImage } from "./image-delete";
import { automaticName, startNamed, updateNamed } from "./image-name";
import { type Agrees, findDuplicate, findLeftover, warnOfOthers, warnOfReturned } from "./image-recovery";
import { deleteSnapshots, snapshotsMadeBy, snapshotsOf, tagSnapshots } from "./image-snapshots";
import { imagePhase, imageWait, notePending, readRecorded } from "./image-state";
import { claimImage, updateImage } from "./image-update";
import { keepAsVersion, recordedVersions, replacedBy, versionOf, versionsOf } from "./image-versions";

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
  stateOf(row: ImageRow, known: Partial<State>, ctx: Context): Complete<State>;
  /** Waits until the image is ready; left out: by the image alone. May learn more of the state. */
  wait?(id: string, have: Partial<State>, ctx: Context): Promise<{ row: ImageRow; known?: Partial<State> }>;
  /** Cancels a creation that is under way, before the image is deleted. Succeeds when it has ended. */
  cancelCreating?(id: string, ctx: Context): Promise<void>;
  /** Ends what the cloud says keeps the image from being deleted. Returns whether there was something. */
  stopCreating?(id: string, have: Partial<State>, error: unknown, ctx: Context): Promise<boolean>;
  readonly inspect?: Lifecycle<Args, State>["inspect"];
  /** Sends the creating call so that the cloud only checks it. */
  dryRun?(args: Args, parameters: CreationParameters, ctx: Context): Promise<unknown>;
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
    return compact(kind.stateOf(row, known, ctx)) as unknown as State;
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

  /** Deletes one image with the snapshots that are to go with it. */
  async function removeOne(id: string, have: Partial<State>, ctx: Context): Promise<void> {
    if (imagePhase(have as SomeStatus, failed) === "unfinished") await kind.cancelCreating?.(id, ctx);
    if (!have.deleteSnapshots) return removeImage(id, have, ctx);
    const row = await readRecorded(id, imagePhase(have as SomeStatus, failed), ctx);
    const made = row ? (stateOf(row, have, ctx).snapshotIds ?? []) : [];
    const ids = await tagSnapshots(id, row, made, have.snapshotIds ?? [], ownerFor(have, ctx), ctx);
    await removeImage(id, have, ctx);
    await deleteSnapshots(ids, id, ctx);
  }

  /** Deletes kept versions, the oldest first, until `keep` are left. */
  async function pruneVersions(keep: number, have: Partial<State>, ctx: Context): Promise<void> {
    const versions = await versionsOf(ownerFor(have, ctx), ctx);
    for (const row of versions.slice(keep).reverse()) {
      const id = row.ImageId!;
      if (ctx.pending.isShown(id) && !ctx.pending.isRemoved(id)) continue; // the state holds it as a resource of its own
      // Which snapshots it made was tagged when it was kept: its source may be another one than the present image's.
      const made = have.deleteSnapshots ? await snapshotsMadeBy(id, row, ctx) : [];
      await removeImage(id, have, ctx);
      await deleteSnapshots(made, id, ctx);
    }
  }

  /** Keeps an image as a version. The snapshots that it made are tagged, since its record is about to go. */
  async function keep(id: string, have: Partial<State>, ctx: Context): Promise<void> {
    const row = have.deleteSnapshots ? await ctx.images.read(id) : undefined;
    const made = row ? (stateOf(row, have, ctx).snapshotIds ?? []) : [];
    if (row) await tagSnapshots(id, row, made, [], ownerFor(have, ctx), ctx);
    try {
      await keepAsVersion(id, ownerFor(have, ctx), ctx);
      ctx.pending.removed(id); // from the state: from now on it is one of the versions
    } catch (error) {
      if (reactionTo(error) !== "gone") throw error;
      await removeOne(id, have, ctx); // an interrupted destroy has deleted it, and perhaps not its snapshots
    }
  }

  /** A replaced image is kept as a version where the program asks for that; a destroyed one goes with all its versions. */
  async function remove(id: string, have: Partial<State>, ctx: Context): Promise<void> {
    const present = ctx.present(id);
    if (present === undefined || present.id === id) {
      await removeOne(id, have, ctx);
      if ((have.keepVersions ?? 0) > 0 || (have.previousVersions ?? []).length > 0) await pruneVersions(0, have, ctx);
      return;
    }
    const count = Number(present.inputs["keepVersions"] ?? 0);
    const isUsable = imagePhase(have as SomeStatus, failed) === "ready";
    if (count > 0 && isUsable) await keep(id, have, ctx);
    else await removeOne(id, have, ctx);
    if (count > 0 || (have.keepVersions ?? 0) > 0) await pruneVersions(count, have, ctx);
  }

  /** The versions as they are once the image that is being replaced has become one. */
  async function previousVersions(id: string, want: Args, ctx: Context): Promise<Version[]> {
    const keep = want.keepVersions ?? 0;
    if (keep === 0) return [];
    const rows = (await versionsOf(ownerFor(want, ctx), ctx)).filter(({ ImageId }) => ImageId !== id);
    if (ctx.retainsOnDelete) return rows.slice(0, keep).map(versionOf);
    const present = ctx.present()?.id;
    const replaced = await replacedBy(id, present === id ? undefined : present, ownerFor(want, ctx), ctx);
    const isKept = (row: ImageRow) => rows.some(({ ImageId }) => ImageId === row.ImageId);
    return [...replaced.filter((row) => !isKept(row)), ...rows].slice(0, keep).map(versionOf);
  }

  return {
    type,
    fields,
    argsRules,
    defaultTimeoutMs,
    describe,
    ...(kind.inspect && { inspect: kind.inspect }),
    ...(kind.dryRun && {
      dryRun: (args: Args, ctx: Context) => refusalsOf(async () => kind.dryRun!(args, parametersFor(args, ctx), ctx)),
    }),
    phase: (have) => imagePhase(have as SomeStatus, failed),
    summary: ({ imageId, status }) => `${imageId} is ${status}`,
    initialState: (id) => ({ imageId: id, status: "Creating", usable: false }) as Partial<State>,

    async findLeftover(args, ctx) {
      const id = await findLeftover(fields, args, ctx, kind.agrees(args, ctx));
      if (id !== undefined) await warnOfReturned(id, fields, args, ctx);
      return id;
    },
    async findDuplicate(id, args, ctx) {
      await warnOfReturned(id, fields, args, ctx);
      return findDuplicate(id, fields, args, ctx, kind.agrees(args, ctx));
    },

    start(args, ctx) {
      const owner = ownerFor(args, ctx);
      const wanted = { imageName: args.imageName, owner, failed: kind.failedStatuses, agrees: kind.agrees(args, ctx) };
      const own = () => findLeftover(fields, args, ctx, wanted.agrees, "now");
      return startNamed<State>(wanted, ctx, () =>
        onceImported(own, ctx, async () => {
          const started = await kind.send(args, parametersFor(args, ctx), ctx);
          ctx.pending.made(started.id, owner, ctx.creationId);
          return started;
        }),
      );
    },

    async waitUntilReady(id, args, have, ctx) {
      const waited = kind.wait
        ? await kind.wait(id, have, ctx)
        : {
            row: await ctx.images.until(id, imageWait(id, kind.failedStatuses, have as { creationTime?: string }, ctx)),
          };
      // On an image that was taken over, every tag that is not the package's comes from the interrupted run.
      const tags = ctx.pending.isTakenOver(id) ? undefined : { ...have.tags, ...args.tags };
      const wasReady = imagePhase(have as SomeStatus, failed) === "ready";
      if (!wasReady && ctx.pending.isShown(id)) await warnOfOthers(id, ownerFor(args, ctx), ctx);
      const { tags: _known, ...rest } = { ...have, ...("known" in waited ? waited.known : {}) } as Partial<State>;
      const versions = wasReady ? {} : { previousVersions: await previousVersions(id, args, ctx) };
      return stateOf(waited.row, { ...rest, ...(tags && { tags }), ...versions } as Partial<State>, ctx);
    },

    async updateInPlace(id, have, want, changed, ctx) {
      const update = () => updateImage(id, fields, have, want, changed, ctx);
      const updated = await updateNamed(
        { id, imageName: have.imageName },
        want.imageName,
        ownerFor(want, ctx),
        ctx,
        update,
      );
      const keep = want.keepVersions ?? 0;
      if (keep >= (have.keepVersions ?? 0)) return updated as Partial<State>;
      await pruneVersions(keep, have, ctx);
      return { ...updated, previousVersions: have.previousVersions.slice(0, keep) } as unknown as Partial<State>;
    },
    claim: (id, args, ctx) => claimImage(id, fields, args, ctx),

    async read(id, have, ctx) {
      const isRecorded = have.status !== undefined; // not so when it is only looked at, or imported
      const row = await readRecorded(id, isRecorded ? imagePhase(have as SomeStatus, failed) : "ready", ctx);
      if (row) {
        const state = stateOf(row, have, ctx);
        if ((have.keepVersions ?? 0) === 0) return state;
        const versions = await recordedVersions(id, have.previousVersions ?? [], ownerFor(have, ctx), ctx);
        return { ...state, previousVersions: versions.slice(0, have.keepVersions) };
      }
      // A delete that was interrupted between the two: if the image is forgotten now, its snapshots are never deleted.
      if (!have.deleteSnapshots) return undefined;
      const ids = await tagSnapshots(id, undefined, [], have.snapshotIds ?? [], ownerFor(have, ctx), ctx);
      const left: readonly string[] = (await snapshotsOf(ids, ctx)).map(({ SnapshotId }) => SnapshotId!);
      return left.length > 0 ? ({ ...have, status: DELETED, usable: false, snapshotIds: left } as State) : undefined;
    },

    async isOwnedBy(id, creationId, _have, ctx) {
      const row = await ctx.images.read(id);
      const tags = row ? tagsIn(row) : new Map<string, string>();
      const owner = ownerIn(tags.get(OWNER_TAG));
      if (owner === undefined || owner.creationId === creationId) return true;
      if (ctx.pending.isAdopted(id) || ctx.pending.isShownAs(id, owner.creationId)) return false;
      // A later run took the image over and its record was lost. This one is live, or is deleted together with all others.
      if (ctx.pending.isShownAs(id, creationId) || ctx.pending.isDestroy()) return true;
      // The later run was killed: if the state held its record, this process would have been shown it.
      return pendingIn(tags.get(PENDING_TAG)) === "pending";
    },

    async findExisting(given, _args, ctx) {
      const row = await ctx.images.read(given);
      if (!row) throw new Failure("Refused", `there is no image ${given} in ${ctx.regionId}`);
      if (row.ImageOwnerAlias !== undefined && row.ImageOwnerAlias !== "self")
        throw new Failure("Refused", `image ${given} belongs to ${row.ImageOwnerAlias}, not to this account`);
      return { id: given, state: compact(kind.stateOf(row, {}, ctx)) as unknown as State };
    },
    adoptExisting: (id, args, ctx) => ctx.pending.importExisting(id, ownerFor(args, ctx), ctx.creationId),

    remove,
    discard: (id, have, ctx) =>
      removeOne(id, "deleteSnapshots" in fields ? { ...have, deleteSnapshots: true } : have, ctx),
  };
}

const IMPORTING_PAUSE_MS = 15_000;

/** An import that is refused because the file is being imported may be this creation's own, of a run that was killed: that one is taken over. */
async function onceImported<State>(
  own: () => Promise<string | undefined>,
  ctx: Context,
  send: () => Promise<Started<State>>,
): Promise<Started<State>> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isFailure(error) || error.detail.code !== "ImageIsImporting") throw error;
      const id = await own();
      if (id !== undefined) return { id };
      if (ctx.clock.now() + IMPORTING_PAUSE_MS > ctx.deadlineMs) throw error;
      ctx.show("waiting: the file is being imported already");
      await ctx.pause(IMPORTING_PAUSE_MS);
    }
  }
}
