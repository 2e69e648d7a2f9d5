import { OLDEST_NODE } from "../release";

/** The error message if this Node.js is too old. */
export function oldNode(version = process.versions.node): string | undefined {
  const [have, want] = [version, OLDEST_NODE].map((text) => text.split(".").map(Number));
  const [major = 0, minor = 0] = have!;
  const [wantedMajor = 0, wantedMinor = 0] = want!;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `pulumi-alicloud-image needs Node.js ${OLDEST_NODE} or later; this is ${version} (${process.execPath})`;
}
