// Signs requests with Alibaba's client, which is stopped before it sends them.

import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
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
  /** The parameters, flat: `Tag.1.Key`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether the parameters go in the body. */
  readonly inBody: boolean;
  /** Without keys the request is not signed. */
  readonly keys: Keys | undefined;
}

const NONCE = "x-acs-signature-nonce";

/**
 * A request that Alibaba's client has built and signed. Its own library for sending takes no agent and so cannot use a
 * proxy. So the client is stopped before it sends, and the caller sends the request.
 */
export async function signedRequest(unsigned: Unsigned): Promise<Omit<HttpRequest, "timeoutMs">> {
  const stoppable = await (client ??= stoppableClient());
  const request = await stoppedRequest(stoppable, unsigned);
  if (!request) throw new Error(SENT);
  return httpRequestOf(request, unsigned.inBody);
}

const SENT =
  "@alicloud/openapi-client sends its requests by a copy of @alicloud/tea-typescript that cannot be found; " +
  "nothing was sent to ECS. Install both packages again";

type Client = typeof openapi;

/** Loaded on the first call: most requests of an engine to a provider need no call. */
let client: Promise<Client> | undefined;

/** The client, after a test that it can be stopped: the test request has no real address and no key. */
async function stoppableClient(): Promise<Client> {
  for (const library of new Set([require("@alicloud/tea-typescript") as Library, ...libraryOfClient()])) stop(library);
  const loaded = require("@alicloud/openapi-client") as Client;
  const endpoint = { protocol: "HTTP", host: "127.0.0.1:0" } as const;
  const probe = { version: "2014-05-26", endpoint, action: "Probe", parameters: {}, inBody: false, keys: undefined };
  if (!(await stoppedRequest(loaded, probe).catch(() => undefined))) throw new Error(SENT);
  return loaded;
}

type Library = { doAction: typeof tea.doAction };

/**
 * The copy of the library that the client itself uses, which may differ from ours. The plugin's bundle has only one
 * copy, so there is nothing to find.
 */
function libraryOfClient(): Library[] {
  try {
    const fromClient = createRequire(createRequire(__filename).resolve("@alicloud/openapi-client"));
    return [fromClient("@alicloud/tea-typescript") as Library];
  } catch {
    return [];
  }
}

function stop(library: Library): void {
  const { doAction } = library;
  library.doAction = (request, runtime) =>
    stopped.has(request.headers[NONCE] ?? "") ? Promise.reject(new Stop(request)) : doAction(request, runtime);
}

/** The nonces of requests that the client must not send. */
const stopped = new Set<string>();

class Stop extends Error {
  constructor(readonly request: tea.Request) {
    super("signed");
  }
}

/** The request at which the client was stopped; undefined if it was not. */
async function stoppedRequest(library: Client, unsigned: Unsigned): Promise<tea.Request | undefined> {
  const nonce = randomUUID();
  stopped.add(nonce);
  try {
    await callApi(library, unsigned, nonce);
    return undefined;
  } catch (error) {
    if (error instanceof Stop) return error.request;
    throw error;
  } finally {
    stopped.delete(nonce);
  }
}

function callApi(
  { default: Client, Params, OpenApiRequest }: Client,
  { version, endpoint, action, parameters, inBody, keys }: Unsigned,
  nonce: string,
): Promise<unknown> {
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
