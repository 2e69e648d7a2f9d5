import { brotliDecompressSync, unzipSync } from "node:zlib";
import type { Exchange } from "./exchange";

/** A request and its answer as they went over the wire. */
export interface Traffic {
  readonly atMs: number;
  readonly tookMs: number;
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  readonly status?: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The call to the cloud's API, or undefined for a request without a signature, which was not sent there. */
export function exchangeOf(traffic: Traffic): Exchange | undefined {
  const { requestHeaders, url } = traffic;
  const isRpc = requestHeaders["x-acs-action"] !== undefined || url.searchParams.has("Signature");
  if (!isRpc && !/^OSS/.test(requestHeaders["authorization"] ?? "")) return undefined;
  const { atMs, tookMs, status } = traffic;
  return {
    at: new Date(atMs).toISOString(),
    tookMs: Math.round(tookMs),
    ...(isRpc ? rpcCall(traffic) : ossCall(traffic)),
    ...(status !== undefined && { status }),
    headers: headersThatMatter(traffic.headers),
    body: bodyOf(traffic),
  };
}

/** Parameters that sign a request, or are the same in each. */
const SIGNING = new RegExp(
  "^(Action|Version|Format|AccessKeyId|Signature\\w*|Timestamp|SecurityToken|" +
    "x-oss-(signature|credential|date|expires|security-token).*)$",
);

const withoutSigning = (params: Iterable<[string, string]>) =>
  Object.fromEntries([...params].filter(([name]) => !SIGNING.test(name)));

function rpcCall({ url, requestHeaders, requestBody }: Traffic): Pick<Exchange, "service" | "action" | "params"> {
  const isForm = requestHeaders["content-type"]?.startsWith("application/x-www-form-urlencoded");
  const params = new URLSearchParams([...url.searchParams, ...new URLSearchParams(isForm ? requestBody : "")]);
  const version = requestHeaders["x-acs-version"] ?? params.get("Version");
  return {
    service: version === "2015-04-01" ? "sts" : "ecs",
    action: requestHeaders["x-acs-action"] ?? params.get("Action") ?? "",
    params: withoutSigning(params),
  };
}

const OSS_OPERATIONS: Readonly<Record<string, string>> = {
  "HEAD object": "HeadObject",
  "GET object": "GetObject",
  "DELETE object": "DeleteObject",
  "PUT object": "PutObject",
  "GET bucket": "ListObjects",
};

/**
 * The bucket is the first label of the host. Where the host is an address, which has no labels, it is the first segment
 * of the path.
 */
function ossCall({ method, url }: Traffic): Pick<Exchange, "service" | "action" | "params"> {
  const labels = url.hostname.split(".");
  const at = labels.findIndex((label) => label.startsWith("oss-"));
  const path = decodeURIComponent(url.pathname.slice(1));
  const [first = "", ...rest] = path.split("/");
  const [bucket, key] = at > 0 ? [labels.slice(0, at).join("."), path] : [first, rest.join("/")];
  const target = `${method} ${key ? "object" : "bucket"}`;
  return {
    service: "oss",
    action: OSS_OPERATIONS[target] ?? target,
    params: { bucket, ...(key && { key }), ...withoutSigning(url.searchParams) },
  };
}

/** Headers that a client, or a person who reads the recording, may act on. */
const MATTERS = new RegExp(
  "^(content-(type|length|range)|etag|last-modified|retry-after|x-acs-(request-id|retry-after)|x-ratelimit-.*|" +
    "x-oss-(request-id|err|ec|object-type))$",
);

const headersThatMatter = (headers: Traffic["headers"]) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => MATTERS.test(name)));

/**
 * The body. A page of another kind, say of a proxy in between, is described instead, because it may identify the
 * caller.
 */
function bodyOf({ headers, body }: Traffic): unknown {
  if (body.length === 0) return "";
  const text = unpacked(body, headers["content-encoding"]).toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return /^\s*<\?xml/.test(text) ? text : `(${text.length} characters of ${headers["content-type"] ?? "no type"})`;
  }
}

const unpacked = (body: Buffer, encoding = ""): Buffer =>
  encoding === "br" ? brotliDecompressSync(body) : /gzip|deflate/.test(encoding) ? unzipSync(body) : body;
