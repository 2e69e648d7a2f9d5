import type { ImageRow, Request } from "../../ecs/actions";
import { isFailure } from "../../failure";
import { requestOf } from "../../fields/fields";
import type { Context } from "../../lifecycle/context";
import { creationTags, OWNER_TAG, ownerIn, tagsIn } from "../../lifecycle/ownership";
import { type CreationParameters, clientToken, tagParameters } from "../images/kind";
import { userTags } from "../images/state";
import { type ImageCopyArgs, imageCopyFields } from "./args";

/**
 * ECS does not show what a copy was made from, and anybody who may tag images can write our tags. So ECS is asked
 * whether the call of the creation in the owner tag made the image: that call, sent again with its client token, is
 * answered with the same id. It makes nothing: where ECS does not know the call, or not any more, the name that it asks
 * for is taken by the image itself, and names are unique in a region.
 */

export const copyRequest = (parameters: CreationParameters, ctx: Context): Request<"CopyImage"> => {
  const { ImageName, ...others } = parameters;
  return { ...others, DestinationRegionId: ctx.regionId, DestinationImageName: ImageName } as Request<"CopyImage">;
};

/** A creation sends its call again once it has freed the name, and then as another one. */
const ATTEMPTS = [1, 2];

/** Whether the call made it. `source` is the same operation in the region of the source. */
export async function isMadeByItsCall(
  row: ImageRow,
  args: ImageCopyArgs,
  ctx: Context,
  source: Context,
): Promise<boolean> {
  if (ctx.pending.isMade(row.ImageId!)) return true;
  for (const attempt of ATTEMPTS)
    for (const request of requestsThatMayHaveMade(row, args, attempt))
      if ((await answerTo(copyRequest(request, ctx), source)) === row.ImageId) return true;
  return false;
}

/**
 * The call as it was sent: what the program can have changed since, the image shows as it was then. A resource group it
 * shows also where the program named none.
 */
function requestsThatMayHaveMade(row: ImageRow, args: ImageCopyArgs, attempt: number): CreationParameters[] {
  const owner = ownerIn(tagsIn(row).get(OWNER_TAG));
  if (!owner || !row.ImageName) return [];
  const { ImageName } = row;
  const madeBy = owner.madeBy ?? owner.creationId;
  const Tag = [...tagParameters(userTags(row, undefined)), ...creationTags(owner, madeBy)];
  const ClientToken = clientToken(madeBy, attempt);
  const groups = row.ResourceGroupId ? [row.ResourceGroupId, undefined] : [undefined];
  const likelyFirst = args.resourceGroupId === undefined ? groups.reverse() : groups;
  return likelyFirst.map((resourceGroupId) => {
    const { description: _now, resourceGroupId: _named, ...others } = args;
    const sent = {
      ...others,
      ...(row.Description && { description: row.Description }),
      ...(resourceGroupId && { resourceGroupId }),
    };
    return { ...requestOf(imageCopyFields, sent), ImageName, Tag, ClientToken };
  });
}

/** The image that the call has made; undefined where ECS refuses it. */
async function answerTo(request: Request<"CopyImage">, source: Context): Promise<string | undefined> {
  try {
    return (await source.ecs("CopyImage", request)).ImageId;
  } catch (error) {
    if (isFailure(error, "Refused")) return undefined;
    throw error;
  }
}
