import { createServer } from "node:http";
import { type AddressInfo, connect, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";

/** A proxy on this machine that connects every name to one local port, as if the cloud were there. */
export interface Proxy {
  readonly url: string;
  /** The hosts that were requested: `ecs-cn-hangzhou.aliyuncs.com:443`. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** With `refuses`, it answers this status instead of connecting. */
export async function openProxy({ port, refuses }: { port?: number; refuses?: number } = {}): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer((_request, response) => void response.writeHead(501).end());
  server.on("connect", (request, client: Duplex) => {
    asked.push(request.url!);
    sockets.add(client);
    client.on("error", () => undefined);
    if (refuses !== undefined || port === undefined)
      return void client.end(`HTTP/1.1 ${refuses ?? 502} Refused\r\ncontent-length: 0\r\n\r\n`);
    const cloud = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      cloud.pipe(client).pipe(cloud);
    });
    sockets.add(cloud.on("error", () => client.destroy()));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return {
    url,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return end(server);
    },
  };
}

/**
 * A TLS server like the cloud's, which passes everything on to an emulator. Processes that have `CERTIFICATE` in
 * NODE_EXTRA_CA_CERTS trust it.
 */
export async function openTlsFront(endpoint: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Duplex>();
  const server = createTlsServer({ cert: CERTIFICATE, key: KEY }, (client) => {
    const emulator = connect(Number(port), hostname);
    sockets.add(client.on("error", () => emulator.destroy())).add(emulator.on("error", () => client.destroy()));
    client.pipe(emulator).pipe(client);
  });
  const listening = await listen(server);
  return {
    port: listening,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return end(server);
    },
  };
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
const end = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** A self-signed certificate for `*.aliyuncs.com`. Its key protects nothing. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBtzCCAVygAwIBAgIUOYlFtcChPiXJtnu4jITEW0IKQ+YwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyOTAxNDkxMFoYDzIxMjYxMTA1MDE0
OTEwWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATkfXrQfsb8m4T8VmkCZD9ob84NmwIzXU9JBlHnuSzIcbszTmSB9YfmG3AlHFWy
lgJn9RCMs1nw8tu27H/ocUv7o4GPMIGMMB0GA1UdDgQWBBSCOZrEeKGyY1cBch1M
OgoeElP9nDAfBgNVHSMEGDAWgBSCOZrEeKGyY1cBch1MOgoeElP9nDAPBgNVHRMB
Af8EBTADAQH/MDkGA1UdEQQyMDCCDiouYWxpeXVuY3MuY29tgh4qLm9zcy1jbi1o
YW5nemhvdS5hbGl5dW5jcy5jb20wCgYIKoZIzj0EAwIDSQAwRgIhAORdczZlp595
yFPqPNjDRHacQjxMLv+WZVE7PUYzW3yOAiEAkfy3CxXr2Y8Ps8RafRS94uUxrL9j
7j+LDzByXCHmESk=
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgV+lb4pfmDWlnZez/
amEL+25yG2bR6FWDXOZKf1OnkG+hRANCAATkfXrQfsb8m4T8VmkCZD9ob84NmwIz
XU9JBlHnuSzIcbszTmSB9YfmG3AlHFWylgJn9RCMs1nw8tu27H/ocUv7
-----END PRIVATE KEY-----`;
