import { BlockList, isIP } from "node:net";
import type { HttpsProxyAgent } from "https-proxy-agent";
import { Failure } from "../failure";
import { isLinkLocal, isLoopback, nameOf } from "./address";

/**
 * The environment's proxy for an address, by the rules of Go's HTTP client, which `@pulumi/alicloud` uses:
 * `HTTPS_PROXY` or `HTTP_PROXY` by the scheme, except for the hosts in `NO_PROXY`; each name also in lower case. This
 * machine and the instance metadata are never called through a proxy. Fails as `Invalid` for an unusable proxy, without
 * showing its password.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  if (isLoopback(url.host) || isLinkLocal(url)) return undefined;
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const given = variable(env, name);
  if (given === undefined || isExcluded(url, variable(env, "NO_PROXY") ?? "")) return undefined;
  const address = given.includes("://") ? given : `http://${given}`;
  if (URL.canParse(address) && /^https?:\/\//i.test(address)) return new URL(address);
  throw new Failure(
    "Invalid",
    `${name} is not valid; it must be the address of an HTTP proxy, such as http://proxy.example.com:3128`,
  );
}

const variable = (env: NodeJS.ProcessEnv, name: string): string | undefined =>
  env[name]?.trim() || env[name.toLowerCase()]?.trim() || undefined;

function isExcluded(url: URL, noProxy: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== "" && covers(entry, nameOf(url).toLowerCase(), port));
}

/**
 * Whether an entry of NO_PROXY covers a host. An entry is `*`, an address, a network such as `10.0.0.0/8`, or a name,
 * which covers all names below it. An address and a name may have a port.
 */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [, network, prefix] = /^([\da-f.:]+)\/(\d+)$/.exec(entry) ?? [];
  if (network !== undefined) return isInNetwork(host, network, Number(prefix));
  const [, name = entry, only] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  const bare = name.replace(/^\[|\]$/g, "");
  if (only !== undefined && only !== port) return false;
  if (isIP(bare)) return bare === host;
  const suffix = bare.replace(/^\*?\./, "");
  return host.endsWith(`.${suffix}`) || (host === suffix && bare === suffix);
}

function isInNetwork(host: string, network: string, prefix: number): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || prefix > (family === 6 ? 128 : 32)) return false;
  const type = family === 6 ? "ipv6" : "ipv4";
  const block = new BlockList();
  block.addSubnet(network, prefix, type);
  return block.check(host, type);
}

const agents = new Map<string, HttpsProxyAgent<string>>();

/** An agent that connects through a proxy. Loaded on first use, because most machines have no proxy. */
export function tunnelThrough(proxy: URL): HttpsProxyAgent<string> {
  const { HttpsProxyAgent: Agent } = require("https-proxy-agent") as typeof import("https-proxy-agent");
  const agent = agents.get(proxy.href) ?? new Agent(proxy.href, { keepAlive: true });
  agents.set(proxy.href, agent);
  return agent;
}
