import { inWords } from "../wait/duration";

/** How long creations of this stack took, for the row of a wait. */
export interface Durations {
  note(urn: string, tookMs: number): void;
  /** What is known of the resource's last creation, or else of others of its type. */
  typical(urn: string): string | undefined;
}

export function durations(): Durations {
  const known = new Map<string, number>();
  return {
    note: (urn, tookMs) => void known.set(urn, tookMs),
    typical(urn) {
      const own = known.get(urn);
      if (own !== undefined) return `the last one took ${inWords(own)}`;
      const others = [...known].filter(([other]) => typeOf(other) === typeOf(urn)).map(([, tookMs]) => tookMs);
      if (others.length === 0) return undefined;
      const average = inWords(others.reduce((sum, ms) => sum + ms, 0) / others.length);
      return others.length === 1 ? `another one took ${average}` : `others took ${average} on average`;
    },
  };
}

/** `CustomImage`, whichever provider the resource has. */
const typeOf = (urn: string): string => /[^:$]+$/.exec(urn.split("::")[2] ?? "")?.[0] ?? "";
