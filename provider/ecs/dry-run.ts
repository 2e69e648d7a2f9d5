import { Failure, isFailure } from "../failure";
import { codeEntry, isMissingRight, reactionTo } from "./codes";

/** What the cloud answers to a request that it only checks. */
export type DryRun =
  | { readonly is: "accepted" }
  /** A person must change something: the same request would be refused for the same reason. */
  | { readonly is: "refused"; readonly failure: Failure }
  /**
   * Nothing certain: a call that these credentials may not make, a role or a name that the same run may still bring
   * about.
   */
  | { readonly is: "unknown"; readonly unanswered?: Failure };

/**
 * What the same run may bring about or wait for: a bucket or a file under a known name, the end of an export or of a
 * creation.
 */
const MAY_CHANGE: readonly string[] = [
  "InvalidOSSBucket.NotFound",
  "InvalidOSSObject.NotFound",
  "ImageIsExporting",
  "ImageIsImporting",
  "IncorrectImageStatus",
];

/** Reads the answer to a request with `DryRun`. The cloud accepts it by an error, `DryRunOperation`. */
export async function dryRun(call: () => Promise<unknown>): Promise<DryRun> {
  try {
    await call();
    return { is: "unknown" }; // it did not say that it only checked
  } catch (error) {
    if (reactionTo(error) === "dryRunPassed") return { is: "accepted" };
    if (error instanceof Failure && isDefinite(error)) return { is: "refused", failure: error };
    return { is: "unknown", ...(isFailure(error, "Unreachable") && { unanswered: error }) };
  }
}

/**
 * Keys that are missing or wrong, and a server that is not there, stop the run as surely as what is wrong with the
 * request.
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
 * The same, as failures of a check on no property in particular. Fails as `Unreachable` where the cloud gave no usable
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
