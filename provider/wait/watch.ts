import { Failure } from "../failure";
import type { Clock } from "./clock";
import { pauseBefore } from "./pace";

/** What an answer means for the wait. `at` says where the thing stands, in the cloud's words. */
export type Readiness<T> =
  | { readonly is: "ready"; readonly value: T }
  | {
      readonly is: "pending";
      readonly at: string;
      readonly percent?: number | undefined;
      readonly leftMs?: number | undefined;
    }
  | { readonly is: "failed"; readonly why: string };

/** One call to the cloud for at most `LOOK_SIZE` ids. Whatever is not in the answer may be gone, or not visible yet. */
export type Query<Row> = (ids: readonly string[]) => Promise<ReadonlyMap<string, Row>>;

export interface Wait<Row, T> {
  /** What is waited for, as an error text names it: `image m-bp1abc`. */
  readonly what: string;
  readonly deadlineMs: number;
  /** Judges one answer; `undefined` when the cloud does not list the thing. Pure. */
  evaluate(seen: Row | undefined): Readiness<T>;
  /** How long to leave it alone before the first look, where it cannot be ready at once. */
  readonly initialDelayMs?: number;
  /** Its absence is what an answer has told already: one more answer that does not list it is enough. */
  readonly absenceConfirmed?: boolean;
  /** Breaks the wait off, for a reason that has been found elsewhere. */
  readonly signal?: AbortSignal;
  /** Told of every change of the verdict, for the person who watches. */
  report?(at: string): void;
}

export interface Watch<Row> {
  /** What the cloud says of it now. Questions that come within a few milliseconds share one call. */
  read(id: string): Promise<Row | undefined>;
  /** Looks until it is ready. All that is pending shares the looks. Fails as `TimedOut` at the deadline, as `Failed` when it cannot become ready. */
  until<T>(id: string, wait: Wait<Row, T>): Promise<T>;
}

export const QUERY_SIZE = 100;
/** Questions are gathered until none has come for this long, */
const GATHER_MS = 5;
/** but no longer than this. */
const GATHER_MOST_MS = 40;
/** A thing that was listed, or was started this long ago, and is missing in this many looks running, is gone. */
const GRACE_MS = 60_000;
const MISSES = 3;

export function watchOf<Row>(look: Query<Row>, clock: Clock): Watch<Row> {
  const asked = new Map<string, Question[]>();
  const pending = new Map<string, Set<Waiter>>();
  /** The ids of the looks under way, with the end of each look. */
  const aboard = new Map<string, Promise<void>>();
  let questions = 0;
  let gathering = false;

  interface Question {
    /** Whether absence has to be certain, since something follows from it. */
    readonly certain: boolean;
    resolve(row: Row | undefined): void;
    reject(error: unknown): void;
  }

  interface Waiter {
    dueMs: number;
    observe(row: Row | undefined): void;
  }

  function ask(id: string, certain: boolean): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      asked.set(id, [...(asked.get(id) ?? []), { certain, resolve, reject }]);
      questions++;
      if (gathering) return;
      gathering = true;
      void gather();
    });
  }

  async function gather() {
    const untilMs = clock.now() + GATHER_MOST_MS;
    for (let before = 0; before !== questions && asked.size < QUERY_SIZE && clock.now() < untilMs; ) {
      before = questions;
      await clock.sleep(GATHER_MS);
    }
    gathering = false;
    const ids = [...asked.keys()];
    for (let from = 0; from < ids.length; from += QUERY_SIZE) void answer(ids.slice(from, from + QUERY_SIZE));
  }

  async function answer(ids: readonly string[]) {
    const own = new Map(ids.map((id) => [id, drain(asked, id)]));
    const riders = ridersBeside(ids);
    const land = board([...ids, ...riders]);
    try {
      const rows = await look([...ids, ...riders]);
      for (const id of riders)
        if (rows.has(id)) for (const waiter of pending.get(id) ?? []) waiter.observe(rows.get(id));
      land();
      await Promise.all(
        ids.map(async (id) => {
          const doubtful = !rows.has(id) && own.get(id)!.some(({ certain }) => certain);
          // That a look at many ids lists them all is documented for older versions of the page only, so absence is certain from a second look alone.
          const row = doubtful ? (await look([id])).get(id) : rows.get(id);
          for (const { resolve } of own.get(id)!) resolve(row);
        }),
      );
    } catch (error) {
      for (const { reject } of [...own.values()].flat()) reject(error);
    } finally {
      land();
    }
  }

  /** Notes that a look at these ids is under way, and returns what to call once it is over. */
  function board(ids: readonly string[]): () => void {
    let land: () => void = () => undefined;
    const landed = new Promise<void>((resolve) => (land = resolve));
    for (const id of ids) aboard.set(id, landed);
    return () => {
      for (const id of ids) if (aboard.get(id) === landed) aboard.delete(id);
      land();
    };
  }

  /** The pending ids that fill up a look which is made anyway, those that are due soonest first. */
  function ridersBeside(ids: readonly string[]): string[] {
    const room = QUERY_SIZE - ids.length;
    if (room <= 0 || pending.size === 0) return [];
    const dueOf = (id: string) => Math.min(...[...pending.get(id)!].map(({ dueMs }) => dueMs));
    return [...pending.keys()]
      .filter((id) => !ids.includes(id))
      .map((id) => ({ id, dueMs: dueOf(id) }))
      .sort((a, b) => a.dueMs - b.dueMs)
      .slice(0, room)
      .map(({ id }) => id);
  }

  function until<T>(id: string, wait: Wait<Row, T>): Promise<T> {
    const startedMs = clock.now();
    const done = new AbortController();
    let listed = false;
    let misses = 0;
    let seen = 0;
    let at = "not looked at yet";
    let hint: number | undefined;
    let movedMs = startedMs;

    return new Promise<T>((resolve, reject) => {
      const end = (finish: () => void) => {
        if (done.signal.aborted) return;
        const together = pending.get(id);
        together?.delete(waiter);
        if (together?.size === 0) pending.delete(id);
        done.abort();
        finish();
      };
      const waiter: Waiter = {
        dueMs: Math.min(startedMs + (wait.initialDelayMs ?? 0), wait.deadlineMs),
        observe(row) {
          const nowMs = clock.now();
          seen++;
          listed ||= row !== undefined;
          misses = row === undefined ? misses + 1 : 0;
          if (misses >= MISSES && (listed || nowMs - startedMs >= GRACE_MS)) {
            return end(() => reject(new Failure("Failed", `${wait.what} is gone: the cloud no longer lists it`)));
          }
          const verdict = wait.evaluate(row);
          if (verdict.is === "ready") return end(() => resolve(verdict.value));
          if (verdict.is === "failed") return end(() => reject(new Failure("Failed", verdict.why)));
          const { percent, leftMs } = verdict;
          if (verdict.at !== at) wait.report?.(verdict.at);
          if (verdict.at !== at || (leftMs ?? percent) !== hint) movedMs = nowMs;
          at = verdict.at;
          hint = leftMs ?? percent;
          const sighting = {
            elapsedMs: nowMs - startedMs,
            stillMs: nowMs - movedMs,
            percent,
            leftMs,
            others: pending.size - 1,
          };
          waiter.dueMs = nowMs + pauseBefore(sighting, wait.deadlineMs - nowMs);
        },
      };
      pending.set(id, (pending.get(id) ?? new Set()).add(waiter));
      wait.signal?.addEventListener("abort", () => end(() => reject(wait.signal!.reason)), { once: true });

      void (async () => {
        try {
          for (let late = false; !done.signal.aborted; ) {
            const pauseMs = waiter.dueMs - clock.now();
            if (pauseMs > 0) {
              await clock.sleep(pauseMs, done.signal);
              continue; // while it slept, a look made for another may have seen it too, and moved its time
            }
            if (late) {
              const minutes = Math.round((clock.now() - startedMs) / 60_000);
              throw new Failure("TimedOut", `${wait.what} is not ready after ${minutes} min: it is ${at}`);
            }
            const before = seen;
            await aboard.get(id);
            if (seen > before || done.signal.aborted) continue; // it was due while a look made for another was under way, and that has seen it
            late = clock.now() >= wait.deadlineMs; // one last look falls on the deadline itself
            waiter.observe(await ask(id, !wait.absenceConfirmed));
          }
        } catch (error) {
          end(() => reject(error));
        }
      })();
    });
  }

  return { read: (id) => ask(id, true), until };
}

function drain<T>(from: Map<string, T[]>, id: string): T[] {
  const taken = from.get(id) ?? [];
  from.delete(id);
  return taken;
}
