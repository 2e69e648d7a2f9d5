/** Images other than their creation: DeleteImage, ModifyImageAttribute, DescribeImages, DescribeImageFromFamily. */
export const imageCodes = {
  "InvalidImageId.NotFound": { status: 404, message: "The specified ImageId does not exist." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteimage
  ImageUsingByInstance: {
    status: 403,
    message:
      "The specified image has been used to create instances. You can use the DescribeInstances API to query " +
      "these instances, or you can use the force parameter to proceed.",
  },
  ImageUseShared: {
    status: 403,
    message:
      "The specified image has been shared to others. You can use the DescribeImageSharePermission API to query " +
      "the users who have been shared.",
  },
  "OperationDenied.ImageCopying": { status: 403, message: "The Image is coping." },
  ImageIsImporting: { status: 403, message: "The specified Image is importing." },
  "ImageIsExporting/delete": { status: 403, message: "The specified Image is exporting. Please cancel task first." },
  // Only the older pages list it. The newer ones say nothing about an image that is being created, so the emulator is
  // strict.
  ImageIsCreating: { status: 403, message: "The specified image is being created." },
  ImageIsPublic: { status: 403, message: "The specified image is public." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifyimageattribute
  "InvalidImageName.Duplicated/modify": { status: 400, message: "The specified Image name has already bean used." },
  "ImageQuotaFull.ImageFamily": {
    status: 400,
    message: "The specified image family has exceeded max number of images for one image family.",
  },
  ImageFamilyQuotaFull: { status: 400, message: "The specified region has exceeded max number of image family." },
  "InvalidImageFamily.Malformed/modify": {
    status: 400,
    message: 'The specified parameter "ImageFamily" is malformed.',
  },
  "InvalidBootMode.NotSupport/modify": { status: 400, message: "The specified parameter BootMode is not supported." },
  "InvalidLicenseType.NotSupported": { status: 400, message: "The specified parameter LicenseType is not supported." },
  "ImageStatus.NotAvailable": { status: 403, message: "The specified image status is not available." },
  "ImageStatus.NotDeprecated": { status: 403, message: "The specified image status is not deprecated." },
  "ImageUseShared/deprecate": {
    status: 403,
    message: "The specified image has been shared to others, please remove shared accounts first.",
  },
  "OperationDeined.ImageUsingByInstance": {
    status: 403,
    message: "The boot mode of the image cannot be modified because it has associated instances.",
  },
  "InvalidOperation.FeaturesImdsSupportNotMatch": {
    status: 403,
    message: "The specified parameter Features.ImdsSupport can not be set to v1 from v2.",
  },
  "InvalidStatus.ImageIsCreating": {
    status: 403,
    message:
      "The operation cannot be performed because the image is creating. Please wait until the creation is " +
      "complete and try again.",
  },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimages
  "InvalidImageOwnerAlias.ValueNotSupported": {
    status: 400,
    message: "The specified ImageOwnerAlias value is not supported.",
  },
  InvalidParamter: { status: 400, message: "Invalid Parameter" },
  "InvalidFilterKey.NotFound": { status: 404, message: "" },
  InvalidUsage: { status: 404, message: "The specifed Usage is not valid" },
  "InvalidTag.Mismatch": { status: 400, message: "The specified Tag.n.Key and Tag.n.Value are not match." },
  InvalidTagCount: { status: 400, message: "The specified tags are beyond the permitted range." },
  InvalidOSType: { status: 404, message: "The specifed OSType is not valid" },
  InvalidArchitecture: { status: 404, message: "The specifed Architecture is not valid" },
} as const;
