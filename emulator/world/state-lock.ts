import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** What the lock beside a state file says of the emulator that has it. */
interface Holder {
  readonly pid: number;
  readonly endpoint?: string;
}

/** A state file that this process has for itself. */
export interface StateLock {
  /** Notes where the emulator listens, for the message to others who want the file. */
  listensAt(endpoint: string): void;
  release(): void;
}

/** The locks of this process: a process that was restarted in a container has the number of the one that was killed. */
const held = new Set<string>();

/** Takes the state file for this process. Fails while another one has it; what a killed one left is no lock. */
export function lockState(file: string): StateLock {
  const lock = `${file}.lock`;
  const own: Holder = { pid: process.pid };
  for (;;) {
    try {
      writeFileSync(lock, JSON.stringify(own), { flag: "wx", mode: 0o600 });
      break;
    } catch (error) {
      // saving the world says what is wrong with the folder
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
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is another user's
  }
}

const inUse = (file: string, lock: string, { pid, endpoint }: Holder) =>
  new Error(
    `The state file ${file} is in use by ${endpoint === undefined ? "an emulator" : `the emulator at ${endpoint}`} ` +
      `(process ${pid}): end that one, or name another file. If process ${pid} is something else, delete ${lock}.`,
  );
