/**
 * Every error of the emulated OSS. `ec` is the more detailed code of the `x-oss-ec` header, if its page is known
 * (https://www.alibabacloud.com/help/en/oss/user-guide/<ec>).
 */
export const ossCodes = {
  AccessDenied: {
    status: 403,
    message: "You have no right to access this object because of bucket acl.",
    ec: "0003-00000001",
  },
  "AccessDenied/copy-across-regions": {
    status: 403,
    message: "Target object does not reside in the same data center as source object.",
  },
  "AccessDenied/url-expired": { status: 403, message: "Request has expired.", ec: "0002-00000069" },
  "AccessDenied/url-incomplete": { status: 403, message: "%s" },
  InvalidAccessKeyId: {
    status: 403,
    message: "The OSS Access Key Id you provided does not exist in our records.",
    ec: "0002-00000902",
  },
  "InvalidAccessKeyId/token": {
    status: 403,
    message: "The OSS Access Key Id you provided does not exist in our records.",
    ec: "0002-00000002",
  },
  InvalidSecurityToken: { status: 403, message: "The security token you provided is invalid." },
  SecurityTokenExpired: { status: 403, message: "The security token you provided has expired.", ec: "0002-00000007" },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      "The request signature we calculated does not match the signature you provided. Check your key and " +
      "signing method.",
    ec: "0002-00000040",
  },
  RequestTimeTooSkewed: {
    status: 403,
    message: "The difference between the request time and the current time is too large.",
    ec: "0002-00000504",
  },
  InvalidArgument: { status: 400, message: "%s" },
  InvalidBucketName: { status: 400, message: "The specified bucket is not valid." },
  InvalidObjectName: { status: 400, message: "The specified object is not valid." },
  InvalidDigest: { status: 400, message: "The Content-MD5 you specified was invalid." },
  NoSuchBucket: { status: 404, message: "The specified bucket does not exist.", ec: "0015-00000101" },
  NoSuchKey: { status: 404, message: "The specified key does not exist.", ec: "0026-00000001" },
  NoSuchUpload: {
    status: 404,
    message:
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted " +
      "or completed.",
    ec: "0042-00000002",
  },
  InvalidPart: {
    status: 400,
    message:
      "One or more of the specified parts could not be found or the specified entity tag might not have matched " +
      "the part's entity tag.",
  },
  InvalidPartOrder: { status: 400, message: "The list of parts was not in ascending order." },
  EntityTooSmall: { status: 400, message: "Your proposed upload is smaller than the minimum allowed size." },
  MalformedXML: { status: 400, message: "The XML you provided was not well-formed." },
  "NotImplemented/emulator": { status: 501, message: "%s" },
  BucketAlreadyExists: {
    status: 409,
    message:
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. " +
      "Please select a different name and try again.",
  },
  BucketNotEmpty: { status: 409, message: "The bucket you tried to delete is not empty." },
  InvalidObjectState: { status: 403, message: "The operation is not valid for the object's state." },
  PreconditionFailed: { status: 412, message: "At least one of the pre-conditions you specified did not hold." },
  InvalidRange: { status: 416, message: "The requested range cannot be satisfied." },
  MethodNotAllowed: { status: 405, message: "The specified method is not allowed against this resource." },
  NotImplemented: {
    status: 501,
    message: "A header or a parameter you provided implies functionality that is not implemented.",
  },
  QpsLimitExceeded: { status: 503, message: "Please reduce your request rate." },
  InternalError: { status: 500, message: "We encountered an internal error. Please try again." },
} as const;

export type OssCode = keyof typeof ossCodes;
