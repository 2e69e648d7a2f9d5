import { createHash, createHmac } from "node:crypto";

/**
 * Signature V4 of OSS, in the Authorization header:
 * https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
 *
 * We sign ourselves, because no official client fits two calls. Accounts created since March 2025 and buckets created
 * since September 2025 do not accept V1, and the small clients sign only V1 (`@alicloud/oss20190517` with
 * `@alicloud/gateway-oss`, `@alicloud/oss-client`). `ali-oss` signs V4 and brings 87 packages; a test compares this
 * file with what it computes.
 */
export interface Signable {
  readonly method: string;
  readonly bucket: string;
  /** Empty for a call on the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
}

export interface OssCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string | undefined;
}

/** The headers that sign a request without a body. */
export function signedHeaders(
  request: Signable,
  credentials: OssCredentials,
  regionId: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = timestamp.slice(0, 8);
  const headers: Record<string, string> = {
    "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    "x-oss-date": timestamp,
    ...(credentials.securityToken ? { "x-oss-security-token": credentials.securityToken } : {}),
  };

  const canonicalHeaders = Object.keys(headers)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join("");
  const canonicalRequest = [
    request.method,
    escapedPath(`/${request.bucket}/${request.key}`),
    escapedQuery(request.query),
    canonicalHeaders,
    "",
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const scope = `${day}/${regionId}/oss/aliyun_v4_request`;
  const stringToSign = [
    "OSS4-HMAC-SHA256",
    timestamp,
    scope,
    createHash("sha256").update(canonicalRequest).digest("hex"),
  ].join("\n");
  const signingKey = [day, regionId, "oss", "aliyun_v4_request"].reduce<string | Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `aliyun_v4${credentials.accessKeySecret}`,
  );
  const signature = createHmac("sha256", signingKey).update(stringToSign).digest("hex");

  return {
    ...headers,
    authorization: `OSS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},Signature=${signature}`,
  };
}

/** Escapes everything that RFC 3986 does not leave as it is. encodeURIComponent leaves five more characters. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export const escapedPath = (path: string): string => path.split("/").map(escaped).join("/");

/** Sorted by name, as the signature requires. */
export const escapedQuery = (query: Readonly<Record<string, string>> = {}): string =>
  Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join("&");
