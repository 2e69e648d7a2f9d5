// Runs one operation on one resource, and returns its outcome as data.

import { isMissingRight } from "../ecs/codes";
import { isAboutRegion } from "../ecs/explain";
import { Failure, isFailure, messageOf } from "../failure";
import { keysOf } from "../fields/fields";
import type { Context } from "./context";
import { linked, withinTime } from "./deadline";
import type { Lifecycle } from "./lifecycle";
import { type Lineage, lineageText } from "./lineage";
import { type Props, plain, RECORD, type Record } from "./record";
import { noSecrets, type Secrets } from "./secrets";
import type { Session } from "./session";

/** The part that all requests to the runner have in common. */
export interface Request {
  readonly urn: string;
  /** The `customTimeouts` value of this operation. Default: the resource's own limit. */
  readonly timeoutMs?: number | undefined;
  /** Ends every wait at once. What was started is recorded as unfinished. */
  readonly signal?: AbortSignal | undefined;
  /** Values that are shown nowhere and recorded only as secrets. Default: none. */
  readonly secrets?: Secrets;
}

/**
 * The outcome of an operation. Once an id is known, nothing is thrown, and the outcome has the id.
 *
 * - `made`: it is ready. `state` is to be recorded.
 * - `unfinished`: it exists and is not ready. `state` is to be recorded with the reasons.
 * - `failed`: nothing of it exists, or nothing changed.
 * - `gone`: the cloud no longer has it.
 */
export type Outcome =
  | { readonly is: "made"; readonly id: string; readonly state: Props; readonly inputs?: Props }
  | { readonly is: "unfinished"; readonly id: string; readonly state: Props; readonly reasons: readonly string[] }
  | { readonly is: "failed"; readonly error: Error }
  /** `why` where nothing was ever recorded of it. */
  | { readonly is: "gone"; readonly why?: string };

type Verb = "create" | "adopt" | "update" | "delete" | "read";
const DOING: Readonly<globalThis.Record<Verb, string>> = {
  create: "creating",
  adopt: "adopting",
  update: "updating",
  delete: "deleting",
  read: "reading",
};

/** One operation on one resource, before it starts. */
interface Operation<Args, State> {
  readonly verb: Verb;
  readonly request: Request;
  /** The resource in error messages. */
  readonly what: string;
  readonly lineage: Lineage | undefined;
  readonly creationId: string;
  /** When the creation began. Default: now. */
  readonly since?: string | undefined;
  readonly regionId: unknown;
  readonly retainsOnDelete?: boolean;
  readonly hasAutomaticName?: boolean;
  /** Whether it existed before its Pulumi resource. */
  readonly adopted?: Record["adopted"];
  /** Whether the record says that it can never become ready. */
  readonly failed?: true | undefined;
  /** The program's arguments, completed and as given. Default: none. */
  readonly args?: Args;
  readonly inputs?: Props;
  /** How long the creation took, if that is known. */
  readonly tookMs?: number | undefined;
  /** The record of the resource. If left out, there is nothing to record, however the operation ends. */
  readonly recorded?: { readonly id: string; readonly state: Partial<State> };
}

/** A running operation. However it ends, it reports `id` and `state`. */
export interface Work<Args extends object, State extends Args> {
  readonly life: Lifecycle<Args, State>;
  readonly session: Session;
  readonly ctx: Context;
  /** What is being done to what; the start of error messages. */
  readonly doing: string;
  readonly args: Args;
  readonly inputs: Props;
  /** Absent until something exists. */
  id?: string;
  state: Partial<State>;
  /** How the record describes its adoption. */
  adopted?: Record["adopted"];
  /** True if it can never become ready. */
  failed?: true;
  tookMs?: number | undefined;
}

export const READ_TIMEOUT_MS = 5 * 60_000;

/** Runs an operation with a context, ends it in time, and returns its outcome as data. */
export async function run<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  operation: Operation<Args, State>,
  act: (work: Work<Args, State>) => Promise<Outcome>,
): Promise<Outcome> {
  const { verb, request, what, args = {} as Args, inputs = {}, tookMs, adopted, recorded } = operation;
  const { hide } = request.secrets ?? noSecrets;
  const doing = hide(`${DOING[verb]} ${what}`);
  const abort = linked(request.signal);
  try {
    return await session.track(async () => {
      const ctx = contextOf(
        operation,
        { doing, signal: abort.controller.signal, defaultTimeoutMs: life.defaultTimeoutMs },
        session,
      );
      const work: Work<Args, State> = {
        life,
        session,
        ctx,
        doing,
        args,
        inputs,
        tookMs,
        adopted,
        state: {},
        ...recorded,
      };
      try {
        return await withinTime(act(work), doing, ctx, abort.controller);
      } catch (error) {
        if (work.id === undefined) throw error;
        const reason = hide(withDoing(unfinishedReason(error, work.failed), doing));
        return delivered(unfinished(work, work.id, work.state, reason), ctx);
      }
    });
  } catch (error) {
    return { is: "failed", error: explained(withKeysHint(error, verb, session), doing, hide) };
  } finally {
    abort.unlink();
  }
}

function contextOf(
  {
    verb,
    request,
    lineage,
    creationId,
    since,
    retainsOnDelete = false,
    hasAutomaticName = false,
    adopted,
    failed,
    regionId,
  }: Operation<unknown, unknown>,
  { doing, signal, defaultTimeoutMs }: { doing: string; signal: AbortSignal; defaultTimeoutMs: number },
  session: Session,
): Context {
  return session.contextFor({
    urn: request.urn,
    lineage,
    creationId,
    since,
    doing,
    ...(request.secrets && { hide: request.secrets.hide }),
    retainsOnDelete,
    hasAutomaticName,
    isAdopted: adopted !== undefined,
    hasFailed: failed === true,
    regionId: regionId as string | undefined,
    timeoutMs: request.timeoutMs ?? (verb === "read" ? READ_TIMEOUT_MS : defaultTimeoutMs),
    signal,
    mayReadCached: verb === "read",
  });
}

/** The record of a resource that this operation creates, updates or adopts. */
export const recordOf = <Args extends object, State extends Args>(
  { ctx, life: { fields }, inputs, tookMs, adopted, failed }: Work<Args, State>,
  given: Props = inputs,
): Record => ({
  version: 1,
  urn: ctx.urn,
  ...(ctx.creationId !== "" && { creationId: ctx.creationId }),
  ...(ctx.lineage && { lineage: lineageText(ctx.lineage) }),
  since: ctx.since,
  tookMs,
  adopted,
  ...(failed && { failed }),
  given: keysOf(fields).filter((key) => !fields[key].computed && given[key] != null),
});

/** The state to record. */
export const recorded = (state: object, record: Record | undefined): Props =>
  plain({ ...state, ...(record && { [RECORD]: record }) });

export const made = <Args extends object, State extends Args>(
  work: Work<Args, State>,
  id: string,
  state: State,
): Outcome & { is: "made" } => ({ is: "made", id, state: recorded(state, recordOf(work)) });

export const unfinished = <Args extends object, State extends Args>(
  work: Work<Args, State>,
  id: string,
  state: Partial<State>,
  reason: string,
): Outcome => ({ is: "unfinished", id, state: recorded(state, recordOf(work)), reasons: [reason] });

/** Notes that this id was returned to the engine. The tags are written at the orderly end. */
export function delivered(outcome: Outcome, { pending }: Context): Outcome {
  if (outcome.is === "made" || outcome.is === "unfinished") pending.delivered(outcome.id);
  return outcome;
}

/** The reason of an unfinished resource. It exists and is recorded, so nothing has to be repeated. */
const unfinishedReason = (error: unknown, failed = false): string => {
  const text = messageOf(error);
  const next = failed ? "The next pulumi up replaces it" : UNFINISHED;
  return `${text}${/[.?!]$/.test(text) ? "" : "."} ${next}`;
};
const UNFINISHED = "It is recorded as unfinished: the next pulumi up continues with it";

/**
 * In a refresh or a destroy without the program, the engine configures the provider with the recorded configuration.
 */
function withKeysHint(error: unknown, verb: Verb, session: Session): unknown {
  if (verb === "create" || verb === "update" || !session.hasRecordedKeys()) return error;
  if (!isFailure(error, "Denied") || isMissingRight(error.detail.code ?? "")) return error;
  const hint = "These are the keys of the last pulumi up: if they have changed since, add --run-program to the command";
  return new Failure(error.kind, `${error.message.replace(/[.\s]+$/, "")}. ${hint}`, error.detail);
}

/** If keys, network or region are at fault, the part of the operation that failed is of no interest to the user. */
function ownWords(failure: Failure): string {
  const { doing, code = "" } = failure.detail;
  const isOfAllParts = isFailure(failure, "Denied", "Unreachable") || isAboutRegion(code);
  return isOfAllParts && doing !== undefined && failure.message.startsWith(`${doing}: `)
    ? failure.message.slice(doing.length + 2)
    : failure.message;
}

export const withDoing = (text: string, doing: string): string => (text.startsWith(doing) ? text : `${doing}: ${text}`);

/** An Error with one readable sentence and no stack, because hosts print the stack for some operations. */
export function explained(error: unknown, doing: string, hide: Secrets["hide"] = noSecrets.hide): Error {
  const text = error instanceof Failure && doing ? ownWords(error) : messageOf(error);
  const advice = "this looks like a bug in pulumi-alicloud-image; please report it";
  const sentence = error instanceof Failure ? text : `${text} (${advice})`;
  const plainError = new Error(hide(doing ? withDoing(sentence, doing) : sentence));
  plainError.name = "";
  plainError.stack = "";
  return plainError;
}
