import type { TaskRow } from "../ecs/actions";
import { type Owner, TAG_PREFIX } from "../lifecycle/ownership";
import type { Mark } from "../lifecycle/pending";
import type { Context } from "../lifecycle/session";
import { isRunning } from "./task";

/**
 * ExportImage takes neither a tag nor a token. What says that an export of a resource is under way is a tag on the image that it
 * exports, set before and taken off once the engine has the export (docs/adoption.md).
 */
export const exportMark = ({ resource }: Owner, imageId: string): Mark => ({
  resourceType: "image",
  resourceId: imageId,
  tag: `${TAG_PREFIX}export-${resource}`,
});

/** What the mark of a creation tells whoever finds it. */
export interface Marked {
  readonly fingerprint: string;
  readonly sinceMs: number;
  /** Tasks that were there already: exports of the same image to the same place are told apart by nothing else. */
  readonly earlier: readonly string[];
}

/** A tag's value has room for so many ids; exports of one image rarely begin within the same minutes. */
const MOST_EARLIER = 3;

/** Tasks tell the minute of their creation, and two clocks may differ a little. */
const TASK_TIME_SLACK_MS = 2 * 60_000;

export async function setExportMark(mark: Mark, { fingerprint }: Owner, ctx: Context): Promise<void> {
  const sinceMs = ctx.clock.now();
  const earlier = (await exportsSince(sinceMs, mark.resourceId, ctx))
    .slice(0, MOST_EARLIER)
    .map(({ TaskId }) => TaskId!);
  const value = [`${fingerprint}.${new Date(sinceMs).toISOString()}`, ...earlier].join("/");
  await ctx.ecs("TagResources", {
    ResourceType: "image",
    ResourceId: [mark.resourceId],
    Tag: [{ Key: mark.tag, Value: value }],
  });
}

/** What stands on the image under this mark; undefined when there is none. */
export async function readExportMark({ resourceId: imageId, tag }: Mark, ctx: Context): Promise<Marked | undefined> {
  const image = await ctx.images.read(imageId);
  const value = image?.Tags?.Tag?.find(({ TagKey }) => TagKey === tag)?.TagValue;
  if (value === undefined) return undefined;
  const [head = "", ...earlier] = value.split("/");
  const dot = head.indexOf(".");
  return { fingerprint: head.slice(0, dot), sinceMs: Date.parse(head.slice(dot + 1)), earlier };
}

/** The exports that can have come of the creation that set this mark, the newest first: what has failed or was cancelled has left nothing. */
export async function exportsUnder({ sinceMs, earlier }: Marked, imageId: string, ctx: Context): Promise<TaskRow[]> {
  const tasks = await exportsSince(sinceMs, imageId, ctx);
  return tasks.filter(
    ({ TaskId, TaskStatus }) =>
      TaskId !== undefined && !earlier.includes(TaskId) && (isRunning(TaskStatus) || TaskStatus === "Finished"),
  );
}

/** Exports of this image that cannot have begun before this time, the newest first. */
export async function exportsSince(sinceMs: number, imageId: string, ctx: Context): Promise<TaskRow[]> {
  const answer = await ctx.ecs("DescribeTasks", { TaskAction: "ExportImage", ResourceIds: [imageId], PageSize: 100 });
  const recent = (answer.TaskSet?.Task ?? []).filter(
    ({ ResourceId, CreationTime }) =>
      (ResourceId === undefined || ResourceId === imageId) &&
      Date.parse(CreationTime ?? "") >= sinceMs - TASK_TIME_SLACK_MS,
  );
  return recent.sort((a, b) => (a.CreationTime! < b.CreationTime! ? 1 : -1));
}

export async function takeOffExportMark({ resourceId: imageId, tag }: Mark, ctx: Context): Promise<void> {
  await ctx.ecs("UntagResources", { ResourceType: "image", ResourceId: [imageId], TagKey: [tag] });
}
