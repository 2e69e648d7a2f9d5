import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../http/message";
import { pairsOf, percentEncoded } from "../http/percent-encoding";
import { ApiError, refusal } from "../request/api-error";

/** What a request claims about its sender, before the signature is checked. */
export interface Claim {
  readonly accessKeyId: string;
  readonly securityToken: string | undefined;
  readonly signedAt: string;
  readonly nonce: string;
  isSignedWith(accessKeySecret: string): boolean;
}

type Params = Readonly<Record<string, string>>;

const missing = (name: string): ApiError =>
  new ApiError(400, `Missing${name}`, `${name} is mandatory for this action.`);

export function claimOf(request: HttpRequest, params: Params): Claim {
  return request.headers.authorization === undefined ? claimOfVersion1(request, params) : claimOfVersion3(request);
}

/** The signature in the parameters: https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism */
function claimOfVersion1(request: HttpRequest, params: Params): Claim {
  const given = (name: string): string => {
    const value = params[name];
    if (!value) throw missing(name);
    return value;
  };
  const claim = {
    accessKeyId: given("AccessKeyId"),
    securityToken: params.SecurityToken,
    signedAt: given("Timestamp"),
    nonce: given("SignatureNonce"),
  };
  const signature = given("Signature");
  if (given("SignatureMethod") !== "HMAC-SHA1" || given("SignatureVersion") !== "1.0")
    throw refusal("IncompleteSignature");
  const canonical = canonicalPairs(Object.entries(params).filter(([name]) => name !== "Signature"));
  const toSign = `${request.method}&${percentEncoded("/")}&${percentEncoded(canonical)}`;
  return {
    ...claim,
    isSignedWith: (secret) => isSame(createHmac("sha1", `${secret}&`).update(toSign).digest("base64"), signature),
  };
}

/**
 * The signature in the headers:
 * https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
function claimOfVersion3(request: HttpRequest): Claim {
  const { headers } = request;
  const parts = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? "",
  );
  if (!parts) throw refusal("IncompleteSignature");
  const [, accessKeyId = "", signedHeaders = "", signature = ""] = parts;
  const signed = signedHeaders.split(";");
  // The page requires every x-acs header, the host and the content type to be signed. An unsigned one could be changed
  // on the way.
  const toBeSigned = Object.keys(headers).filter(
    (name) => name.startsWith("x-acs-") || name === "host" || name === "content-type",
  );
  if (toBeSigned.some((name) => !signed.includes(name))) throw refusal("IncompleteSignature");
  if (!headers["x-acs-date"]) throw missing("Timestamp");
  if (!headers["x-acs-signature-nonce"]) throw missing("SignatureNonce");

  const payloadHash = sha256(request.body);
  const canonical = [
    request.method,
    request.path || "/",
    canonicalPairs(pairsOf(request.query)),
    ...signed.map((name) => `${name}:${(headers[name] ?? "").trim()}`),
    "",
    signedHeaders,
    payloadHash,
  ].join("\n");
  const toSign = `ACS3-HMAC-SHA256\n${sha256(canonical)}`;
  return {
    accessKeyId,
    securityToken: headers["x-acs-security-token"],
    signedAt: headers["x-acs-date"],
    nonce: headers["x-acs-signature-nonce"],
    isSignedWith: (secret) =>
      headers["x-acs-content-sha256"] === payloadHash &&
      isSame(createHmac("sha256", secret).update(toSign).digest("hex"), signature),
  };
}

/** Sorted by name only: `ResourceId.1=` comes before `ResourceId.10=`, although "=" comes after "0" in ASCII. */
const canonicalPairs = (pairs: readonly (readonly [string, string])[]): string =>
  pairs
    .map(([name, value]) => [percentEncoded(name), percentEncoded(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map((pair) => pair.join("="))
    .join("&");

const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
