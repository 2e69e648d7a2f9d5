import { refusalsOf } from "../../ecs/dry-run";
import { messageOf } from "../../failure";
import type { Context } from "../../lifecycle/context";
import type { Change, Lifecycle } from "../../lifecycle/lifecycle";
import { adoptExisting, findExisting, lostTo } from "./adoption";
import type { ImageArgs } from "./args";
import { creationParameters, startImage } from "./creation";
import { type AnyState, type ImageKind, ownerFor, phaseOf } from "./kind";
import { undoRenaming, updateNamed } from "./name";
import { endTests, readyImage } from "./ready";
import { findDuplicate, findLeftover, warnOfReturned } from "./recovery";
import { refreshedImage } from "./refresh";
import { pruneVersions, remove, removeOne } from "./removal";
import { deleteLeftSnapshots } from "./snapshots";
import { testRule } from "./test/args";
import { claimImage, updateImage } from "./update";

/** The lifecycle that all images share; `kind` says what differs. */
export function imageLifecycle<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
): Lifecycle<Args, State> {
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
    initialState: (id) => ({ imageId: id, status: "Creating", usable: false }) as Partial<State>,
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

const dryRunOf = <Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
): Pick<Lifecycle<Args, State>, "dryRun"> => {
  const { dryRun } = kind;
  if (!dryRun) return {};
  return {
    dryRun: (args, ctx) => refusalsOf(async () => dryRun(args, creationParameters(kind, args, ctx), ctx)),
  };
};

const searchesOf = <Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
): Pick<Lifecycle<Args, State>, "findLeftover" | "findDuplicate"> => ({
  async findLeftover(args, ctx) {
    const id = await findLeftover({ fields: kind.fields, args, agrees: kind.agrees(args, ctx) }, ctx);
    if (id === undefined) return undefined;
    const owner = ownerFor(kind, args, ctx); // of the lineage that was taken over
    await warnOfReturned(id, owner, ctx);
    // The killed run may have been about to discard a twin of this image.
    await deleteLeftSnapshots(owner, ctx).catch((error) => ctx.warn(messageOf(error)));
    return id;
  },
  async findDuplicate(id, args, ctx) {
    await warnOfReturned(id, ownerFor(kind, args, ctx), ctx);
    return findDuplicate(id, { fields: kind.fields, args, agrees: kind.agrees(args, ctx) }, ctx);
  },
});

async function updateKind<Args extends ImageArgs, State extends Args & AnyState>(
  kind: ImageKind<Args, State>,
  id: string,
  change: Change<Args, State>,
  ctx: Context,
): Promise<Partial<State>> {
  const { have, want } = change;
  const owner = ownerFor(kind, want, ctx);
  const names = { id, imageName: have.imageName, wanted: want.imageName, owner };
  const updated = await updateNamed(names, ctx, () => updateImage(id, kind.fields, change, ctx));
  const keep = want.keepVersions ?? 0;
  if (keep >= (have.keepVersions ?? 0)) return updated as Partial<State>;
  const wanted = { ...have, forceDelete: want.forceDelete ?? false };
  const left = await pruneVersions(kind, { keep, have: wanted, owner, witness: id }, ctx);
  return { ...updated, previousVersions: left } as unknown as Partial<State>;
}
