import { type StackConfig, settingsFrom } from "../../config/settings";
import { messageOf } from "../../failure";
import type { CheckFailure } from "../../fields/check";
import { flag, integer, nearest, oneOf, pattern, type Rule, region, shape, text } from "../../fields/rules";
import type { DescribedField } from "../../fields/schema";
import { isUnknown } from "../../fields/unknown";
import type { Props } from "./values";

const argument = (accepts: Rule, summary: string, extra: { secret?: true } = {}): DescribedField => ({
  accepts,
  summary,
  change: "nothing",
  ...extra,
});
const words = (expects: string) => pattern(expects, /./s);

/** The provider's arguments, which are the keys of `@pulumi/alicloud` and one of this package: also `alicloud-image:` keys of a stack. */
export const providerArguments: Readonly<Record<string, DescribedField>> = {
  region: argument(region, "The region of resources that name none. Environment: `ALICLOUD_REGION`."),
  accessKey: argument(words("the id of an access key"), "Environment: `ALICLOUD_ACCESS_KEY`.", { secret: true }),
  secretKey: argument(words("the secret of the access key"), "Environment: `ALICLOUD_SECRET_KEY`.", { secret: true }),
  securityToken: argument(
    words("the token that belongs to a temporary access key"),
    "Environment: `ALICLOUD_SECURITY_TOKEN`.",
    { secret: true },
  ),
  profile: argument(
    words("the name of a profile of the Alibaba Cloud CLI"),
    "Where the keys are instead. Environment: `ALICLOUD_PROFILE`.",
  ),
  sharedCredentialsFile: argument(
    words("the path of a file with profiles"),
    "Left out: `~/.aliyun/config.json`. Environment: `ALICLOUD_SHARED_CREDENTIALS_FILE`.",
  ),
  ecsRoleName: argument(
    words("the name of the RAM role of the ECS instance that Pulumi runs on"),
    "Whose session is used instead of keys. Environment: `ALICLOUD_ECS_ROLE_NAME`.",
  ),
  assumeRole: argument(
    shape(
      {
        roleArn: words("an ARN such as acs:ram::1234567890123456:role/name"),
        sessionName: text(2, 64),
        sessionExpiration: integer(900, 43_200, "seconds"),
        policy: words("a policy that narrows the role's permissions, as JSON"),
        externalId: words("the external id that the role asks for"),
      },
      ["roleArn"],
    ),
    "A RAM role that is assumed with the keys. Environment: `ALICLOUD_ASSUME_ROLE_ARN`.",
  ),
  protocol: argument(oneOf("HTTPS", "HTTP"), "Left out: HTTPS. HTTP is accepted for loopback addresses only."),
  endpoints: argument(
    shape({
      ecs: words("the host of ECS, with or without a scheme"),
      oss: words("the host of OSS, with or without a scheme"),
      sts: words("the host of STS, with or without a scheme"),
    }),
    "Other hosts than the region's own. Environment: `ALIBABA_CLOUD_ENDPOINT_ECS`, `_OSS`, `_STS`.",
  ),
  dryRun: argument(flag, "Whether previews ask the cloud if it would refuse a creation. Left out: true."),
};

/** What the engine adds to a provider's arguments by itself. */
const OF_THE_ENGINE = ["version", "pluginDownloadURL", "__internal"];

/**
 * The provider's arguments as the stack configuration that `settings` reads. Objects come as JSON text from the `alicloud-image:` keys
 * of a stack, and as objects from an explicit provider.
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
