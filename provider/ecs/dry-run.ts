// Dry runs: requests that the cloud only checks.

import { Failure, isFailure } from "../failure";
import { codeEntry, isMissingRight, reactionTo } from "./codes";

/** The cloud's answer to a request that it only checks. */
export type DryRun =
  | { readonly is: "accepted" }
  /** A person must change something: the same request would be refused for the same reason. */
  | { readonly is: "refused"; readonly failure: Failure }
  /**
   * Nothing certain: these credentials may not make the call, or the same run may still create the role or free the
   * name.
   */
  | { readonly is: "unknown"; readonly unanswered?: Failure };

/**
 * Refusals that may be resolved in the same run: it creates the bucket or uploads the file, or an export or a creation
 * ends.
 */
const MAY_CHANGE: readonly string[] = [
  "InvalidOSSBucket.NotFound",
  "InvalidOSSObject.NotFound",
  "ImageIsExporting",
  "ImageIsImporting",
  "IncorrectImageStatus",
];

/** Reads the answer to a request with `DryRun`. The cloud accepts it with an error, `DryRunOperation`. */
export async function dryRun(call: () => Promise<unknown>): Promise<DryRun> {
  try {
    await call();
    return { is: "unknown" }; // it did not confirm that it only checked
  } catch (error) {
    if (reactionTo(error) === "dryRunPassed") return { is: "accepted" };
    if (error instanceof Failure && isDefinite(error)) return { is: "refused", failure: error };
    return { is: "unknown", ...(isFailure(error, "Unreachable") && { unanswered: error }) };
  }
}

/**
 * Missing or wrong keys and a server that cannot be reached stop the run, like a request that ECS refuses.
 */
function isDefinite(failure: Failure): boolean {
  const { action, code, status = 0, unsent } = failure.detail;
  if (code === undefined) return unsent === true || isFailure(failure, "Denied", "Invalid");
  if (isMissingRight(code) || MAY_CHANGE.includes(code)) return false;
  const reaction = reactionTo(failure);
  if (reaction === "denied" || reaction === "renew") return true;
  return reaction === "report" && status < 500 && codeEntry(action, code) !== undefined;
}

/**
 * The refusals of a dry run as check failures without a property. Fails as `Unreachable` if the cloud gave no usable
 * answer.
 */
export async function refusalsOf(
  call: () => Promise<unknown>,
): Promise<readonly { readonly property: string; readonly reason: string }[]> {
  const answer = await dryRun(call);
  if (answer.is === "refused") return [{ property: "", reason: answer.failure.message }];
  if (answer.is === "unknown" && answer.unanswered) throw answer.unanswered;
  return [];
}
