// Adapts the runner to Pulumi's protocol for dynamic providers.

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

/**
 * The methods that Pulumi's host for dynamic providers calls (`@pulumi/pulumi/dynamic`, ResourceProvider), as they
 * really behave.
 */
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

/**
 * Inputs that the constructor adds, because the protocol does not pass them on. Pulumi's displays hide names that start
 * with two underscores.
 */
export const URN = "__urn";
export const TIMEOUTS = "__timeouts";
/** True in previews only; never recorded. */
export const PREVIEW = "__preview";
/** Options of the current run (`RunOptions`); never recorded. */
const RUN = "__run";
/** True if the program gives the option `provider`, which this host cannot support; never recorded. */
const EXPLICIT_PROVIDER = "__explicitProvider";
const PROVIDER = "__provider";
/** The names of the secret arguments: the engine removes the secret marks before it calls a dynamic provider. */
const SECRETS = "__secrets";
/** The inputs that are also outputs, because a delete gets only outputs. The record among the outputs has the URN. */
const OF_OUTPUTS = [TIMEOUTS, PROVIDER, SECRETS] as const;

type Timeouts = {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly read?: string;
};

/** Options that the engine passes to a native provider, and that the constructor passes to this one. */
interface RunOptions {
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  readonly naming?: Naming;
}

/** A resource type in this host: its runner, and what the checks of this run have shown. */
interface Hosted {
  readonly fields: Fields<unknown>;
  readonly runner: Runner;
  /** The program's current timeouts, by URN. The state has those of the last creation or update. */
  readonly timeouts: Map<string, Timeouts>;
  readonly options: Map<string, RunOptions>;
  /** Resources that were imported by an option that the program still has. A replacement creates a new one. */
  readonly imported: Set<string>;
}

/**
 * Adapts the runner to the protocol of dynamic providers. Only this file knows the traps of that host: an `undefined`
 * or a frozen object in the outputs loses the image, a thrown value that is not an Error hangs the engine, and an
 * unfinished resource that is recorded without `__provider` can never be deleted (pulumi/pulumi
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
  // Without this error, the engine would record an empty resource.
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

/** The properties to record. Those that reveal a secret argument are secret, too. */
const sealed = (runner: Runner, state: Props, props: Props): Props =>
  asSecrets(withHidden(state, props), runner.revealing(secretsIn(props).keys));

const differencesIn = (fields: Fields<unknown>, key: string, olds: Props, news: Props) =>
  leavesBetween(key, olds[key], news[key], (fields as Fields<Props>)[key]?.accepts.type);

/** Whether a difference is at one of the paths or below it. */
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

/** The secrets in these properties, and in recorded ones with the same names. */
function secretsIn(props: Props, recorded: Props = {}): Secrets {
  const keys = props[SECRETS];
  return secretsAmong(new Set(Array.isArray(keys) ? keys.map(String) : []), props, recorded);
}

/**
 * The created resource. Otherwise throws an error for the host; with an id, the host records an unfinished resource.
 */
function madeOf(outcome: Outcome, sealed: (state: Props) => Props): Outcome & { is: "made" } {
  if (outcome.is === "made") return outcome;
  if (outcome.is === "failed") throw outcome.error;
  if (outcome.is === "gone") throw toEngineError("the resource is gone", {});
  const { id, state, reasons } = outcome;
  throw toEngineError(reasons.join("; "), { id, properties: sealed(state), reasons: [...reasons] });
}

/** An Error without a stack, because the host prints the stack for some operations. */
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
