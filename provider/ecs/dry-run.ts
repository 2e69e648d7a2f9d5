import { Failure } from "../failure";
import { codeEntry, reactionTo } from "./codes";

/** What the cloud answers to a request that it only checks. */
export type DryRun =
  | { readonly is: "accepted" }
  /** A person must change something: the same request would be refused for the same reason. */
  | { readonly is: "refused"; readonly failure: Failure }
  /** Nothing certain: no answer, missing credentials, a role or a name that the same run may still bring about. */
  | { readonly is: "unknown" };

/** What the same run may bring about or wait for: a bucket or a file under a known name, the end of an export or of a creation. */
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
    const reaction = reactionTo(error);
    if (reaction === "dryRunPassed") return { is: "accepted" };
    const { action, code, status = 0 } = error instanceof Failure ? error.detail : {};
    const isForbidden = reaction === "denied" && /^(Forbidden|NoPermission)(\.|$)/.test(code ?? "");
    if (!(error instanceof Failure) || (reaction !== "report" && !isForbidden)) return { is: "unknown" };
    if (code !== undefined && MAY_CHANGE.includes(code)) return { is: "unknown" };
    const definite = status < 500 && code !== undefined && codeEntry(action, code) !== undefined;
    return definite ? { is: "refused", failure: error } : { is: "unknown" };
  }
}

/** The same, as failures of a check on no property in particular. */
export async function refusalsOf(
  call: () => Promise<unknown>,
): Promise<readonly { readonly property: string; readonly reason: string }[]> {
  const answer = await dryRun(call);
  return answer.is === "refused" ? [{ property: "", reason: answer.failure.message }] : [];
}
