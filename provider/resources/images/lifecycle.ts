import { refusalsOf } from "../../ecs/dry-run";
import { messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import type { Change, Lifecycle } from "../../lifecycle/lifecycle";
import { adoptExisting, findExisting, lostTo } from "./adoption";
import type { ImageArgs } from "./args";
import { creationParameters, startImage } from "./creation";
import { type ImageKind, type ImageState, ownerFor, phaseOf } from "./kind";
import { undoRenaming, updateNamed } from "./name";
import { endTests, readyImage } from "./ready";
import { findDuplicate, findLeftover, warnOfReturned } from "./recovery";
import { refreshedImage } from "./refresh";
import { pruneVersions, remove, removeOne } from "./removal";
import { deleteLeftSnapshots } from "./snapshots";
import { testRule } from "./test/args";
import { claimImage, updateImage } from "./update";

/**
 * The lifecycle of all images. `own` has what differs between kinds. Nothing here depends on a kind's own arguments.
 */
export const imageLifecycle = <Args extends ImageArgs, State extends Args & ImageState>(own: ImageKind<Args, State>) =>
  lifecycleOf(own as unknown as ImageKind) as unknown as Lifecycle<Args, State>;

function lifecycleOf(kind: ImageKind): Lifecycle<ImageArgs, ImageState> {
  const { type, fields, argsRules, defaultTimeoutMs, describe, inspect } = kind;
  return {
    type,
    fields,
    argsRules: [...argsRules, testRule],
    defaultTimeoutMs,
    describe,
    ...(inspect && { inspect }),
    ...dryRunOf(kind),
    reveals: { previousVersions: ["imageName"] },
    phase: (have) => phaseOf(kind, have),
    summary: ({ imageId, status }) => `${imageId} is ${status}`,
    initialState: (id) => ({ imageId: id, status: "Creating", usable: false }),
    ...searchesOf(kind),
    undoRoom: ({ imageName }, ctx) => undoRenaming(imageName, ctx),
    start: (args, ctx) => startImage(kind, args, ctx),
    waitUntilReady: (id, args, have, ctx) => readyImage(kind, { id, args, have }, ctx),
    updateInPlace: (id, change, ctx) => updateKind(kind, id, change, ctx),
    claim: (id, args, ctx) => claimImage(id, fields, args, ctx),
    read: (id, have, ctx) => refreshedImage(kind, id, have, ctx),
    lostTo: (id, creationId, have, ctx) => lostTo(id, creationId, ownerFor(kind, have, ctx), ctx),
    findExisting: (id, args, ctx) => findExisting(kind, id, args, ctx),
    adoptExisting: (id, args, ctx) => adoptExisting(id, ownerFor(kind, args, ctx), ctx),
    async remove(id, have, ctx) {
      await endTests(kind, id, have, ctx);
      await remove(kind, id, have, ctx);
    },
    async discard(id, have, ctx) {
      await endTests(kind, id, have, ctx);
      await removeOne(kind, id, { ...have, deleteSnapshots: true }, ctx);
    },
  };
}

const dryRunOf = (kind: ImageKind): Pick<Lifecycle<ImageArgs, ImageState>, "dryRun"> => {
  const { dryRun } = kind;
  if (!dryRun) return {};
  return {
    dryRun: (args, ctx) => refusalsOf(async () => dryRun(args, creationParameters(kind, args, ctx), ctx)),
  };
};

const searchesOf = (kind: ImageKind): Pick<Lifecycle<ImageArgs, ImageState>, "findLeftover" | "findDuplicate"> => ({
  async findLeftover(args, ctx) {
    const id = await findLeftover({ fields: kind.fields, args, agrees: kind.agrees(args, ctx) }, ctx);
    if (id === undefined) return undefined;
    const owner = ownerFor(kind, args, ctx); // now with the lineage that was taken over
    await warnOfReturned(id, owner, ctx);
    // The killed run may have been about to discard a duplicate of this image.
    await deleteLeftSnapshots(owner, ctx).catch((error) => ctx.warn(messageOf(error)));
    return id;
  },
  async findDuplicate(id, args, ctx) {
    await warnOfReturned(id, ownerFor(kind, args, ctx), ctx);
    return findDuplicate(id, { fields: kind.fields, args, agrees: kind.agrees(args, ctx) }, ctx);
  },
});

async function updateKind(
  kind: ImageKind,
  id: string,
  change: Change<ImageArgs, ImageState>,
  ctx: Context,
): Promise<Partial<ImageState>> {
  const { have, want } = change;
  const owner = ownerFor(kind, want, ctx);
  const names = { id, imageName: have.imageName, wanted: want.imageName, owner };
  const updated = await updateNamed(names, ctx, () => updateImage(id, kind.fields, change, ctx));
  const keep = want.keepVersions ?? 0;
  if (keep >= (have.keepVersions ?? 0)) return updated;
  const { forceDelete = false, deleteSnapshots = false } = want;
  const wanted = { ...have, forceDelete, deleteSnapshots };
  const left = await pruneVersions(kind, { keep, have: wanted, owner, witness: id }, ctx);
  return { ...updated, previousVersions: left };
}
