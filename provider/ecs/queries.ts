// The queries for many resources at once, which waits and reads share.

import { Failure } from "../failure";
import { type Observed, UNREADABLE } from "../wait/observe";
import type { AssistantRow, Ecs, ImageRow, InstanceRow, Request, TaskAttribute, TaskRow } from "./actions";
import { unreadableIn } from "./answers";
import { reactionTo } from "./codes";
import { readPage } from "./pages";

/**
 * A task, as one of the two calls returns it. Progress and related items are there only if the task was requested
 * alone.
 */
export type Task = TaskRow & Partial<TaskAttribute>;

/** All statuses. Without them, `DescribeImages` lists only Available images. */
export const ANY_IMAGE_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated";

type Found<Row> = Map<string, NonNullable<Observed<Row>>>;

/** Called with the reason when a query takes longer than expected. */
type Delayed = (reason: string) => void;
type Bound = (delayed: Delayed) => Ecs;

/** Reads up to a hundred images by id. With tags, only those that a filter by these tags finds. */
export const imagesById =
  (ecs: Bound, tags?: Request<"DescribeImages">["Tag"]) =>
  async (ids: readonly string[], delayed: Delayed = () => undefined): Promise<Found<ImageRow>> => {
    const answer = await ecs(delayed)("DescribeImages", {
      Status: ANY_IMAGE_STATUS,
      PageSize: 100,
      ImageId: ids.join(","),
      ...(tags && { Tag: tags }),
    });
    return answerFor(ids, answer, answer.Images?.Image ?? [], ({ ImageId }) => ImageId);
  };

/** One page of this account's images with these tags, by id. */
export async function imagePage(ecs: Ecs, tags: Request<"DescribeImages">["Tag"], number: number) {
  const filter = { Status: ANY_IMAGE_STATUS, ImageOwnerAlias: "self", ...(tags && { Tag: tags }) };
  const { rows, total } = await readPage(ecs, "DescribeImages", filter, number);
  return { rows: new Map(rows.map((row) => [row.ImageId!, row])), total };
}

/** Reads up to a hundred tasks by id. For a single task there is a call that also returns its progress. */
export const tasksById =
  (ecs: Bound) =>
  async (ids: readonly string[], delayed: Delayed = () => undefined): Promise<Found<Task>> => {
    const [only, ...others] = ids;
    if (only !== undefined && others.length === 0) return taskAlone(ecs(delayed), only);
    const answer = await ecs(delayed)("DescribeTasks", { TaskIds: ids.join(","), PageSize: 100 });
    return answerFor<Task>(ids, answer, answer.TaskSet?.Task ?? [], ({ TaskId }) => TaskId);
  };

async function taskAlone(ecs: Ecs, id: string): Promise<Found<Task>> {
  try {
    const task = await ecs("DescribeTaskAttribute", { TaskId: id });
    return answerFor<Task>([id], task, [task], ({ TaskId }) => TaskId);
  } catch (error) {
    if (reactionTo(error) === "gone") return new Map();
    throw error;
  }
}

/** Reads up to a hundred instances by id. */
export const instancesById =
  (ecs: Bound) =>
  async (ids: readonly string[], delayed: Delayed = () => undefined): Promise<Found<InstanceRow>> => {
    const answer = await ecs(delayed)("DescribeInstances", { InstanceIds: JSON.stringify(ids), PageSize: 100 });
    return answerFor<InstanceRow>(ids, answer, answer.Instances?.Instance ?? [], ({ InstanceId }) => InstanceId);
  };

/**
 * Reads whether Cloud Assistant answers in up to a hundred instances. If one of them no longer exists, ECS refuses the
 * whole call.
 */
export const assistantsById =
  (ecs: Bound) =>
  async (ids: readonly string[], delayed: Delayed = () => undefined): Promise<Found<AssistantRow>> => {
    try {
      const answer = await ecs(delayed)("DescribeCloudAssistantStatus", { InstanceId: [...ids] });
      const rows = answer.InstanceCloudAssistantStatusSet?.InstanceCloudAssistantStatus ?? [];
      return answerFor<AssistantRow>(ids, answer, rows, ({ InstanceId }) => InstanceId);
    } catch (error) {
      if (reactionTo(error) !== "gone") throw error;
      if (ids.length === 1) return new Map();
      const each = await Promise.all(ids.map((id) => assistantsById(ecs)([id], delayed)));
      return new Map(each.flatMap((found) => [...found]));
    }
  };

/**
 * The rows by id. If an answer contains rows that were not requested, it proves nothing about missing ones. A row that
 * cannot be read may be any of the missing ones.
 */
function answerFor<Row>(
  ids: readonly string[],
  answer: object,
  rows: readonly Row[],
  idOf: (row: Row) => string | undefined,
): Found<Row> {
  const found: Found<Row> = new Map(rows.map((row) => [idOf(row)!, row as NonNullable<Row>]));
  const stranger = [...found.keys()].find((id) => !ids.includes(id));
  const unreadable = unreadableIn(answer);
  for (const id of ids)
    if (!found.has(id) && (unreadable.nameless > 0 || unreadable.ids.has(id))) found.set(id, UNREADABLE);
  if (stranger !== undefined && !ids.every((id) => found.has(id))) {
    const what = `reading ${ids.join(", ")}: the answer contains ${stranger}, which was not requested`;
    throw new Failure("Unreachable", what);
  }
  return found;
}
