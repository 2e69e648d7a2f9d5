import { appendFileSync } from "node:fs";
import type { Front } from "../support/fronts";
import type { ResourceName } from "../support/lab";
import { type Aftermath, type Scenario, scenarios } from "./scenarios";
import { KILLS, type Kill, type Point, type Report, sentenceOf, type Trial, tried } from "./sweep";

/**
 * `npm run test:crash`: every point, every kill, two in a row, soon and late. Else one kill for each point, rotating;
 * of the native host, which runs the same lifecycles, a third of the points.
 */
const isFull = process.env["CRASH_SWEEP"] === "full";
const LATER_MS = 30 * 60_000;
/** Of how many points one is tried when not all are: of the first aftermath, and of each other. */
const STRIDES = { dynamic: { main: 1, other: 8 }, native: { main: 3, other: 24 } };

/** A row of the table of what was covered. */
export interface Row {
  readonly kind: ResourceName;
  readonly operation: string;
  readonly aftermath: string;
  readonly points: number;
  readonly runs: number;
  readonly whole: number;
  readonly named: number;
  readonly findable: number;
  readonly broken: number;
}

type Strike = Pick<Trial, "at" | "kill" | "pauseMs" | "second">;

/** Once and twice, at which points, whom. */
function* strikes(
  points: readonly Point[],
  next: readonly Point[],
  isMain: boolean,
  offset: number,
  front: Front,
): Generator<Strike & { at: number }> {
  const stride = STRIDES[front][isMain ? "main" : "other"];
  const worthwhile = [...points.keys()].filter((at) => isFull || !points[at]!.isMonotonous);
  for (const [i, at] of worthwhile.entries()) {
    if (isFull) for (const kill of KILLS) yield { at, kill };
    else if ((i + offset) % stride === 0) yield { at, kill: KILLS[(i + offset) % KILLS.length]! };
    if (isFull && isMain) yield { at, kill: "everything", pauseMs: LATER_MS };
  }
  if (!isMain) return;
  const changing = [...points.keys()].filter((at) => !points[at]!.isMonotonous);
  const changingNext = [...next.keys()].filter((at) => !next[at]!.isMonotonous);
  for (const [i, at] of changing.entries()) {
    for (const [j, second] of changingNext.entries()) {
      if (isFull ? (i + j) % 2 === 0 : j === i % changingNext.length && (i + offset) % (3 * stride) === 0)
        yield { at, kill: KILLS[(i + j) % 3]!, second: { at: second, kill: KILLS[j % 3] as Kill } };
    }
  }
}

async function swept(
  scenario: Scenario,
  aftermath: Aftermath,
  offset: number,
  front: Front,
): Promise<{ row: Row; complaints: string[] }> {
  const clean = await tried({ scenario, aftermath, front });
  const isMain = aftermath === scenario.aftermaths[0];
  // What a killed creation is followed by is nearly the same operation, so its points serve for the second kill.
  const reports: (Report & { complaint?: string })[] = [];
  for (const strike of strikes(clean.points, clean.points, isMain, offset, front)) {
    const trial = { scenario, aftermath, front, ...strike };
    const report = await tried(trial);
    const number = clean.points.slice(0, strike.at + 1).filter(({ phase }) => phase === "before").length;
    reports.push({
      ...report,
      ...(report.violations.length > 0 && {
        complaint: sentenceOf(trial, report.points[strike.at] ?? clean.points[strike.at]!, number, report.violations),
      }),
    });
  }
  const count = (is: (report: (typeof reports)[number]) => boolean) => reports.filter(is).length;
  const row: Row = {
    kind: scenario.kind,
    operation: scenario.operation,
    aftermath: aftermath.name,
    points: clean.points.length,
    runs: reports.length,
    whole: count(({ complaint, left }) => complaint === undefined && left === "nothing"),
    named: count(({ complaint, left }) => complaint === undefined && left === "named"),
    findable: count(({ complaint, left }) => complaint === undefined && left === "findable"),
    broken: count(({ complaint }) => complaint !== undefined),
  };
  return { row, complaints: reports.flatMap(({ complaint }) => complaint ?? []) };
}

const HOLDS = {
  nothing: "leaves one of it, in the state, and nothing besides",
  named: "leaves one of it, and names whatever is left besides",
  findable: "leaves nothing that the orphan finder does not find",
} as const;

/** The sweep of one kind of resource: each of its operations, killed everywhere, and all ways to go on. */
export function sweep(kind: ResourceName, front: Front = "dynamic"): void {
  const own = scenarios.filter((scenario) => scenario.kind === kind);
  describe.each(own.map((scenario, index) => ({ scenario, index, operation: scenario.operation })))(
    `${kind}, ${front} host, $operation, killed anywhere`,
    ({ scenario, index }) => {
      it.each(
        scenario.aftermaths.map((aftermath, at) => ({
          aftermath,
          at,
          then: aftermath.name,
          holds: HOLDS[aftermath.leaves],
        })),
      )(
        "then $then: $holds",
        async ({ aftermath, at }) => {
          const { row, complaints } = await swept(scenario, aftermath, index + at, front);
          if (process.env["CRASH_TABLE"]) appendFileSync(process.env["CRASH_TABLE"], `${JSON.stringify(row)}\n`);
          expect(complaints).toEqual([]);
        },
        isFull ? 60 * 60_000 : undefined,
      );
    },
  );
}
