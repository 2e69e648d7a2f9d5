import type { ImageRow } from "../ecs/actions";
import type { Fields } from "../fields/fields";
import { ownerOf } from "../lifecycle/ownership";
import type { PendingImage } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import type { ImageArgs } from "./image";

/** Whether an image comes from what was asked for, by what the cloud itself shows of it. */
type Agrees = (row: ImageRow) => boolean | Promise<boolean>;

/** What an interrupted run of this resource left, if it can be taken over without doubt: ours by both tags, and the same by what the cloud itself shows. */
export async function recoverImage<Args extends ImageArgs>(
  fields: Fields<Args>,
  args: Args,
  ctx: Context,
  agrees: Agrees,
): Promise<string | undefined> {
  const left = await ctx.pending.openImagesOf(ownerOf(ctx.urn, fields, args));
  const [oldest] = await candidatesOf(left, fields, args, ctx, agrees);
  warnOf(
    left.filter(({ id }) => id !== oldest),
    ctx,
  );
  if (oldest !== undefined) {
    ctx.pending.adopt(oldest);
    ctx.show(`going on with ${oldest}, which an interrupted run has started`);
  }
  return oldest;
}

/**
 * The second net, for what the look before a creation could not see: a list that lagged behind, a call of a killed run that arrived
 * late, another run at the same time. Of two images made for the same creation the older one stays: whoever made the younger
 * has not handed it over and gives it up, so that both come to the same. A name that was asked for needs no net: it can only be had once.
 */
export async function olderTwin<Args extends ImageArgs>(
  id: string,
  fields: Fields<Args>,
  args: Args,
  ctx: Context,
  agrees: Agrees,
): Promise<string | undefined> {
  if (args.imageName !== undefined) return undefined;
  const twins = await ctx.pending.openImagesBeside(id, ownerOf(ctx.urn, fields, args));
  if (twins.length < 2) return undefined;
  const candidates = await candidatesOf(twins, fields, args, ctx, agrees);
  const oldest = candidates[0] === id ? undefined : candidates[0];
  warnOf(
    twins.filter((twin) => twin.id !== id && twin.id !== oldest),
    ctx,
  );
  if (oldest !== undefined) ctx.pending.adopt(oldest);
  return oldest;
}

/** Those that may be what these arguments ask for, the oldest first. */
async function candidatesOf<Args extends ImageArgs>(
  left: readonly PendingImage[],
  fields: Fields<Args>,
  args: Args,
  ctx: Context,
  agrees: Agrees,
): Promise<string[]> {
  const { fingerprint } = ownerOf(ctx.urn, fields, args);
  const found: { id: string; createdAt: string }[] = [];
  for (const { id, owner } of left) {
    const row = owner.fingerprint === fingerprint ? await ctx.images.read(id) : undefined;
    if (row && (args.imageName === undefined || row.ImageName === args.imageName) && (await agrees(row)))
      found.push({ id, createdAt: row.CreationTime ?? "" });
  }
  const key = ({ createdAt, id }: (typeof found)[number]) => `${createdAt} ${id}`; // times are told to the second
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ id }) => id);
}

function warnOf(left: readonly PendingImage[], ctx: Context): void {
  if (left.length === 0) return;
  const ids = left.map(({ id }) => id).join(", ");
  ctx.warn(
    `an interrupted run of this resource has left ${ids}, which cannot be taken over with certainty. Look at it, and delete it if the state does not hold it: npx pulumi-alicloud-image orphans`,
  );
}
