// Runs the tests on another version of Node, installed from npm.
//   npm run test:node -- 22 [arguments for jest]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { counted } from "./counted.mjs";
import { nodeFromNpm } from "./node-from-npm.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [version, ...args] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? "")) {
  console.error("Which version? For example: npm run test:node -- 22");
  process.exit(2);
}

const bin = nodeFromNpm(version);
const results = path.join(mkdtempSync(path.join(tmpdir(), "results-")), "jest.json");
const onPath = { PATH: [bin, process.env.PATH].join(path.delimiter) };
run("node", ["--version"], onPath);
const status = run(
  "node",
  [path.join(root, "node_modules", "jest", "bin", "jest.js"), "--json", `--outputFile=${results}`, ...args],
  onPath,
  [0, 1],
);
console.log(`Node ${version}: ${counted(results)}`);
rmSync(path.dirname(results), { recursive: true });
process.exitCode = status;

function run(command, given, env = {}, acceptable = [0]) {
  const { status, error } = spawnSync(command, given, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (error || !acceptable.includes(status)) {
    console.error(`${command} ${given.join(" ")} ended with ${error?.message ?? status}`);
    process.exit(1);
  }
  return status;
}
