import { reactionTo } from "../../ecs/codes";
import { certainRows } from "../../ecs/pages";
import type { Context } from "../../lifecycle/context";

/** ECS silently ignores accounts beyond this many in one call. */
const ACCOUNTS_A_CALL = 10;

/** The accounts with which the image is shared; undefined if the image does not exist. */
export async function sharedWith(imageId: string, ctx: Context): Promise<Set<string> | undefined> {
  try {
    const rows = await certainRows(ctx.ecs, "DescribeImageSharePermission", { ImageId: imageId });
    return new Set(rows.map(({ AliyunId }) => AliyunId!));
  } catch (error) {
    if (reactionTo(error) === "gone") return undefined;
    throw error;
  }
}

type Change = "AddAccount" | "RemoveAccount";

export async function changeSharing(
  imageId: string,
  what: Change,
  accounts: readonly string[],
  ctx: Context,
): Promise<void> {
  for (let from = 0; from < accounts.length; from += ACCOUNTS_A_CALL) {
    const some = accounts.slice(from, from + ACCOUNTS_A_CALL);
    await ctx.ecs("ModifyImageSharePermission", { ImageId: imageId, [what]: some });
  }
}
