/**
 * Errors that any action may answer with; those of the gateway are listed at
 * https://help.aliyun.com/document_detail/48054.html.
 */
export const commonCodes = {
  MissingParameter: {
    status: 400,
    message: 'The input parameter "%s" that is mandatory for processing this request is not supplied.',
  },
  InvalidParameter: { status: 400, message: "The specified parameter %s is not valid." },
  "TagKey.Duplication": { status: 403, message: "The TagKey has duplication with others, case-insensitive." },
  DryRunOperation: { status: 400, message: "Request validation has been passed with DryRun flag set." },
  "InvalidAction.NotFound": {
    status: 404,
    message: "Specified api is not found, please check your url and method. %s",
  },
  InvalidVersion: { status: 400, message: "Specified parameter Version is not valid." },
  "InvalidParameter.Format": { status: 400, message: "Specified parameter Format is not valid." },
  "InvalidRegionId.NotFound": { status: 404, message: "The specified RegionId does not exist." },
  "InvalidAccessKeyId.NotFound": { status: 404, message: "Specified access key is not found." },
  IncompleteSignature: { status: 400, message: "The request signature does not conform to Aliyun standards." },
  SignatureDoesNotMatch: { status: 400, message: "Specified signature is not matched with our calculation." },
  SignatureNonceUsed: { status: 400, message: "Specified signature nonce was used already." },
  "InvalidTimeStamp.Format": { status: 400, message: "Specified time stamp or date value is not well formatted." },
  "InvalidTimeStamp.Expired": { status: 400, message: "Specified time stamp or date value is expired." },
  MissingSecurityToken: { status: 400, message: "SecurityToken is mandatory for this action." },
  "InvalidSecurityToken.Malformed": { status: 400, message: "Specified SecurityToken is malformed." },
  "InvalidSecurityToken.MismatchWithAccessKey": {
    status: 400,
    message: "Specified SecurityToken mismatch with the AccessKey.",
  },
  "InvalidSecurityToken.Expired": { status: 400, message: "Specified SecurityToken is expired." },
  "Throttling.User": { status: 400, message: "Request was denied due to user flow control." },
  "Forbidden.RAM": {
    status: 403,
    message: "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
  },
  InternalError: { status: 500, message: "The request processing has failed due to some unknown error." },
} as const;
