import type { IncomingHttpHeaders } from "node:http";

/** What the headers of an answer tell about the quota. */
export interface QuotaHints {
  /** The pause that the cloud asks for before the next call. If present, the call was throttled. */
  readonly retryAfterMs?: number;
  /** How long the quota of this action is used up. */
  readonly actionRestMs?: number;
  /** How long the quota of the account is used up, for all actions. */
  readonly accountRestMs?: number;
}

/** From https://github.com/aliyun/darabonba-openapi: `x-acs-retry-after`, and the headers that older clients read. */
export function quotaHintsIn(headers: IncomingHttpHeaders): QuotaHints {
  const retryAfterMs = wholeNumber(headers["x-acs-retry-after"]);
  const actionRestMs = restIn(headers["x-ratelimit-user-api"]);
  const accountRestMs = restIn(headers["x-ratelimit-user"]);
  return {
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(actionRestMs > 0 && { actionRestMs }),
    ...(accountRestMs > 0 && { accountRestMs }),
  };
}

/** `Limit:100,Remain:0,TimeLeft:2000,Reset:1234`: the quota is used up for 2,000 ms. */
function restIn(header: string | string[] | undefined): number {
  const parts = new Map(
    String(header ?? "")
      .split(",")
      .map((part) => part.split(":").map((text) => text.trim()) as [string, string]),
  );
  return wholeNumber(parts.get("Remain")) === 0 ? wholeNumber(parts.get("TimeLeft")) : 0;
}

/** -1 for anything else. */
const wholeNumber = (text: string | string[] | undefined): number =>
  typeof text === "string" && /^\d{1,12}$/.test(text.trim()) ? Number(text) : -1;
