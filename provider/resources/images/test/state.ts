import type { ImageTest, TestResult } from "./args";

/** The recorded status of an image that is Available and has not passed its test. It is not a status of ECS. */
export const TESTING = "Testing";

interface Known {
  readonly status?: string;
  readonly test?: ImageTest;
  readonly testResult?: TestResult;
}

const isFinished = (status: string | undefined): boolean => status === "Available" || status === "Deprecated";

/**
 * Whether the image still has to pass its test. An image that was ready before does not: a `test` that is added to the
 * program applies to the next image.
 */
export const isUntested = ({ test, testResult, status }: Known): boolean =>
  test !== undefined && testResult === undefined && !isFinished(status);

/** The status to record. An image that still has to pass its test is not ready, whatever ECS reports. */
export const statusToRecord = (status: string, known: Known): string =>
  isUntested(known) && isFinished(status) ? TESTING : status;
