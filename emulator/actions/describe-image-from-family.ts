import { imagesInUse } from "../images/own-image";
import { imageRow } from "../images/row";
import { imageState, isVisible } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { imageFamily } from "../request/fields";
import { flag, text } from "../request/parameters";

/** The newest available image of a family: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimagefromfamily */
export const describeImageFromFamily = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageFamily: { ...imageFamily("InvalidImageFamily.Malformed"), required: true },
    DryRun: flag(),
  },

  resources: () => ["image/*"],

  answer(world, request, { now, regionId }) {
    if (request.DryRun) throw refusal("DryRunOperation");
    const [newest] = [...world.images.values()]
      .filter(
        (image) =>
          image.imageFamily === request.ImageFamily &&
          image.regionId === regionId &&
          isVisible(image, now) &&
          imageState(image, now).status === "Available",
      )
      .sort((a, b) => b.createdMs - a.createdMs);
    // "If no available image exists in the specified image family, the response is empty."
    return newest ? { Image: imageRow(newest, imagesInUse(world).has(newest.imageId), now) } : {};
  },
});
