import { createHash } from "node:crypto";
import type { Code } from "../codes";
import type { World } from "../world/world";
import { refusal } from "./api-error";

/** A request that may be repeated. */
interface Once {
  readonly action: string;
  /** Its `ClientToken`. */
  readonly token: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** The code of the error if the token was used with other parameters. */
  readonly mismatch?: Code;
}

/**
 * Carries out a request once per `ClientToken`. A repeated request gets the same answer and has no further effect.
 * Refuses a token that was used with other parameters. Without a token, every request is new.
 */
export function answerOnce(
  world: World,
  { action, token, params, mismatch = "IdempotenceParamNotMatch" }: Once,
  work: () => Record<string, unknown>,
): Record<string, unknown> {
  if (token === undefined) return work();
  const key = `${action} ${token}`;
  const fingerprint = fingerprintOf(params);
  const earlier = world.tokens.get(key);
  if (earlier && earlier.fingerprint !== fingerprint) throw refusal(mismatch);
  if (earlier) return earlier.body;
  const body = work();
  world.tokens.set(key, { action, fingerprint, body });
  return body;
}

const fingerprintOf = (params: Readonly<Record<string, string>>): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(params).sort()))
    .digest("hex");
