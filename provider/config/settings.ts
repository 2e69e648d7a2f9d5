import { configuredEndpoint, type Endpoint, endpointOf, isRegion, type Protocol, type Service } from "../ecs/endpoint";
import { Failure } from "../failure";

/** Where the keys come from. */
export type KeySource =
  | {
      readonly from: "keys";
      readonly accessKeyId: string;
      readonly accessKeySecret: string;
      readonly securityToken?: string;
    }
  /** A profile of the Alibaba Cloud CLI; without a name the file's current one, without a file `~/.aliyun/config.json`. */
  | { readonly from: "profile"; readonly name?: string; readonly file?: string }
  /** The role of the ECS instance that this runs on. */
  | { readonly from: "ecsRole"; readonly roleName: string }
  /** The token of a workload, as Kubernetes clusters and pipelines hand it out, exchanged for a role's session. */
  | { readonly from: "oidc" }
  /** Whatever the default chain of `@alicloud/credentials` finds. */
  | { readonly from: "chain" };

export interface AssumeRole {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly sessionExpirationSeconds: number;
  readonly policy?: string;
  readonly externalId?: string;
}

export interface Settings {
  readonly regionId: string | undefined;
  readonly protocol: Protocol;
  readonly endpoints: Readonly<Partial<Record<Service, string>>>;
  readonly keySource: KeySource;
  /** The role that is assumed with those keys. */
  readonly assumeRole?: AssumeRole;
}

/** The stack's configuration, by full key: `alicloud:region`. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/**
 * Configuration as `@pulumi/alicloud` reads it: the stack's keys first, then the environment, under the names that its
 * Terraform provider knows, in that provider's order. Pure. Fails as `Invalid`, naming the key but no value that is secret.
 */
export function settingsFrom(config: StackConfig, env: NodeJS.ProcessEnv): Settings {
  const key = (name: string): string | undefined => config.get(`alicloud:${name}`)?.trim() || undefined;
  const variable = (...names: string[]): string | undefined => names.map((name) => env[name]?.trim()).find(Boolean);

  const regionId = key("region") ?? variable("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID");
  if (regionId !== undefined && !isRegion(regionId))
    throw invalid(
      "alicloud:region (or ALICLOUD_REGION)",
      "a region id of lower case letters, digits and hyphens, such as cn-hangzhou",
    );
  const protocol = protocolOf(key("protocol"));
  const endpoints = endpointsOf(key("endpoints"), variable);
  for (const service of ["ecs", "oss", "sts"] as const)
    if (endpoints[service] !== undefined || service === "ecs")
      checkedEndpoint(service, regionId ?? "cn-hangzhou", endpoints[service], protocol);
  const keySource = configuredKeys(key, variable) ?? environmentKeys(variable) ?? { from: "chain" };
  const assumeRole = assumeRoleOf(key("assumeRole"), keySource, variable);
  return { regionId, protocol, endpoints, keySource, ...(assumeRole && { assumeRole }) };
}

/** The address of a service in a region, by the settings. */
export const serviceEndpoint = (service: Service, regionId: string, settings: Settings): Endpoint =>
  checkedEndpoint(service, regionId, configuredEndpoint(service, regionId, settings), settings.protocol);

function checkedEndpoint(service: Service, regionId: string, given: string | undefined, protocol: Protocol): Endpoint {
  const own = `alicloud:endpoints.${service} (or ALIBABA_CLOUD_ENDPOINT_${service.toUpperCase()})`;
  return endpointOf({ service, regionId, given, protocol, setting: given === undefined ? "alicloud:protocol" : own });
}

type Key = (name: string) => string | undefined;
type Variable = (...names: string[]) => string | undefined;

const ACCESS_KEY = ["ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"];
const SECRET_KEY = ["ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET"];
const SECURITY_TOKEN = ["ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"];

const invalid = (setting: string, accepted: string): Failure =>
  new Failure("Invalid", `${setting} is not valid; it must be ${accepted}`);

function protocolOf(given = "HTTPS"): Protocol {
  const protocol = given.toUpperCase();
  if (protocol !== "HTTP" && protocol !== "HTTPS")
    throw invalid("alicloud:protocol", "HTTPS, or HTTP for loopback addresses");
  return protocol;
}

function configuredKeys(key: Key, variable: Variable): KeySource | undefined {
  const accessKeyId = key("accessKey");
  const accessKeySecret = key("secretKey");
  if (accessKeyId !== undefined || accessKeySecret !== undefined) {
    return pair(
      accessKeyId ?? variable(...ACCESS_KEY),
      accessKeySecret ?? variable(...SECRET_KEY),
      key("securityToken") ?? (accessKeyId === undefined ? variable(...SECURITY_TOKEN) : undefined),
    );
  }
  const roleName = key("ecsRoleName");
  if (roleName !== undefined) return { from: "ecsRole", roleName };
  return profile(
    key("profile"),
    key("sharedCredentialsFile") ?? (key("profile") && variable("ALICLOUD_SHARED_CREDENTIALS_FILE")),
  );
}

function environmentKeys(variable: Variable): KeySource | undefined {
  const accessKeyId = variable(...ACCESS_KEY);
  const accessKeySecret = variable(...SECRET_KEY);
  if (accessKeyId !== undefined || accessKeySecret !== undefined)
    return pair(accessKeyId, accessKeySecret, variable(...SECURITY_TOKEN));
  const roleName = variable("ALICLOUD_ECS_ROLE_NAME");
  if (roleName !== undefined) return { from: "ecsRole", roleName };
  const named = profile(variable("ALICLOUD_PROFILE"), variable("ALICLOUD_SHARED_CREDENTIALS_FILE"));
  if (named) return named;
  // Taken out of the default chain, which would go on to ask the instance metadata when the exchange fails.
  const oidc = ["ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_ROLE_ARN"].every(
    (name) => variable(name) !== undefined,
  );
  return oidc ? { from: "oidc" } : undefined;
}

function pair(
  accessKeyId: string | undefined,
  accessKeySecret: string | undefined,
  securityToken: string | undefined,
): KeySource {
  if (accessKeyId === undefined)
    throw new Failure(
      "Invalid",
      "alicloud:secretKey (or ALICLOUD_SECRET_KEY) is set, but alicloud:accessKey (or ALICLOUD_ACCESS_KEY) is not; set both",
    );
  if (accessKeySecret === undefined)
    throw new Failure(
      "Invalid",
      "alicloud:accessKey (or ALICLOUD_ACCESS_KEY) is set, but alicloud:secretKey (or ALICLOUD_SECRET_KEY) is not; set both",
    );
  for (const [setting, text] of [
    ["accessKey", accessKeyId],
    ["secretKey", accessKeySecret],
    ["securityToken", securityToken ?? ""],
  ] as const) {
    if (/[^\x21-\x7e]/.test(text)) throw invalid(`alicloud:${setting}`, "printable ASCII without white space");
  }
  return { from: "keys", accessKeyId, accessKeySecret, ...(securityToken !== undefined && { securityToken }) };
}

function profile(name: string | undefined, file: string | undefined): KeySource | undefined {
  if (name === undefined && file === undefined) return undefined;
  return { from: "profile", ...(name !== undefined && { name }), ...(file !== undefined && { file }) };
}

function endpointsOf(given: string | undefined, variable: Variable): Settings["endpoints"] {
  const accepted = 'a JSON object such as {"ecs": "ecs.cn-beijing.aliyuncs.com"}, or a list of one';
  const named = given === undefined ? {} : objectFrom("alicloud:endpoints", given, accepted);
  const endpoints: Partial<Record<Service, string>> = {};
  for (const service of ["ecs", "oss", "sts"] as const) {
    const value = named[service];
    if (value !== undefined && value !== null && typeof value !== "string")
      throw invalid(`alicloud:endpoints.${service}`, "a text");
    const product = service.toUpperCase();
    const endpoint = value?.trim() || variable(`ALIBABA_CLOUD_ENDPOINT_${product}`, `${product}_ENDPOINT`);
    if (endpoint) endpoints[service] = endpoint;
  }
  return endpoints;
}

function assumeRoleOf(given: string | undefined, keySource: KeySource, variable: Variable): AssumeRole | undefined {
  const accepted = "a JSON object with roleArn, and sessionName, sessionExpiration, policy, externalId where wanted";
  const named = given === undefined ? {} : objectFrom("alicloud:assumeRole", given, accepted);
  const option = (name: string) => textOption(named, name);
  const roleArn = roleArnOf(option("roleArn"), keySource, variable);
  if (roleArn === undefined) return undefined; // an empty ARN means no role, as in Terraform's provider
  const policy = option("policy");
  const externalId = option("externalId");
  return {
    roleArn,
    sessionName: sessionNameOf(option("sessionName"), variable),
    sessionExpirationSeconds: sessionExpirationOf(option("sessionExpiration"), variable),
    ...(policy !== undefined && { policy }),
    ...(externalId !== undefined && { externalId }),
  };
}

function textOption(named: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = named[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw invalid(`alicloud:assumeRole.${name}`, "a text");
}

function roleArnOf(given: string | undefined, keySource: KeySource, variable: Variable): string | undefined {
  // Without keys ALIBABA_CLOUD_ROLE_ARN is part of an OIDC login.
  const roleArn =
    given ?? variable("ALICLOUD_ASSUME_ROLE_ARN", ...(keySource.from === "keys" ? ["ALIBABA_CLOUD_ROLE_ARN"] : []));
  if (roleArn !== undefined && !/^acs:ram:[^\s:]*:\d+:role\/\S+$/i.test(roleArn))
    throw invalid("alicloud:assumeRole.roleArn", "an ARN such as acs:ram::1234567890123456:role/name");
  return roleArn;
}

function sessionNameOf(given: string | undefined, variable: Variable): string {
  const name = given ?? variable("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME") ?? "pulumi";
  if (!/^[\w.@-]{2,64}$/.test(name))
    throw invalid("alicloud:assumeRole.sessionName", "2 to 64 letters, digits and . @ - _");
  return name;
}

function sessionExpirationOf(given: string | undefined, variable: Variable): number {
  const text =
    given ?? variable("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "ALIBABA_CLOUD_ROLE_SESSION_EXPIRATION") ?? "3600";
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200)
    throw invalid("alicloud:assumeRole.sessionExpiration", "a number of seconds from 900 to 43200");
  return seconds;
}

/** A JSON object, or a list of one, as Terraform's blocks arrive in a Pulumi stack. The text is not repeated in errors. */
function objectFrom(setting: string, json: string, accepted: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid(setting, accepted);
  }
  const only = Array.isArray(value) && value.length <= 1 ? (value[0] ?? {}) : value;
  if (typeof only !== "object" || only === null || Array.isArray(only)) throw invalid(setting, accepted);
  return only as Record<string, unknown>;
}
