import { Failure } from "../provider/failure";
import type { Providers } from "./stack-state";

/** The settings that decide which account is asked, and where. */
const OF_ACCOUNT = [
  "accessKey",
  "secretKey",
  "securityToken",
  "profile",
  "sharedCredentialsFile",
  "ecsRoleName",
  "assumeRole",
  "assumeRoleWithOidc",
  "endpoints",
];

/** The configuration of the stack's resources. */
interface Configuration {
  configuration(key: string): string | undefined;
  /** Explicit providers that may use another account. */
  readonly unasked: readonly string[];
}

/**
 * The dynamic provider reads the keys `alicloud:`, the plugin reads `alicloud-image:`, and an explicit provider has its
 * own arguments. Fails if the stack uses several of them and none was selected: otherwise the command would say of an
 * account that it never asked that it has no orphans. Pure.
 */
export function configurationOf(
  { dynamic, native, explicit }: Providers,
  config: ReadonlyMap<string, string>,
  provider: string | undefined,
): Configuration {
  const own = explicit.filter(({ inputs }) => OF_ACCOUNT.some((name) => inputs[name] !== undefined));
  const unasked = own.map(({ name }) => name).filter((name) => name !== provider);
  const chosen = explicit.find(({ name }) => name === provider);
  if (chosen) return { configuration: (key) => textOf(chosen.inputs[nameIn(key)]), unasked };
  if (provider !== undefined && provider !== "alicloud" && provider !== "alicloud-image")
    throw new Failure(
      "Invalid",
      `the stack has no explicit provider ${provider}; --provider takes alicloud, ` +
        `alicloud-image${explicit.map(({ name }) => `, ${name}`).join("")}`,
    );
  const has = (prefix: string) => [...config.keys()].some((key) => key.startsWith(`${prefix}:`));
  const isNative = native || (!dynamic && has("alicloud-image") && !has("alicloud"));
  const prefixes = [...(dynamic || !isNative ? ["alicloud"] : []), ...(isNative ? ["alicloud-image"] : [])];
  const named = provider === undefined ? prefixes : [provider];
  const differing =
    named.length > 1 &&
    OF_ACCOUNT.some((name) => config.get(`alicloud:${name}`) !== config.get(`alicloud-image:${name}`));
  if (differing)
    throw new Failure(
      "Invalid",
      "the stack has resources of the dynamic provider (configured by alicloud:) and of the plugin " +
        "(alicloud-image:), and the two " +
        "configurations differ; ask each with --provider alicloud and --provider alicloud-image",
    );
  const asked = named[0]!;
  const left =
    !differing && provider !== undefined && prefixes.length > 1 ? prefixes.filter((prefix) => prefix !== provider) : [];
  return { configuration: (key) => config.get(`${asked}:${nameIn(key)}`), unasked: [...unasked, ...left] };
}

const nameIn = (key: string): string => key.replace(/^alicloud(-image)?:/, "");

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : typeof value === "string" ? value : JSON.stringify(value);
