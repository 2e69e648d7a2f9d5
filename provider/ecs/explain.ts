// The error messages of calls to ECS.

import { Failure, type FailureKind } from "../failure";
import { type Action, actionTraits } from "./actions";
import { codeEntry, type Reaction, reactionTo } from "./codes";
import type { Keys } from "./credentials";
import { masked, quotable } from "./mask";
import { meantRegion, REGIONS } from "./regions";
import type { Reply } from "./send";

/** The call that an error message is about. */
export interface Attempt {
  readonly doing: string;
  readonly action: string;
  readonly regionId: string;
}

type Refused = Extract<Reply, { is: "refused" }>;

const kindOf = (reaction: Reaction | undefined): FailureKind =>
  reaction === "denied" || reaction === "renew" ? "Denied" : reaction === "repeat" ? "Unreachable" : "Refused";

/** The message of an API error: the API's own sentence, what to do, and the RequestId. */
export function refusal(
  { doing, action, regionId }: Attempt,
  { status, code, message, requestId }: Refused,
  keys?: Keys,
  retryAfterMs?: number,
): Failure {
  const detail = {
    action,
    doing,
    code: masked(code, keys),
    status,
    ...(requestId !== undefined && { requestId: masked(requestId, keys) }),
    retryAfterMs,
  };
  const reaction = reactionTo(new Failure("Refused", "", detail));
  const strange = isAboutRegion(code) ? (unknownRegionHint(regionId) ?? missingRegion(regionId)) : undefined;
  const sentences = [
    `${doing}: ${quotable(message, keys) || `${action} was refused`} (${detail.code}).`,
    reaction === "repeat" ? doubtAbout(action) : (strange ?? codeEntry(action, code)?.guidance),
    strange === undefined && regionHint(code, regionId),
    detail.requestId && `RequestId: ${detail.requestId}`,
  ];
  return new Failure(kindOf(reaction), sentences.filter(Boolean).join(" "), detail);
}

/**
 * The failure of a call without a usable answer. If the server was not reached, nothing was done. Otherwise it is
 * unknown.
 */
export function noAnswer(
  { doing, action, regionId }: Attempt,
  outcome: Extract<Reply, { is: "unsent" | "unclear" }>,
  retryAfterMs?: number,
): Failure {
  const advice =
    outcome.is === "unclear"
      ? doubtAbout(action)
      : outcome.again
        ? (unknownRegionHint(regionId) ?? "Check the network, and try again.")
        : "Check the endpoint, the proxy, and the certificates that this machine trusts.";
  const status = outcome.is === "unclear" && outcome.status ? { status: outcome.status } : {};
  const fact = `${doing}: ${action} got no usable answer, ${outcome.why}`;
  return new Failure("Unreachable", `${fact}. ${advice}`, {
    action,
    doing,
    fact,
    ...status,
    ...(outcome.is === "unsent" && { unsent: true }),
    retryAfterMs,
  });
}

/** The run was cancelled. `unanswered`: during a call that may have created something. */
export const cancelled = ({ doing, action }: Attempt, unanswered = false): Failure =>
  new Failure(
    "Cancelled",
    `${doing}: the run was cancelled${unanswered ? ` before ${action} was answered. ${doubtAbout(action)}` : "."}`,
    {
      action,
    },
  );

export const isAboutRegion = (code: string): boolean => /^(InvalidRegionId|RegionId)\./.test(code);

/** A hint that a missing resource may be in another region. */
function regionHint(code: string, regionId: string): string | undefined {
  return /NotFound/.test(code) && !/AccessKey/.test(code) ? `The request went to region ${regionId}.` : undefined;
}

/** Undefined for a known region: perhaps only this machine cannot resolve its host name. */
function unknownRegionHint(regionId: string): string | undefined {
  if (REGIONS.includes(regionId)) return undefined;
  const near = meantRegion(regionId);
  const hint = near === undefined ? `there are ${REGIONS.join(", ")}.` : `did you mean ${near}?`;
  return (
    `No region ${JSON.stringify(regionId)} is known; ${hint} Check alicloud:region, the environment, ` + "and regionId."
  );
}

const missingRegion = (regionId: string): string =>
  `Region ${regionId} exists, but this account or this endpoint does not have it. Enable it for the account, or give ` +
  "another: check alicloud:region, the environment, and regionId.";

/** What is unknown after a lost answer. A call that only reads has changed nothing. */
const doubtAbout = (action: string): string =>
  Object.hasOwn(actionTraits, action) && actionTraits[action as Action].effect === "reads"
    ? "Try again."
    : "It is unknown whether the request took effect; run the same command again.";
