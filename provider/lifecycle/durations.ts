import { inWords } from "../wait/duration";

/** How long creations of this stack took, for the row of a wait. */
export interface Durations {
  note(urn: string, tookMs: number): void;
  /** What is known of the resource's last creation, or else of others of its type. */
  typical(urn: string): string | undefined;
}

export function durations(): Durations {
  const known = new Map<string, number>();
  const byType = new Map<string, { count: number; totalMs: number }>();
  return {
    note(urn, tookMs) {
      const { count, totalMs } = byType.get(typeOf(urn)) ?? { count: 0, totalMs: 0 };
      const before = known.get(urn);
      byType.set(typeOf(urn), {
        count: before === undefined ? count + 1 : count,
        totalMs: totalMs + tookMs - (before ?? 0),
      });
      known.set(urn, tookMs);
    },
    typical(urn) {
      const own = known.get(urn);
      if (own !== undefined) return `the last one took ${inWords(own)}`;
      const others = byType.get(typeOf(urn));
      if (others === undefined) return undefined;
      const average = inWords(others.totalMs / others.count);
      return others.count === 1 ? `another one took ${average}` : `others took ${average} on average`;
    },
  };
}

/** `CustomImage`, whichever provider the resource has. */
const typeOf = (urn: string): string => /[^:$]+$/.exec(urn.split("::")[2] ?? "")?.[0] ?? "";
