import type { Exchange } from "../exchange";
import { isRow } from "./counterparts";

const CREATING = ["CreateImage", "ImportImage", "CopyImage", "ExportImage"] as const;
export type Creating = (typeof CREATING)[number];
const FAILED = /^(CreateFailed|UnAvailable|Failed)$/;
const ENDED = /^(CreateFailed|UnAvailable|Failed|Available|Deprecated|Finished)$/;

export const isCreating = (action: string): action is Creating => (CREATING as readonly string[]).includes(action);
export const isAnswered = ({ status }: Exchange): boolean => status === 200;

/** The rows of images and tasks in an answer, at any depth. */
export function rowsIn(body: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(body)) return body.flatMap(rowsIn);
  if (!isRow(body)) return [];
  return [body, ...Object.values(body).flatMap(rowsIn)];
}

/** The ids in the answer to a creating call: the image's, and the task's if there is one. */
export const idsMadeBy = ({ action, body }: Exchange): string[] =>
  isCreating(action) && isRow(body)
    ? [...(action === "ExportImage" ? [] : [body["ImageId"]]), body["TaskId"]].filter((id) => typeof id === "string")
    : [];

interface Seen {
  readonly atMs: number;
  readonly status: string;
  readonly isUsable: boolean;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Each state of something, in the order of the calls that saw it. */
export const sightingsOf = (id: string, calls: readonly Exchange[]): Seen[] =>
  calls.filter(isAnswered).flatMap((call) =>
    rowsIn(call.body).flatMap((row): Seen[] => {
      const isTask = row["TaskId"] === id && typeof row["TaskStatus"] === "string";
      const isImage = row["ImageId"] === id && typeof row["Status"] === "string";
      if (!isTask && !isImage) return [];
      const status = String(isTask ? row["TaskStatus"] : row["Status"]);
      return [{ atMs: Date.parse(call.at), status, isUsable: row["Usable"] !== false, row }];
    }),
  );

/**
 * How long a creation took in the recording, and how it ended. The emulator is set to the same, so neither counts as a
 * difference.
 */
export function outcomeOf(call: Exchange, calls: readonly Exchange[]) {
  const seen = idsMadeBy(call).flatMap((id) => sightingsOf(id, calls));
  const ended = seen.filter(({ status }) => ENDED.test(status)).sort((a, b) => a.atMs - b.atMs);
  const [first] = ended;
  const startMs = Date.parse(call.at);
  if (!first) return { for: call.action as Creating, durationMs: 1_000 * 3_600_000 };
  const usable = ended.find(({ isUsable, status }) => isUsable && !FAILED.test(status)) ?? first;
  return {
    for: call.action as Creating,
    durationMs: first.atMs - startMs,
    ...(FAILED.test(first.status) && { failAtPercent: 100 }),
    ...(usable.atMs > first.atMs && { unusableForMs: usable.atMs - first.atMs }),
  };
}
