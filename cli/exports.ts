import type { ImageRow, SnapshotRow } from "../provider/ecs/actions";
import type { Task } from "../provider/ecs/queries";
import type { Context } from "../provider/lifecycle/context";
import { OWNER_TAG, ownerIn, tagsIn } from "../provider/lifecycle/ownership";
import { type ExportMark, exportOwnerOf, markKey, marksOn, ownerOfMark } from "../provider/resources/image-export/mark";
import { reportedKeys } from "../provider/resources/image-export/objects";
import { exportsUnder, withoutOverwritten } from "../provider/resources/image-export/start";
import { completeList, ownImages, snapshotsOf } from "./lists";
import type { OrphanExport } from "./model";
import { diskSnapshots, isOurs } from "./orphan";
import type { StackState } from "./stack-state";

/**
 * Exports that an interrupted run of the stack began. They are found by their marks: those of the exports that the
 * state knows, whatever the image is, and on the stack's own images those of exports that it does not know.
 */
export async function exportsIn(images: readonly ImageRow[], state: StackState, ctx: Context): Promise<OrphanExport[]> {
  const own = images.filter((row) => isOurs(ownerIn(tagsIn(row).get(OWNER_TAG)), state));
  const [snapshots, marked] = await Promise.all([snapshotsOf(own.flatMap(diskSnapshots), ctx), markedBy(state, ctx)]);
  const found = await Promise.all([
    ...uniqueBy("ImageId", [...own, ...marked.images]).map((row) => leftOn(row, [row], state, ctx)),
    ...uniqueBy("SnapshotId", [...snapshots, ...marked.snapshots]).map(async (row) =>
      leftOn(row, marksOf(row, state).length > 0 ? await imagesOf(row, ctx) : [], state, ctx),
    ),
  ]);
  return [...new Map(found.flat().map((one) => [one.task.TaskId, one])).values()];
}

const uniqueBy = <Key extends string, Row extends { readonly [key in Key]?: string }>(
  key: Key,
  rows: readonly Row[],
): Row[] => [...new Map(rows.map((row) => [row[key], row])).values()];

/** What carries the marks of the exports that the state knows, under any name that the stack has had. */
async function markedBy(state: StackState, ctx: Context): Promise<{ images: ImageRow[]; snapshots: SnapshotRow[] }> {
  const keys = [...state.hashes].flatMap((stack) =>
    [...state.exports].map((resource) => ({ Tag: [{ Key: markKey({ stack, resource }) }] })),
  );
  const [images, snapshots] = await Promise.all([
    Promise.all(keys.map((byTag) => ownImages(byTag, ctx))),
    Promise.all(keys.map((byTag) => completeList("DescribeSnapshots", byTag, ctx))),
  ]);
  return { images: images.flat(), snapshots: snapshots.flat() };
}

/** Several images may be made of one snapshot. */
const imagesOf = ({ SnapshotId }: SnapshotRow, ctx: Context): Promise<ImageRow[]> =>
  ownImages({ SnapshotId: SnapshotId! }, ctx);

function marksOf(row: ImageRow | SnapshotRow, state: StackState): ExportMark[] {
  const holder = { resourceType: "image", resourceId: "" } as const;
  return marksOn(holder, row).filter(({ mark }) => state.hashes.has(ownerOfMark(mark).stack));
}

/** The exports of these images to which the marks on a row belong. */
async function leftOn(
  row: ImageRow | SnapshotRow,
  images: readonly ImageRow[],
  state: StackState,
  ctx: Context,
): Promise<OrphanExport[]> {
  const found = marksOf(row, state).flatMap((mark) =>
    images.map(async ({ ImageId = "" }): Promise<OrphanExport[]> => {
      const urn = state.urns.get(ownerOfMark(mark.mark).resource);
      const under = withoutOverwritten(await exportsUnder(mark, ImageId, ctx));
      const left = await Promise.all(
        under.map(async ({ task }) => ((await isKnown(task, ImageId, state, ctx)) ? [] : [task])),
      );
      return left.flat().map((task) => ({ ...(urn !== undefined && { urn }), task: { ResourceId: ImageId, ...task } }));
    }),
  );
  return (await Promise.all(found)).flat();
}

/** The state has it, or what it wrote, or another stack has adopted it. */
async function isKnown(task: Task, imageId: string, state: StackState, ctx: Context): Promise<boolean> {
  const keys = reportedKeys(task);
  if (state.known.has(task.TaskId!) || (keys.length > 0 && keys.every(({ key }) => state.users.has(key)))) return true;
  const owner = (await exportOwnerOf(task.TaskId!, imageId, ctx))?.owner;
  return owner !== undefined && !state.hashes.has(owner.stack);
}
