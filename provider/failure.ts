/**
 * The kinds of failure, as data:
 *
 * - `Refused`: the cloud refused the request. Nothing was done.
 * - `Unreachable`: no usable answer within the time limit. It is unknown whether the request took effect.
 * - `Denied`: the credentials are missing, wrong or not allowed. Nothing was done, and trying again will not help.
 * - `TimedOut`: a wait reached its deadline. The resource exists and its creation continues.
 * - `Failed`: a wait ended in a state that never becomes the wanted one.
 * - `Cancelled`: the engine cancelled the run. What was started continues in the cloud.
 * - `Invalid`: the program or its configuration asks for something impossible.
 */
export type FailureKind = "Refused" | "Unreachable" | "Denied" | "TimedOut" | "Failed" | "Cancelled" | "Invalid";

export interface FailureDetail {
  /** The API action, for example `CreateImage`. */
  readonly action?: string;
  /** The cloud's error code, for example `QuotaExceed.Image`. */
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string;
  /** The pause that the cloud asks for before the call is sent again. */
  readonly retryAfterMs?: number | undefined;
  /** True if the server was not reached, so nothing was done. */
  readonly unsent?: true;
  /** The start of the message. A larger operation may replace it with its own. */
  readonly doing?: string;
  /** The message without its advice, which is meant for a run of Pulumi. */
  readonly fact?: string;
  /** True if the request itself is at fault and would fail again: an image did not pass its test. */
  readonly verdict?: true;
  /** True if a wait found that the resource was deleted: it was listed before and no longer is. */
  readonly gone?: true;
}

export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly detail: FailureDetail = {},
  ) {
    super(message);
    this.name = "Failure";
  }
}

export const isFailure = (error: unknown, ...kinds: FailureKind[]): error is Failure =>
  error instanceof Failure && (kinds.length === 0 || kinds.includes(error.kind));

/** The message of anything thrown. A thrown value need not be an Error, and may not convert to a string. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "an error without a message";
  }
}
