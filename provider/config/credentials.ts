import type { Credentials, Keys } from "../ecs/credentials";
import { Failure } from "../failure";
import { exchange, HttpError } from "../http/exchange";
import { type Clock, systemClock } from "../wait/clock";
import { assumedRole, oidcRole, temporaryKeys } from "./assumed-role";
import { type KeySession, sessionKeys } from "./key-session";
import { fetchedKeys, libraryOf } from "./library-keys";
import { profileKeys } from "./profile-keys";
import type { KeySource, Settings } from "./settings";

/** The credentials that the settings name. Nothing is read, called or loaded before the first `get`. */
export function credentialsFrom(settings: Settings, clock: Clock = systemClock): Credentials {
  const own = keysFrom(settings.keySource, settings, clock);
  return settings.assumeRole ? assumedRole(own, settings.assumeRole, settings, clock) : own;
}

function keysFrom(source: KeySource, settings: Settings, clock: Clock): Credentials {
  switch (source.from) {
    case "keys":
      return fixedKeys(source);
    case "profile":
      // A role in the configuration replaces the profile's own.
      return profileKeys(source, { settings, clock, withoutRole: settings.assumeRole !== undefined, from: keysFrom });
    case "ecsRole":
      return instanceRole(source.roleName);
    case "oidc":
      return oidcRole(source, settings, clock);
    case "uri":
      return sessionKeys(() => sessionAt(source.uri), clock);
    case "chain":
      return fetchedKeys(async () => defaultChain(), {
        isOfUser: false,
        explain: () =>
          "no credentials were found; set alicloud:accessKey and alicloud:secretKey, or ALICLOUD_ACCESS_KEY and " +
          "ALICLOUD_SECRET_KEY, or log in with the Alibaba Cloud CLI (aliyun configure)",
      });
  }
}

function fixedKeys({ accessKeyId, accessKeySecret, securityToken }: Keys): Credentials {
  const keys = { accessKeyId, accessKeySecret, securityToken };
  return { get: async () => keys, renew: () => undefined };
}

const instanceRole = (roleName: string | undefined): Credentials =>
  fetchedKeys(
    async () =>
      libraryOf()
        .ECSRAMRoleCredentialsProvider.builder()
        .withRoleName(roleName as string)
        .build(),
    {
      isOfUser: true,
      explain: () =>
        `the keys of the instance role${roleName === undefined ? "" : ` ${roleName}`} could not be obtained; ` +
        "check alicloud:ecsRoleName (or ALICLOUD_ECS_ROLE_NAME), and that this runs on an ECS instance with that role",
    },
  );

/**
 * The library's default chain, without the sources that were tried before. Among them are the profiles of the CLI, to
 * which the library would also write.
 */
function defaultChain() {
  const { CLIProfileCredentialsProvider, DefaultCredentialsProvider } = libraryOf();
  const all = DefaultCredentialsProvider.builder().build();
  const parts = all as unknown as { providers: unknown[] };
  parts.providers = parts.providers.filter((one) => !(one instanceof CLIProfileCredentialsProvider));
  return all;
}

const URI_TIMEOUT_MS = 10_000;

/**
 * Keys from a server beside this process, in the format of
 * https://www.alibabacloud.com/help/en/sdk/developer-reference/v2-manage-node-js-access-credentials
 */
async function sessionAt(uri: string): Promise<KeySession> {
  const doing = "asking for keys at alicloud:credentialsUri (or ALIBABA_CLOUD_CREDENTIALS_URI)";
  const url = new URL(uri);
  const answer = await exchange({ method: "GET", url, timeoutMs: URI_TIMEOUT_MS }).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    throw new Failure("Unreachable", `${doing}: no answer from ${url.host} (${error.code})`);
  });
  const given = objectIn(answer.body);
  const keys = answer.status === 200 ? temporaryKeys(given) : undefined;
  if (!keys) {
    const why = answer.status === 200 ? "an answer without keys" : `HTTP ${answer.status}`;
    throw new Failure(answer.status >= 500 ? "Unreachable" : "Denied", `${doing}: ${url.host} gave ${why}`);
  }
  const endsAtMs = Date.parse(String(given["Expiration"]));
  return { keys, endsAtMs: Number.isNaN(endsAtMs) ? 0 : endsAtMs };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
