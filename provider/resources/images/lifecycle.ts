import type { ImageRow } from "../../ecs/actions";
import { refusalsOf } from "../../ecs/dry-run";
import { isFailure } from "../../failure";
import { requestOf } from "../../fields/fields";
import { automaticName } from "../../fields/name";
import type { Context } from "../../lifecycle/context";
import type { Lifecycle, Started } from "../../lifecycle/lifecycle";
import { creationTags, type Owner, urnParts } from "../../lifecycle/ownership";
import { adoptExisting, findExisting, lostTo } from "./adoption";
import type { ImageArgs, ImageOutputs } from "./args";
import { type AnyState, type CreationParameters, DELETED, type ImageKind, ownerFor, phaseOf, stateOf } from "./kind";
import { startNamed, updateNamed } from "./name";
import { findDuplicate, findLeftover, warnOfOthers, warnOfReturned } from "./recovery";
import { pruneVersions, remove, removeOne } from "./removal";
import { snapshotsOf, tagSnapshots } from "./snapshots";
import { imageWait, readRecorded, warnOfRisks } from "./state";
import { testImage } from "./test";
import { testRule } from "./test/args";
import { deleteInstances, type Subject } from "./test/instance";
import { isUntested } from "./test/state";
import { claimImage, updateImage } from "./update";
import { previousVersions, recordedVersions, versionOf, versionsOf } from "./versions";

export function imageLifecycle<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
): Lifecycle<Args, State> {
  const { type, fields, argsRules, defaultTimeoutMs, describe } = kind;
  const ownerOf = (args: Partial<Args>, ctx: Context) => ownerFor(kind, args, ctx);

  const subjectOf = (imageId: string, args: Partial<Args>, ctx: Context): Subject => ({
    imageId,
    owner: ownerOf(args, ctx),
    tags: args.tags ?? {},
  });

  /** The result of the test that the image has passed, now or before. What the program imports is not tested. */
  async function testResultOf(row: ImageRow, args: Args, have: Partial<State>, ctx: Context) {
    const { test } = args;
    const id = row.ImageId!;
    const isImported = ctx.isAdopted || (ctx.pending.isAdopted(id) && !ctx.pending.isTakenOver(id));
    if (test === undefined || isImported || !isUntested({ ...(have as Partial<ImageOutputs>), test }))
      return have.testResult;
    return testImage(row, test, subjectOf(id, args, ctx), ctx);
  }

  /** An image is in use as long as an instance of its test is there. */
  async function endTests(id: string, have: Partial<State>, ctx: Context): Promise<void> {
    if (isUntested(have as Partial<ImageOutputs>)) await deleteInstances(subjectOf(id, have, ctx), ctx);
  }

  const parametersFor = (args: Args, ctx: Context): CreationParameters => ({
    ...requestOf(fields, args),
    ImageName: args.imageName ?? automaticName(urnParts(ctx.urn).name, ctx.suffix()),
    Tag: [
      ...Object.entries(args.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
      ...creationTags(ownerOf(args, ctx), ctx.creationId),
    ],
  });

  return {
    type,
    fields,
    argsRules: [...argsRules, testRule],
    defaultTimeoutMs,
    describe,
    ...(kind.inspect && { inspect: kind.inspect }),
    ...(kind.dryRun && {
      dryRun: (args: Args, ctx: Context) => refusalsOf(async () => kind.dryRun!(args, parametersFor(args, ctx), ctx)),
    }),
    reveals: { previousVersions: ["imageName"] },
    phase: (have) => phaseOf(kind, have),
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
      const owner = ownerOf(args, ctx);
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
        ? await kind.wait(id, have, ctx, args)
        : {
            row: await ctx.images.until(id, imageWait(id, kind.failedStatuses, have as { creationTime?: string }, ctx)),
          };
      const testResult = await testResultOf(waited.row, args, have, ctx);
      // On an image that was taken over, every tag that is not the package's comes from the interrupted run.
      const tags = ctx.pending.isTakenOver(id) ? undefined : { ...have.tags, ...args.tags };
      const wasReady = phaseOf(kind, have) === "ready";
      if (!wasReady && ctx.pending.isShown(id)) await warnOfOthers(id, ownerOf(args, ctx), ctx);
      const known = {
        ...have,
        status: waited.row.Status,
        test: args.test,
        testResult,
        ...("known" in waited ? waited.known : {}),
      };
      const { tags: _known, ...rest } = known as Partial<State>;
      const versions = wasReady
        ? {}
        : { previousVersions: await previousVersions(id, args.keepVersions ?? 0, ownerOf(args, ctx), ctx) };
      const ready = stateOf(kind, waited.row, { ...rest, ...(tags && { tags }), ...versions } as Partial<State>, ctx);
      if (!wasReady) warnOfRisks(id, ready.detection, have.detection, ctx);
      return ready;
    },

    async updateInPlace(id, have, want, changed, ctx) {
      const update = () => updateImage(id, fields, have, want, changed, ctx);
      const updated = await updateNamed(
        { id, imageName: have.imageName },
        want.imageName,
        ownerOf(want, ctx),
        ctx,
        update,
      );
      const keep = want.keepVersions ?? 0;
      if (keep >= (have.keepVersions ?? 0)) return updated as Partial<State>;
      const wanted = { ...have, forceDelete: want.forceDelete ?? false };
      const left = await pruneVersions(kind, keep, wanted, ownerOf(want, ctx), ctx, { witness: id });
      return { ...updated, previousVersions: left } as unknown as Partial<State>;
    },
    claim: (id, args, ctx) => claimImage(id, fields, args, ctx),

    async read(id, have, ctx) {
      const isRecorded = have.status !== undefined; // not so when it is only looked at, or imported
      const row = isRecorded ? await readRecorded(id, ctx) : await ctx.images.read(id);
      if (row) {
        const state = stateOf(kind, row, have, ctx);
        if (!isRecorded) return state;
        warnOfRisks(id, state.detection, have.detection, ctx);
        const versions = await recordedVersions(id, have.previousVersions ?? [], ownerOf(have, ctx), ctx);
        return { ...state, previousVersions: versions };
      }
      return isRecorded ? withoutImage(id, have, ownerOf(have, ctx), ctx) : undefined;
    },

    lostTo: (id, creationId, have, ctx) => lostTo(id, creationId, ownerOf(have, ctx), ctx),

    findExisting: (id, args, ctx) => findExisting(kind, id, args, ctx),
    adoptExisting: (id, args, ctx) => adoptExisting(id, ownerOf(args, ctx), ctx),

    async remove(id, have, ctx) {
      await endTests(id, have, ctx);
      await remove(kind, id, have, ctx);
    },
    async discard(id, have, ctx) {
      await endTests(id, have, ctx);
      await removeOne(kind, id, "deleteSnapshots" in fields ? { ...have, deleteSnapshots: true } : have, ctx);
    },
  };
}

/**
 * What the state still has to hold of a resource whose image is gone: if it is forgotten, nothing deletes its versions
 * and snapshots.
 */
async function withoutImage<State extends Partial<AnyState>>(
  id: string,
  have: Partial<State>,
  owner: Owner,
  ctx: Context,
): Promise<State | undefined> {
  const recorded = have.deleteSnapshots ? (have.snapshotIds ?? []) : [];
  const ids = have.deleteSnapshots ? await tagSnapshots(id, undefined, [], recorded, owner, ctx) : [];
  const snapshotIds = (await snapshotsOf(ids, ctx)).map(({ SnapshotId }) => SnapshotId!);
  const kept = await versionsOf(owner, id, ctx);
  if (kept.length + snapshotIds.length === 0) return undefined;
  return {
    ...have,
    status: DELETED,
    usable: false,
    previousVersions: kept.map(({ row }) => versionOf(row)),
    ...(have.deleteSnapshots && { snapshotIds }),
  } as unknown as State;
}

const IMPORTING_PAUSE_MS = 15_000;

/**
 * An import that is refused because the file is being imported may be this creation's own, of a run that was killed:
 * that one is taken over.
 */
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
