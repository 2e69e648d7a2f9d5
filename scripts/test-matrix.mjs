// Runs the engine tests on the oldest and the newest supported Pulumi engine, on each supported version of Node.
//   npm run test:matrix                              every engine on every Node
//   npm run test:matrix -- --reduced                 each engine on the oldest Node, and each Node on the newest engine
//   npm run test:matrix -- --engine 3.216.0 --node 22 test/engine/native    one cell; further arguments are jest's
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { counted } from "./counted.mjs";
import { engine, NEWEST, OLDEST } from "./engine.mjs";
import { nodeFromNpm } from "./node-from-npm.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const NODES = ["20", "22", "24"];
const ENGINES = [OLDEST, NEWEST];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: "string" }, node: { type: "string" }, reduced: { type: "boolean", default: false } },
});

function cells() {
  const engines = values.engine ? [values.engine] : ENGINES;
  const nodes = values.node ? [values.node] : NODES;
  const all = engines.flatMap((version) => nodes.map((node) => ({ version, node })));
  return values.reduced ? all.filter(({ version, node }) => version === NEWEST || node === NODES[0]) : all;
}

async function run({ version, node }) {
  const { command } = await engine((line) => console.error(line), version);
  const results = path.join(mkdtempSync(path.join(tmpdir(), "matrix-")), "jest.json");
  const jest = [path.join(root, "node_modules/jest/bin/jest.js"), "--selectProjects", "engine"];
  const { status } = spawnSync("node", [...jest, "--json", `--outputFile=${results}`, ...positionals], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      PATH: [nodeFromNpm(node), process.env.PATH].join(path.delimiter),
      PULUMI_ENGINE: command,
    },
  });
  const line = `Pulumi ${version}, Node ${node}: ${status === null ? "was ended" : counted(results)}`;
  rmSync(path.dirname(results), { recursive: true });
  return { status, line };
}

const lines = [];
for (const cell of cells()) {
  const { status, line } = await run(cell);
  lines.push(line);
  if (status !== 0) process.exitCode = 1;
}
console.log(lines.join("\n"));
