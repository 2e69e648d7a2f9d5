/**
 * The kind of a value, by its path: the cloud's own word, number or time (`own`), a sentence (`message`), a host, an
 * object's key, or what somebody chose or what names somebody (`chosen`). Unknown paths count as `chosen`.
 */
export type Role = "own" | "message" | "host" | "key" | "chosen";

export function roleOf(path: string): Role {
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (MESSAGES.test(name)) return "message";
  if (OWN_PATHS.test(path)) return "own";
  if (OWN_NAMES.has(name) && !CHOSEN_PATHS.test(path)) return "own";
  if (name === "HostId" || name === "Endpoint") return "host";
  return KEYS.test(path) ? "key" : "chosen";
}

const MESSAGES = /^(Message|ErrorMsg|Recommend|RecommendDoc)$/;
const KEYS = /(^|\.)(RelatedItem\.Value|\w*OSSObject\w*|key|Key|Prefix|prefix)$/;
const CHOSEN_PATHS = /(^|\.)Tag\.\w+$/;
/** Paths where one of the names below has another meaning. */
const OWN_PATHS = /(^|\.)(RelatedItem\.Name|Item\.(Name|Value)|Filter\.Key|Features\.\w+|SystemDisk\.(Category|Size))$/;
const OWN_NAMES: ReadonlySet<string> = new Set(
  `ActionType Amount Architecture AutoReleaseTime BootMode Category CloudAssistantStatus Code CreationEndTime
  CreationStartTime CreationTime DestinationRegionId DetectionStrategy Device DiskCategory DiskImSize
  DiskImageSize DiskType DryRun EC Encrypted EndTime ErrorCode ExitCode ExpiredTime FinishTime FinishedTime
  Force Format ImageFormat ImageOwnerAlias ImdsSupport InstanceChargeType InstanceType InvocationStatus
  InvokeRecordStatus IsPublic IsSelfShared IsSupportCloudinit IsSupportIoOptimized IsTruncated KeyCount
  LastModified LastModifiedTime LicenseType LocalName MaxKeys MaxResults NvmeSupport OSName OSNameEn OSType
  OperationStatus OperationType PageNumber PageSize Platform Progress RegionId RemainTime ResourceType
  RiskCode RiskLevel SecureBootSupport ShowExpired Size SourceDiskCategory SourceDiskSize SourceDiskType
  SourceSnapshotType StartTime Status StorageClass SupportCancel SystemDiskCategory TaskAction TaskProcess
  TaskStatus Timeout TotalCount Type Usable Usage ZoneId content-length content-range content-type
  encoding-type last-modified list-type max-keys retry-after x-acs-retry-after x-oss-ec x-oss-object-type
  x-ratelimit-user x-ratelimit-user-api`.split(/\s+/),
);
