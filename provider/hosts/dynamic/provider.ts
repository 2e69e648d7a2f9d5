import { messageOf } from "../../failure";
import type { CheckFailure } from "../../fields/check";
import type { Fields } from "../../fields/fields";
import { contains, leavesBetween, pathOf } from "../../fields/paths";
import type { Lifecycle } from "../../lifecycle/lifecycle";
import type { Naming } from "../../lifecycle/naming";
import { type Props, recordIn } from "../../lifecycle/record";
import { IMPORT, type Outcome, type Runner, runnerFor, timeoutOf } from "../../lifecycle/runner";
import { type Secrets, secretsAmong } from "../../lifecycle/secrets";
import type { Session } from "../../lifecycle/session";
import { asSecrets } from "../secrets";

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
  read(id: string, props: Props): Promise<{ id: string; props: Props; inputs?: Props }>;
  update(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete(id: string, props: Props): Promise<void>;
}

/** Inputs that the constructor adds, since this protocol passes none of them on. Displays hide names that begin so. */
export const URN = "__urn";
export const TIMEOUTS = "__timeouts";
/** Present in previews only; never recorded. */
export const PREVIEW = "__preview";
/** Options of the present run (`RunOptions`); never recorded. */
const RUN = "__run";
/** The program gives the option `provider`, which this host cannot honour; never recorded. */
const EXPLICIT_PROVIDER = "__explicitProvider";
const PROVIDER = "__provider";
/** The names of the arguments that are secret: the engine takes the mark off before it calls a dynamic provider. */
const SECRETS = "__secrets";
/**
 * The inputs that are also outputs, because a delete gets only the outputs. The record among them holds the URN.
 */
const OF_OUTPUTS = [TIMEOUTS, PROVIDER, SECRETS] as const;

type Timeouts = {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly read?: string;
};

/** What the engine tells a native provider, and the constructor this one. */
interface RunOptions {
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  readonly naming?: Naming;
}

/** One resource type in this host: its runner, and what the checks of this run have shown. */
interface Hosted {
  readonly fields: Fields<unknown>;
  readonly runner: Runner;
  /** The timeouts that the program gives now, by URN: the state has those of the last creation or update. */
  readonly timeouts: Map<string, Timeouts>;
  readonly options: Map<string, RunOptions>;
  /** Resources whose state was imported by the option that the program still has. A replacement makes a new one. */
  readonly imported: Set<string>;
}

/**
 * Adapts the runner to the dynamic-provider protocol. Only this file knows the traps of that host: an `undefined` or a
 * frozen object among the outputs loses the image, a thrown value that is not an Error hangs the engine, and an
 * unfinished resource recorded without `__provider` can never be deleted (pulumi/pulumi
 * `sdk/nodejs/cmd/dynamic-provider/index.ts`).
 */
export function dynamicProvider<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
): DynamicProvider {
  const hosted: Hosted = {
    fields: life.fields as Fields<unknown>,
    runner: runnerFor(life, session),
    timeouts: new Map(),
    options: new Map(),
    imported: new Set(),
  };
  return {
    configure: ({ config }) => session.configure((key) => config.get(key)),
    check: (olds, news) => check(hosted, olds, news),
    diff: async (id, olds, news) => diff(hosted, id, olds, news),
    create: (inputs) => create(hosted, inputs),
    read: (id, props) => read(hosted, id, props),
    update: (id, olds, news) => update(hosted, id, olds, news),
    delete: (id, props) => remove(hosted, id, props),
  };
}

async function check({ runner, timeouts, options, imported }: Hosted, olds: Props, given: Props) {
  const { [PREVIEW]: preview, [EXPLICIT_PROVIDER]: hasProvider, [RUN]: run = {}, ...news } = given;
  const failures = [...timeoutFailures(news), ...(hasProvider === true ? [PROVIDER_FAILURE] : [])];
  const urn = String(news[URN] ?? "");
  if (olds[IMPORT] !== undefined && olds[IMPORT] === news[IMPORT]) imported.add(urn);
  if (failures.length === 0) timeouts.set(urn, (news[TIMEOUTS] ?? {}) as Timeouts);
  options.set(urn, run as RunOptions);
  const { naming } = run as RunOptions;
  const secrets = secretsIn(news);
  const checked = await runner.check({ urn, olds, news, preview: preview === true, secrets, naming });
  return { inputs: { ...checked.inputs }, failures: [...checked.failures, ...failures] };
}

function diff({ fields, runner, options }: Hosted, id: string, olds: Props, news: Props) {
  const urn = String(news[URN] ?? "");
  const { ignoreChanges = [], replaceOnChanges = [] } = options.get(urn) ?? {};
  const { is, because } = runner.diff({ id, urn, olds, news, ignoreChanges });
  const named = because.filter((key) => isAmong(replaceOnChanges, differencesIn(fields, key, olds, news)));
  return { changes: is !== "none", replaces: is === "replace" ? [...because] : named, deleteBeforeReplace: false };
}

async function create(hosted: Hosted, inputs: Props) {
  const { runner, imported } = hosted;
  const urn = String(inputs[URN] ?? "");
  const { [IMPORT]: _done, ...others } = inputs;
  const wanted = imported.has(urn) ? others : inputs;
  const options = { timeoutMs: timeoutMs(hosted, "create", urn, inputs), secrets: secretsIn(inputs) };
  const outcome = await runner.create({ urn, inputs: wanted, ...options });
  const { id, state } = madeOf(outcome, (made) => sealed(runner, made, inputs));
  return { id, outs: sealed(runner, state, inputs) };
}

async function read(hosted: Hosted, id: string, props: Props) {
  const { runner } = hosted;
  const urn = recordIn(props)?.urn ?? "";
  const options = { timeoutMs: timeoutMs(hosted, "read", urn, props), secrets: secretsIn(props) };
  const outcome = await runner.read({ urn, id, state: props, ...options });
  // Of what no state describes the engine would record an empty resource.
  if (outcome.is === "gone" && outcome.why !== undefined) throw toEngineError(outcome.why, {});
  if (outcome.is === "gone") return { id: "", props: {} };
  const { state, inputs } = madeOf(outcome, (made) => sealed(runner, made, props));
  return {
    id,
    props: sealed(runner, state, props),
    ...(inputs && { inputs: withHidden({ ...inputs, [URN]: urn }, props) }),
  };
}

async function update(hosted: Hosted, id: string, olds: Props, news: Props) {
  const { runner } = hosted;
  const urn = String(news[URN] ?? "");
  const options = { timeoutMs: timeoutMs(hosted, "update", urn, news), secrets: secretsIn(news, olds) };
  const outcome = await runner.update({ urn, id, olds, news, ...options });
  return { outs: sealed(runner, madeOf(outcome, (made) => sealed(runner, made, news)).state, news) };
}

async function remove(hosted: Hosted, id: string, props: Props) {
  const { runner } = hosted;
  const urn = recordIn(props)?.urn ?? "";
  const options = { timeoutMs: timeoutMs(hosted, "delete", urn, props), secrets: secretsIn(props) };
  const outcome = await runner.delete({ urn, id, state: props, ...options });
  if (outcome.is !== "gone") madeOf(outcome, (made) => sealed(runner, made, props));
}

const timeoutMs = ({ timeouts }: Hosted, verb: keyof Timeouts, urn: string, props: Props) =>
  timeoutOf((timeouts.get(urn) ?? (props[TIMEOUTS] as Timeouts | undefined))?.[verb]);

/** The properties as the engine is to record them, with what no argument of the same name makes secret. */
const sealed = (runner: Runner, state: Props, props: Props): Props =>
  asSecrets(withHidden(state, props), runner.revealing(secretsIn(props).keys));

const differencesIn = (fields: Fields<unknown>, key: string, olds: Props, news: Props) =>
  leavesBetween(key, olds[key], news[key], (fields as Fields<Props>)[key]?.accepts.type);

/** Whether a difference is at or below one of the paths. */
const isAmong = (paths: readonly string[], differences: ReturnType<typeof leavesBetween>): boolean =>
  differences.some(({ path }) => paths.some((text) => contains(pathOf(text), path)));

const PROVIDER_FAILURE: CheckFailure = {
  property: "provider",
  reason:
    "the option provider has no effect on a dynamic resource. Leave it out and configure the stack (pulumi config " +
    "set alicloud:region, alicloud:accessKey, ...); for several accounts in one program use the native plugin " +
    "alicloud-image",
};

const withHidden = (state: Props, props: Props): Props => ({
  ...state,
  ...Object.fromEntries(OF_OUTPUTS.flatMap((key) => (props[key] === undefined ? [] : [[key, props[key]]]))),
});

/** What is secret of these properties, and of what is recorded under the same names. */
function secretsIn(props: Props, recorded: Props = {}): Secrets {
  const keys = props[SECRETS];
  return secretsAmong(new Set(Array.isArray(keys) ? keys.map(String) : []), props, recorded);
}

/** What was made, or the error that the host turns into its own: with an id it records the resource as unfinished. */
function madeOf(outcome: Outcome, sealed: (state: Props) => Props): Outcome & { is: "made" } {
  if (outcome.is === "made") return outcome;
  if (outcome.is === "failed") throw outcome.error;
  if (outcome.is === "gone") throw toEngineError("the resource is gone", {});
  const { id, state, reasons } = outcome;
  throw toEngineError(reasons.join("; "), { id, properties: sealed(state), reasons: [...reasons] });
}

/** An Error without a stack: the host prints the stack of some operations to the terminal. */
function toEngineError(text: string, extra: object): Error {
  const error = new Error(text);
  error.name = "";
  error.stack = "";
  return Object.assign(error, extra);
}

function timeoutFailures(news: Props): CheckFailure[] {
  return Object.values((news[TIMEOUTS] as Timeouts | undefined) ?? {}).flatMap((value) => {
    try {
      timeoutOf(value);
      return [];
    } catch (error) {
      return [{ property: "customTimeouts", reason: messageOf(error) }];
    }
  });
}
