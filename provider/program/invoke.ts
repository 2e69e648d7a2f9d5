import * as pulumi from "@pulumi/pulumi";
import { settingsFrom } from "../config/settings";
import { messageOf } from "../failure";
import type { Session } from "../lifecycle/session";

/**
 * A look-up in the program. A dynamic provider has no functions, so the program itself asks the cloud, with the same
 * configuration as the resources. Under Pulumi's mocks the look-up goes to the mocks, like every provider function.
 */
export interface LookUp<Args, Result> {
  /** The last part of the token: `getImage`. */
  readonly name: string;
  run(args: Args, session: Session, isSecret: boolean): Promise<Result>;
}

const tokenOf = (name: string) => `alicloud-image:index:${name}`;

export async function invoke<Args extends object, Result>(
  lookUp: LookUp<Args, Result>,
  args: Args,
  opts: pulumi.InvokeOptions | undefined,
  isSecret = false,
): Promise<Result> {
  if (isMocked()) return pulumi.runtime.invoke(tokenOf(lookUp.name), { ...args }, opts) as Promise<Result>;
  if (opts?.provider)
    throw programError(
      `${lookUp.name}: the option provider has no effect. The look-up uses the stack's configuration ` +
        "(alicloud:region, ...); set regionId to search another region",
    );
  try {
    return await lookUp.run(args, session(), isSecret);
  } catch (error) {
    throw programError(messageOf(error));
  }
}

/**
 * The same for inputs. It waits for what they and `dependsOn` depend on. If one of those is not created yet, the result
 * is unknown.
 */
export function invokeOutput<Args extends object, Result>(
  lookUp: LookUp<Args, Result>,
  args: pulumi.Inputs,
  opts: pulumi.InvokeOutputOptions | undefined,
): pulumi.Output<Result> {
  if (isMocked()) return pulumi.runtime.invokeOutput(tokenOf(lookUp.name), args, opts) as pulumi.Output<Result>;
  const { dependsOn, ...rest } = opts ?? {};
  const known = pulumi.output(args) as pulumi.Output<Args>;
  const created = pulumi.output(dependenciesOf(known, dependsOn)).apply((ids) => pulumi.all(ids));
  return pulumi
    .all([known, created])
    .apply(async ([plain]) => invoke(lookUp, plain as Args, rest, await pulumi.isSecret(known)));
}

/**
 * An error that Pulumi prints as one sentence. It has no stack: Pulumi formats the stack of every error that ends a
 * program, and Node.js 20 needs twenty seconds for a frame in `node_modules/@pulumi/output.ts`, which every error in an
 * `apply` has.
 */
export function programError(sentence: string): Error {
  const error = new pulumi.RunError(sentence);
  error.stack = sentence;
  return error;
}

/** Whether a test has called `pulumi.runtime.setMocks`. */
function isMocked(): boolean {
  const monitor = pulumi.runtime.getMonitor();
  return monitor !== undefined && "mocks" in monitor;
}

interface PulumiDependencies {
  gatherExplicitDependencies(dependsOn: unknown): Promise<pulumi.Resource[]>;
  getAllTransitivelyReferencedResources(
    resources: ReadonlySet<pulumi.Resource>,
    exclude: ReadonlySet<pulumi.Resource>,
  ): Promise<pulumi.CustomResource[]>;
}

/**
 * The ids of the resources behind the arguments and the option, found in the same way as in Pulumi's own
 * `invokeOutput`.
 */
async function dependenciesOf(
  args: pulumi.Output<unknown>,
  dependsOn: pulumi.InvokeOutputOptions["dependsOn"],
): Promise<{ id: pulumi.Output<string> }[]> {
  const pulumiDependsOn = require("@pulumi/pulumi/runtime/dependsOn") as PulumiDependencies;
  const direct = await pulumiDependsOn.gatherExplicitDependencies([args.apply(() => []), dependsOn ?? []]);
  const all = await pulumiDependsOn.getAllTransitivelyReferencedResources(new Set(direct), new Set());
  return all.flatMap(({ id }) => (id === undefined ? [] : [{ id }])); // a remote component has no id
}

const programSettings = () => settingsFrom({ get: (key) => pulumi.runtime.getConfig(key) }, process.env);

/**
 * The region of resources without a `regionId`. Undefined if nothing names one, as in many tests with mocks, or if the
 * configuration is invalid, which the resources report.
 */
export function stackRegion(): string | undefined {
  try {
    return programSettings().regionId;
  } catch {
    return undefined;
  }
}

let latest: { readonly key: string; readonly session: Session } | undefined;

/**
 * Look-ups with the same configuration share a session, with its credentials and its rate limiter. With the Automation
 * API, programs of several stacks may run in one process, so another configuration gets another session. Loaded on
 * first use, because most programs have no look-ups.
 */
function session(): Session {
  const key = JSON.stringify(programSettings());
  if (latest?.key === key) return latest.session;
  const { Session } = require("../lifecycle/session") as typeof import("../lifecycle/session");
  const { noProgress } = require("../lifecycle/progress") as typeof import("../lifecycle/progress");
  const { systemClock } = require("../wait/clock") as typeof import("../wait/clock");
  const values = new Map(Object.entries(pulumi.runtime.allConfig()));
  const opened = new Session({ env: { ...process.env }, clock: systemClock, progress: noProgress });
  opened.configure((name) => values.get(name));
  latest = { key, session: opened };
  return opened;
}
