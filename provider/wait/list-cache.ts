import type { Clock } from "./clock";

/** One page, of at most a hundred rows, of the list of all images of this package. */
export type ListPage<Row> = (
  number: number,
) => Promise<{ readonly rows: ReadonlyMap<string, Row>; readonly total?: number | undefined }>;

export const PAGE_SIZE = 100;
/** For how long a list may be read from, beginning with its request. */
const FRESH_MS = 10_000;
/** Reads that are further apart do not belong together. */
const GAP_MS = 3_000;
/** Before this many reads are answered, no list is fetched. */
const FEW = 4;
/** A page of the list is worth its call once there were this many reads for it. */
const READS_PER_PAGE = 3;

/**
 * Answers reads from a list where that saves calls. Reads that come together share one call (`read` gathers them). When
 * more reads follow, the next one fetches the first page of all images of this package, which says how many there are.
 * If the reads so far justify the other pages, these are fetched too, and the following reads cost no call. Otherwise
 * the account holds many more images than are read, and reads go on one by one. So the pages fetched are never more
 * than a third of the reads already made, plus one.
 */
export class ListCache<Row> {
  private run = newRun();
  private list = emptyList<Row>();
  private calling: Promise<void> | undefined;
  private changes = 0;

  constructor(
    private readonly read: (id: string) => Promise<Row | undefined>,
    private readonly page: ListPage<Row>,
    private readonly clock: Clock,
  ) {}

  /**
   * Its row, at most ten seconds old, and never older than the last change by this process. A fresh call confirms a
   * missing row.
   */
  async readCached(id: string): Promise<Row | undefined> {
    const own = this.enter();
    const row = await this.listed(id);
    if (row !== undefined) return row;
    try {
      return await this.read(id);
    } finally {
      own.answered++;
    }
  }

  /** Runs a call that changes the cloud. A list that was fetched before it ends is not used afterwards. */
  async invalidating<T>(work: () => Promise<T>): Promise<T> {
    this.changes++;
    try {
      return await work();
    } finally {
      this.changes--;
      this.list = emptyList();
    }
  }

  private enter() {
    const nowMs = this.clock.now();
    const isOld = nowMs - this.list.sinceMs > FRESH_MS;
    // Another list has to be justified again.
    if (nowMs - this.run.lastMs > GAP_MS || (isOld && this.list.pages !== undefined)) this.run = newRun();
    if (isOld) this.list = emptyList();
    this.run.lastMs = nowMs;
    this.run.reads++;
    return this.run;
  }

  private async listed(id: string): Promise<Row | undefined> {
    for (;;) {
      const row = this.list.rows.get(id);
      if (row !== undefined && this.changes === 0) return row;
      const numbers = this.wanted();
      if (!this.calling && numbers.length === 0) return undefined;
      await (this.calling ??= this.call(numbers).finally(() => (this.calling = undefined)));
    }
  }

  /** The numbers of the pages that are worth asking for now. */
  private wanted(): number[] {
    const { run, list } = this;
    if (this.changes > 0 || run.refused || run.answered < FEW) return [];
    if (list.pages === undefined) return [1];
    if (list.complete || run.reads < READS_PER_PAGE * list.pages) return [];
    return Array.from({ length: list.pages - 1 }, (_, i) => i + 2);
  }

  private async call(numbers: readonly number[]): Promise<void> {
    if (numbers[0] === 1) this.list = { ...emptyList<Row>(), sinceMs: this.clock.now() };
    const own = this.list;
    try {
      const pages = await Promise.all(numbers.map((number) => this.page(number)));
      for (const { rows } of pages) for (const [id, row] of rows) own.rows.set(id, row);
      own.pages ??= pagesOf(pages[0]!);
      own.complete ||= numbers.at(-1) === own.pages;
    } catch {
      this.run.refused = true; // each read then asks for itself, and reports what is wrong
    }
  }
}

interface List<Row> {
  readonly sinceMs: number;
  readonly rows: Map<string, Row>;
  /** How many there are, once the first page says so. */
  pages: number | undefined;
  complete: boolean;
}

/** An answer that does not say how many there are is the last page unless it is full. */
const pagesOf = ({ rows, total }: Awaited<ReturnType<ListPage<unknown>>>): number =>
  Math.max(1, total === undefined ? Math.ceil((rows.size + 1) / PAGE_SIZE) : Math.ceil(total / PAGE_SIZE));

const newRun = () => ({ lastMs: Number.NEGATIVE_INFINITY, reads: 0, answered: 0, refused: false });

const emptyList = <Row>(): List<Row> => ({
  sinceMs: Number.NEGATIVE_INFINITY,
  rows: new Map(),
  pages: undefined,
  complete: false,
});
