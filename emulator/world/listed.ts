import type { Quirks } from "./quirks";
import type { Interval } from "./world";

interface Listed {
  readonly createdMs: number;
  readonly visibleFromMs?: number;
  readonly vanishesAtMs?: number;
  readonly hidden?: Interval;
}

/** Whether lists show an image or a task: not if it is too young, hidden by a test, or gone. */
export const isListed = (
  { createdMs, visibleFromMs = 0, vanishesAtMs = Infinity, hidden }: Listed,
  { listDelayMs }: Quirks,
  nowMs: number,
): boolean =>
  visibleFromMs <= nowMs &&
  nowMs < vanishesAtMs &&
  !(hidden && hidden.fromMs <= nowMs && nowMs < hidden.untilMs) &&
  (listDelayMs === 0 || createdMs + listDelayMs <= nowMs);
