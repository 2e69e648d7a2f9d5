import type { CheckFailure, WholeRule } from "../plan/check";
import type { Fields } from "../plan/fields";
import type { Cloud } from "./cloud";

/** How far a thing has come, by what is recorded of it. */
export type Stage = "ready" | "unfinished" | "hopeless";

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
  readonly kind: string;
  readonly fields: Fields<Args>;
  readonly wholeRules: readonly WholeRule<Args>[];
  /** How long creating, updating and deleting may take when `customTimeouts` does not say. Deleting may have to wait for what is still being made. */
  readonly timeoutMs: number;
  /** Names the thing in error texts: `image "golden" from instance i-123`. */
  subject(args: Partial<Args>): string;
  /** What an interrupted run of this very resource made and never handed over; undefined when there is nothing, or nothing certain. */
  recover(args: Args, cloud: Cloud): Promise<string | undefined>;
  /** Another one that was made for the same creation, and is the older of the two: it stays, and the one just made goes. */
  twin?(id: string, args: Args, cloud: Cloud): Promise<string | undefined>;
  /** What is known of it from its id alone, to be recorded if it cannot be waited for to the end. */
  begun(id: string): Partial<State>;
  /** Sends the one request that brings it into being, and names it. Never waits for the result. */
  start(args: Args, cloud: Cloud): Promise<Started<State>>;
  /** Waits until what was started is ready, and says how it stands in the cloud. Repeatable. `have` is what holds as far as is known. */
  settle(id: string, args: Args, have: Partial<State>, cloud: Cloud): Promise<State>;
  /** Changes it where it stands; `changed` are fields that cost `amend`. Each part may be repeated. Returns the outputs that change along with them. */
  amend(
    id: string,
    have: State,
    want: Args,
    changed: readonly (keyof Args & string)[],
    cloud: Cloud,
  ): Promise<Partial<State>>;
  /** Writes on it that it belongs to the resource by its present URN, which has changed: a rename with an alias. */
  claim?(id: string, args: Args, cloud: Cloud): Promise<void>;
  /** How it stands in the cloud; undefined when it is gone. `have` is what was recorded, and may be empty. */
  find(id: string, have: Partial<State>, cloud: Cloud): Promise<State | undefined>;
  /** Removes it and what its own creation made. Quiet when it is gone already. */
  remove(id: string, have: Partial<State>, cloud: Cloud): Promise<void>;
  /** What the recorded state says of its progress. Pure. */
  stage(have: Partial<State>): Stage;
  /** How it stands, as the last word on the resource's row. Pure. */
  standing(have: State): string;
  /**
   * What only a look at the cloud can tell of the arguments, taken during the check so that it counts in a preview: values of fields
   * that are `noted`, and what is wrong. Undefined when these arguments need no look.
   */
  inspect?(
    args: Partial<Args>,
  ): ((cloud: Cloud) => Promise<{ noted: Partial<Args>; failures: CheckFailure[] }>) | undefined;
}
