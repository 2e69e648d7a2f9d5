import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest, type IncomingMessage } from "node:http";
import { anonymiser } from "./anonymiser";
import { appendTo } from "./exchange";
import { exchangeOf, type Traffic } from "./traffic";

/**
 * Records every call that this process sends to the cloud, whichever client sends it: Node has two HTTP clients, and both are
 * listened to. Nothing between the clients and the cloud is changed, so that what is recorded is what users get.
 *
 * @returns what ends it.
 */
export function record(folder: string, key: string): () => void {
  const anonymous = anonymiser(key);
  const keep = (traffic: Traffic) => {
    const exchange = exchangeOf(traffic);
    if (exchange) appendTo(folder, anonymous(exchange));
  };
  const ends = [listenToHttp(keep), listenToFetch(keep)];
  return () => ends.forEach((end) => end());
}

type Keep = (traffic: Traffic) => void;

interface Begun {
  readonly atMs: number;
  readonly startedAt: number;
  readonly sent: Buffer[];
}

/** `node:http` and `node:https`, which the SDK of Alibaba Cloud uses. */
function listenToHttp(keep: Keep): () => void {
  const begun = new WeakMap<ClientRequest, Begun>();
  const { write, end } = ClientRequest.prototype;
  const note = (request: ClientRequest, chunk: unknown) => {
    const { sent } = begun.get(request) ?? begin(request);
    if (typeof chunk === "string" || Buffer.isBuffer(chunk)) sent.push(Buffer.from(chunk as string));
  };
  const begin = (request: ClientRequest): Begun => {
    const one = { atMs: Date.now(), startedAt: performance.now(), sent: [] };
    begun.set(request, one);
    return one;
  };
  ClientRequest.prototype.write = function (this: ClientRequest, ...args: unknown[]) {
    note(this, args[0]);
    return write.apply(this, args as never);
  } as typeof write;
  ClientRequest.prototype.end = function (this: ClientRequest, ...args: unknown[]) {
    note(this, args[0]);
    return end.apply(this, args as never);
  } as typeof end;

  const answered = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const start = begun.get(request);
    if (start) whenRead(response, (body) => keep(httpTraffic(request, start, { response, body })));
  };
  const failed = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    const start = begun.get(request);
    if (start) keep(httpTraffic(request, start));
  };
  subscribe("http.client.response.finish", answered);
  subscribe("http.client.request.error", failed);
  return () => {
    Object.assign(ClientRequest.prototype, { write, end });
    unsubscribe("http.client.response.finish", answered);
    unsubscribe("http.client.request.error", failed);
  };
}

/** Listens to what arrives without taking it from whoever reads the answer. */
function whenRead(response: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const { push } = response;
  response.push = (chunk: unknown, ...rest) => {
    if (chunk === null) done(Buffer.concat(chunks));
    else chunks.push(Buffer.from(chunk as Buffer));
    return push.call(response, chunk, ...rest);
  };
}

function httpTraffic(
  request: ClientRequest,
  { atMs, startedAt, sent }: Begun,
  answer?: { readonly response: IncomingMessage; readonly body: Buffer },
): Traffic {
  return {
    atMs,
    tookMs: performance.now() - startedAt,
    method: request.method,
    url: new URL(request.path, `${request.protocol}//${request.host}`),
    requestHeaders: textsIn(request.getHeaders()),
    requestBody: Buffer.concat(sent).toString("utf8"),
    status: answer?.response.statusCode,
    headers: textsIn(answer?.response.headers ?? {}),
    body: answer?.body ?? Buffer.alloc(0),
  };
}

const textsIn = (headers: object) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/** `fetch`, which calls OSS. */
function listenToFetch(keep: Keep): () => void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const startedAt = performance.now();
    const request = {
      atMs: Date.now(),
      method: init?.method ?? "GET",
      url: new URL(input instanceof Request ? input.url : input),
      requestHeaders: Object.fromEntries(new Headers(init?.headers)),
      requestBody: typeof init?.body === "string" ? init.body : "",
    };
    const ended = (answer?: Response, body = Buffer.alloc(0)) =>
      keep({
        ...request,
        tookMs: performance.now() - startedAt,
        status: answer?.status,
        // It is decoded already.
        headers: { ...Object.fromEntries(answer?.headers ?? []), "content-encoding": "identity" },
        body,
      });
    try {
      const answer = await fetch(input, init);
      const copy = answer.clone();
      void copy.arrayBuffer().then(
        (body) => ended(answer, Buffer.from(body)),
        () => ended(),
      );
      return answer;
    } catch (error) {
      ended();
      throw error;
    }
  };
  return () => void (globalThis.fetch = fetch);
}
