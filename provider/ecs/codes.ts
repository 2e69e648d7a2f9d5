import { Failure } from "../failure";
import type { Action } from "./actions";

/**
 * What follows from an error code:
 *
 * - `throttled`: too many calls; the gate paces them, and the call is repeated until its deadline.
 * - `later`: the cloud is busy with something that ends by itself; the same call is repeated until its deadline.
 * - `repeat`: it is unknown whether it was done; repeated for a while where that can do no harm.
 * - `renew`: temporary credentials have run out; they are resolved anew and the call goes on.
 * - `denied`: these credentials may not do it; nothing was done, and trying again will not help.
 * - `gone`: the thing that was to be removed, changed or seen does not exist.
 * - `adopt`: the name or the token is taken, possibly by what an earlier run of the same resource made.
 * - `tell`: a person must act.
 */
export type Reaction = "throttled" | "later" | "repeat" | "renew" | "denied" | "gone" | "adopt" | "tell";

export interface CodeEntry {
  readonly reaction: Reaction;
  /** What a person can do about it: one sentence. */
  readonly guidance?: string;
}

const place =
  (reaction: Reaction) =>
  (guidance?: string): CodeEntry => ({ reaction, ...(guidance !== undefined && { guidance }) });
const tell = place("tell");
const later = place("later");
const gone = place("gone")();
const adopt = place("adopt");
const repeat = place("repeat")();
const denied = place("denied");
const renew = place("renew");

const CHECK_KEYS =
  "Check the access key of this stack (alicloud:accessKey and alicloud:secretKey, the environment, or the profile).";
const PAY = "Settle the account's balance in the Alibaba Cloud console.";
const SUPPORT = "Ask Alibaba Cloud support to enable this for the account, or to look into it by the RequestId.";
const ROLE = "Let ECS access the bucket through a RAM role, and name that role in roleName.";
const BUCKET = "Name a bucket in the region of the image.";
const TAGS = "Remove some tags: an image has at most 20, two of which mark its owner.";
const NAME_TAKEN = "The name belongs to another image of the region; choose another imageName.";
const STALE_TOKEN = "The client token belongs to an earlier request with other parameters; run pulumi up again.";
const SNAPSHOT_BUSY = "The snapshot must be finished first.";
const DISK_BUSY = "A disk of the instance is busy; wait until its snapshot, migration or attachment is done.";
const KMS = "Let ECS use the key that encrypts the disk, in the KMS console.";

/** Codes that mean the same wherever they appear. */
const anywhere: Readonly<Record<string, CodeEntry>> = {
  InternalError: repeat,
  UnknownError: repeat,
  ServiceUnavailable: repeat,
  ServiceUnavailableTemporary: repeat,
  RequestTimeout: repeat,
  // A proxy may have delivered the request twice: then the first delivery did it, and this answer is the second one's.
  SignatureNonceUsed: repeat,
  IdempotentProcessing: later(),
  LastTokenProcessing: later(),
  OperationConflict: later(),
  "Operation.Conflict": later(),
  IdempotentParameterMismatch: adopt(STALE_TOKEN),
  IdempotenceParamNotMatch: adopt(STALE_TOKEN),
  "InvalidParamter.Conflict": adopt(STALE_TOKEN),

  "InvalidSecurityToken.Expired": renew("Renew the temporary credentials."),
  SecurityTokenExpired: renew("Renew the temporary credentials."),
  // A session that has ended may also be reported as an access key that does not exist.
  "InvalidAccessKeyId.NotFound": renew(CHECK_KEYS),
  "InvalidAccessKeyId.Inactive": renew(CHECK_KEYS),
  InvalidAccessKeyId: renew(CHECK_KEYS),
  "InvalidSecurityToken.Malformed": denied("Check alicloud:securityToken."),
  "InvalidSecurityToken.MismatchWithAccessKey": denied("Check that access key and security token belong together."),
  MissingSecurityToken: denied("Temporary credentials need alicloud:securityToken too."),
  SignatureDoesNotMatch: denied(CHECK_KEYS),
  IncompleteSignature: denied(CHECK_KEYS),
  Forbbiden: denied(SUPPORT), // sic: the ImportImage page
  "InvalidTimeStamp.Expired": tell("Set the clock of this machine: it is more than 15 minutes off."),

  "InvalidRegionId.NotFound": tell("Check alicloud:region, or the resource's regionId."),
  "RegionId.NotFound": tell("Check alicloud:region, or the resource's regionId."),
  "InvalidResourceGroup.NotFound": tell("Check resourceGroupId."),
  MissingParameter: tell(),
  "Duplicate.TagKey": tell("Give each tag key once."),
  "InvalidTagKey.Malformed": tell("Check the keys of tags."),
  "InvalidTagValue.Malformed": tell("Check the values of tags."),
  "QuotaExceed.Tags": tell(TAGS),
  "QuotaExceed.Image": tell("Delete images that are no longer needed, or raise the quota in Quota Center."),
  "QuotaExceed.Snapshot": tell("Delete snapshots that are no longer needed, or raise the quota in Quota Center."),
  "InvalidImageName.Malformed": tell("Check imageName."),
  "InvalidDescription.Malformed": tell("Check description."),
  "InvalidImageFamily.Malformed": tell("Check imageFamily."),
  "ImageQuotaExceed.ImageFamily": tell("Delete images of this family, or use another imageFamily."),
  ImageFamilyQuotaExceed: tell("Use an imageFamily that exists already, or raise the quota in Quota Center."),
  "InvalidArchitecture.Malformed": tell("Check architecture."),
  "InvalidPlatform.Malformed": tell("Check platform."),
  "InvalidBootMode.Malformed": tell("Set bootMode to BIOS, UEFI or UEFI-Preferred."),
  "InvalidBootMode.NotSupport": tell("Choose a bootMode that the image's architecture supports."),
  "InvalidDetectionStrategy.Malformed": tell("Set detectionStrategy to Standard, or leave it out."),
  "InvalidAccountStatus.NotEnoughBalance": tell(PAY),
  UserNotInTheWhiteList: tell(SUPPORT),
};

const taskCalls: Readonly<Record<string, CodeEntry>> = { "InvalidTaskId.NotFound": gone };

const tagCalls: Readonly<Record<string, CodeEntry>> = {
  "InvalidResourceId.NotFound": gone,
  "MissingParameter.TagOwnerUid": tell(),
  "MissingParameter.TagOwnerBid": tell(),
  "MissingParameter.ResourceType": tell(),
  "MissingParameter.Tags": tell(),
  "MissingParameter.RegionId": tell(),
  "NumberExceed.ResourceIds": tell(),
  "NumberExceed.Tags": tell(TAGS),
  "InvalidResourceType.NotFound": tell(),
  "OperationDenied.QuotaExceed": tell(TAGS),
  "InvalidResourceId.NotSupported": tell(),
  "InvalidTag.Mismatch": tell("Check tags."),
  InvalidTagCount: tell(TAGS),
  "Invalid.Scope": tell(),
};

/** Codes by the action that answers with them, as the action's own page lists them. */
const byAction: Readonly<Record<Action, Readonly<Record<string, CodeEntry>>>> = {
  CreateImage: {
    "InvalidImageName.Duplicated": adopt(NAME_TAKEN),
    "InvalidImageVersion.Malformed": tell("Check imageVersion."),
    // Anything but Running and Stopped is on its way to one of them.
    IncorrectInstanceStatus: later("The instance must be Running or Stopped."),
    "IncorrectInstanceStatus.NeedRestart": tell("Restart the instance: a disk was attached while it was stopped."),
    InstanceLockedForSecurity: tell("Unlock the instance in the ECS console."),
    "InvalidInstanceId.NotFound": tell("Check instanceId and the region."),
    "InvalidInstanceId.ValueNotSupported": tell("Choose another instance: no image can be made of this one."),
    "InvalidInstance.NotFoundSystemDisk": tell("Choose an instance that has a system disk."),
    "HibernationConfigured.InstanceOperationForbidden": tell("Turn hibernation off for the instance."),
    "InvalidDevice.Malformed": tell("Check device in diskDeviceMappings: /dev/xvda to /dev/xvdz."),
    "InvalidDevice.InUse": tell("Give each disk in diskDeviceMappings a device of its own."),
    "InvalidSize.ValueNotSupported": tell("Check size in diskDeviceMappings: not below the snapshot's."),
    "InvalidDiskType.ValueNotSupported": tell("Set diskType to system or data."),
    "InvalidDiskCategory.CreateImage": tell("Choose a disk of another category."),
    "InvalidOperation.DiskCategoryUnsupported": tell("Choose a disk of another category."),
    OperationDenied: tell("Give exactly one snapshot of a system disk, from which images may be made."),
    "OperationDenied.InvalidSnapshotCategory": tell("Choose a snapshot of another category."),
    "InvalidSnapshotCategory.NotSupportImageCreation": tell("Choose a snapshot of another category."),
    "InvalidOperation.DefaultFreeSnapshotNotSupport": tell("Choose a snapshot that is not a default free one."),
    "InvalidOperation.SnapshotStorageLocationUnsupported": tell("Choose a snapshot that is not stored in a CloudBox."),
    "InvalidSystemSnapshot.Missing": tell("Give a snapshot of a system disk."),
    "InvalidSnapshot.TooOld": tell("Choose a snapshot made after 2013-07-15."),
    "InvalidSnapshotId.NotFound": tell("Check the snapshot's id and the region."),
    "InvalidSnapshotId.NotReady": later(SNAPSHOT_BUSY),
    SnapshotNotReady: later(SNAPSHOT_BUSY),
    "TooManySnapshot.Unfinished": later(SNAPSHOT_BUSY),
    "QuotaExceed.ConcurrentSnapshotQuota": later(SNAPSHOT_BUSY),
    IncorrectDiskStatus: later(DISK_BUSY),
    "IncorrectDiskStatus.CreatingSnapshot": later(DISK_BUSY),
    "IncorrectDiskStatus.Transferring": later(DISK_BUSY),
    "IncorrectDiskStatus.NeverAttached": tell("Attach the disk to an instance once before making an image of it."),
    "IncorrectDiskStatus.Invalid": tell("Restart the instance."),
    "InvalidParameter.AllEmpty": tell("Give an instance, a snapshot or disks."),
    "InvalidParameter.DiskType": tell("Choose a snapshot that is not encrypted for the system disk."),
    "InvalidParameter.FeaturesImdsSupport": tell("Set features.imdsSupport to v1 or v2."),
    "InvalidParameter.KMSKeyId.CMKUnauthorized": tell("Tag the KMS key for ECS, as its encryption page describes."),
    "InvalidParameter.KMSKeyId.CMKNotEnabled": tell("Enable the KMS key."),
    "InvalidParameter.KMSKeyId.KMSUnauthorized": tell(KMS),
    "AccountForbidden.CreateOrder": tell(PAY),
    AccountEnterpriseStatusInvalid: tell("Renew the account's real-name verification in the Account Center."),
    "InvalidAccountStatus.SnapshotServiceUnavailable": tell("Activate the snapshot service in the ECS console."),
  },
  ImportImage: {
    "InvalidImageName.Duplicated": adopt(NAME_TAKEN),
    ImageIsImporting: later("Another import of this image must end first."),
    IncorrectImageStatus: tell(),
    ImportImageFailed: tell(SUPPORT),
    NoSetRoletoECSServiceAcount: tell(ROLE), // sic: the page has it with one c
    NoSetRoletoECSServiceAccount: tell(ROLE),
    "InvalidOSS.NotAuthorized": tell(ROLE),
    "InvalidOperation.CloudBoxImageImportRoleRequired": tell(ROLE),
    "InvalidOSSBucket.NotFound": tell(BUCKET),
    "InvalidOSSBucket.NotMatched": tell(BUCKET),
    "InvalidOSSObject.Malformed": tell("Check ossObject."),
    "InvalidOSSObject.NotFound": tell("Check ossObject: there is no such object in the bucket."),
    "InvalidOSSObject.NeedRestore": tell("Restore the object: it is archived."),
    "InvalidFormat.Malformed": tell("Set format to RAW, VHD or QCOW2, or leave it out."),
    "InvalidImageFormat.Malformed": tell("Set format to RAW, VHD or QCOW2, or leave it out."),
    InvalidImageSize: tell("Make diskImageSize at least as large as the disk in the file."),
    InvalidDataDiskSize: tell("Set diskImageSize of data disks to 5-1000 GiB."),
    "InvalidOSType.Malformed": tell("Set osType to linux or windows."),
    "InvalidLicenseType.NotSupported": tell("Set licenseType to Auto, Aliyun or BYOL."),
    "InvalidLicenseType.BYOLOnly": tell("Set licenseType to BYOL."),
    "InvalidParameter.Malformed": tell("Check device in diskDeviceMappings."),
    "MissingParameter.DiskDeviceMapping": tell("Give at least one disk in diskDeviceMappings."),
    "InvalidRegion.NotSupport": tell("Choose a region where images can be imported."),
  },
  ExportImage: {
    "InvalidImageId.NotFound": tell("Check imageId and the region."),
    IncorrectImageStatus: tell("The image must be Available."),
    // Which may be this resource's own, whose answer was lost: the lifecycle looks before it waits.
    ImageIsExporting: tell("Another export of this image must end first."),
    "ConcurrentQuotaExceed.ExportImage": later("Other exports must end first."),
    "WeeklyQuotaExceed.ExportImage": tell("Wait for next week's quota, or raise it in Quota Center."),
    ExportImageFailed: tell(SUPPORT),
    OperationDenied: tell("Export an image without data disks."),
    ImageNotSupported: tell("Choose an image that is neither encrypted nor from the marketplace."),
    "InvalidImageCategory.NotSupported": tell("Choose a custom image of this account."),
    "InvalidImageLicense.NotSupported": tell("Choose an image whose licence allows exporting it."),
    "InvalidImage.DiskAmountOrSize": tell("Export an image with at most 4 data disks of at most 500 GiB."),
    "InvalidImageFormat.Malformed": tell("Set imageFormat to raw, vhd, qcow2, vmdk or vdi."),
    "InvalidImageFormat.RegionNotSupported": tell("Leave imageFormat out: this region exports raw alone."),
    "InvalidOSSPrefix.Malformed": tell("Check ossPrefix: 1 to 30 letters and digits."),
    "InvalidOSSBucket.NotFound": tell(BUCKET),
    "InvalidOSSBucket.NotMatched": tell(BUCKET),
    "InvalidOSSBucket.EncryptUnsupported": tell("Choose a bucket without server-side encryption."),
    "InvalidOSSObject.NeedRestore": tell("Restore the object of that key, or choose another ossPrefix."),
    NoSetRoletoECSServiceAcount: tell(ROLE),
    NoSetRoletoECSServiceAccount: tell(ROLE),
    "InvalidOSS.NotAuthorized": tell(ROLE),
    "InvalidRegion.NotSupport": tell("Choose a region from which images can be exported."),
  },
  DeleteImage: {
    "InvalidImageId.NotFound": gone,
    ImageIsCreating: later("The image must be finished first."),
    ImageIsImporting: tell("Cancel the import first, or wait until it has ended."),
    ImageIsExporting: tell("Cancel the export first, or wait until it has ended."),
    "OperationDenied.ImageCopying": tell("Cancel the copy first, or wait until it has ended."),
    ImageUsingByInstance: tell("Release the instances that were made from it, or set forceDelete to true."),
    ImageUseShared: tell("Stop sharing the image first."),
    ImageIsPublic: tell("Withdraw the image from the community first."),
  },
  DeleteSnapshot: {
    "InvalidSnapshotId.NotFound": gone,
    // Deleting an image goes on after its answer, and holds its snapshots until it is done.
    SnapshotCreatedImage: later("An image still uses the snapshot."),
    SnapshotCreatedDisk: tell("Disks were made from the snapshot; delete it by hand if they need not be reset to it."),
  },
  ModifyImageAttribute: {
    "InvalidImageId.NotFound": gone,
    "InvalidImageName.Duplicated": tell(NAME_TAKEN),
    "InvalidStatus.ImageIsCreating": later("The image must be finished first."),
    ImageIsCreating: later("The image must be finished first."),
    "ImageStatus.NotAvailable": tell("The image must be Available."),
  },
  JoinResourceGroup: {
    "InvalidResourceId.NotFound": gone,
    "InvalidResourceType.NotFound": tell(),
    "MissingParameter.ResourceType": tell(),
    "MissingParameter.ResourceId": tell(),
  },
  TagResources: tagCalls,
  UntagResources: tagCalls,
  CancelTask: {
    ...taskCalls,
    // Finished, or cancelled already: nothing runs that could be cancelled.
    "InvalidTaskId.IncorrectTaskStatus": gone,
    "InvalidTaskId.TaskActionNotSupport": tell(),
    CancelTaskFailed: later(),
  },
  DescribeTaskAttribute: taskCalls,
  DescribeTasks: {},
  DescribeImages: { "InvalidImageId.NotFound": gone },
  DescribeSnapshots: { "InvalidSnapshotId.NotFound": gone },
};

/** The place of a code in the table; undefined for one that no page lists. */
export function codeEntry(action: string | undefined, code: string): CodeEntry | undefined {
  const own: Readonly<Record<string, CodeEntry>> =
    (action !== undefined && Object.hasOwn(byAction, action) && byAction[action as Action]) || {};
  if (Object.hasOwn(own, code)) return own[code];
  if (Object.hasOwn(anywhere, code)) return anywhere[code];
  if (/Throttling/.test(code))
    return {
      reaction: "throttled",
      guidance: `The account's quota of calls${action ? ` for ${action}` : ""} is used up; run fewer at a time, or raise it in Quota Center.`,
    };
  if (/^(Forbidden|NoPermission|PermissionDenied)(\.|$)/.test(code))
    return denied(action && `Allow ecs:${action} to these credentials in their RAM policy.`);
  return undefined;
}

/** What follows from a failed call; undefined for what is not a failure of the API. */
export function reactionTo(failure: unknown): Reaction | undefined {
  if (!(failure instanceof Failure)) return undefined;
  const { action, code, status = 0 } = failure.detail;
  if (code === undefined)
    return failure.kind === "Unreachable" ? "repeat" : failure.kind === "Denied" ? "denied" : undefined;
  return (
    codeEntry(action, code)?.reaction ??
    (status === 429 ? "throttled" : status === 401 ? "denied" : status >= 500 ? "repeat" : "tell")
  );
}

/** One sentence on what a person can do about it. */
export const guidanceFor = (action: string, code: string): string | undefined => codeEntry(action, code)?.guidance;
