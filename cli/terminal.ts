import type { Readable } from "node:stream";
import type { Clock } from "../provider/wait/clock";

/** The terminal that a command runs in. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** The folder in which the command was called. */
  readonly folder: string;
  readonly clock: Clock;
  readonly stdin: Readable;
  /** How many characters fit on a line of the result; undefined if it is not a terminal. */
  readonly width?: number | undefined;
  /** Whether there is a person to ask. */
  readonly isInteractive: boolean;
  /** Prints the result. */
  out(line: string): void;
  /** Prints progress to stderr, so that the result can be piped. */
  say(line: string): void;
}
