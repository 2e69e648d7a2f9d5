import { imagesInUse } from "../images/own-image";
import { imageRow } from "../images/row";
import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { anyImageFamily } from "../request/fields";
import { flag, text } from "../request/parameters";
import { imagesSeenBy, type SeenImage } from "../world/accounts";
import { isListed } from "../world/listed";

/**
 * The newest available image of a family:
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimagefromfamily
 */
export const describeImageFromFamily = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageFamily: anyImageFamily,
    DryRun: flag(),
  },

  resources: () => ["image/*"],

  answer(world, request, { now, regionId, cloud }) {
    if (request.DryRun) throw refusal("DryRunOperation");
    const [newest] = imagesSeenBy(cloud, world)
      .filter(
        ({ image, owner }) =>
          owner !== "marketplace" &&
          image.imageFamily === request.ImageFamily &&
          image.regionId === regionId &&
          isListed(image, world.quirks, now) &&
          imageState(image, now).status === "Available",
      )
      .sort((a, b) => rankOf(a) - rankOf(b) || b.image.createdMs - a.image.createdMs);
    // "If no available image exists in the specified image family, the response is empty."
    return newest ? { Image: imageRow(newest, imagesInUse(world).has(newest.image.imageId), world.quirks, now) } : {};
  },
});

/**
 * "Custom images, public images, community images, and shared images all support image families." The page gives no
 * order. Here an account's own images come first, and community images last.
 */
function rankOf({ owner, image }: SeenImage): number {
  if (owner === "self") return 0;
  if (owner === "system") return 2;
  return image.isPublic ? 3 : 1;
}
