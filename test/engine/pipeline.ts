import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Emulator } from "pulumi-alicloud-image/emulator";
import { startLanguageHost } from "./language-host";
import { engine, engineEnv, repository } from "./support";

/** The program of a pipeline: what it builds is read from the stack's configuration, so a test can change it. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { CustomImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();
const golden = new CustomImage("golden", { instanceId: config.require("instanceId"), tags: { team: "platform" } });
export const imageId = golden.id;
`;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Pipeline {
  /** The checked-out repository: a Pulumi project with its dependencies installed. */
  readonly folder: string;
  /** Runs a script as a pipeline's shell does: bash, ending at the first failure. */
  run(script: string, env?: Record<string, string>): Promise<Ended>;
  /** Kills the engine that is running. */
  killEngine(): void;
  /** The arguments of each call of a command that replaces one of the pipeline's own, such as `gh`. */
  callsOf(command: string): string[][];
  close(): void;
}

/**
 * A repository as a pipeline checks it out, with the stack `prod`. Everything in it is real, including the engine,
 * except: `npm ci`, because the dependencies are linked; the clients of the pipeline's server, which only record their
 * calls; and the language host, which is this repository's if Pulumi's own is not installed.
 */
export async function openPipeline(emulator: Emulator): Promise<Pipeline> {
  const place = mkdtempSync(path.join(tmpdir(), "pipeline-"));
  const folder = path.join(place, "checkout");
  const bin = path.join(place, "bin");
  for (const each of [folder, bin, path.join(folder, "node_modules/@pulumi"), path.join(folder, "node_modules/.bin")])
    mkdirSync(each, { recursive: true });
  writeFileSync(path.join(folder, "Pulumi.yaml"), "name: images\nruntime: nodejs\nmain: index.ts\n");
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "images", private: true }));
  writeFileSync(path.join(folder, "index.ts"), PROGRAM);
  symlinkSync(repository, path.join(folder, "node_modules/pulumi-alicloud-image"), "dir");
  symlinkSync(
    path.join(repository, "node_modules/@pulumi/pulumi"),
    path.join(folder, "node_modules/@pulumi/pulumi"),
    "dir",
  );
  // npm makes the programs of a package executable.
  const ours = path.join(folder, "node_modules/.bin/pulumi-alicloud-image");
  writeFileSync(
    ours,
    `#!/bin/sh
exec node "${repository}/dist/cli/index.js" "$@"
`,
    { mode: 0o755 },
  );

  const languageHost = await startLanguageHost();
  const pidFile = path.join(place, "engine.pid");
  const command = (name: string, text: string) => {
    writeFileSync(path.join(bin, name), `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(path.join(bin, name), 0o755);
  };
  command(
    "pulumi",
    `echo $$ > "${pidFile}"
case "$1" in up|preview) exec "${engine}" "$@" --client=${languageHost.address};; *) exec "${engine}" "$@";; esac`,
  );
  command("npm", `[ "$1" = ci ] || { echo "npm $* is not part of a pipeline" >&2; exit 1; }`);
  for (const client of ["gh", "curl"])
    command(
      client,
      `for word in "$@"; do printf '%s\\0' "$word"; done >> "${place}/${client}"; echo >> "${place}/${client}"`,
    );

  const env = {
    ...process.env,
    ...engineEnv(place),
    PATH: [bin, path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    ALICLOUD_REGION: "cn-hangzhou",
    ALICLOUD_ACCESS_KEY: "emulator-key",
    ALICLOUD_SECRET_KEY: "emulator-secret",
    ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
    ALIBABA_CLOUD_ENDPOINT_OSS: emulator.endpoint,
    ALIBABA_CLOUD_ENDPOINT_STS: emulator.endpoint,
  };
  const pipeline: Pipeline = {
    folder,
    async run(script, more = {}) {
      const shell = spawn("bash", ["-eo", "pipefail", "-c", script], { cwd: folder, env: { ...env, ...more } });
      let [stdout, stderr] = ["", ""];
      shell.stdout.on("data", (data) => (stdout += data));
      shell.stderr.on("data", (data) => (stderr += data));
      const [code] = (await once(shell, "close")) as [number | null];
      return { code, stdout, stderr };
    },
    killEngine: () => void process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL"),
    callsOf(client) {
      const file = path.join(place, client);
      if (!existsSync(file)) return [];
      const calls = readFileSync(file, "utf8").split("\0\n").slice(0, -1);
      return calls.map((call) => call.split("\0"));
    },
    close() {
      languageHost.close();
      rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  const made = await pipeline.run("pulumi stack init prod");
  if (made.code !== 0) throw new Error(made.stderr);
  return pipeline;
}
