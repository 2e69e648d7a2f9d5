// Credentials from a profile of the Alibaba Cloud CLI, by the profile's mode.

import { stringify } from "node:querystring";
import type { Credentials, Keys } from "../ecs/credentials";
import { Failure } from "../failure";
import { exchange, HttpError } from "../http/exchange";
import type { Clock } from "../wait/clock";
import { assumedRole, temporaryKeys } from "./assumed-role";
import { described, type FoundProfile, type ProfilePlace, readProfile, sourceOf, textIn } from "./cli-profile";
import { type KeySession, sessionKeys } from "./key-session";
import { fetchedKeys, libraryOf } from "./library-keys";
import type { AssumeRole, KeySource, Settings } from "./settings";

interface Surroundings {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Whether another role is assumed instead of the profile's. */
  readonly withoutRole: boolean;
  from(source: KeySource, settings: Settings, clock: Clock): Credentials;
}

/**
 * Keys of a profile of the Alibaba Cloud CLI. The file is never written. It is read again if the keys have expired or
 * failed.
 */
export function profileKeys(place: ProfilePlace, surroundings: Surroundings): Credentials {
  let inner: Credentials | undefined;
  return {
    async get() {
      try {
        inner ??= keysOf(readProfile(place), surroundings, []);
        return await inner.get();
      } catch (error) {
        if (!(error instanceof Failure && error.kind === "Unreachable")) inner = undefined;
        throw error;
      }
    },
    renew() {
      inner = undefined;
    },
  };
}

type Login = (found: FoundProfile, surroundings: Surroundings, earlier: readonly string[]) => Credentials;

/** The kinds of login, by the profile's mode. */
const logins: Readonly<Record<string, Login>> = {
  AK: (found) => fixed({ ...keyPair(found) }),
  StsToken: (found) => fixed({ ...keyPair(found), securityToken: required(found, "sts_token") }),
  RamRoleArn: (found, around) => inRole(fixed(optionalToken(found)), found, around),
  ChainableRamRoleArn: (found, around, earlier) => inRole(keysOfSource(found, around, earlier), found, around),
  EcsRamRole: (found, { from, settings, clock }) =>
    from({ from: "ecsRole", roleName: textIn(found, "ram_role_name") }, settings, clock),
  RamRoleArnWithEcs: (found, around) => inRole(logins["EcsRamRole"]!(found, around, []), found, around),
  OIDC: (found, { from, settings, clock }) => from(oidcOf(found), settings, clock),
  CredentialsURI: (found, { from, settings, clock }) =>
    from({ from: "uri", uri: required(found, "credentials_uri") }, settings, clock),
  CloudSSO: (found, { clock }) => sessionKeys(() => cloudSsoSession(found, clock), clock),
  External: (found) => libraryKeys(found, (error) => externalTrouble(found, error)),
  OAuth: (found) =>
    libraryKeys(found, () => `the login of ${described(found)} has ended or was refused; ${loginAgain(found)}`),
};

function keysOf(found: FoundProfile, surroundings: Surroundings, earlier: readonly string[]): Credentials {
  const mode = textIn(found, "mode") ?? "";
  const login = Object.hasOwn(logins, mode) ? logins[mode] : undefined;
  if (login) return login(found, surroundings, earlier);
  // An unknown mode is not shown, because it may be a secret in the wrong place.
  const shown = UNSUPPORTED.includes(mode) ? `the mode ${mode}, which is not supported` : "no mode that is supported";
  throw denied(`${described(found)} has ${shown}; supported are ${Object.keys(logins).join(", ")}`);
}

const UNSUPPORTED = ["RsaKeyPair", "BearerToken", "AutoLogin", "RamRoleArnWithRoleName"];

const denied = (text: string): Failure => new Failure("Denied", text);
const loginAgain = ({ name }: FoundProfile) => `log in again: aliyun configure --profile ${name}`;

function required(found: FoundProfile, key: string): string {
  const value = textIn(found, key);
  if (value === undefined) throw denied(`${described(found)} has no ${key}; ${loginAgain(found)}`);
  return value;
}

const keyPair = (found: FoundProfile): Keys => ({
  accessKeyId: required(found, "access_key_id"),
  accessKeySecret: required(found, "access_key_secret"),
});

function optionalToken(found: FoundProfile): Keys {
  const securityToken = textIn(found, "sts_token");
  return { ...keyPair(found), securityToken };
}

const fixed = (keys: Keys): Credentials => ({ get: async () => keys, renew: () => undefined });

function inRole(own: Credentials, found: FoundProfile, { withoutRole, settings, clock }: Surroundings): Credentials {
  return withoutRole ? own : assumedRole(own, roleOf(found), settings, clock);
}

function roleOf(found: FoundProfile): AssumeRole {
  const policy = textIn(found, "policy");
  const externalId = textIn(found, "external_id");
  return {
    roleArn: required(found, "ram_role_arn"),
    sessionName: textIn(found, "ram_session_name") ?? "pulumi",
    sessionExpirationSeconds: Number(textIn(found, "expired_seconds")) || 3_600,
    policy,
    externalId,
  };
}

function oidcOf(found: FoundProfile): Extract<KeySource, { from: "oidc" }> {
  const { roleArn, sessionName, sessionExpirationSeconds } = roleOf(found);
  const providerArn = required(found, "oidc_provider_arn");
  const tokenFile = required(found, "oidc_token_file");
  return { from: "oidc", roleArn, sessionName, sessionExpirationSeconds, providerArn, tokenFile };
}

function keysOfSource(found: FoundProfile, surroundings: Surroundings, earlier: readonly string[]): Credentials {
  const name = required(found, "source_profile");
  const path = [...earlier, found.name];
  if (path.includes(name))
    throw denied(
      `${described(found)} takes its keys from itself: ${[...path, name].join(" -> ")}; change source_profile`,
    );
  const source = sourceOf(found, name);
  if (!source)
    throw denied(`${described(found)} has the source_profile ${JSON.stringify(name)}, which is not in the file`);
  return keysOf(source, { ...surroundings, withoutRole: false }, path);
}

/**
 * For modes with a command or a browser login. The library would write its results to the user's file, so it gets none
 * to write to.
 */
function libraryKeys(found: FoundProfile, explain: (error: unknown) => string): Credentials {
  const reader = libraryOf().CLIProfileCredentialsProvider.builder().withProfileName(found.name).build();
  type Reader = { getCredentialsProvider(config: unknown, name: string): ReturnType<typeof reader.getCredentials> };
  Object.assign(reader, {
    createExternalCredentialUpdateCallback: () => undefined,
    createOAuthTokenUpdateCallback: () => undefined,
  });
  const open = async () =>
    Object.assign((reader as unknown as Reader).getCredentialsProvider(found.config, found.name) as never, {
      doRequest: throughProxy,
    });
  return fetchedKeys(open, { explain, isOfUser: true });
}

/** Sends a request of the library with our own client. */
async function throughProxy(request: LibraryRequest) {
  const form = request.bodyForm && Object.keys(request.bodyForm).length > 0 ? stringify(request.bodyForm) : undefined;
  const type = form === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" };
  const { status, headers, body } = await exchange({
    method: request.method,
    url: new URL(request.toRequestURL()),
    headers: { ...type, ...request.headers },
    body: form,
    timeoutMs: LOGIN_TIMEOUT_MS,
  });
  return { statusCode: status, headers, body: Buffer.from(body) };
}

interface LibraryRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly bodyForm?: Record<string, string>;
  toRequestURL(): string;
}

const LOGIN_TIMEOUT_MS = 20_000;

function externalTrouble(found: FoundProfile, error: unknown): string {
  const [command = ""] = (textIn(found, "process_command") ?? "").split(/\s+/);
  const of = `the command ${JSON.stringify(command)} of ${described(found)}`;
  const text = error instanceof Error ? error.message : "";
  if (command === "") return `${described(found)} has no process_command; ${loginAgain(found)}`;
  if (/ENOENT|EACCES/.test(text)) return `${of} was not found or cannot be executed`;
  return /failed to execute/.test(text)
    ? `${of} failed; run it by hand to see the error`
    : `${of} gave no keys; it must print a JSON object with mode, access_key_id and access_key_secret`;
}

/** The session of a CloudSSO login. The library does not send the account and the access configuration. */
async function cloudSsoSession(found: FoundProfile, clock: Clock): Promise<KeySession> {
  const place = required(found, "cloud_sso_sign_in_url");
  const body = JSON.stringify({
    AccountId: required(found, "cloud_sso_account_id"),
    AccessConfigurationId: required(found, "cloud_sso_access_config"),
  });
  const token = required(found, "access_token");
  const ended = denied(`the CloudSSO login of ${described(found)} has ended or was refused; ${loginAgain(found)}`);
  if (Number(textIn(found, "cloud_sso_access_token_expire")) * 1_000 <= clock.now()) throw ended;
  if (!URL.canParse(place))
    throw denied(`${described(found)} has no valid cloud_sso_sign_in_url; ${loginAgain(found)}`);
  const url = new URL("/cloud-credentials", place);
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    authorization: `Bearer ${token}`,
  };
  const answer = await exchange({ method: "POST", url, headers, body, timeoutMs: LOGIN_TIMEOUT_MS }).catch(
    (error: unknown) => {
      const why = error instanceof HttpError ? error.code : "";
      throw new Failure("Unreachable", `logging in with ${described(found)}: no answer from ${url.host} (${why})`);
    },
  );
  const given = cloudCredentialIn(answer.body);
  const keys = temporaryKeys(given);
  if (!keys) throw answer.status >= 500 ? new Failure("Unreachable", ended.message) : ended;
  return { keys, endsAtMs: Date.parse(String(given["Expiration"])) || 0 };
}

function cloudCredentialIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object((JSON.parse(text) as { CloudCredential?: unknown }).CloudCredential) as Record<string, unknown>;
  } catch {
    return {};
  }
}
