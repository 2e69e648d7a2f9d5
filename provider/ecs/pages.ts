// Reads lists that the API returns in pages.

import { Failure } from "../failure";
import type {
  Actions,
  AssistantRow,
  Ecs,
  ImageRow,
  InstanceRow,
  Request,
  SharedAccount,
  SnapshotRow,
  TaskRow,
} from "./actions";
import { type ListShape, lists, unreadableIn } from "./answers";

/** The row type of each action that returns pages. */
export interface RowOf {
  DescribeImages: ImageRow;
  DescribeSnapshots: SnapshotRow;
  DescribeTasks: TaskRow;
  DescribeImageSharePermission: SharedAccount;
  DescribeInstances: InstanceRow;
  DescribeCloudAssistantStatus: AssistantRow;
}

export type ListAction = keyof typeof lists & keyof Actions;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** The number of rows on all pages, if the cloud reports it. */
  readonly total: number | undefined;
  /** How many rows could not be read and were dropped. */
  readonly unreadable?: number;
}

/** The largest page of the API. */
export const PAGE_SIZE = 100;
/** How many pages are requested at once. */
const MOST_AT_ONCE = 10;

/** How many times a list is read at most if it changes while it is read. */
const MOST_READINGS = 5;

/**
 * Every row of a list. When another client deletes a row, later rows move to an earlier page, and a row that moves
 * between two calls is on neither page. So a list of several pages is read again if its count fell meanwhile, or if it
 * has fewer rows than its count.
 */
async function everyRow<Row>(
  idOf: (row: Row) => string | undefined,
  page: (number: number) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (let readings = 1; ; readings++) {
    const mayLack = await readPages(rows, idOf, page);
    if (!mayLack || readings === MOST_READINGS) return [...rows.values()];
  }
}

/**
 * Reads page by page until one is not full or brings nothing new. Returns whether a row may be missing. The count tells
 * which pages can be requested in parallel. It never ends the list: it may be too small, and a row that is added during
 * the reading moves others to a later page.
 */
async function readPages<Row>(
  rows: Map<string, Row>,
  idOf: (row: Row) => string | undefined,
  page: (number: number) => Promise<Page<Row>>,
): Promise<boolean> {
  const seen = new Set<string>();
  const totals: number[] = [];
  for (let next = 1, count = 1; ; ) {
    const pages = await Promise.all(Array.from({ length: Math.min(count, MOST_AT_ONCE) }, (_, i) => page(next + i)));
    let known = 0;
    for (const one of pages) {
      known = seen.size;
      totals.push(one.total ?? 0);
      for (const row of one.rows) {
        const id = idOf(row);
        if (id) rows.set(id, row);
        if (id) seen.add(id);
      }
    }
    const last = pages.at(-1)!;
    const isFull = last.rows.length + (last.unreadable ?? 0) >= PAGE_SIZE || seen.size < (last.total ?? 0);
    next += pages.length;
    if (seen.size === known || !isFull) return next > 2 && mayLackRows(totals, seen.size);
    count = Math.max(1, Math.ceil((pages[0]!.total ?? 0) / PAGE_SIZE) + 2 - next);
  }
}

const mayLackRows = (totals: readonly number[], seen: number): boolean =>
  totals.some((total, i) => i > 0 && total < totals[i - 1]!) || seen < totals.at(-1)!;

/** One page of a list. */
export async function readPage<A extends ListAction>(
  ecs: Ecs,
  action: A,
  request: Request<A>,
  number = 1,
): Promise<Page<RowOf[A]>> {
  const answer = await ecs(action, { PageSize: PAGE_SIZE, ...request, PageNumber: number });
  const { outer, inner }: ListShape = lists[action];
  const body = answer as unknown as Record<string, Record<string, RowOf[A][]>> & { TotalCount?: number };
  const { ids, nameless } = unreadableIn(answer);
  return { rows: body[outer]?.[inner] ?? [], unreadable: ids.size + nameless, total: body.TotalCount };
}

/**
 * All rows of a list. Filters such as ImageName match loosely, so the wanted row may be on any page. `unreadable` is
 * the number of dropped rows: a caller that must not miss one fails if there are any.
 */
export async function allRows<A extends ListAction>(
  ecs: Ecs,
  action: A,
  request: Request<A>,
): Promise<{ readonly rows: RowOf[A][]; readonly unreadable: number }> {
  const { id }: ListShape = lists[action];
  let unreadable = 0;
  const rows = await everyRow<RowOf[A]>(
    (row) => (row as Record<string, string | undefined>)[id],
    async (number) => {
      const page = await readPage(ecs, action, request, number);
      unreadable += page.unreadable ?? 0;
      return page;
    },
  );
  return { rows, unreadable };
}

/** The same, for a search that must not miss a row. Fails if a row cannot be read, because it may be the wanted one. */
export async function certainRows<A extends ListAction>(ecs: Ecs, action: A, request: Request<A>): Promise<RowOf[A][]> {
  const { rows, unreadable } = await allRows(ecs, action, request);
  if (unreadable === 0) return rows;
  const what = `${action} returned ${unreadable} ${unreadable === 1 ? "row" : "rows"} that cannot be read`;
  throw new Failure("Unreachable", `${what}, so the list may be incomplete. Try again`, { action });
}
