import { reactionTo } from "../ecs/codes";
import type { Credentials, Keys } from "../ecs/credentials";
import { endpointOf } from "../ecs/endpoint";
import { quotable } from "../ecs/mask";
import { type Api, CALL_TIMEOUT_MS, send } from "../ecs/send";
import { Failure } from "../failure";
import type { Clock } from "../wait/clock";
import type { AssumeRole, Settings } from "./settings";

interface RoleSession {
  readonly keys: Keys;
  readonly endsAtMs: number;
}

/** A session is replaced this long before it ends, so that no call is under way with one that has ended. */
const AHEAD_MS = 5 * 60_000;

/**
 * Keys of a role that is assumed with other keys. STS is called by ourselves, through the client that calls ECS: the
 * credentials library supports only HTTPS, and puts whole answers of STS into its errors.
 */
export function assumedRole(
  own: Credentials,
  role: AssumeRole,
  { endpoints, protocol, regionId = "cn-hangzhou" }: Settings,
  clock: Clock,
): Credentials {
  const api: Api = {
    version: "2015-04-01",
    callTimeoutMs: CALL_TIMEOUT_MS,
    endpoint: endpointOf({
      service: "sts",
      regionId,
      given: endpoints.sts,
      protocol: endpoints.sts === undefined ? "HTTPS" : protocol,
    }),
  };
  let session: RoleSession | undefined;
  let underWay: Promise<Keys> | undefined;

  async function keysOfTheMoment(): Promise<Keys> {
    const held = session;
    if (held && clock.now() < held.endsAtMs - AHEAD_MS) return held.keys;
    try {
      session = await assume(api, role, await own.get(), clock);
      return session.keys;
    } catch (error) {
      if (held && session === held && clock.now() < held.endsAtMs) return held.keys; // still good; the next call tries again
      throw error;
    }
  }

  return {
    get: () => (underWay ??= keysOfTheMoment().finally(() => (underWay = undefined))),
    renew() {
      session = undefined;
      own.renew();
    },
  };
}

async function assume(api: Api, role: AssumeRole, keys: Keys, clock: Clock): Promise<RoleSession> {
  const { roleArn, sessionName, sessionExpirationSeconds, policy, externalId } = role;
  const doing = `assuming the role ${roleArn}`;
  const startedMs = clock.now();
  const outcome = await send(
    api,
    "AssumeRole",
    {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      DurationSeconds: sessionExpirationSeconds,
      Policy: policy,
      ExternalId: externalId,
    },
    keys,
  );
  if (outcome.is === "refused") {
    const { code, status, requestId } = outcome;
    const passing = ["repeat", "throttled"].includes(reactionTo(new Failure("Refused", "", { code, status })) ?? "");
    const advice = passing
      ? ""
      : " Check alicloud:assumeRole, that these keys are allowed to assume the role (sts:AssumeRole), and the role's trust policy.";
    throw new Failure(
      passing ? "Unreachable" : "Denied",
      `${doing}: ${quotable(outcome.message, keys)} (${quotable(code, keys)}).${advice}${requestId ? ` RequestId: ${quotable(requestId, keys)}` : ""}`,
    );
  }
  if (outcome.is !== "answered")
    throw new Failure("Unreachable", `${doing}: STS gave no usable answer, ${outcome.why}`);
  const given = sessionIn(outcome.text);
  if (!given) throw new Failure("Unreachable", `${doing}: ${api.endpoint.host} gave an answer without keys`);
  // Counted from here, not by the answer's date: the clock of this machine may be off.
  return { keys: given, endsAtMs: startedMs + sessionExpirationSeconds * 1_000 };
}

function sessionIn(text: string): Keys | undefined {
  try {
    const { AccessKeyId, AccessKeySecret, SecurityToken } = (
      JSON.parse(text) as { Credentials: Record<string, unknown> }
    ).Credentials;
    const whole = [AccessKeyId, AccessKeySecret, SecurityToken].every(
      (part) => typeof part === "string" && part !== "",
    );
    return whole
      ? {
          accessKeyId: AccessKeyId as string,
          accessKeySecret: AccessKeySecret as string,
          securityToken: SecurityToken as string,
        }
      : undefined;
  } catch {
    return undefined;
  }
}
