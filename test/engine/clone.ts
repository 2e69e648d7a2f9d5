import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { startLanguageHost } from "./language-host";
import { engine, engineEnv, repository } from "./support";

/**
 * Parts of this repository in another place, built and with packages, with a language host that runs its program files.
 */
export interface Clone {
  /** The folder of everything, including files that a test adds. */
  readonly place: string;
  readonly folder: string;
  /** The option with which pulumi uses the language host. */
  readonly client: string;
  close(): void;
}

export async function openClone(
  parts: readonly string[],
  options: Parameters<typeof startLanguageHost>[0] = {},
): Promise<Clone> {
  const place = mkdtempSync(path.join(tmpdir(), "clone-"));
  const folder = path.join(place, "clone");
  for (const part of parts) cpSync(path.join(repository, part), path.join(folder, part), { recursive: true });
  for (const part of ["dist", "node_modules"]) symlinkSync(path.join(repository, part), path.join(folder, part), "dir");
  const languageHost = await startLanguageHost(options);
  return {
    place,
    folder,
    client: languageHost.client,
    close() {
      languageHost.close();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Runs pulumi in a folder, with its state in `place`. Returns what it prints; fails with all of it. */
export const pulumiIn =
  (cwd: string, place: string) =>
  async (...args: string[]): Promise<string> => {
    const run = promisify(execFile)(engine, [...args, "--non-interactive"], {
      cwd,
      env: { ...process.env, ...engineEnv(place) },
    });
    const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`pulumi ${args[0]}:\n${error.stdout}${error.stderr}`);
    });
    return stdout;
  };
