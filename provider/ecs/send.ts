import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type * as openapi from "@alicloud/openapi-client";
import type { Keys } from "./credentials";
import type { Endpoint } from "./endpoint";
import { type QuotaHints, quotaHintsIn } from "./throttle-headers";

/** What became of one attempt, and what its answer shows about the quota. */
export type Outcome = Result & { readonly hints: QuotaHints };

type Result =
  /** HTTP 200 with this text. */
  | { readonly is: "answered"; readonly text: string }
  /** The API refused, in its documented form. */
  | {
      readonly is: "refused";
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly requestId?: string;
    }
  /** The server was not reached, so nothing was done. `again`: it may be reached the next time. */
  | { readonly is: "unsent"; readonly why: string; readonly again: boolean }
  /** It may have been done or not. */
  | { readonly is: "unclear"; readonly why: string; readonly status?: number };

export interface Api {
  readonly version: string;
  readonly endpoint: Endpoint;
  /** How long one attempt may take, to the last byte. */
  readonly callTimeoutMs: number;
}

export const CALL_TIMEOUT_MS = 20_000;
/** Creating something is slow at times, and an answer that was not waited for costs a search for what was made. */
export const CREATE_TIMEOUT_MS = 60_000;

/** Parameters longer than this go in the body: URLs of any length are not let through by every proxy. */
const LONGEST_QUERY = 4_000;

const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  ENETUNREACH: "the network is not reachable",
  EHOSTUNREACH: "the host is not reachable",
};

/** Loaded on the first call: most of what an engine asks of a provider needs no call at all. */
function client(): typeof openapi {
  // With DEBUG=*, the HTTP library below it would print every request, security tokens included.
  if (process.env["DEBUG"] && !process.env["DEBUG"].includes("-httpx:*")) process.env["DEBUG"] += ",-httpx:*";
  return require("@alicloud/openapi-client") as typeof openapi;
}

/**
 * The headers of answers, by the nonce of their request. The client's errors leave them out, so they are taken from Node,
 * which reports every answer that its HTTP client receives.
 */
const answerHeaders = new Map<string, IncomingHttpHeaders | undefined>();

subscribe("http.client.response.finish", (message) => {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  const nonce = request.getHeader(NONCE);
  if (typeof nonce === "string" && answerHeaders.has(nonce)) answerHeaders.set(nonce, response.headers);
});

const NONCE = "x-acs-signature-nonce";

/** One attempt at one call, signed with a fresh nonce and date. Never throws, never repeats, never follows a redirect. */
export async function send(api: Api, action: string, parameters: object, keys: Keys): Promise<Outcome> {
  const nonce = randomUUID();
  answerHeaders.set(nonce, undefined);
  try {
    const result = await resultOf(api, action, parameters, keys, nonce);
    return { ...result, hints: quotaHintsIn(answerHeaders.get(nonce) ?? {}) };
  } finally {
    answerHeaders.delete(nonce);
  }
}

async function resultOf(api: Api, action: string, parameters: object, keys: Keys, nonce: string): Promise<Result> {
  const { host } = api.endpoint;
  try {
    const answer = await inTime(callApi(api, action, parameters, keys, nonce), api.callTimeoutMs + 100);
    if (!answer) return silence(api);
    if (answer.statusCode === 200) return { is: "answered", text: answer.body };
    return { is: "unclear", status: answer.statusCode, why: `${host} answered HTTP ${answer.statusCode}` };
  } catch (error) {
    return resultOfError(error, api);
  }
}

type HttpAnswer = { statusCode: number; body: string };

function callApi(api: Api, action: string, parameters: object, keys: Keys, nonce: string): Promise<HttpAnswer> {
  const { default: Client, Params, OpenApiRequest } = client();
  const { protocol, host } = api.endpoint;
  const config = {
    protocol,
    endpoint: host,
    userAgent: "pulumi-alicloud-image",
    credential: { getCredential: async () => ({ ...keys, type: keys.securityToken ? "sts" : "access_key" }) },
  } as unknown as openapi.Config;
  const flat = flattened(parameters);
  const long = new URLSearchParams(flat).toString().length > LONGEST_QUERY;
  return new Client(config).callApi(
    new Params({
      action,
      version: api.version,
      protocol,
      pathname: "/",
      method: "POST",
      authType: "AK",
      style: "RPC",
      reqBodyType: "formData",
      bodyType: "string",
    }),
    new OpenApiRequest({ headers: { [NONCE]: nonce }, ...(long ? { body: flat } : { query: flat }) }),
    // The client's time for connecting is in truth its longest silence, so it gets as long as the answer does.
    // Certificates are checked also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
    {
      autoretry: false,
      ignoreSSL: false,
      connectTimeout: api.callTimeoutMs,
      readTimeout: api.callTimeoutMs,
    } as Parameters<openapi.default["callApi"]>[2],
  ) as Promise<HttpAnswer>;
}

/** Undefined when there is no answer within `ms`. */
function inTime<T>(call: Promise<T>, ms: number): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    call.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  });
  return Promise.race([call, late]);
}

/** Parameters as the API's RPC style has them: `Tag: [{ Key: "a" }]` is `Tag.1.Key=a`. */
function flattened(parameters: object): Record<string, string> {
  const flat: Record<string, string> = {};
  const lay = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) return value.forEach((item, at) => lay(`${name}.${at + 1}`, item));
    if (typeof value === "object")
      return Object.entries(value).forEach(([key, item]) => lay(name ? `${name}.${key}` : key, item));
    flat[name] = String(value);
  };
  lay("", parameters);
  return flat;
}

const silence = ({ endpoint, callTimeoutMs }: Api): Result => ({
  is: "unclear",
  why: `${endpoint.host} did not answer within ${callTimeoutMs / 1000} s`,
});

/** The client's errors hold whole requests and answers: only what is known to be harmless is taken out of them. */
function resultOfError(error: unknown, api: Api): Result {
  const { host } = api.endpoint;
  const { name, code, data } = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    data?: unknown;
  };
  if (typeof data === "object" && data !== null) {
    const { Code, Message, RequestId, statusCode } = data as Record<string, unknown>;
    const status = Number(statusCode) || 0;
    if (typeof Code !== "string" || Code === "")
      return { is: "unclear", status, why: `${host} answered HTTP ${status}` };
    return {
      is: "refused",
      status,
      code: Code,
      message: typeof Message === "string" ? Message : "",
      ...(typeof RequestId === "string" && { requestId: RequestId }),
    };
  }
  if (name === "RequestTimeoutError") return silence(api);
  if (typeof code !== "string" || !/^[A-Z][A-Z0-9_]*$/.test(code))
    return { is: "unclear", why: `${host} gave an answer that is not one of the API's` };
  const unreached = UNREACHED[code];
  if (unreached) return { is: "unsent", again: true, why: `${unreached} (${host}, ${code})` };
  if (/CERT|TLS|SSL|SELF_SIGNED|VERIFY|EPROTO/.test(code))
    return { is: "unsent", again: false, why: `no trusted connection to ${host} (${code})` };
  return { is: "unclear", why: `the connection to ${host} broke (${code})` };
}
