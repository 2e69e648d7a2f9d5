import { Failure, type FailureKind } from "../failure";
import { codeEntry, type Reaction, reactionTo } from "./codes";
import type { Keys } from "./credentials";
import { masked, quotable } from "./mask";
import type { Outcome } from "./send";

/** What an error text is about. */
export interface Attempt {
  readonly doing: string;
  readonly action: string;
}

type Refused = Extract<Outcome, { is: "refused" }>;

const kindOf = (reaction: Reaction | undefined): FailureKind =>
  reaction === "denied" || reaction === "renew" ? "Denied" : reaction === "repeat" ? "Unreachable" : "Refused";

/** What the API refused, as one sentence of its own, one on what to do, and the id that support asks for. */
export function refusal(
  { doing, action }: Attempt,
  { status, code, message, requestId }: Refused,
  keys?: Keys,
): Failure {
  const detail = {
    action,
    code: masked(code, keys),
    status,
    ...(requestId !== undefined && { requestId: masked(requestId, keys) }),
  };
  const reaction = reactionTo(new Failure("Refused", "", detail));
  const sentences = [
    `${doing}: ${quotable(message, keys) || `${action} was refused`} (${detail.code}).`,
    reaction === "repeat"
      ? "Whether it was done is not known; run pulumi up again."
      : codeEntry(action, code)?.guidance,
    detail.requestId && `RequestId: ${detail.requestId}`,
  ];
  return new Failure(kindOf(reaction), sentences.filter(Boolean).join(" "), detail);
}

/** No usable answer: nothing was done where the server was not reached, and nobody knows where it was. */
export function noAnswer({ doing, action }: Attempt, outcome: Extract<Outcome, { is: "unsent" | "unclear" }>): Failure {
  const advice =
    outcome.is === "unclear"
      ? "Whether it was done is not known; run pulumi up again."
      : outcome.again
        ? "Check the network, and run pulumi up again."
        : "Check the endpoint, and the certificates that this machine trusts.";
  const status = outcome.is === "unclear" && outcome.status ? { status: outcome.status } : {};
  return new Failure("Unreachable", `${doing}: ${action} had no usable answer, ${outcome.why}. ${advice}`, {
    action,
    ...status,
  });
}
