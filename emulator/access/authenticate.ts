import { refusal } from "../request/api-error";
import type { Emulation } from "../request/emulation";
import type { Credential } from "../world/credential";
import type { Claim } from "./signature";

/** How far a client's clock may differ from the cloud's. */
const skewMs = 15 * 60_000;

/** The nonces of this emulator, each with the time at which it was used. */
export type Nonces = Map<string, number>;

/**
 * The credential that signed the request. The documentation gives no order of the checks. This one reports first what
 * is wrong with the key, and keeps a nonce only if the client had the secret.
 */
export function authenticate(
  claim: Claim,
  { credentials, clock }: Pick<Emulation, "credentials" | "clock">,
  nonces: Nonces,
): Credential {
  const credential = credentials.get(claim.accessKeyId);
  if (!credential) throw refusal("InvalidAccessKeyId.NotFound");

  // Clients sign with the system's time, not with a clock that a test advances.
  const nowMs = Date.now();
  const signedAtMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(claim.signedAt)
    ? Date.parse(claim.signedAt)
    : NaN;
  if (Number.isNaN(signedAtMs)) throw refusal("InvalidTimeStamp.Format");
  if (Math.abs(nowMs - signedAtMs) > skewMs) throw refusal("InvalidTimeStamp.Expired");

  if (!claim.isSignedWith(credential.accessKeySecret)) throw refusal("SignatureDoesNotMatch");
  requireToken(credential, claim.securityToken, clock.now());
  spend(nonces, `${claim.accessKeyId} ${claim.nonce}`, nowMs);
  return credential;
}

function requireToken(credential: Credential, token: string | undefined, nowMs: number): void {
  if (credential.securityToken === undefined) {
    if (token) throw refusal("InvalidSecurityToken.MismatchWithAccessKey");
    return;
  }
  if (!token) throw refusal("MissingSecurityToken");
  if (token !== credential.securityToken) throw refusal("InvalidSecurityToken.Malformed");
  if (credential.expiresAtMs !== undefined && credential.expiresAtMs <= nowMs)
    throw refusal("InvalidSecurityToken.Expired");
}

/** Records a nonce, and forgets those whose requests have expired. */
function spend(nonces: Nonces, nonce: string, nowMs: number): void {
  if (nonces.has(nonce)) throw refusal("SignatureNonceUsed");
  nonces.set(nonce, nowMs);
  for (const [old, seenMs] of nonces) {
    if (nowMs - seenMs <= 2 * skewMs) break; // oldest first
    nonces.delete(old);
  }
}
