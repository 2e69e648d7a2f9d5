import type { Orphan } from "./model";
import type { StackState } from "./stack-state";

export interface Caution {
  readonly nowMs: number;
  /** Younger orphans are kept: a run may still be creating them. */
  readonly olderThanMs: number;
  /** Whether to keep what a state held, or may have held. */
  readonly keepRetained: boolean;
}

const BEING_MADE: Readonly<Record<string, readonly string[]>> = {
  image: ["Creating", "Waiting"],
  snapshot: ["progressing"],
};

/** Why a run may still be creating it; undefined if no run can be. Pure. */
export function workOn(
  { kind, status, progress, resource, task }: Orphan,
  { pending }: StackState,
): string | undefined {
  if (task !== undefined) return `task ${task} works on it`;
  if (BEING_MADE[kind]?.includes(status)) return `still being made${progress ? ` (${progress})` : ""}`;
  const operation = pending.get(resource ?? "");
  return operation && `the state has a pending operation for it (${operation}): a run may be making it`;
}

/** Why an orphan must not be deleted now; undefined if it may be. Pure. */
export function reasonToKeep(orphan: Orphan, state: StackState, caution: Caution): string | undefined {
  const { id, createdAt, origin, acknowledgedAt } = orphan;
  if (orphan.kept !== undefined) return orphan.kept;
  const user = state.users.get(id);
  if (user !== undefined) return `used by ${user}`;
  const work = workOn(orphan, state);
  if (work !== undefined) return work;
  if (acknowledgedAt !== undefined) return "acknowledged";
  // An orphan without a creation time may be new.
  if (!(caution.nowMs - Date.parse(createdAt ?? "") >= caution.olderThanMs)) return "too young";
  return caution.keepRetained && origin !== "interrupted" ? "not without --retained" : undefined;
}
