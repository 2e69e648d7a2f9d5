import type { Action } from "../../provider/ecs/actions";
import { codeEntry, guidanceFor, type Reaction, reactionTo } from "../../provider/ecs/codes";
import { Failure, type FailureKind } from "../../provider/failure";

const TAG_CODES = [
  "InvalidRegionId.NotFound",
  "MissingParameter.TagOwnerUid",
  "MissingParameter.TagOwnerBid",
  "MissingParameter.ResourceType",
  "MissingParameter.Tags",
  "MissingParameter.RegionId",
  "PermissionDenied.TagOwnerUid",
  "PermissionDenied.Scope",
  "NumberExceed.ResourceIds",
  "NumberExceed.Tags",
  "Duplicate.TagKey",
  "InvalidResourceId.NotFound",
  "InvalidResourceType.NotFound",
  "InvalidTagKey.Malformed",
  "InvalidTagValue.Malformed",
  "OperationDenied.QuotaExceed",
  "InvalidResourceId.NotSupported",
  "InvalidTag.Mismatch",
  "InvalidTagCount",
  "Invalid.Scope",
  "NoPermission.Tag",
];

/** The codes of the API pages, current and older, by action. */
const pages: Partial<Record<Action, readonly string[]>> = {
  CreateImage: [
    "InvalidImageName.Malformed",
    "InvalidImageName.Duplicated",
    "InvalidDescription.Malformed",
    "InvalidImageVersion.Malformed",
    "IncorrectInstanceStatus",
    "InstanceLockedForSecurity",
    "InvalidDevice.Malformed",
    "MissingParameter",
    "InvalidSize.ValueNotSupported",
    "InvalidDevice.InUse",
    "OperationDenied",
    "InvalidDiskCategory.CreateImage",
    "InvalidArchitecture.Malformed",
    "InvalidPlatform.Malformed",
    "InvalidParameter.AllEmpty",
    "InvalidParameter.DiskType",
    "Duplicate.TagKey",
    "InvalidTagKey.Malformed",
    "InvalidTagValue.Malformed",
    "InvalidInstance.NotFoundSystemDisk",
    "InvalidImageFamily.Malformed",
    "ImageQuotaExceed.ImageFamily",
    "ImageFamilyQuotaExceed",
    "InvalidDiskType.ValueNotSupported",
    "IdempotenceParamNotMatch",
    "InvalidBootMode.NotSupport",
    "InvalidParameter.FeaturesImdsSupport",
    "InvalidOperation.DiskCategoryUnsupported",
    "AccountForbidden.CreateOrder",
    "InvalidBootMode.Malformed",
    "InvalidDetectionStrategy.Malformed",
    "InternalError",
    "IncorrectDiskStatus.NeverAttached",
    "InvalidSnapshotId.NotReady",
    "InvalidSnapshot.TooOld",
    "QuotaExceed.Image",
    "InvalidParamter.Conflict",
    "InvalidAccountStatus.NotEnoughBalance",
    "InvalidAccountStatus.SnapshotServiceUnavailable",
    "UserNotInTheWhiteList",
    "IncorrectDiskStatus.Invalid",
    "OperationDenied.InvalidSnapshotCategory",
    "QuotaExceed.Snapshot",
    "IncorrectDiskStatus.Transferring",
    "IncorrectDiskStatus",
    "InvalidSystemSnapshot.Missing",
    "IncorrectDiskStatus.CreatingSnapshot",
    "InvalidParameter.KMSKeyId.CMKUnauthorized",
    "InvalidParameter.KMSKeyId.CMKNotEnabled",
    "InvalidParameter.KMSKeyId.KMSUnauthorized",
    "QuotaExceed.Tags",
    "InvalidSnapshotCategory.NotSupportImageCreation",
    "TooManySnapshot.Unfinished",
    "HibernationConfigured.InstanceOperationForbidden",
    "SnapshotNotReady",
    "IncorrectInstanceStatus.NeedRestart",
    "QuotaExceed.ConcurrentSnapshotQuota",
    "InvalidOperation.SnapshotStorageLocationUnsupported",
    "AccountEnterpriseStatusInvalid",
    "InvalidOperation.DefaultFreeSnapshotNotSupport",
    "InvalidSnapshotId.NotFound",
    "InvalidInstanceId.NotFound",
    "InvalidResourceGroup.NotFound",
    "InvalidInstanceId.ValueNotSupported",
    "InvalidRegionId.NotFound",
  ],
  ImportImage: [
    "Forbbiden",
    "IncorrectImageStatus",
    "InvalidArchitecture.Malformed",
    "InvalidDescription.Malformed",
    "InvalidFormat.Malformed",
    "InvalidImageName.Duplicated",
    "InvalidImageName.Malformed",
    "InvalidImageSize",
    "InvalidOSType.Malformed",
    "InvalidPlatform.Malformed",
    "MissingParameter",
    "RegionId.NotFound",
    "ImageIsImporting",
    "InvalidRegion.NotSupport",
    "QuotaExceed.Image",
    "QuotaExceed.Snapshot",
    "InvalidOSSObject.Malformed",
    "InvalidDataDiskSize",
    "InvalidImageFormat.Malformed",
    "InvalidRegionId.NotFound",
    "ImportImageFailed",
    "UserNotInTheWhiteList",
    "NoSetRoletoECSServiceAcount",
    "NoSetRoletoECSServiceAccount",
    "InvalidOSSBucket.NotFound",
    "InvalidParameter.Malformed",
    "MissingParameter.DiskDeviceMapping",
    "InvalidOSSObject.NotFound",
    "InvalidOSSBucket.NotMatched",
    "InvalidLicenseType.NotSupported",
    "InvalidLicenseType.BYOLOnly",
    "InvalidOSS.NotAuthorized",
  ],
  ExportImage: [
    "MissingParameter",
    "InvalidImageName.Malformed",
    "InvalidOSSPrefix.Malformed",
    "InvalidRegionId.NotFound",
    "InvalidRegion.NotSupport",
    "IncorrectImageStatus",
    "InvalidImageFormat.Malformed",
    "InvalidOSSBucket.NotFound",
    "OperationDenied",
    "InvalidImage.DiskAmountOrSize",
    "ImageNotSupported",
    "InvalidOSSObject.NeedRestore",
    "InvalidOSSBucket.NotMatched",
    "InvalidImageFormat.RegionNotSupported",
    "ImageIsExporting",
    "ExportImageFailed",
    "UserNotInTheWhiteList",
    "NoSetRoletoECSServiceAcount",
    "InvalidOSS.NotAuthorized",
    "ConcurrentQuotaExceed.ExportImage",
    "WeeklyQuotaExceed.ExportImage",
    "InvalidImageLicense.NotSupported",
    "InvalidImageCategory.NotSupported",
    "InvalidOSSBucket.EncryptUnsupported",
    "InvalidImageId.NotFound",
  ],
  DeleteImage: [
    "ImageUsingByInstance",
    "ImageUseShared",
    "OperationDenied.ImageCopying",
    "ImageIsImporting",
    "ImageIsExporting",
    "ImageIsCreating",
    "ImageIsPublic",
    "InvalidImageId.NotFound",
    "InvalidRegionId.NotFound",
  ],
  DeleteSnapshot: [
    "SnapshotCreatedImage",
    "SnapshotCreatedDisk",
    "MissingParameter",
    "InternalError",
    "InvalidSnapshotId.NotFound",
    "Operation.Conflict",
  ],
  ModifyImageAttribute: [
    "InvalidImageName.Malformed",
    "MissingParameter",
    "InvalidImageName.Duplicated",
    "InvalidDescription.Malformed",
    "InvalidImageId.NotFound",
    "InvalidStatus.ImageIsCreating",
    "ImageStatus.NotAvailable",
  ],
  JoinResourceGroup: ["InvalidResourceGroup.NotFound", "InvalidResourceId.NotFound", "InvalidRegionId.NotFound"],
  TagResources: [...TAG_CODES, "QuotaExceed.Tags"],
  UntagResources: TAG_CODES,
  CancelTask: [
    "MissingParameter",
    "InvalidRegionId.NotFound",
    "InvalidTaskId.NotFound",
    "InvalidTaskId.TaskActionNotSupport",
    "InvalidTaskId.IncorrectTaskStatus",
    "CancelTaskFailed",
  ],
  DescribeTasks: ["MissingParameter", "InvalidRegionId.NotFound"],
  DescribeTaskAttribute: ["MissingParameter", "InvalidRegionId.NotFound", "InvalidTaskId.NotFound"],
};

const documented = Object.entries(pages).flatMap(([action, codes]) => codes.map((code) => [action, code] as const));
const failure = (action: string, code: string, status = 403, kind: FailureKind = "Refused") =>
  new Failure(kind, "", { action, code, status });

it.each(documented)("%s: %s has its place in the table", (action, code) => {
  expect(codeEntry(action, code)).toBeDefined();
});

it("guidance is one sentence of reasonable length", () => {
  for (const [action, code] of documented) {
    const guidance = guidanceFor(action, code);
    if (guidance !== undefined) expect(guidance).toMatch(/^[A-Z][^\n]{5,150}\.$/);
  }
});

it.each<[Action, string, Reaction]>([
  ["CreateImage", "IncorrectDiskStatus.CreatingSnapshot", "later"],
  ["CreateImage", "IncorrectInstanceStatus", "later"],
  ["CreateImage", "IncorrectInstanceStatus.NeedRestart", "tell"],
  ["CreateImage", "QuotaExceed.Image", "tell"],
  ["CreateImage", "QuotaExceed.ConcurrentSnapshotQuota", "later"],
  ["CreateImage", "InvalidImageName.Duplicated", "adopt"],
  ["ImportImage", "InvalidImageName.Duplicated", "adopt"],
  ["ModifyImageAttribute", "InvalidImageName.Duplicated", "tell"],
  ["CreateImage", "IdempotentParameterMismatch", "adopt"],
  ["CreateImage", "IdempotentProcessing", "later"],
  ["CreateImage", "InvalidSnapshotId.NotFound", "tell"],
  ["DeleteSnapshot", "InvalidSnapshotId.NotFound", "gone"],
  ["DeleteImage", "InvalidImageId.NotFound", "gone"],
  ["ExportImage", "InvalidImageId.NotFound", "tell"],
  ["DeleteImage", "ImageIsCreating", "later"],
  ["DeleteImage", "ImageIsExporting", "tell"],
  ["DeleteImage", "ImageUsingByInstance", "tell"],
  ["ExportImage", "ConcurrentQuotaExceed.ExportImage", "later"],
  ["ExportImage", "NoSetRoletoECSServiceAcount", "tell"],
  ["CancelTask", "InvalidTaskId.IncorrectTaskStatus", "gone"],
  ["UntagResources", "InvalidResourceId.NotFound", "gone"],
  ["TagResources", "NoPermission.Tag", "denied"],
  ["DescribeImages", "Forbidden.RAM", "denied"],
  ["DescribeImages", "Throttling.Api", "throttled"],
  ["DescribeImages", "Rejected.Throttling", "throttled"],
  ["ImportImage", "Forbbiden", "denied"],
])("%s %s: %s", (action, code, reaction) => {
  expect(reactionTo(failure(action, code))).toBe(reaction);
});

it("a code that no page lists is judged by the HTTP status: 5xx is unclear, 429 a throttle, 401 a denial, the rest is told", () => {
  const judged = [503, 429, 401, 400, 403, 404].map((status) =>
    reactionTo(failure("CreateImage", "Brand.New", status)),
  );
  expect(judged).toEqual(["repeat", "throttled", "denied", "tell", "tell", "tell"]);
});

it("codes named like an object's own properties are nothing special", () => {
  for (const code of ["constructor", "__proto__", "toString"])
    expect(reactionTo(failure("CreateImage", code))).toBe("tell");
  expect(codeEntry("constructor", "name")).toBeUndefined();
});

it("what is not a failure of the API has no reaction", () => {
  for (const other of [new Error("x"), undefined, "text", new Failure("TimedOut", "x"), new Failure("Invalid", "x")])
    expect(reactionTo(other)).toBeUndefined();
});
