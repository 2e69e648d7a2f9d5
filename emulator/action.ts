import type { Context, Permission } from "./emulation";
import type { Accepts, Parsed } from "./parameters";
import type { World } from "./world";

/** One action of the API: what it accepts, as data, and what it does. */
export interface Action<A extends Accepts = Accepts> {
  readonly accepts: A;
  /** What a policy must allow; without it `ecs:<Action>` on everything in the region. */
  permissions?(request: Parsed<A>, context: Pick<Context, "accountId" | "regionId">): Permission[];
  /** The body of the answer, without its `RequestId`. Throws a refusal. */
  answer(world: World, request: Parsed<A>, context: Context): Record<string, unknown>;
}

/** Gives `answer` the types that `accepts` declares. */
export const action = <A extends Accepts>(it: Action<A>): Action<A> => it;
