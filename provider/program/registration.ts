import * as pulumi from "@pulumi/pulumi";
import { namingOf } from "./autonaming";
import { providerText } from "./provider-text";

/**
 * The program's side of Pulumi's protocol for dynamic providers.
 *
 * `pulumi.dynamic.Resource` would serialize the provider's code into the state of every resource: some 2,000
 * characters, a quarter of a second in each program, and a state that keeps running old code. Apart from that, the
 * class only sets the type token and the property `__provider`. So this does just that, with a text that is the same in
 * every release.
 */
export interface Kind {
  /** The last part of the type token. */
  readonly type: string;
  /** The name by which the provider process finds it. */
  readonly entry: string;
  /** The names of its outputs, which Pulumi must know beforehand. */
  readonly outputs: readonly string[];
}

export const typeToken = (kind: Pick<Kind, "type">) => `pulumi-nodejs:dynamic/alicloud-image:${kind.type}`;

export const isOfType = (value: unknown, type: string): boolean =>
  (value as { readonly __pulumiType?: unknown } | null | undefined)?.__pulumiType === type;

type Options = pulumi.CustomResourceOptions;

/**
 * The properties for the engine: the arguments, and hidden properties for what the protocol does not pass on: the URN,
 * the timeouts, whether this is a preview, the id to import, and options that the provider must know.
 */
export function properties(kind: Kind, name: string, args: object, opts: Options | undefined): pulumi.Inputs {
  const outputs = Object.fromEntries(kind.outputs.map((output) => [output, undefined]));
  const provider = { __provider: providerText(kind.entry) };
  // otherwise Pulumi would create a resource
  if (opts?.id === "") throw new Error(`${kind.type}.get("${name}"): the id is empty`);
  if (opts?.id !== undefined) return { ...outputs, ...args, ...provider }; // `get` only reads
  return {
    ...outputs,
    ...args,
    ...provider,
    __urn: urnOf(kind, name, opts?.parent),
    ...timeoutsIn(opts),
    ...secretsIn(args),
    ...(pulumi.runtime.isDryRun() && { __preview: true }),
    ...((opts?.import ?? "") !== "" && { __import: opts!.import }),
    ...(opts?.retainOnDelete === true && { __retainOnDelete: true }),
    ...runOptions(kind, name, opts),
    ...(opts?.provider !== undefined && { __explicitProvider: true }),
  };
}

/** Options of one run, which the engine passes to native providers. None is recorded. */
function runOptions(kind: Kind, name: string, opts: Options | undefined): object {
  const { ignoreChanges, replaceOnChanges } = opts ?? {};
  const given = Object.entries({ ignoreChanges, replaceOnChanges, naming: namingOf(kind.type, name) });
  const known = given.filter(([, value]) => value !== undefined);
  return known.length > 0 ? { __run: Object.fromEntries(known) } : {};
}

function timeoutsIn(opts: Options | undefined): object {
  const { create, update, delete: remove, read } = (opts?.customTimeouts ?? {}) as Record<string, string | undefined>;
  const given = Object.entries({ create, update, delete: remove, read }).filter(([, timeout]) => timeout !== undefined);
  return given.length > 0 ? { __timeouts: Object.fromEntries(given) } : {};
}

/** The names of arguments that are secret or contain a secret. Only outputs can be. */
function secretsIn(args: object): object {
  const candidates = Object.entries(args).filter(([, value]) => holdsOutput(value));
  if (candidates.length === 0) return {};
  const names = candidates.map(async ([name, value]) => ((await pulumi.isSecret(pulumi.output(value))) ? [name] : []));
  return { __secrets: Promise.all(names).then((found) => (found.flat().length > 0 ? found.flat().sort() : undefined)) };
}

const holdsOutput = (value: unknown): boolean =>
  pulumi.Output.isInstance(value) ||
  value instanceof Promise ||
  (typeof value === "object" &&
    value !== null &&
    !pulumi.Resource.isInstance(value) &&
    Object.values(value).some(holdsOutput));

/** The options for the engine. It has no import for dynamic resources, so the provider's `create` handles that. */
export function options(opts: Options | undefined): Options | undefined {
  if (opts?.import === undefined) return opts;
  const { import: _imported, ...rest } = opts;
  return rest;
}

/** The arguments of `get` besides the id. */
export interface GetState {
  /** The region. Default: `alicloud:region`. */
  readonly regionId?: pulumi.Input<string>;
}

/** The two forms of `get`: with and without the region before the options. */
export function getArguments(stateOrOpts: GetState | Options | undefined, opts: Options | undefined) {
  const isState = stateOrOpts !== undefined && "regionId" in stateOrOpts;
  const state: GetState = isState ? stateOrOpts : {};
  return { state, opts: opts ?? (isState ? undefined : (stateOrOpts as Options | undefined)) };
}

/**
 * A promise and not an output: an output would make the resource depend on its parent, and so on every sibling in the
 * same component. Two of our resources in one component would deadlock.
 */
const urnOf = (kind: Kind, name: string, parent: pulumi.Resource | undefined): Promise<string> =>
  new Promise((resolve) => {
    pulumi.createUrn(name, typeToken(kind), parent).apply(resolve);
  });

/**
 * A resource that is cheap to construct. For every output, Pulumi records the stack trace of its creation, translated
 * by source maps, and only PULUMI_DEBUG_PROMISE_LEAKS shows them. With thirty outputs that takes most of a resource's
 * time in the program: 14 ms per image. So these traces are left empty, unless they are asked for. The place of a
 * resource's declaration is still recorded, because Pulumi reads that with a limit of its own.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    const limit = Error.stackTraceLimit;
    if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) Error.stackTraceLimit = 0;
    try {
      super(type, name, props, opts);
    } catch (error) {
      Error.stackTraceLimit = limit;
      if (error instanceof Error) Error.captureStackTrace(error, new.target);
      throw error;
    } finally {
      Error.stackTraceLimit = limit;
    }
  }
}
