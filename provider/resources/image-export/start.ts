// Starts an export, or takes over one that an interrupted run left.

import type { Request, TaskRow } from "../../ecs/actions";
import { refusalsOf } from "../../ecs/dry-run";
import type { Task } from "../../ecs/queries";
import { Failure, isFailure } from "../../failure";
import type { Context } from "../../lifecycle/context";
import type { Started } from "../../lifecycle/lifecycle";
import type { Mark } from "../../lifecycle/marks";
import { type Owner, ownerOf } from "../../lifecycle/ownership";
import { withServiceRole } from "../tasks/service-role";
import { isRunning, runningTaskOf, taskById, tasksOf, waitForTask } from "../tasks/task";
import { fields, type ImageExportFields, type ImageExportState } from "./args";
import {
  type ExportMark,
  exportOwnerOf,
  HANDED_OVER,
  isWithinMark,
  noteOwner,
  readExportMarks,
  removeExportMark,
  setExportMark,
  staleOwnersOf,
  takeOverExport,
} from "./mark";
import { placeHash, placeText, relationTo, reportedKeys, urlOf } from "./objects";

const exportRequest = (args: ImageExportFields): Request<"ExportImage"> => ({
  ImageId: args.imageId,
  OSSBucket: args.ossBucket,
  OSSPrefix: args.ossPrefix,
  ImageFormat: args.imageFormat,
  RoleName: args.roleName,
});

export const dryRunExport = (args: ImageExportFields, ctx: Context) =>
  refusalsOf(() => ctx.ecs("ExportImage", { ...exportRequest(args), DryRun: true }));

const ownerOfExport = (args: Partial<ImageExportFields>, ctx: Context): Owner => ownerOf(ctx.urn, fields, args);

const RESENDS = 3;
const BUSY_PAUSE_MS = 15_000;
/** How old a leftover may be. What an older interrupted run left was not asked for now, but is in the way. */
const LEFTOVER_AGE_MS = 24 * 60 * 60_000;

/**
 * Sends ExportImage, after setting a mark by which the next run finds the export. ECS runs one export of an image at a
 * time, so this waits for others. A refusal removes the mark. If an answer is lost, the call may have taken effect, and
 * the image may be busy because of that. So the export is searched before anything is sent again.
 */
export async function startExport(args: ImageExportFields, ctx: Context): Promise<Started<ImageExportState>> {
  const owner = ownerOfExport(args, ctx);
  const { holders, hasRoom, own } = await readExportMarks(owner, args.imageId, ctx);
  const left = own && isUnsettled(own, args, ctx) ? own : undefined;
  let set: ExportMark | undefined;
  let known: TaskRow[] = [];
  let unclear = 0;
  try {
    for (;;) {
      if (unclear === 0) {
        known = await tasksOf(args.imageId, "ExportImage", ctx);
        set = await setExportMark(owner, args, { holders, known, left }, ctx);
      }
      const startedAt = `${new Date(ctx.clock.now()).toISOString().slice(0, 16)}Z`; // as tasks have it
      const sent = await send(args, known, ctx);
      if (sent.is === "unclear" && ++unclear > RESENDS) throw sent.error;
      const mayRun = unclear > 0 || left !== undefined;
      const id = sent.is === "started" ? sent.id : mayRun ? await ownExport(args, ctx) : undefined;
      if (id !== undefined) {
        ctx.pending.marked(id, set!.mark);
        if (hasRoom) await noteOwner(id, set!.mark, owner, ctx);
        return { id, known: { startedAt } };
      }
      await pause(args.imageId, sent.error, ctx);
    }
  } catch (error) {
    if (set && unclear === 0) await removeExportMark(set.mark, ctx).catch(() => undefined);
    throw error;
  }
}

/** A killed run has just set this mark for the same place, and lists may not show yet what it began. */
const isUnsettled = (mark: ExportMark, args: ImageExportFields, ctx: Context): boolean =>
  mark.place === placeHash(args) && ctx.clock.now() < mark.sinceMs + LIST_LAG_MS;

interface Sent {
  readonly is: "started" | "busy" | "unclear";
  readonly id?: string;
  readonly error?: unknown;
}

async function send(args: ImageExportFields, known: readonly TaskRow[], ctx: Context): Promise<Sent> {
  try {
    const { TaskId: id = "" } = await withServiceRole("export", args.roleName, [args.ossBucket], () =>
      ctx.ecs("ExportImage", exportRequest(args)),
    );
    // For a busy image, no page says whether ECS refuses or returns the running task.
    const isOther = known.some(({ TaskId }) => TaskId === id) || (await isAnothers(id, args, ctx));
    const busy = new Failure("Refused", `image ${args.imageId} is being exported to another place by task ${id}`);
    return isOther ? { is: "busy", error: busy } : { is: "started", id };
  } catch (error) {
    if (isFailure(error, "Unreachable")) return { is: "unclear", error };
    if (isFailure(error, "Refused") && error.detail.code === "ImageIsExporting") return { is: "busy", error };
    throw error;
  }
}

/**
 * Whether the task in an answer belongs to another export. Unless something shows that, it is this creation's own,
 * because its id must not be lost if a query fails.
 */
async function isAnothers(id: string, args: ImageExportFields, ctx: Context): Promise<boolean> {
  if (ctx.pending.isMarked(id)) return true;
  const task = await ctx.tasks.read(id).catch(() => undefined);
  return task !== undefined && relationTo(task, args.imageId, placeHash(args)) === "other";
}

/** Waits until the export that keeps the image busy has ended; if none is listed, for a moment. */
async function pause(imageId: string, error: unknown, ctx: Context): Promise<void> {
  if (ctx.clock.now() + BUSY_PAUSE_MS > ctx.deadlineMs) throw error;
  const id = await runningTaskOf(imageId, "ExportImage", ctx);
  const waiting = `waiting: image ${imageId} is being exported${id === undefined ? "" : ` by task ${id}`}`;
  ctx.show(waiting);
  if (id === undefined) return ctx.pause(BUSY_PAUSE_MS);
  try {
    await waitForTask(id, ctx, (at) => ctx.show(`${waiting}: ${at}`));
  } catch (late) {
    throw isFailure(late, "TimedOut") ? error : late;
  }
}

/** An export that an interrupted run of this resource left, and whether to take it over. */
interface Leftover {
  readonly task: Task;
  readonly mark: Mark;
  /** Why it cannot be taken over; undefined if it can. */
  readonly because?: string | undefined;
}

/** The leftovers of the creation with that mark: exports that run or have finished. Others have left nothing. */
async function leftoversOf(
  args: ImageExportFields,
  ctx: Context,
  listed: typeof exportsUnder = exportsUnder,
): Promise<Leftover[]> {
  const owner = ownerOfExport(args, ctx);
  const { own, others } = await readExportMarks(owner, args.imageId, ctx);
  if (!own) return [];
  const found = withoutOverwritten(await listed(own, args.imageId, ctx));
  return found.map(({ task, relation }) => {
    const isContested = others.some((other) => other.place === own.place && isWithinMark(other)(task));
    const because =
      relation === "unknown"
        ? "it does not say what it writes"
        : own.fingerprint !== owner.fingerprint
          ? "it was started with other arguments"
          : ctx.clock.now() - own.sinceMs > LEFTOVER_AGE_MS
            ? "it is more than a day old"
            : isContested
              ? "another stack or resource exports this image to the same place, and may have begun it"
              : undefined;
    return { task, mark: own.mark, because };
  });
}

/** Of exports to the same place, only the newest has files. */
export function withoutOverwritten(found: Awaited<ReturnType<typeof exportsUnder>>): typeof found {
  const latest = found.find(({ relation }) => relation === "same");
  return found.filter(({ relation, task }) => relation === "unknown" || task === latest?.task);
}

const tasksUnder = async (mark: ExportMark, imageId: string, ctx: Context): Promise<TaskRow[]> =>
  (await tasksOf(imageId, "ExportImage", ctx)).filter(isWithinMark(mark));

/** Exports that may belong to the creation with this mark, the newest first, without those to other places. */
export async function exportsUnder(
  mark: ExportMark,
  imageId: string,
  ctx: Context,
): Promise<{ task: Task; relation: "same" | "unknown" }[]> {
  const rows = (await tasksUnder(mark, imageId, ctx))
    .filter(({ TaskStatus }) => isRunning(TaskStatus) || TaskStatus === "Finished")
    .sort((a, b) => (a.CreationTime! < b.CreationTime! ? 1 : -1));
  const found = await Promise.all(
    rows.map(async (row) => {
      const task = await taskById(row.TaskId!, ctx);
      const relation = task ? relationTo(task, imageId, mark.place) : "other";
      return task && relation !== "other" ? [{ task, relation }] : [];
    }),
  );
  return found.flat();
}

/** How long after the call lists may lack an export. */
export const LIST_LAG_MS = 2 * 60_000;
export const LIST_PAUSE_MS = 10_000;

/**
 * The same, before the mark is removed or set for another place. The mark is the only trace of an export of a killed
 * run, so lists are read again as long as they may lag behind.
 */
async function settledUnder(mark: ExportMark, imageId: string, ctx: Context): ReturnType<typeof exportsUnder> {
  const untilMs = Math.min(mark.sinceMs + LIST_LAG_MS, ctx.deadlineMs);
  while (ctx.clock.now() + LIST_PAUSE_MS < untilMs && (await tasksUnder(mark, imageId, ctx)).length === 0) {
    ctx.show(`waiting: an interrupted run may have begun an export of ${imageId} that is not listed yet`);
    await ctx.pause(LIST_PAUSE_MS);
  }
  return exportsUnder(mark, imageId, ctx);
}

const ownExport = async (args: ImageExportFields, ctx: Context): Promise<string | undefined> =>
  (await leftoversOf(args, ctx)).find(({ because }) => because === undefined)?.task.TaskId;

/** The export to continue with. A warning names the others, because they write files that nothing else knows. */
export async function takeOverLeftover(args: ImageExportFields, ctx: Context): Promise<string | undefined> {
  // An unlisted export to the same place does no harm: the next one overwrites its files.
  const leftovers = await leftoversOf(args, ctx, (mark, imageId) =>
    mark.place === placeHash(args) ? exportsUnder(mark, imageId, ctx) : settledUnder(mark, imageId, ctx),
  );
  for (const { task, because } of leftovers) if (because !== undefined) warnOfLeft(task, because, args, ctx);
  const own = leftovers.find(({ because }) => because === undefined);
  if (!own) return undefined;
  const taken = { id: own.task.TaskId!, imageId: args.imageId, hasObjects: true };
  await takeOverExport(taken, ownerOfExport(args, ctx), ctx);
  ctx.pending.takeOverMarked(own.task.TaskId!, own.mark);
  ctx.show(`took over ${own.task.TaskId}`);
  return own.task.TaskId;
}

const TAKEN_OVER =
  "a later run took it over, after an interruption or by the option import, so this old record does not own it";

/** Why the record of this creation no longer owns an export; undefined if it does. */
export async function exportLostTo(
  id: string,
  creationId: string,
  args: Partial<ImageExportFields>,
  ctx: Context,
): Promise<string | undefined> {
  if (ctx.isHeldAnew(id, creationId)) return TAKEN_OVER; // lists may still show the tag that it had before
  const found = args.imageId === undefined ? undefined : await exportOwnerOf(id, args.imageId, ctx);
  if (!found || found.creationId === creationId) return undefined;
  if (found.creationId === HANDED_OVER && !ctx.isAdopted)
    return "it was handed over, so that another stack may have it";
  const own = ownerOfExport(args, ctx);
  const { owner = own } = found;
  if (owner.stack !== own.stack) return "another stack has adopted it since";
  if (owner.resource !== own.resource) return "another resource of this stack has adopted it since";
  if (ctx.pending.isTakenOver(id) || ctx.pending.isShownAs(id, found.creationId)) return TAKEN_OVER;
  // The later run's record was lost. This record is live, or is deleted together with all others.
  if (ctx.pending.isShownAs(id, creationId) || ctx.pending.isDestroy()) return undefined;
  // The run that took it over was killed, and the state lacks its result: the mark of the creation is still set.
  return (await readExportMarks(own, args.imageId!, ctx)).own === undefined ? TAKEN_OVER : undefined;
}

const isSame = (a: Pick<Owner, "stack" | "resource">, b: Pick<Owner, "stack" | "resource">): boolean =>
  a.stack === b.stack && a.resource === b.resource;

/** Why an export cannot be adopted, if another stack or resource owns it. */
export async function exportRefusal(id: string, args: ImageExportFields, ctx: Context): Promise<string | undefined> {
  const own = ownerOfExport(args, ctx);
  const found = await exportOwnerOf(id, args.imageId, ctx);
  if (!found?.owner || isSame(found.owner, own)) return undefined;
  const { resourceType, resourceId, tag } = found.mark;
  const command =
    `aliyun ecs TagResources --RegionId ${ctx.regionId} --ResourceType ${resourceType} ` +
    `--ResourceId.1 ${resourceId} --Tag.1.Key ${tag} --Tag.1.Value ${HANDED_OVER}`;
  return (
    `export ${id} belongs to another ${found.owner.stack === own.stack ? "resource of this stack" : "stack"}. To ` +
    "hand it over with its objects, take it out of that stack's state (pulumi state delete <urn>) and of its " +
    `program, run: ${command}; then run this again`
  );
}

/** Whether the cloud shows that this resource may delete the objects of an adopted export. */
export async function ownsObjects(id: string, args: ImageExportFields, ctx: Context): Promise<boolean> {
  const { owner, hasObjects = false } = (await exportOwnerOf(id, args.imageId, ctx)) ?? {};
  return hasObjects && (!owner || isSame(owner, ownerOfExport(args, ctx)));
}

/** Persists that this resource now owns an existing export. */
export async function adoptExport(id: string, args: ImageExportFields, ctx: Context): Promise<void> {
  const adopted = { id, imageId: args.imageId, hasObjects: await ownsObjects(id, args, ctx) };
  await takeOverExport(adopted, ownerOfExport(args, ctx), ctx);
}

/** Removes the owner tag of an export that is removed, and those of exports whose objects are gone. */
export async function forgetOwner(id: string, args: ImageExportFields, ctx: Context): Promise<void> {
  const isThere = (taskId: string) => taskId !== id && (ctx.pending.isShown(taskId) || ctx.pending.isMarked(taskId));
  const found = await exportOwnerOf(id, args.imageId, ctx);
  const stale = await staleOwnersOf(ownerOfExport(args, ctx), args.imageId, isThere, ctx);
  const marks = [...(found ? [found.mark] : []), ...stale.filter(({ tag }) => tag !== found?.mark.tag)];
  for (const mark of marks) await removeExportMark(mark, ctx);
}

/**
 * Removes the mark that a run left if it was killed right after this creation. The mark of another creation stays,
 * because it is the only trace of that export.
 */
export async function unmarkExport(id: string, args: ImageExportFields, ctx: Context): Promise<void> {
  const { own } = await readExportMarks(ownerOfExport(args, ctx), args.imageId, ctx);
  if (!own) return;
  const others = await settledUnder(own, args.imageId, ctx);
  if (others.length === 0 || others.some(({ task }) => task.TaskId === id)) return removeExportMark(own.mark, ctx);
  for (const { task } of others)
    if (!ctx.pending.isMarked(task.TaskId!)) warnOfLeft(task, "the program no longer asks for it", args, ctx);
}

function warnOfLeft(task: Task, because: string, args: ImageExportFields, ctx: Context): void {
  const keys = reportedKeys(task).map(urlOf);
  const written = keys.length > 0 ? keys.join(", ") : `something under ${placeText(args)}`;
  ctx.warn(
    `an interrupted run may have left export task ${task.TaskId}, which writes ${written}. It is not taken ` +
      `over: ${because}. Delete its objects if you do not need them`,
  );
}
