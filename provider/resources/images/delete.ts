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

/** What a forced delete does about a refusal: it ends the use of the image by others. */
const ENDS_USE: Readonly<Record<string, (id: string, ctx: Context) => Promise<unknown>>> = {
  ImageUseShared: async (id, ctx) => changeSharing(id, "RemoveAccount", [...((await sharedWith(id, ctx)) ?? [])], ctx),
  ImageIsPublic: (id, ctx) => ctx.ecs("ModifyImageSharePermission", { ImageId: id, IsPublic: false }),
};

/** Deletes the image. `force`: also while instances use it, with whomever it is shared, and if it is public. */
async function sendDelete(id: string, force: boolean, ctx: Context): Promise<void> {
  const ended = new Set<string>();
  for (;;) {
    try {
      await ctx.ecs("DeleteImage", { ImageId: id, ...(force && { Force: true }) });
      return;
    } catch (error) {
      const code = (isFailure(error) && error.detail.code) || "";
      const endUse = force && !ended.has(code) ? ENDS_USE[code] : undefined;
      if (!endUse) throw error;
      ended.add(code);
      await endUse(id, ctx);
    }
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
