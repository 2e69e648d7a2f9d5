import { readFile } from "node:fs/promises";
import { reactionTo } from "../ecs/codes";
import type { Credentials, Keys } from "../ecs/credentials";
import { quotable } from "../ecs/mask";
import { type Api, CALL_TIMEOUT_MS, send } from "../ecs/send";
import { Failure } from "../failure";
import type { Clock } from "../wait/clock";
import { type KeySession, sessionKeys } from "./key-session";
import { type AssumeRole, type OidcRole, type Settings, serviceEndpoint } from "./settings";

/**
 * Keys of a role that is assumed with other keys. We call STS ourselves, with the client that calls ECS: the
 * credentials library supports only HTTPS and no proxy, and puts whole answers of STS into its errors.
 */
export function assumedRole(own: Credentials, role: AssumeRole, settings: Settings, clock: Clock): Credentials {
  const { roleArn, sessionName, sessionExpirationSeconds, policy, externalId } = role;
  const parameters = {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: sessionExpirationSeconds,
    Policy: policy,
    ExternalId: externalId,
  };
  const call = { action: "AssumeRole", roleArn, sessionExpirationSeconds, advice: WITH_KEYS, settings, clock };
  return sessionKeys(
    async () => assume({ ...call, parameters, keys: await own.get() }),
    clock,
    () => own.renew(),
  );
}

/** Keys of a role that is assumed with the token of a workload, as Kubernetes clusters and pipelines provide it. */
export function oidcRole(role: OidcRole, settings: Settings, clock: Clock): Credentials {
  const { roleArn, providerArn, sessionName, sessionExpirationSeconds, policy } = role;
  const call = { action: "AssumeRoleWithOIDC", roleArn, sessionExpirationSeconds, advice: WITH_TOKEN, settings, clock };
  const parameters = async () => ({
    RoleArn: roleArn,
    OIDCProviderArn: providerArn,
    OIDCToken: await tokenOf(role),
    RoleSessionName: sessionName,
    DurationSeconds: sessionExpirationSeconds,
    Policy: policy,
  });
  return sessionKeys(async () => assume({ ...call, parameters: await parameters(), keys: undefined }), clock);
}

/** Reads the file each time, because its writer renews the token. */
async function tokenOf({ token, tokenFile }: OidcRole): Promise<string> {
  if (token !== undefined) return token;
  const advice = "check ALIBABA_CLOUD_OIDC_TOKEN_FILE, alicloud:assumeRoleWithOidc, or the profile";
  const text = await readFile(tokenFile!, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Failure("Denied", `the OIDC token file ${tokenFile} cannot be read (${error.code}); ${advice}`);
  });
  if (text.trim() === "") throw new Failure("Denied", `the OIDC token file ${tokenFile} is empty; ${advice}`);
  return text.trim();
}

const WITH_KEYS =
  "Check alicloud:assumeRole or the profile, that these keys are allowed to assume the role (sts:AssumeRole), " +
  "and the role's trust policy.";
const WITH_TOKEN =
  "Check the OIDC token, alicloud:assumeRoleWithOidc (or ALIBABA_CLOUD_OIDC_PROVIDER_ARN and " +
  "ALIBABA_CLOUD_ROLE_ARN), and the role's trust policy.";

interface Assumption {
  readonly action: string;
  readonly roleArn: string;
  readonly sessionExpirationSeconds: number;
  readonly parameters: object;
  readonly keys: Keys | undefined;
  readonly advice: string;
  readonly settings: Settings;
  readonly clock: Clock;
}

async function assume(wanted: Assumption): Promise<KeySession> {
  const { action, roleArn, sessionExpirationSeconds, parameters, keys, advice, settings, clock } = wanted;
  const doing = `assuming the role ${roleArn}`;
  const startedMs = clock.now();
  const api = stsOf(settings);
  const outcome = await send(api, action, parameters, keys);
  if (outcome.is === "refused") {
    const { code, status, requestId } = outcome;
    const isTransient = ["repeat", "throttled"].includes(
      reactionTo(new Failure("Refused", "", { code, status })) ?? "",
    );
    const said = [
      `${doing}: ${quotable(outcome.message, keys)} (${quotable(code, keys)}).`,
      !isTransient && advice,
      requestId && `RequestId: ${quotable(requestId, keys)}`,
    ];
    throw new Failure(isTransient ? "Unreachable" : "Denied", said.filter(Boolean).join(" "));
  }
  if (outcome.is !== "answered")
    throw new Failure("Unreachable", `${doing}: STS gave no usable answer, ${outcome.why}`);
  const given = keysIn(outcome.text);
  if (!given) throw new Failure("Unreachable", `${doing}: ${api.endpoint.host} gave an answer without keys`);
  // Counted from the start of the call, not from the answer's date: this machine's clock may be wrong.
  return { keys: given, endsAtMs: startedMs + sessionExpirationSeconds * 1_000 };
}

/** The id of the account that owns these keys; undefined if STS does not tell. It needs no permission. */
export async function accountOf(credentials: Credentials, settings: Settings): Promise<string | undefined> {
  // the endpoint is not Alibaba Cloud's, so STS does not know the account
  if (settings.endpoints.ecs !== undefined && settings.endpoints.sts === undefined) return undefined;
  try {
    const outcome = await send(stsOf(settings), "GetCallerIdentity", {}, await credentials.get());
    const { AccountId } = Object(outcome.is === "answered" ? JSON.parse(outcome.text) : {}) as { AccountId?: unknown };
    return typeof AccountId === "string" ? AccountId : undefined;
  } catch {
    return undefined; // the id is only for display; a call to ECS reports the error
  }
}

/** A configured protocol applies to configured endpoints only: the cloud's own STS is called over HTTPS. */
function stsOf(settings: Settings): Api {
  const { endpoints, protocol, regionId = "cn-hangzhou" } = settings;
  const own = { ...settings, protocol: endpoints.sts === undefined ? ("HTTPS" as const) : protocol };
  return {
    version: "2015-04-01",
    callTimeoutMs: CALL_TIMEOUT_MS,
    endpoint: serviceEndpoint("sts", regionId, own),
  };
}

function keysIn(text: string): Keys | undefined {
  try {
    return temporaryKeys((JSON.parse(text) as { Credentials: Record<string, unknown> }).Credentials);
  } catch {
    return undefined;
  }
}

/** Temporary keys with the API's names for the parts. Undefined unless all three parts are there. */
export function temporaryKeys(given: Readonly<Record<string, unknown>>): Keys | undefined {
  const [accessKeyId, accessKeySecret, securityToken] = ["AccessKeyId", "AccessKeySecret", "SecurityToken"].map(
    (key) => (typeof given[key] === "string" && given[key] !== "" ? given[key] : undefined),
  );
  if (accessKeyId === undefined || accessKeySecret === undefined || securityToken === undefined) return undefined;
  return { accessKeyId, accessKeySecret, securityToken };
}
