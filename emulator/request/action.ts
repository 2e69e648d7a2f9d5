import type { World } from "../world/world";
import type { Context } from "./emulation";
import type { Accepts, Parsed } from "./parameters";

/** One action of the API: what it accepts, as data, and what it does. */
export interface Action<A extends Accepts = Accepts> {
  readonly accepts: A;
  /** What a policy must allow it on, as the page says, for example `image/m-1`; without it `*`. */
  resources?(params: Readonly<Record<string, string>>, context: Context): string[];
  /** The body of the answer, without its `RequestId`. Throws a refusal. */
  answer(world: World, request: Parsed<A>, context: Context): Record<string, unknown>;
}

/** Gives `answer` the types that `accepts` declares. */
export const action = <A extends Accepts>(it: Action<A>): Action<A> => it;

/** Whether a call of ECS or OSS changes nothing, by the name of its action. */
export const isRead = (action: string): boolean => /^(Describe|List|Head|Get)/.test(action);
