import { Failure, type FailureKind } from "../failure";

/**
 * How the provider reacts to an error code of OSS:
 *
 * - `repeat`: OSS is busy or has a fault. The call is repeated a few times.
 * - `renew`: temporary credentials have expired. They are renewed, and the call is repeated once.
 * - `denied`: these credentials are not allowed to do it, and trying again will not help.
 * - `report`: the user must act.
 */
export type Reaction = "repeat" | "renew" | "denied" | "report";

interface CodeEntry {
  readonly reaction: Reaction;
  /** What the user can do about it, in one sentence. */
  readonly guidance?: string;
}

const CHECK_KEYS =
  "Check the access key of this stack (alicloud:accessKey and alicloud:secretKey, the environment, or the profile).";
const BUCKET = "Check the name of the bucket.";
const ENDPOINT = "Check the region of the bucket, and alicloud:endpoints.oss where it is set.";
const BUSY: CodeEntry = { reaction: "repeat" };

/** https://www.alibabacloud.com/help/en/oss/support/http-status-code lists the codes. */
const codes: Readonly<Record<string, CodeEntry>> = {
  InvalidAccessKeyId: { reaction: "renew", guidance: CHECK_KEYS },
  SecurityTokenExpired: { reaction: "renew", guidance: "Renew the temporary credentials." },
  InvalidSecurityToken: { reaction: "renew", guidance: "Check alicloud:securityToken: it belongs to another key." },
  SecurityTokenNotSupported: { reaction: "denied", guidance: "Check alicloud:securityToken." },
  SignatureDoesNotMatch: { reaction: "denied", guidance: CHECK_KEYS },
  RequestTimeTooSkewed: {
    reaction: "report",
    guidance: "Set the clock of this machine: it is more than 15 minutes off.",
  },
  UserDisable: {
    reaction: "denied",
    guidance: "Settle the account's balance, or ask Alibaba Cloud why OSS is disabled.",
  },
  AccountProblem: { reaction: "denied", guidance: "Settle the account's balance in the Alibaba Cloud console." },
  AccessForbidden: { reaction: "denied", guidance: "Check the policy of the bucket." },
  NoSuchBucket: { reaction: "report", guidance: BUCKET },
  InvalidBucketName: { reaction: "report", guidance: BUCKET },
  InvalidObjectName: { reaction: "report", guidance: "Check the key of the object." },
  NoSuchKey: { reaction: "report", guidance: "Check the key of the object." },
  SecondLevelDomainForbidden: { reaction: "report", guidance: ENDPOINT },
  InvalidLocationConstraint: { reaction: "report", guidance: ENDPOINT },
  InvalidObjectState: { reaction: "report", guidance: "Restore the object: it is archived." },
  FileImmutable: { reaction: "report", guidance: "The retention policy of the bucket protects the object." },
  KmsServiceNotEnabled: { reaction: "report", guidance: "Activate KMS in the region of the bucket." },
  RequestTimeout: BUSY,
  QpsLimitExceeded: BUSY,
  DownloadTrafficRateLimitExceeded: BUSY,
  ServiceUnavailable: BUSY,
  InternalError: BUSY,
  TooManyRequests: BUSY,
};

/** OSS has one code for a missing permission and for a bucket at the endpoint of another region. */
const accessDenied = (action: string | undefined): CodeEntry => ({
  reaction: "denied",
  // For RAM, a HEAD is a read of the object.
  ...(action !== undefined && {
    guidance:
      `Allow oss:${action.replace("HeadObject", "GetObject")} to these credentials in their RAM policy ` +
      "and in the bucket's, and check that the bucket is in this region.",
  }),
});

const entryOf = (action: string | undefined, code: string): CodeEntry | undefined =>
  code === "AccessDenied" ? accessDenied(action) : Object.hasOwn(codes, code) ? codes[code] : undefined;

function reactionOf(status: number, code: string): Reaction {
  if (status >= 500 || status === 429) return "repeat";
  return entryOf(undefined, code)?.reaction ?? (status === 401 || status === 403 ? "denied" : "report");
}

/** The reaction to a failed call; undefined if OSS has not refused it. */
export function reactionTo(error: unknown): Reaction | undefined {
  if (!(error instanceof Failure)) return undefined;
  const { code, status } = error.detail;
  return code === undefined || status === undefined ? undefined : reactionOf(status, code);
}

/** What the user can do about it, in one sentence. */
export const guidanceFor = (action: string, code: string): string | undefined => entryOf(action, code)?.guidance;

export function kindOf(status: number, code: string): FailureKind {
  const reaction = reactionOf(status, code);
  if (reaction === "repeat") return "Unreachable";
  return reaction === "denied" || reaction === "renew" ? "Denied" : "Refused";
}
