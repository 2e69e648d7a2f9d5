import { Failure } from "../failure";
import type { CheckFailure } from "../fields/check";
import { argsOfExisting } from "../fields/existing";
import { type Fields, keysOf, matches } from "../fields/fields";
import type { Context } from "./context";
import type { Existing, Lifecycle } from "./lifecycle";
import { type Props, plain } from "./record";
import type { Session } from "./session";

/**
 * Adoption of existing resources: by the option `import` or by `pulumi import`; `get` only reads. In both hosts, all of
 * them first read the resource and report every reason against the adoption before anything is written.
 */

/** An id as the user gives it. A region may precede it: `cn-beijing:m-bp1...`. */
export interface Place {
  readonly id: string;
  readonly regionId?: string;
}

/** Why a text is no id: it was read from a file with its line end, for example. */
export function wrongId(id: string): string | undefined {
  if (id === "") return "the id is empty";
  return /^\s|\s$|:$/.test(id)
    ? `${JSON.stringify(id)} is no id: it begins or ends with a blank or a colon`
    : undefined;
}

export function placeIn(given: string): Place {
  const [, regionId, id] = /^([a-z]{2}-[a-z0-9-]+):(?!\/\/)(.+)$/.exec(given) ?? [];
  return regionId && id ? { id, regionId } : { id: given };
}

/** An existing resource that is to be adopted. */
export interface Candidate<State> extends Existing<State> {
  /** All reasons against the adoption. If empty, it can be adopted. */
  readonly failures: readonly CheckFailure[];
}

/** Reads what is to be adopted, and writes nothing. Undefined if it does not exist. */
export async function candidateFor<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  { id: given, args }: { readonly id: string; readonly args: Partial<Args> },
  ctx: Context,
): Promise<Candidate<State> | undefined> {
  if (!life.findExisting) throw new Failure("Invalid", `a ${life.type} cannot be imported`);
  const existing = await life.findExisting(given, args, ctx);
  if (!existing) return undefined;
  const { id, state, refusal } = existing;
  const holder = life.adoptExisting ? session.stack.holderBeside(ctx.urn, id) : undefined;
  if (holder === undefined) session.stack.noteAdoption(ctx.urn, id);
  const because = holder === undefined ? refusal : `${id} belongs to the resource ${holder} of this program already`;
  const want = withRegion(life.fields, args, session);
  const differences = because === undefined ? differencesOf(life.fields, state, want) : [];
  const failures = because !== undefined ? [because] : differences.length > 0 ? [unlike(id, differences)] : [];
  return { ...existing, failures: failures.map((reason) => ({ property: "", reason })) };
}

/** The error for a resource that does not exist: it may be in another region. */
export function missing(type: string, id: string, regionId: string): string {
  const noun = type === "ImageExport" ? "export" : type === "ImageSharePermission" ? "sharing of image" : "image";
  return `there is no ${noun} ${id} in ${regionId}. If it is in another region, write <region>:${id}`;
}

const unlike = (id: string, differences: readonly string[]): string =>
  `${id} differs from the program: ${differences.join("; ")}. Change the program to agree, or remove the option ` +
  "import to create a new resource";

/** Without a region, the configured one. */
function withRegion<Args>(fields: Fields<Args>, args: Partial<Args>, session: Session): Partial<Args> {
  if (!("regionId" in fields)) return args;
  return { ...args, regionId: (args as Props)["regionId"] ?? session.defaultRegion() };
}

/** Differences in arguments whose change replaces. The cloud does not show some arguments; these cannot differ. */
function differencesOf<Args>(fields: Fields<Args>, have: Partial<Args>, want: Partial<Args>): string[] {
  const text = (value: unknown) => (value === undefined || value === "" ? "none" : JSON.stringify(value));
  const replacing = keysOf(fields).filter((key) => fields[key].change === "replace" && !fields[key].computed);
  return replacing
    .filter((key) => have[key] !== undefined && !matches(fields, have, want, key))
    .map((key) => `${key} is ${text(have[key])}, and the program has ${text(want[key])}`);
}

/** The arguments that would be updated in place. */
export const changesInPlace = <Args>(fields: Fields<Args>, have: Partial<Args>, want: Partial<Args>): string[] =>
  keysOf(fields).filter((key) => fields[key].change === "update" && !matches(fields, have, want, key));

/** The arguments of an existing resource in the form of a program. The region is among them if the id named it. */
export function inputsOf<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  state: State,
  { regionId }: Place,
  session: Session,
): Props {
  const inputs = plain(argsOfExisting(life.fields, state, session.defaultRegion()));
  return regionId === undefined ? inputs : { ...inputs, regionId };
}
