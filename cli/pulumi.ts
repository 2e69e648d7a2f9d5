import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { quotable } from "../provider/ecs/mask";
import { Failure } from "../provider/failure";
import type { Terminal } from "./terminal";

/** Runs the pulumi program in the command's folder. */
export interface Pulumi {
  exportState(withSecrets?: boolean): Promise<string>;
  /** The name of the given or the selected stack. */
  stackName(): Promise<string>;
  /** The name in the Pulumi.yaml of this folder or of one above it. */
  projectName(): string | undefined;
  /** Stack configuration by full key. */
  config(): Promise<ReadonlyMap<string, string>>;
}

const MOST_OUTPUT = 1024 ** 3;

export function pulumiIn({ folder, env }: Terminal, stack: string | undefined): Pulumi {
  const selected = stack === undefined ? [] : ["--stack", stack];

  const run = (...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const all = [...args, ...selected, "--non-interactive"];
      execFile(
        "pulumi",
        all,
        { cwd: folder, env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" }, maxBuffer: MOST_OUTPUT },
        (error, stdout, stderr) => {
          if (!error) return resolve(stdout);
          if (error.code === "ENOENT")
            return reject(
              new Failure(
                "Invalid",
                "there is no pulumi program on the PATH; give the output of pulumi stack export with --state <file>",
              ),
            );
          reject(new Failure("Invalid", `pulumi ${args.join(" ")}: ${quotable(stderr) || `exit code ${error.code}`}`));
        },
      );
    });

  return {
    exportState: (withSecrets = false) => run("stack", "export", ...(withSecrets ? ["--show-secrets"] : [])),
    stackName: async () => stack ?? (await run("stack", "--show-name")).trim(),
    projectName() {
      for (let at = folder; ; at = path.dirname(at)) {
        const file = ["Pulumi.yaml", "Pulumi.yml"]
          .map((name) => path.join(at, name))
          .find((candidate) => existsSync(candidate));
        if (file !== undefined) return /^name:\s*["']?([\w.-]+)/m.exec(readFileSync(file, "utf8"))?.[1];
        if (at === path.dirname(at)) return undefined;
      }
    },
    async config() {
      type Values = Record<string, { value?: string; secret?: boolean }>;
      const plain = JSON.parse(await run("config", "--json")) as Values;
      // Asks for secrets only if one of our keys is a secret.
      const needsSecrets = Object.entries(plain).some(([key, { secret }]) => /^alicloud(-image)?:/.test(key) && secret);
      const values = needsSecrets ? (JSON.parse(await run("config", "--json", "--show-secrets")) as Values) : plain;
      return new Map(Object.entries(values).flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])));
    },
  };
}
