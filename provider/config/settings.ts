// Reads the configuration: keys, profile, region, roles and endpoints, from the stack and the environment.

import { existsSync } from "node:fs";
import { configuredEndpoint, type Endpoint, endpointOf, isRegion, type Protocol, type Service } from "../ecs/endpoint";
import { Failure, isFailure } from "../failure";
import {
  defaultFile,
  described,
  expanded,
  looksLikeCliFile,
  type ProfilePlace,
  readProfile,
  textIn,
} from "./cli-profile";

/** The source of the keys. */
export type KeySource =
  | {
      readonly from: "keys";
      readonly accessKeyId: string;
      readonly accessKeySecret: string;
      readonly securityToken?: string | undefined;
    }
  /** A profile of the Alibaba Cloud CLI; without a name the file's current one. */
  | ({ readonly from: "profile" } & ProfilePlace)
  /** The role of the ECS instance that this runs on; without a name the one that it has. */
  | { readonly from: "ecsRole"; readonly roleName: string | undefined }
  /** The token of a workload, as Kubernetes clusters and pipelines hand it out, exchanged for a role's session. */
  | ({ readonly from: "oidc" } & OidcRole)
  /** An address that hands out keys. */
  | { readonly from: "uri"; readonly uri: string }
  /**
   * Whatever the rest of the default chain of `@alicloud/credentials` finds: an ini file, or the role of the instance.
   */
  | { readonly from: "chain" };

export interface OidcRole extends Omit<AssumeRole, "externalId"> {
  readonly providerArn: string;
  /** The token, or the file that contains it. */
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

export interface AssumeRole {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly sessionExpirationSeconds: number;
  readonly policy?: string | undefined;
  readonly externalId?: string | undefined;
}

export interface Settings {
  readonly regionId: string | undefined;
  /** The source of the region, if it is not the stack's configuration: a variable or a profile. */
  readonly regionFrom?: string;
  /** Why the profile gives no region. */
  readonly regionTrouble?: string;
  readonly protocol: Protocol;
  readonly endpoints: Readonly<Partial<Record<Service, string>>>;
  readonly keySource: KeySource;
  /** Whether the stack's configuration contains the keys. */
  readonly hasOwnKeys?: true;
  /** The role to assume with those keys. */
  readonly assumeRole?: AssumeRole;
}

/** The stack's configuration, by full key: `alicloud:region`. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/**
 * The configuration as `@pulumi/alicloud` reads it: first the stack's keys, then the environment, with the names that
 * its Terraform provider reads, then the profile. So the same account and region are used. Reads only the profile's
 * file. Fails as `Invalid` with the name of the key, but without a secret value.
 */
export function settingsFrom(config: StackConfig, env: NodeJS.ProcessEnv): Settings {
  const key = (name: string): string | undefined => config.get(`alicloud:${name}`)?.trim() || undefined;
  const variable = (...names: string[]): string | undefined => names.map((name) => env[name]?.trim()).find(Boolean);
  const keySource = keySourceFrom(key, variable, env);
  const region = regionOf(
    key,
    variable,
    placeOfProfile(key, variable, env) ?? (keySource.from === "profile" ? keySource : undefined),
  );
  const protocol = protocolOf(key("protocol"));
  const endpoints = endpointsOf(key("endpoints"), variable);
  for (const service of ["ecs", "oss", "sts"] as const)
    if (endpoints[service] !== undefined || service === "ecs")
      checkedEndpoint(service, region.regionId ?? "cn-hangzhou", endpoints[service], protocol);
  const assumeRole = assumeRoleOf(key("assumeRole"), keySource, variable);
  return {
    ...region,
    protocol,
    endpoints,
    keySource,
    ...(keySource.from === "keys" && key("accessKey") !== undefined && { hasOwnKeys: true }),
    ...(assumeRole && { assumeRole }),
  };
}

type Region = Pick<Settings, "regionId" | "regionFrom" | "regionTrouble">;

const REGION = ["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"];

function regionOf(key: Key, variable: Variable, profile: ProfilePlace | undefined): Region {
  const configured = key("region");
  if (configured !== undefined) return { regionId: validRegion(configured, "alicloud:region") };
  const ofVariable = (...names: string[]): Region | undefined => {
    const name = names.find((one) => variable(one) !== undefined);
    return name === undefined ? undefined : { regionId: validRegion(variable(name)!, name), regionFrom: name };
  };
  const ofProfile = profile && regionOfProfile(profile);
  const found = ofVariable(...REGION) ?? (ofProfile?.regionId === undefined ? undefined : ofProfile);
  return found ?? ofVariable("ALIBABA_CLOUD_REGION_ID") ?? ofProfile ?? { regionId: undefined };
}

function regionOfProfile(place: ProfilePlace): Region {
  try {
    const found = readProfile(place);
    const regionId = textIn(found, "region_id");
    const regionFrom = described(found);
    if (regionId !== undefined) return { regionId: validRegion(regionId, `region_id of ${regionFrom}`), regionFrom };
    return { regionId: undefined, regionTrouble: `${regionFrom} has no region_id` };
  } catch (error) {
    if (!isFailure(error, "Denied")) throw error;
    return { regionId: undefined, regionTrouble: error.message };
  }
}

function validRegion(regionId: string, setting: string): string {
  if (isRegion(regionId)) return regionId;
  throw invalid(setting, "a region id of lower case letters, digits and hyphens, such as cn-hangzhou");
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

/** In the order of Terraform's provider. Sources that it does not have come after those, before the default chain. */
function keySourceFrom(key: Key, variable: Variable, env: NodeJS.ProcessEnv): KeySource {
  const keys = staticKeys(key, variable);
  if (keys) return keys;
  const named = placeOfProfile(key, variable, env);
  if (named && !isLoginOfInstance(named)) return { from: "profile", ...named };
  const uri = key("credentialsUri") ?? variable("ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI");
  if (uri !== undefined) return { from: "uri", uri: validUri(uri) };
  const roleName = key("ecsRoleName") ?? variable("ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA");
  if (roleName !== undefined) return { from: "ecsRole", roleName };
  if (named) return { from: "profile", ...named };
  const oidc = oidcOf(key("assumeRoleWithOidc"), variable);
  if (oidc) return { from: "oidc", ...oidc };
  return placeInDefaults(variable, env) ?? { from: "chain" };
}

function staticKeys(key: Key, variable: Variable): KeySource | undefined {
  const accessKeyId = key("accessKey") ?? variable(...ACCESS_KEY);
  const accessKeySecret = key("secretKey") ?? variable(...SECRET_KEY);
  if (accessKeyId === undefined && accessKeySecret === undefined) return undefined;
  // A token in the environment belongs to the key in the environment, if there is one.
  const isOwn = key("accessKey") === undefined || [undefined, accessKeyId].includes(variable(...ACCESS_KEY));
  return pair(accessKeyId, accessKeySecret, key("securityToken") ?? (isOwn ? variable(...SECURITY_TOKEN) : undefined));
}

/** The profile that the configuration or the environment names. If they name only a file, its current profile. */
function placeOfProfile(key: Key, variable: Variable, env: NodeJS.ProcessEnv): ProfilePlace | undefined {
  const name = key("profile") ?? variable("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE");
  const own = key("sharedCredentialsFile") ?? variable("ALICLOUD_SHARED_CREDENTIALS_FILE");
  // Other tools keep an ini file there. If only this is set, it may be either.
  const shared = own ?? variable("ALIBABA_CLOUD_CREDENTIALS_FILE");
  if (name === undefined && (shared === undefined || (own === undefined && !looksLikeCliFile(expanded(shared, env)))))
    return undefined;
  const file = shared === undefined ? defaultFile(env) : expanded(shared, env);
  return { file, name };
}

/** Terraform's provider uses a profile with an instance role only if nothing else is named. */
function isLoginOfInstance(place: ProfilePlace): boolean {
  try {
    return textIn(readProfile(place), "mode") === "EcsRamRole";
  } catch {
    return false;
  }
}

/** The CLI's current profile, unless it is empty. */
function placeInDefaults(variable: Variable, env: NodeJS.ProcessEnv): KeySource | undefined {
  const file = defaultFile(env);
  if (variable("ALIBABA_CLOUD_CLI_PROFILE_DISABLED")?.toLowerCase() === "true") return undefined;
  if (!existsSync(file)) return undefined;
  const found = readProfile({ file });
  const isEmpty = textIn(found, "mode") === "AK" && textIn(found, "access_key_id") === undefined;
  return isEmpty ? undefined : { from: "profile", file };
}

function validUri(uri: string): string {
  if (URL.canParse(uri) && /^https?:\/\//i.test(uri)) return uri;
  throw invalid("alicloud:credentialsUri (or ALIBABA_CLOUD_CREDENTIALS_URI)", "an http or https address");
}

/** From the configuration, completed from the environment, or from three environment variables alone. */
function oidcOf(given: string | undefined, variable: Variable): OidcRole | undefined {
  const setting = "alicloud:assumeRoleWithOidc";
  const named = given === undefined ? {} : objectFrom(setting, given, OIDC_OPTIONS);
  const option = (name: string, ...names: string[]) => textOption(setting, named, name) ?? variable(...names);
  const providerArn = option("oidcProviderArn", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN");
  const roleArn = option("roleArn", "ALIBABA_CLOUD_ROLE_ARN");
  const token = option("oidcToken", "ALIBABA_CLOUD_OIDC_TOKEN");
  const tokenFile = option("oidcTokenFile", "ALIBABA_CLOUD_OIDC_TOKEN_FILE");
  const hasToken = token !== undefined || tokenFile !== undefined;
  const isWhole = providerArn !== undefined && roleArn !== undefined && hasToken;
  if (given === undefined && !isWhole) return undefined;
  if (!isWhole) throw invalid(setting, "a JSON object with oidcProviderArn, roleArn, and oidcToken or oidcTokenFile");
  const policy = option("policy");
  return {
    providerArn,
    roleArn: validRoleArn(roleArn, `${setting}.roleArn`),
    ...(token !== undefined ? { token } : { tokenFile: tokenFile! }),
    sessionName: sessionNameOf(setting, option("roleSessionName"), variable),
    sessionExpirationSeconds: sessionExpirationOf(setting, option("sessionExpiration"), variable),
    policy,
  };
}

const OIDC_OPTIONS = [
  "oidcProviderArn",
  "roleArn",
  "oidcToken",
  "oidcTokenFile",
  "roleSessionName",
  "sessionExpiration",
  "policy",
];
const ROLE_OPTIONS = ["roleArn", "sessionName", "sessionExpiration", "policy", "externalId"];

function pair(
  accessKeyId: string | undefined,
  accessKeySecret: string | undefined,
  securityToken: string | undefined,
): KeySource {
  if (accessKeyId === undefined)
    throw new Failure(
      "Invalid",
      "alicloud:secretKey (or ALICLOUD_SECRET_KEY) is set, but alicloud:accessKey (or ALICLOUD_ACCESS_KEY) is " +
        "not; set both",
    );
  if (accessKeySecret === undefined)
    throw new Failure(
      "Invalid",
      "alicloud:accessKey (or ALICLOUD_ACCESS_KEY) is set, but alicloud:secretKey (or ALICLOUD_SECRET_KEY) is " +
        "not; set both",
    );
  for (const [setting, text] of [
    ["accessKey", accessKeyId],
    ["secretKey", accessKeySecret],
    ["securityToken", securityToken ?? ""],
  ] as const) {
    if (/[^\x21-\x7e]/.test(text)) throw invalid(`alicloud:${setting}`, "printable ASCII without white space");
  }
  return { from: "keys", accessKeyId, accessKeySecret, securityToken };
}

/** Merges the objects of a list: `@pulumi/alicloud` takes a list in which each object may name any services. */
function endpointsOf(given: string | undefined, variable: Variable): Settings["endpoints"] {
  const setting = "alicloud:endpoints";
  const accepted = 'a JSON object such as {"ecs": "ecs.cn-beijing.aliyuncs.com"}, or a list of such objects';
  const endpoints: Partial<Record<Service, string>> = {};
  for (const service of ["ecs", "oss", "sts"] as const) {
    const values = (given === undefined ? [] : objectsFrom(setting, given, accepted)).map((one) => one[service]);
    if (values.some((value) => value !== undefined && value !== null && typeof value !== "string"))
      throw invalid(`${setting}.${service}`, "a string");
    const named = [...new Set(values.map((value) => (value as string | null | undefined)?.trim()).filter(Boolean))];
    if (named.length > 1) throw invalid(`${setting}.${service}`, "the same in every object of the list");
    const product = service.toUpperCase();
    const endpoint = named[0] || variable(`ALIBABA_CLOUD_ENDPOINT_${product}`, `${product}_ENDPOINT`);
    if (endpoint) endpoints[service] = endpoint;
  }
  return endpoints;
}

function assumeRoleOf(given: string | undefined, keySource: KeySource, variable: Variable): AssumeRole | undefined {
  const setting = "alicloud:assumeRole";
  const named = given === undefined ? {} : objectFrom(setting, given, ROLE_OPTIONS);
  const option = (name: string) => textOption(setting, named, name);
  const roleArn = option("roleArn") ?? variable(...roleVariables(given !== undefined, keySource, variable));
  if (roleArn === undefined) return undefined; // an empty ARN means no role, as in Terraform's provider
  const policy = option("policy");
  const externalId = option("externalId");
  return {
    roleArn: validRoleArn(roleArn, `${setting}.roleArn`),
    sessionName: sessionNameOf(setting, option("sessionName"), variable),
    sessionExpirationSeconds: sessionExpirationOf(setting, option("sessionExpiration"), variable),
    policy,
    externalId,
  };
}

/**
 * ALIBABA_CLOUD_ROLE_ARN is also part of an OIDC login, for which a cluster sets it in every workload's environment.
 */
function roleVariables(isAsked: boolean, keySource: KeySource, variable: Variable): string[] {
  const isOfOidc = variable("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABA_CLOUD_OIDC_TOKEN") !== undefined;
  const isForKeys = isAsked || (keySource.from === "keys" && !isOfOidc);
  return ["ALICLOUD_ASSUME_ROLE_ARN", ...(isForKeys ? ["ALIBABA_CLOUD_ROLE_ARN"] : [])];
}

function textOption(setting: string, named: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = named[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw invalid(`${setting}.${name}`, "a string");
}

function validRoleArn(roleArn: string, setting: string): string {
  if (/^acs:ram:[^\s:]*:\d+:role\/\S+$/i.test(roleArn)) return roleArn;
  throw invalid(setting, "an ARN such as acs:ram::1234567890123456:role/name");
}

function sessionNameOf(setting: string, given: string | undefined, variable: Variable): string {
  const name = given ?? variable("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME") ?? "pulumi";
  if (!/^[\w.@-]{2,64}$/.test(name)) throw invalid(`${setting}.sessionName`, "2 to 64 letters, digits and . @ - _");
  return name;
}

function sessionExpirationOf(setting: string, given: string | undefined, variable: Variable): number {
  const text =
    given ?? variable("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "ALIBABA_CLOUD_ROLE_SESSION_EXPIRATION") ?? "3600";
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200)
    throw invalid(`${setting}.sessionExpiration`, "a number of seconds from 900 to 43200");
  return seconds;
}

/**
 * A JSON object, or a list with one object, the form in which Terraform's blocks arrive in a Pulumi stack. An unknown
 * option is an error, because it may select the identity.
 */
function objectFrom(setting: string, json: string, options: readonly string[]): Record<string, unknown> {
  const accepted = `a JSON object with any of ${options.join(", ")}`;
  const [only = {}, ...more] = objectsFrom(setting, json, accepted);
  if (more.length > 0) throw invalid(setting, accepted);
  const stranger = Object.keys(only).find((name) => !options.includes(name));
  if (stranger !== undefined)
    throw new Failure("Invalid", `${setting} has no option ${stranger}; it has ${options.join(", ")}`);
  return only;
}

/** JSON objects: one, or a list. Errors do not repeat the text. */
function objectsFrom(setting: string, json: string, accepted: string): Record<string, unknown>[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid(setting, accepted);
  }
  const all: unknown[] = Array.isArray(value) ? value : [value];
  const isObject = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
  if (!all.every(isObject)) throw invalid(setting, accepted);
  return all as Record<string, unknown>[];
}
