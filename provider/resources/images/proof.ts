import type { ImageRow } from "../../ecs/actions";
import { isFailure } from "../../failure";
import { type Fields, requestOf } from "../../fields/fields";
import type { Context } from "../../lifecycle/context";
import { creationTags, OWNER_TAG, ownerIn, tagsIn } from "../../lifecycle/ownership";
import type { ImageArgs } from "./args";
import { type CreationParameters, clientToken, tagParameters } from "./kind";
import { userTags } from "./state";

/**
 * ECS does not show the source of a copy or of a young image, and everybody who may tag images can write our tags. So
 * the creating call is sent again with its client token: if that call made the image, ECS returns the same id. The call
 * cannot create another image. If ECS does not know the token, the name is taken by the image itself, and names are
 * unique in a region.
 */
export interface CreatingCall<Args> {
  readonly fields: Fields<Args>;
  /** The program's current arguments. */
  readonly args: Args;
  /** Sends the call. */
  send(parameters: CreationParameters): Promise<{ readonly ImageId?: string }>;
}

/** A creation may send its call a second time, with another token, after it has freed the name. */
const ATTEMPTS = [1, 2];

/** Whether this call made the image. */
export async function isMadeByItsCall<Args extends ImageArgs>(
  row: ImageRow,
  call: CreatingCall<Args>,
  ctx: Context,
): Promise<boolean> {
  if (ctx.pending.isMade(row.ImageId!)) return true;
  for (const attempt of ATTEMPTS)
    for (const parameters of callsThatMayHaveMade(row, call, attempt))
      if ((await answerTo(parameters, call)) === row.ImageId) return true;
  return false;
}

/**
 * The call as it was sent. Values that the program may have changed since are taken from the image. The image shows a
 * resource group even if the program gave none.
 */
function callsThatMayHaveMade<Args extends ImageArgs>(
  row: ImageRow,
  { fields, args }: CreatingCall<Args>,
  attempt: number,
): CreationParameters[] {
  const owner = ownerIn(tagsIn(row).get(OWNER_TAG));
  if (!owner || !row.ImageName) return [];
  const { ImageName } = row;
  const madeBy = owner.madeBy ?? owner.creationId;
  const Tag = [...tagParameters(userTags(row, undefined)), ...creationTags(owner, madeBy)];
  const ClientToken = clientToken(madeBy, attempt);
  const groups = row.ResourceGroupId ? [row.ResourceGroupId, undefined] : [undefined];
  const likelyFirst = args.resourceGroupId === undefined ? groups.reverse() : groups;
  return likelyFirst.map((resourceGroupId) => {
    const imageFamily = row.ImageFamily || args.imageFamily;
    const sent = { ...args, imageFamily, description: row.Description || undefined, resourceGroupId };
    return { ...requestOf(fields, sent), ImageName, Tag, ClientToken };
  });
}

/** The image that the call made; undefined if ECS refuses the call. */
async function answerTo<Args>(parameters: CreationParameters, call: CreatingCall<Args>): Promise<string | undefined> {
  try {
    return (await call.send(parameters)).ImageId;
  } catch (error) {
    if (isFailure(error, "Refused")) return undefined;
    throw error;
  }
}
