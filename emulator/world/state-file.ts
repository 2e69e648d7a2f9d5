import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { emptyWorld } from "./empty-world";
import type { World } from "./world";

/** The start of every state file. A file without it is somebody else's and stays as it is. */
const MARK = "pulumi-alicloud-image emulator state";
const VERSION = 1;

/** The world in a state file; undefined if there is no such file yet, or an empty one. */
export function loadWorld(file: string): World | undefined {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`The state file ${file} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`);
  }
  if (content.trim() === "") return undefined;
  const { format, version, world } = contentOf(file, content);
  if (format !== MARK || typeof world !== "object" || world === null) throw notAState(file, content);
  if (version !== VERSION)
    throw new Error(
      `The state file ${file} has the format ${String(version)}, and this emulator reads ${VERSION}: use the ` +
        "release that wrote it, or name another file.",
    );
  return completed(world as World);
}

function contentOf(file: string, content: string): { format?: unknown; version?: unknown; world?: unknown } {
  try {
    return Object(JSON.parse(content, revived));
  } catch {
    throw notAState(file, content);
  }
}

const notAState = (file: string, content: string) =>
  new Error(
    `The file ${file} is not a state file of the emulator. Nothing was written to it. ` +
      (isWorldFile(content)
        ? `It looks like a world: give it with --seed ${file}.`
        : "Name another with --state, or a new one."),
  );

/** Whether it has a list that `--seed` takes. */
function isWorldFile(content: string): boolean {
  try {
    const held = Object(JSON.parse(content)) as object;
    return ["instances", "snapshots", "images", "buckets"].some((name) => Array.isArray((held as never)[name]));
  } catch {
    return false;
  }
}

/** Adds what a file of an older version lacks. */
function completed(world: World): World {
  const { quotas, quirks, otherAccounts, ...rest } = { ...emptyWorld(), ...world };
  const empty = emptyWorld();
  return {
    ...rest,
    quotas: { ...empty.quotas, ...quotas },
    quirks: { ...empty.quirks, ...quirks },
    otherAccounts: new Map([...otherAccounts].map(([accountId, other]) => [accountId, completed(other)])),
  };
}

/** Writes a new file and then renames it, so that neither a reader nor a crash sees half a world. */
export function saveWorld(file: string, world: World): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, JSON.stringify({ format: MARK, version: VERSION, world }, kept), { mode: 0o600 });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new Error(`The state file ${file} cannot be written: ${reasonOf(error as NodeJS.ErrnoException)}.`);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "its folder does not exist";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  if (code === "ENOTDIR") return "a part of its path is not a folder";
  return code === "ENOSPC" ? "the disk is full" : message;
}

function kept(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const it = this[name]; // a Buffer has already become something else in `value`
  if (Buffer.isBuffer(it)) return { $bytes: it.toString("base64") };
  if (it instanceof Map) return { $map: [...it] };
  return value;
}

function revived(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if ("$bytes" in value) return Buffer.from(String(value.$bytes), "base64");
  if ("$map" in value) return new Map(value.$map as [unknown, unknown][]);
  return value;
}
