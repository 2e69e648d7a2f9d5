// Applies each mutant to a copy of the sources, and expects its tests to turn from green to red:
//   npm run test:mutants [-- part of a name or a file, ...]
//   npm run test:mutants -- --stale      lists those whose text is no longer in their file, and runs nothing
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { mutants as all } from "../test/mutants/mutants.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const isInFile = ({ file, find }) => readFileSync(path.join(root, file), "utf8").includes(find);
if (process.argv[2] === "--stale") {
  const stale = all.filter((mutant) => !isInFile(mutant)).map(({ name, file }) => `${file}: ${name}`);
  if (stale.length > 0) console.log(stale.join("\n"));
  process.exit(stale.length === 0 ? 0 : 1);
}
const parts = process.argv.slice(2);
const mutants = all.filter(
  ({ name, file }) => parts.length === 0 || parts.some((part) => name.includes(part) || file.includes(part)),
);
const LANES = 2;
/** How long the tests of a mutant may run. A mutant that hangs counts as killed after this time. */
const PATIENCE_MS = 90_000;
/** The same for the run without mutants. */
const PATIENCE_WITHOUT_MS = 20 * 60_000;

/** A copy of the files that the tests need. */
function copySources() {
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

/** Runs tests in a copy. Returns their results, or nothing if they did not end in time. */
function run(place, tests, patienceMs) {
  const report = path.join(place, "report.json");
  rmSync(report, { force: true });
  const jest = path.join(root, "node_modules/jest/bin/jest.js");
  const options = ["--selectProjects", "unit", "--forceExit", "--json", "--outputFile", report];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [jest, ...options, ...tests], { cwd: place, stdio: "ignore" });
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(existsSync(report) ? claimsIn(JSON.parse(readFileSync(report, "utf8"))) : undefined);
    });
  });
}

/** One result for each test that ran, and one for each file that jest could not run. */
const claimsIn = ({ testResults }) =>
  testResults.flatMap(({ name, status, assertionResults }) =>
    status === "failed" && assertionResults.length === 0
      ? { file: name, name: `${path.basename(name)} does not run`, isGreen: false }
      : assertionResults
          .filter((claim) => claim.status !== "pending")
          .map((claim) => ({ file: name, name: claim.fullName, isGreen: claim.status === "passed" })),
  );

/** The test files that a mutant's jest arguments select, and the pattern after `-t`. */
function selection(tests) {
  const at = tests.indexOf("-t");
  return at < 0 ? { files: tests } : { files: tests.slice(0, at), part: tests[at + 1] };
}

/** Runs all the tests once without a mutant: a test that is red already proves nothing about one. */
async function runWithoutMutants(place) {
  const all = mutants.map(({ tests }) => selection(tests));
  const part = all.some((one) => one.part === undefined) ? [] : ["-t", all.map((one) => one.part).join("|")];
  const claims = await run(place, [...new Set(all.flatMap(({ files }) => files)), ...part], PATIENCE_WITHOUT_MS);
  if (!claims) throw new Error("the tests do not end in time without a mutant");
  return (tests) => {
    const { files, part = "" } = selection(tests);
    const isMeant = ({ file, name }) =>
      files.some((one) => new RegExp(one, "i").test(file)) && new RegExp(part, "i").test(name);
    return claims.filter(isMeant);
  };
}

async function verdictOn(place, { file, find, put, tests }, before) {
  const target = path.join(place, file);
  const source = readFileSync(target, "utf8");
  if (!source.includes(find)) return { verdict: `does not apply: the text to replace is not in ${file}` };
  const own = before(tests);
  if (own.length === 0) return { verdict: "has no test" };
  const red = own.find(({ isGreen }) => !isGreen);
  if (red) return { verdict: `its test is red without the mutant: ${red.name}` };
  writeFileSync(
    target,
    source.replaceAll(find, () => put),
  );
  const startedMs = Date.now();
  const claims = await run(place, ["--runInBand", ...tests], PATIENCE_MS);
  writeFileSync(target, source);
  const by = claims ? claims.find(({ isGreen }) => !isGreen)?.name : "no end within the time limit";
  if (by === undefined) return { verdict: "SURVIVED" };
  if (by.endsWith("does not run")) return { verdict: "does not compile" };
  return { by, seconds: ((Date.now() - startedMs) / 1000).toFixed(1) };
}

const places = Array.from({ length: LANES }, copySources);
const width = Math.max(...mutants.map(({ name }) => name.length));
let alive = 0;
try {
  const before = await runWithoutMutants(places[0]);
  const waiting = [...mutants];
  await Promise.all(
    places.map(async (place) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const { by, seconds, verdict } = await verdictOn(place, mutant, before);
        if (verdict) alive += 1;
        console.log(`${mutant.name.padEnd(width)}  ${verdict ?? `killed in ${seconds} s by: ${by}`}`);
      }
    }),
  );
  console.log(`${mutants.length - alive} of ${mutants.length} mutants killed`);
} finally {
  for (const place of places) rmSync(place, { recursive: true, force: true });
}
process.exitCode = alive === 0 ? 0 : 1;
