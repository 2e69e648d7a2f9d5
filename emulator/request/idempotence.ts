import { createHash } from "node:crypto";
import type { Code } from "../codes";
import type { World } from "../world/world";
import { refusal } from "./api-error";

/** A request that may come again. */
interface Once {
  readonly action: string;
  /** Its `ClientToken`. */
  readonly token: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** The code for a token that was used with other parameters. */
  readonly mismatch?: Code;
}

/**
 * Does the work of a request once for each `ClientToken`: repeated, the request gets the same answer and changes
 * nothing more. Refuses a token that was used with other parameters. Without a token, every request is a new one.
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
