import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest, type IncomingMessage } from "node:http";
import { anonymiser } from "./anonymiser";
import { appendTo, type Exchange } from "./exchange";
import { exchangeOf, type Traffic } from "./traffic";

/** Records every call that this process sends to the cloud, anonymized. Returns a function that stops it. */
export function record(folder: string, key: string, nowMs = Date.now): () => void {
  const anonymous = anonymiser(key);
  return listen((exchange) => appendTo(folder, anonymous(exchange)), nowMs);
}

/**
 * Listens to every call to the cloud, from any client. Nothing is changed between client and cloud, so it hears what
 * users get. Returns a function that stops it.
 */
export function listen(heard: (exchange: Exchange) => void, nowMs = Date.now): () => void {
  const keep = (traffic: Traffic) => {
    const exchange = exchangeOf(traffic);
    if (exchange) heard(exchange);
  };
  return listenToHttp(keep, nowMs);
}

type Keep = (traffic: Traffic) => void;

interface Begun {
  readonly atMs: number;
  readonly startedAt: number;
  readonly sent: Buffer[];
}

/** Listens to `node:http` and `node:https`, which both Alibaba Cloud's SDK and our own OSS client use. */
function listenToHttp(keep: Keep, nowMs: () => number): () => void {
  const begun = new WeakMap<ClientRequest, Begun>();
  const { write, end } = ClientRequest.prototype;
  const note = (request: ClientRequest, chunk: unknown) => {
    const { sent } = begun.get(request) ?? begin(request);
    if (typeof chunk === "string" || Buffer.isBuffer(chunk)) sent.push(Buffer.from(chunk as string));
  };
  const begin = (request: ClientRequest): Begun => {
    const one = { atMs: nowMs(), startedAt: performance.now(), sent: [] };
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

/** Hears the chunks that arrive without taking them from the client that reads them. */
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
