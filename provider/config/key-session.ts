import type { Credentials, Keys } from "../ecs/credentials";
import type { Clock } from "../wait/clock";

export interface KeySession {
  readonly keys: Keys;
  readonly endsAtMs: number;
}

/** A session is renewed this long before it ends, so that no call runs with one that has ended. */
const AHEAD_MS = 5 * 60_000;

/**
 * Keys that expire and are renewed in time, once for all callers. `forget` also forgets what they were derived from.
 */
export function sessionKeys(
  fetch: () => Promise<KeySession>,
  clock: Clock,
  forget: () => void = () => undefined,
): Credentials {
  let session: KeySession | undefined;
  let underWay: Promise<Keys> | undefined;

  async function keysOfTheMoment(): Promise<Keys> {
    const held = session;
    if (held && clock.now() < held.endsAtMs - AHEAD_MS) return held.keys;
    try {
      session = await fetch();
      return session.keys;
    } catch (error) {
      // the keys are still valid; the next call tries again
      if (held && session === held && clock.now() < held.endsAtMs) return held.keys;
      throw error;
    }
  }

  return {
    get: () => (underWay ??= keysOfTheMoment().finally(() => (underWay = undefined))),
    renew() {
      session = undefined;
      forget();
    },
  };
}
