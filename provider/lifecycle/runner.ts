// Runs a lifecycle for an engine, with the same order of calls for every resource type.

import { durationMs } from "../config/duration";
import { Failure, isFailure, messageOf } from "../failure";
import { sentenceOf } from "../fields/check";
import { type Fields, keysOf } from "../fields/fields";
import { hasUnknown, isUnknown } from "../fields/unknown";
import { cancellation } from "../wait/abort";
import { unlessAbsent } from "./absence";
import { type Candidate, candidateFor, inputsOf, missing as notFound, placeIn, wrongId } from "./adoption";
import { argumentFailures, type Checked, type CheckRequest, check, importedId, withLineage } from "./check";
import type { Context } from "./context";
import { adopt, create, finish } from "./creation";
import { type Difference, type DiffRequest, differenceIn, isRenamed, warnOfImport, warnOfRegion } from "./difference";
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
   * What a request without a state may mean to a native provider: `pulumi import` adopts what it reads. The option
   * `import`, which looks like `get` since Pulumi 3.276, may adopt it. Everything else only reads.
   */
  readonly adopts?: "now" | "later" | "never";
}
type UpdateRequest = Request & DiffRequest;
interface DeleteRequest extends Request {
  readonly id: string;
  readonly state: Props;
}

/** One resource type, for an engine with any protocol. */
export interface Runner {
  check(request: CheckRequest): Promise<Checked>;
  diff(request: DiffRequest): Difference;
  create(request: CreateRequest): Promise<Outcome>;
  read(request: ReadRequest): Promise<Outcome>;
  update(request: UpdateRequest): Promise<Outcome>;
  delete(request: DeleteRequest): Promise<Outcome>;
  /** The outputs that must be recorded as secrets if these arguments are secret. */
  revealing(secrets: ReadonlySet<string>): string[];
}

/** Inputs of the dynamic host, whose protocol has no place for them. */
export { IMPORT } from "./check";

const RETAIN = "__retainOnDelete";

/** The start time of what has no record: so old that every list shows it. */
const LONG_AGO = new Date(0).toISOString();

export const runnerFor = <Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
): Runner => new LifecycleRunner(life, session);

/** Notes in the session what each request shows about the state, then carries the request out. */
class LifecycleRunner<Args extends object, State extends Args> implements Runner {
  constructor(
    private readonly life: Lifecycle<Args, State>,
    private readonly session: Session,
  ) {}

  async check(request: CheckRequest): Promise<Checked> {
    const { life, session } = this;
    session.stack.hasProgram = true;
    session.stack.noteInputs(request.urn, request.news);
    if (request.preview === false) session.changesStack();
    return withLineage(await check(life, session, request), request, session);
  }

  diff(request: DiffRequest): Difference {
    const { life, session } = this;
    const { id, urn, olds, news } = request;
    const record = recordIn(olds);
    session.stack.noteRecord(id, record?.creationId ?? "");
    if (record?.tookMs !== undefined) session.durations.note(urn, record.tookMs);
    session.stack.setCurrent(urn, this.currentIn(id, olds));
    session.stack.noteComparison(urn, news);
    this.noteLineage(request, record);
    if (record?.adopted === "unclaimed") session.beforeEnd(id, () => this.claimLater(request, record));
    const difference = differenceIn(life, session, request);
    warnOfRegion(session, request, difference);
    warnOfImport(session, request);
    return difference;
  }

  async create(request: CreateRequest): Promise<Outcome> {
    const { stack } = this.session;
    this.session.changesStack();
    const given = importedId(request.inputs);
    const isNew = given === undefined || stack.current(request.urn)?.id === placeIn(given).id;
    const outcome = await (isNew ? this.createNew(request) : this.importExisting(request, given));
    if (outcome.is === "made" || outcome.is === "unfinished")
      stack.setCurrent(request.urn, this.currentIn(outcome.id, outcome.state));
    return outcome;
  }

  read(request: ReadRequest): Promise<Outcome> {
    const record = recordIn(request.state);
    if (record) this.session.stack.noteRecord(request.id, record.creationId ?? "");
    const isBare = Object.keys(stateIn(request.state)).every((key) => key === "regionId");
    return !record && isBare ? this.look(request) : this.refresh(request, record);
  }

  update(request: UpdateRequest): Promise<Outcome> {
    const { life, session } = this;
    const { id, urn, olds, news } = request;
    const record = recordIn(olds);
    session.stack.noteRecord(id, record?.creationId ?? "");
    session.stack.setCurrent(urn, this.currentIn(id, olds));
    this.noteLineage(request, record);
    session.changesStack();
    const args = argsIn(life.fields, news);
    const operation = {
      ...this.recordedOperation(id, olds, record),
      ...this.wanted(request, news),
      lineage: session.stack.lineageOf(urn),
      what: `${life.describe(args)} (${id})`,
      verb: "update",
      recorded: { id, state: stateIn<State>(olds) },
    } as const;
    return run(life, session, operation, async (work) => {
      const { ctx, doing } = work;
      requireArguments(work);
      if (record?.adopted === "read") return delivered(await adoptNow(id, work), ctx);
      if (record?.adopted === "unclaimed") await claim(id, await existingNow(id, work), work);
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

  delete(request: DeleteRequest): Promise<Outcome> {
    const { life, session } = this;
    session.changesStack();
    const { id, state } = request;
    const have = { ...stateIn<State>(state), ...this.newestOptions(request) };
    const operation = { ...this.recordedOperation(id, state, recordIn(state)), verb: "delete", request } as const;
    return run(life, session, operation, async ({ ctx }) => {
      const because = await this.reasonToKeep(request, ctx);
      if (because !== undefined) {
        ctx.warn(`kept ${id}: ${because}`);
        return { is: "gone" };
      }
      await life.remove(id, have, ctx);
      ctx.pending.removed(id);
      return { is: "gone" };
    });
  }

  revealing(secrets: ReadonlySet<string>): string[] {
    return Object.entries(this.life.reveals ?? {}).flatMap(([output, args]) =>
      args.some((arg) => secrets.has(arg)) ? output : [],
    );
  }

  private createNew(request: CreateRequest): Promise<Outcome> {
    const { life, session } = this;
    const creation = this.newCreation(request);
    const { inputs } = request;
    const what = life.describe(creation.args);
    const operation = { ...creation, verb: "create", what, regionId: inputs["regionId"] } as const;
    return run(life, session, operation, async (work) => {
      requireArguments(work);
      return delivered(await create(work), work.ctx);
    });
  }

  /** Handles the option `import`, which an engine does not handle for dynamic resources. */
  private importExisting(request: CreateRequest, given: string): Promise<Outcome> {
    const { life, session } = this;
    const operation = {
      ...this.newCreation(request),
      verb: "adopt",
      what: `${life.type} ${given}`,
      regionId: placeIn(given).regionId ?? request.inputs["regionId"],
      adopted: "claimed",
    } as const;
    return run(life, session, operation, async (work) => {
      requireArguments(work);
      return delivered(await adoptNow(given, work), work.ctx);
    });
  }

  private newCreation(request: CreateRequest) {
    const lineage = this.lineageOf(request, request.inputs);
    return { ...this.wanted(request, request.inputs), lineage, creationId: newCreationId() };
  }

  /** The part of an operation that comes from the program. */
  private wanted(request: Request, inputs: Props) {
    return {
      request,
      args: argsIn(this.life.fields, inputs),
      inputs,
      retainsOnDelete: inputs[RETAIN] === true,
      hasAutomaticName: inputs[AUTOMATIC_NAME] === true,
    };
  }

  /**
   * Reads an existing resource that no state describes: for `get`, or for an import by the engine. Writes nothing,
   * because a preview reads as well.
   */
  private look(request: ReadRequest): Promise<Outcome> {
    const { life, session } = this;
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
      lineage: isImport ? this.lineageOf(request) : undefined,
    } as const;
    return run(life, session, operation, async (work) => {
      const { ctx } = work;
      requireId(place.id);
      // The engine passes no arguments yet, so the region of the id or of the configuration is searched.
      const asked = { id: place.id, args: { regionId: ctx.regionId } as unknown as Partial<Args> };
      const found: (Partial<Candidate<State>> & Existing<State>) | undefined =
        adopts === "now" ? await candidateFor(life, session, asked, ctx) : await life.findExisting?.(place.id, {}, ctx);
      if (!found && ctx.signal.aborted) throw cancellation(ctx.signal, work.doing); // the read may have been cut short
      if (!found) return notThere(notFound(life.type, place.id, ctx.regionId), adopts !== undefined, ctx);
      const [failure] = found.failures ?? [];
      if (failure) throw new Failure("Refused", failure.reason);
      const seen = { ...defaultsOf(life.fields), ...found.state };
      // `pulumi import` prints the inputs as a program, in which a hidden input is an error. The record has the
      // lineage, too.
      const hidden = adopts === "now" ? {} : lineageInput(ctx.lineage);
      const inputs = { ...inputsOf(life, found.state, place, session), ...hidden };
      if (!isImport) return { is: "made", id: found.id, state: recorded(seen, undefined), inputs };
      session.stack.noteLook(urn, given, inputs);
      work.adopted = adopts === "now" ? "unclaimed" : "read";
      return { is: "made", id: found.id, state: recorded(seen, recordOf(work, inputs)), inputs };
    });
  }

  private refresh(request: ReadRequest, record: Record | undefined): Promise<Outcome> {
    const { life, session } = this;
    const { id, state } = request;
    const { fields } = life;
    const have = stateIn<State>(state);
    const since = record ? record.since : LONG_AGO;
    const operation = { ...this.recordedOperation(id, state, record), verb: "read", request, since } as const;
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

  /** Why a record must not delete its resource; undefined if it may. */
  private async reasonToKeep({ urn, id, state }: DeleteRequest, ctx: Context): Promise<string | undefined> {
    const { life, session } = this;
    const record = recordIn(state);
    if (record?.adopted === "read") return "it was read by an import that did not finish";
    const { creationId = "" } = record ?? {};
    const adopter = life.adoptExisting && session.stack.adopterBeside(urn, id);
    if (adopter !== undefined) return `the resource ${adopter} of this program has it in the option import`;
    const isAlone = life.adoptExisting === undefined || !session.stack.isShownBeside(id, creationId);
    const holder = isAlone ? undefined : session.stack.holderBeside(urn, id);
    if (holder !== undefined) return `the resource ${holder} also has it`;
    return creationId === "" ? undefined : life.lostTo?.(id, creationId, stateIn<State>(state), ctx);
  }

  /**
   * At the end of a run that changes the stack, claims a resource that does not change itself. Its record stays as it
   * is, so this is repeated in each run.
   */
  private async claimLater({ id, urn, olds, news }: DiffRequest, record: Record): Promise<void> {
    const { life, session } = this;
    if (session.stack.current(urn)?.id !== id) return; // it was replaced, so it is a version now
    const args = argsIn(life.fields, news);
    const operation = { ...this.recordedOperation(id, olds, record), verb: "update", request: { urn }, args } as const;
    await run(life, session, operation, async (work) => {
      const existing = await life.findExisting?.(id, args, work.ctx);
      if (existing) await claim(id, existing, work); // a later run looks again
      return { is: "gone" };
    });
  }

  /** The part of an operation that comes from the state. */
  private recordedOperation(id: string, state: Props, record: Record | undefined) {
    return {
      what: `${this.life.describe(stateIn<State>(state) as Partial<Args>)} (${id})`,
      lineage: lineageFrom(record?.lineage),
      creationId: record?.creationId ?? "",
      since: record?.since,
      tookMs: record?.tookMs,
      adopted: record?.adopted,
      failed: record?.failed,
      regionId: state["regionId"],
    };
  }

  /** Notes the lineage and the region of the record, which are more reliable than those of the inputs. */
  private noteLineage({ urn, olds, news }: DiffRequest, record: Record | undefined): void {
    const lineage = lineageFrom(record?.lineage) ?? lineageIn(news);
    if (!lineage) return;
    const regionId = news["regionId"] ?? this.session.defaultRegion();
    this.session.stack.setLineage(urn, movedTo(lineage, olds["regionId"], regionId));
  }

  private lineageOf({ urn }: Request, inputs: Props = {}): Lineage {
    return this.session.stack.lineageOf(urn) ?? lineageIn(inputs) ?? newLineage();
  }

  private currentIn(id: string, state: Props): Current {
    const isReady = this.life.phase(stateIn<State>(state)) === "ready";
    return { id, regionId: state["regionId"] as string | undefined, isReady, state };
  }

  /**
   * Options that only affect a delete, such as `forceDelete`: from the program, or in a `pulumi destroy` from the
   * newest record of the resource. An update reaches only the newest record, not those of what it has replaced.
   */
  private newestOptions({ urn, state }: DeleteRequest): Partial<Args> {
    const { fields } = this.life;
    const { stack } = this.session;
    const record = recordIn(state);
    const lineage = lineageFrom(record?.lineage);
    const newest = stack.newestOf(lineage, record?.since, state);
    const declared = stack.declared(urn, lineage)?.inputs;
    const options = keysOf(fields).filter((key) => fields[key].change === "record" && !hasUnknown(declared?.[key]));
    return Object.fromEntries(
      options.map((key) => [key, declared ? (declared[key] ?? fields[key].default) : newest[key]]),
    ) as Partial<Args>;
  }
}

const lineageInput = (lineage: Lineage | undefined): Props => (lineage ? { [LINEAGE]: lineageText(lineage) } : {});

/** Throws if an argument is missing that the check has left to the creation or the update. */
function requireArguments<Args extends object, State extends Args>({ life, session, inputs }: Work<Args, State>) {
  const missing = argumentFailures(life, session, inputs).filter((failure) => failure.missing);
  if (missing.length > 0) throw new Failure("Invalid", sentenceOf(missing));
}

function requireId(id: string): void {
  const wrong = wrongId(id);
  if (wrong !== undefined) throw new Failure("Invalid", wrong);
}

async function adoptNow<Args extends object, State extends Args>(
  given: string,
  work: Work<Args, State>,
): Promise<Outcome> {
  const { life, session, args, ctx } = work;
  const { id } = placeIn(given);
  requireId(id);
  const candidate = await candidateFor(life, session, { id, args }, ctx);
  if (!candidate) throw new Failure("Refused", notFound(life.type, id, ctx.regionId));
  const [failure] = candidate.failures;
  if (failure) throw new Failure("Refused", failure.reason);
  work.adopted = "claimed";
  return adopt(candidate, work);
}

/** The engine itself reports that a native resource does not exist, but not in which region it was searched. */
function notThere(why: string, isSaidByEngine: boolean, ctx: Context): Outcome {
  if (isSaidByEngine) ctx.warn(why);
  return { is: "gone", why };
}

/** Writes the new owner on something that `Read` has adopted, unless it has another owner by now. */
async function claim<Args extends object, State extends Args>(
  id: string,
  { refusal }: Existing<State>,
  work: Work<Args, State>,
): Promise<void> {
  const { life, args, ctx } = work;
  if (refusal !== undefined) throw new Failure("Refused", refusal);
  await life.adoptExisting?.(id, args, ctx);
  work.adopted = "claimed";
}

/** What `Read` has adopted, in its current state. While lists lack it, its owner is unknown. */
async function existingNow<Args extends object, State extends Args>(
  id: string,
  { life, args, ctx }: Work<Args, State>,
): Promise<Existing<State>> {
  const existing = await unlessAbsent(
    async () => life.findExisting?.(id, args, ctx),
    (seen) => seen !== undefined,
    id,
    ctx,
  );
  if (!existing) throw new Failure("Refused", notFound(life.type, id, ctx.regionId));
  return existing;
}

/** Removes what did not pass its test, as a creation does. Returns what to add to the error if that fails. */
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

/** The outcome for a resource that can never become ready. It is recorded as it is, with advice. */
async function failedUpdate<Args extends object, State extends Args>(
  failed: string,
  id: string,
  work: Work<Args, State>,
): Promise<Outcome> {
  const state = (await work.life.read(id, work.state, work.ctx).catch(() => undefined)) ?? work.state;
  return unfinished({ ...work, failed: true }, id, state, `${failed}. The next pulumi up replaces it`);
}

/** The defaults of arguments that are only recorded, for what was read with `get`. */
const defaultsOf = <Args>(fields: Fields<Args>): Props =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      fields[key].change === "record" && fields[key].default !== undefined ? [[key, fields[key].default]] : [],
    ),
  );

/** The inputs that would match the cloud, so that a preview shows drift on the argument that has drifted. */
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
