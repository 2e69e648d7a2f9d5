import type { Reason, Span } from "./span";
import type { World } from "./world";

/** What becomes of a creation, told beforehand. */
export interface Course {
  for: "CreateImage" | "ImportImage" | "ExportImage";
  failAtPercent?: number;
  reason?: Reason;
  durationMs?: number;
  sticksAtPercent?: number;
  /** `Available`, but not usable for this long. */
  unusableForMs?: number;
  /** Leaves every list when it would have ended, as if it had never been. */
  vanishes?: boolean;
  /** Is in no list for this long after it was made. */
  hiddenForMs?: number;
  /** Nothing is made: CreateImage is answered with the 500 of a snapshot that could not be begun, ImportImage and ExportImage with the code by which they say that they failed. */
  refused?: boolean;
}

/** Takes the course that the next creation of this kind is to follow. */
export function takeCourse(world: World, action: Course["for"]): Course | undefined {
  const at = world.courses.findIndex((course) => course.for === action);
  return at < 0 ? undefined : world.courses.splice(at, 1)[0];
}

/** The time that a creation takes if it follows this course. */
export const spanOf = (course: Course | undefined, startMs: number, durationMs: number): Span => ({
  startMs,
  durationMs: course?.durationMs ?? durationMs,
  ...(course?.failAtPercent === undefined ? {} : { failAtPercent: course.failAtPercent }),
  ...(course?.sticksAtPercent === undefined ? {} : { sticksAtPercent: course.sticksAtPercent }),
  ...(course?.reason === undefined ? {} : { reason: course.reason }),
});
