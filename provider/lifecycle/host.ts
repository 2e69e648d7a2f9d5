import type { Clock } from "../wait/clock";
import type { Progress } from "./progress";

/** What the process is given by the machine that it runs on. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly progress: Progress;
  /** What the person at the terminal can do during a wait, shown once for each operation. */
  readonly waitHint?: string;
  /** A run may have further provider processes, as explicit providers and versions of the native plugin are. */
  readonly hasSiblingProcesses?: boolean;
  /** How long one attempt of a call may take, in real time; left out: the clients' defaults. */
  readonly callTimeoutMs?: number;
}
