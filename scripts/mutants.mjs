// Applies each mutant to a copy of the sources, and expects its tests to turn from green to red: `npm run test:mutants
// [part of a name]`.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { mutants as all } from "../test/mutants/mutants.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const mutants = all.filter(({ name }) => name.includes(process.argv[2] ?? ""));
const LANES = 2;
/** A mutant that waits without end is noticed as well, only later. */
const PATIENCE_MS = 90_000;

/** A copy of what the tests need. */
function copied() {
  const place = mkdtempSync(path.join(tmpdir(), "mutants-"));
  for (const part of [
    "provider",
    "emulator",
    "cli",
    "recording",
    "test",
    "docs",
    "package.json",
    "tsconfig.json",
    "jest.config.js",
  ])
    cpSync(path.join(root, part), path.join(place, part), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(place, "node_modules"), "dir");
  return place;
}

/** Runs tests in a copy, and tells which of them failed. */
function failing(place, tests) {
  const report = path.join(place, "report.json");
  rmSync(report, { force: true });
  const jest = [
    path.join(root, "node_modules/jest/bin/jest.js"),
    "--selectProjects",
    "unit",
    "--runInBand",
    "--forceExit",
    "--json",
    "--outputFile",
    report,
    ...tests,
  ];
  return new Promise((resolve) => {
    const run = spawn(process.execPath, jest, { cwd: place, stdio: "ignore" });
    const timer = setTimeout(() => run.kill("SIGKILL"), PATIENCE_MS);
    run.on("exit", () => {
      clearTimeout(timer);
      let found;
      try {
        found = JSON.parse(readFileSync(report, "utf8")).testResults;
      } catch {
        return resolve({ ran: 0, failed: ["it never came to an end"] });
      }
      const claims = found
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status !== "pending");
      const broken = found
        .filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)
        .map(({ name }) => `${path.basename(name)} does not run`);
      resolve({
        ran: claims.length,
        failed: [...broken, ...claims.filter(({ status }) => status === "failed").map(({ fullName }) => fullName)],
      });
    });
  });
}

async function tried(place, { file, find, put, tests }) {
  const target = path.join(place, file);
  const source = readFileSync(target, "utf8");
  if (!source.includes(find)) return { verdict: `does not apply: its text is not in ${file}` };
  // Tests that are red without the mutant would prove nothing.
  const before = await failing(place, tests);
  if (before.ran === 0) return { verdict: "has no test" };
  if (before.failed.length > 0) return { verdict: `its test is red without it: ${before.failed[0]}` };
  writeFileSync(
    target,
    source.replaceAll(find, () => put),
  );
  const startedMs = Date.now();
  const { failed } = await failing(place, tests);
  writeFileSync(target, source);
  if (failed[0]?.endsWith("does not run")) return { verdict: "does not compile" };
  if (failed.length === 0) return { verdict: "SURVIVED" };
  return { by: failed[0], seconds: ((Date.now() - startedMs) / 1000).toFixed(1) };
}

const places = Array.from({ length: LANES }, copied);
let alive = 0;
try {
  const waiting = [...mutants];
  const results = new Map();
  await Promise.all(
    places.map(async (place) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift())
        results.set(mutant, await tried(place, mutant));
    }),
  );
  const width = Math.max(...mutants.map(({ name }) => name.length));
  for (const mutant of mutants) {
    const { by, seconds, verdict } = results.get(mutant);
    if (verdict) alive += 1;
    console.log(`${mutant.name.padEnd(width)}  ${verdict ?? `killed in ${seconds} s by: ${by}`}`);
  }
  console.log(`${mutants.length - alive} of ${mutants.length} mutants killed`);
} finally {
  for (const place of places) rmSync(place, { recursive: true, force: true });
}
process.exitCode = alive === 0 ? 0 : 1;
