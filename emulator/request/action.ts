import type { World } from "../world/world";
import type { Context } from "./emulation";
import type { Accepts, Parsed } from "./parameters";

/** An action of the API: what it accepts, as data, and what it does. */
export interface Action<A extends Accepts = Accepts> {
  readonly accepts: A;
  /**
   * The resources for which a policy must allow the action, according to its page, for example `image/m-1`. `*` if left
   * out.
   */
  resources?(params: Readonly<Record<string, string>>, context: Context): string[];
  /** The body of the answer, without its `RequestId`. Throws a refusal. */
  answer(world: World, request: Parsed<A>, context: Context): Record<string, unknown>;
}

/** Gives `answer` the types that `accepts` declares. */
export const action = <A extends Accepts>(it: Action<A>): Action<A> => it;

/** Whether an action of ECS or OSS changes nothing, judged by its name. */
export const isRead = (action: string): boolean => /^(Describe|List|Head|Get)/.test(action);
