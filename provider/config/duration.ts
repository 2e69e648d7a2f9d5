import { Failure } from "../failure";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Pulumi writes `customTimeouts` as Go durations: `90s`, `30m`, `1h30m`. */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const totalMs = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS_MS[unit!]!, 0);
  if (parts.map(([whole]) => whole).join("") !== text || totalMs <= 0) {
    throw new Failure(
      "Invalid",
      `customTimeouts must be durations such as 90s, 30m or 1h30m, not ${JSON.stringify(text)}`,
    );
  }
  return totalMs;
}
