import { createHmac } from "node:crypto";
import type { HttpRequest } from "../http/message";
import { type Claim, headerLines, type Lookup, ossHeadersOf, queryOf, resourceOf } from "./claim";
import type { Parameter, Target } from "./request";

// https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header

/** The parameters that belong to the resource, and are signed with it. */
const SUBRESOURCES = new Set(
  `acl append asyncFetch bucketInfo callback callback-var cname comp continuation-token cors delete encryption
  endTime img inventory inventoryId lifecycle live location logging objectMeta partNumber policy position qos
  qosInfo referer regionList replication replicationLocation replicationProgress requestPayment resourceGroup
  response-cache-control response-content-disposition response-content-encoding response-content-language
  response-content-type response-expires restore security-token sequential startTime stat status style
  styleName symlink tagging transferAcceleration udf uploadId uploads versionId versioning versions vod
  website worm wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask
  x-oss-ac-vpc-id x-oss-async-process x-oss-process x-oss-request-payer x-oss-traffic-limit`.split(/\s+/),
);

export function claimOfV1Header(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  authorization: string,
): Claim | string {
  const [accessKeyId = "", signature = ""] = authorization.slice("OSS ".length).split(":");
  if (!accessKeyId || !signature) return "Authorization header is invalid.";
  // Clients that cannot set Date set x-oss-date, which then replaces it.
  const date = request.headers["x-oss-date"] ?? request.headers.date ?? "";
  return {
    accessKeyId,
    signature,
    securityToken: request.headers["x-oss-security-token"],
    signedAtMs: Date.parse(date),
    expected: (secret) => signedV1(request, { target, parameters, date }, secret),
  };
}

export function claimOfV1Url(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  value: Lookup,
): Claim | string {
  const [accessKeyId, signature, expires] = [value("OSSAccessKeyId"), value("Signature"), value("Expires")];
  if (!accessKeyId || !signature || !expires)
    return "Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters";
  return {
    accessKeyId,
    signature,
    securityToken: value("security-token"),
    expiresAtMs: Number(expires) * 1000,
    expected: (secret) => signedV1(request, { target, parameters, date: expires }, secret),
  };
}

/** The signed parts besides the request itself. */
interface Signed {
  readonly target: Target;
  readonly parameters: Parameter[];
  readonly date: string;
}

function signedV1(request: HttpRequest, { target, parameters, date }: Signed, secret: string) {
  const subresources = queryOf(parameters.filter(([name]) => SUBRESOURCES.has(name)));
  const stringToSign = [
    request.method,
    request.headers["content-md5"] ?? "",
    request.headers["content-type"] ?? "",
    date,
    headerLines(request, ossHeadersOf(request)) + resourceOf(target) + (subresources === "" ? "" : `?${subresources}`),
  ].join("\n");
  return { stringToSign, signature: createHmac("sha1", secret).update(stringToSign).digest("base64") };
}
