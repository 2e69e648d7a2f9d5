import { Failure, messageOf } from "../provider/failure";
import type * as comparison from "../recording/comparison/compare";
import { type Column, tableOf } from "./table";
import type { Terminal } from "./terminal";

const compareHelp = `Usage: pulumi-alicloud-image compare <folder>

Replays a recording (pulumi-alicloud-image acceptance --record <folder>) against the emulator, and lists what
differs: members that one lacks, other types, codes, statuses and orders of states, and delays. Nothing leaves
this machine.

Exit codes: 0 nothing differs, and nothing is printed; 1 something does; 2 the recording cannot be read.
`;

const columns: readonly Column<comparison.Finding>[] = [
  { heading: "ACTION", text: ({ action }) => action },
  { heading: "WHAT", text: ({ about }) => about },
  { heading: "CLOUD", text: ({ cloud }) => cloud },
  { heading: "EMULATOR", text: ({ emulator }) => emulator },
  { heading: "CLIENT", text: ({ client }) => client },
  { heading: "TIMES", text: ({ times }) => String(times) },
];

/** Runs the command and returns its exit code. */
export async function compareRecording(args: readonly string[], { out, say, width }: Terminal): Promise<0 | 1 | 2> {
  try {
    const [folder, ...others] = args;
    if (folder === "--help" || folder === "-h") {
      out(compareHelp);
      return 0;
    }
    if (folder === undefined || others.length > 0) throw new Failure("Invalid", "give the folder of one recording");
    // With the emulator, which no other command needs.
    const { compare } = require("../recording/comparison/compare") as typeof comparison;
    const findings = await compare(folder);
    if (findings.length > 0) tableOf(columns, findings, width).forEach(out);
    return findings.length > 0 ? 1 : 0;
  } catch (error) {
    say(`compare: ${messageOf(error)}`);
    return 2;
  }
}
