import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** What the lock file beside a state file says about the emulator that has it. */
interface Holder {
  readonly pid: number;
  readonly endpoint?: string;
}

/** A state file that belongs to this process for now. */
export interface StateLock {
  /** Records where the emulator listens, for the error of others that want the file. */
  listensAt(endpoint: string): void;
  release(): void;
}

/** The locks of this process. In a restarted container, a new process may have the process id of the killed one. */
const held = new Set<string>();

/**
 * Locks the state file for this process. Fails if another process has it. A lock that a killed process left is ignored.
 */
export function lockState(file: string): StateLock {
  const lock = `${file}.lock`;
  const own: Holder = { pid: process.pid };
  for (;;) {
    try {
      writeFileSync(lock, JSON.stringify(own), { flag: "wx", mode: 0o600 });
      break;
    } catch (error) {
      // saving the world reports what is wrong with the folder
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return noLock;
      const holder = holderOf(lock);
      if (holder && isRunning(holder, lock)) throw inUse(file, lock, holder);
      rmSync(lock, { force: true });
    }
  }
  held.add(lock);
  return {
    listensAt: (endpoint) => writeFileSync(lock, JSON.stringify({ ...own, endpoint }), { mode: 0o600 }),
    release() {
      held.delete(lock);
      rmSync(lock, { force: true });
    },
  };
}

const noLock: StateLock = { listensAt: () => undefined, release: () => undefined };

function holderOf(lock: string): Holder | undefined {
  try {
    const { pid, endpoint } = Object(JSON.parse(readFileSync(lock, "utf8"))) as Partial<Holder>;
    return typeof pid === "number" ? { pid, ...(typeof endpoint === "string" && { endpoint }) } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning({ pid }: Holder, lock: string): boolean {
  if (pid === process.pid) return held.has(lock);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // the process belongs to another user
  }
}

const inUse = (file: string, lock: string, { pid, endpoint }: Holder) =>
  new Error(
    `The state file ${file} is in use by ${endpoint === undefined ? "an emulator" : `the emulator at ${endpoint}`} ` +
      `(process ${pid}): end that one, or name another file. If process ${pid} is something else, delete ${lock}.`,
  );
