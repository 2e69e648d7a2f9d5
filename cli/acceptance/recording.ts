import type * as recorder from "../../recording/recorder";
import type { Place } from "./stage";

let stop: (() => void) | undefined;

/** From now on the calls of this process are kept in the recording of this account: each shows one account's view. */
export function recordFor({ recording, env }: Place): void {
  const { record } = require("../../recording/recorder") as typeof recorder;
  stopRecording();
  stop = record(recording, env["ALICLOUD_IMAGE_RECORDING_KEY"]!);
}

export function stopRecording(): void {
  stop?.();
  stop = undefined;
}
