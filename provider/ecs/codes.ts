import { Failure } from "../failure";
import type { Action } from "./actions";

/**
 * How the provider reacts to an error code:
 *
 * - `throttled`: too many calls. The rate limiter paces them, and the call is repeated until its deadline.
 * - `retryLater`: the cloud is busy with something that ends by itself. The call is repeated until its deadline.
 * - `roleMissing`: the RAM role does not exist, or was created a moment ago and does not take effect yet. The call is
 *   repeated for three minutes.
 * - `repeat`: it is unknown whether the request took effect. The call is repeated for a while if that cannot do harm.
 * - `renew`: temporary credentials have expired. They are renewed, and the call is repeated.
 * - `denied`: these credentials are not allowed to do it. Nothing was done, and trying again will not help.
 * - `gone`: the resource to remove, change or read does not exist.
 * - `alreadyDone`: the requested state holds already, perhaps by an earlier attempt. The caller reads it to be sure.
 * - `adopt`: the name or the token is taken, perhaps by an image that an earlier run of the same resource created.
 * - `dryRunPassed`: the request was only checked, and the cloud would accept it.
 * - `report`: the user must act.
 */
export type Reaction =
  | "throttled"
  | "retryLater"
  | "roleMissing"
  | "repeat"
  | "renew"
  | "denied"
  | "gone"
  | "alreadyDone"
  | "adopt"
  | "dryRunPassed"
  | "report";

export interface CodeEntry {
  readonly reaction: Reaction;
  /** What the user can do about it, in one sentence. */
  readonly guidance?: string | undefined;
}

const entry =
  (reaction: Reaction) =>
  (guidance?: string): CodeEntry => ({ reaction, guidance });
const report = entry("report");
const retryLater = entry("retryLater");
const gone = entry("gone")();
const adopt = entry("adopt");
const repeat = entry("repeat")();
const denied = entry("denied");
const renew = entry("renew");
const roleMissing = entry("roleMissing");
const alreadyDone = entry("alreadyDone");

const CHECK_KEYS =
  "Check the access key of this stack (alicloud:accessKey and alicloud:secretKey, the environment, or the profile).";
const PAY = "Settle the account's balance in the Alibaba Cloud console.";
const SUPPORT = "Ask Alibaba Cloud support to enable this for the account. Give them the RequestId.";
const ROLE = "Let ECS access the bucket through a RAM role, and name that role in roleName.";
const PLAIN_BUCKET = "Choose a bucket without server-side encryption.";
const BUCKET = "Name a bucket in the region of the image.";
const TAGS = "Remove some tags: an image has at most 20, and this package needs two of them.";
const NAME_TAKEN = "The name belongs to another image of the region; choose another imageName.";
const STALE_TOKEN = "An earlier request used the same client token with other parameters; run pulumi up again.";
/** The update records it first: if the program no longer has the resource, a delete uses the recorded value. */
const OR_FORCE = "or set forceDelete to true, run pulumi up, and then delete it.";
const SNAPSHOT_BUSY = "The snapshot must finish first.";
const DISK_BUSY = "A disk of the instance is busy; wait until its snapshot, migration or attachment is done.";
const BUSY = "Another operation on the resource must end first.";
const IMAGE_STATUS = "The image must be Available.";
const ENCRYPTION = "Check encrypted and kmsKeyId.";
const SENSITIVE = "Choose another text: the cloud refuses sensitive words in shared images.";
const OTHER_TYPE = "Choose another test.instanceType, or a vSwitch in another zone as test.vSwitchId.";
const SMALLER = "Leave test.instanceType out for a smaller type, or raise the quota of instances in Quota Center.";
const TEST_NETWORK =
  "Check test.vSwitchId and test.securityGroupId: both must be in the region of the image and in one VPC.";
const TEST_DISK = "Set test.systemDiskCategory to one that the zone of the vSwitch sells, for example cloud_essd.";
const TEST_ROLE = "Check test.ramRoleName: ECS must be allowed to assume the role, and these credentials to pass it.";
const TEST_IMAGE = "The image must be Available; run pulumi up again.";
const TEST_LATER = "Run pulumi up again: the image is tested again.";
const TEST_COMMAND = "Check test.command: a shell script on Linux, PowerShell on Windows, at most 18,432 bytes.";
const KMS = "Let ECS use the key that encrypts the disk, in the KMS console.";

/** Codes with the same meaning in every action. */
const anywhere: Readonly<Record<string, CodeEntry>> = {
  InternalError: repeat,
  UnknownError: repeat,
  ServiceUnavailable: repeat,
  ServiceUnavailableTemporary: repeat,
  RequestTimeout: repeat,
  // A proxy may have delivered the request twice. Then the first one took effect, and this answers the second one.
  SignatureNonceUsed: repeat,
  IdempotentProcessing: retryLater(),
  LastTokenProcessing: retryLater(),
  OperationConflict: retryLater(BUSY),
  "Operation.Conflict": retryLater(BUSY),
  "InvalidOperation.Conflict": retryLater(BUSY),
  // A managed service locks the resource while it works on it.
  "OperationDenied.ResourceControl": retryLater(BUSY),
  DryRunOperation: entry("dryRunPassed")(),
  IdempotentParameterMismatch: adopt(STALE_TOKEN),
  IdempotenceParamNotMatch: adopt(STALE_TOKEN),
  "InvalidParamter.Conflict": adopt(STALE_TOKEN),

  "InvalidSecurityToken.Expired": renew("Renew the temporary credentials."),
  SecurityTokenExpired: renew("Renew the temporary credentials."),
  // The cloud may report an expired session as an access key that does not exist.
  "InvalidAccessKeyId.NotFound": renew(CHECK_KEYS),
  "InvalidAccessKeyId.Inactive": renew(CHECK_KEYS),
  InvalidAccessKeyId: renew(CHECK_KEYS),
  "InvalidSecurityToken.Malformed": denied("Check alicloud:securityToken."),
  "InvalidSecurityToken.MismatchWithAccessKey": denied("Check that access key and security token belong together."),
  MissingSecurityToken: denied("Temporary credentials need alicloud:securityToken too."),
  InvalidAccessKeySecret: denied(CHECK_KEYS),
  NoEnabledAccessKey: denied("Enable the access key in the RAM console, or use another one."),
  SignatureDoesNotMatch: denied(CHECK_KEYS),
  IncompleteSignature: denied(CHECK_KEYS),
  Forbbiden: denied(SUPPORT), // sic: the ImportImage page
  "InvalidTimeStamp.Expired": report("Set the clock of this machine: it is more than 15 minutes off."),

  "InvalidRegionId.NotFound": report("Check alicloud:region, or the resource's regionId."),
  "RegionId.NotFound": report("Check alicloud:region, or the resource's regionId."),
  "InvalidResourceGroup.NotFound": report("Check resourceGroupId."),
  MissingParameter: report(),
  "Duplicate.TagKey": report("Give each tag key once."),
  "TagKey.Duplication": report("Give each tag key once; keys that differ in case alone count as one."),
  "InvalidClientToken.Malformed": report(SUPPORT),
  "Account.Arrearage": report(PAY),
  "InvalidTagKey.Malformed": report("Check the keys of tags."),
  "InvalidTagValue.Malformed": report("Check the values of tags."),
  "QuotaExceed.Tags": report(TAGS),
  "QuotaExceed.Image": report("Delete images that are no longer needed, or raise the quota in Quota Center."),
  "QuotaExceed.Snapshot": report("Delete snapshots that are no longer needed, or raise the quota in Quota Center."),
  "InvalidImageName.Malformed": report("Check imageName."),
  "InvalidDescription.Malformed": report("Check description."),
  "InvalidImageFamily.Malformed": report("Check imageFamily."),
  "ImageQuotaExceed.ImageFamily": report("Delete images of this family, or use another imageFamily."),
  ImageFamilyQuotaExceed: report("Use an imageFamily that exists already, or raise the quota in Quota Center."),
  "InvalidArchitecture.Malformed": report("Check architecture."),
  "InvalidPlatform.Malformed": report("Check platform."),
  "InvalidBootMode.Malformed": report("Set bootMode to BIOS, UEFI or UEFI-Preferred."),
  "InvalidBootMode.NotSupport": report("Choose a bootMode that the image's architecture supports."),
  "InvalidDetectionStrategy.Malformed": report("Set detectionStrategy to Standard, or leave it out."),
  "InvalidAccountStatus.NotEnoughBalance": report(PAY),
  UserNotInTheWhiteList: report(SUPPORT),
};

/** The API pages spell it "Acount"; other tools have met "Account". */
const roleCodes: Readonly<Record<string, CodeEntry>> = {
  NoSetRoletoECSServiceAcount: roleMissing(ROLE),
  NoSetRoletoECSServiceAccount: roleMissing(ROLE),
  "InvalidOSS.NotAuthorized": roleMissing(ROLE),
};

const taskCalls: Readonly<Record<string, CodeEntry>> = { "InvalidTaskId.NotFound": gone };

const tagCalls: Readonly<Record<string, CodeEntry>> = {
  "InvalidResourceId.NotFound": gone,
  "MissingParameter.TagOwnerUid": report(),
  "MissingParameter.TagOwnerBid": report(),
  "MissingParameter.ResourceType": report(),
  "MissingParameter.Tags": report(),
  "MissingParameter.RegionId": report(),
  "NumberExceed.ResourceIds": report(),
  "NumberExceed.Tags": report(TAGS),
  "InvalidResourceType.NotFound": report(),
  "OperationDenied.QuotaExceed": report(TAGS),
  "InvalidResourceId.NotSupported": report(),
  "InvalidTag.Mismatch": report("Check tags."),
  InvalidTagCount: report(TAGS),
  "Invalid.Scope": report(),
};

/** Codes by action, as listed on the action's page. */
const byAction: Readonly<Record<Action, Readonly<Record<string, CodeEntry>>>> = {
  CreateImage: {
    "InvalidImageName.Duplicated": adopt(NAME_TAKEN),
    "InvalidImageVersion.Malformed": report("Check imageVersion."),
    // Every other status ends as Running or Stopped.
    IncorrectInstanceStatus: retryLater("The instance must be Running or Stopped."),
    "IncorrectInstanceStatus.NeedRestart": report("Restart the instance: a disk was attached while it was stopped."),
    InstanceLockedForSecurity: report("Unlock the instance in the ECS console."),
    "InvalidInstanceId.NotFound": report("Check instanceId and the region."),
    "InvalidInstanceId.ValueNotSupported": report("Choose another instance: ECS cannot create an image from this one."),
    "InvalidInstance.NotFoundSystemDisk": report("Choose an instance that has a system disk."),
    "HibernationConfigured.InstanceOperationForbidden": report("Turn hibernation off for the instance."),
    "InvalidDevice.Malformed": report("Check device in diskDeviceMappings: /dev/xvda to /dev/xvdz."),
    "InvalidDevice.InUse": report("Give each disk in diskDeviceMappings a device of its own."),
    "InvalidSize.ValueNotSupported": report("Check size in diskDeviceMappings: not below the snapshot's."),
    "InvalidDiskType.ValueNotSupported": report("Set diskType to system or data."),
    "InvalidDiskCategory.CreateImage": report("Choose a disk of another category."),
    "InvalidOperation.DiskCategoryUnsupported": report("Choose a disk of another category."),
    OperationDenied: report("Give exactly one snapshot of a system disk that images can be created from."),
    "OperationDenied.InvalidSnapshotCategory": report("Choose a snapshot of another category."),
    "InvalidSnapshotCategory.NotSupportImageCreation": report("Choose a snapshot of another category."),
    "InvalidOperation.DefaultFreeSnapshotNotSupport": report("Choose a snapshot that is not a default free one."),
    "InvalidOperation.SnapshotStorageLocationUnsupported": report(
      "Choose a snapshot that is not stored in a CloudBox.",
    ),
    "InvalidSystemSnapshot.Missing": report("Give a snapshot of a system disk."),
    "InvalidSnapshot.TooOld": report("Choose a snapshot made after 2013-07-15."),
    "InvalidSnapshotId.NotFound": report("Check the snapshot's id and the region."),
    "InvalidSnapshotId.NotReady": retryLater(SNAPSHOT_BUSY),
    SnapshotNotReady: retryLater(SNAPSHOT_BUSY),
    "TooManySnapshot.Unfinished": retryLater(SNAPSHOT_BUSY),
    "QuotaExceed.ConcurrentSnapshotQuota": retryLater(SNAPSHOT_BUSY),
    IncorrectDiskStatus: retryLater(DISK_BUSY),
    "IncorrectDiskStatus.CreatingSnapshot": retryLater(DISK_BUSY),
    "IncorrectDiskStatus.Transferring": retryLater(DISK_BUSY),
    "IncorrectDiskStatus.NeverAttached": report("Attach the disk to an instance once before you create an image."),
    "IncorrectDiskStatus.Invalid": report("Restart the instance."),
    "InvalidParameter.AllEmpty": report("Give an instance, a snapshot or disks."),
    "InvalidParameter.DiskType": report("Choose a snapshot that is not encrypted for the system disk."),
    "InvalidParameter.FeaturesImdsSupport": report("Set features.imdsSupport to v1 or v2."),
    "InvalidParameter.KMSKeyId.CMKUnauthorized": report("Tag the KMS key for ECS, as its encryption page describes."),
    "InvalidParameter.KMSKeyId.CMKNotEnabled": report("Enable the KMS key."),
    "InvalidParameter.KMSKeyId.KMSUnauthorized": report(KMS),
    "AccountForbidden.CreateOrder": report(PAY),
    AccountEnterpriseStatusInvalid: report("Renew the account's real-name verification in the Account Center."),
    "InvalidAccountStatus.SnapshotServiceUnavailable": report("Activate the snapshot service in the ECS console."),
  },
  ImportImage: {
    "InvalidImageName.Duplicated": adopt(NAME_TAKEN),
    // In practice it is this resource's own import whose answer was lost: nobody else imports into this image.
    ImageIsImporting: adopt("Another import of this image must end first."),
    IncorrectImageStatus: report(),
    ImportImageFailed: report(SUPPORT),
    ...roleCodes,
    "InvalidOperation.CloudBoxImageImportRoleRequired": report(ROLE),
    "InvalidOperation.CloudBoxImageImportUnsupported": report("Choose a region where images can be imported."),
    "InvalidStorageLocation.NotFound": report("Choose a region where images can be imported."),
    "InvalidOSSBucket.Malformed": report("Check ossBucket."),
    "InvalidOSSBucket.EncryptUnsupported": report(PLAIN_BUCKET),
    "InvalidOSSBucket.FlowLimit": retryLater("OSS limits the traffic of the bucket."),
    "InvalidAccountStatus.OSSDisabled": report("Activate OSS for the account, or settle its balance."),
    "UnsupportedSuffix.OSSObject": report(
      "Give the object a name that ends as its format does, such as .raw or .qcow2.",
    ),
    "InvalidOSSObject.Size": report("Check the size of the object."),
    "InvalidImageFormat.RegionNotSupported": report("Convert the file to RAW: this region imports no other format."),
    "InvalidParameter.DetectionStrategy": report("Set detectionStrategy to Standard, or leave it out."),
    "InvalidBlockSize.NotSupport": report("Convert the file: the cloud does not read its block size."),
    "ImageCheckUnsupported.WindowsImage": report("Leave detectionStrategy out for Windows images."),
    "InvalidVHDImage.IncorrectSize": report("Create the VHD file again: its size does not match its header."),
    "InvalidArchitecture.PlatformUnsupported": report("Choose a platform that exists for this architecture."),
    "InvalidOSSBucket.NotFound": report(BUCKET),
    "InvalidOSSBucket.NotMatched": report(BUCKET),
    "InvalidOSSObject.Malformed": report("Check ossObject."),
    "InvalidOSSObject.NotFound": report("Check ossObject: there is no such object in the bucket."),
    "InvalidOSSObject.NeedRestore": report("Restore the object: it is archived."),
    "InvalidFormat.Malformed": report("Set format to RAW, VHD or QCOW2, or leave it out."),
    "InvalidImageFormat.Malformed": report("Set format to RAW, VHD or QCOW2, or leave it out."),
    InvalidImageSize: report("Make diskImageSize at least as large as the disk in the file."),
    InvalidDataDiskSize: report("Set diskImageSize of data disks to 1-2048 GiB."),
    "InvalidOSType.Malformed": report("Set osType to linux or windows."),
    "InvalidLicenseType.NotSupported": report("Set licenseType to Auto, Aliyun or BYOL."),
    "InvalidLicenseType.BYOLOnly": report("Set licenseType to BYOL."),
    "InvalidParameter.Malformed": report("Check device in diskDeviceMappings."),
    "MissingParameter.DiskDeviceMapping": report("Give at least one disk in diskDeviceMappings."),
    "InvalidRegion.NotSupport": report("Choose a region where images can be imported."),
  },
  ExportImage: {
    "InvalidImageId.NotFound": report("Check imageId and the region."),
    IncorrectImageStatus: report(IMAGE_STATUS),
    // It may be this resource's own export whose answer was lost, so the lifecycle searches before it waits.
    ImageIsExporting: report("Another export of this image must end first."),
    "ConcurrentQuotaExceed.ExportImage": retryLater("Other exports must end first."),
    "WeeklyQuotaExceed.ExportImage": report("Wait for next week's quota, or raise it in Quota Center."),
    ExportImageFailed: report(SUPPORT),
    OperationDenied: report("Export an image without data disks."),
    ImageNotSupported: report("Choose an image that is neither encrypted nor from the marketplace."),
    "InvalidImageCategory.NotSupported": report("Choose a custom image of this account."),
    "InvalidImageLicense.NotSupported": report("Choose an image whose license allows the export."),
    "InvalidImage.DiskAmountOrSize": report("Export an image with at most 4 data disks of at most 500 GiB."),
    "InvalidImageFormat.Malformed": report("Set imageFormat to raw, vhd, qcow2, vmdk or vdi."),
    "InvalidImageFormat.RegionNotSupported": report("Leave imageFormat out: this region exports raw only."),
    "InvalidOSSPrefix.Malformed": report("Check ossPrefix: 1 to 30 letters and digits."),
    "InvalidOSSBucket.NotFound": report(BUCKET),
    "InvalidOSSBucket.NotMatched": report(BUCKET),
    "InvalidOSSBucket.EncryptUnsupported": report(PLAIN_BUCKET),
    "InvalidOSSObject.NeedRestore": report("Restore the object of that key, or choose another ossPrefix."),
    ...roleCodes,
    "InvalidRegion.NotSupport": report("Choose a region from which images can be exported."),
  },
  CopyImage: {
    // An earlier attempt of this copy may have created it.
    "InvalidImageName.Duplicated": adopt("An image of that name exists in the destination; choose another imageName."),
    "InvalidImageId.NotFound": report("Check sourceImageId and sourceRegionId."),
    "OperationDenied.ImageCopyConflict": retryLater("Another copy of this image must end first."),
    "OperationDenied.ImageCopying": retryLater("Another copy of this image must end first."),
    "SourceRegion.NotFound": report("Check sourceRegionId."),
    "DestinationRegion.NotFound": report("Check regionId."),
    IncorrectDestinationRegion: report(
      "Choose another regionId, or set encrypted to true: a copy within a region must be encrypted.",
    ),
    RegionNotSupportCopy: report("Choose another region: images cannot be copied between these."),
    IncorrectImageStatus: report(IMAGE_STATUS),
    "OperationDeined.EncryptedSnapshot": report("Choose an image without encrypted snapshots."), // sic
    "OperationDenied.EncryptSnapshotAcrossRegion": report("Choose an image without encrypted snapshots."),
    "OperationDenied.SameRegionOnly": report("Copy a shared image within its own region first."),
    "OperationDenied.NotPublished": report("The image must be published first."),
    "OperationDenied.NotAuthorized": report("Ask the owner of the image to share it with this account."),
    "OperationDenied.CommunityImage": report("Choose an image that is not a community image."),
    "OperationDenied.KmsServiceUnauthorized": report(KMS),
    "OperationDenied.NonCompliantDestinationRegion": report("Choose a destination region that compliance rules allow."),
    "SizeExceed.Image": report("Choose a smaller image."),
    "InvalidOperation.VhdImageUnsupported": report("Choose an image that is not in VHD format."),
    "InvalidOperation.CloudBoxImageCopyUnsupported": report("Choose an image that is not stored in a CloudBox."),
    "InvalidEncrypted.NotSupported": report(ENCRYPTION),
    "InvalidEncrypted.ValueNotSupported": report(ENCRYPTION),
    "InvalidParameter.EncryptedIllegal": report(ENCRYPTION),
    "InvalidParameter.KmsNotEnabled": report("Activate KMS in the destination region."),
    "InvalidParameter.DataEncryptedKeyCreateFailed": report(KMS),
    "InvalidParameter.KMSKeyId.NotFound": report("Check kmsKeyId: there is no such key in the destination region."),
    "InvalidParameter.KMSKeyId.CMKUnauthorized": report("Tag the KMS key for ECS, as its encryption page describes."),
    "InvalidParameter.KMSKeyId.CMKNotEnabled": report("Enable the KMS key."),
    "InvalidParameter.KMSKeyId.KMSUnauthorized": report(KMS),
  },
  CancelCopyImage: {
    "InvalidImageId.NotFound": gone,
    // The copy has finished, or was cancelled already.
    ImageCreatedNotFromCopy: alreadyDone(),
    CancelNotSupported: report("Wait until the copy has ended."),
    IncorrectImageStatus: alreadyDone(),
  },
  DeleteImage: {
    "InvalidImageId.NotFound": gone,
    ImageIsCreating: retryLater("The image must be finished first."),
    ImageIsImporting: report("Cancel the import first, or wait until it has ended."),
    ImageIsExporting: report("Cancel the export first, or wait until it has ended."),
    "OperationDenied.ImageCopying": report("Cancel the copy first, or wait until it has ended."),
    ImageUsingByInstance: report(`Release the instances that use the image, ${OR_FORCE}`),
    ImageUseShared: report(`Stop sharing the image first, ${OR_FORCE}`),
    ImageIsPublic: report(`Stop publishing the image as a community image first, ${OR_FORCE}`),
  },
  DeleteSnapshot: {
    "InvalidSnapshotId.NotFound": gone,
    // ECS answers before it has deleted the image, which holds its snapshots until then.
    SnapshotCreatedImage: retryLater("An image still uses the snapshot."),
    "InvalidOperation.RelatedSnapshotNotFinished": retryLater(SNAPSHOT_BUSY),
    "IncorrectDiskStatus.CreatingSnapshot": retryLater(DISK_BUSY),
    "InvalidOperation.DeleteSharedSnapshotUnsupported": report("Stop sharing the snapshot first."),
    "InvalidOperation.ResourceManagedByCloudProduct": report("Delete the snapshot in the service that manages it."),
    SnapshotCreatedDisk: report(
      "Disks were created from the snapshot. Delete it by hand if you do not need to reset the disks to it.",
    ),
  },
  ModifyImageAttribute: {
    "InvalidImageId.NotFound": gone,
    "InvalidImageName.Duplicated": report(NAME_TAKEN),
    "InvalidStatus.ImageIsCreating": retryLater("The image must be finished first."),
    ImageIsCreating: retryLater("The image must be finished first."),
    // The image may have the new status already, if the answer to the first attempt was lost.
    "ImageStatus.NotAvailable": alreadyDone(IMAGE_STATUS),
    "ImageStatus.NotDeprecated": alreadyDone("The image must be Deprecated."),
    "ImageQuotaFull.ImageFamily": report("Delete images of this family, or use another imageFamily."),
    ImageFamilyQuotaFull: report("Use an imageFamily that exists already, or raise the quota in Quota Center."),
    "InvalidLicenseType.NotSupported": report("Set licenseType to BYOL: an existing image takes no other."),
    // sic
    "OperationDeined.ImageUsingByInstance": report(
      "Release the instances that use the image before changing bootMode.",
    ),
    "InvalidOperation.FeaturesImdsSupportNotMatch": report("Set features.imdsSupport to v2: it cannot go back to v1."),
    ImageUseShared: report("Stop sharing the image first."),
  },
  ModifyImageSharePermission: {
    "InvalidImageId.NotFound": gone,
    // An image that is public already is shared with everybody.
    "Image.Public": alreadyDone(),
    "Image.NotPublic": alreadyDone(),
    "InvalidAccount.NotFound": report("Check accountIds."),
    "InvalidAccount.Forbbiden": report("Check accountIds: an image cannot be shared with its owner."), // sic
    "QuotaExceed.ShareImage": report("Share the image with at most 50 accounts."),
    "QuotaExceed.ShareImageUser": report("Share the image with at most 50 accounts."),
    "InvalidImageId.BidMismatch": report("Accounts of the other Alibaba Cloud site cannot use the image."),
    "OperationDeined.FullImage": report("Choose an image without data disks."), // sic
    "OperationDeined.EncryptedSnapshot": report("Choose an image without encrypted snapshots."), // sic
    "OperationDenied.InvalidImageStatus": report(IMAGE_STATUS),
    "InvalidStatus.ImageIsCreating": retryLater("The image must be finished first."),
    "PublicImageAgreement.NotSigned": report("Sign the agreement for community images in the ECS console."),
    "InvalidParameter.IsPublic": report(),
    AssumeRoleError: report("Check that ECS may assume the role that shares encrypted images."),
    "CurrentRegion.NotSupportPublicImage": report("Choose a region that has community images."),
    "ImageName.ContainsSensitiveWords": report(SENSITIVE),
    "ImageDescription.ContainsSensitiveWords": report(SENSITIVE),
    "InvalidOperation.ServiceKeyEncryptedImageUnsupported": report("Encrypt the image with a key of your own."),
  },
  JoinResourceGroup: {
    // Another move of the same resource is running.
    "EntityExists.AssociatedTransferTasks": retryLater(BUSY),
    "InvalidResourceId.NotFound": gone,
    "InvalidResourceType.NotFound": report(),
    "MissingParameter.ResourceType": report(),
    "MissingParameter.ResourceId": report(),
  },
  TagResources: tagCalls,
  UntagResources: tagCalls,
  CancelTask: {
    ...taskCalls,
    // The task has finished or was cancelled already.
    "InvalidTaskId.IncorrectTaskStatus": gone,
    "InvalidTaskId.TaskActionNotSupport": report(),
    CancelTaskFailed: retryLater(),
  },
  DescribeTaskAttribute: taskCalls,
  DescribeTasks: {},
  DescribeImages: {
    "InvalidImageId.NotFound": gone,
    "InvalidImageOwnerAlias.ValueNotSupported": report("Set owners to self, system, others or marketplace."),
    InvalidParamter: report(), // sic
    "InvalidTag.Mismatch": report("Check tags."),
    InvalidTagCount: report("Filter by at most 20 tags."),
  },
  RunInstances: {
    "OperationDenied.NoStock": report(OTHER_TYPE),
    "Zone.NotOnSale": report(OTHER_TYPE),
    "Zone.NotOpen": report(OTHER_TYPE),
    "InstanceType.Offline": report(OTHER_TYPE),
    "InvalidResourceType.NotSupported": report(OTHER_TYPE),
    "InvalidInstanceType.ZoneNotSupported": report(OTHER_TYPE),
    "InvalidInstanceType.NotSupported": report(OTHER_TYPE),
    "InvalidInstanceType.ValueNotSupported": report(OTHER_TYPE),
    "InvalidInstanceType.ValueUnauthorized": report(OTHER_TYPE),
    "OperationDenied.ZoneNotAllowed": report(OTHER_TYPE),
    "OperationDenied.ZoneSystemCategoryNotMatch": report(TEST_DISK),
    ImageNotSupportInstanceType: report("Choose another test.instanceType, which the image supports."),
    "InvalidParameter.NotMatch": report(
      "Choose another test.instanceType: a type of the ninth generation needs an image with NVMe support.",
    ),
    "InvalidParameter.Conflict": report("Choose another test.instanceType, which the image supports."),
    "InvalidImage.WindowsUnsupported": report("Choose another test.instanceType, which supports Windows."),
    "QuotaExceed.ElasticQuota": report(SMALLER),
    "QuotaExceed.AfterpayInstance": report(SMALLER),
    "QuotaExceed.PostPaidDisk": report(
      "Delete pay-as-you-go disks that are no longer needed, or raise their quota in Quota Center.",
    ),
    QuotaExceeded: report(SMALLER),
    "QuotaExceeded.PrivateIpAddress": report("Choose a vSwitch with free addresses as test.vSwitchId."),
    SecurityGroupInstanceLimitExceed: report("Choose a security group with fewer instances as test.securityGroupId."),
    "InvalidAccountStatus.NotEnoughBalance": report(PAY),
    InsufficientBalance: report(PAY),
    PaymentMethodNotFound: report(PAY),
    InvalidPayMethod: report(PAY),
    "OperationDenied.CashCouponsInsufficientOrExpired": report(PAY),
    "AccountForbidden.AssociatedWithResellerPartner": report(SUPPORT),
    RealNameAuthenticationError: report(SUPPORT),
    "Forbidden.RiskControl": report(SUPPORT),
    RegionUnauthorized: report(SUPPORT),
    "InvalidVSwitchId.NotFound": report(TEST_NETWORK),
    "InvalidVSwitchId.NotExist": report(TEST_NETWORK),
    "InvalidVSwitchId.Necessary": report(TEST_NETWORK),
    "InvalidSecurityGroupId.NotFound": report(TEST_NETWORK),
    "InvalidParameter.Mismatch": report(TEST_NETWORK),
    "OperationDenied.InconsistentNetwork": report(TEST_NETWORK),
    VpcNotFound: report(TEST_NETWORK),
    IncorrectVSwitchStatus: retryLater("The vSwitch must be Available."),
    IncorrectVpcStatus: retryLater("The VPC must be Available."),
    "InvalidSystemDiskCategory.ValueNotSupported": report(TEST_DISK),
    "InvalidSystemDiskCategory.ValueUnauthorized": report(TEST_DISK),
    "InvalidDiskCategory.NotSupported": report(TEST_DISK),
    CategoryNotSupported: report(TEST_DISK),
    "InvalidRamRole.NotFound": report(TEST_ROLE),
    "InvalidRamRole.NotEcsRole": report(TEST_ROLE),
    "InvalidUser.PassRoleForbidden": denied("Allow ram:PassRole on the role of test.ramRoleName to these credentials."),
    "InvalidImageId.NotFound": report(TEST_IMAGE),
    "OperationDenied.ImageNotValid": report(TEST_IMAGE),
    "InvalidSnapshotId.NotReady": retryLater(SNAPSHOT_BUSY),
    "OperationDenied.CreatingConflict": retryLater(BUSY),
    "InvalidAutoReleaseTime.Malformed": report("Set the clock of this machine: it is more than 15 minutes off."),
    "InvalidInstanceName.Malformed": report(),
    "InvalidInstanceChargeType.NotFound": report(),
    "InvalidParameter.KMSKeyId.CMKNotEnabled": report(KMS),
    "InvalidParameter.KMSKeyId.KMSUnauthorized": report(KMS),
    "NumberExceed.Tags": report(
      "Remove a tag of the image: its test instance gets the same tags and one of this package.",
    ),
  },
  DeleteInstances: {
    "InvalidInstanceId.NotFound": gone,
    "InvalidInstanceIds.NotFound": gone,
    // It is being initialized, or changes its status. Both end by themselves.
    "IncorrectInstanceStatus.Initializing": retryLater("The instance must be initialized first."),
    IncorrectInstanceStatus: retryLater("The instance must be Running or Stopped."),
    "DependencyViolation.SLBConfiguring": retryLater(BUSY),
    "DependencyViolation.RouteEntry": report("Remove the instance from the route tables that name it."),
    "InvalidOperation.DeletionProtection": report(
      "Turn the release protection of the instance off in the ECS console.",
    ),
    ChargeTypeViolation: report("Release the instance in the ECS console: its billing method was changed."),
    InstanceLockedForSecurity: report("Unlock the instance in the ECS console."),
    "InvalidOperation.EniLinked": report("Unbind the network interfaces that are linked to the instance."),
    "OperationDenied.SystemInstanceNotSupport": report(SUPPORT),
    "InvalidParameter.TooManyInstanceIds": report(),
    "InvalidInstanceIds.ValueNotSupported": report(),
    "InvalidParameter.CrossRegionNotSupport": report(),
    "DRYRUN.SUCCESS": entry("dryRunPassed")(),
  },
  DescribeInstances: { "InvalidInstanceId.NotFound": gone, "InvalidTag.Mismatch": report(), InvalidTagCount: report() },
  DescribeAvailableResource: {
    "Invalid.Param": report(),
    "Invalid.DestinationResource": report(),
    "Invalid.InstanceChargeType": report(),
    "Invalid.RegionId": report("Check alicloud:region, or the resource's regionId."),
    "InvalidParameter.ResourceOwnerId": report(),
  },
  DescribeImageSupportInstanceTypes: {
    // This action may know new images later than DescribeImages, which has just listed the image.
    "InvalidImageId.NotFound": retryLater(TEST_IMAGE),
    InvalidParamter: report(), // sic
    "InvalidInstanceType.ValueNotSupported": report(),
  },
  DescribeCloudAssistantStatus: {
    "InvalidInstance.NotFound": gone,
    "InstanceIds.ExceedLimit": report(),
    "RegionId.ApiNotSupported": report("Cloud Assistant is not available in the region: leave test out there."),
    "Operation.Forbidden": report(SUPPORT),
    "InternalError.Dispatch": repeat,
  },
  RunCommand: {
    "InvalidInstance.NotFound": report(TEST_LATER),
    "InvalidInstance.NotMatch": report("Check osType: Linux runs a shell script, Windows PowerShell."),
    "MissingParam.InstanceId": report(),
    "InstanceIds.ExceedLimit": report(),
    "CmdContent.ExceedLimit": report(TEST_COMMAND),
    "CmdContent.DecodeError": report(TEST_COMMAND),
    "Invocation.ExceedQuota": report(
      "Today's quota of commands is used up: run pulumi up tomorrow, or raise the quota in Quota Center.",
    ),
    "NumberExceed.Tags": report(),
    "RegionId.ApiNotSupported": report("Cloud Assistant is not available in the region: leave test out there."),
    "Operation.Forbidden": report(SUPPORT),
    "InternalError.Dispatch": repeat,
  },
  DescribeInvocationResults: {
    "InvalidParam.PageSize": report(),
    "RegionId.ApiNotSupported": report("Cloud Assistant is not available in the region: leave test out there."),
    "Operation.Forbidden": report(SUPPORT),
    "InternalError.Dispatch": repeat,
  },
  GetInstanceConsoleOutput: {
    "InvalidInstanceId.NotFound": gone,
    IncorrectInstanceStatus: report(),
    NotSupported: report(),
  },
  DescribeImageSharePermission: { "InvalidImageId.NotFound": gone },
  DescribeSnapshots: { "InvalidSnapshotId.NotFound": gone },
};

/** The entry of a code; undefined for a code that no page lists. */
export function codeEntry(action: string | undefined, code: string): CodeEntry | undefined {
  const own: Readonly<Record<string, CodeEntry>> =
    (action !== undefined && Object.hasOwn(byAction, action) && byAction[action as Action]) || {};
  if (Object.hasOwn(own, code)) return own[code];
  if (Object.hasOwn(anywhere, code)) return anywhere[code];
  if (/Throttling/.test(code))
    return {
      reaction: "throttled",
      guidance:
        `The account's quota of calls${action ? ` for ${action}` : ""} is used up; run fewer resources at a time ` +
        "(--parallel), or raise the quota in Quota Center.",
    };
  if (isMissingRight(code)) return denied(action && `Allow ecs:${action} to these credentials in their RAM policy.`);
  // Other codes have the same prefix and nothing to do with a policy: a disabled key, or an account that may not use a
  // service.
  if (/^Forbidden\.AccessKey/.test(code)) return denied(CHECK_KEYS);
  return /^Forbidden\./.test(code) ? denied() : undefined;
}

/** Whether the credentials are valid, but their policies do not allow the call. */
export const isMissingRight = (code: string): boolean =>
  /^(Forbidden(\.(RAM|SubUser))?|(NoPermission|PermissionDenied)(\..+)?)$/.test(code);

/** The reaction to a failed call; undefined if it is no failure of the API. */
export function reactionTo(failure: unknown): Reaction | undefined {
  if (!(failure instanceof Failure)) return undefined;
  const { action, code, status = 0, retryAfterMs } = failure.detail;
  // As in the cloud's own clients, a refusal with a requested pause is throttling, with any code.
  if (retryAfterMs !== undefined) return "throttled";
  if (code === undefined)
    return failure.kind === "Unreachable" ? "repeat" : failure.kind === "Denied" ? "denied" : undefined;
  return (
    codeEntry(action, code)?.reaction ??
    (status === 429 ? "throttled" : status === 401 ? "denied" : status >= 500 ? "repeat" : "report")
  );
}

/** What the user can do about it, in one sentence. */
export const guidanceFor = (action: string, code: string): string | undefined => codeEntry(action, code)?.guidance;
