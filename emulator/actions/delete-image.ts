import { forgetImage, imagesInUse, isBeingMade } from "../images/own-image";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { flag, text } from "../request/parameters";
import { copiesOf, isCopying } from "../resources/copies";
import { isOngoing } from "../world/span";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteimage */
export const deleteImage = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageId: text({ required: true }),
    Force: flag(),
    DryRun: flag(),
  },

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { now, regionId, changed }) {
    const image = world.images.get(request.ImageId);
    // The error table has InvalidImageId.NotFound, but the parameter says "if the specified custom image does not
    // exist, the request is ignored". So the code is for images that exist and belong to another account.
    if (!image || image.regionId !== regionId) return {};
    if (image.owner !== "self") throw refusal("InvalidImageId.NotFound");
    if (image.isPublic) throw refusal("ImageIsPublic");
    if (image.sharedWith.length > 0) throw refusal("ImageUseShared");
    if (image.copying || isCopying(image, now) || copiesOf(world, image, now).length > 0)
      throw refusal("OperationDenied.ImageCopying");
    const running = [...world.tasks.values()].filter(
      (task) => task.imageId === image.imageId && task.cancelledMs === undefined && isOngoing(task.span, now),
    );
    if (running.some((task) => task.action === "ExportImage")) throw refusal("ImageIsExporting/delete");
    if (running.some((task) => task.action === "ImportImage")) throw refusal("ImageIsImporting");
    if (isBeingMade(image, now)) throw refusal(image.madeFrom === "import" ? "ImageIsImporting" : "ImageIsCreating");
    if (!request.Force && imagesInUse(world).has(image.imageId)) throw refusal("ImageUsingByInstance");
    if (request.DryRun) throw refusal("DryRunOperation");

    forgetImage(world, image, now);
    changed();
    return {};
  },
});
