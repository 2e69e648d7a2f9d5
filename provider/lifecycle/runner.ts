import { durationMs } from "../config/duration";
import { Failure, isFailure, messageOf } from "../failure";
import { sentenceOf } from "../fields/check";
import { type Fields, keysOf } from "../fields/fields";
import { hasUnknown, isUnknown } from "../fields/unknown";
import { cancellation } from "../wait/abort";
import { type Candidate, candidateFor, inputsOf, missing as notFound, placeIn } from "./adoption";
import { argumentFailures, type Checked, type CheckRequest, check, importedId, withLineage } from "./check";
import type { Context } from "./context";
import { adopt, create, finish } from "./creation";
import { type Difference, type DiffRequest, differenceIn, isRenamed, warnOfRegion } from "./difference";
import type { Existing, Lifecycle } from "./lifecycle";
import { LINEAGE, type Lineage, lineageFrom, lineageIn, lineageText, movedTo, newLineage } from "./lineage";
import { AUTOMATIC_NAME } from "./naming";
import {
  delivered,
  made,
  type Outcome,
  type Request,
  recorded,
  recordOf,
  run,
  unfinished,
  type Work,
  withDoing,
} from "./operation";
import { newCreationId } from "./ownership";
import { argsIn, type Props, plain, type Record, recordIn, stateIn } from "./record";
import type { Session } from "./session";
import type { Current } from "./stack-view";

export type { Outcome } from "./operation";

interface CreateRequest extends Request {
  readonly inputs: Props;
}
interface ReadRequest extends Request {
  readonly id: string;
  readonly state: Props;
  /**
   * What a request without a state can mean to a native provider: `pulumi import` adopts what it reads; the option
   * `import`, which looks like `get` since Pulumi 3.276, may adopt it; anything else only reads.
   */
  readonly adopts?: "now" | "later" | "never";
}
type UpdateRequest = Request & DiffRequest;
interface DeleteRequest extends Request {
  readonly id: string;
  readonly state: Props;
}

/** One resource type for an engine, whatever protocol the engine speaks. */
export interface Runner {
  check(request: CheckRequest): Promise<Checked>;
  diff(request: DiffRequest): Difference;
  create(request: CreateRequest): Promise<Outcome>;
  read(request: ReadRequest): Promise<Outcome>;
  update(request: UpdateRequest): Promise<Outcome>;
  delete(request: DeleteRequest): Promise<Outcome>;
  /** The outputs that must be recorded as secrets where these arguments are. */
  revealing(secrets: ReadonlySet<string>): string[];
}

/** Inputs of the dynamic host, whose protocol has no place for them. */
export { IMPORT } from "./check";

const RETAIN = "__retainOnDelete";

/** Start time of what has no record: old enough that every list shows it. */
const LONG_AGO = new Date(0).toISOString();

/** Notes in the session what each request shows of the state, then carries the request out. */
export const runnerFor = <Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
): Runner => ({
  check: (request) => runCheck(life, session, request),
  diff: (request) => runDiff(life, session, request),
  create: (request) => runCreate(life, session, request),
  read: (request) => runRead(life, session, request),
  update: (request) => runUpdate(life, session, request),
  delete: (request) => runDelete(life, session, request),
  revealing: (secrets) =>
    Object.entries(life.reveals ?? {}).flatMap(([output, args]) =>
      args.some((arg) => secrets.has(arg)) ? output : [],
    ),
});

async function runCheck<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: CheckRequest,
): Promise<Checked> {
  session.stack.hasProgram = true;
  session.stack.wants(request.urn, request.news);
  if (request.preview === false) session.changesStack();
  return withLineage(await check(life, session, request), request, session);
}

function runDiff<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: DiffRequest,
): Difference {
  const { id, urn, olds, news } = request;
  const record = recordIn(olds);
  session.stack.shown(id, record?.creationId ?? "");
  if (record?.tookMs !== undefined) session.durations.note(urn, record.tookMs);
  session.stack.setCurrent(urn, currentIn(life, id, olds));
  session.stack.compared(urn, news);
  noteLineage(session, request, record);
  if (record?.adopted === "unclaimed") session.beforeEnd(id, () => claimLater(life, session, request, record));
  const difference = differenceIn(life, session, request);
  warnOfRegion(session, request, difference);
  return difference;
}

async function runCreate<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: CreateRequest,
): Promise<Outcome> {
  session.changesStack();
  const given = importedId(request.inputs);
  const isNew = given === undefined || session.stack.current(request.urn)?.id === placeIn(given).id;
  const outcome = await (isNew ? createNew(life, session, request) : importExisting(life, session, request, given));
  if (outcome.is === "made" || outcome.is === "unfinished")
    session.stack.setCurrent(request.urn, currentIn(life, outcome.id, outcome.state));
  return outcome;
}

function runRead<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: ReadRequest,
): Promise<Outcome> {
  const record = recordIn(request.state);
  if (record) session.stack.shown(request.id, record.creationId ?? "");
  const isBare = Object.keys(stateIn(request.state)).every((key) => key === "regionId");
  return !record && isBare ? look(life, session, request) : refresh(life, session, request, record);
}

/** The record knows the lineage and the region better than the inputs do. */
function noteLineage(session: Session, { urn, olds, news }: DiffRequest, record: Record | undefined): void {
  const lineage = lineageFrom(record?.lineage) ?? lineageIn(news);
  if (lineage)
    session.stack.setLineage(urn, movedTo(lineage, olds["regionId"], news["regionId"] ?? session.defaultRegion()));
}

const lineageOf = (session: Session, { urn }: Request, inputs: Props = {}): Lineage =>
  session.stack.lineageOf(urn) ?? lineageIn(inputs) ?? newLineage();

const lineageInput = (lineage: Lineage | undefined): Props => (lineage ? { [LINEAGE]: lineageText(lineage) } : {});

const currentIn = <Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  id: string,
  state: Props,
): Current => ({
  id,
  regionId: state["regionId"] as string | undefined,
  isReady: life.phase(stateIn<State>(state)) === "ready",
  state,
});

/**
 * What only decides how a resource is deleted (`forceDelete`, for example) as the program has it now, or, in a `pulumi
 * destroy`, as the newest record of the resource has it: an update reaches only that one, and not the records of what
 * it has replaced.
 */
function newestOptions<Args>(fields: Fields<Args>, session: Session, { urn, state }: DeleteRequest): Partial<Args> {
  const record = recordIn(state);
  const lineage = lineageFrom(record?.lineage);
  const newest = session.stack.newestOf(lineage, record?.since, state);
  const declared = session.stack.declared(urn, lineage)?.inputs;
  const options = keysOf(fields).filter((key) => fields[key].change === "record" && !hasUnknown(declared?.[key]));
  return Object.fromEntries(
    options.map((key) => [key, declared ? (declared[key] ?? fields[key].default) : newest[key]]),
  ) as Partial<Args>;
}

/** The creation or the update reports what the check has left to it. */
function requireArguments<Args extends object, State extends Args>({ life, session, inputs }: Work<Args, State>) {
  const missing = argumentFailures(life, session, inputs).filter((failure) => failure.missing);
  if (missing.length > 0) throw new Failure("Invalid", sentenceOf(missing));
}

function createNew<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: CreateRequest,
): Promise<Outcome> {
  const { inputs } = request;
  const args = argsIn(life.fields, inputs);
  const operation = {
    verb: "create",
    request,
    what: life.describe(args),
    regionId: inputs["regionId"],
    lineage: lineageOf(session, request, inputs),
    creationId: newCreationId(),
    retainsOnDelete: inputs[RETAIN] === true,
    hasAutomaticName: inputs[AUTOMATIC_NAME] === true,
    args,
    inputs,
  } as const;
  return run(life, session, operation, async (work) => {
    requireArguments(work);
    return delivered(await create(work), work.ctx);
  });
}

/** The option `import`, which an engine does not do itself for dynamic resources. */
function importExisting<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: CreateRequest,
  given: string,
): Promise<Outcome> {
  const { inputs } = request;
  const args = argsIn(life.fields, inputs);
  const place = placeIn(given);
  const operation = {
    verb: "adopt",
    request,
    what: `${life.type} ${given}`,
    regionId: place.regionId ?? inputs["regionId"],
    creationId: newCreationId(),
    adopted: "claimed",
    lineage: lineageOf(session, request, inputs),
    retainsOnDelete: inputs[RETAIN] === true,
    hasAutomaticName: inputs[AUTOMATIC_NAME] === true,
    args,
    inputs,
  } as const;
  return run(life, session, operation, async (work) => {
    requireArguments(work);
    return delivered(await adoptNow(given, work), work.ctx);
  });
}

async function adoptNow<Args extends object, State extends Args>(
  given: string,
  work: Work<Args, State>,
): Promise<Outcome> {
  const { life, session, args, ctx } = work;
  const { id } = placeIn(given);
  const candidate = await candidateFor(life, session, { id, args }, ctx);
  if (!candidate) throw new Failure("Refused", notFound(life.type, id, ctx.regionId));
  const [failure] = candidate.failures;
  if (failure) throw new Failure("Refused", failure.reason);
  work.adopted = "claimed";
  return adopt(candidate, work);
}

/**
 * Reads what exists and no state describes: `get`, or an import of the engine's own. Nothing is written, since a
 * preview reads as well.
 */
function look<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: ReadRequest,
): Promise<Outcome> {
  const { id: given, state, adopts, urn } = request;
  const place = placeIn(given);
  const isImport = adopts === "now" || adopts === "later";
  const operation = {
    verb: "read",
    request,
    what: `${life.type} ${given}`,
    regionId: place.regionId ?? state["regionId"],
    since: LONG_AGO,
    creationId: isImport ? newCreationId() : "",
    adopted: "unclaimed",
    lineage: isImport ? lineageOf(session, request) : undefined,
  } as const;
  return run(life, session, operation, async (work) => {
    const { ctx } = work;
    if (place.id === "") throw new Failure("Invalid", "the id is empty");
    // The engine gives no arguments yet. Where it is found, there it is.
    const asked = { id: place.id, args: { regionId: ctx.regionId } as unknown as Partial<Args> };
    const found: (Partial<Candidate<State>> & Existing<State>) | undefined =
      adopts === "now" ? await candidateFor(life, session, asked, ctx) : await life.findExisting?.(place.id, {}, ctx);
    if (!found && ctx.signal.aborted) throw cancellation(ctx.signal, work.doing); // the read may have been cut short
    if (!found) return notThere(notFound(life.type, place.id, ctx.regionId), adopts !== undefined, ctx);
    const [failure] = found.failures ?? [];
    if (failure) throw new Failure("Refused", failure.reason);
    const seen = { ...defaultsOf(life.fields), ...found.state };
    // `pulumi import` prints the inputs as a program, in which a hidden one is an error. The record has the lineage,
    // too.
    const hidden = adopts === "now" ? {} : lineageInput(ctx.lineage);
    const inputs = { ...inputsOf(life, found.state, place, session), ...hidden };
    if (!isImport) return { is: "made", id: found.id, state: recorded(seen, undefined), inputs };
    session.stack.looksAt(urn, given, inputs);
    work.adopted = adopts === "now" ? "unclaimed" : "read";
    return { is: "made", id: found.id, state: recorded(seen, recordOf(work, inputs)), inputs };
  });
}

/** The engine itself reports that a native resource does not exist, but not in which region we searched. */
function notThere(why: string, isSaidByEngine: boolean, ctx: Context): Outcome {
  if (isSaidByEngine) ctx.warn(why);
  return { is: "gone", why };
}

function refresh<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: ReadRequest,
  record: Record | undefined,
): Promise<Outcome> {
  const { id, state } = request;
  const { fields } = life;
  const have = stateIn<State>(state);
  const since = record ? record.since : LONG_AGO;
  const lineage = record && lineageFrom(record.lineage);
  const operation = { ...recordedOperation(life, id, state, record), verb: "read", request, since, lineage } as const;
  return run(life, session, operation, async (work) => {
    const { ctx, doing } = work;
    const seen = await life.read(id, have, ctx);
    if (!seen && ctx.signal.aborted) throw cancellation(ctx.signal, doing); // the read may have been cut short
    if (!seen) return { is: "gone" };
    if (!record) {
      const inputs = inputsOf(life, seen, { id }, session);
      return { is: "made", id, state: recorded({ ...defaultsOf(fields), ...seen }, record), inputs };
    }
    ctx.pending.delivered(id);
    const inputs = inputsAfterRead(fields, record.given, have as Partial<Args>, seen);
    const { failed, ...healthy } = record;
    const now = failed && life.phase(seen) !== "ready" ? record : healthy;
    return { is: "made", id, state: recorded(seen, now), inputs: plain({ ...inputs, ...lineageInput(ctx.lineage) }) };
  });
}

function runUpdate<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: UpdateRequest,
): Promise<Outcome> {
  const { id, urn, olds, news } = request;
  const record = recordIn(olds);
  session.stack.shown(id, record?.creationId ?? "");
  session.stack.setCurrent(urn, currentIn(life, id, olds));
  noteLineage(session, request, record);
  session.changesStack();
  const args = argsIn(life.fields, news);
  const operation = {
    ...recordedOperation(life, id, olds, record),
    lineage: session.stack.lineageOf(urn),
    what: `${life.describe(args)} (${id})`,
    verb: "update",
    request,
    retainsOnDelete: news[RETAIN] === true,
    hasAutomaticName: news[AUTOMATIC_NAME] === true,
    args,
    inputs: news,
    recorded: { id, state: stateIn<State>(olds) },
  } as const;
  return run(life, session, operation, async (work) => {
    const { ctx, doing } = work;
    requireArguments(work);
    if (record?.adopted === "read") return delivered(await adoptNow(id, work), ctx);
    if (record?.adopted === "unclaimed") await claim(id, work);
    else if (isRenamed(record, ctx.urn) || record?.lineage === undefined) await life.claim?.(id, args, ctx);
    try {
      return delivered(made(work, id, await finish(id, work)), ctx);
    } catch (error) {
      if (!isFailure(error, "Failed") || ctx.signal.aborted) throw error;
      const kept = error.detail.verdict ? await keptAfterVerdict(id, work) : "";
      return delivered(await failedUpdate(withDoing(`${messageOf(error)}${kept}`, doing), id, work), ctx);
    }
  });
}

function runDelete<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: DeleteRequest,
): Promise<Outcome> {
  session.changesStack();
  const { id, state } = request;
  const have = { ...stateIn<State>(state), ...newestOptions(life.fields, session, request) };
  const operation = { ...recordedOperation(life, id, state, recordIn(state)), verb: "delete", request } as const;
  return run(life, session, operation, async ({ ctx }) => {
    const because = await reasonToKeep(life, session, request, ctx);
    if (because !== undefined) {
      ctx.warn(`kept ${id}: ${because}`);
      return { is: "gone" };
    }
    await life.remove(id, have, ctx);
    ctx.pending.removed(id);
    return { is: "gone" };
  });
}

/** Why what a record asks to delete is not its to delete; undefined when it is. */
async function reasonToKeep<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  { urn, id, state }: DeleteRequest,
  ctx: Context,
): Promise<string | undefined> {
  const record = recordIn(state);
  if (record?.adopted === "read") return "an import that did not finish has read it";
  const { creationId = "" } = record ?? {};
  const isAlone = life.adoptExisting === undefined || !session.stack.isShownBeside(id, creationId);
  const holder = isAlone ? undefined : session.stack.holderBeside(urn, id);
  if (holder !== undefined) return `the resource ${holder} also has it`;
  return creationId === "" ? undefined : life.lostTo?.(id, creationId, stateIn<State>(state), ctx);
}

/** Tags something that `Read` has adopted with its new owner, unless another owner has it by now. */
async function claim<Args extends object, State extends Args>(id: string, work: Work<Args, State>): Promise<void> {
  const { life, args, ctx } = work;
  const existing = await life.findExisting?.(id, args, ctx);
  if (existing?.refusal !== undefined) throw new Failure("Refused", existing.refusal);
  await life.adoptExisting?.(id, args, ctx);
  work.adopted = "claimed";
}

/**
 * The same at the end of a run that changes the stack, and this resource not. Its record stays as it is, so it is
 * looked at each time.
 */
async function claimLater<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  { id, urn, olds, news }: DiffRequest,
  record: Record,
): Promise<void> {
  if (session.stack.current(urn)?.id !== id) return; // it was replaced, and is one of the versions now
  const args = argsIn(life.fields, news);
  const operation = { ...recordedOperation(life, id, olds, record), verb: "update", request: { urn }, args } as const;
  await run(life, session, operation, async (work) => {
    await claim(id, work);
    return { is: "gone" };
  });
}

/** What an operation on a resource takes from its state. */
const recordedOperation = <Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  id: string,
  state: Props,
  record: Record | undefined,
) => ({
  what: `${life.describe(stateIn<State>(state) as Partial<Args>)} (${id})`,
  lineage: lineageFrom(record?.lineage),
  creationId: record?.creationId ?? "",
  since: record?.since,
  tookMs: record?.tookMs,
  adopted: record?.adopted,
  regionId: state["regionId"],
});

/** Removes what did not pass its test, as a creation does. Returns what to add to the error if it is still there. */
async function keptAfterVerdict<Args extends object, State extends Args>(
  id: string,
  { life, state, ctx }: Work<Args, State>,
): Promise<string> {
  try {
    await (life.discard ?? life.remove)(id, state, ctx);
    return "";
  } catch (error) {
    return `; it could not be removed: ${messageOf(error)}`;
  }
}

/** The resource can never become ready. It is recorded as it is, with what to do. */
async function failedUpdate<Args extends object, State extends Args>(
  failed: string,
  id: string,
  work: Work<Args, State>,
): Promise<Outcome> {
  const state = (await work.life.read(id, work.state, work.ctx).catch(() => undefined)) ?? work.state;
  return unfinished({ ...work, failed: true }, id, state, `${failed}. The next pulumi up replaces it`);
}

/** The defaults of arguments that are recorded only, for what was read with `get`. */
const defaultsOf = <Args>(fields: Fields<Args>): Props =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      fields[key].change === "record" && fields[key].default !== undefined ? [[key, fields[key].default]] : [],
    ),
  );

/**
 * The inputs as they would have to be for what the cloud has, so that a preview shows drift on the argument that
 * drifted.
 */
function inputsAfterRead<Args>(
  fields: Fields<Args>,
  given: readonly string[],
  have: Partial<Args>,
  seen: Partial<Args>,
): Props {
  const shown = keysOf(fields).filter((key) => given.includes(key));
  return Object.fromEntries(
    shown.map((key) => [key, fields[key].change === "update" ? seen[key] : (have[key] ?? seen[key])]),
  );
}

/** A `customTimeouts` value in milliseconds. Fails if it is not a duration. */
export function timeoutOf(value: unknown): number | undefined {
  return typeof value === "string" && !isUnknown(value) ? durationMs(value) : undefined;
}
