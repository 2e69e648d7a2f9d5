import { Failure, messageOf } from "../provider/failure";
import { acknowledge, acknowledgeable } from "./acknowledgement";
import { askWhich } from "./choice";
import type { Orphan } from "./model";
import { type Options, optionsIn, orphansHelp } from "./options";
import { type Finding, Query } from "./query";
import { removeAll } from "./removal";
import { asJson, countOf, describe } from "./report";
import type { Terminal } from "./terminal";

/** What was done about some orphans, in words, by id. */
type Outcomes = Map<string, string>;

/** Runs the command and returns its exit code. An error is reported in one sentence. */
export async function orphans(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const options = optionsIn(args);
    if (options !== "help") return await run(options, terminal);
    terminal.out(orphansHelp);
    return 0;
  } catch (error) {
    terminal.say(`orphans: ${messageOf(error)}`);
    return 2;
  }
}

/** One run of the command. */
interface Job {
  readonly query: Query;
  readonly options: Options;
  readonly terminal: Terminal;
  /** What was done, by id. */
  readonly outcomes: Outcomes;
}

async function run(options: Options, terminal: Terminal): Promise<0 | 1 | 2> {
  const { deletes, yes, json, acknowledges } = options;
  if (deletes && !yes && !terminal.isInteractive)
    throw new Failure(
      "Invalid",
      "this is not a terminal, so there is nobody to ask; give --yes to delete without a question",
    );
  const job: Job = { query: new Query(options, terminal), options, terminal, outcomes: new Map() };
  const { query, outcomes } = job;
  const finding = await query.run();
  const numbered = deletes ? finding.orphans.filter(({ kept }) => kept === undefined) : [];
  if (acknowledges.length === 0 && !json) describe(finding, numbered, options, terminal);

  let left = finding.orphans;
  if (acknowledges.length > 0) left = await acknowledgeAll(finding, job);
  else if (numbered.length > 0) {
    const meant = yes ? numbered : await askWhich(numbered, terminal);
    if (meant.length > 0) left = await deleteAll(meant, job);
  }
  if (json) terminal.out(JSON.stringify(asJson(finding, outcomes, terminal.clock.now()), undefined, 2));
  else if (outcomes.size > 0) {
    const nothing = acknowledges.length > 0 ? "Nothing else is left." : "Nothing is left.";
    terminal.out(left.length === 0 ? nothing : `${countOf(left)} left.`);
  }
  if (left.length > 0) return 1;
  return finding.unasked.length === 0 ? 0 : 2;
}

/** Queries again before it deletes, because choosing takes time, in which a run may have taken over some orphans. */
async function deleteAll(
  meant: readonly Orphan[],
  { query, outcomes, terminal: { say } }: Job,
): Promise<readonly Orphan[]> {
  const now = await query.run();
  const isOrphan = new Set(now.orphans.filter(({ kept }) => kept === undefined).map(({ id }) => id));
  const still = meant.filter(({ id }) => isOrphan.has(id));
  const failed = await removeAll(still, query.session, ({ kind, id }, why) => {
    outcomes.set(id, why ?? "deleted");
    const progress = still.length > 1 ? `[${outcomes.size}/${still.length}] ` : "";
    say(`${progress}${kind} ${id}: ${why === undefined ? "deleted" : `not deleted: ${why}`}`);
  });
  const gone = new Set(still.filter((orphan) => !failed.includes(orphan)).map(({ id }) => id));
  return now.orphans.filter(({ id }) => !gone.has(id));
}

/** Acknowledges the orphans with the given ids. Returns the others. */
async function acknowledgeAll(
  finding: Finding,
  { query, options, terminal: { clock, say }, outcomes }: Job,
): Promise<readonly Orphan[]> {
  const every = [...finding.orphans, ...finding.acknowledged];
  const meant = acknowledgeable(options.acknowledges, every, finding.state);
  await acknowledge(meant, query.session, clock.now());
  for (const { kind, id } of meant) {
    outcomes.set(id, "acknowledged");
    say(`${kind} ${id}: acknowledged, it is kept on purpose`);
  }
  return finding.orphans.filter(({ id, imageId }) => !outcomes.has(id) && !outcomes.has(imageId ?? ""));
}
