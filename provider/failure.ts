/**
 * What can go wrong, as data. What follows depends on the kind:
 *
 * - `Refused`: the cloud refused the request; nothing was done.
 * - `Unreachable`: no usable answer within the time allowed; whether it was done is unknown.
 * - `Denied`: the credentials are missing, wrong or not allowed; nothing was done and trying again will not help.
 * - `TimedOut`: a wait reached its deadline; the resource exists and its creation continues.
 * - `Failed`: a wait ended in a state that never becomes the wanted one.
 * - `Cancelled`: the engine cancelled the run; what was started continues in the cloud.
 * - `Invalid`: the program or its configuration asks for something that cannot be.
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
  /** The server was not reached, so nothing was done. */
  readonly unsent?: true;
  /** The beginning of the message. A larger operation may replace it with its own name. */
  readonly doing?: string;
  /** The message without its advice, which is meant for a run of Pulumi. */
  readonly fact?: string;
  /** It says something of what was asked for, so the same request would fail again: an image did not pass its test. */
  readonly verdict?: true;
  /** A wait found that the resource was deleted: it was listed before and no longer is. */
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
