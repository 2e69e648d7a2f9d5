import { appendFileSync } from "node:fs";
import type { Front } from "../support/fronts";
import type { ResourceName } from "../support/lab";
import { inTurn, isFull, ofHost, oneOf } from "../support/sample";
import { type Aftermath, type Scenario, scenarios } from "./scenarios";
import { KILLS, type Kill, type Point, type Report, sentenceOf, type Trial, tried } from "./sweep";

/**
 * `npm run test:crash` plays every point and every kill, two kills in a row, at once and later. Otherwise these are the
 * strides of the points: of the first aftermath, and of the others. The kinds of kill take turns.
 */
const STRIDES = { main: 24, other: 120 };
const LATER_MS = 30 * 60_000;

/** A row of the table of covered kills. */
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

/** One kill and two, at which points, of what. What follows is nearly the same operation, so it has the same points. */
function* strikes(points: readonly Point[], isMain: boolean, offset: number): Generator<Strike & { at: number }> {
  const stride = STRIDES[isMain ? "main" : "other"];
  const changing = [...points.keys()].filter((at) => !points[at]!.isMonotonous);
  const chosen = isFull ? [...points.keys()] : oneOf(stride, changing, offset);
  for (const [n, at] of chosen.entries()) {
    for (const kill of inTurn(KILLS, n + offset)) yield { at, kill };
    if (isFull && isMain) yield { at, kill: "everything", pauseMs: LATER_MS };
  }
  if (!isMain) return;
  for (const [i, at] of changing.entries()) {
    for (const [j, second] of changing.entries()) {
      if (isFull ? (i + j) % 2 === 0 : j === i && (i + offset) % (3 * stride) === 0)
        yield { at, kill: KILLS[(i + j) % 3]!, second: { at: second, kill: KILLS[j % 3] as Kill } };
    }
  }
}

/** The points of an undisturbed operation, with any aftermath. */
const pointsOf = new Map<string, Promise<readonly Point[]>>();

async function swept(
  scenario: Scenario,
  aftermath: Aftermath,
  offset: number,
  front: Front,
): Promise<{ row: Row; complaints: string[] }> {
  const passing =
    pointsOf.get(scenario.operation) ?? tried({ scenario, aftermath, front }).then(({ points }) => points);
  pointsOf.set(scenario.operation, passing);
  const points = await passing;
  const isMain = aftermath === scenario.aftermaths[0];
  const reports: (Report & { complaint?: string })[] = [];
  for (const strike of strikes(points, isMain, offset)) {
    const trial = { scenario, aftermath, front, ...strike };
    const report = await tried(trial);
    const number = points.slice(0, strike.at + 1).filter(({ phase }) => phase === "before").length;
    reports.push({
      ...report,
      ...(report.violations.length > 0 && {
        complaint: sentenceOf(trial, report.points[strike.at] ?? points[strike.at]!, number, report.violations),
      }),
    });
  }
  const count = (is: (report: (typeof reports)[number]) => boolean) => reports.filter(is).length;
  const row: Row = {
    kind: scenario.kind,
    operation: scenario.operation,
    aftermath: aftermath.name,
    points: points.length,
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

/** Both hosts run the same lifecycles, so they share the aftermaths. `npm test` tries half of those after the first. */
const isTried =
  (front: Front) =>
  (row: { turn: number; isMain: boolean }): boolean =>
    ofHost(front)(row, row.turn) && (isFull || row.isMain || Math.floor(row.turn / 2) % 2 === 0);

/** The sweep of one kind of resource: each of its operations, killed at every point, and all ways to go on. */
export function sweep(kind: ResourceName, front: Front = "dynamic"): void {
  const rows = scenarios
    .filter((scenario) => scenario.kind === kind)
    .flatMap((scenario, index) =>
      scenario.aftermaths.map((aftermath, at) => ({
        scenario,
        aftermath,
        turn: index + at,
        isMain: at === 0,
        operation: scenario.operation,
        then: aftermath.name,
        holds: HOLDS[aftermath.leaves],
      })),
    );
  describe(`${kind}, ${front} host,`, () => {
    it.each(rows.filter(isTried(front)))(
      "$operation, killed anywhere then $then: $holds",
      async ({ scenario, aftermath, turn }) => {
        const { row, complaints } = await swept(scenario, aftermath, turn, front);
        if (process.env["CRASH_TABLE"]) appendFileSync(process.env["CRASH_TABLE"], `${JSON.stringify(row)}\n`);
        expect(complaints).toEqual([]);
      },
      isFull ? 60 * 60_000 : undefined,
    );
  });
}
