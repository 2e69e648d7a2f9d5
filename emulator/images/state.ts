import { type SpanState, spanState } from "../world/span";
import type { ImageRecord } from "../world/world";

export interface ImageState {
  readonly status: string;
  readonly percent: number;
  readonly usable: boolean;
  readonly remainingMs: number;
}

/** The state of an image at `nowMs`. */
export function imageState(image: ImageRecord, nowMs: number): ImageState {
  const made = spanState(image.span, nowMs);
  const status = image.statusShown ?? statusOf(image, made);
  const usable = (status === "Available" || status === "Deprecated") && nowMs >= image.usableFromMs;
  return { status, percent: made.percent, usable, remainingMs: made.remainingMs };
}

function statusOf(image: ImageRecord, made: SpanState): string {
  switch (made.phase) {
    case "waiting":
      return "Waiting";
    case "running":
    case "paused":
      return "Creating";
    case "failed":
      return image.failsAs;
    case "done":
      return image.deprecated ? "Deprecated" : "Available";
  }
}
