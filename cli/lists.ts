import type { ImageRow, Request } from "../provider/ecs/actions";
import { allRows, type ListAction, PAGE_SIZE, type RowOf } from "../provider/ecs/pages";
import { ANY_IMAGE_STATUS } from "../provider/ecs/queries";
import { Failure } from "../provider/failure";
import type { Context } from "../provider/lifecycle/context";

/**
 * All rows of a list. Fails if a row cannot be read, because it may be the one that protects something from deletion.
 */
export async function completeList<A extends ListAction>(
  action: A,
  request: Request<A>,
  { ecs, regionId }: Context,
): Promise<RowOf[A][]> {
  const { rows, unreadable } = await allRows(ecs, action, request);
  if (unreadable > 0)
    throw new Failure(
      "Unreachable",
      `looking for orphans in ${regionId}: ${action} listed ${unreadable} that cannot be read`,
    );
  return rows;
}

/** The account's own images, in every status. */
export const ownImages = (filter: Request<"DescribeImages">, ctx: Context): Promise<ImageRow[]> =>
  completeList("DescribeImages", { ImageOwnerAlias: "self", Status: ANY_IMAGE_STATUS, ...filter }, ctx);

export const snapshotsOf = (ids: readonly string[], ctx: Context) =>
  inHundreds(ids, (some) => completeList("DescribeSnapshots", { SnapshotIds: JSON.stringify(some) }, ctx));

/** Tasks in every status. The filter by status lacks those that wait. */
export const tasksOf = (imageIds: readonly string[], ctx: Context) =>
  inHundreds(imageIds, (some) => completeList("DescribeTasks", { ResourceIds: [...some] }, ctx));

async function inHundreds<Row>(ids: readonly string[], ask: (ids: readonly string[]) => Promise<Row[]>) {
  const all: Row[] = [];
  const each = [...new Set(ids)];
  for (let from = 0; from < each.length; from += PAGE_SIZE)
    all.push(...(await ask(each.slice(from, from + PAGE_SIZE))));
  return all;
}
