import type { ImageRow } from "../../ecs/actions";
import { reactionTo } from "../../ecs/codes";
import { isFailure } from "../../failure";
import type { Context } from "../../lifecycle/context";
import { changeSharing, sharedWith } from "./sharing";

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  isFailure(error) && codes.includes(error.detail.code ?? "");

/** ECS deletes and deprecates no image that is shared with other accounts. */
export const isShared = (error: unknown): boolean => hasCode(error, "ImageUseShared");

/** Instances run from it, or others may use it: it can go once nobody does, and not before. */
export const isInUse = (error: unknown): boolean =>
  hasCode(error, "ImageUsingByInstance", "ImageUseShared", "ImageIsPublic");

/** The same as a list shows it, which may lag behind. */
export const isShownInUse = ({ Usage, IsSelfShared, IsPublic }: ImageRow): boolean =>
  Usage === "instance" || IsPublic === true || /^true$/i.test(String(IsSelfShared));

/** Deletes the image. `force`: also while instances use it, and with whomever it is shared. */
async function sendDelete(id: string, force: boolean, ctx: Context): Promise<void> {
  const send = () => ctx.ecs("DeleteImage", { ImageId: id, ...(force && { Force: true }) });
  try {
    await send();
  } catch (error) {
    if (!force || !isShared(error)) throw error;
    await changeSharing(id, "RemoveAccount", [...((await sharedWith(id, ctx)) ?? [])], ctx);
    await send();
  }
}

/** Deletes the image and waits until the cloud no longer lists it. Succeeds when it is gone already. */
export async function deleteImage(id: string, force: boolean, ctx: Context): Promise<void> {
  try {
    await sendDelete(id, force, ctx);
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
  }
  await ctx.images.until(id, {
    what: `image ${id}`,
    deadlineMs: ctx.deadlineMs,
    absenceConfirmed: true,
    report: (at) => ctx.show(at),
    evaluate: (row) =>
      row ? { is: "pending", at: `still listed as ${row.Status}` } : { is: "ready", value: undefined },
  });
}
