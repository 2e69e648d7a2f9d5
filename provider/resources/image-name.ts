import { Failure, isFailure, messageOf } from "../failure";
import type { Started } from "../lifecycle/lifecycle";
import { OWNER_TAG, type Owner, ownerIn, ownerValue, PENDING_TAG } from "../lifecycle/ownership";
import { ANY_IMAGE_STATUS } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import { amendImage, deleteImage, type ImageArgs } from "./image";

/** A name made of the resource's own and a random part, so that a new image never collides with the one that it replaces. */
export function automaticName(resourceName: string, suffix: string): string {
  const usable = resourceName
    .replaceAll(/[^A-Za-z0-9\p{Script=Han}.:_-]/gu, "-")
    .replace(/^(?![A-Za-z\p{Script=Han}])/u, "image-");
  const named = /^(aliyun|acs:|https?:)/i.test(usable) ? `image-${usable}` : usable;
  return `${[...named].slice(0, 128 - 1 - suffix.length).join("")}-${suffix}`;
}

/**
 * Sends the creating call of an image that shall have `imageName`. Names are unique in a region, so when the name is held by the
 * very image that is being replaced, that one steps aside and the call is sent again; it gets its name back should the new one
 * come to nothing. Only an image that carries this resource's own owner tag is touched: any other is an error that says whose it is.
 */
export async function startNamed<State>(
  imageName: string | undefined,
  owner: Owner,
  final: readonly string[],
  ctx: Context,
  send: () => Promise<Started<State>>,
): Promise<Started<State>> {
  try {
    return await send();
  } catch (error) {
    if (imageName === undefined || !isFailure(error, "Refused") || error.detail.code !== "InvalidImageName.Duplicated")
      throw error;
    const holder = await listedHolderOf(imageName, ctx);
    if (!holder) throw error;
    if (holder.isOpen && holder.owner !== undefined && ownerValue(holder.owner) === ownerValue(owner)) {
      ctx.pending.adopt(holder.id); // it was made by this very creation, whose answer was lost
      return { id: holder.id };
    }
    if (holder.owner?.resource !== owner.resource) throw heldBy(holder, imageName, owner);
    if (final.includes(holder.status)) {
      await deleteImage(holder.id, false, ctx); // ours, failed, of no use to anybody
      return await send();
    }
    const undo = await stepAside(holder.id, imageName, ctx);
    try {
      return { ...(await send()), undo };
    } catch (again) {
      await undo();
      throw again;
    }
  }
}

/**
 * Changes an image where it stands. A name that it shall have may be held by what an interrupted replacement of the same resource has
 * made: that one steps aside then, and is named.
 */
export async function amendNamed(
  id: string,
  owner: Owner,
  have: ImageArgs,
  want: ImageArgs,
  changed: readonly string[],
  ctx: Context,
): Promise<{ status?: string }> {
  try {
    return await amendImage(id, have, want, changed, ctx);
  } catch (error) {
    if (
      want.imageName === undefined ||
      !isFailure(error, "Refused") ||
      error.detail.code !== "InvalidImageName.Duplicated"
    )
      throw error;
    const holder = await holderOf(want.imageName, ctx);
    if (!holder) throw error;
    if (holder.owner?.resource !== owner.resource) throw heldBy(holder, want.imageName, owner);
    await stepAside(holder.id, want.imageName, ctx);
    if (holder.isOpen)
      ctx.warn(
        `an interrupted replacement of this resource has left ${holder.id}, which had the name ${want.imageName}. Delete it if it is of no use: npx pulumi-alicloud-image orphans`,
      );
    return amendImage(id, have, want, changed, ctx);
  }
}

const heldBy = (holder: { id: string; owner: Owner | undefined }, imageName: string, owner: Owner): Failure =>
  new Failure(
    "Refused",
    `the name ${JSON.stringify(imageName)} is held by image ${holder.id}, which ${whose(holder.owner, owner)}. Choose another imageName, or rename or delete that image`,
  );

/** How long a name may be taken by an image that no list shows yet. */
const LAG_MS = 60_000;
const LAG_PAUSE_MS = 5_000;

/** Who has the name; where nobody is listed with it, the lists may lag behind, so it is looked for again for a while. */
async function listedHolderOf(imageName: string, ctx: Context) {
  const untilMs = Math.min(ctx.deadlineMs, ctx.clock.now() + LAG_MS);
  for (;;) {
    const holder = await holderOf(imageName, ctx);
    if (holder || ctx.clock.now() + LAG_PAUSE_MS > untilMs) return holder;
    ctx.show(`the name ${imageName} is taken by an image that is not listed yet`);
    await ctx.clock.sleep(LAG_PAUSE_MS);
  }
}

async function holderOf(imageName: string, ctx: Context) {
  const answer = await ctx.ecs("DescribeImages", {
    ImageName: imageName,
    ImageOwnerAlias: "self",
    Status: ANY_IMAGE_STATUS,
    PageSize: 100,
  });
  const row = answer.Images?.Image?.find((image) => image.ImageName === imageName);
  if (!row?.ImageId) return undefined;
  const tags = new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]));
  return {
    id: row.ImageId,
    status: row.Status ?? "",
    owner: ownerIn(tags.get(OWNER_TAG)),
    isOpen: tags.has(PENDING_TAG),
  };
}

const whose = (holds: Owner | undefined, owner: Owner): string =>
  holds === undefined
    ? "no stack has made with this package"
    : holds.stack === owner.stack
      ? "belongs to another resource of this stack"
      : "belongs to another stack";

/** Renames the image that is being replaced, and returns how to take that back. */
async function stepAside(id: string, imageName: string, ctx: Context): Promise<() => Promise<void>> {
  const ending = `-replaced-${ctx.suffix()}`;
  const aside = `${[...imageName].slice(0, 128 - ending.length).join("")}${ending}`;
  await ctx.ecs("ModifyImageAttribute", { ImageId: id, ImageName: aside });
  ctx.show(`image ${id}, which had the name, is named ${aside} from now on`);
  return () =>
    ctx.ecs("ModifyImageAttribute", { ImageId: id, ImageName: imageName }).then(
      () => undefined,
      (error: unknown) =>
        ctx.warn(
          `image ${id} is still named ${aside}; it could not be given back the name ${imageName}: ${messageOf(error)}`,
        ),
    );
}
