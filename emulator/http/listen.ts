import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpAnswer, HttpRequest, Outcome, TransportFault } from "./message";

export interface Listening {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The largest body, for uploads of objects. ECS needs far less. */
const bodyBytes = 64 * 1024 * 1024;

export interface Place {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Added to each answer. */
  readonly latencyMs: number;
}

/** Listens on a port, on the loopback address unless another host is given. The only file that opens sockets. */
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
  // The official clients send a command of 24 KB, percent-encoded, in the URL.
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
  // An emulator that listens on all addresses can be reached at loopback from this machine.
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

/** The connection closes after the answer, because the rest of the request may not have been read. */
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
 * A web page can point its own domain name at 127.0.0.1 and then call whatever listens there. So only names are
 * accepted that nobody else can own: local ones with subdomains, because a bucket is part of the host name in
 * virtual-host style, and those of the cloud itself.
 */
const isLocal = (hostname: string): boolean =>
  /^(.+\.)?localhost$|^127(\.\d{1,3}){3}$|^::1$|\.aliyuncs\.com$/.test(hostname);

/**
 * Writes to the socket directly: a fault may have to break what a library would keep intact, and the answer to a HEAD
 * announces a body that it does not have.
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
