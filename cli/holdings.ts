import type { ImageRow, Request, SnapshotRow } from "../provider/ecs/actions";
import { allRows, type ListAction, PAGE_SIZE } from "../provider/ecs/pages";
import { Failure } from "../provider/failure";
import { OWNER_TAG, ownerIn } from "../provider/lifecycle/ownership";
import { ANY_IMAGE_STATUS } from "../provider/lifecycle/pending";
import type { Context, Session, Task } from "../provider/lifecycle/session";
import { type ImageExportFields, imageExport } from "../provider/resources/image-export.lifecycle";
import { diskSnapshots, type Holdings } from "./orphan";
import type { StackState } from "./stack-state";

const QUERY_TIMEOUT_MS = 5 * 60_000;
/** A filter by tags finds no more than this; a list without one is complete. */
const MOST_BY_TAG = 1_000;

/** Asks one region for everything that may be the stack's. Fails rather than answer with a part of it. */
export async function holdingsIn(
  regionId: string,
  state: StackState,
  session: Session,
  say: (line: string) => void,
): Promise<Holdings> {
  const ctxOf = (urn: string) =>
    session.contextFor({ urn, doing: `looking for orphans in ${regionId}`, regionId, timeoutMs: QUERY_TIMEOUT_MS });
  const ctx = ctxOf("");
  const images = await tagged("images", (byTag) => imagesIn(byTag, ctx), ctx, say);
  const unknown = images.filter(({ ImageId, Tags }) => {
    const owner = ownerIn(Tags?.Tag?.find(({ TagKey }) => TagKey === OWNER_TAG)?.TagValue);
    return owner?.stack === state.hash && !state.known.has(ImageId!);
  });
  const [owned, ofDisks, tasks, began] = await Promise.all([
    tagged("snapshots", (byTag) => snapshotsIn(byTag, ctx), ctx, say),
    inHundreds(unknown.flatMap(diskSnapshots), (ids) => snapshotsOf(ids, ctx)),
    inHundreds(
      unknown.map(({ ImageId }) => ImageId!),
      (ids) => tasksOf(ids, ctx),
    ),
    Promise.all(state.exports.map(({ urn, inputs }) => beganExport(urn, inputs, state, ctxOf(urn)))),
  ]);
  const snapshots = new Map([...ofDisks, ...owned].map((row) => [row.SnapshotId, row]));
  return { regionId, images, snapshots: [...snapshots.values()], tasks, exports: began.flat() };
}

type ByTag = { readonly Tag?: { readonly Key: string }[] };

/** All that carry the owner tag: by a filter, and where that finds as many as it can, among everything that the account has. */
async function tagged<Row extends ImageRow | SnapshotRow>(
  what: string,
  list: (byTag: ByTag) => Promise<Row[]>,
  { regionId }: Context,
  say: (line: string) => void,
): Promise<Row[]> {
  const found = await list({ Tag: [{ Key: OWNER_TAG }] });
  if (found.length < MOST_BY_TAG) return found;
  say(
    `${regionId}: the filter by tags finds ${MOST_BY_TAG.toLocaleString("en")} ${what} at most, and there may be more; reading all ${what} of the account instead.`,
  );
  const all = await list({});
  return all.filter(({ Tags }) => Tags?.Tag?.some(({ TagKey }) => TagKey === OWNER_TAG));
}

const imagesIn = (byTag: ByTag, ctx: Context) =>
  completeList("DescribeImages", { ImageOwnerAlias: "self", Status: ANY_IMAGE_STATUS, ...byTag }, ctx);

const snapshotsIn = (byTag: ByTag, ctx: Context) => completeList("DescribeSnapshots", byTag, ctx);

const snapshotsOf = (ids: readonly string[], ctx: Context) =>
  completeList("DescribeSnapshots", { SnapshotIds: JSON.stringify(ids) }, ctx);

/** The status cannot be asked for: DescribeTasks takes Finished, Processing and Failed, but tasks also wait. */
const tasksOf = (imageIds: readonly string[], ctx: Context) =>
  completeList("DescribeTasks", { ResourceIds: [...imageIds] }, ctx);

/** What cannot be read may be what protects something else. */
async function completeList<A extends ListAction>(action: A, request: Request<A>, { ecs, regionId }: Context) {
  const { rows, unreadable } = await allRows(ecs, action, request);
  if (unreadable > 0)
    throw new Failure(
      "Unreachable",
      `looking for orphans in ${regionId}: ${action} listed ${unreadable} that cannot be read`,
    );
  return rows;
}

/** What the next `pulumi up` would take over as this export's: found by the very code that does so. */
async function beganExport(
  urn: string,
  inputs: Readonly<Record<string, unknown>>,
  state: StackState,
  ctx: Context,
): Promise<{ urn: string; task: Task }[]> {
  const args = Object.fromEntries(
    Object.keys(imageExport.fields).flatMap((key) => (inputs[key] == null ? [] : [[key, inputs[key]]])),
  );
  const taskId = await imageExport.findLeftover(args as unknown as ImageExportFields, ctx);
  if (taskId === undefined || state.known.has(taskId)) return [];
  const task = await ctx.tasks.read(taskId);
  return task ? [{ urn, task: { ResourceId: String(inputs["imageId"]), ...task } }] : [];
}

async function inHundreds<Row>(
  ids: readonly string[],
  ask: (ids: readonly string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const all: Row[] = [];
  const each = [...new Set(ids)];
  for (let from = 0; from < each.length; from += PAGE_SIZE)
    all.push(...(await ask(each.slice(from, from + PAGE_SIZE))));
  return all;
}
