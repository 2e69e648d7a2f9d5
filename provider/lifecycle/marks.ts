import type { Ecs } from "../ecs/actions";
import { PENDING_TAG, pendingValue } from "./ownership";

/** A tag on something that the engine has not recorded yet. The mark of an export is on a snapshot of its image. */
export interface Mark {
  readonly resourceType: "image" | "snapshot";
  readonly resourceId: string;
  readonly tag: string;
}

export const pendingMark = (resourceId: string): Mark => ({ resourceType: "image", resourceId, tag: PENDING_TAG });

/** The tag to write on something that was returned to the engine. */
export interface Closing {
  readonly mark: Mark;
  /**
   * If given, the mark now says that a run of this stack returned it to its engine. If left out, the mark is removed.
   */
  readonly returnedTo?: string | undefined;
}

const BATCH_SIZE = 50;

/**
 * Writes each kind of closing in batches, so that a thousand images take twenty calls. If a call fails, the marks stay.
 */
export async function writeClosings(send: Ecs, closings: readonly Closing[]): Promise<void> {
  const kinds = new Map<string, Closing[]>();
  for (const closing of closings) {
    const { mark, returnedTo } = closing;
    const kind = JSON.stringify([mark.resourceType, mark.tag, returnedTo]);
    const alike = kinds.get(kind) ?? [];
    alike.push(closing);
    kinds.set(kind, alike);
  }
  await Promise.allSettled([...kinds.values()].flatMap(batches).map((batch) => write(send, batch)));
}

/** Writes closings of one kind in one call. */
function write(send: Ecs, closings: readonly Closing[]): Promise<unknown> {
  const [{ mark, returnedTo } = {} as Closing] = closings;
  const what = { ResourceType: mark.resourceType, ResourceId: closings.map(({ mark: { resourceId } }) => resourceId) };
  if (returnedTo === undefined) return send("UntagResources", { ...what, TagKey: [mark.tag] });
  const value = pendingValue("returned", returnedTo);
  return send("TagResources", { ...what, Tag: [{ Key: mark.tag, Value: value }] });
}

const batches = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / BATCH_SIZE) }, (_, i) => all.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE));
