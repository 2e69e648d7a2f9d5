import { inWords } from "../wait/duration";
import { urnParts } from "./ownership";

/** How long creations in this stack took, for the row of a wait. */
export class Durations {
  private readonly byUrn = new Map<string, number>();
  private readonly byType = new Map<string, { readonly count: number; readonly totalMs: number }>();

  /** Records how long creating this resource took, in this run or in an earlier one. */
  note(urn: string, tookMs: number): void {
    const { count, totalMs } = this.byType.get(typeOf(urn)) ?? { count: 0, totalMs: 0 };
    const before = this.byUrn.get(urn);
    this.byType.set(typeOf(urn), {
      count: before === undefined ? count + 1 : count,
      totalMs: totalMs + tookMs - (before ?? 0),
    });
    this.byUrn.set(urn, tookMs);
  }

  /** What is known about the resource's last creation, or else about others of its type. */
  typical(urn: string): string | undefined {
    const own = this.byUrn.get(urn);
    if (own !== undefined) return `the last one took ${inWords(own)}`;
    const others = this.byType.get(typeOf(urn));
    if (others === undefined) return undefined;
    const average = inWords(others.totalMs / others.count);
    return others.count === 1 ? `another one took ${average}` : `others took ${average} on average`;
  }
}

/** `CustomImage`, in either provider. */
const typeOf = (urn: string): string => /[^:$]+$/.exec(urnParts(urn).types)?.[0] ?? "";
