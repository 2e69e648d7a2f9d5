// Finds the images that interrupted runs of a resource left.

import type { ImageRow } from "../../ecs/actions";
import type { Fields } from "../../fields/fields";
import type { Context } from "../../lifecycle/context";
import type { Owner } from "../../lifecycle/ownership";
import type { TaggedImage } from "../../lifecycle/tagged-images";
import type { ImageArgs } from "./args";
import { type Agrees, ownerFor } from "./kind";
import { readRecorded } from "./state";

/** The arguments of a creation, and how to recognize an image of it. */
interface Sought {
  readonly fields: Fields<ImageArgs>;
  readonly args: ImageArgs;
  readonly agrees: Agrees;
}

/** An interrupted run can be continued after a weekend. Older leftovers were not asked for now. */
const LEFTOVER_MAX_AGE_MS = 3 * 24 * 3_600_000;

/**
 * What an interrupted run of this resource created, if it can be taken over without doubt. One query serves all
 * creations, unless it must be of `now`.
 */
export async function findLeftover(
  sought: Sought,
  ctx: Context,
  since: "once" | "now" = "once",
): Promise<string | undefined> {
  const owner = ownerFor(sought, sought.args, ctx);
  const left = await ctx.pending.pendingImagesOf(owner, since);
  await warnOfLeftByOthers(owner, ctx);
  const [oldest] = await candidatesOf(left, sought, ctx);
  warnAbout(
    left.filter((image) => image !== oldest),
    ctx,
  );
  if (oldest === undefined) return undefined;
  await takeOver(oldest, sought, ctx);
  ctx.show(`took over ${oldest.id}`);
  return oldest.id;
}

/**
 * A second check after the creation, for what the query before it could not see: a list that lagged behind, a call of a
 * killed run that arrived late, another run at the same time. Of two images of one creation, the older one is kept. The
 * run that made the younger one has not returned it yet and discards it, so both runs keep the same image. With an
 * explicit name this is unnecessary, because ECS accepts a name only once.
 */
export async function findDuplicate(id: string, sought: Sought, ctx: Context): Promise<string | undefined> {
  if (givenName(sought.args, ctx) !== undefined) return undefined;
  const images = await ctx.pending.pendingImagesBeside(id, ownerFor(sought, sought.args, ctx));
  if (images.length < 2) return undefined;
  const [oldest] = await candidatesOf(images, sought, ctx);
  const older = oldest?.id === id ? undefined : oldest;
  const takenOver =
    older &&
    (await takeOver(older, sought, ctx).then(
      () => older,
      () => undefined,
    ));
  warnAbout(
    images.filter((image) => image.id !== id && image !== takenOver),
    ctx,
  );
  return takenOver?.id;
}

/** A leftover of an earlier URN is not taken over: another resource with the same arguments may have left it. */
async function warnOfLeftByOthers({ stack }: Owner, ctx: Context): Promise<void> {
  const left = await ctx.pending.leftByOthers(stack);
  ctx.pending.atEnd(() => {
    const ids = left().map(({ id }) => id);
    if (ids.length === 0) return;
    ctx.warn(
      `an interrupted run left ${ids.join(", ")} of a resource that this run has not asked for. The next run that ` +
        "asks for it takes over what it left. If it was renamed or removed, delete that: " +
        "npx pulumi-alicloud-image orphans",
    );
  }, "left by others");
}

/**
 * A targeted replacement (`--replace`) shows no old inputs, so its check started a new lineage. The image's own lineage
 * may have versions.
 */
function takeOver(image: TaggedImage, sought: Sought, ctx: Context): Promise<void> {
  ctx.continueLineage(image.owner.lineage);
  return ctx.pending.takeOver(image, ownerFor(sought, sought.args, ctx), ctx.creationId);
}

/**
 * The same for a creation that a later run finishes. The state has its image, so nothing else can be taken over: a
 * warning names what the lists did not show when that image was created.
 */
export async function warnOfOthers(id: string, owner: Owner, ctx: Context): Promise<void> {
  const images = await ctx.pending.pendingImagesOf(owner).catch(() => []);
  warnAbout(
    images.filter((image) => image.id !== id),
    ctx,
  );
}

/** The program's name for the image; undefined if each run makes up its own. */
const givenName = ({ imageName }: ImageArgs, { hasAutomaticName }: Context): string | undefined =>
  hasAutomaticName ? undefined : imageName;

/** Images that may belong to these arguments, the oldest first. */
async function candidatesOf(left: readonly TaggedImage[], sought: Sought, ctx: Context): Promise<TaggedImage[]> {
  const { args, agrees } = sought;
  const { fingerprint } = ownerFor(sought, args, ctx);
  const found: { image: TaggedImage; createdAt: string }[] = [];
  for (const image of left) {
    // It was listed, so it exists, even if other lists still lack it.
    const row = image.owner.fingerprint === fingerprint ? await readRecorded(image.id, ctx) : undefined;
    if (!row || isTooOld(row, ctx)) continue;
    const name = givenName(args, ctx);
    const hasName = name === undefined || row.ImageName === name;
    if (hasName && (await agrees(row))) found.push({ image, createdAt: row.CreationTime ?? "" });
  }
  // Creation times have no fractions of a second.
  const key = ({ createdAt, image }: (typeof found)[number]) => `${createdAt} ${image.id}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ image }) => image);
}

const isTooOld = (row: ImageRow, ctx: Context): boolean =>
  ctx.clock.now() - Date.parse(row.CreationTime ?? "") >
  Math.max(LEFTOVER_MAX_AGE_MS, ctx.deadlineMs - ctx.clock.now());

function warnAbout(left: readonly TaggedImage[], ctx: Context): void {
  if (left.length === 0) return;
  const ids = left.map(({ id }) => id).join(", ");
  ctx.warn(
    `an interrupted run of this resource left ${ids}, which cannot be taken over with certainty. ` +
      "If the state does not hold it, delete it: npx pulumi-alicloud-image orphans",
  );
}

/**
 * Warns of an image that an earlier run returned to its engine and that no run has seen since, although the resource is
 * created again. Either `--replace` is replacing it, and its delete follows in this run, or that run could not write
 * its state.
 */
export async function warnOfReturned(id: string, owner: Owner, ctx: Context): Promise<void> {
  const returned = await ctx.pending.returnedImagesOf(owner).catch(() => []);
  const unknown = returned.filter((image) => image.id !== id);
  ctx.pending.atEnd(() => {
    const left = unknown.filter((image) => !ctx.pending.isRemoved(image.id) && !ctx.pending.isShown(image.id));
    if (left.length === 0) return;
    ctx.warn(
      `an earlier run created ${left.map((image) => image.id).join(", ")} for this resource, and this run did not ` +
        "delete it. Unless this run failed, the state does not hold it: npx pulumi-alicloud-image orphans",
    );
  });
}
