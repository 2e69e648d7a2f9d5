import type { ImageTest, TestResult } from "./args";

/** What is recorded of an image that is Available and has not passed its test. It is not a status of ECS. */
export const TESTING = "Testing";

interface Known {
  readonly status?: string;
  readonly test?: ImageTest;
  readonly testResult?: TestResult;
}

const isFinished = (status: string | undefined): boolean => status === "Available" || status === "Deprecated";

/**
 * Whether the image has yet to pass its test. An image that was ready before has not: a `test` that is added to the
 * program is for the next image.
 */
export const isUntested = ({ test, testResult, status }: Known): boolean =>
  test !== undefined && testResult === undefined && !isFinished(status);

/** The status to record: an image that has yet to pass its test is not ready, whatever ECS says. */
export const statusToRecord = (status: string, known: Known): string =>
  isUntested(known) && isFinished(status) ? TESTING : status;
