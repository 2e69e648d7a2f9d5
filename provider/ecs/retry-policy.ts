import type { Clock } from "../wait/clock";
import type { Reaction } from "./codes";

/** How long to wait before a failed call is sent again. Each call has its own policy, which counts its failures. */
export interface RetryPolicy {
  /**
   * Undefined if the call is not sent again. `harmless`: sending it again cannot do anything twice. `reached`: this
   * client has reached the server before.
   */
  pauseAfter(reaction: Reaction | undefined, harmless: boolean, reached: boolean): number | undefined;
}

/** How long a call without an answer is repeated. After that, the next run finds out whether it took effect. */
const UNCLEAR_FOR_MS = 2 * 60_000;
/** A server that was never reached is more likely a wrong endpoint than one that recovers. */
const UNREACHED_FOR_MS = 10_000;
/** A role that the same run created takes effect within a minute or two. */
const ROLE_FOR_MS = 3 * 60_000;
const UNCLEAR = { firstMs: 500, factor: 2, mostMs: 20_000 };
const LATER = { firstMs: 5_000, factor: 1.5, mostMs: 30_000 };

export function retryPolicyUntil(deadlineMs: number, clock: Clock, chance: () => number = Math.random): RetryPolicy {
  let previous: Reaction | undefined;
  let times = 0;
  let sinceMs = 0;

  const growing = ({ firstMs, factor, mostMs }: typeof LATER) =>
    Math.min(mostMs, firstMs * factor ** times) * (0.5 + chance() / 2);
  const within = (limitMs: number, pauseMs: number) =>
    clock.now() + pauseMs - sinceMs <= limitMs ? pauseMs : undefined;

  function pause(reaction: Reaction | undefined, harmless: boolean, reached: boolean): number | undefined {
    switch (reaction) {
      case "throttled":
        return 0; // the rate limiter decides how long
      case "retryLater":
        return growing(LATER);
      case "roleMissing":
        return within(ROLE_FOR_MS, growing(LATER));
      case "repeat":
        return harmless ? within(reached ? UNCLEAR_FOR_MS : UNREACHED_FOR_MS, growing(UNCLEAR)) : undefined;
      case "renew":
        return times === 0 ? 0 : undefined; // the renewed keys have expired as well
      default:
        return undefined;
    }
  }

  return {
    pauseAfter(reaction, harmless, reached) {
      if (reaction !== previous) {
        previous = reaction;
        times = 0;
        sinceMs = clock.now();
      }
      const pauseMs = pause(reaction, harmless, reached);
      times += 1;
      return pauseMs !== undefined && clock.now() + pauseMs < deadlineMs ? pauseMs : undefined;
    },
  };
}
