import { Failure } from "../provider/failure";
import { PENDING_TAG, RETAINED_TAG } from "../provider/lifecycle/ownership";
import type { Session } from "../provider/lifecycle/session";
import { workOn } from "./caution";
import type { Orphan } from "./model";
import type { StackState } from "./stack-state";

const TIMEOUT_MS = 2 * 60_000;
const BATCH_SIZE = 50;

/** The orphans with these ids. Fails if one of them cannot be acknowledged, before anything is written. */
export function acknowledgeable(ids: readonly string[], orphans: readonly Orphan[], state: StackState): Orphan[] {
  const wrong = ids.flatMap((id) => {
    const orphan = orphans.find((one) => one.id === id);
    if (!orphan) return [`${id} is not an orphan of this stack in these regions`];
    if (orphan.kind !== "image" && orphan.kind !== "snapshot") return [`${id} is a task, which cannot have tags`];
    const work = workOn(orphan, state);
    return work === undefined ? [] : [`${id}: ${work}`];
  });
  if (wrong.length > 0) throw new Failure("Invalid", `nothing was acknowledged: ${wrong.join("; ")}`);
  return orphans.filter(({ id }) => ids.includes(id));
}

/**
 * Writes the acknowledgement with its time into a tag of each, so that every machine and every pipeline knows it. May
 * be repeated. The tag replaces `pending`: an image has at most two tags of this package, and what is kept on purpose
 * is no longer something that the next run has to take over.
 */
export async function acknowledge(orphans: readonly Orphan[], session: Session, nowMs: number): Promise<void> {
  const groups = new Map<string, Orphan[]>();
  for (const orphan of orphans) {
    const group = `${orphan.kind} ${orphan.regionId}`;
    groups.set(group, [...(groups.get(group) ?? []), orphan]);
  }
  for (const group of groups.values())
    for (let from = 0; from < group.length; from += BATCH_SIZE)
      await tagAsRetained(group.slice(from, from + BATCH_SIZE), session, nowMs);
}

async function tagAsRetained(batch: readonly Orphan[], session: Session, nowMs: number): Promise<void> {
  const { kind, regionId } = batch[0]!;
  const { ecs } = session.contextFor({ urn: "", doing: `acknowledging ${kind}s`, regionId, timeoutMs: TIMEOUT_MS });
  const resources = { ResourceType: kind, ResourceId: batch.map(({ id }) => id) };
  // Removes the other tag first, because the image may already have its maximum of twenty.
  if (kind === "image") await ecs("UntagResources", { ...resources, TagKey: [PENDING_TAG] });
  await ecs("TagResources", { ...resources, Tag: [{ Key: RETAINED_TAG, Value: new Date(nowMs).toISOString() }] });
}
