import type { Readable } from "node:stream";
import type { Clock } from "../provider/wait/clock";

/** What a command needs of the terminal that it runs in. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** The folder that it was called in. */
  readonly folder: string;
  readonly clock: Clock;
  readonly stdin: Readable;
  /** How many characters fit on a line of the result; undefined where it is no terminal. */
  readonly width?: number | undefined;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** The result. */
  out(line: string): void;
  /** What is said on the way, so that the result can be piped. */
  say(line: string): void;
}
