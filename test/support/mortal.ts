import type { DynamicProvider } from "../../provider/hosts/dynamic/provider";
import type { Clock } from "../../provider/wait/clock";
import type { Importer } from "./fronts";

/**
 * Who was killed. A provider outlives its engine by milliseconds only, in which it does nothing more: so the engine
 * takes it along.
 */
export type Victim = "provider" | "engine";

/** What an engine hears from a provider that was killed. */
export class ProviderGone extends Error {
  constructor() {
    super("error reading from server: EOF");
  }
}

/** What nobody hears any more: the engine itself was killed. */
export class EngineGone extends Error {}

/**
 * The life of one provider process within the test's own: after its death it never wakes, and whatever waits for it
 * gets an error that it is gone.
 */
export interface Life {
  readonly killed: Victim | undefined;
  kill(victim: Victim): void;
  /** Its share of the time, which stops once it is dead. */
  clock(clock: Clock): Clock;
  /** Fails as soon as it is dead, whatever the work comes to. */
  within<T>(work: () => Promise<T>): Promise<T>;
  provider(provider: LabProvider): LabProvider;
}

/** Either host as the lab calls it. The native one can be asked to import. */
export type LabProvider = DynamicProvider & Partial<Importer>;

export function life(): Life {
  const end = new AbortController();
  let killed: Victim | undefined;
  const gone = () => (killed === "engine" ? new EngineGone() : new ProviderGone());
  const death = new Promise<never>((_, reject) =>
    end.signal.addEventListener("abort", () => reject(gone()), { once: true }),
  );
  death.catch(() => undefined);
  const within = <T>(work: () => Promise<T>): Promise<T> =>
    killed ? Promise.reject(gone()) : Promise.race([work(), death]);

  return {
    get killed() {
      return killed;
    },
    kill(victim) {
      killed ??= victim;
      end.abort();
    },
    clock: ({ now, sleep }) => ({
      now,
      async sleep(ms, signal) {
        await sleep(ms, signal ? AbortSignal.any([signal, end.signal]) : end.signal);
        if (killed) await new Promise(() => undefined);
      },
    }),
    within,
    provider: (provider) => ({
      configure: provider.configure,
      check: (...args) => within(() => provider.check(...args)),
      diff: (...args) => within(() => provider.diff(...args)),
      create: (...args) => within(() => provider.create(...args)),
      read: (...args) => within(() => provider.read(...args)),
      update: (...args) => within(() => provider.update(...args)),
      delete: (...args) => within(() => provider.delete(...args)),
      ...(provider.import && { import: (...args) => within(() => provider.import!(...args)) }),
    }),
  };
}
