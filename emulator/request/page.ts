import { refusal } from "./api-error";
import { pageNumber, pageSize } from "./fields";
import { integer, text } from "./parameters";

/** One page of rows. Only the rows of the page are built. */
export function page<T, Row>(all: readonly T[], number = 1, size = 10, row: (it: T) => Row) {
  return {
    rows: all.slice((number - 1) * size, number * size).map(row),
    TotalCount: all.length,
    PageNumber: number,
    PageSize: size,
  };
}

/** The two ways of paging that most Describe actions support: by number, or by a token for the next page. */
export const pagingFields = {
  PageNumber: pageNumber,
  PageSize: pageSize,
  MaxResults: integer({ range: [1, 500], wrong: "InvalidParamter" }),
  NextToken: text(),
} as const;

interface Paging {
  readonly PageNumber: number | undefined;
  readonly PageSize: number | undefined;
  readonly MaxResults: number | undefined;
  readonly NextToken: string | undefined;
}

export function paged<T, Row>(
  all: readonly T[],
  { PageNumber, PageSize, MaxResults, NextToken }: Paging,
  row: (it: T) => Row,
) {
  if (MaxResults === undefined && NextToken === undefined) return page(all, PageNumber, PageSize, row);
  const size = MaxResults ?? 10;
  const from = NextToken === undefined ? 0 : startOf(NextToken);
  return {
    rows: all.slice(from, from + size).map(row),
    TotalCount: all.length,
    NextToken: tokenFor(from + size, all.length),
  };
}

/** Empty if there is no next page. */
export const tokenFor = (next: number, total: number): string =>
  next < total ? Buffer.from(`from ${next}`).toString("base64url") : "";

export function startOf(token: string): number {
  const from = /^from (\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8"))?.[1];
  if (from === undefined) throw refusal("InvalidParameter", "NextToken");
  return Number(from);
}

/** The ids in `["i-1", "i-2"]`, the format that most Describe actions take. */
export function idsIn(json: string | undefined, name: string): Set<string> | undefined {
  if (json === undefined) return undefined;
  let ids: unknown;
  try {
    ids = JSON.parse(json);
  } catch {
    throw refusal("InvalidParameter", name);
  }
  if (!Array.isArray(ids) || ids.length > 100 || !ids.every((id) => typeof id === "string"))
    throw refusal("InvalidParameter", name);
  return new Set(ids);
}
