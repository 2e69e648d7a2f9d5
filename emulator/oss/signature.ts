import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../http/message";
import { type Parameter, parametersOf, type Target } from "./request";

/** What a request says about who sent it, before it is believed. */
export interface Claim {
  readonly accessKeyId: string;
  readonly securityToken?: string | undefined;
  /** The region that V4 signs for. */
  readonly regionId?: string | undefined;
  readonly signature: string;
  /** When it was signed; OSS allows 15 minutes. Undefined for a V1 URL, which only says until when it holds. */
  readonly signedAtMs?: number | undefined;
  /** Until when a signed URL holds. */
  readonly expiresAtMs?: number | undefined;
  /** What the holder of this secret would have signed, and the signature that it gives. */
  readonly expected: (accessKeySecret: string) => { stringToSign: string; signature: string };
}

/** Undefined: the request is not signed at all. A string: it is, but not as the pages say; the string says what is wrong. */
export function claimOf(request: HttpRequest, target: Target): Claim | string | undefined {
  const parameters = parametersOf(request.query);
  const value = (name: string) => parameters.find(([n]) => n === name)?.[1];
  const authorization = request.headers.authorization;
  const inQuery =
    value("x-oss-signature-version") !== undefined ||
    value("Signature") !== undefined ||
    value("OSSAccessKeyId") !== undefined;

  if (authorization !== undefined && inQuery) return "Signature in the header and in the query string of one request";
  if (authorization?.startsWith("OSS4-HMAC-SHA256 "))
    return claimOfV4Header(request, target, parameters, authorization);
  if (authorization?.startsWith("OSS ")) return claimOfV1Header(request, target, parameters, authorization);
  if (authorization !== undefined) return "Authorization header is invalid.";
  if (value("x-oss-signature-version") !== undefined) return claimOfV4Url(request, target, parameters, value);
  return inQuery ? claimOfV1Url(request, target, parameters, value) : undefined;
}

export const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

// V1, https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header

/** The parameters that are part of the resource, and so of the signature. */
const SUBRESOURCES = new Set(
  `acl append asyncFetch bucketInfo callback callback-var cname comp continuation-token cors delete encryption endTime img inventory
  inventoryId lifecycle live location logging objectMeta partNumber policy position qos qosInfo referer regionList replication
  replicationLocation replicationProgress requestPayment resourceGroup response-cache-control response-content-disposition
  response-content-encoding response-content-language response-content-type response-expires restore security-token sequential
  startTime stat status style styleName symlink tagging transferAcceleration udf uploadId uploads versionId versioning versions vod
  website worm wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-async-process
  x-oss-process x-oss-request-payer x-oss-traffic-limit`.split(/\s+/),
);

function claimOfV1Header(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  authorization: string,
): Claim | string {
  const [accessKeyId = "", signature = ""] = authorization.slice("OSS ".length).split(":");
  if (!accessKeyId || !signature) return "Authorization header is invalid.";
  // The clients that cannot set Date set x-oss-date; it then replaces Date.
  const date = request.headers["x-oss-date"] ?? request.headers.date ?? "";
  return {
    accessKeyId,
    signature,
    securityToken: request.headers["x-oss-security-token"],
    signedAtMs: Date.parse(date),
    expected: (secret) => signedV1(request, target, parameters, date, secret),
  };
}

function claimOfV1Url(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  value: (name: string) => string | undefined,
): Claim | string {
  const [accessKeyId, signature, expires] = [value("OSSAccessKeyId"), value("Signature"), value("Expires")];
  if (!accessKeyId || !signature || !expires)
    return "Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters";
  return {
    accessKeyId,
    signature,
    securityToken: value("security-token"),
    expiresAtMs: Number(expires) * 1000,
    expected: (secret) => signedV1(request, target, parameters, expires, secret),
  };
}

function signedV1(
  request: HttpRequest,
  { bucket, key }: Target,
  parameters: Parameter[],
  date: string,
  secret: string,
) {
  const resource = bucket ? `/${bucket}/${key}` : "/";
  const subresources = inOrder(parameters.filter(([name]) => SUBRESOURCES.has(name))).map(([name, value]) =>
    value === "" ? name : `${name}=${value}`,
  );
  const stringToSign = [
    request.method,
    request.headers["content-md5"] ?? "",
    request.headers["content-type"] ?? "",
    date,
    ossHeadersOf(request)
      .map((name) => `${name}:${request.headers[name]!.trim()}\n`)
      .join("") +
      resource +
      (subresources.length > 0 ? `?${subresources.join("&")}` : ""),
  ].join("\n");
  return { stringToSign, signature: createHmac("sha1", secret).update(stringToSign).digest("base64") };
}

const ossHeadersOf = ({ headers }: HttpRequest): string[] =>
  Object.keys(headers)
    .filter((name) => name.startsWith("x-oss-") && headers[name] !== undefined)
    .sort();

// V4, https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
// and https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls

const SCOPE = /^([^/]+)\/(\d{8})\/([^/]+)\/oss\/aliyun_v4_request$/;

function claimOfV4Header(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  authorization: string,
): Claim | string {
  const fields = Object.fromEntries(
    authorization
      .slice("OSS4-HMAC-SHA256 ".length)
      .split(",")
      .map((field) => field.trim().split("=", 2) as [string, string | undefined]),
  );
  if (fields.AdditionalHeaders === "") return "The AdditionalHeaders in the Authorization header is invalid.";
  const timestamp = request.headers["x-oss-date"] ?? basicIso(request.headers.date);
  if (!request.headers["x-oss-content-sha256"]) return "The x-oss-content-sha256 header is missing.";
  return claimOfV4(request, target, parameters, {
    credential: fields.Credential,
    signature: fields.Signature,
    additional: fields.AdditionalHeaders,
    timestamp,
    securityToken: request.headers["x-oss-security-token"],
  });
}

function claimOfV4Url(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  value: (name: string) => string | undefined,
): Claim | string {
  const claim = claimOfV4(
    request,
    target,
    parameters.filter(([name]) => name !== "x-oss-signature"),
    {
      credential: value("x-oss-credential"),
      signature: value("x-oss-signature"),
      additional: value("x-oss-additional-headers"),
      timestamp: value("x-oss-date"),
      securityToken: value("x-oss-security-token"),
    },
  );
  const lastsSeconds = Number(value("x-oss-expires"));
  if (typeof claim === "string") return claim;
  if (!(lastsSeconds >= 1 && lastsSeconds <= 604_800)) return "x-oss-expires must be 1 to 604800 seconds";
  return { ...claim, signedAtMs: undefined, expiresAtMs: claim.signedAtMs! + lastsSeconds * 1000 };
}

interface V4Fields {
  credential: string | undefined;
  signature: string | undefined;
  additional: string | undefined;
  timestamp: string | undefined;
  securityToken: string | undefined;
}

function claimOfV4(
  request: HttpRequest,
  { bucket, key }: Target,
  parameters: Parameter[],
  fields: V4Fields,
): Claim | string {
  const [, accessKeyId, day, region] = SCOPE.exec(fields.credential ?? "") ?? [];
  const { signature, timestamp } = fields;
  if (!accessKeyId || !day || !region || !signature) return "The Credential or the Signature is missing or malformed.";
  if (!timestamp || !/^\d{8}T\d{6}Z$/.test(timestamp) || !timestamp.startsWith(day))
    return "The date of the request is missing, malformed, or not that of the Credential.";

  const additional = (fields.additional ?? "")
    .split(";")
    .filter((name) => name !== "")
    .sort();
  if (additional.some((name) => request.headers[name] === undefined))
    return "A header named in AdditionalHeaders is missing.";
  const names = ["content-type", "content-md5"].filter((name) => request.headers[name] !== undefined);
  const headers = [...new Set([...names, ...ossHeadersOf(request), ...additional])].sort();

  const canonicalRequest = [
    request.method,
    rfc3986(bucket ? `/${bucket}/${key}` : "/").replaceAll("%2F", "/"),
    inOrder(parameters.map(([name, value]) => [rfc3986(name), rfc3986(value)]))
      .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
      .join("&"),
    headers.map((name) => `${name}:${request.headers[name]!.trim()}\n`).join(""),
    additional.join(";"),
    request.headers["x-oss-content-sha256"] ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
  const stringToSign = [
    "OSS4-HMAC-SHA256",
    timestamp,
    `${day}/${region}/oss/aliyun_v4_request`,
    createHash("sha256").update(canonicalRequest).digest("hex"),
  ].join("\n");

  return {
    accessKeyId,
    regionId: region,
    signature,
    securityToken: fields.securityToken,
    signedAtMs: Date.parse(timestamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z")),
    expected: (secret) => {
      const dayKey = hmac(`aliyun_v4${secret}`, day);
      const signingKey = hmac(hmac(hmac(dayKey, region), "oss"), "aliyun_v4_request");
      return { stringToSign, signature: hmac(signingKey, stringToSign).toString("hex") };
    },
  };
}

const inOrder = (parameters: Parameter[]): Parameter[] =>
  [...parameters].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const rfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** 20260101T000000Z, from the date that HTTP writes. */
const basicIso = (date: string | undefined): string | undefined => {
  const atMs = Date.parse(date ?? "");
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
};
