import type { ImageRow, SnapshotRow, TaskRow } from "../provider/ecs/actions";
import { OWNER_TAG, ownerIn } from "../provider/lifecycle/ownership";
import { ANY_IMAGE_STATUS } from "../provider/lifecycle/pending";
import type { Context, Session, Task } from "../provider/lifecycle/session";
import { type ImageExportFields, imageExport } from "../provider/resources/image-export.lifecycle";
import { diskSnapshots, type Holdings } from "./orphan";
import type { StackState } from "./stack-state";

const PAGE_SIZE = 100;
const LOOK_TIMEOUT_MS = 5 * 60_000;

/** Asks one region for everything that may be the stack's. Fails rather than answer with a part of it. */
export async function holdingsIn(regionId: string, state: StackState, session: Session): Promise<Holdings> {
  const cloudOf = (urn: string) =>
    session.contextFor({ urn, doing: `looking for orphans in ${regionId}`, regionId, timeoutMs: LOOK_TIMEOUT_MS });
  const ctx = cloudOf("");
  const images = await ownedImages(ctx);
  const unknown = images.filter(({ ImageId, Tags }) => {
    const owner = ownerIn(Tags?.Tag?.find(({ TagKey }) => TagKey === OWNER_TAG)?.TagValue);
    return owner?.stack === state.hash && !state.known.has(ImageId!);
  });
  const [tagged, ofDisks, tasks, began] = await Promise.all([
    ownedSnapshots(ctx),
    inHundreds(unknown.flatMap(diskSnapshots), (ids) => snapshotsOf(ids, ctx)),
    inHundreds(
      unknown.map(({ ImageId }) => ImageId!),
      (ids) => tasksOf(ids, ctx),
    ),
    Promise.all(state.exports.map(({ urn, inputs }) => beganExport(urn, inputs, state, cloudOf(urn)))),
  ]);
  const snapshots = new Map([...ofDisks, ...tagged].map((row) => [row.SnapshotId, row]));
  return { regionId, images, snapshots: [...snapshots.values()], tasks, exports: began.flat() };
}

async function ownedImages({ ecs }: Context): Promise<ImageRow[]> {
  return everyPage(async (PageNumber) => {
    const answer = await ecs("DescribeImages", {
      ImageOwnerAlias: "self",
      Status: ANY_IMAGE_STATUS,
      Tag: [{ Key: OWNER_TAG }],
      PageNumber,
      PageSize: PAGE_SIZE,
    });
    return { rows: answer.Images?.Image ?? [], total: answer.TotalCount };
  });
}

async function ownedSnapshots({ ecs }: Context): Promise<SnapshotRow[]> {
  return everyPage(async (PageNumber) => {
    const answer = await ecs("DescribeSnapshots", { Tag: [{ Key: OWNER_TAG }], PageNumber, PageSize: PAGE_SIZE });
    return { rows: answer.Snapshots?.Snapshot ?? [], total: answer.TotalCount };
  });
}

async function snapshotsOf(ids: readonly string[], { ecs }: Context): Promise<SnapshotRow[]> {
  const answer = await ecs("DescribeSnapshots", { SnapshotIds: JSON.stringify(ids), PageSize: PAGE_SIZE });
  return answer.Snapshots?.Snapshot ?? [];
}

/** The status cannot be asked for: DescribeTasks takes Finished, Processing and Failed, but tasks also wait. */
async function tasksOf(imageIds: readonly string[], { ecs }: Context): Promise<TaskRow[]> {
  return everyPage(async (PageNumber) => {
    const answer = await ecs("DescribeTasks", { ResourceIds: [...imageIds], PageNumber, PageSize: PAGE_SIZE });
    return { rows: answer.TaskSet?.Task ?? [], total: answer.TotalCount };
  });
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

async function everyPage<Row>(
  ask: (page: number) => Promise<{ rows: Row[]; total: number | undefined }>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let page = 1; ; page++) {
    const { rows, total = 0 } = await ask(page);
    all.push(...rows);
    if (rows.length === 0 || page * PAGE_SIZE >= total) return all;
  }
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
