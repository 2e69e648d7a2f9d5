import type { Clock } from "../wait/clock";
import type { Reaction } from "./codes";

/** How long to leave a failed call alone before it is sent again. One for each call, since it remembers how often it failed. */
export interface RetryPolicy {
  /** Undefined: it is not to be sent again. `harmless`: sending it again does nothing twice. `met`: this client has reached the server before. */
  pauseAfter(reaction: Reaction | undefined, harmless: boolean, met: boolean): number | undefined;
}

/** For how long a call is repeated of which nothing is heard; after that the next run finds out what became of it. */
const UNCLEAR_FOR_MS = 2 * 60_000;
/** A server that was never reached is more likely a wrong endpoint than one that comes back. */
const UNMET_FOR_MS = 10_000;
const UNCLEAR = { firstMs: 500, factor: 2, mostMs: 20_000 };
const LATER = { firstMs: 5_000, factor: 1.5, mostMs: 30_000 };

export function retryPolicyUntil(deadlineMs: number, clock: Clock, chance: () => number = Math.random): RetryPolicy {
  let previous: Reaction | undefined;
  let times = 0;
  let sinceMs = 0;

  const growing = ({ firstMs, factor, mostMs }: typeof LATER) =>
    Math.min(mostMs, firstMs * factor ** times) * (0.5 + chance() / 2);

  function pause(reaction: Reaction | undefined, harmless: boolean, met: boolean): number | undefined {
    switch (reaction) {
      case "throttled":
        return 0; // the gate knows how long
      case "later":
        return growing(LATER);
      case "repeat": {
        const pauseMs = growing(UNCLEAR);
        return harmless && clock.now() + pauseMs - sinceMs <= (met ? UNCLEAR_FOR_MS : UNMET_FOR_MS)
          ? pauseMs
          : undefined;
      }
      case "renew":
        return times === 0 ? 0 : undefined; // twice running: the new ones are no better
      default:
        return undefined;
    }
  }

  return {
    pauseAfter(reaction, harmless, met) {
      if (reaction !== previous) {
        previous = reaction;
        times = 0;
        sinceMs = clock.now();
      }
      const pauseMs = pause(reaction, harmless, met);
      times += 1;
      return pauseMs !== undefined && clock.now() + pauseMs < deadlineMs ? pauseMs : undefined;
    },
  };
}
