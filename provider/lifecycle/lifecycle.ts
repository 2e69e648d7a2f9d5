import type { ArgsRule, CheckFailure } from "../fields/check";
import type { Fields } from "../fields/fields";
import type { Context } from "./context";

/** The phase of a resource according to its state. */
export type Phase = "ready" | "unfinished" | "failed";

export interface Started<State> {
  readonly id: string;
  /** What the answer contained besides the id. */
  readonly known?: Partial<State>;
  /** Undoes what was done to make room for it. Called if it fails after all. */
  undo?(): Promise<void>;
}

/**
 * One type of resource. Its fields are its contract; its methods do everything that it does to the cloud. The runner
 * decides, for all types alike, in which order they are called and what follows from each outcome.
 *
 * `start` and `waitUntilReady` are two methods, so that the id is known before anything can go wrong: `start` sends the
 * one request that creates the resource and never waits; `waitUntilReady` waits and can be repeated.
 */
export interface Lifecycle<Args extends object, State extends Args> {
  /** The last part of the type token. */
  readonly type: string;
  readonly fields: Fields<Args>;
  readonly argsRules: readonly ArgsRule<Args>[];
  /** The time limit of creating, updating and deleting, unless `customTimeouts` sets another. */
  readonly defaultTimeoutMs: number;
  /** The resource in error messages: `image "golden" from instance i-123`. */
  describe(args: Partial<Args>): string;
  /**
   * What an interrupted run of this resource created and the engine never recorded. Undefined unless that is certain.
   */
  findLeftover(args: Args, ctx: Context): Promise<string | undefined>;
  /** An older resource of the same creation. It is kept, and the new one is discarded. */
  findDuplicate?(id: string, args: Args, ctx: Context): Promise<string | undefined>;
  /** Undoes what an interrupted run did to make room for its creation, which has failed. */
  undoRoom?(args: Args, ctx: Context): Promise<void>;
  /** What is known from the id alone. It is recorded if the wait does not come to its end. */
  initialState(id: string): Partial<State>;
  /** Sends the one request that creates the resource. Never waits for the result. */
  start(args: Args, ctx: Context): Promise<Started<State>>;
  /** Waits until the resource is ready, and reads it. Repeatable. `have` is what is known already. */
  waitUntilReady(id: string, args: Args, have: Partial<State>, ctx: Context): Promise<State>;
  /** Updates fields in place. Each part is repeatable. Returns the outputs that change. */
  updateInPlace(id: string, change: Change<Args, State>, ctx: Context): Promise<Partial<State>>;
  /** What may be true during an update, so that a later delete removes it. Default: the state before. */
  duringUpdate?(have: State, want: Args): Partial<State>;
  /** Writes the current URN on the resource, after a rename with an alias. */
  claim?(id: string, args: Args, ctx: Context): Promise<void>;
  /** Reads the resource; undefined if it is gone. `have` is the record, which may be empty. */
  read(id: string, have: Partial<State>, ctx: Context): Promise<State | undefined>;
  /**
   * Why the record that asks for a delete no longer owns the resource: a later creation or another stack does.
   * Undefined if it still owns it.
   */
  lostTo?(id: string, creationId: string, have: Partial<State>, ctx: Context): Promise<string | undefined>;
  /** Removes the resource, and what `have` says to delete with it. Succeeds if it is gone already. */
  remove(id: string, have: Partial<State>, ctx: Context): Promise<void>;
  /** Removes everything that this creation made, after it failed or turned out to be a duplicate. Default: `remove`. */
  discard?(id: string, have: Partial<State>, ctx: Context): Promise<void>;
  phase(have: Partial<State>): Phase;
  /** The last line on the resource's row. */
  summary(have: State): string;
  /**
   * Reads from the cloud what a check needs: the values of `computed` fields, and what is wrong. Undefined if these
   * arguments need no call.
   */
  inspect?(args: Partial<Args>): ((ctx: Context) => Promise<Inspection<Args>>) | undefined;
  /** In a preview, asks the cloud whether it would refuse the creation. */
  dryRun?(args: Args, ctx: Context): Promise<readonly CheckFailure[]>;
  /** Finds and reads a resource to adopt or to read only. Undefined if there is none. Writes nothing. */
  findExisting?(given: string, args: Partial<Args>, ctx: Context): Promise<Existing<State> | undefined>;
  /** Outputs that repeat values of arguments. An output is secret if one of its arguments is. */
  readonly reveals?: Readonly<Record<string, readonly (keyof Args & string)[]>>;
  /**
   * Writes this resource's tags on what it adopts, which then belongs to it alone. Repeatable. Left out if several
   * resources can share it.
   */
  adoptExisting?(id: string, args: Args, ctx: Context): Promise<void>;
}

/** An update in place: the recorded state, the wanted arguments, and the fields that differ. */
export interface Change<Args, State> {
  readonly have: State;
  readonly want: Args;
  readonly changed: readonly (keyof Args & string)[];
}

/** An existing resource, as read from the cloud. */
export interface Existing<State> {
  readonly id: string;
  /** The state that its arguments are compared with. What the cloud does not show is left out. */
  readonly state: State;
  /** What `waitUntilReady` needs to know about it besides the arguments. */
  readonly known?: Partial<State>;
  /** Why it must not be adopted, although it can be read. */
  readonly refusal?: string | undefined;
}

export interface Inspection<Args> {
  readonly computed: Partial<Args>;
  readonly failures: CheckFailure[];
}
