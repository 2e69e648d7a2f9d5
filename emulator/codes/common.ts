/** Errors that any action may answer with. */
export const commonCodes = {
  MissingParameter: { status: 400, message: "The input parameter %s that is mandatory for processing this request is not supplied." },
  InvalidParameter: { status: 400, message: "The specified parameter %s is not valid." },
  DryRunOperation: { status: 400, message: "Request validation has been passed with DryRun flag set." },
  "InvalidAction.NotFound": { status: 404, message: "Specified api is not found, please check your url and method." },
  "InvalidVersion": { status: 400, message: "Specified parameter Version is not valid." },
  "InvalidRegionId.NotFound": { status: 404, message: "The specified RegionId does not exist." },
  "Throttling.User": { status: 400, message: "Request was denied due to user flow control." },
  "Forbidden.RAM": { status: 403, message: "User not authorized to operate on the specified resource, or this API doesn't support RAM." },
  InternalError: { status: 500, message: "The request processing has failed due to some unknown error." },
  UnsupportedFormat: { status: 400, message: "Specified parameter Format is not valid." },
  "InvalidClientToken.Malformed": { status: 400, message: "The specified ClientToken is wrongly formed." },
} as const;
