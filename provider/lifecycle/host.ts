import type { Clock } from "../wait/clock";
import type { Progress } from "./progress";

/** What the machine provides to the process. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly progress: Progress;
  /** What the user can do during a wait, shown once per operation. */
  readonly waitHint?: string;
  /** Whether a run may have other provider processes: explicit providers, or other versions of the native plugin. */
  readonly hasSiblingProcesses?: boolean;
  /** The time limit of one attempt of a call, in real time. Default: the clients' own. */
  readonly callTimeoutMs?: number;
}
