import { isIP } from "node:net";
import { Failure, isFailure, messageOf } from "../failure";
import { type Clock, systemClock } from "../wait/clock";
import { escapedPath, escapedQuery, type OssCredentials, signedHeaders } from "./sign";

const RETRIES = 3;
const FIRST_PAUSE_MS = 500;

export interface OssObject {
  /** In bytes. */
  readonly size: number;
  /** Without the quotes that HTTP puts around it. */
  readonly eTag: string;
  readonly lastModified: string;
}

/** An object as a listing shows it. */
interface ListedObject {
  readonly key: string;
  readonly lastModified: string;
}

export interface Oss {
  /** Every object whose key begins with `prefix`, from all pages. */
  listObjects(bucket: string, prefix: string): Promise<ListedObject[]>;
  /** Undefined only when OSS itself answers that the bucket is there and the object is not; a missing bucket is `Refused`, code `NoSuchBucket`. */
  headObject(bucket: string, key: string): Promise<OssObject | undefined>;
  /** Succeeds for an object that is not there, as OSS does. */
  deleteObject(bucket: string, key: string): Promise<void>;
}

export interface OssOptions {
  readonly regionId: string;
  /** With or without a scheme; left out: the region's public endpoint. */
  readonly endpoint?: string | undefined;
  /** For an endpoint without a scheme; left out: https. */
  readonly protocol?: string | undefined;
  /** Asked before every attempt, so that a token may be renewed while we retry. */
  readonly credentials: () => Promise<OssCredentials>;
  readonly clock?: Clock | undefined;
  /** Once aborted, no attempt begins, one that is under way ends, and calls fail as `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** How long one attempt may take; real time. */
  readonly attemptTimeoutMs?: number | undefined;
}

/** The few calls that import and export need. Opening costs nothing; nothing is sent before the first call. */
export function openOss(options: OssOptions): Oss {
  const {
    regionId,
    endpoint = `oss-${regionId}.aliyuncs.com`,
    protocol = "https",
    clock = systemClock,
    attemptTimeoutMs = 10_000,
    signal,
  } = options;
  const base = baseOf(endpoint.includes("://") ? endpoint : `${protocol}://${endpoint}`);

  async function send(
    action: string,
    method: string,
    bucket: string,
    key: string,
    { extra = {}, query }: { extra?: Record<string, string>; query?: Record<string, string> } = {},
  ): Promise<Answer> {
    const url = addressOf(base, bucket, key, query);
    const { default: pRetry } = await import("p-retry");
    const what = `${action} of oss://${bucket}/${key || (query?.["prefix"] ?? "")}`;
    const failIfCancelled = () => {
      if (signal?.aborted) throw new Failure("Cancelled", `${what}: cancelled.`, { action });
    };
    return pRetry(
      async () => {
        failIfCancelled();
        const credentials = await options.credentials();
        // Dated by the real clock, whatever clock the waits run on: OSS allows 15 minutes between its own and the signature's.
        const headers = {
          ...extra,
          ...signedHeaders({ method, bucket, key, ...(query && { query }) }, credentials, regionId, Date.now()),
        };
        const inTime = AbortSignal.timeout(attemptTimeoutMs);
        const ends = signal ? AbortSignal.any([inTime, signal]) : inTime;
        const answer = await answerTo(url, { method, headers, signal: ends }, what, action).catch((error: unknown) => {
          failIfCancelled();
          throw error;
        });
        if (answer.status < 300 && answer.headers.has("x-oss-request-id")) return answer;
        if (method === "HEAD" && answer.status === 404 && !answer.code) return answer;
        throw refusal(answer, what, action, credentials);
      },
      {
        retries: RETRIES,
        minTimeout: 0,
        onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
          if (retriesLeft > 0 && isPassing(error)) await clock.sleep(FIRST_PAUSE_MS * 2 ** (attemptNumber - 1), signal);
        },
        shouldRetry: ({ error }) => isPassing(error),
      },
    );
  }

  return {
    async headObject(bucket, key) {
      try {
        const head = await send("HeadObject", "HEAD", bucket, key);
        // A 404 that does not say what is missing: the answer to a GET has a body that does.
        return head.status === 404
          ? seenIn(await send("GetObject", "GET", bucket, key, { extra: { range: "bytes=0-0" } }))
          : seenIn(head);
      } catch (error) {
        if (isFailure(error, "Refused") && error.detail.code === "NoSuchKey") return undefined;
        throw error;
      }
    },
    async listObjects(bucket, prefix) {
      const all: ListedObject[] = [];
      for (let token: string | undefined; ; ) {
        const query = { "list-type": "2", "max-keys": "1000", "encoding-type": "url", prefix };
        const { body } = await send("ListObjects", "GET", bucket, "", {
          query: token === undefined ? query : { ...query, "continuation-token": token },
        });
        if (!body.includes("<ListBucketResult"))
          throw unreadable("ListObjects", bucket, "something other than a listing");
        all.push(...listedIn(body));
        const next = elementOf(body, "NextContinuationToken");
        if (elementOf(body, "IsTruncated") !== "true") return all;
        if (!next || next === token)
          throw unreadable("ListObjects", bucket, "a page that does not say where the next begins");
        token = next;
      }
    },
    async deleteObject(bucket, key) {
      await send("DeleteObject", "DELETE", bucket, key);
    },
  };
}

/** An endpoint may hold a password by mistake, so it is not repeated. */
function baseOf(endpoint: string): URL {
  const base = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (
    !base ||
    !/^https?:$/.test(base.protocol) ||
    base.username ||
    base.password ||
    base.pathname !== "/" ||
    base.search ||
    base.hash
  ) {
    throw new Failure(
      "Invalid",
      "the OSS endpoint must be a host such as oss-cn-hangzhou.aliyuncs.com, or an http or https URL of one without a path",
    );
  }
  if (base.protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(base.hostname)) {
    throw new Failure("Invalid", "the OSS endpoint must be HTTPS; plain HTTP is for loopback addresses only");
  }
  // fetch would obey it, and take anybody's certificate for that of the cloud.
  if (base.protocol === "https:" && process.env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    throw new Failure(
      "Invalid",
      "NODE_TLS_REJECT_UNAUTHORIZED=0 would let any server answer in the place of OSS; unset it, and name your own certificate authority in NODE_EXTRA_CA_CERTS",
    );
  }
  return base;
}

/** In the host name where there can be one, in the path for an address that has no names under it. */
function addressOf(base: URL, bucket: string, key: string, query?: Readonly<Record<string, string>>): URL {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket))
    throw new Failure("Invalid", `"${bucket}" is not the name of an OSS bucket`);
  const name = base.hostname.replace(/^\[|\]$/g, "");
  const inPath = isIP(name) !== 0 || name === "localhost";
  const path = escapedPath(inPath ? `/${bucket}/${key}` : `/${key}`);
  const url = new URL(`${base.protocol}//${inPath ? "" : `${bucket}.`}${base.host}${path}`);
  url.search = escapedQuery(query);
  // URLs fold "." and ".." away; the request would then be for another object.
  if ((!key && !query) || url.pathname !== path)
    throw new Failure("Invalid", `"${key}" is not a valid key of an OSS object`);
  return url;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

async function answerTo(url: URL, request: RequestInit, what: string, action: string): Promise<Answer> {
  try {
    const response = await fetch(url, { ...request, redirect: "manual" });
    const body = await response.text();
    // OSS repeats in this header, in base64, the error body that the answer to a HEAD cannot have.
    const error = body || Buffer.from(response.headers.get("x-oss-err") ?? "", "base64").toString();
    return {
      status: response.status,
      headers: response.headers,
      body,
      code: elementOf(error, "Code"),
      message: elementOf(error, "Message"),
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const code = (cause as { code?: unknown }).code;
    throw new Failure("Unreachable", `${what}: no answer from ${url.host}: ${messageOf(cause)}`, {
      action,
      ...(typeof code === "string" ? { code } : {}),
    });
  }
}

const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const unreadable = (action: string, bucket: string, why: string) =>
  new Failure("Unreachable", `${action} of oss://${bucket}: OSS answered with ${why}`, { action });

/** Keys may hold what XML cannot, so they are asked for in the escaping of URLs. */
function listedIn(body: string): ListedObject[] {
  return [...body.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, row = ""]) => ({
    key: decodeURIComponent((elementOf(row, "Key") ?? "").replaceAll("+", "%20")),
    lastModified: elementOf(row, "LastModified") ?? "",
  }));
}

function refusal(
  { status, headers, code, message }: Answer,
  what: string,
  action: string,
  credentials: OssCredentials,
): Failure {
  const requestId = headers.get("x-oss-request-id") ?? undefined;
  const detail = { action, status, ...(code ? { code } : {}), ...(requestId ? { requestId } : {}) };
  if (!code) return new Failure("Unreachable", `${what}: status ${status}, which is not an answer of OSS`, detail);
  // A HEAD is a read of the object, for RAM.
  const advice =
    status === 403
      ? ` Allow oss:${action.replace("HeadObject", "GetObject")} to these credentials in their RAM policy.`
      : "";
  const kind = status === 403 || status === 401 ? "Denied" : isBusy(status, code) ? "Unreachable" : "Refused";
  const said = `${code}: ${message ?? "no reason given"}${requestId ? ` (RequestId ${requestId})` : ""}`;
  return new Failure(kind, `${what}: ${withoutCredentials(said, credentials)}.${advice}`, detail);
}

const isBusy = (status: number, code: string): boolean => status >= 500 || status === 429 || code === "RequestTimeout";

/** A server may repeat what it was sent. */
const withoutCredentials = (text: string, { accessKeyId, accessKeySecret, securityToken }: OssCredentials): string =>
  [accessKeySecret, securityToken, accessKeyId].reduce<string>(
    (clean, secret) => (secret ? clean.replaceAll(secret, "***") : clean),
    text,
  );

/** Worth another attempt; a certificate that is not trusted will not be trusted a second later. */
const isPassing = (error: unknown): boolean =>
  isFailure(error, "Unreachable") &&
  !/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_)/.test(error.detail.code ?? "");

function seenIn({ headers, status }: Answer): OssObject {
  // The answer to a ranged GET has the whole size after the slash.
  const size = headers.get("content-range")?.split("/")[1] ?? headers.get("content-length") ?? "";
  const eTag = (headers.get("etag") ?? "").replaceAll('"', "");
  if (!/^\d+$/.test(size) || !eTag)
    throw new Failure("Unreachable", "OSS answered for an object without its size or its ETag", {
      action: "HeadObject",
      status,
    });
  return { size: Number(size), eTag, lastModified: headers.get("last-modified") ?? "" };
}
