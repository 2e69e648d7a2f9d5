export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number | undefined;
}

export const PAGE_SIZE = 100;
/** Pages that are asked for at once. */
const MOST_AT_ONCE = 10;

/**
 * Every row of a list, page by page until one brings nothing new. The cloud's count only says which pages are worth asking for at
 * once: it may be too small, and a row that is added in between moves others to a later page.
 */
export async function everyRow<Row>(
  idOf: (row: Row) => string | undefined,
  page: (number: number) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (let next = 1, count = 1; ; ) {
    const pages = await Promise.all(Array.from({ length: Math.min(count, MOST_AT_ONCE) }, (_, i) => page(next + i)));
    let known = 0;
    for (const one of pages) {
      known = rows.size;
      for (const row of one.rows) {
        const id = idOf(row);
        if (id) rows.set(id, row);
      }
    }
    if (rows.size === known) return [...rows.values()];
    next += pages.length;
    count = Math.max(1, Math.ceil((pages[0]!.total ?? 0) / PAGE_SIZE) + 2 - next);
  }
}
