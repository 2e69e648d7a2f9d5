// Finds and validates the address of a service.

import { Failure } from "../failure";
import { isLinkLocal, isLoopback } from "../http/address";

export type Service = "ecs" | "oss" | "sts";
export type Protocol = "HTTP" | "HTTPS";

/** A validated address. No other address is ever connected to. */
export interface Endpoint {
  readonly protocol: Protocol;
  /** A name or an address, with its port if one was given. An IPv6 address is in brackets. */
  readonly host: string;
}

export interface Wanted {
  readonly service: Service;
  readonly regionId: string;
  /** The configured value: a URL without a path, or a host with or without a port. */
  readonly given?: string | undefined;
  /** Used if `given` has no scheme. */
  readonly protocol: Protocol;
  /** The name of the setting in error messages. */
  readonly setting?: string;
}

const REGION = /^[a-z0-9-]+$/;

/**
 * Regions whose ECS has another address than `ecs.<region>.aliyuncs.com`, from the endpoint map of
 * `@alicloud/ecs20140526`. Its entries for regions inside Alibaba Cloud itself are left out.
 */
const ECS_ELSEWHERE: Readonly<Record<string, string>> = {
  "cn-hangzhou": "ecs-cn-hangzhou.aliyuncs.com",
  "cn-shanghai-finance-1": "ecs-cn-hangzhou.aliyuncs.com",
  "cn-shenzhen-finance-1": "ecs-cn-hangzhou.aliyuncs.com",
  "cn-hangzhou-finance": "ecs.aliyuncs.com",
  "cn-north-2-gov-1": "ecs.aliyuncs.com",
  "cn-beijing-gov-1": "ecs.aliyuncs.com",
  "cn-beijing-finance-pop": "ecs.aliyuncs.com",
  "cn-hongkong-finance-pop": "ecs.aliyuncs.com",
  "ap-northeast-2-pop": "ecs.aliyuncs.com",
  "rus-west-1-pop": "ecs.aliyuncs.com",
  "cn-fujian": "ecs-cn-hangzhou.aliyuncs.com",
  "cn-wuhan": "ecs.aliyuncs.com",
  "cn-zhangbei": "ecs.aliyuncs.com",
  "cn-edge-1": "ecs.cn-qingdao-nebula.aliyuncs.com",
};

/**
 * Regions whose OSS has another public address than `oss-<region>.aliyuncs.com`: those of the finance cloud, listed at
 * https://help.aliyun.com/en/oss/user-guide/regions-and-endpoints.
 */
const OSS_ELSEWHERE: Readonly<Record<string, string>> = {
  "cn-hangzhou-finance": "oss-cn-hzfinance.aliyuncs.com",
  "cn-shanghai-finance-1": "oss-cn-shanghai-finance-1-pub.aliyuncs.com",
  "cn-shenzhen-finance-1": "oss-cn-szfinance.aliyuncs.com",
  "cn-beijing-finance-1": "oss-cn-beijing-finance-1-pub.aliyuncs.com",
};

const defaultHost: Record<Service, (regionId: string) => string> = {
  ecs: (regionId) => ECS_ELSEWHERE[regionId] ?? `ecs.${regionId}.aliyuncs.com`,
  oss: (regionId) => OSS_ELSEWHERE[regionId] ?? `oss-${regionId}.aliyuncs.com`,
  sts: () => "sts.aliyuncs.com",
};

export const isRegion = (text: string): boolean => REGION.test(text);

/**
 * The address to call. Fails as `Invalid` with the name of the setting. A value that may contain a password is not
 * repeated.
 */
export function endpointOf({
  service,
  regionId,
  given,
  protocol,
  setting = `the ${service} endpoint`,
}: Wanted): Endpoint {
  if (!isRegion(regionId))
    throw new Failure(
      "Invalid",
      `the region must consist of lower case letters, digits and hyphens, such as cn-hangzhou`,
    );
  const refuse = (why: string): never => {
    throw new Failure(
      "Invalid",
      `${setting} ${why}; give a host such as ${defaultHost[service]("cn-beijing")}, or a URL of one without a path`,
    );
  };
  const asked = given ?? defaultHost[service](regionId);
  const refuseDefault = (): never => {
    const here = "plain HTTP is for loopback addresses only";
    const advice = `set alicloud:endpoints.${service} to an address on this machine, or leave alicloud:protocol out`;
    throw new Failure("Invalid", `${setting} must be HTTPS: ${asked} is not on this machine, and ${here}; ${advice}`);
  };
  // URL parsing drops line breaks silently, so this comes first.
  if (/[\s\p{Cc}\\]/u.test(asked)) return refuse("must not contain white space or control characters");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(asked)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    return refuse("must be an http or https address");
  const address = scheme ? asked : `${protocol.toLowerCase()}://${asked}`;
  if (!URL.canParse(address)) return refuse("is not an address");
  const url = new URL(address);
  if (url.username || url.password) return refuse("must not contain a user name or password");
  if (url.pathname !== "/" || url.search || url.hash) return refuse("must not have a path or a query");
  if (isLinkLocal(url)) return refuse("must not be a link-local or metadata address");
  if (url.protocol === "http:" && !isLoopback(address))
    return given === undefined ? refuseDefault() : refuse("must be HTTPS; plain HTTP is for loopback addresses only");
  return { protocol: url.protocol === "http:" ? "HTTP" : "HTTPS", host: url.host };
}

export interface Configured {
  /** The stack's region; undefined if each resource names its own. */
  readonly regionId: string | undefined;
  readonly endpoints: Readonly<Partial<Record<Service, string>>>;
}

/**
 * The configured endpoint, if it serves the region; undefined means the region's default endpoint. It serves only the
 * stack's region, because the endpoint of another region refuses a request or answers it for the wrong region. A
 * loopback address serves every region, and so does any address if the stack has no region. Pure.
 */
export function configuredEndpoint(service: Service, regionId: string, configured: Configured): string | undefined {
  const given = configured.endpoints[service];
  if (given === undefined || service === "sts") return given;
  return configured.regionId === undefined || configured.regionId === regionId || isLoopback(given) ? given : undefined;
}
