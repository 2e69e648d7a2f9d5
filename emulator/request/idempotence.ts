import { createHash } from "node:crypto";
import type { World } from "../world/world";
import { refusal } from "./api-error";

/** The answer that this token got before, if it has been used; refuses a token that was used with other parameters. */
export function earlierAnswer(
  world: World,
  action: string,
  token: string | undefined,
  params: Readonly<Record<string, string>>,
): Record<string, unknown> | undefined {
  if (token === undefined) return undefined;
  const earlier = world.tokens.get(`${action} ${token}`);
  if (!earlier) return undefined;
  if (earlier.fingerprint !== fingerprintOf(params)) throw refusal("IdempotenceParamNotMatch");
  return earlier.body;
}

export function rememberAnswer(
  world: World,
  action: string,
  token: string | undefined,
  params: Readonly<Record<string, string>>,
  body: Record<string, unknown>,
): void {
  if (token !== undefined) world.tokens.set(`${action} ${token}`, { action, fingerprint: fingerprintOf(params), body });
}

const fingerprintOf = (params: Readonly<Record<string, string>>): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(params).sort()))
    .digest("hex");
