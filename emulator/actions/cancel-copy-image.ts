import { forgetImage, ownImage } from "../images/own-image";
import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { text } from "../request/parameters";
import { isCopying } from "../resources/copies";

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-cancelcopyimage: called in the region
 * of the copy, which it removes.
 */
export const cancelCopyImage = action({
  accepts: { RegionId: text({ required: true }), ImageId: text({ required: true }) },

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { now, regionId, changed }) {
    const image = ownImage(world, request.ImageId, regionId);
    if (image.copyOf === undefined) throw refusal("ImageCreatedNotFromCopy");
    if (!isCopying(image, now))
      throw refusal(
        imageState(image, now).status === image.failsAs
          ? "IncorrectImageStatus/copy-failed"
          : "IncorrectImageStatus/copied",
      );
    if (image.copyOf.isCancellable === false) throw refusal("CancelNotSupported");
    forgetImage(world, image, now);
    changed();
    return {};
  },
});
