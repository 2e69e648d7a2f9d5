import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpAnswer, HttpRequest, Outcome, TransportFault } from "./message";

export interface Listening {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The largest object that may be uploaded; far more than any request of ECS. */
const bodyBytes = 64 * 1024 * 1024;

export interface Place {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Added to every answer. */
  readonly latencyMs: number;
}

/** Listens, on the loopback address only unless another host was asked for. The only file that knows sockets. */
export async function listen(
  { port, host, latencyMs }: Place,
  answerTo: (request: HttpRequest) => Promise<Outcome>,
): Promise<Listening> {
  const isOpen = !isLocal(host);
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const hostname = hostnameOf(incoming.headers.host ?? "");
    if (!isOpen && !isLocal(hostname))
      return refuse(outgoing, 403, "The emulator answers only on this machine: use 127.0.0.1 or localhost.\n");
    const body = await bodyOf(incoming);
    if (!body) return refuse(outgoing, 413, "Payload Too Large");
    const request = requestOf(incoming, hostname, body);
    const { answer, fault } = await answerTo(request);
    if (latencyMs > 0) await sleep(latencyMs);
    await send(outgoing, answer, request.method, fault);
  };
  // The official clients send a command of 24 KB, percent-encoded, in the address of the request.
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (!incoming.destroyed) console.error(error);
      outgoing.destroy(); // the client ended the connection, or an answer was cut short
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { address, family, port: opened } = server.address() as AddressInfo;
  // From this machine, an emulator that listens everywhere is reached here too.
  const reached =
    address === "0.0.0.0" || address === "::" ? "127.0.0.1" : family === "IPv6" ? `[${address}]` : address;
  return { endpoint: `http://${reached}:${opened}`, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The rest of the request may not have been read, so the connection ends with the answer. */
function refuse(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  outgoing.end(text);
}

function requestOf(
  { method = "GET", url = "/", headers }: IncomingMessage,
  hostname: string,
  body: Buffer,
): HttpRequest {
  const [path = "/", ...query] = url.split("?");
  return {
    method,
    path,
    query: query.join("?"),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    hostname,
    body,
  };
}

/** The whole body; undefined if it is too large. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const hostnameOf = (host: string): string =>
  host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

/**
 * A page on the web can point a name of its own at 127.0.0.1 and then call whatever listens there; so only names that
 * no one else can own are answered to. Buckets are part of the name in virtual-host style, hence the subdomains, and
 * those of the cloud itself.
 */
const isLocal = (hostname: string): boolean =>
  /^(.+\.)?localhost$|^127(\.\d{1,3}){3}$|^::1$|\.aliyuncs\.com$/.test(hostname);

/**
 * Written straight to the socket: a fault needs to break what a library would keep whole, and an answer to HEAD
 * promises a body that is not sent.
 */
async function send(
  outgoing: ServerResponse,
  { status, headers, body }: HttpAnswer,
  method: string,
  fault?: TransportFault,
): Promise<void> {
  const bytes = Buffer.from(body);
  const sent = { "content-length": String(bytes.length), ...headers };
  switch (fault?.kind) {
    case "reset":
      outgoing.socket?.resetAndDestroy();
      return;
    case "silence":
      return;
    case "truncate":
      outgoing.writeHead(status, { ...sent, "content-length": String(bytes.length + 1000) });
      outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.socket?.destroy());
      return;
    case "slow":
      outgoing.writeHead(status, sent);
      for (let at = 0; at < bytes.length && !outgoing.destroyed; at += 1) {
        outgoing.write(bytes.subarray(at, at + 1));
        await sleep(1000 / fault.bytesPerSecond);
      }
      outgoing.end();
      return;
    case "delay":
      await sleep(fault.ms);
  }
  outgoing.writeHead(status, sent);
  outgoing.end(method === "HEAD" ? undefined : bytes);
}
