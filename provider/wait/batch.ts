import { onAbort } from "./abort";
import type { Clock } from "./clock";
import type { Observed } from "./observe";

/**
 * One call to the cloud for at most `QUERY_SIZE` ids. Whatever is not in the answer may be gone, or not visible yet.
 * `delayed` is called with the reason whenever the answer takes longer than it should.
 */
export type Query<Row> = (
  ids: readonly string[],
  delayed: (reason: string) => void,
) => Promise<ReadonlyMap<string, NonNullable<Observed<Row>>>>;

/** Questions about single things, answered by as few queries as possible. */
export interface Batch<Row> {
  /**
   * Its present row; undefined when it is not listed. `certain`: absence is confirmed by one more query, for it
   * alone, since lists have gaps, and only older versions of the API page promise that an answer to many ids lists them
   * all. Undefined, too, when the signal is aborted first.
   */
  ask(id: string, certain: boolean, signal?: AbortSignal): Promise<Observed<Row>>;
  /** The end of the query under way that includes the id. */
  inFlight(id: string): Promise<void> | undefined;
}

/** Ids that a query has room for, and what to do with the rows that it finds of them. */
export interface Piggyback<Row> {
  idsBeside(ids: readonly string[], room: number): readonly string[];
  observe(id: string, seen: NonNullable<Observed<Row>>): void;
  /** A query that includes the id takes longer than it should. */
  delayed(id: string, reason: string): void;
}

export const QUERY_SIZE = 100;
/** Questions are gathered until none has come for this long, */
const GATHER_MS = 5;
/** but no longer than this. */
const GATHER_MOST_MS = 40;

interface Question<Row> {
  readonly certain: boolean;
  resolve(seen: Observed<Row>): void;
  reject(error: unknown): void;
}

export function batchOf<Row>(query: Query<Row>, clock: Clock, piggyback: Piggyback<Row>): Batch<Row> {
  const asked = new Map<string, Set<Question<Row>>>();
  const underWay = new Map<string, Promise<void>>();
  let questions = 0;
  let gathering = false;

  function ask(id: string, certain: boolean, signal?: AbortSignal): Promise<Observed<Row>> {
    let forget = () => {};
    const answer = new Promise<Observed<Row>>((resolve, reject) => {
      const question = { certain, resolve, reject };
      asked.set(id, (asked.get(id) ?? new Set()).add(question));
      questions++;
      forget = onAbort(signal, () => {
        withdraw(id, question);
        resolve(undefined);
      });
      if (!gathering) void gather();
    });
    return answer.finally(forget);
  }

  function withdraw(id: string, question: Question<Row>) {
    const own = asked.get(id);
    own?.delete(question);
    if (own?.size === 0) asked.delete(id);
  }

  async function gather() {
    gathering = true;
    const untilMs = clock.now() + GATHER_MOST_MS;
    for (let before = 0; before !== questions && asked.size < QUERY_SIZE && clock.now() < untilMs; ) {
      before = questions;
      await clock.sleep(GATHER_MS);
    }
    gathering = false;
    const ids = [...asked.keys()];
    for (let from = 0; from < ids.length; from += QUERY_SIZE) void answer(drain(ids.slice(from, from + QUERY_SIZE)));
  }

  function drain(ids: readonly string[]): Map<string, Set<Question<Row>>> {
    const drained = new Map(ids.map((id) => [id, asked.get(id)!]));
    for (const id of ids) asked.delete(id);
    return drained;
  }

  async function answer(own: ReadonlyMap<string, ReadonlySet<Question<Row>>>) {
    const ids = [...own.keys()];
    const beside = piggyback.idsBeside(ids, QUERY_SIZE - ids.length);
    const release = track([...ids, ...beside]);
    try {
      const all = [...ids, ...beside];
      const rows = await query(all, (reason) => all.forEach((id) => piggyback.delayed(id, reason)));
      for (const id of beside) if (rows.has(id)) piggyback.observe(id, rows.get(id)!);
      release();
      await Promise.all(ids.map(async (id) => resolveAll(own.get(id)!, await confirmed(id, rows, own.get(id)!))));
    } catch (error) {
      for (const { reject } of [...own.values()].flatMap((asking) => [...asking])) reject(error);
    } finally {
      release();
    }
  }

  async function confirmed(
    id: string,
    rows: Awaited<ReturnType<Query<Row>>>,
    asking: ReadonlySet<Question<Row>>,
  ): Promise<Observed<Row>> {
    const doubtful = !rows.has(id) && [...asking].some(({ certain }) => certain);
    return doubtful ? (await query([id], (reason) => piggyback.delayed(id, reason))).get(id) : rows.get(id);
  }

  /** Notes that a query for these ids is under way, and returns what to call once it is over. */
  function track(ids: readonly string[]): () => void {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    for (const id of ids) underWay.set(id, ended);
    return () => {
      for (const id of ids) if (underWay.get(id) === ended) underWay.delete(id);
      end();
    };
  }

  return { ask, inFlight: (id) => underWay.get(id) };
}

function resolveAll<Row>(asking: ReadonlySet<Question<Row>>, seen: Observed<Row>): void {
  for (const { resolve } of asking) resolve(seen);
}
