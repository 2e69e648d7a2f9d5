import type { ImageRow } from "../provider/ecs/actions";
import type { Task } from "../provider/ecs/queries";
import type { Context } from "../provider/lifecycle/context";
import { OWNER_TAG, ownerIn, tagsIn } from "../provider/lifecycle/ownership";
import { argsIn } from "../provider/lifecycle/record";
import type { ImageExportFields } from "../provider/resources/image-export/args";
import { imageExport } from "../provider/resources/image-export/lifecycle";
import { marksOn, ownerOfMark } from "../provider/resources/image-export/mark";
import { exportsUnder, leftoversOf } from "../provider/resources/image-export/start";
import { snapshotsOf } from "./lists";
import type { OrphanExport } from "./model";
import { diskSnapshots, isOurs } from "./orphan";
import type { StackState } from "./stack-state";

/**
 * Exports that an interrupted run of the stack began. They are found by their marks: the resources that the state knows
 * are asked for theirs, and the stack's own images for marks of resources that it does not know.
 */
export async function exportsIn(
  images: readonly ImageRow[],
  state: StackState,
  ctxOf: (urn: string) => Context,
): Promise<OrphanExport[]> {
  const known = await Promise.all(state.exports.map(({ urn, inputs }) => leftOf(urn, inputs, ctxOf(urn))));
  const unknown = await markedBy(state, images, ctxOf(""));
  const found = new Map([...unknown, ...known.flat()].map((one) => [one.task.TaskId, one]));
  return [...found.values()].filter(({ task }) => task.TaskId && !state.known.has(task.TaskId));
}

async function leftOf(urn: string, inputs: Readonly<Record<string, unknown>>, ctx: Context): Promise<OrphanExport[]> {
  const args = argsIn<ImageExportFields>(imageExport.fields, inputs);
  const left = await leftoversOf(args, ctx);
  return left.map(({ task }) => ({ urn, task: { ResourceId: args.imageId, ...task } }));
}

async function markedBy(state: StackState, images: readonly ImageRow[], ctx: Context): Promise<OrphanExport[]> {
  const own = images.filter((row) => isOurs(ownerIn(tagsIn(row).get(OWNER_TAG)), state));
  const snapshots = new Map(
    (await snapshotsOf(own.flatMap(diskSnapshots), ctx)).map((snapshot) => [snapshot.SnapshotId!, snapshot]),
  );
  const tasks = own.map(async (image): Promise<Task[]> => {
    const rows = [image, ...diskSnapshots(image).flatMap((id) => snapshots.get(id) ?? [])];
    const marks = rows.flatMap((row) =>
      marksOn({ resourceType: "image", resourceId: image.ImageId! }, row).filter(({ mark }) => {
        const { stack, resource } = ownerOfMark(mark);
        return state.hashes.has(stack) && !state.urns.has(resource);
      }),
    );
    const under = await Promise.all(marks.map((mark) => exportsUnder(mark, image.ImageId!, ctx)));
    return under.flat().map(({ task }) => ({ ResourceId: image.ImageId!, ...task }));
  });
  return (await Promise.all(tasks)).flat().map((task) => ({ task }));
}
