import type { Reason, Span } from "./span";

/** What becomes of a creation, told beforehand. */
export interface Scenario {
  for: "CreateImage" | "ImportImage" | "ExportImage";
  failAtPercent?: number;
  reason?: Reason;
  durationMs?: number;
  sticksAtPercent?: number;
  /** `Available`, but not usable for this long. */
  unusableForMs?: number;
  /** Leaves every list when it would have ended, as if it had never been. */
  vanishes?: boolean;
  /** Is in no list for this long after it was made. */
  hiddenForMs?: number;
  /** Nothing is made: CreateImage is answered with the 500 of a snapshot that could not be begun, ImportImage and ExportImage with the code by which they say that they failed. */
  refused?: boolean;
}

/** Takes the scenario that the next creation of this kind is to follow. */
export function takeScenario(scenarios: Scenario[], action: Scenario["for"]): Scenario | undefined {
  const at = scenarios.findIndex((scenario) => scenario.for === action);
  return at < 0 ? undefined : scenarios.splice(at, 1)[0];
}

/** The time that a creation takes if it follows this scenario. */
export const spanOf = (scenario: Scenario | undefined, startMs: number, durationMs: number): Span => ({
  startMs,
  durationMs: scenario?.durationMs ?? durationMs,
  ...(scenario?.failAtPercent === undefined ? {} : { failAtPercent: scenario.failAtPercent }),
  ...(scenario?.sticksAtPercent === undefined ? {} : { sticksAtPercent: scenario.sticksAtPercent }),
  ...(scenario?.reason === undefined ? {} : { reason: scenario.reason }),
});
