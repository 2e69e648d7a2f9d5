import type { TaskRow } from "../ecs/actions";
import type { Cloud } from "../lifecycle/cloud";
import type { Mark } from "../lifecycle/handover";
import { type Owner, TAG_PREFIX } from "../lifecycle/ownership";
import { isRunning } from "./task";

/**
 * ExportImage takes neither a tag nor a token. What says that an export of a resource is under way is a tag on the image that it
 * exports, set before and taken off once the engine has the export (docs/adoption.md).
 */
export const exportMark = ({ resource }: Owner, imageId: string): Mark => ({
  imageId,
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

export async function setExportMark(mark: Mark, { fingerprint }: Owner, cloud: Cloud): Promise<void> {
  const sinceMs = cloud.clock.now();
  const earlier = (await exportsSince(sinceMs, mark.imageId, cloud))
    .slice(0, MOST_EARLIER)
    .map(({ TaskId }) => TaskId!);
  const value = [`${fingerprint}.${new Date(sinceMs).toISOString()}`, ...earlier].join("/");
  await cloud.ecs("TagResources", {
    ResourceType: "image",
    ResourceId: [mark.imageId],
    Tag: [{ Key: mark.tag, Value: value }],
  });
}

/** What stands on the image under this mark; undefined when there is none. */
export async function readExportMark({ imageId, tag }: Mark, cloud: Cloud): Promise<Marked | undefined> {
  const image = await cloud.images.see(imageId);
  const value = image?.Tags?.Tag?.find(({ TagKey }) => TagKey === tag)?.TagValue;
  if (value === undefined) return undefined;
  const [head = "", ...earlier] = value.split("/");
  const dot = head.indexOf(".");
  return { fingerprint: head.slice(0, dot), sinceMs: Date.parse(head.slice(dot + 1)), earlier };
}

/** The exports that can have come of the creation that set this mark, the newest first: what has failed or was cancelled has left nothing. */
export async function exportsUnder({ sinceMs, earlier }: Marked, imageId: string, cloud: Cloud): Promise<TaskRow[]> {
  const tasks = await exportsSince(sinceMs, imageId, cloud);
  return tasks.filter(
    ({ TaskId, TaskStatus }) =>
      TaskId !== undefined && !earlier.includes(TaskId) && (isRunning(TaskStatus) || TaskStatus === "Finished"),
  );
}

/** Exports of this image that cannot have begun before this time, the newest first. */
export async function exportsSince(sinceMs: number, imageId: string, cloud: Cloud): Promise<TaskRow[]> {
  const answer = await cloud.ecs("DescribeTasks", { TaskAction: "ExportImage", ResourceIds: [imageId], PageSize: 100 });
  const recent = (answer.TaskSet?.Task ?? []).filter(
    ({ ResourceId, CreationTime }) =>
      (ResourceId === undefined || ResourceId === imageId) &&
      Date.parse(CreationTime ?? "") >= sinceMs - TASK_TIME_SLACK_MS,
  );
  return recent.sort((a, b) => (a.CreationTime! < b.CreationTime! ? 1 : -1));
}

export async function takeOffExportMark({ imageId, tag }: Mark, cloud: Cloud): Promise<void> {
  await cloud.ecs("UntagResources", { ResourceType: "image", ResourceId: [imageId], TagKey: [tag] });
}
