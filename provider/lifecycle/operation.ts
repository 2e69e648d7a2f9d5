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

/** What every request to the runner carries besides its own data. */
export interface Request {
  readonly urn: string;
  /** The `customTimeouts` value for this operation; left out: the default of the resource. */
  readonly timeoutMs?: number | undefined;
  /** Ends every wait at once. What was begun is recorded as unfinished. */
  readonly signal?: AbortSignal | undefined;
  /** What is shown nowhere and recorded only as a secret. Left out: nothing is. */
  readonly secrets?: Secrets;
}

/**
 * What became of an operation. Nothing is thrown once an id is known: an id that is known is always part of the
 * outcome.
 *
 * - `made`: it is ready; `state` is to be recorded.
 * - `unfinished`: it exists and is not ready; `state` is to be recorded with the reasons.
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

/** One operation on one resource, before it begins. */
interface Operation<Args, State> {
  readonly verb: Verb;
  readonly request: Request;
  /** What is worked on, as error texts name it. */
  readonly what: string;
  readonly lineage: Lineage | undefined;
  readonly creationId: string;
  /** When the creation began; left out: now. */
  readonly since?: string | undefined;
  readonly regionId: unknown;
  readonly retainsOnDelete?: boolean;
  readonly hasAutomaticName?: boolean;
  /** It existed before its resource did. */
  readonly adopted?: Record["adopted"];
  /** What the program wants, and the same as it was given. Left out: nothing. */
  readonly args?: Args;
  readonly inputs?: Props;
  /** How long the creation took, if that is known. */
  readonly tookMs?: number | undefined;
  /** What the state has of the resource. Left out: whatever ends the operation, there is nothing to record. */
  readonly recorded?: { readonly id: string; readonly state: Partial<State> };
}

/** One operation under way. Whatever ends it, `id` and `state` are what it reports. */
export interface Work<Args extends object, State extends Args> {
  readonly life: Lifecycle<Args, State>;
  readonly session: Session;
  readonly ctx: Context;
  /** What is being done to what; error texts begin with it. */
  readonly doing: string;
  readonly args: Args;
  readonly inputs: Props;
  /** Absent until something exists. */
  id?: string;
  state: Partial<State>;
  /** What is to be recorded of its adoption. */
  adopted?: Record["adopted"];
  /** It can never become ready. */
  failed?: true;
  tookMs?: number | undefined;
}

export const READ_TIMEOUT_MS = 5 * 60_000;

/** Runs an operation with the context that it may use, ends it in time, and reports its outcome as data. */
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
        const reason = hide(withDoing(unfinishedReason(error), doing));
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

/** A state as the engine is to record it. */
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

/** Remembers that this id was returned to the engine; the tags follow at the orderly end. */
export function delivered(outcome: Outcome, { pending }: Context): Outcome {
  if (outcome.is === "made" || outcome.is === "unfinished") pending.delivered(outcome.id);
  return outcome;
}

/** The resource exists and is recorded; nothing has to be repeated. */
const unfinishedReason = (error: unknown): string => {
  const text = messageOf(error);
  return `${text}${/[.?!]$/.test(text) ? "" : "."} It is recorded as unfinished: the next pulumi up continues with it`;
};

/** In a refresh or a destroy without the program, the engine configures the provider as the last run recorded it. */
function withKeysHint(error: unknown, verb: Verb, session: Session): unknown {
  if (verb === "create" || verb === "update" || !session.hasRecordedKeys()) return error;
  if (!isFailure(error, "Denied") || isMissingRight(error.detail.code ?? "")) return error;
  const hint = "These are the keys of the last pulumi up: if they have changed since, add --run-program to the command";
  return new Failure(error.kind, `${error.message.replace(/[.\s]+$/, "")}. ${hint}`, error.detail);
}

/**
 * What a message calls the part of the operation that failed says nothing to the reader where keys, network or region
 * are the trouble.
 */
function ownWords(failure: Failure): string {
  const { doing, code = "" } = failure.detail;
  const isOfAllParts = isFailure(failure, "Denied", "Unreachable") || isAboutRegion(code);
  return isOfAllParts && doing !== undefined && failure.message.startsWith(`${doing}: `)
    ? failure.message.slice(doing.length + 2)
    : failure.message;
}

export const withDoing = (text: string, doing: string): string => (text.startsWith(doing) ? text : `${doing}: ${text}`);

/** An Error with one readable sentence and no stack: hosts print the stack of some operations to the terminal. */
export function explained(error: unknown, doing: string, hide: Secrets["hide"] = noSecrets.hide): Error {
  const text = error instanceof Failure && doing ? ownWords(error) : messageOf(error);
  const advice = "this looks like a bug in pulumi-alicloud-image; please report it";
  const sentence = error instanceof Failure ? text : `${text} (${advice})`;
  const plainError = new Error(hide(doing ? withDoing(sentence, doing) : sentence));
  plainError.name = "";
  plainError.stack = "";
  return plainError;
}
