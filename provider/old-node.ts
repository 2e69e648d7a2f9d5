import { OLDEST_NODE } from "./release";

/** One sentence, if this process runs on a Node.js that is too old. */
function oldNode(version = process.versions.node): string | undefined {
  const [have, want] = [version, OLDEST_NODE].map((text) => text.split(".").map(Number));
  const [major = 0, minor = 0] = have!;
  const [wantedMajor = 0, wantedMinor = 0] = want!;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `pulumi-alicloud-image needs Node.js ${OLDEST_NODE} or later; this is ${version} (${process.execPath})`;
}

/** Ends the process of a command with that sentence. */
export function endOnOldNode(): void {
  const sentence = oldNode();
  if (sentence === undefined) return;
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Refuses to be loaded. The error has no stack, so that the sentence is all that a person sees. */
export function refuseOldNode(): void {
  const sentence = oldNode();
  if (sentence === undefined) return;
  const error = new Error(sentence);
  error.stack = sentence;
  throw error;
}
