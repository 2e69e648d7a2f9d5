/**
 * ImportImage, ExportImage and their tasks. Where pages differ, the newer one holds; of the older pages are
 * `Forbbiden` (sic, the only code for an account that importing has not been opened for) and the readings named beside
 * them.
 *
 * Not here, because nothing leads to them: of ImportImage `IncorrectImageStatus` (its image is always new) and
 * `InvalidFormat.Malformed` (the older name of `InvalidImageFormat.Malformed`); of ExportImage
 * `InvalidImageName.Malformed` (it takes no name) and `OperationDenied` (from before images with data disks could be
 * exported, which `InvalidImage.DiskAmountOrSize` limits now).
 */
export const taskCodes = {
  "MissingParameter/task": {
    status: 400,
    message: 'An input parameter "%s" that is mandatory for processing the request is not supplied.',
  },
  "InvalidRegionId.NotFound/task": { status: 400, message: "The specified RegionId does not exist." },
  "InvalidRegion.NotSupport": { status: 400, message: "The specified region does not support image import or export." },
  "InvalidOSSBucket.NotFound": { status: 400, message: "The specified OSS bucket does not exist in this region." },
  "InvalidOSSBucket.NotMatched": { status: 400, message: "The specified OSS bucket is incorrect, %s." },
  "InvalidOSSBucket.EncryptUnsupported": {
    status: 403,
    message: "Accessing objects from encrypted OSS bucket is not supported.",
  },
  "InvalidOSS.NotAuthorized": { status: 403, message: "The specified OSS bucket or object is not allowed to access." },
  // With one c, as in the error tables of both pages. The text of the newer ImportImage page has two.
  NoSetRoletoECSServiceAcount: {
    status: 403,
    message:
      "ECS service account Have no right to access your OSS.please attach a role of access your oss to ECS " +
      "service account.",
  },
  "InvalidImageFormat.Malformed": { status: 400, message: "The specified Image Format is wrongly formed." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-importimage
  Forbbiden: { status: 400, message: "User not authorized to operate on the specified resource" },
  "MissingParameter.DiskDeviceMapping": {
    status: 403,
    message: "The specified parameter DiskDeviceMapping is not supplied.",
  },
  "InvalidOSSObject.Malformed": { status: 400, message: "The specified OSS object is wrongly formed." },
  "InvalidOSSObject.NotFound": { status: 400, message: "The specified OSS object does not exist in this region." },
  "InvalidOSSObject.NotFound/archived": { status: 400, message: "The specified OSS object cannot be retrieved." },
  "InvalidOSType.Malformed": { status: 400, message: "The specified OSType is wrongly formed." },
  "InvalidImageName.Duplicated/import": { status: 400, message: "The destination image is exist." },
  InvalidImageSize: { status: 400, message: "%s" },
  InvalidDataDiskSize: {
    status: 400,
    message: "The specified DiskDeviceMapping.N.DiskImSize should be in the specified range.",
  },
  "InvalidParameter.Malformed": {
    status: 403,
    message: 'The specified parameter "DiskDeviceMapping.n.Device " is not valid.',
  },
  "InvalidLicenseType.NotSupported/import": { status: 400, message: "The specified LicenseType is not supported" },
  "InvalidLicenseType.BYOLOnly": {
    status: 400,
    message: "Only BYOL LicenseType is supported for the current platform provided",
  },
  ImportImageFailed: { status: 403, message: "Importing image is failed, Please contact the administrator." },
  "UserNotInTheWhiteList/import": { status: 403, message: "The user is not in the white list of importing image." },
  "QuotaExceed.Snapshot/import": { status: 403, message: "The maximum number of snapshots is exceeded." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-exportimage
  "InvalidOSSPrefix.Malformed": { status: 400, message: "The specified OSSPrefix format is wrongly formed." },
  "IncorrectImageStatus/export": { status: 400, message: "The specified Image is not available." },
  "InvalidImage.DiskAmountOrSize": { status: 400, message: "%s" },
  "InvalidImage.DiskAmountOrSize/size": { status: 400, message: "The diskSize of the image exceeds the maximum size." },
  ImageNotSupported: {
    status: 400,
    message: "The specified Image contains encrypted snapshots, do not support export.",
  },
  "ImageNotSupported/market": {
    status: 403,
    message: "The specified image from the image market, do not support export image.",
  },
  "InvalidOSSObject.NeedRestore": {
    status: 400,
    message: "The specified OSS object is a archive object, need restore first.",
  },
  "InvalidImageFormat.RegionNotSupported": {
    status: 400,
    message: "The specified image format is not supported in current region.",
  },
  ImageIsExporting: { status: 403, message: "The specified Image is exporting." },
  ExportImageFailed: { status: 403, message: "Exporting image is failed, Please contact the administrator." },
  UserNotInTheWhiteList: { status: 403, message: "The user is not in the white list of exporting image." },
  "ConcurrentQuotaExceed.ExportImage": { status: 403, message: "%s" },
  "WeeklyQuotaExceed.ExportImage": { status: 403, message: "%s" },
  "InvalidImageLicense.NotSupported": { status: 403, message: "%s" },
  "InvalidImageCategory.NotSupported": { status: 403, message: "The specified image category is not supported." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-canceltask
  "InvalidTaskId.NotFound": { status: 400, message: 'The specified "TaskId" is not found.' },
  "InvalidTaskId.TaskActionNotSupport": { status: 403, message: "The specified task action not support." },
  "InvalidTaskId.IncorrectTaskStatus": { status: 403, message: "The specified task status is invalid." },
  CancelTaskFailed: { status: 403, message: "The task is failed to cancel, Please contact the administrator." },
} as const;
