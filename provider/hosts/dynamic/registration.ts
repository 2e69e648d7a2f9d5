import * as pulumi from "@pulumi/pulumi";
import { providerText } from "./provider-text";

/**
 * The border to Pulumi's dynamic-provider protocol, seen from the program.
 *
 * `pulumi.dynamic.Resource` would serialise the provider's code into the state of every resource: some 2,000 characters, a quarter
 * of a second in each program, and a state that goes on running the code it was made with. What that class does besides is to set
 * the type token and the property `__provider`, so that is all that happens here, with a text that is the same from release to
 * release.
 */
export interface Kind {
  /** The last part of the type token. */
  readonly type: string;
  /** The name under which the provider process finds it. */
  readonly entry: string;
  /** Properties that are outputs only; Pulumi wants to be told of them. */
  readonly outputs: readonly string[];
}

export const typeToken = (kind: Kind) => `pulumi-nodejs:dynamic/alicloud-image:${kind.type}`;

/** What the engine is given: the arguments, and the two things that the protocol does not pass on, the URN and the timeouts. */
export function properties(
  kind: Kind,
  name: string,
  args: object | undefined,
  opts: pulumi.CustomResourceOptions | undefined,
): pulumi.Inputs {
  const outputs = Object.fromEntries(kind.outputs.map((output) => [output, undefined]));
  const provider = { __provider: providerText(kind.entry) };
  if (opts?.id !== undefined) return { ...outputs, ...provider }; // `get` only looks
  const { create, update, delete: remove } = opts?.customTimeouts ?? {};
  const timeouts = Object.entries({ create, update, delete: remove }).filter(([, told]) => told !== undefined);
  return {
    ...outputs,
    ...args,
    ...provider,
    __urn: urnOf(kind, name, opts?.parent),
    ...(timeouts.length > 0 && { __timeouts: Object.fromEntries(timeouts) }),
  };
}

/**
 * A promise, since an output would make the resource depend on its parent, and so on every sibling in the same component: two of
 * ours in one component would wait for each other for ever.
 */
const urnOf = (kind: Kind, name: string, parent: pulumi.Resource | undefined): Promise<string> =>
  new Promise((resolve) => {
    pulumi.createUrn(name, typeToken(kind), parent).apply(resolve);
  });
