import { reactionTo } from "../ecs/codes";
import type { Context } from "../lifecycle/session";

/** Deletes the image and waits until the cloud no longer lists it. Succeeds when it is gone already. */
export async function deleteImage(id: string, force: boolean, ctx: Context): Promise<void> {
  try {
    await ctx.ecs("DeleteImage", { ImageId: id, ...(force && { Force: true }) });
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
