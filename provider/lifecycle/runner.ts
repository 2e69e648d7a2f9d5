import { durationMs } from "../config/duration";
import { Failure, isFailure, messageOf } from "../failure";
import { changeBetween } from "../fields/change";
import { type CheckFailure, failuresIn } from "../fields/check";
import { argsOfExisting } from "../fields/existing";
import { durableArgs, type Fields, keysOf, matches } from "../fields/fields";
import { UNKNOWN } from "../fields/unknown";
import type { Lifecycle, Started } from "./lifecycle";
import { newCreationId, urnParts } from "./ownership";
import { type Props, RECORD, type Record, recordIn } from "./record";
import type { Context, Session } from "./session";

/** What every request to the runner carries besides its own data. */
interface Request {
  readonly urn: string;
  /** The `customTimeouts` value for this operation; left out: the default of the resource. */
  readonly timeoutMs?: number | undefined;
  /** Ends every wait at once. What was begun is recorded as unfinished. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What became of an operation. Nothing is thrown once an id is known: an id that is known is always part of the outcome.
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
  | { readonly is: "gone" };

/** What differs between the recorded state and what is wanted. */
export interface Difference {
  readonly is: "none" | "update" | "replace";
  /** The arguments that differ, or `status` where the recorded status asks for it. */
  readonly because: readonly string[];
}

interface Checked {
  readonly inputs: Props;
  readonly failures: CheckFailure[];
}

interface CheckRequest extends Request {
  readonly olds: Props;
  readonly news: Props;
  /** Whether it is known to be a preview, or known to be none. */
  readonly preview?: boolean;
}

/** One resource type for an engine, whatever protocol the engine speaks. */
export interface Runner {
  check(request: CheckRequest): Promise<Checked>;
  diff(request: { readonly id: string; readonly urn: string; readonly olds: Props; readonly news: Props }): Difference;
  create(request: Request & { readonly inputs: Props }): Promise<Outcome>;
  /** `adopt`: the resource is to be managed from now on (`pulumi import`), and its arguments are found out from the cloud. */
  read(request: Request & { readonly id: string; readonly state: Props; readonly adopt?: boolean }): Promise<Outcome>;
  update(request: Request & { readonly id: string; readonly olds: Props; readonly news: Props }): Promise<Outcome>;
  delete(request: Request & { readonly id: string; readonly state: Props }): Promise<Outcome>;
}

interface OperationDetails {
  readonly creationId: string;
  readonly since?: string | undefined;
  /** What is worked on, as error texts name it. */
  readonly what: string;
  readonly regionId: unknown;
  readonly retainsOnDelete?: boolean;
}

/** Inputs of the dynamic host, whose protocol has no place for them. */
export const IMPORT = "__import";
const RETAIN = "__retainOnDelete";

type Verb = "create" | "update" | "delete" | "read";
const DOING: globalThis.Record<Verb, string> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  read: "reading",
};

/** When something was created of which nothing is recorded: it is no young resource that a list may lack. */
const LONG_AGO = new Date(0).toISOString();
const READ_TIMEOUT_MS = 5 * 60_000;
/** How long after its deadline an operation that has not ended by itself is aborted: a mistake of ours must not hang the engine. */
const OVERTIME_MS = 60_000;
/** How long an aborted operation may take to end by itself before it is left alone. */
const ABORT_GRACE_MS = 1_500;

/** What is known of a resource while an operation works on it. Whatever ends the operation, this is what it reports. */
interface Known<State> {
  id?: string;
  state: Partial<State>;
}

export function runnerFor<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
): Runner {
  const { fields } = life;

  const argsIn = (props: Props): Args => {
    const given = keysOf(fields).filter((key) => props[key] != null);
    return Object.fromEntries(given.map((key) => [key, props[key]])) as Args;
  };
  const stateIn = (props: Props): Partial<State> =>
    Object.fromEntries(
      Object.entries(props).filter(([key, value]) => !key.startsWith("__") && value != null),
    ) as Partial<State>;

  const recordOf = (ctx: Context, inputs: Props): Record => ({
    version: 1,
    urn: ctx.urn,
    ...(ctx.creationId !== "" && { creationId: ctx.creationId }),
    since: ctx.since,
    given: keysOf(fields).filter((key) => !fields[key].computed && inputs[key] != null),
  });
  const recorded = (state: object, record: Record | undefined): Props =>
    plain({ ...state, ...(record && { [RECORD]: record }) });

  /** Runs an operation with the context that it may use, ends it in time, and reports its outcome as data. */
  async function run(
    verb: Verb,
    request: Request & OperationDetails,
    known: Known<State>,
    work: (ctx: Context) => Promise<Outcome>,
    inputs: Props,
  ): Promise<Outcome> {
    const doing = `${DOING[verb]} ${request.what}`;
    const abort = linked(request.signal);
    try {
      return await session.track(async () => {
        const ctx = session.contextFor({
          urn: request.urn,
          creationId: request.creationId,
          ...(request.since !== undefined && { since: request.since }),
          doing,
          retainsOnDelete: request.retainsOnDelete ?? false,
          regionId: request.regionId as string | undefined,
          timeoutMs: request.timeoutMs ?? (verb === "read" ? READ_TIMEOUT_MS : life.defaultTimeoutMs),
          signal: abort.controller.signal,
          mayReadCached: verb === "read",
        });
        try {
          return await withinTime(work(ctx), doing, ctx, abort.controller);
        } catch (error) {
          if (known.id === undefined) throw error;
          ctx.pending.delivered(known.id);
          return {
            is: "unfinished",
            id: known.id,
            state: recorded(known.state, recordOf(ctx, inputs)),
            reasons: [withDoing(unfinishedReason(error), doing)],
          };
        }
      });
    } catch (error) {
      return { is: "failed", error: explained(error, doing) };
    } finally {
      abort.unlink();
    }
  }

  /** Waits for what was started, updates what the creating call cannot carry, and returns what to record. */
  async function finish(id: string, want: Args, known: Known<State>, ctx: Context): Promise<State> {
    const ready = await life.waitUntilReady(id, want, { ...known.state, ...durableArgs(fields, want) }, ctx);
    known.state = ready;
    const changed = keysOf(fields).filter(
      (key) => fields[key].change === "update" && !matches(fields, ready, want, key),
    );
    const updated = changed.length > 0 ? await life.updateInPlace(id, ready, want, changed, ctx) : {};
    const wanted = keysOf(fields).filter(
      (key) => fields[key].change !== "replace" && (changed.includes(key) || fields[key].change !== "update"),
    );
    const values = Object.fromEntries(wanted.map((key) => [key, want[key] ?? fields[key].default]));
    const state = { ...ready, ...updated, ...values };
    known.state = state;
    ctx.show(life.summary(state));
    return state;
  }

  /** Carries a creation that has an id to its end. Fails only after everything that it made was removed. */
  async function finishCreation(
    started: Started<State>,
    args: Args,
    inputs: Props,
    known: Known<State>,
    ctx: Context,
  ): Promise<Outcome> {
    const { id } = started;
    known.id = id;
    known.state = {
      ...durableArgs(fields, args),
      regionId: ctx.regionId,
      ...life.initialState(id),
      ...started.known,
    } as Partial<State>;
    try {
      const state = await finish(id, args, known, ctx);
      return { is: "made", id, state: recorded(state, recordOf(ctx, inputs)) };
    } catch (error) {
      if (!isFailure(error, "Failed")) throw error;
      try {
        await (life.discard ?? life.remove)(id, known.state, ctx);
      } catch (kept) {
        throw new Failure("Failed", `${messageOf(error)}; what is left of it could not be removed: ${messageOf(kept)}`);
      }
      ctx.pending.removed(id);
      delete known.id;
      await started.undo?.();
      throw error;
    }
  }

  /**
   * Takes an existing resource over. Until its arguments are known to agree nothing is written, and nothing is ever deleted.
   * Undefined when the state holds it already: then a new one is to be made in its place.
   */
  async function importExisting(
    given: string,
    args: Args,
    inputs: Props,
    known: Known<State>,
    ctx: Context,
  ): Promise<Outcome | undefined> {
    if (!life.findExisting) throw new Failure("Invalid", `a ${life.type} cannot be imported`);
    const { id, state, known: found } = await life.findExisting(given, args, ctx);
    if (session.isShown(id)) return undefined;
    const differences = differencesOf(fields, state, args);
    if (differences.length > 0) {
      const advice = "Change the program to agree, or create a resource of its own without the option import";
      throw new Failure("Invalid", `${id} is not what the program asks for: ${differences.join("; ")}. ${advice}`);
    }
    await life.adoptExisting?.(id, args, ctx);
    known.id = id;
    known.state = { ...(durableArgs(fields, args) as Partial<State>), ...life.initialState(id), ...found };
    const ready = await finish(id, args, known, ctx);
    return { is: "made", id, state: recorded(ready, recordOf(ctx, inputs)) };
  }

  /** Takes over what an interrupted run left; undefined when there is nothing, or when it turns out to have failed. */
  async function continueLeftover(
    args: Args,
    inputs: Props,
    known: Known<State>,
    ctx: Context,
  ): Promise<Outcome | undefined> {
    const id = await life.findLeftover(args, ctx);
    if (id === undefined) return undefined;
    try {
      return await finishCreation({ id }, args, inputs, known, ctx);
    } catch (error) {
      if (isFailure(error, "Failed") && known.id === undefined) return undefined; // it failed and is removed: start afresh
      throw error;
    }
  }

  /** Of two that were made for one creation the older one is kept; this run has not returned the younger one yet. */
  async function withoutDuplicate(
    made: Outcome & { is: "made" },
    args: Args,
    inputs: Props,
    ctx: Context,
  ): Promise<Outcome> {
    const older = await life.findDuplicate?.(made.id, args, ctx).catch(() => undefined); // a second net only
    if (older === undefined) return made;
    const known: Known<State> = { state: {} };
    const kept = await finishCreation({ id: older }, args, inputs, known, ctx).catch(() => undefined);
    if (kept?.is !== "made") return made;
    ctx.pending.removed(made.id);
    await (life.discard ?? life.remove)(made.id, stateIn(made.state), ctx).catch((error: unknown) =>
      ctx.warn(`${made.id} was created twice and could not be removed: ${messageOf(error)}`),
    );
    return kept;
  }

  /** Remembers that this id was returned to the engine; the tags follow at the orderly end. */
  const delivered = (outcome: Outcome, ctx: Context): Outcome => {
    if (outcome.is !== "made" && outcome.is !== "unfinished") return outcome;
    ctx.pending.delivered(outcome.id);
    return outcome;
  };

  return {
    async check({ urn, olds, news, preview, signal }) {
      session.runsProgram();
      if (preview === false) session.changesStack();
      const inputs = withoutNulls(news);
      const failures = [...failuresIn(fields, inputs, life.argsRules), ...regionFailure(inputs, session)];
      const args = argsIn(inputs);
      const isCreation = preview === true && Object.keys(olds).length === 0;
      const inspect = failures.length === 0 ? life.inspect?.(args) : undefined;
      const dryRun = failures.length === 0 && isCreation && !hasUnknown(args) && session.isEnabled("dryRun");
      if (!inspect && !(dryRun && life.dryRun)) return { inputs: { ...news }, failures };
      const ctx = session.contextFor({
        urn,
        creationId: newCreationId(),
        doing: `checking ${life.describe(args)}`,
        regionId: (args as Props)["regionId"] as string | undefined,
        timeoutMs: READ_TIMEOUT_MS,
        signal: signal ?? new AbortController().signal,
      });
      const seen = inspect && (await inspect(ctx).catch((error: unknown) => Promise.reject(explained(error, ""))));
      if (seen) failures.push(...seen.failures);
      if (dryRun && life.dryRun && failures.length === 0) failures.push(...(await refusals(life.dryRun(args, ctx))));
      return { inputs: { ...news, ...plain(seen?.computed ?? {}) }, failures };
    },

    diff({ id, urn, olds, news }) {
      const record = recordIn(olds);
      session.shown(id, record?.creationId ?? "");
      session.setPresent(urn, id, news);
      const have = stateIn(olds);
      const want = argsIn(news);
      const region =
        "regionId" in fields && (want as Props)["regionId"] === undefined ? { regionId: session.defaultRegion() } : {};
      const change = changeBetween(fields, have as Partial<Args>, { ...want, ...region });
      const phase = life.phase(have);
      if (change.kind === "replace") return { is: "replace", because: change.because };
      if (phase === "failed") return { is: "replace", because: ["status"] };
      const because: string[] = change.kind === "update" ? [...change.changed] : [];
      if (phase === "unfinished") because.push("status");
      if (isRenamed(record, urn)) because.push(RECORD);
      return because.length > 0 ? { is: "update", because } : { is: "none", because: [] };
    },

    async create(request) {
      const { inputs } = request;
      const args = argsIn(inputs);
      const known: Known<State> = { state: {} };
      session.changesStack();
      const what = {
        what: life.describe(args),
        regionId: inputs["regionId"],
        creationId: newCreationId(),
        retainsOnDelete: inputs[RETAIN] === true,
      };
      const outcome = await run(
        "create",
        { ...request, ...what },
        known,
        async (ctx) => {
          const existing = inputs[IMPORT];
          const imports = typeof existing === "string" && !session.isShown(existing);
          const imported = imports ? await importExisting(existing, args, inputs, known, ctx) : undefined;
          if (imported) return delivered(imported, ctx);
          const continued = await continueLeftover(args, inputs, known, ctx);
          if (continued) return delivered(continued, ctx);
          const made = await finishCreation(await life.start(args, ctx), args, inputs, known, ctx);
          return delivered(made.is === "made" ? await withoutDuplicate(made, args, inputs, ctx) : made, ctx);
        },
        inputs,
      );
      if (outcome.is === "made" || outcome.is === "unfinished") session.setPresent(request.urn, outcome.id, inputs);
      return outcome;
    },

    read(request) {
      const { id, state } = request;
      const have = stateIn(state);
      const record = recordIn(state);
      if (record) session.shown(id, record.creationId ?? "");
      const what = `${life.describe(have as Partial<Args>)} (${id})`;
      const creationId = record?.creationId ?? "";
      return run(
        "read",
        { ...request, what, creationId, since: record ? record.since : LONG_AGO, regionId: state["regionId"] },
        { state: {} },
        async (ctx) => {
          const seen = await life.read(id, have, ctx);
          if (!seen && !record) throw new Failure("Refused", `there is no ${id} in ${ctx.regionId}`); // the engine would record an empty resource
          if (!seen) return { is: "gone" };
          if (!record && request.adopt) return adopted(id, seen, ctx);
          if (!record) return { is: "made", id, state: recorded({ ...defaultsOf(fields), ...seen }, record) };
          ctx.pending.delivered(id);
          const inputs = inputsAfterRead(fields, record.given, have as Partial<Args>, seen);
          return { is: "made", id, state: recorded(seen, record), inputs: plain(inputs) };
        },
        {},
      );
    },

    update(request) {
      const { id, olds, news } = request;
      const record = recordIn(olds);
      session.shown(id, record?.creationId ?? "");
      session.setPresent(request.urn, id, news);
      session.changesStack();
      const want = argsIn(news);
      const known: Known<State> = { id, state: stateIn(olds) };
      const what = `${life.describe(want)} (${id})`;
      const creationId = record?.creationId ?? "";
      return run(
        "update",
        { ...request, what, creationId, since: record?.since, regionId: olds["regionId"] },
        known,
        async (ctx) => {
          if (isRenamed(record, ctx.urn)) await life.claim?.(id, want, ctx);
          try {
            const state = await finish(id, want, known, ctx);
            return delivered({ is: "made", id, state: recorded(state, recordOf(ctx, news)) }, ctx);
          } catch (error) {
            if (!isFailure(error, "Failed")) throw error;
            const failed = withDoing(messageOf(error), `updating ${what}`);
            return delivered(await failedUpdate(failed, id, known, news, ctx), ctx);
          }
        },
        news,
      );
    },

    delete(request) {
      const { id, state } = request;
      const have = stateIn(state);
      const record = recordIn(state);
      session.changesStack();
      const what = `${life.describe(have as Partial<Args>)} (${id})`;
      const creationId = record?.creationId ?? "";
      return run(
        "delete",
        { ...request, what, creationId, since: record?.since, regionId: state["regionId"] },
        { state: {} },
        async (ctx) => {
          if (creationId !== "" && (await life.isOwnedBy?.(id, creationId, have, ctx)) === false) {
            ctx.warn(
              `kept ${id}: an interrupted run created it and a later run adopted it, so this old record does not own it. ` +
                "If it was to be rebuilt, run pulumi up --replace again",
            );
            return { is: "gone" };
          }
          await life.remove(id, have, ctx);
          ctx.pending.removed(id);
          return { is: "gone" };
        },
        {},
      );
    },
  };

  function adopted(id: string, seen: State, ctx: Context): Outcome {
    const inputs: Props = plain(life.argsOf?.(seen) ?? argsOfExisting(fields, seen, session.defaultRegion()));
    const state = recorded({ ...defaultsOf(fields), ...seen }, recordOf(ctx, inputs));
    return { is: "made", id, state, inputs };
  }

  /** The resource can never become ready. It is recorded as it is, with what to do. */
  async function failedUpdate(
    failed: string,
    id: string,
    known: Known<State>,
    news: Props,
    ctx: Context,
  ): Promise<Outcome> {
    const state = await life.read(id, known.state, ctx).catch(() => known.state);
    const advice = state
      ? "The next pulumi up replaces it"
      : "Run pulumi refresh; the next pulumi up then creates a new one";
    return {
      is: "unfinished",
      id,
      state: recorded(state ?? known.state, recordOf(ctx, news)),
      reasons: [`${failed}. ${advice}`],
    };
  }
}

/** Renamed with an alias, or moved from the dynamic to the native type; not: the stack was renamed. */
const isRenamed = (record: Record | undefined, urn: string): boolean =>
  record !== undefined && urnParts(record.urn).withinStack !== urnParts(urn).withinStack;

/** The defaults of arguments that are recorded only, for what was read with `get`. */
const defaultsOf = <Args>(fields: Fields<Args>): Props =>
  Object.fromEntries(
    keysOf(fields).flatMap((key) =>
      fields[key].change === "record" && fields[key].default !== undefined ? [[key, fields[key].default]] : [],
    ),
  );

/** The inputs as they would have to be for what the cloud has, so that a preview shows drift on the argument that drifted. */
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

/** Where what exists differs in an argument whose change replaces. What the cloud does not tell cannot differ. */
function differencesOf<Args>(fields: Fields<Args>, have: Partial<Args>, want: Partial<Args>): string[] {
  const text = (value: unknown) => (value === undefined || value === "" ? "none" : JSON.stringify(value));
  const replacing = keysOf(fields).filter((key) => fields[key].change === "replace" && !fields[key].computed);
  return replacing
    .filter((key) => have[key] !== undefined && !matches(fields, have, want, key))
    .map((key) => `${key} is ${text(have[key])}, and the program has ${text(want[key])}`);
}

/** A refusal that is certain is a failure of the check; a preview stays silent about everything else. */
async function refusals(asked: Promise<readonly CheckFailure[]>): Promise<readonly CheckFailure[]> {
  try {
    return await asked;
  } catch {
    return [];
  }
}

const hasUnknown = (value: unknown): boolean => JSON.stringify(value ?? null).includes(UNKNOWN);

function linked(signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return { controller, unlink: () => signal?.removeEventListener("abort", abort) };
}

/**
 * Ends an operation that was cancelled, or that exceeds its deadline by a minute, which only a mistake of ours can cause.
 * The operation gets a moment to end by itself, since it may be about to learn an id.
 */
async function withinTime<T>(
  work: Promise<T>,
  doing: string,
  { clock, deadlineMs }: Context,
  abort: AbortController,
): Promise<T> {
  const ended = new AbortController();
  const overtime = async (): Promise<never> => {
    await clock.sleep(deadlineMs + OVERTIME_MS - clock.now(), AbortSignal.any([ended.signal, abort.signal]));
    const cancelled = abort.signal.aborted;
    if (!ended.signal.aborted) abort.abort();
    await clock.sleep(ABORT_GRACE_MS, ended.signal);
    throw cancelled
      ? new Failure("Cancelled", `${doing}: the run was cancelled`)
      : new Failure("TimedOut", `${doing}: it did not end within its timeout`);
  };
  const timer = overtime();
  try {
    return await Promise.race([work, timer]);
  } finally {
    timer.catch(() => undefined);
    work.catch(() => undefined);
    ended.abort();
  }
}

/** What the host can carry, value by value: one value that it cannot would lose a resource that exists. */
function plain(props: object): Props {
  const kept = Object.entries(props).flatMap(([key, value]): [string, unknown][] => {
    try {
      const text = JSON.stringify(value) as string | undefined;
      return text === undefined ? [] : [[key, JSON.parse(text)]];
    } catch {
      return []; // a bigint, or a circular object
    }
  });
  return Object.fromEntries(kept);
}

const withoutNulls = (props: Props): Props =>
  Object.fromEntries(Object.entries(props).filter(([, value]) => value !== null));

function regionFailure(news: Props, session: Session): CheckFailure[] {
  if (news["regionId"] !== undefined) return [];
  try {
    if (session.defaultRegion()) return [];
    const advice = "give regionId, or run pulumi config set alicloud:region <region>";
    return [{ property: "regionId", reason: `no region is known: ${advice}` }];
  } catch (error) {
    return [{ property: "", reason: messageOf(error) }];
  }
}

/** A `customTimeouts` value in milliseconds, or what is wrong with it. */
export function timeoutOf(value: unknown): number | undefined {
  return typeof value === "string" && value !== UNKNOWN ? durationMs(value) : undefined;
}

/** The resource exists and is recorded; nothing has to be repeated. */
const unfinishedReason = (error: unknown): string => {
  const text = messageOf(error);
  return `${text}${/[.?!]$/.test(text) ? "" : "."} It is recorded as unfinished: the next pulumi up goes on with it`;
};

const withDoing = (text: string, doing: string): string => (text.startsWith(doing) ? text : `${doing}: ${text}`);

/** An Error with one readable sentence and no stack: hosts print the stack of some operations to the terminal. */
function explained(error: unknown, doing: string): Error {
  const text = messageOf(error);
  const said =
    error instanceof Failure ? text : `${text} (this looks like a mistake in pulumi-alicloud-image; please report it)`;
  const plainError = new Error(doing ? withDoing(said, doing) : said);
  plainError.name = "";
  plainError.stack = "";
  return plainError;
}
