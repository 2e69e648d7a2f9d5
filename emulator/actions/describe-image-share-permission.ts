import { ownImage } from "../images/own-image";
import { action } from "../request/action";
import { pageNumber, pageSize } from "../request/fields";
import { page } from "../request/page";
import { text } from "../request/parameters";

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimagesharepermission */
export const describeImageSharePermission = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageId: text({ required: true }),
    PageNumber: pageNumber,
    PageSize: pageSize,
  },

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { regionId }) {
    const image = ownImage(world, request.ImageId, regionId);
    const { rows, ...counts } = page(image.sharedWith, request.PageNumber, request.PageSize, (account) => ({
      AliyunId: account,
    }));
    return {
      RegionId: regionId,
      ImageId: image.imageId,
      ...counts,
      Accounts: { Account: rows },
      ShareGroups: { ShareGroup: image.isPublic ? [{ Group: "all" }] : [] },
    };
  },
});
