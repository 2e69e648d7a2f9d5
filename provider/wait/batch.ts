// Combines questions about single resources into few queries.

import { onAbort } from "./abort";
import type { Clock } from "./clock";
import type { Observed } from "./observe";

/**
 * A call to the cloud for at most `QUERY_SIZE` ids. An id that is missing in the answer may be gone, or not visible
 * yet. `delayed` is called with the reason if the answer takes longer than expected.
 */
export type Query<Row> = (
  ids: readonly string[],
  delayed: (reason: string) => void,
) => Promise<ReadonlyMap<string, NonNullable<Observed<Row>>>>;

/** Fills up a query with more ids, and receives their rows. */
export interface Piggyback<Row> {
  idsBeside(ids: readonly string[], room: number): readonly string[];
  observe(id: string, seen: NonNullable<Observed<Row>>): void;
  /** Called if a query with this id takes longer than expected. */
  delayed(id: string, reason: string): void;
}

export const QUERY_SIZE = 100;
/** A query is sent when no further question has arrived for this long. */
const GATHER_MS = 5;
/** A query is sent at the latest after this long. */
const GATHER_MOST_MS = 40;

interface Question<Row> {
  readonly certain: boolean;
  resolve(seen: Observed<Row>): void;
  reject(error: unknown): void;
}

/** Answers questions about single resources with as few queries as possible. */
export class Batch<Row> {
  private readonly asked = new Map<string, Set<Question<Row>>>();
  private readonly underWay = new Map<string, Promise<void>>();
  private questions = 0;
  private gathering = false;

  constructor(
    private readonly query: Query<Row>,
    private readonly clock: Clock,
    private readonly piggyback: Piggyback<Row>,
  ) {}

  /**
   * The current row; undefined if it is not listed, or if the signal is aborted first. With `certain`, another query
   * for this id alone confirms an absence, because lists have gaps. Only older versions of the API page promise that an
   * answer to many ids lists them all.
   */
  ask(id: string, certain: boolean, signal?: AbortSignal): Promise<Observed<Row>> {
    let forget = () => {};
    const answer = new Promise<Observed<Row>>((resolve, reject) => {
      const question = { certain, resolve, reject };
      this.asked.set(id, (this.asked.get(id) ?? new Set()).add(question));
      this.questions++;
      forget = onAbort(signal, () => {
        this.withdraw(id, question);
        resolve(undefined);
      });
      if (!this.gathering) void this.gather();
    });
    return answer.finally(forget);
  }

  /** Resolves at the end of the running query that includes the id. */
  inFlight(id: string): Promise<void> | undefined {
    return this.underWay.get(id);
  }

  private withdraw(id: string, question: Question<Row>): void {
    const own = this.asked.get(id);
    own?.delete(question);
    if (own?.size === 0) this.asked.delete(id);
  }

  private async gather(): Promise<void> {
    this.gathering = true;
    const { asked, clock } = this;
    const untilMs = clock.now() + GATHER_MOST_MS;
    for (let before = 0; before !== this.questions && asked.size < QUERY_SIZE && clock.now() < untilMs; ) {
      before = this.questions;
      await clock.sleep(GATHER_MS);
    }
    this.gathering = false;
    const ids = [...asked.keys()];
    for (let from = 0; from < ids.length; from += QUERY_SIZE)
      void this.answer(this.drain(ids.slice(from, from + QUERY_SIZE)));
  }

  private drain(ids: readonly string[]): Map<string, Set<Question<Row>>> {
    const drained = new Map(ids.map((id) => [id, this.asked.get(id)!]));
    for (const id of ids) this.asked.delete(id);
    return drained;
  }

  private async answer(own: ReadonlyMap<string, ReadonlySet<Question<Row>>>): Promise<void> {
    const { piggyback } = this;
    const ids = [...own.keys()];
    const beside = piggyback.idsBeside(ids, QUERY_SIZE - ids.length);
    const all = [...ids, ...beside];
    const release = this.track(all);
    try {
      const rows = await this.query(all, (reason) => all.forEach((id) => piggyback.delayed(id, reason)));
      for (const id of beside) if (rows.has(id)) piggyback.observe(id, rows.get(id)!);
      release();
      await Promise.all(ids.map(async (id) => resolveAll(own.get(id)!, await this.confirmed(id, rows, own.get(id)!))));
    } catch (error) {
      for (const { reject } of [...own.values()].flatMap((asking) => [...asking])) reject(error);
    } finally {
      release();
    }
  }

  private async confirmed(
    id: string,
    rows: Awaited<ReturnType<Query<Row>>>,
    asking: ReadonlySet<Question<Row>>,
  ): Promise<Observed<Row>> {
    const doubtful = !rows.has(id) && [...asking].some(({ certain }) => certain);
    const answer = doubtful ? await this.query([id], (reason) => this.piggyback.delayed(id, reason)) : rows;
    return answer.get(id);
  }

  /** Notes that a query for these ids is running. Returns the function to call when it has ended. */
  private track(ids: readonly string[]): () => void {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    for (const id of ids) this.underWay.set(id, ended);
    return () => {
      for (const id of ids) if (this.underWay.get(id) === ended) this.underWay.delete(id);
      end();
    };
  }
}

function resolveAll<Row>(asking: ReadonlySet<Question<Row>>, seen: Observed<Row>): void {
  for (const { resolve } of asking) resolve(seen);
}
