// The acceptance run of this clone, on the account that the environment names:
//   npm run acceptance -- --instance-id i-...
// On the emulator:
//   npx alicloud-image-emulator -- npm run acceptance -- --yes --instance-id i-emulator0golden --bucket golden-exports
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { engine, executable } from "./engine.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);
const needsNoEngine = given.some((option) => ["--clean-up", "--help", "-h"].includes(option));
const command = needsNoEngine ? "" : (await engine((line) => console.error(line))).command;
const folders = [path.dirname(command), path.join(root, "node_modules/@pulumi/pulumi")];
let end = async () => {};

// An engine that was built from its Go module has no language host beside it, so it gets ours. Each call starts its own
// host: a program inherits the environment of its language host, and the two accounts need different ones.
if (!needsNoEngine && !existsSync(path.join(path.dirname(command), executable("pulumi-language-nodejs")))) {
  const host = path.join(root, "scripts/language-host.mjs");
  const place = await mkdtemp(path.join(tmpdir(), "acceptance-"));
  const wrapped =
    `#!/bin/sh\ncase "$1" in up|preview) exec "${process.execPath}" "${host}" "${command}" "$@";; ` +
    `*) exec "${command}" "$@";; esac\n`;
  await writeFile(path.join(place, "pulumi"), wrapped, { mode: 0o755 });
  folders.unshift(place);
  end = () => rm(place, { recursive: true, force: true });
}

const child = spawn(process.execPath, [path.join(root, "dist/cli/index.js"), "acceptance", ...given], {
  stdio: "inherit",
  env: { ...process.env, PATH: [path.dirname(process.execPath), ...folders, process.env.PATH].join(path.delimiter) },
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("close", async (code) => {
  await end();
  process.exitCode = code ?? 1;
});
