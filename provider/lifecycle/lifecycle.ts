import type { ArgsRule, CheckFailure } from "../fields/check";
import type { Fields } from "../fields/fields";
import type { Context } from "./context";

/** How far a resource has come, by what the state records of it. */
export type Phase = "ready" | "unfinished" | "failed";

export interface Started<State> {
  readonly id: string;
  /** What the answer said besides the id. */
  readonly known?: Partial<State>;
  /** Undoes what was done to make room for it, in case it fails after all. */
  undo?(): Promise<void>;
}

/**
 * One type of resource: its fields are its contract, its methods are all that it does to the cloud. The runner decides,
 * for every type alike, in which order they are called and what follows from each outcome.
 *
 * `start` and `waitUntilReady` are two methods so that the id is known before anything can go wrong: `start` sends the
 * one request that creates the resource and never waits; `waitUntilReady` waits and can be repeated.
 */
export interface Lifecycle<Args extends object, State extends Args> {
  /** The last part of the type token. */
  readonly type: string;
  readonly fields: Fields<Args>;
  readonly argsRules: readonly ArgsRule<Args>[];
  /** How long creating, updating and deleting may take unless `customTimeouts` says otherwise. */
  readonly defaultTimeoutMs: number;
  /** Names the resource in error texts: `image "golden" from instance i-123`. */
  describe(args: Partial<Args>): string;
  /** What an interrupted run of this resource created and the engine never recorded; undefined unless it is certain. */
  findLeftover(args: Args, ctx: Context): Promise<string | undefined>;
  /** An older one that was created for the same creation. It is kept, and the one just made is discarded. */
  findDuplicate?(id: string, args: Args, ctx: Context): Promise<string | undefined>;
  /** Undoes what an interrupted run did to make room for its creation, which has failed. */
  undoRoom?(args: Args, ctx: Context): Promise<void>;
  /** What is known from the id alone; recorded if the wait cannot be carried to its end. */
  initialState(id: string): Partial<State>;
  /** Sends the one request that creates the resource. Never waits for the result. */
  start(args: Args, ctx: Context): Promise<Started<State>>;
  /** Waits until the resource is ready, and reads it. Repeatable. `have` is what holds as far as is known. */
  waitUntilReady(id: string, args: Args, have: Partial<State>, ctx: Context): Promise<State>;
  /** Updates fields in place. Each part is repeatable. Returns the outputs that change with them. */
  updateInPlace(id: string, change: Change<Args, State>, ctx: Context): Promise<Partial<State>>;
  /** What may hold while an update is under way, so that a later delete removes it. Default: what held before. */
  duringUpdate?(have: State, want: Args): Partial<State>;
  /** Writes the present URN on the resource, after a rename with an alias. */
  claim?(id: string, args: Args, ctx: Context): Promise<void>;
  /** Reads the resource; undefined when it is gone. `have` is what was recorded, and may be empty. */
  read(id: string, have: Partial<State>, ctx: Context): Promise<State | undefined>;
  /**
   * Why the record that asks to delete no longer owns the resource: a later creation, or another stack, has it.
   * Undefined when it does.
   */
  lostTo?(id: string, creationId: string, have: Partial<State>, ctx: Context): Promise<string | undefined>;
  /** Removes the resource, and what is to be deleted with it by `have`. Succeeds when it is gone already. */
  remove(id: string, have: Partial<State>, ctx: Context): Promise<void>;
  /** Removes everything that this creation made, after it failed or turned out to be a duplicate. Default: `remove`. */
  discard?(id: string, have: Partial<State>, ctx: Context): Promise<void>;
  phase(have: Partial<State>): Phase;
  /** The last line on the resource's row. */
  summary(have: State): string;
  /**
   * Reads from the cloud what a check needs: values of the fields that are `computed`, and what is wrong. Undefined
   * when these arguments need no call.
   */
  inspect?(args: Partial<Args>): ((ctx: Context) => Promise<Inspection<Args>>) | undefined;
  /** Asks the cloud at a preview whether it would refuse the creation. */
  dryRun?(args: Args, ctx: Context): Promise<readonly CheckFailure[]>;
  /** Finds what is to be adopted or only read, and reads it. Undefined when there is none. Writes nothing. */
  findExisting?(given: string, args: Partial<Args>, ctx: Context): Promise<Existing<State> | undefined>;
  /** Outputs that repeat values of arguments, by name: they are secret where one of these arguments is. */
  readonly reveals?: Readonly<Record<string, readonly (keyof Args & string)[]>>;
  /**
   * Writes this resource's marks on what it adopts, which then belongs to it alone. Repeatable. Left out: several
   * resources can have it.
   */
  adoptExisting?(id: string, args: Args, ctx: Context): Promise<void>;
}

/** An update in place: what is recorded, what is wanted, and the fields that differ. */
export interface Change<Args, State> {
  readonly have: State;
  readonly want: Args;
  readonly changed: readonly (keyof Args & string)[];
}

/** Something that exists, as the cloud has it. */
export interface Existing<State> {
  readonly id: string;
  /** What its arguments are compared by. What the cloud does not show is left out. */
  readonly state: State;
  /** What `waitUntilReady` has to know of it besides the arguments. */
  readonly known?: Partial<State>;
  /** Why it must not be adopted, although it can be read. */
  readonly refusal?: string | undefined;
}

export interface Inspection<Args> {
  readonly computed: Partial<Args>;
  readonly failures: CheckFailure[];
}
