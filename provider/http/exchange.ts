// Sends one HTTP request, through the proxy of the environment if there is one.

import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from "node:http";
import { Agent as HttpsAgent, request as requestOverTls } from "node:https";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";
import { proxyFor, tunnelThrough } from "./proxy";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The time limit, up to the last byte; real time. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The error code of a request that was not answered in time. */
export const LATE = "ETIMEDOUT_ANSWER";
/** The error code of a request that the proxy refused. */
export const PROXY_REFUSED = "EPROXY";

/** A failure below HTTP. `code`: Node's error code, or one of the two above. `via`: the proxy, if there was one. */
export class HttpError extends Error {
  constructor(
    readonly code: string,
    readonly via: string | undefined,
    readonly status?: number,
  ) {
    super(code);
    this.name = "HttpError";
  }
}

const direct = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };

/**
 * Sends one request and returns its whole answer, decompressed. Uses the proxy of the environment, follows no redirect,
 * repeats nothing, and checks certificates even if NODE_TLS_REJECT_UNAUTHORIZED disables that. Fails with an
 * `HttpError`.
 */
export async function exchange({ method, url, headers, body, timeoutMs, signal }: HttpRequest): Promise<HttpAnswer> {
  const proxy = proxyFor(url);
  const inTime = AbortSignal.timeout(timeoutMs);
  const options = {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }) },
    agent: proxy ? tunnelThrough(proxy) : direct[url.protocol as "http:" | "https:"],
    signal: signal ? AbortSignal.any([inTime, signal]) : inTime,
    rejectUnauthorized: true,
  };
  try {
    const sent = url.protocol === "https:" ? requestOverTls(url, options) : request(url, options);
    const answer = await answerTo(sent.end(body));
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await textOf(answer) };
  } catch (error) {
    if (error instanceof HttpError) throw new HttpError(error.code, proxy?.host, error.status);
    const { code } = error as { code?: unknown };
    throw new HttpError(inTime.aborted ? LATE : typeof code === "string" ? code : "", proxy?.host);
  }
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on("response", resolve).on("error", reject);
    // If the proxy refuses to connect, the agent passes off its answer as the server's.
    sent.on("proxyConnect", ({ statusCode }: { statusCode: number }) => {
      if (statusCode !== 200) sent.destroy(new HttpError(PROXY_REFUSED, undefined, statusCode));
    });
  });
}

/** Decompresses an answer: some proxies compress answers without being asked. */
function unpacked(answer: IncomingMessage): Readable {
  const encoding = answer.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === "br") return unpackedBy(createBrotliDecompress(), answer);
  return encoding === "gzip" || encoding === "x-gzip" || encoding === "deflate"
    ? unpackedBy(createUnzip(), answer)
    : answer;
}

function unpackedBy(unpacker: ReturnType<typeof createUnzip | typeof createBrotliDecompress>, answer: IncomingMessage) {
  answer.on("error", (error) => unpacker.destroy(error));
  return answer.pipe(unpacker);
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of unpacked(answer)) chunks.push(chunk as Buffer);
  if (!answer.complete) throw new HttpError("ECONNRESET", undefined);
  return Buffer.concat(chunks).toString();
}
