// Gives an image an explicit name that another image of the same resource may have.

import type { ImageRow } from "../../ecs/actions";
import { certainRows } from "../../ecs/pages";
import { ANY_IMAGE_STATUS } from "../../ecs/queries";
import { Failure, isFailure, messageOf } from "../../failure";
import { automaticName } from "../../fields/name";
import type { Context } from "../../lifecycle/context";
import type { Started } from "../../lifecycle/lifecycle";
import {
  isSameResource,
  OWNER_TAG,
  type Owner,
  type OwnerTag,
  ownerIn,
  PENDING_TAG,
  type PendingState,
  pendingIn,
  tagsIn,
} from "../../lifecycle/ownership";
import { deleteImage } from "./delete";
import type { ImageState } from "./kind";
import { isBeingCreated, readRecorded } from "./state";

/** What `startNamed` needs to know of the image that is to be created. */
interface Wanted {
  readonly imageName: string | undefined;
  readonly owner: Owner;
  /** The statuses that never become Available. */
  readonly failed: readonly string[];
  /** Whether the holder of the name is made from what was asked for. */
  agrees(row: ImageRow): boolean | Promise<boolean>;
}

/**
 * Sends the creating call of an image with an explicit name. Names are unique in a region, so when the image that is
 * being replaced has the name, it is renamed first and the call is sent again; it gets its name back if the new image
 * fails. Only an image with this resource's own owner tag is touched: any other is an error that says whose it is.
 */
export async function startNamed(
  wanted: Wanted,
  ctx: Context,
  send: () => Promise<Started<ImageState>>,
): Promise<Started<ImageState>> {
  const { imageName } = wanted;
  try {
    return await send();
  } catch (error) {
    if (imageName === undefined || !isNameTaken(error)) throw error;
    const holder = await listedHolderOf(imageName, ctx);
    if (!holder) throw error;
    return freeName(holder, { ...wanted, imageName }, ctx, send);
  }
}

const isNameTaken = (error: unknown) =>
  isFailure(error, "Refused") && error.detail.code === "InvalidImageName.Duplicated";

async function freeName(
  holder: Holder,
  { imageName, owner, failed, agrees }: Wanted & { readonly imageName: string },
  ctx: Context,
  send: () => Promise<Started<ImageState>>,
): Promise<Started<ImageState>> {
  if (!isOurs(holder, owner, ctx)) throw nameTaken(holder, imageName, owner);
  if (holder.pending === "pending" && holder.owner?.fingerprint === owner.fingerprint) {
    // Anybody who may tag images can write these tags. An image with another source is not this creation's.
    if (!(await agrees(holder.row))) throw nameTaken(holder, imageName, owner);
    ctx.continueLineage(holder.owner.lineage);
    const own = { ...owner, ...(ctx.lineage && { lineage: ctx.lineage.id }) };
    await ctx.pending.takeOver({ id: holder.id, owner: holder.owner }, own, ctx.creationId); // whose answer was lost
    return { id: holder.id };
  }
  if (failed.includes(holder.status)) {
    await deleteImage(holder.id, false, ctx); // ours, failed, of no use to anybody
    return send();
  }
  if (ctx.retainsOnDelete && !ctx.pending.isShown(holder.id)) {
    const what =
      `the name ${JSON.stringify(imageName)} belongs to image ${holder.id}, which this resource ` +
      "created and may retain";
    throw new Failure("Refused", `${what} (retainOnDelete). Choose another imageName, or rename or delete that image`);
  }
  const undo = await renameOld(holder.id, imageName, ctx);
  if (!ctx.pending.isShown(holder.id) && holder.pending !== "returned") {
    // `up --replace` shows no record, nor does a creation after `retainOnDelete` or `pulumi state delete`. One that was
    // only returned is named in a warning anyway.
    ctx.warn(
      `image ${holder.id} had the name ${imageName} and was renamed. If this run does not delete it, it was kept on ` +
        "purpose: rename it as you like",
    );
  }
  try {
    return { ...(await send()), undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

/** An image with its present name, and the one that its update asks for. */
interface Renaming {
  readonly id: string;
  readonly imageName: string | undefined;
  readonly wanted: string | undefined;
  readonly owner: Owner;
}

/**
 * Runs an update in place. The name that it asks for may be taken by what an interrupted replacement of the same
 * resource created: that image is renamed then, and named in a warning.
 */
export async function updateNamed<T>(
  { id, imageName: present, wanted: imageName, owner }: Renaming,
  ctx: Context,
  update: () => Promise<T>,
): Promise<T> {
  try {
    return await update();
  } catch (error) {
    if (imageName === undefined || !isNameTaken(error)) throw error;
    const holder = await listedHolderOf(imageName, ctx);
    if (!holder) throw error;
    if (!isOurs(holder, owner, ctx)) {
      if (holder.owner?.stack !== owner.stack || !ctx.pending.isShown(holder.id) || present === undefined)
        throw nameTaken(holder, imageName, owner);
      return exchangeNames({ id, imageName: present, held: nameTaken(holder, imageName, owner) }, ctx, update);
    }
    await renameOld(holder.id, imageName, ctx);
    if (holder.pending === "pending") {
      ctx.warn(
        `an interrupted replacement of this resource left ${holder.id}, which had the name ${imageName}. ` +
          "If the state does not hold it, delete it: npx pulumi-alicloud-image orphans",
      );
    }
    return update();
  }
}

/** How long another update of the same run has to give up the name. */
const EXCHANGE_MS = 60_000;

/**
 * Two images of one program exchange their names in updates that run at once: each gives up its own first, then waits
 * for the other's.
 */
async function exchangeNames<T>(
  { id, imageName, held }: { readonly id: string; readonly imageName: string; readonly held: Failure },
  ctx: Context,
  update: () => Promise<T>,
): Promise<T> {
  const undo = await renameOld(id, imageName, ctx);
  const untilMs = Math.min(ctx.deadlineMs, ctx.clock.now() + EXCHANGE_MS);
  for (;;) {
    try {
      return await update();
    } catch (error) {
      const isOver = !isNameTaken(error) || ctx.clock.now() + LAG_PAUSE_MS > untilMs;
      if (isOver) await undo();
      if (isOver) throw isNameTaken(error) ? held : error;
    }
    await ctx.pause(LAG_PAUSE_MS);
  }
}

/**
 * By its tags, through a rename; or by the record that the engine has shown, of an image that `Read` has adopted and
 * that has no tags yet.
 */
const isOurs = (holder: Holder, owner: Owner, ctx: Context): boolean =>
  holder.owner === undefined
    ? ctx.current()?.id === holder.id
    : isSameResource(holder.owner, owner) ||
      (holder.owner.resource === owner.resource && ctx.pending.isShown(holder.id));

function nameTaken(holder: Holder, imageName: string, owner: Owner): Failure {
  const name = JSON.stringify(imageName);
  const isOfStack = holder.owner?.stack === owner.stack;
  const advice = !isOfStack
    ? "Choose another imageName, or rename or delete that image"
    : holder.pending === "pending" && !isSameResource(holder.owner!, owner)
      ? "If an interrupted run left it, run the program of that time again, or delete it: npx pulumi-alicloud-image " +
        "orphans. Otherwise choose another imageName"
      : "If the resource was renamed in the program, give it an alias; otherwise choose another imageName";
  return new Failure(
    "Refused",
    `the name ${name} belongs to image ${holder.id}, which ${ownerText(holder, owner)}. ${advice}`,
  );
}

const ownerText = (holder: Holder, owner: Owner): string => {
  if (holder.owner === undefined) return "was not created by this package";
  if (isSameResource(holder.owner, owner))
    return "carries the tags of this resource, but ECS does not show that it was created from its arguments";
  return holder.owner.stack === owner.stack ? "belongs to another resource of this stack" : "belongs to another stack";
};

/** How long an image that no list shows yet may have a name. */
const LAG_MS = 60_000;
const LAG_PAUSE_MS = 5_000;

/**
 * The image that has the name. Where none is listed with it, the lists may lag behind, so they are read again for a
 * while. ECS may show no tags of an image that is being created, so whose such an image is shows only when it is
 * finished.
 */
async function listedHolderOf(imageName: string, ctx: Context): Promise<Holder | undefined> {
  const untilMs = Math.min(ctx.deadlineMs, ctx.clock.now() + LAG_MS);
  let wasUnclear = false;
  for (;;) {
    const holder = await holderOf(imageName, ctx);
    if (wasUnclear && holder?.owner && holder.pending !== "pending") throw createdMeanwhile(holder, imageName);
    const isUnclear = holder !== undefined && isBeingCreated(holder.row) && tagsIn(holder.row).size === 0;
    const isOver = ctx.clock.now() + LAG_PAUSE_MS > (isUnclear ? ctx.deadlineMs : untilMs);
    if (isOver || (holder && !isUnclear)) return holder;
    wasUnclear ||= isUnclear;
    const which = isUnclear ? `${holder.id}, which is still being created` : "an image that is not listed yet";
    ctx.show(`waiting: the name ${imageName} is taken by ${which}`);
    await ctx.pause(LAG_PAUSE_MS);
  }
}

/**
 * A killed run leaves its image pending. Any other state was written by a run that worked at the same time as this one.
 */
const createdMeanwhile = ({ id }: Holder, imageName: string): Failure =>
  new Failure(
    "Refused",
    `the name ${JSON.stringify(imageName)} belongs to image ${id}, which another run has just created. Run ` +
      "pulumi up again when no other run is under way",
  );

interface Holder {
  readonly id: string;
  readonly row: ImageRow;
  readonly status: string;
  readonly owner: OwnerTag | undefined;
  readonly pending: PendingState | undefined;
}

/** ECS matches names fuzzily, so all pages are read. */
async function holderOf(imageName: string, ctx: Context): Promise<Holder | undefined> {
  const rows = await certainRows(ctx.ecs, "DescribeImages", {
    ImageName: imageName,
    ImageOwnerAlias: "self",
    Status: ANY_IMAGE_STATUS,
  });
  const row = rows.find((image) => image.ImageName === imageName);
  if (!row?.ImageId) return undefined;
  const tags = tagsIn(row);
  return {
    id: row.ImageId,
    row,
    status: row.Status ?? "",
    owner: ownerIn(tags.get(OWNER_TAG)),
    pending: pendingIn(tags.get(PENDING_TAG)),
  };
}

const ASIDE = "replaced-";

/** Renames the image that is being replaced, and returns how to undo that. */
async function renameOld(id: string, imageName: string, ctx: Context): Promise<() => Promise<void>> {
  const aside = automaticName(imageName, `${ASIDE}${ctx.suffix()}`);
  await ctx.ecs("ModifyImageAttribute", { ImageId: id, ImageName: aside });
  ctx.show(`image ${id}, which had the name, is now named ${aside}`);
  return () => renameBack({ id, aside, imageName }, ctx);
}

const renameBack = (of: { id: string; aside: string; imageName: string }, ctx: Context): Promise<void> =>
  ctx.ecs("ModifyImageAttribute", { ImageId: of.id, ImageName: of.imageName }).then(
    () => undefined,
    (error: unknown) =>
      ctx.warn(`image ${of.id} is still named ${of.aside}, and not ${of.imageName} as before: ${messageOf(error)}`),
  );

/** The image that the state holds gets its name back, if an interrupted run renamed it for one that has failed. */
export async function undoRenaming(imageName: string | undefined, ctx: Context): Promise<void> {
  const id = ctx.current()?.id;
  if (imageName === undefined || id === undefined) return;
  const aside = (await readRecorded(id, ctx).catch(() => undefined))?.ImageName ?? "";
  const suffix = /-[0-9a-f]+$/.exec(aside)?.[0].slice(1) ?? "";
  if (aside === automaticName(imageName, `${ASIDE}${suffix}`)) await renameBack({ id, aside, imageName }, ctx);
}
