// ImageExport: how it is started, awaited, read and removed.

import type { Task } from "../../ecs/queries";
import { Failure } from "../../failure";
import { isUnknown } from "../../fields/unknown";
import type { Context } from "../../lifecycle/context";
import type { Lifecycle } from "../../lifecycle/lifecycle";
import { cancelTask, isRunning, reasonIn, waitForTask } from "../tasks/task";
import { fields, formatFailures, type ImageExportFields, type ImageExportState, type Written } from "./args";
import { findExistingExport } from "./existing";
import { deleteWritten, remainingOf, urlOf, writtenBy } from "./objects";
import {
  adoptExport,
  dryRunExport,
  exportLostTo,
  exportRefusal,
  forgetOwner,
  LIST_LAG_MS,
  LIST_PAUSE_MS,
  ownsObjects,
  startExport,
  takeOverLeftover,
  unmarkExport,
} from "./start";

export type { ImageExportFields, ImageExportState } from "./args";

const TIMEOUT_MS = 120 * 60_000;
/** How long a creation waits for a task that no list shows and whose objects do not exist. */
const MOST_LAG_MS = 10 * 60_000;
const NONE: Written = { objects: [], writtenAt: [] };

/** Whether a task wrote all of its objects. */
const isComplete = (task: Task | undefined): boolean =>
  task?.TaskStatus === "Finished" && reasonIn(task.TaskId ?? "", task) === undefined;

/** The task's id; empty for an imported export whose task is no longer listed. Its id is `bucket/key`. */
const taskIdOf = (id: string): string => (id.includes("/") ? "" : id);

const stateOf = (
  id: string,
  known: Partial<ImageExportState>,
  seen: Written & { readonly status: string },
  ctx: Context,
): ImageExportState => ({
  ...(known as ImageExportFields),
  regionId: ctx.regionId,
  taskId: taskIdOf(id),
  ...seen,
  startedAt: known.startedAt,
});

/**
 * A finished export, with what it wrote. Objects that cannot be found are no failure: the files exist under some key.
 * They are one if a later export has overwritten them.
 */
async function finished(
  id: string,
  task: Task | undefined,
  known: Partial<ImageExportState>,
  ctx: Context,
): Promise<ImageExportState> {
  const {
    missing,
    isOverwritten,
    unlisted: _why,
    ...written
  } = await writtenBy({ id, task, have: known as ImageExportState }, ctx);
  const startedAt = known.startedAt ?? task?.CreationTime;
  const begun = { ...known, startedAt };
  if (isOverwritten) return stateOf(id, begun, { status: "Incomplete", ...written }, ctx);
  if (missing !== undefined) ctx.warn(`${missing}. It is recorded as finished, with the objects that are known`);
  return stateOf(id, begun, { status: "Finished", ...written }, ctx);
}

/** An export that is recorded as finished. Its task does not matter any more, and may no longer be listed. */
async function recorded(
  id: string,
  known: Partial<ImageExportState>,
  ctx: Context,
): Promise<ImageExportState | undefined> {
  if (!known.objects?.length && known.status === "Finished") return finished(id, await ctx.tasks.read(id), known, ctx);
  if (!known.objects?.length) return known as ImageExportState;
  const remaining = await remainingOf(known, ctx);
  const left = remaining.objects.length;
  if (left === 0) return undefined;
  const status = left < known.objects.length ? "Incomplete" : (known.status ?? "Finished");
  return stateOf(id, known, { status, ...remaining }, ctx);
}

/** Fails unless all objects exist as the export wrote them. */
function requireObjects(id: string, state: ImageExportState | undefined): ImageExportState {
  if (state?.status === "Finished") return state;
  const which = state?.objects.length ? "some objects" : "the objects";
  throw new Failure("Failed", `${which} of export ${id} were deleted or overwritten since it wrote them`);
}

const isYounger = (ageMs: number, { startedAt = "" }: Partial<ImageExportState>, { clock }: Context): boolean =>
  clock.now() - Date.parse(startedAt) < ageMs;

const isRecorded = ({ status }: Partial<ImageExportState>): boolean => status === "Finished" || status === "Incomplete";

export const imageExport: Lifecycle<ImageExportFields, ImageExportState> = {
  type: "ImageExport",
  fields,
  argsRules: [],
  defaultTimeoutMs: TIMEOUT_MS,
  describe: ({ imageId, ossBucket, ossPrefix }) =>
    `export of image ${imageId} to oss://${ossBucket}/${ossPrefix ?? ""}`,
  phase: ({ status = "Processing" }) =>
    status === "Finished" ? "ready" : isRunning(status) && status !== "Incomplete" ? "unfinished" : "failed",
  summary: ({ objects, ossBucket }) =>
    objects.length > 0
      ? `wrote ${objects.length} object${objects.length > 1 ? "s" : ""} to oss://${ossBucket}`
      : "has finished",

  reveals: { objects: ["ossBucket", "ossPrefix", "imageId"] },
  findLeftover: takeOverLeftover,
  initialState: (id) => ({ taskId: taskIdOf(id), status: "Processing", ...NONE }),
  start: startExport,

  async waitUntilReady(id, args, have, ctx) {
    const known = { ...have, ...args };
    if (isRecorded(known)) return requireObjects(id, await recorded(id, known, ctx));
    // A task that no list shows is either young or forgotten. If it is forgotten, its objects show whether it finished.
    for (const lagMs of [LIST_LAG_MS, MOST_LAG_MS]) {
      const unlistedUntilMs = Date.parse(known.startedAt ?? ctx.since) + lagMs;
      const task = await waitForTask(id, ctx, ctx.showWait, unlistedUntilMs);
      if (isComplete(task)) return requireObjects(id, await finished(id, task, known, ctx));
      if (task) throw new Failure("Failed", reasonIn(id, task) ?? `export task ${id} has ended as ${task.TaskStatus}`);
      const unlisted = await writtenBy({ id, task: undefined, have: known }, ctx);
      if (unlisted.missing === undefined) return stateOf(id, known, { status: "Finished", ...unlisted }, ctx);
    }
    throw new Failure(
      "Failed",
      `export task ${id} is gone: the cloud no longer lists it, and its objects do not exist`,
    );
  },

  updateInPlace: async () => ({}),
  lostTo: exportLostTo,
  dryRun: dryRunExport,
  inspect: ({ imageFormat }) =>
    typeof imageFormat === "string" && imageFormat !== "raw" && !isUnknown(imageFormat)
      ? async ({ regionId }) => ({ computed: {}, failures: formatFailures(imageFormat, regionId) })
      : undefined,

  async findExisting(given, args, ctx) {
    const found = await findExistingExport(given, args, ctx);
    if (!found) return undefined;
    const { id, state } = found;
    // No prefix and another prefix are two different places.
    const compared = args.ossPrefix === undefined ? state : { ...state, ossPrefix: state.ossPrefix ?? "" };
    return { id, state: compared, known: state, refusal: await exportRefusal(id, state, ctx) };
  },
  adoptExisting: adoptExport,

  async read(id, have, ctx) {
    if (isRecorded(have)) return recorded(id, have, ctx);
    const task = await ctx.tasks.read(id);
    if (isComplete(task)) return finished(id, task, have, ctx);
    if (task) {
      const status = task.TaskStatus === "Finished" ? "Failed" : (task.TaskStatus ?? "Unknown");
      return stateOf(id, have, { status, ...NONE }, ctx);
    }
    if (have.imageId === undefined) return undefined;
    const unlisted = await writtenBy({ id, task: undefined, have: have as ImageExportState }, ctx);
    if (unlisted.missing === undefined) return stateOf(id, have, { status: "Finished", ...unlisted }, ctx);
    // Lists lag behind and have gaps, so a task that is missing once may still run.
    const mayRun = isYounger(MOST_LAG_MS, have, ctx) || (await ctx.tasks.read(id)) !== undefined;
    return mayRun ? (have as ImageExportState) : stateOf(id, have, { status: "Failed", ...NONE }, ctx);
  },

  async remove(id, have, ctx) {
    const { written, deletes } = isRecorded(have)
      ? { written: have, deletes: have.deleteObjects === true }
      : await stopExport(id, have, ctx);
    const args = have.imageId === undefined ? undefined : (have as ImageExportFields);
    if (args) await unmarkExport(id, args, ctx);
    const keeps = deletes && args !== undefined && ctx.isAdopted && !(await ownsObjects(id, args, ctx));
    if (keeps) warnOfKept(id, written, ctx);
    const failures = deletes && !keeps ? await deleteWritten(written, ctx) : [];
    if (failures.length > 0)
      throw new Failure("Refused", `not all of its objects could be deleted: ${failures.join("; ")}`);
    if (args) await forgetOwner(id, args, ctx);
  },
};

const warnOfKept = (id: string, { objects = [] }: Partial<Written>, ctx: Context): void =>
  ctx.warn(
    `kept ${objects.map(urlOf).join(", ")}: export ${id} was adopted, and another stack may have it. ` +
      "Delete them in OSS if you do not need them",
  );

/**
 * Stops an export that was never recorded as finished, and returns what it wrote. Unless it had finished by itself, its
 * objects are deleted, even without `deleteObjects`: a failure, or a cancellation that came too late, has left them.
 */
async function stopExport(
  id: string,
  have: Partial<ImageExportState>,
  ctx: Context,
): Promise<{ written: Partial<Written>; deletes: boolean }> {
  const task = await listed(id, have, ctx);
  const running = isRunning(task?.TaskStatus);
  const ended = running ? await cancelTask(id, ctx) : task;
  const keeps = !running && (!ended || isComplete(ended)) && !have.deleteObjects;
  if (keeps || have.imageId === undefined) return { written: NONE, deletes: false };
  const written = await writtenBy({ id, task: ended, have: have as ImageExportState }, ctx, "delete");
  if (written.unlisted !== undefined) ctx.warn(`objects of export task ${id} may be left: ${written.unlisted}`);
  return { written, deletes: true };
}

/** The task. Undefined if the cloud does not list it, and it is too old for a list that lags behind. */
async function listed(id: string, have: Partial<ImageExportState>, ctx: Context): Promise<Task | undefined> {
  for (;;) {
    const task = await ctx.tasks.read(id);
    if (task || !isYounger(LIST_LAG_MS, have, ctx)) return task;
    await ctx.pause(LIST_PAUSE_MS);
  }
}
