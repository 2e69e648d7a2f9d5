import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, messageOf } from "../../provider/failure";
import { type Column, tableOf } from "../table";
import type { Terminal } from "../terminal";
import { type Belonging, belongings, type Change, changesBetween, removalOf } from "./belongings";
import { cleanUp, removeMarkedSnapshots } from "./clean-up";
import { acceptanceHelp, type Options, optionsIn } from "./options";
import { folderOf, placeOf, RUNS } from "./place";
import { accountsOf, confirmed, planOf } from "./plan";
import { play, type Result } from "./play";
import { recordFor, stopRecording } from "./recording";
import type { Place } from "./stage";

/** Runs the command and returns its exit code. */
export async function acceptance(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const options = optionsIn(args);
    if (options === "help") {
      terminal.out(acceptanceHelp);
      return 0;
    }
    return options.cleanUp ? await cleanUpRuns(options, terminal) : await runAll(options, terminal);
  } catch (error) {
    terminal.say(`acceptance: ${messageOf(error)}`);
    return 2;
  }
}

/** The file that is written before anything is created, for `--clean-up`. */
interface Run {
  readonly run: string;
  readonly pid: number;
  readonly regions: readonly string[];
  readonly bucket?: string | undefined;
  readonly secondProfile?: string | undefined;
  readonly before: readonly Belonging[];
}

const fileOf = (run: string) => path.join(folderOf(run), "run.json");

async function runAll(options: Options, terminal: Terminal): Promise<0 | 1> {
  if (!options.yes && !terminal.isInteractive)
    throw new Failure(
      "Invalid",
      "this is not a terminal, so there is nobody to ask; give --yes to run without a question",
    );
  const run = Date.now().toString(36) + randomBytes(2).toString("hex");
  const place = await accountsOf(placeOf(run, options, terminal), terminal);
  for (const line of await planOf(place, options)) terminal.say(line);
  if (!options.yes && !(await confirmed(terminal))) return 1;

  const before = await belongings(place);
  mkdirSync(place.folder, { recursive: true });
  const { regions, given } = place;
  const { bucket, secondProfile } = given;
  const started: Run = { run, pid: process.pid, regions, bucket, secondProfile, before };
  writeFileSync(fileOf(run), JSON.stringify(started));
  const results = await playAll(place, options, terminal);
  tableOf(columns, results, terminal.width).forEach(terminal.out);
  await removeMarkedSnapshots({ place, before, say: terminal.say });
  const left = await leftAfter(before, place);
  const isClean = describeLeft(left, run, terminal);
  if (isClean) rmSync(place.folder, { recursive: true, force: true, maxRetries: 5 });
  return isClean && results.every(({ verdict }) => verdict !== "failed") ? 0 : 1;
}

async function playAll(place: Place, options: Options, { say }: Terminal): Promise<Result[]> {
  recordFor(place);
  const results: Result[] = [];
  try {
    for (const host of options.hosts)
      await play(host, place, options, (result) => {
        results.push(result);
        say(`${result.host}: ${result.scene}: ${result.verdict}${result.why && ` (${result.why})`}`);
      });
  } finally {
    stopRecording();
  }
  return results;
}

const columns: readonly Column<Result>[] = [
  { heading: "PROVIDER", text: ({ host }) => host },
  { heading: "SCENE", text: ({ scene }) => scene },
  { heading: "TIME", text: ({ seconds }) => `${Math.round(seconds)} s` },
  { heading: "CALLS", text: ({ calls }) => String(calls) },
  { heading: "VERDICT", text: ({ verdict }) => verdict },
  { heading: "", text: ({ why }) => why, mayShrink: true, isNote: true },
];

/** Compares again for a while before something counts as left, because lists lag behind. */
async function leftAfter(before: readonly Belonging[], place: Place): Promise<Change[]> {
  for (let attempt = 0; ; attempt++) {
    const changes = changesBetween(before, await belongings(place));
    if (changes.length === 0 || attempt === 12) return changes;
    await place.session.clock.sleep(5_000);
  }
}

function describeLeft(left: readonly Change[], run: string, { out }: Terminal): boolean {
  if (left.length === 0) {
    out("The account holds what it held before.");
    return true;
  }
  out("The account does not hold what it held before:");
  for (const change of left) {
    const whose = change.isOurs ? "" : ", perhaps not by this run";
    out(`  ${change.kind} ${change.id} in ${change.regionId} is ${change.is}${whose}`);
    const command = removalOf(change);
    if (command && change.isOurs) out(`    ${command}`);
  }
  out(`Remove what this run created: npx pulumi-alicloud-image acceptance --clean-up --run ${run}`);
  return false;
}

/** Cleans up the runs that were started on this machine, or the one that is named. */
async function cleanUpRuns(options: Options, terminal: Terminal): Promise<0 | 1> {
  const started = existsSync(RUNS) ? readdirSync(RUNS).filter((run) => existsSync(fileOf(run))) : [];
  const runs = options.run === undefined ? started : [options.run];
  if (runs.length === 0)
    terminal.out("No run that was started on this machine has left anything. Name another run with --run.");
  let isClean = true;
  for (const run of runs) isClean = (await cleanUpOne(run, options, terminal)) && isClean;
  return isClean ? 0 : 1;
}

/** The options with which the run was started. */
const optionsOf = ({ regions: [region, secondRegion], bucket, secondProfile }: Run): Partial<Options> => ({
  ...(region !== undefined && { region }),
  ...(secondRegion !== undefined && { secondRegion }),
  ...(bucket !== undefined && { bucket }),
  ...(secondProfile !== undefined && { secondProfile }),
});

async function cleanUpOne(run: string, options: Options, terminal: Terminal): Promise<boolean> {
  const file = fileOf(run);
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Run) : undefined;
  if (known && isRunning(known.pid)) throw new Failure("Invalid", `run ${run} is still running (process ${known.pid})`);
  const place = placeOf(run, known ? { ...options, ...optionsOf(known) } : options, terminal);
  const before = known?.before ?? [];
  const refused = await cleanUp({ place, before, say: terminal.say });
  for (const line of refused) terminal.out(line);
  const left = known ? await leftAfter(before, place) : [];
  const isClean = describeLeft(left, run, terminal) && refused.length === 0;
  if (isClean && known) rmSync(folderOf(run), { recursive: true, force: true, maxRetries: 5 });
  return isClean;
}

/** Whether a process runs. A killed process keeps its id until its parent collects it. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}
