import { durationMs } from "../../config/duration";
import { Failure, isFailure, messageOf } from "../../failure";
import { changeBetween } from "../../fields/change";
import { type CheckFailure, failuresIn } from "../../fields/check";
import { durableArgs, keysOf, matches } from "../../fields/fields";
import { isUnknown } from "../../fields/unknown";
import type { Lifecycle, Started } from "../../lifecycle/lifecycle";
import type { Context, Session } from "../../lifecycle/session";

type Props = Record<string, unknown>;

/** What Pulumi's dynamic-provider host calls (`@pulumi/pulumi/dynamic`, ResourceProvider), as it really behaves. */
export interface DynamicProvider {
  configure(request: { config: { get(key: string): string | undefined } }): void;
  check(olds: Props, news: Props): Promise<{ inputs: Props; failures: CheckFailure[] }>;
  diff(
    id: string,
    olds: Props,
    news: Props,
  ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }>;
  create(inputs: Props): Promise<{ id: string; outs: Props }>;
  read(id: string, props: Props): Promise<{ id: string; props: Props }>;
  update(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete(id: string, props: Props): Promise<void>;
}

/** Inputs that the resource's constructor adds, since the host passes neither on. Displays hide names that begin so. */
export const URN = "__urn";
export const TIMEOUTS = "__timeouts";
const PROVIDER = "__provider";

type Verb = "create" | "update" | "delete" | "read";
const READ_TIMEOUT_MS = 5 * 60_000;
/** How long after its deadline a verb that has not ended by itself is broken off. */
const OVERTIME_MS = 60_000;

/**
 * Carries a lifecycle to the engine. The only file that knows the traps of the host: an `undefined` among the outputs loses
 * the image, a frozen object too, something thrown that is no Error hangs the engine, and an unfinished resource recorded
 * without `__provider` can never be deleted (pulumi/pulumi `sdk/nodejs/cmd/dynamic-provider/index.ts`).
 */
export function dynamicProvider<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
): DynamicProvider {
  const { fields } = life;

  const argsIn = (props: Props): Args =>
    Object.fromEntries(keysOf(fields).flatMap((key) => (props[key] == null ? [] : [[key, props[key]]]))) as Args;

  const stateIn = (props: Props): Partial<State> =>
    Object.fromEntries(
      Object.entries(props).filter(([key, value]) => !key.startsWith("__") && value != null),
    ) as Partial<State>;

  const hiddenIn = (props: Props): Props =>
    Object.fromEntries(
      [URN, TIMEOUTS, PROVIDER].flatMap((key) => (props[key] === undefined ? [] : [[key, props[key]]])),
    );

  function timeoutMs(verb: Verb, props: Props): number {
    const told = (props[TIMEOUTS] as Record<string, string> | undefined)?.[verb];
    if (told !== undefined) return durationMs(told);
    return verb === "read" ? READ_TIMEOUT_MS : life.defaultTimeoutMs;
  }

  /** Runs a verb with the cloud it may use, never longer than its time, and makes whatever it throws fit for the host. */
  async function carryOut<T>(verb: Verb, what: string, props: Props, work: (ctx: Context) => Promise<T>): Promise<T> {
    const doing = { create: "creating", update: "updating", delete: "deleting", read: "reading" }[verb] + ` ${what}`;
    try {
      return await session.track(async () => {
        const ctx = session.contextFor({
          urn: String(props[URN] ?? ""),
          doing,
          regionId: props["regionId"] as string | undefined,
          timeoutMs: timeoutMs(verb, props),
          glancing: verb === "read",
        });
        return await inTime(work(ctx), doing, ctx);
      });
    } catch (error) {
      throw toEngineError(error, doing);
    }
  }

  /** Waits for what was started, changes what the creating call could not carry, and says what to record. */
  async function finish(
    id: string,
    want: Args,
    have: Partial<State>,
    ctx: Context,
    record: (state: State) => void,
  ): Promise<State> {
    const settled = await life.waitUntilReady(id, want, { ...have, ...durableArgs(fields, want) }, ctx);
    record(settled);
    const changed = keysOf(fields).filter(
      (key) => fields[key].change === "update" && !matches(fields, settled, want, key),
    );
    const amended = changed.length > 0 ? await life.updateInPlace(id, settled, want, changed, ctx) : {};
    const recorded = keysOf(fields).filter(
      (key) => fields[key].change !== "replace" && (changed.includes(key) || fields[key].change !== "update"),
    );
    const state = {
      ...settled,
      ...amended,
      ...Object.fromEntries(recorded.map((key) => [key, want[key] ?? fields[key].default])),
    };
    ctx.show(life.summary(state));
    return state;
  }

  return {
    configure: ({ config }) => session.configure((key) => config.get(key)),

    async check(_olds, news) {
      const failures = failuresIn(fields, withoutNulls(news), life.argsRules);
      for (const fail of [() => regionFailure(news, session), () => timeoutFailure(news)]) failures.push(...fail());
      const args = argsIn(news);
      const inspect = failures.length === 0 ? life.inspect?.(args) : undefined;
      if (!inspect) return { inputs: { ...news }, failures };
      const seen = await carryOut("read", `the source of ${life.describe(args)}`, news, inspect);
      return { inputs: outputs({ ...news, ...seen.noted }, news), failures: seen.failures };
    },

    async diff(_id, olds, news) {
      const have = stateIn(olds);
      const want = argsIn(news);
      const region =
        "regionId" in fields && (want as Props)["regionId"] === undefined ? { regionId: session.defaultRegion() } : {};
      const stage = life.phase(have);
      const change = changeBetween(fields, have as Partial<Args>, { ...want, ...region });
      if (change.kind === "replace") return { changes: true, replaces: change.because, deleteBeforeReplace: false };
      if (stage === "failed") return { changes: true, replaces: ["status"], deleteBeforeReplace: false };
      const hidden = JSON.stringify([olds[URN], olds[TIMEOUTS]]) !== JSON.stringify([news[URN], news[TIMEOUTS]]);
      return {
        changes: change.kind === "update" || stage === "unfinished" || hidden,
        replaces: [],
        deleteBeforeReplace: false,
      };
    },

    create: (inputs) => {
      const args = argsIn(inputs);
      return carryOut("create", life.describe(args), inputs, async (ctx) => {
        const attempt = async ({ id, known: told, undo }: Started<State>) => {
          let known = {
            ...durableArgs(fields, args),
            regionId: ctx.regionId,
            ...life.initialState(id),
            ...told,
          } as Partial<State>;
          try {
            const state = await finish(id, args, known, ctx, (settled) => (known = settled));
            return { id, outs: outputs(state, inputs) };
          } catch (error) {
            if (isFailure(error, "Failed")) {
              const kept = await life.remove(id, known, ctx).then(() => undefined, messageOf);
              if (kept === undefined) {
                ctx.pending.removed(id);
                await undo?.();
                throw error;
              }
              throw unfinished(id, known, inputs, [messageOf(error), `it could not be removed: ${kept}`]);
            }
            throw unfinished(id, known, inputs, [unfinishedReason(error)]);
          } finally {
            ctx.pending.delivered(id);
          }
        };

        const left = await life.findLeftover(args, ctx);
        if (left !== undefined) {
          try {
            return await attempt({ id: left });
          } catch (error) {
            if (!isFailure(error, "Failed")) throw error; // what was left has failed and is removed by now: start afresh
          }
        }
        const started = await life.start(args, ctx);
        const made = await attempt(started);
        const twin = await life.findDuplicate?.(started.id, args, ctx).catch(() => undefined); // it is a second net only
        const older = twin === undefined ? undefined : await attempt({ id: twin }).catch(() => undefined);
        if (older === undefined) return made;
        ctx.pending.removed(started.id);
        await life
          .remove(started.id, stateIn(made.outs), ctx)
          .catch((error: unknown) =>
            ctx.warn(`${started.id}, which was made twice, could not be removed: ${messageOf(error)}`),
          );
        return older;
      });
    },

    read: (id, props) =>
      carryOut("read", `${life.describe(stateIn(props) as Partial<Args>)} (${id})`, props, async (ctx) => {
        const state = await life.read(id, stateIn(props), ctx);
        const isOurs = props[URN] !== undefined; // `get` of another's passes none, and may only look
        if (!state && !isOurs) throw new Failure("Refused", `there is no ${id} in ${ctx.regionId}`); // the engine would record an empty resource
        if (!state) return { id: "", props: {} };
        if (isOurs) ctx.pending.delivered(id);
        return { id, props: outputs(state, props) };
      }),

    update: (id, olds, news) => {
      const want = argsIn(news);
      return carryOut(
        "update",
        `${life.describe(want)} (${id})`,
        { ...news, regionId: olds["regionId"] },
        async (ctx) => {
          let known: Partial<State> = stateIn(olds);
          try {
            if (olds[URN] !== news[URN]) await life.claim?.(id, want, ctx);
            return {
              outs: outputs(await finish(id, want, stateIn(olds), ctx, (settled) => (known = settled)), news),
            };
          } catch (error) {
            if (!isFailure(error, "Failed")) throw unfinished(id, known, news, [unfinishedReason(error)]);
            const state = await life.read(id, known, ctx).catch(() => known);
            const advice = state
              ? "The next pulumi up replaces it"
              : "Run pulumi refresh; the next pulumi up then makes a new one";
            throw unfinished(id, state ?? known, news, [`${messageOf(error)}. ${advice}`]);
          } finally {
            ctx.pending.delivered(id);
          }
        },
      );
    },

    delete: (id, props) =>
      carryOut("delete", `${life.describe(stateIn(props) as Partial<Args>)} (${id})`, props, async (ctx) => {
        if (ctx.pending.isAdopted(id)) {
          return ctx.warn(
            `${id} was not deleted and not rebuilt: an interrupted run had made it for this very resource, so it is what the resource now is. Replace it once more if it is still to be rebuilt.`,
          );
        }
        await life.remove(id, stateIn(props), ctx);
        ctx.pending.removed(id);
      }),
  };

  function outputs(state: object, props: Props): Props {
    return plain({ ...state, ...hiddenIn(props) });
  }

  /** What the host turns into "it exists, but is not ready": the id is saved, and the next `up` calls `update`. Only `reasons` are shown. */
  function unfinished(id: string, known: Partial<State>, props: Props, reasons: string[]): Error {
    return Object.assign(new Error(reasons.join("; ")), { id, properties: outputs(known, props), reasons });
  }
}

/** Whatever has happened, it exists, is recorded, and nothing has to be done over. */
const unfinishedReason = (error: unknown): string =>
  `${messageOf(error)}${/[.?!]$/.test(messageOf(error)) ? "" : "."} It is recorded as unfinished: the next pulumi up goes on with it`;

/** What the host can carry, value by value: what it cannot would lose a thing that has been made. */
function plain(props: object): Props {
  const kept = Object.entries(props).flatMap(([key, value]): [string, unknown][] => {
    try {
      const text = JSON.stringify(value) as string | undefined;
      return text === undefined ? [] : [[key, JSON.parse(text)]];
    } catch {
      return []; // a bigint, or a circle
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
    return [
      {
        property: "regionId",
        reason: "no region is known: give regionId, or run pulumi config set alicloud:region <region>",
      },
    ];
  } catch (error) {
    return [{ property: "", reason: messageOf(error) }];
  }
}

function timeoutFailure(news: Props): CheckFailure[] {
  return Object.values((news[TIMEOUTS] as Record<string, string> | undefined) ?? {}).flatMap((told) => {
    try {
      if (!isUnknown(told)) durationMs(told);
      return [];
    } catch (error) {
      return [{ property: "customTimeouts", reason: messageOf(error) }];
    }
  });
}

/** Every wait has a deadline of its own; this one is for a mistake of ours, which must not hang the engine either. */
async function inTime<T>(work: Promise<T>, doing: string, { clock, deadlineMs }: Context): Promise<T> {
  const ended = new AbortController();
  const overtime = clock.sleep(deadlineMs + OVERTIME_MS - clock.now(), ended.signal).then(() => {
    throw new Failure("TimedOut", `${doing}: it did not come to an end in its time`);
  });
  try {
    return await Promise.race([work, overtime]);
  } finally {
    overtime.catch(() => undefined);
    ended.abort();
  }
}

/** An Error whose text is one sentence, with no stack: the host prints the stack of some verbs to the terminal. */
function toEngineError(error: unknown, doing: string): Error {
  const text = messageOf(error);
  const said =
    error instanceof Failure || "reasons" in Object(error)
      ? text
      : `${doing}: ${text} (this looks like a mistake in pulumi-alicloud-image; please report it)`;
  const plain = new Error(said.startsWith(doing) ? said : `${doing}: ${said}`);
  const { id, properties, reasons } = Object(error) as { id?: string; properties?: Props; reasons?: string[] };
  plain.name = "";
  plain.stack = "";
  return Object.assign(
    plain,
    id !== undefined && {
      id,
      properties,
      reasons: reasons?.map((reason) => (reason.startsWith(doing) ? reason : `${doing}: ${reason}`)),
    },
  );
}
