import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that answers every request with its content, as a careless gateway or error message would. */
export interface Echo {
  readonly endpoint: string;
  /** The parts of a request that must not appear again: its headers, one by one, and its signature. */
  readonly heard: Set<string>;
  count: number;
  close(): Promise<void>;
}

type Shape = (
  sent: string,
  request: IncomingMessage,
) => { status: number; body: string; headers?: Record<string, string> };

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const json = (status: number, fields: object) => ({
  status,
  body: JSON.stringify(fields),
  headers: { "content-type": "application/json" },
});

export const shapes: Readonly<Record<string, Shape>> = {
  "in the message of a refusal": (sent) =>
    json(403, { Code: "SignatureDoesNotMatch", Message: `server string to sign is: ${sent}`, RequestId: "473469C7" }),
  "in the code of a refusal": (sent) => json(400, { Code: sent, Message: "no", RequestId: "473469C7" }),
  "in the request id of a refusal": (sent) => json(400, { Code: "InvalidParameter", Message: "no", RequestId: sent }),
  "in an error of the server": (sent) => json(500, { Code: "InternalError", Message: sent, RequestId: sent }),
  "in an error under status 200": (sent) => json(200, { Code: sent, Message: sent, RequestId: sent }),
  "in a page": (sent) => ({
    status: 502,
    body: `<html><pre>${sent}</pre></html>`,
    headers: { "content-type": "text/html" },
  }),
  "in a good answer's place": (sent) => ({ status: 200, body: sent, headers: { "content-type": "text/plain" } }),
  "in the message of an XML refusal": (sent) => ({
    status: 403,
    body:
      `<Error><Code>SignatureDoesNotMatch</Code><Message>${escaped(sent)}</Message>` +
      `<RequestId>${escaped(sent)}</RequestId></Error>`,
    headers: { "content-type": "application/xml", "x-oss-request-id": "1" },
  }),
  "in the code of an XML refusal": (sent) => ({
    status: 400,
    body: `<Error><Code>${escaped(sent)}</Code><Message>no</Message></Error>`,
    headers: { "content-type": "application/xml", "x-oss-request-id": escaped(sent) },
  }),
  "in a redirect": (sent) => ({
    status: 307,
    body: sent,
    headers: { location: `/elsewhere?${encodeURIComponent(sent)}` },
  }),
};

export async function openEcho(shape: Shape): Promise<Echo> {
  const heard = new Set<string>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => (body += part));
    request.on("end", () => {
      const {
        authorization = "",
        "x-acs-security-token": acsToken,
        "x-oss-security-token": ossToken,
      } = request.headers;
      for (const secret of [authorization, acsToken, ossToken, /Signature=([0-9a-f]+)/.exec(authorization)?.[1]])
        if (secret) heard.add(String(secret));
      echo.count += 1;
      const sent = `${Object.entries(request.headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join(" ")} ${request.url} ${body}`;
      const answer = shape(sent, request);
      const carried = Object.fromEntries(
        Object.entries(answer.headers ?? {}).map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, "")]),
      );
      response.writeHead(answer.status, carried).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const echo: Echo = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    count: 0,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return echo;
}
