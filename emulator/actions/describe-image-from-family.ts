import { action } from "../action";
import { refusal } from "../api-error";
import { imageFamily } from "../fields";
import { imageRow } from "../image-row";
import { imageState, isVisible } from "../image-state";
import { imagesInUse } from "../own-image";
import { flag, text } from "../parameters";

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
