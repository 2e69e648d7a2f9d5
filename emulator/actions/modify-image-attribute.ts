import { requireBootable, requireFreeName, requireRoomInFamily } from "../images/limits";
import { imagesInUse, isBeingMade, ownImage } from "../images/own-image";
import { imageState } from "../images/state";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { bootModes, description, imageFamily, imageName } from "../request/fields";
import { flag, group, text } from "../request/parameters";

/**
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifyimageattribute: an empty
 * parameter leaves the value as it is, so nothing can be cleared.
 */
export const modifyImageAttribute = action({
  accepts: {
    RegionId: text({ required: true }),
    ImageId: text({ required: true }),
    ImageName: imageName,
    ImageFamily: imageFamily("InvalidImageFamily.Malformed/modify"),
    Description: description,
    Status: text({ oneOf: ["Deprecated", "Available"] }),
    BootMode: text({ oneOf: bootModes, wrong: "InvalidBootMode.NotSupport/modify" }),
    LicenseType: text({ oneOf: ["BYOL"], wrong: "InvalidLicenseType.NotSupported" }),
    Features: group({
      ImdsSupport: text({ oneOf: ["v1", "v2"], wrong: "InvalidParameter.FeaturesImdsSupport" }),
      NvmeSupport: text({ oneOf: ["supported", "unsupported"] }),
    }),
    DryRun: flag(),
  },

  resources: ({ ImageId }) => [`image/${ImageId ?? "*"}`],

  answer(world, request, { now, regionId, changed }) {
    const image = ownImage(world, request.ImageId, regionId);
    const { ImageName, ImageFamily, Status, BootMode } = request;
    // The page names no attribute that can be changed while the image is being made, so none can.
    if (isBeingMade(image, now)) throw refusal("InvalidStatus.ImageIsCreating");
    const { status } = imageState(image, now);
    // A repeated change is refused: a deprecated image is not available, and the other way round.
    if (Status === "Deprecated") {
      if (status !== "Available") throw refusal("ImageStatus.NotAvailable");
      if (image.sharedWith.length > 0) throw refusal("ImageUseShared/deprecate");
    }
    if (Status === "Available" && status !== "Deprecated") throw refusal("ImageStatus.NotDeprecated");
    if (ImageName !== undefined)
      requireFreeName(
        world,
        { imageName: ImageName, regionId, except: image },
        now,
        "InvalidImageName.Duplicated/modify",
      );
    if (ImageFamily !== undefined && ImageFamily !== image.imageFamily) {
      requireRoomInFamily(world, ImageFamily, regionId, {
        family: "ImageQuotaFull.ImageFamily",
        families: "ImageFamilyQuotaFull",
      });
    }
    if (BootMode !== undefined && BootMode !== image.bootMode) {
      requireBootable(image.architecture, BootMode);
      if (imagesInUse(world).has(image.imageId)) throw refusal("OperationDeined.ImageUsingByInstance");
    }
    if (request.Features.ImdsSupport === "v1" && image.imdsSupport === "v2")
      throw refusal("InvalidOperation.FeaturesImdsSupportNotMatch");
    if (request.DryRun) throw refusal("DryRunOperation");

    image.imageName = ImageName ?? image.imageName;
    image.imageFamily = ImageFamily ?? image.imageFamily;
    image.description = request.Description ?? image.description;
    image.bootMode = BootMode ?? image.bootMode;
    image.licenseType = request.LicenseType ?? image.licenseType;
    image.imdsSupport = request.Features.ImdsSupport ?? image.imdsSupport;
    image.nvmeSupport = request.Features.NvmeSupport ?? image.nvmeSupport;
    if (Status !== undefined) image.deprecated = Status === "Deprecated";
    changed();
    return {};
  },
});
