import type * as recorder from "../../recording/recorder";
import type { Place } from "./stage";

let stop: (() => void) | undefined;

/** Starts recording the calls of this process for one account. Each recording shows one account's view. */
export function recordFor({ recording, env }: Place): void {
  const { record } = require("../../recording/recorder") as typeof recorder;
  stopRecording();
  stop = record(recording, env["ALICLOUD_IMAGE_RECORDING_KEY"]!);
}

export function stopRecording(): void {
  stop?.();
  stop = undefined;
}
