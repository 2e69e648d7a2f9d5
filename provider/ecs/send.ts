// Sends one attempt of a call, and returns its outcome as data.

import { stringify } from "node:querystring";
import { exchange, type HttpAnswer, HttpError, LATE, PROXY_REFUSED } from "../http/exchange";
import type { Keys } from "./credentials";
import type { Endpoint } from "./endpoint";
import { signedRequest } from "./signed-request";
import { type QuotaHints, quotaHintsIn } from "./throttle-headers";

/** The outcome of one attempt, and what its answer tells about the quota. */
export type Reply = Result & { readonly hints: QuotaHints };

type Result =
  /** HTTP 200 with this body. */
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
  /** The time limit of one attempt, up to the last byte; real time. */
  readonly callTimeoutMs: number;
}

export const CALL_TIMEOUT_MS = 20_000;
/** Creating something is slow at times, and after a lost answer the created image has to be searched. */
export const CREATE_TIMEOUT_MS = 60_000;

/** Longer parameters go in the body, because not every proxy lets long URLs through. */
const LONGEST_QUERY = 4_000;

const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  ENETUNREACH: "the network is not reachable",
  EHOSTUNREACH: "the host is not reachable",
};

/**
 * One attempt at one call, signed with a fresh nonce and date; without keys, not signed. Never throws, never repeats,
 * never follows a redirect.
 */
export async function send(api: Api, action: string, parameters: object, keys: Keys | undefined): Promise<Reply> {
  const { version, endpoint } = api;
  const flat = flattened(parameters);
  const inBody = stringify(flat).length > LONGEST_QUERY;
  try {
    const request = await signedRequest({ version, endpoint, action, parameters: flat, inBody, keys });
    const answer = await exchange({ ...request, timeoutMs: api.callTimeoutMs });
    return { ...resultOf(answer, api), hints: quotaHintsIn(answer.headers) };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { ...resultOfError(error, api), hints: {} };
  }
}

/** Parameters in the API's RPC style: `Tag: [{ Key: "a" }]` becomes `Tag.1.Key=a`. */
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

/** The result of an answer. A refusal is an error status with the API's error body. */
function resultOf({ status, body }: HttpAnswer, { endpoint: { host } }: Api): Result {
  if (status === 200) return { is: "answered", text: body };
  const { Code, Message, RequestId } = status >= 400 ? errorIn(body) : {};
  if (typeof Code !== "string" || Code === "") return { is: "unclear", status, why: `${host} answered HTTP ${status}` };
  return {
    is: "refused",
    status,
    code: Code,
    message: typeof Message === "string" ? Message : "",
    ...(typeof RequestId === "string" && { requestId: RequestId }),
  };
}

function errorIn(body: string): { Code?: unknown; Message?: unknown; RequestId?: unknown } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

function resultOfError({ code, via, status = 0 }: HttpError, { endpoint: { host }, callTimeoutMs }: Api): Result {
  const through = via === undefined ? "" : `, through the proxy ${via}`;
  if (code === LATE) return { is: "unclear", why: `${host} did not answer within ${callTimeoutMs / 1000} s${through}` };
  if (code === PROXY_REFUSED) {
    const why = `the proxy ${via} answered HTTP ${status} instead of connecting to ${host}`;
    return { is: "unsent", again: status >= 500, why };
  }
  const unreached = UNREACHED[code];
  if (unreached) return { is: "unsent", again: true, why: `${unreached} (${host}, ${code}${through})` };
  if (/CERT|TLS|SSL|SELF_SIGNED|VERIFY|EPROTO/.test(code))
    return { is: "unsent", again: false, why: `no trusted connection to ${host} (${code}${through})` };
  if (code === "" || code.startsWith("HPE_") || code.startsWith("Z_"))
    return { is: "unclear", why: `${host} returned an answer that is not from the API${through}` };
  return { is: "unclear", why: `the connection to ${host} broke (${code}${through})` };
}
