import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { text } from "../request/parameters";
import { imageSeenBy } from "../world/accounts";
import { familyOf, instanceTypes, misfit } from "../world/instance-types";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimagesupportinstancetypes */
export const describeImageSupportInstanceTypes = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageId: text({ required: true }),
    ActionType: text({ oneOf: ["CreateEcs", "ChangeOS"], wrong: "InvalidParamter" }),
  },

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { now, regionId, cloud }) {
    const image = imageSeenBy(cloud, world, request.ImageId)?.image;
    const status = image?.regionId === regionId ? imageState(image, now).status : undefined;
    if (!image || (status !== "Available" && status !== "Deprecated")) throw refusal("InvalidImageId.NotFound/types");
    const fitting = instanceTypes.filter((type) => misfit(image, type) === undefined);
    return {
      ImageId: image.imageId,
      RegionId: regionId,
      InstanceTypes: {
        InstanceType: fitting.map(({ id, cores, memory }) => ({
          InstanceTypeId: id,
          InstanceTypeFamily: familyOf(id),
          CpuCoreCount: cores,
          MemorySize: memory,
        })),
      },
    };
  },
});
