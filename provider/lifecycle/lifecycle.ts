import type { ArgsRule, CheckFailure } from "../fields/check";
import type { Fields } from "../fields/fields";
import type { Context } from "./session";

/** How far a thing has come, by what is recorded of it. */
export type Phase = "ready" | "unfinished" | "failed";

export interface Started<State> {
  readonly id: string;
  /** What the answer told besides the id. */
  readonly known?: Partial<State>;
  /** Takes back what was done to make room for it, should it fail after all. */
  undo?(): Promise<void>;
}

/**
 * One kind of resource: its fields are the whole of its contract, the verbs are all it ever does to the cloud.
 *
 * `start` and `settle` are two functions so that the id is known before anything can go wrong: `start` sends the one request
 * that brings the thing into being and cannot wait, `settle` waits and may be repeated. What follows from each outcome is
 * decided once, for every kind, in `dynamic.ts`.
 */
export interface Lifecycle<Args extends object, State extends Args> {
  /** The last part of the type token. */
  readonly type: string;
  readonly fields: Fields<Args>;
  readonly argsRules: readonly ArgsRule<Args>[];
  /** How long creating, updating and deleting may take when `customTimeouts` does not say. Deleting may have to wait for what is still being made. */
  readonly defaultTimeoutMs: number;
  /** Names the thing in error texts: `image "golden" from instance i-123`. */
  describe(args: Partial<Args>): string;
  /** What an interrupted run of this very resource made and never handed over; undefined when there is nothing, or nothing certain. */
  findLeftover(args: Args, ctx: Context): Promise<string | undefined>;
  /** Another one that was made for the same creation, and is the older of the two: it stays, and the one just made goes. */
  findDuplicate?(id: string, args: Args, ctx: Context): Promise<string | undefined>;
  /** What is known of it from its id alone, to be recorded if it cannot be waited for to the end. */
  initialState(id: string): Partial<State>;
  /** Sends the one request that brings it into being, and names it. Never waits for the result. */
  start(args: Args, ctx: Context): Promise<Started<State>>;
  /** Waits until what was started is ready, and says how it stands in the cloud. Repeatable. `have` is what holds as far as is known. */
  waitUntilReady(id: string, args: Args, have: Partial<State>, ctx: Context): Promise<State>;
  /** Changes it where it stands; `changed` are fields that cost `update`. Each part may be repeated. Returns the outputs that change along with them. */
  updateInPlace(
    id: string,
    have: State,
    want: Args,
    changed: readonly (keyof Args & string)[],
    ctx: Context,
  ): Promise<Partial<State>>;
  /** Writes on it that it belongs to the resource by its present URN, which has changed: a rename with an alias. */
  claim?(id: string, args: Args, ctx: Context): Promise<void>;
  /** How it stands in the cloud; undefined when it is gone. `have` is what was recorded, and may be empty. */
  read(id: string, have: Partial<State>, ctx: Context): Promise<State | undefined>;
  /** Removes it and what its own creation made. Quiet when it is gone already. */
  remove(id: string, have: Partial<State>, ctx: Context): Promise<void>;
  /** What the recorded state says of its progress. Pure. */
  phase(have: Partial<State>): Phase;
  /** How it stands, as the last word on the resource's row. Pure. */
  summary(have: State): string;
  /**
   * What only a look at the cloud can tell of the arguments, taken during the check so that it counts in a preview: values of fields
   * that are `noted`, and what is wrong. Undefined when these arguments need no look.
   */
  inspect?(
    args: Partial<Args>,
  ): ((ctx: Context) => Promise<{ noted: Partial<Args>; failures: CheckFailure[] }>) | undefined;
}
