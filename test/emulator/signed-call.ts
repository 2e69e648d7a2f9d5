import { createHash, createHmac, randomUUID } from "node:crypto";
import { request } from "node:http";
import type { Credential, Emulator } from "../../emulator";

export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body, if it is JSON. */
  body: any;
}
type Params = Record<string, string>;

const owner: Credential = { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" };
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const queryOf = (params: Params) =>
  Object.keys(params)
    .sort()
    .map((name) => `${encoded(name)}=${encoded(params[name]!)}`)
    .join("&");
const now = () => new Date().toISOString().replace(/\.\d+Z/, "Z");
const versionOf = (action: string) => (/^(AssumeRole|GetCallerIdentity)$/.test(action) ? "2015-04-01" : "2014-05-26");

/** A request signed in the manner of version 1.0: everything is a parameter. */
export function signedV1(
  action: string,
  params: Params,
  {
    credential = owner,
    method = "GET",
    inBody = method === "POST",
  }: { credential?: Credential; method?: string; inBody?: boolean } = {},
): Sent {
  const all: Params = {
    Action: action,
    Version: versionOf(action),
    Format: "JSON",
    AccessKeyId: credential.accessKeyId,
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: randomUUID(),
    Timestamp: now(),
    ...(credential.securityToken === undefined ? {} : { SecurityToken: credential.securityToken }),
    ...params,
  };
  return resignedV1(all, credential, method, inBody);
}

export function resignedV1(all: Params, credential: Credential, method: string, inBody = false): Sent {
  const { Signature: _, ...signed } = all;
  const toSign = `${method}&%2F&${encoded(queryOf(signed))}`;
  const query = queryOf({
    ...signed,
    Signature: createHmac("sha1", `${credential.accessKeySecret}&`).update(toSign).digest("base64"),
  });
  return inBody
    ? { method, path: "/", headers: { "content-type": "application/x-www-form-urlencoded" }, body: query }
    : { method, path: `/?${query}`, headers: {}, body: "" };
}

/** A request signed in the manner of version 3: parameters in the query, everything else in headers. */
export function signedV3(
  endpoint: string,
  action: string,
  params: Params,
  credential: Credential = owner,
  change: Params = {},
): Sent {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const headers: Params = {
    host: endpoint.replace("http://", ""),
    "x-acs-action": action,
    "x-acs-version": versionOf(action),
    "x-acs-date": now(),
    "x-acs-signature-nonce": randomUUID(),
    "x-acs-content-sha256": hash(""),
    ...(credential.securityToken === undefined ? {} : { "x-acs-security-token": credential.securityToken }),
    ...change,
  };
  const names = Object.keys(headers).sort();
  const query = queryOf(params);
  const canonical = [
    "POST",
    "/",
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    hash(""),
  ].join("\n");
  const signature = createHmac("sha256", credential.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${hash(canonical)}`)
    .digest("hex");
  return {
    method: "POST",
    path: `/?${query}`,
    headers: {
      ...headers,
      authorization:
        "ACS3-HMAC-SHA256 " +
        `Credential=${credential.accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`,
    },
    body: "",
  };
}

export function send(endpoint: string, { method, path, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint, { method, path, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          body: text.startsWith("{") ? JSON.parse(text) : undefined,
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** One call by a 1.0 signature; in cn-hangzhou unless the parameters say otherwise. */
export const call = (
  { endpoint }: Pick<Emulator, "endpoint">,
  action: string,
  params: Params = {},
  credential: Credential = owner,
): Promise<Answer> => send(endpoint, signedV1(action, { RegionId: "cn-hangzhou", ...params }, { credential }));
