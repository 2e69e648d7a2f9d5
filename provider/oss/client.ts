// The calls to OSS that imports and exports need.

import { isIP } from "node:net";
import { Failure, isFailure } from "../failure";
import { exchange, type HttpAnswer, HttpError, LATE, PROXY_REFUSED } from "../http/exchange";
import { type Clock, systemClock } from "../wait/clock";
import { guidanceFor, kindOf, reactionTo } from "./codes";
import { escapedPath, escapedQuery, type OssCredentials, signedHeaders } from "./sign";

const RETRIES = 3;
const FIRST_PAUSE_MS = 500;

export interface OssObject {
  /** In bytes. */
  readonly size: number;
  /** Without the quotes of the HTTP header. */
  readonly eTag: string;
  readonly lastModified: string;
}

/** An object in a listing. */
interface ListedObject {
  readonly key: string;
  readonly lastModified: string;
}

export interface Oss {
  /** Every object whose key starts with `prefix`, from all pages. */
  listObjects(bucket: string, prefix: string): Promise<ListedObject[]>;
  /**
   * Undefined only if OSS itself answers that the bucket exists and the object does not. A missing bucket is `Refused`
   * with the code `NoSuchBucket`.
   */
  headObject(bucket: string, key: string): Promise<OssObject | undefined>;
  /** Like OSS, succeeds if the object does not exist. */
  deleteObject(bucket: string, key: string): Promise<void>;
}

export interface OssOptions {
  readonly regionId: string;
  /** A validated address. */
  readonly endpoint: { readonly protocol: "HTTP" | "HTTPS"; readonly host: string };
  /** Called before every attempt, so that a token may be renewed between attempts. */
  readonly credentials: OssKeys;
  readonly clock?: Clock | undefined;
  /** After it is aborted, no attempt starts, a running one ends, and calls fail as `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit of one attempt; real time. */
  readonly attemptTimeoutMs?: number | undefined;
}

/** A source of keys. */
export interface OssKeys {
  get(): Promise<OssCredentials>;
  /** Reports that OSS has refused the current keys as expired. */
  renew(): void;
}

/** The few calls that import and export need. Nothing is sent before the first call. */
export class OssClient implements Oss {
  private readonly base: URL;
  private readonly clock: Clock;

  constructor(private readonly options: OssOptions) {
    const { endpoint, clock = systemClock } = options;
    this.base = new URL(`${endpoint.protocol.toLowerCase()}://${endpoint.host}`);
    this.clock = clock;
  }

  async headObject(bucket: string, key: string): Promise<OssObject | undefined> {
    try {
      const head = await this.send({ action: "HeadObject", method: "HEAD", bucket, key });
      if (head.status !== 404) return objectFrom(head);
      // This 404 does not say what is missing. The answer to a GET has a body that does.
      const headers = { range: "bytes=0-0" };
      return objectFrom(await this.send({ action: "GetObject", method: "GET", bucket, key, headers }));
    } catch (error) {
      if (isFailure(error, "Refused") && error.detail.code === "NoSuchKey") return undefined;
      throw error;
    }
  }

  async listObjects(bucket: string, prefix: string): Promise<ListedObject[]> {
    const all: ListedObject[] = [];
    for (let token: string | undefined; ; ) {
      const query = { "list-type": "2", "max-keys": "1000", "encoding-type": "url", prefix };
      const page = token === undefined ? query : { ...query, "continuation-token": token };
      const { body } = await this.send({ action: "ListObjects", method: "GET", bucket, key: "", query: page });
      if (!body.includes("<ListBucketResult"))
        throw unreadable("ListObjects", bucket, "something other than a listing");
      all.push(...listedIn(body));
      const next = elementOf(body, "NextContinuationToken");
      if (elementOf(body, "IsTruncated") !== "true") return all;
      if (!next || next === token)
        throw unreadable("ListObjects", bucket, "a page that does not say where the next begins");
      token = next;
    }
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    await this.send({ action: "DeleteObject", method: "DELETE", bucket, key });
  }

  private async send(call: Call): Promise<HttpAnswer> {
    const { credentials, signal } = this.options;
    const url = addressOf(this.base, call.bucket, call.key, call.query);
    const { default: pRetry } = await import("p-retry");
    let expirations = 0; // p-retry calls shouldRetry after onFailedAttempt
    return pRetry(() => this.attempt(call, url), {
      retries: RETRIES,
      minTimeout: 0,
      shouldRetry: ({ error }) => isTransient(error) || (reactionTo(error) === "renew" && expirations === 1),
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (reactionTo(error) === "renew" && (expirations += 1) === 1) credentials.renew();
        if (retriesLeft > 0 && isTransient(error))
          await this.clock.sleep(FIRST_PAUSE_MS * 2 ** (attemptNumber - 1), signal);
      },
    });
  }

  /**
   * One attempt with a fresh signature. It uses real time, even if waits run on another clock, because OSS accepts a
   * difference of 15 minutes between its own time and the signature's.
   */
  private async attempt(call: Call, url: URL): Promise<HttpAnswer> {
    const { regionId, credentials, signal, attemptTimeoutMs = 10_000 } = this.options;
    if (signal?.aborted) throw cancelled(call);
    const keys = await credentials.get();
    const headers = { ...call.headers, ...signedHeaders(call, keys, regionId, Date.now()) };
    try {
      const answer = await exchange({ method: call.method, url, headers, timeoutMs: attemptTimeoutMs, signal });
      if (answer.status < 300 && requestIdIn(answer) !== undefined) return answer;
      if (call.method === "HEAD" && answer.status === 404 && errorIn(answer).code === undefined) return answer;
      throw refusal(call, answer, keys);
    } catch (error) {
      if (signal?.aborted) throw cancelled(call);
      throw error instanceof HttpError ? unanswered(call, url, error) : error;
    }
  }
}

/** The bucket goes into the host name, or into the path if the host is an address. */
function addressOf(base: URL, bucket: string, key: string, query?: Readonly<Record<string, string>>): URL {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket))
    throw new Failure("Invalid", `"${bucket}" is not the name of an OSS bucket`);
  const name = base.hostname.replace(/^\[|\]$/g, "");
  const inPath = isIP(name) !== 0 || name === "localhost";
  const path = escapedPath(inPath ? `/${bucket}/${key}` : `/${key}`);
  const url = new URL(`${base.protocol}//${inPath ? "" : `${bucket}.`}${base.host}${path}`);
  url.search = escapedQuery(query);
  // URLs resolve "." and "..", so the request would be for another object.
  if ((!key && !query) || url.pathname !== path)
    throw new Failure("Invalid", `"${key}" is not a valid key of an OSS object`);
  return url;
}

interface Call {
  readonly action: string;
  readonly method: string;
  readonly bucket: string;
  /** Empty for a call on the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The call in error messages. */
const described = ({ action, bucket, key, query }: Call): string =>
  `${action} of oss://${bucket}/${key || (query?.["prefix"] ?? "")}`;

const cancelled = (call: Call): Failure =>
  new Failure("Cancelled", `${described(call)}: cancelled.`, { action: call.action });

const headerOf = ({ headers }: HttpAnswer, name: string): string | undefined => headers[name]?.toString();
const requestIdIn = (answer: HttpAnswer) => headerOf(answer, "x-oss-request-id");

/** The error in an answer. The answer to a HEAD has no body, so OSS sends the error in a header, in base64. */
function errorIn(answer: HttpAnswer): { code: string | undefined; message: string | undefined } {
  const error = answer.body || Buffer.from(headerOf(answer, "x-oss-err") ?? "", "base64").toString();
  return { code: elementOf(error, "Code"), message: elementOf(error, "Message") };
}

function unanswered(call: Call, { host }: URL, { code, via, status }: HttpError): Failure {
  const through = via === undefined ? "" : ` through the proxy ${via}`;
  const why = code === PROXY_REFUSED ? `it answered HTTP ${status}` : code === LATE ? "timed out" : code || "no HTTP";
  const text = `${described(call)}: no answer from ${host}${through} (${why}). Check the network, and try again`;
  return new Failure("Unreachable", text, { action: call.action, ...(code !== "" && { code }) });
}

const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const unreadable = (action: string, bucket: string, why: string) =>
  new Failure("Unreachable", `${action} of oss://${bucket}: OSS answered with ${why}`, { action });

/** The objects in a listing. Keys may have characters that XML cannot contain, so OSS sends them escaped as in URLs. */
function listedIn(body: string): ListedObject[] {
  return [...body.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, row = ""]) => ({
    key: decodeURIComponent((elementOf(row, "Key") ?? "").replaceAll("+", "%20")),
    lastModified: elementOf(row, "LastModified") ?? "",
  }));
}

function refusal(call: Call, answer: HttpAnswer, credentials: OssCredentials): Failure {
  const { action } = call;
  const { status } = answer;
  const { code, message } = errorIn(answer);
  const requestId = requestIdIn(answer);
  const detail = { action, status, ...(code ? { code } : {}), ...(requestId ? { requestId } : {}) };
  if (!code)
    return new Failure("Unreachable", `${described(call)}: the answer (HTTP ${status}) is not from OSS`, detail);
  const said = [
    `${described(call)}: ${withoutCredentials(message ?? "it was refused", credentials).replace(/[.\s]+$/, "")} ` +
      `(${code}).`,
    guidanceFor(action, code),
    requestId && `RequestId: ${requestId}`,
  ];
  return new Failure(kindOf(status, code), said.filter(Boolean).join(" "), detail);
}

/** A server may repeat the request in its answer. */
const withoutCredentials = (text: string, { accessKeyId, accessKeySecret, securityToken }: OssCredentials): string =>
  [accessKeySecret, securityToken, accessKeyId].reduce<string>(
    (clean, secret) => (secret ? clean.replaceAll(secret, "***") : clean),
    text,
  );

/** Whether another attempt may succeed. A certificate that is not trusted will not be trusted a second later. */
const isTransient = (error: unknown): boolean =>
  isFailure(error, "Unreachable") &&
  !/^(EPROTO|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_)/.test(error.detail.code ?? "");

function objectFrom(answer: HttpAnswer): OssObject {
  // In the answer to a ranged GET, the whole size follows the slash.
  const size = headerOf(answer, "content-range")?.split("/")[1] ?? headerOf(answer, "content-length") ?? "";
  const eTag = (headerOf(answer, "etag") ?? "").replaceAll('"', "");
  if (!/^\d+$/.test(size) || !eTag)
    throw new Failure("Unreachable", "OSS described an object without its size or its ETag", {
      action: "HeadObject",
      status: answer.status,
    });
  return { size: Number(size), eTag, lastModified: headerOf(answer, "last-modified") ?? "" };
}
