// Tries everything that can go wrong between the provider, the engine and the cloud, and everything else of which npm
// test runs a sample (test/support/sample.ts).
//   npm run test:crash                                       all of it, then ten minutes of sequences
//   npm run test:crash -- --minutes 60 --seed 7              only sequences, for an hour, from seed 7
//   npm run test:crash -- --minutes 5 --subject ImageExport  only sequences of one kind of resource
//   npm run test:crash -- --replay 'ImageExport …: up; …'    one sequence, as a failure prints it
//   npm run test:crash -- --kills                            no sequences
//   npm run test:crash -- --kills --shard 1/4                a quarter of that
//   npm run test:crash -- --kills test/faults                these files alone
import { fork, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string" },
    seed: { type: "string" },
    replay: { type: "string" },
    subject: { type: "string", default: "" },
    kills: { type: "boolean", default: false },
    shard: { type: "string", default: "1/1" },
  },
});

const worker = (...args) =>
  fork(path.join(root, "test/crash/worker.ts"), args.map(String), {
    cwd: root,
    execArgv: ["-r", path.join(root, "bench/typescript.cjs")],
  });
const exitOf = (child) => new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 1)));

/** Plays sequences of two and three mishaps until the time is up. Prints each failing one with its replay command. */
async function sequences(minutes, seed) {
  const lanes = availableParallelism();
  const startedMs = Date.now();
  const untilMs = startedMs + minutes * 60_000;
  const counts = { 2: 0, 3: 0 };
  const left = { nothing: 0, named: 0, findable: 0 };
  let failing = 0;
  const clear = () => process.stderr.isTTY && process.stderr.write("\r\u001b[K");
  const progress = () => {
    const seconds = Math.round((Date.now() - startedMs) / 1_000);
    const line = `${counts[2]} of two mishaps, ${counts[3]} of three, ${failing} failing, ${seconds} s, seed ${seed}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else if (seconds % 30 < 1) console.error(line);
  };
  console.log(`Sequences of two and three mishaps, ${lanes} at once, ${minutes} min, seed ${seed}`);
  const timer = setInterval(progress, 1_000);
  const exits = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => {
      const child = worker("lane", seed, lane, lanes, untilMs, options.subject);
      child.on("message", ({ count, text, violations, left: besides, struckAt }) => {
        counts[count] += 1;
        left[besides] += 1;
        if (violations.length === 0) return;
        failing += 1;
        clear();
        console.log(`\n✗ ${text}`);
        for (const violation of violations) console.log(`    ${violation}`);
        if (struckAt.length > 0)
          console.log(`  points of the last run at which something struck: ${struckAt.join(", ")}`);
        console.log(`  replay: npm run test:crash -- --replay '${text}'`);
      });
      return exitOf(child);
    }),
  );
  clearInterval(timer);
  clear();
  const played = counts[2] + counts[3];
  console.log(
    `${played} sequences: ${failing} failing; besides what the state holds, ${left.nothing} left nothing, ` +
      `${left.named} left what a warning names, ${left.findable} what the orphan finder lists`,
  );
  return failing > 0 ? 1 : Math.max(...exits);
}

/** The test files that run a sample, themselves or by a sweep. */
function sampled() {
  const texts = /support\/sample"|"\.\/suite"/;
  return readdirSync(path.join(root, "test"), { recursive: true })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => path.join("test", file))
    .filter((file) => texts.test(readFileSync(path.join(root, file), "utf8")));
}

/** Runs every kill at every point of every operation, and every fault, in jest. Prints a table of the kills. */
function kills() {
  const place = mkdtempSync(path.join(tmpdir(), "crash-sweep-"));
  const file = path.join(place, "rows");
  const jest = path.join(root, "node_modules/jest/bin/jest.js");
  const { status } = spawnSync(
    process.execPath,
    [jest, `--shard=${options.shard}`, ...(positionals.length > 0 ? positionals : sampled())],
    { cwd: root, stdio: "inherit", env: { ...process.env, CRASH_SWEEP: "full", CRASH_TABLE: file } },
  );
  const rows = existsSync(file)
    ? readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
  rmSync(place, { recursive: true });
  printTable(rows);
  return status ?? 1;
}

function printTable(rows) {
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
    "\nwhole: one of each resource, in the state, and nothing else. named: a warning names " +
      "what else is left. findable: the orphan finder lists it.",
  );
}

const seed = Number(options.seed ?? Math.floor(Math.random() * 1_000_000));
if (options.replay !== undefined) process.exitCode = await exitOf(worker("replay", options.replay));
else {
  const onlySequences = options.minutes !== undefined || options.seed !== undefined || options.subject !== "";
  const killed = onlySequences ? 0 : kills();
  const composed = options.kills ? 0 : await sequences(Number(options.minutes ?? 10), seed);
  process.exitCode = killed || composed;
}
