/** The error table of the current CreateImage page, in its order. */
export const createImageCodes = {
  "InvalidImageName.Malformed": { status: 400, message: "The specified Image name is wrongly formed." },
  "InvalidImageName.Duplicated": { status: 400, message: "The specified image name is already in use." },
  "InvalidDescription.Malformed": { status: 400, message: "The specified description is wrongly formed." },
  "InvalidImageVersion.Malformed": { status: 400, message: "The specified ImageVersion is wrongly formed." },
  IncorrectInstanceStatus: {
    status: 400,
    message: "The current status of the instance does not support this operation.",
  },
  InstanceLockedForSecurity: {
    status: 400,
    message: "The specified operation is denied as your instance is locked for security reasons.",
  },
  "InvalidDevice.Malformed": {
    status: 400,
    message: "The specified parameter DiskDeviceMapping.n.Device is not valid.",
  },
  "MissingParameter/source": {
    status: 400,
    message:
      "The input parameter SnapshotId or InstanceId or DiskDeviceMapping that is mandatory for processing this " +
      "request is not supplied.",
  },
  "InvalidSize.ValueNotSupported": {
    status: 400,
    message: "The specified parameter DiskDeviceMapping.n.Size beyond the permitted range.",
  },
  "InvalidDevice.InUse": {
    status: 400,
    message: "The specified parameter DiskDeviceMapping.n.Device has been occupied.",
  },
  "OperationDenied/no-system-disk": {
    status: 400,
    message: "The specified parameter DiskDeviceMapping.n.SnapshotId does not contain system disk snapshot.",
  },
  // Only the older page has this message. The newer one keeps the rule ("You can specify only one system disk
  // snapshot") without a message of its own.
  "OperationDenied/two-system-disks": {
    status: 400,
    message: "The specified parameter DiskDeviceMapping.n.SnapshotId contains two or more system disk snapshots.",
  },
  "InvalidDiskCategory.CreateImage": {
    status: 400,
    message: "The specified diskCategory is not allowed to create image.",
  },
  "InvalidArchitecture.Malformed": { status: 400, message: "The specified Architecture is wrongly formed." },
  "InvalidPlatform.Malformed": { status: 400, message: "The specified Platform is wrongly formed." },
  "InvalidParameter.AllEmpty": { status: 400, message: "%s" },
  "InvalidParameter.DiskType": {
    status: 400,
    message: "The specified disk type which has kms key can't convert to system disk.",
  },
  "Duplicate.TagKey": { status: 400, message: "The Tag.N.Key contain duplicate key." },
  "InvalidTagKey.Malformed": { status: 400, message: "The specified Tag.n.Key is not valid." },
  "InvalidTagValue.Malformed": { status: 400, message: "The specified Tag.n.Value is not valid." },
  "InvalidInstance.NotFoundSystemDisk": { status: 400, message: "The specified instance does not have system disk." },
  "InvalidImageFamily.Malformed": { status: 400, message: "The format of the specified image family is invalid." },
  "ImageQuotaExceed.ImageFamily": {
    status: 400,
    message: "The specified image family exceeds the maximum number of images for one image family.",
  },
  ImageFamilyQuotaExceed: { status: 400, message: "The number of image families exceeds the limit in the region." },
  "InvalidDiskType.ValueNotSupported": { status: 400, message: "The specified disk type is not supported." },
  IdempotenceParamNotMatch: {
    status: 400,
    message: "Request uses a client token in a previous request but is not identical to that request.",
  },
  "InvalidBootMode.NotSupport": {
    status: 400,
    message: "The specified parameter BootMode is not supported for current image architecture.",
  },
  "InvalidParameter.FeaturesImdsSupport": {
    status: 400,
    message: "The specified parameter Features.ImdsSupport is not supported.",
  },
  "InvalidOperation.DiskCategoryUnsupported": {
    status: 400,
    message: "The current category of the disk does not support this operation.",
  },
  "AccountForbidden.CreateOrder": { status: 400, message: "Order cannot be created due to abnormal account." },
  "InvalidBootMode.Malformed": {
    status: 400,
    message: "The specified parameter BootMode is invalid. Valid options are BIOS, UEFI, and UEFI-Preferred.",
  },
  "InvalidDetectionStrategy.Malformed": {
    status: 400,
    message:
      "The specified value for parameter DetectionStrategy is not supported. Please refer to the documentation " +
      "for accepted values.",
  },
  "InternalError/snapshot": {
    status: 500,
    message: "The process of creating snapshot has failed due to some unknown error.",
  },
  "IncorrectDiskStatus.NeverAttached": {
    status: 403,
    message: "The specified disk has never been attached to instance.",
  },
  "InvalidSnapshotId.NotReady": {
    status: 403,
    message: "The current status of the DiskDeviceMapping.n.SnapshotId or SnapshotId does not support this operation.",
  },
  "InvalidSnapshot.TooOld": {
    status: 403,
    message:
      "This operation is denied because the specified snapshot by DiskDeviceMapping.n.SnapshotId or SnapshotId " +
      "is created before 2013-07-15.",
  },
  "OperationDenied/snapshot": { status: 403, message: "The specified snapshot is not allowed to create image." },
  "QuotaExceed.Image": { status: 403, message: "The Image Quota exceeds." },
  // The newer page has two codes for this case; the emulator answers with the 400 of IdempotenceParamNotMatch.
  "InvalidParamter.Conflict": {
    status: 403,
    message: "The specified same token is trying to make requests with different parameters.",
  },
  "InvalidAccountStatus.NotEnoughBalance": { status: 403, message: "Your account does not have enough balance." },
  "InvalidAccountStatus.SnapshotServiceUnavailable": {
    status: 403,
    message: "Snapshot service has not been opened yet.",
  },
  UserNotInTheWhiteList: {
    status: 403,
    message: "The user is not in the white list of create image by data disk snapshot.",
  },
  "IncorrectDiskStatus.Invalid": {
    status: 403,
    message: "Device status is invalid, please restart instance and try again.",
  },
  "OperationDenied.InvalidSnapshotCategory": { status: 403, message: "%s" },
  "QuotaExceed.Snapshot": { status: 403, message: "The snapshot quota exceeds." },
  "IncorrectDiskStatus.Transferring": {
    status: 403,
    message: "The specified device is transferring, you can retry after the process is finished.",
  },
  IncorrectDiskStatus: { status: 403, message: "The current disk status does not support this operation." },
  "InvalidSystemSnapshot.Missing": { status: 403, message: "%s" },
  "IncorrectDiskStatus.CreatingSnapshot": { status: 403, message: "A previous snapshot creation is in process." },
  "InvalidParameter.KMSKeyId.CMKUnauthorized": { status: 403, message: "The CMK needs to be added ECS tag." },
  "InvalidParameter.KMSKeyId.CMKNotEnabled": { status: 403, message: "The CMK needs to be enabled." },
  "InvalidParameter.KMSKeyId.KMSUnauthorized": {
    status: 403,
    message: "ECS service have no right to access your KMS.",
  },
  "QuotaExceed.Tags": { status: 403, message: "%s" },
  "InvalidSnapshotCategory.NotSupportImageCreation": {
    status: 403,
    message: "The specified snapshot category does not support create image.",
  },
  "TooManySnapshot.Unfinished": {
    status: 403,
    message: "There are too many snapshots being created, please wait for them to be created done.",
  },
  "HibernationConfigured.InstanceOperationForbidden": {
    status: 403,
    message: "The operation is not permitted due to limit of the hibernation configured instance.",
  },
  SnapshotNotReady: { status: 403, message: "The specified snapshot is not ready." },
  "IncorrectInstanceStatus.NeedRestart": {
    status: 403,
    message: "The instance needs to be restarted after adding a disk in a shutdown status.",
  },
  "QuotaExceed.ConcurrentSnapshotQuota": {
    status: 403,
    message:
      "The number of snapshots being created for the disk %s has exceeded the concurrent quota (%s). Please " +
      "wait for the previous snapshots to complete before trying again.",
  },
  "InvalidOperation.SnapshotStorageLocationUnsupported": {
    status: 403,
    message: "Snapshots with storage location in CloudBox do not support the current operation.",
  },
  AccountEnterpriseStatusInvalid: {
    status: 403,
    message:
      "Your enterprise registration is marked as revoked/deregistered in the National Enterprise Credit " +
      "Information Publicity System. Account transaction features (purchase/renewal/recharge) are disabled. " +
      "Please update real-name certification via Account Center. Restrictions will auto-remove after verification.",
  },
  "InvalidOperation.DefaultFreeSnapshotNotSupport": {
    status: 403,
    message: "The specified snapshot is a default free snapshot and does not support this operation.",
  },
  "InvalidSnapshotId.NotFound": { status: 404, message: "The specified SnapshotId does not exist." },
  "InvalidInstanceId.NotFound/named": { status: 404, message: "The specified instance %s does not exist." },
  "InvalidResourceGroup.NotFound": {
    status: 404,
    message: "The ResourceGroup provided does not exist in our records.",
  },
} as const;
