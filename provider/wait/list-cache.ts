import type { Clock } from "./clock";

/** One page of the list of all images of this package, at most a hundred rows. */
export type ListPage<Row> = (
  number: number,
) => Promise<{ readonly rows: ReadonlyMap<string, Row>; readonly total?: number | undefined }>;

export const PAGE_SIZE = 100;
/** How long a list may be used, counted from its request. */
const FRESH_MS = 10_000;
/** Reads that are further apart belong to different runs. */
const GAP_MS = 3_000;
/** No list is fetched before this many reads were answered. */
const FEW = 4;
/** How many reads justify one page of the list. */
const READS_PER_PAGE = 3;

/**
 * Answers reads from a list if that saves calls. Reads that come at the same time share one call (`read` gathers them).
 * If more reads follow, the next one fetches the first page of all images of this package, which has their number. If
 * the reads so far justify the other pages, these are fetched too, and the following reads cost no call. Otherwise the
 * account has far more images than are read, and each read has its own call. So the number of fetched pages is never
 * more than a third of the reads so far, plus one.
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
   * The row, at most ten seconds old and never older than the last change by this process. A new call confirms a
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

  /** Runs a call that changes the cloud. A list that was fetched before its end is not used afterwards. */
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
    // A new list must be justified again.
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

  /** The numbers of the pages that are worth a call now. */
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
      this.run.refused = true; // then each read has its own call, which reports the error
    }
  }
}

interface List<Row> {
  readonly sinceMs: number;
  readonly rows: Map<string, Row>;
  /** The number of pages, once the first page has told it. */
  pages: number | undefined;
  complete: boolean;
}

/** An answer without a total is the last page, unless it is full. */
const pagesOf = ({ rows, total }: Awaited<ReturnType<ListPage<unknown>>>): number =>
  Math.max(1, total === undefined ? Math.ceil((rows.size + 1) / PAGE_SIZE) : Math.ceil(total / PAGE_SIZE));

const newRun = () => ({ lastMs: Number.NEGATIVE_INFINITY, reads: 0, answered: 0, refused: false });

const emptyList = <Row>(): List<Row> => ({
  sinceMs: Number.NEGATIVE_INFINITY,
  rows: new Map(),
  pages: undefined,
  complete: false,
});
