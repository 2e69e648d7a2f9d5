// The whole crash sweep, and a table of what it covered.
//   npm run test:crash [-- arguments for jest]
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const place = mkdtempSync(path.join(tmpdir(), "crash-sweep-"));
const file = path.join(place, "rows");
const { status } = spawnSync(
  process.execPath,
  [path.join(root, "node_modules/jest/bin/jest.js"), "test/crash", "test/engine/crash", ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CRASH_SWEEP: "full", CRASH_TABLE: file },
  },
);

const rows = existsSync(file)
  ? readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : [];
rmSync(place, { recursive: true });
const columns = ["points", "runs", "whole", "named", "findable", "broken"];
const cells = rows.map((row) => [
  row.kind,
  row.operation,
  row.aftermath,
  ...columns.map((column) => String(row[column])),
]);
const sums = ["all", "", "", ...columns.map((column) => String(rows.reduce((sum, row) => sum + row[column], 0)))];
const lines = [
  ["resource", "killed", "then", ...columns],
  ...cells.sort((a, b) => (a.join() < b.join() ? -1 : 1)),
  sums,
];
const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
for (const line of lines)
  console.log(
    line.map((cell, column) => (column < 3 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  "),
  );
console.log(
  "\nwhole: one of each resource, in the state, and nothing besides. named: what is left besides is named in a warning. findable: it is found by the orphan finder.",
);
process.exitCode = status ?? 1;
