import { createHash, createHmac } from "node:crypto";
import type { HttpRequest } from "../http/message";
import { type Claim, headerLines, type Lookup, ossHeadersOf, queryOf, resourceOf } from "./claim";
import type { Parameter, Target } from "./request";

// https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
// and https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls

const SCOPE = /^([^/]+)\/(\d{8})\/([^/]+)\/oss\/aliyun_v4_request$/;

export function claimOfV4Header(
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

export function claimOfV4Url(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  value: Lookup,
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
  target: Target,
  parameters: Parameter[],
  { credential = "", signature, additional = "", timestamp, securityToken }: V4Fields,
): Claim | string {
  const [, accessKeyId, day, region] = SCOPE.exec(credential) ?? [];
  if (!accessKeyId || !day || !region || !signature) return "The Credential or the Signature is missing or malformed.";
  if (!timestamp || !/^\d{8}T\d{6}Z$/.test(timestamp) || !timestamp.startsWith(day))
    return "The date of the request is missing, malformed, or not that of the Credential.";
  const additionalHeaders = additional
    .split(";")
    .filter((name) => name !== "")
    .sort();
  if (additionalHeaders.some((name) => request.headers[name] === undefined))
    return "A header named in AdditionalHeaders is missing.";

  const stringToSign = [
    "OSS4-HMAC-SHA256",
    timestamp,
    `${day}/${region}/oss/aliyun_v4_request`,
    createHash("sha256")
      .update(canonicalRequest(request, target, parameters, additionalHeaders))
      .digest("hex"),
  ].join("\n");
  return {
    accessKeyId,
    regionId: region,
    signature,
    securityToken,
    signedAtMs: Date.parse(timestamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z")),
    expected: (secret) => ({
      stringToSign,
      signature: hmac(signingKey(secret, day, region), stringToSign).toString("hex"),
    }),
  };
}

function canonicalRequest(
  request: HttpRequest,
  target: Target,
  parameters: Parameter[],
  additionalHeaders: readonly string[],
): string {
  const content = ["content-type", "content-md5"].filter((name) => request.headers[name] !== undefined);
  const signed = [...new Set([...content, ...ossHeadersOf(request), ...additionalHeaders])].sort();
  return [
    request.method,
    rfc3986(resourceOf(target)).replaceAll("%2F", "/"),
    queryOf(parameters.map(([name, value]) => [rfc3986(name), rfc3986(value)])),
    headerLines(request, signed),
    additionalHeaders.join(";"),
    request.headers["x-oss-content-sha256"] ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
}

const signingKey = (secret: string, day: string, region: string): Buffer =>
  hmac(hmac(hmac(hmac(`aliyun_v4${secret}`, day), region), "oss"), "aliyun_v4_request");

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const rfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** `20260101T000000Z`, from a date in the HTTP format. */
const basicIso = (date: string | undefined): string | undefined => {
  const atMs = Date.parse(date ?? "");
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
};
