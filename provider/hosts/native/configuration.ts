// The arguments of the native provider.

import { type StackConfig, settingsFrom } from "../../config/settings";
import { messageOf } from "../../failure";
import type { CheckFailure } from "../../fields/check";
import {
  flag,
  integer,
  nearest,
  oneOf,
  oneOrMore,
  type Part,
  pattern,
  type Rule,
  region,
  shape,
  tags,
  text,
} from "../../fields/rules";
import type { DescribedField } from "../../fields/schema";
import { isUnknown } from "../../fields/unknown";
import { TAG_PREFIX, USER_TAGS } from "../../lifecycle/ownership";
import type { Props } from "./values";

const argument = (accepts: Rule, doc: string, extra: Partial<DescribedField> = {}): DescribedField => ({
  accepts,
  doc,
  change: "nothing",
  changing: "",
  ...extra,
});
const words = (expects: string) => pattern(expects, /./s);
/** A property of an object that its accepted values describe. */
const part = (accepts: Rule, doc: string, whenLeftOut?: string): Part => ({
  accepts,
  doc,
  whenLeftOut,
});

const role = shape(
  { name: "ProviderAssumeRole", doc: "A RAM role to assume with the keys." },
  {
    roleArn: part(words("an ARN such as acs:ram::1234567890123456:role/name"), "The role."),
    sessionName: part(text(2, 64), "The name of the session, which ActionTrail shows."),
    sessionExpiration: part(integer(900, 43_200, "seconds"), "How long the session is valid, in seconds.", "3600"),
    policy: part(words("a policy as JSON"), "A policy that narrows the role's permissions.", "the role's own"),
    externalId: part(words("any text"), "The external id that the role asks for."),
  },
  ["roleArn"],
);

const oidcRole = shape(
  { name: "ProviderAssumeRoleWithOidc", doc: "A RAM role to assume with the token of an OIDC provider." },
  {
    oidcProviderArn: part(words("an ARN such as acs:ram::1234567890123456:oidc-provider/name"), "The OIDC provider."),
    roleArn: part(words("an ARN such as acs:ram::1234567890123456:role/name"), "The role."),
    oidcTokenFile: part(words("a path"), "The file that has the token. It is read again for each session."),
    oidcToken: part(words("a token"), "The token itself."),
    roleSessionName: part(text(2, 64), "The name of the session, which ActionTrail shows."),
    sessionExpiration: part(integer(900, 43_200, "seconds"), "How long the session is valid, in seconds.", "3600"),
    policy: part(words("a policy as JSON"), "A policy that narrows the role's permissions.", "the role's own"),
  },
);

const host = (service: string) =>
  part(words("a host, with or without a scheme"), `The host of ${service}.`, "the region's");
const hosts = shape(
  { name: "ProviderEndpoints", doc: "Hosts to use instead of the region's own." },
  { ecs: host("ECS"), oss: host("OSS"), sts: host("STS") },
);

/**
 * The provider's arguments, which are also the `alicloud-image:` keys of a stack: the keys of `@pulumi/alicloud`, and
 * those of this package.
 *
 * The generated SDKs write the variables in `environment` into the state of an explicit provider, as `@pulumi/alicloud`
 * does, so that a later destroy has the same identity. The provider reads all other variables itself: keys do not
 * belong in a state, and a path or an address is valid on one machine only.
 */
export const providerArguments: Readonly<Record<string, DescribedField>> = {
  region: argument(region, "The region of resources without a `regionId`.", {
    environment: ["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"],
  }),
  accessKey: argument(
    words("the id of an access key"),
    "The access key. Environment: `ALICLOUD_ACCESS_KEY`, `ALIBABA_CLOUD_ACCESS_KEY_ID`.",
    { secret: true },
  ),
  secretKey: argument(
    words("the secret of the access key"),
    "The secret of the access key. Environment: `ALICLOUD_SECRET_KEY`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET`.",
    { secret: true },
  ),
  securityToken: argument(
    words("the token that belongs to a temporary access key"),
    "The token of a temporary access key. Environment: `ALICLOUD_SECURITY_TOKEN`, `ALIBABA_CLOUD_SECURITY_TOKEN`.",
    { secret: true },
  ),
  profile: argument(
    words("the name of a profile of the Alibaba Cloud CLI"),
    "The profile that has the keys, and the region if nothing else names one.",
    { environment: ["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"] },
  ),
  sharedCredentialsFile: argument(
    words("the path of a file with profiles"),
    "The file with the profiles. Environment: `ALICLOUD_SHARED_CREDENTIALS_FILE`, `ALIBABA_CLOUD_CREDENTIALS_FILE`.",
    {
      whenLeftOut: "`~/.aliyun/config.json`",
    },
  ),
  ecsRoleName: argument(
    words("the name of the RAM role of the ECS instance that Pulumi runs on"),
    "The role whose session is used instead of keys.",
    { environment: ["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"] },
  ),
  assumeRole: argument(role, "A RAM role to assume with the keys. Environment: `ALICLOUD_ASSUME_ROLE_ARN`."),
  assumeRoleWithOidc: argument(
    oidcRole,
    "A RAM role to assume with the token of an OIDC provider, instead of keys. The environment supplies what is left " +
      "out: `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`, `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE`.",
  ),
  credentialsUri: argument(
    words("an http or https address"),
    "A server that hands out temporary keys. Environment: `ALIBABA_CLOUD_CREDENTIALS_URI`.",
  ),
  protocol: argument(oneOf("HTTPS", "HTTP"), "`HTTP` is accepted for loopback addresses only.", {
    whenLeftOut: "`HTTPS`",
  }),
  endpoints: argument(
    oneOrMore(hosts),
    "Hosts to use instead of the region's own. Environment: `ALIBABA_CLOUD_ENDPOINT_ECS`, `_OSS`, `_STS`.",
  ),
  defaultTags: argument(
    tags(USER_TAGS, TAG_PREFIX),
    "Tags to put on every resource that takes tags. A resource's own tags win. They change in place.",
  ),
  dryRun: argument(flag, "Whether previews ask the cloud if it would accept a creation.", { whenLeftOut: "true" }),
};

/** Arguments that the engine adds. */
const OF_THE_ENGINE = ["version", "pluginDownloadURL", "__internal"];

/**
 * Makes the provider's arguments the stack configuration that `settings` reads. Objects arrive as JSON text from the
 * `alicloud-image:` keys of a stack, and as objects from an explicit provider.
 */
export const stackConfigOf = (args: Props): StackConfig => ({
  get(key) {
    const value = args[key.replace(/^alicloud(-image)?:/, "")];
    if (value === undefined || value === null || isUnknown(value)) return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  },
});

/** What is wrong with the provider's arguments, as far as that is known without a call. */
export function configFailures(args: Props, env: NodeJS.ProcessEnv): CheckFailure[] {
  const names = Object.keys(providerArguments);
  const strangers = Object.keys(args).filter((key) => !names.includes(key) && !OF_THE_ENGINE.includes(key));
  const failures = strangers.map((property) => ({
    property,
    reason: `there is no provider argument ${property}${nearest(property, names)}`,
  }));
  try {
    settingsFrom(stackConfigOf(args), env);
  } catch (error) {
    failures.push({ property: "", reason: messageOf(error) });
  }
  return failures;
}
