import type { DynamicProvider } from "../../provider/hosts/dynamic/provider";
import type { Clock } from "../../provider/wait/clock";
import type { Importer } from "./fronts";

/**
 * What was killed. After its engine is killed, a provider lives on for some milliseconds, in which it does nothing; so
 * the engine takes it along.
 */
export type Victim = "provider" | "engine";

/** The error that an engine gets from a provider that was killed. */
export class ProviderGone extends Error {
  constructor() {
    super("error reading from server: EOF");
  }
}

/** The error of the engine's own work after the engine was killed. Nobody handles it. */
export class EngineGone extends Error {}

/**
 * The life of one provider process, which is simulated within the test's own process. Once it is dead, its code never
 * resumes, and everything that waits for it gets a ProviderGone error.
 */
export interface Life {
  readonly killed: Victim | undefined;
  kill(victim: Victim): void;
  /** Its view of the clock, which stops when it dies. */
  clock(clock: Clock): Clock;
  /** Rejects as soon as it dies, however the work ends. */
  within<T>(work: () => Promise<T>): Promise<T>;
  provider(provider: LabProvider): LabProvider;
}

/** Either host, as the lab calls it. The native one also supports an import. */
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
