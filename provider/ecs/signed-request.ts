import { randomUUID } from "node:crypto";
import { stringify } from "node:querystring";
import type { Readable } from "node:stream";
import type * as openapi from "@alicloud/openapi-client";
import type * as tea from "@alicloud/tea-typescript";
import type { HttpRequest } from "../http/exchange";
import type { Keys } from "./credentials";
import type { Endpoint } from "./endpoint";

export interface Unsigned {
  readonly version: string;
  readonly endpoint: Endpoint;
  readonly action: string;
  /** Flat: `Tag.1.Key`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether the parameters go in the body. */
  readonly inBody: boolean;
  /** Without keys the request is not signed. */
  readonly keys: Keys | undefined;
}

const NONCE = "x-acs-signature-nonce";

/**
 * A request as Alibaba's client builds and signs it. The client itself would send it by a library that takes no agent,
 * so it can go through no proxy. It is stopped there, and the caller sends the request.
 */
export async function signedRequest(unsigned: Unsigned): Promise<Omit<HttpRequest, "timeoutMs">> {
  const nonce = randomUUID();
  stopped.add(nonce);
  try {
    await callApi(unsigned, nonce);
  } catch (stop) {
    if (stop instanceof Stop) return await httpRequestOf(stop.request, unsigned.inBody);
    throw stop;
  } finally {
    stopped.delete(nonce);
  }
  throw new Error("@alicloud/openapi-client has another copy of @alicloud/tea-typescript");
}

/** Loaded on the first call: most of what an engine asks of a provider needs no call at all. */
let loaded: typeof openapi | undefined;

function client(): typeof openapi {
  if (loaded) return loaded;
  const library = require("@alicloud/tea-typescript") as { doAction: typeof tea.doAction };
  const { doAction } = library;
  library.doAction = (request, runtime) =>
    stopped.has(request.headers[NONCE] ?? "") ? Promise.reject(new Stop(request)) : doAction(request, runtime);
  loaded = require("@alicloud/openapi-client") as typeof openapi;
  return loaded;
}

/** The nonces of the requests that are not sent by the client. */
const stopped = new Set<string>();

class Stop extends Error {
  constructor(readonly request: tea.Request) {
    super("signed");
  }
}

function callApi({ version, endpoint, action, parameters, inBody, keys }: Unsigned, nonce: string): Promise<unknown> {
  const { default: Client, Params, OpenApiRequest } = client();
  const { protocol, host } = endpoint;
  const type = keys?.securityToken === undefined ? "access_key" : "sts";
  const config = {
    protocol,
    endpoint: host,
    userAgent: "pulumi-alicloud-image",
    ...(keys && { credential: { getCredential: async () => ({ ...keys, type }) } }),
  } as unknown as openapi.Config;
  const params = new Params({
    action,
    version,
    protocol,
    pathname: "/",
    method: "POST",
    authType: keys ? "AK" : "Anonymous",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "string",
  });
  const carried = inBody ? { body: parameters } : { query: parameters };
  const request = new OpenApiRequest({ headers: { [NONCE]: nonce }, ...carried });
  return new Client(config).callApi(params, request, { autoretry: false } as Parameters<openapi.default["callApi"]>[2]);
}

async function httpRequestOf(
  { protocol = "https", pathname = "/", query, headers, body }: tea.Request,
  hasBody: boolean,
): Promise<Omit<HttpRequest, "timeoutMs">> {
  const url = new URL(`${protocol.toLowerCase()}://${headers["host"]}${pathname}`);
  url.search = stringify(query);
  return { method: "POST", url, headers, body: hasBody ? await textOf(body as unknown as Readable) : "" };
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString();
}
