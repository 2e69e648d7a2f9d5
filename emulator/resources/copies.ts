import { isOngoing, spanEndMs, spanState } from "../world/span";
import type { ImageRecord, World } from "../world/world";
import { takeSnapshots } from "./image-snapshots";

const copiesIn = (world: World): ImageRecord[] => [...world.images.values()].filter(({ copyOf }) => copyOf);

export const isCopying = (image: ImageRecord, nowMs: number): boolean =>
  image.copyOf !== undefined && isOngoing(image.span, nowMs);

/** The unfinished copies of an image. */
export const copiesOf = (world: World, { imageId }: ImageRecord, nowMs: number): ImageRecord[] =>
  copiesIn(world).filter((copy) => copy.copyOf?.imageId === imageId && isCopying(copy, nowMs));

/** Starts waiting copies in turn, and gives finished ones their snapshots. */
export function applyCopyEffects(world: World, nowMs: number): void {
  const copies = copiesIn(world);
  for (const copy of copies.filter(({ span }) => span.queued)) startInTurn(world, copies, copy, nowMs);
  for (const copy of copies) {
    if (copy.copyOf?.snapshotsTaken || spanState(copy.span, nowMs).phase !== "done") continue;
    takeSnapshots(world, copy, spanEndMs(copy.span) ?? nowMs);
    if (copy.copyOf) copy.copyOf.snapshotsTaken = true;
  }
}

/**
 * "A region supports only up to five concurrent image copy tasks. Excess image copy tasks are queued for execution."
 */
function startInTurn(world: World, copies: readonly ImageRecord[], copy: ImageRecord, nowMs: number): void {
  const places = world.quotas.copiesAtOncePerRegion;
  const endsMs = copies
    .filter(({ regionId, span }) => regionId === copy.regionId && !span.queued)
    .map(({ span }) => spanEndMs(span) ?? Infinity)
    .filter((endMs) => endMs > copy.span.startMs)
    .sort((a, b) => a - b);
  const startMs = endsMs.length < places ? copy.span.startMs : (endsMs[endsMs.length - places] as number);
  const { queued: _queued, ...span } = copy.span;
  // The place of a cancelled copy is free from now on, not earlier.
  if (startMs > nowMs) copy.span = { ...copy.span, startMs: nowMs };
  else {
    copy.span = { ...span, startMs };
    copy.usableFromMs = (spanEndMs(copy.span) ?? 0) + (copy.copyOf?.unusableForMs ?? 0);
  }
}
