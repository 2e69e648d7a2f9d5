import type { Call } from "../../emulator";
import { contractKinds } from "../support/kinds";
import { type Lab, type Outcome, openLab, type Props, type Resource, resource } from "../support/lab";
import { distinct, oneOf, sampledCalls } from "../support/sample";

/**
 * Ctrl-C at the calls of every operation: the engine calls Cancel, which ends waits. The running call still takes
 * effect. The same command again completes the operation, and `destroy` leaves nothing, at once or after that.
 */

const ENDS_WITHIN_MS = 2_000;
const MINUTE_MS = 60_000;

/** What a case needs to know of a resource type. */
type Row = Pick<(typeof contractKinds)[number], "kind" | "args" | "changedInPlace" | "replaced" | "world" | "remains">;

interface Operation {
  readonly name: string;
  /** Whether it may leave an unfinished resource in the state when it is cancelled. */
  readonly leavesUnfinished?: true;
  given?(it: Resource, row: Row, lab: Lab): Promise<unknown>;
  run(it: Resource, row: Row): Promise<Outcome>;
}

const made = (it: Resource, { args }: Row) => it.up(args);

/** The first creation fails, and is removed by the run that began it. */
const failing = (_it: Resource, _row: Row, { emulator }: Lab): Promise<unknown> => {
  for (const action of ["CreateImage", "ImportImage", "ExportImage", "CopyImage"] as const)
    emulator.world.scenarios.push({ for: action, failAtPercent: 50 });
  return Promise.resolve();
};

const operations: readonly Operation[] = [
  { name: "a creation", leavesUnfinished: true, run: (it, { args }) => it.up(args) },
  { name: "a creation that fails", leavesUnfinished: true, given: failing, run: (it, { args }) => it.up(args) },
  {
    name: "a replacement that fails",
    async given(it, row, lab) {
      await made(it, row);
      await failing(it, row, lab);
    },
    run: (it, { args }) => it.up({ ...args, triggers: ["again"] }),
  },
  { name: "an update", leavesUnfinished: true, given: made, run: (it, { changedInPlace }) => it.up(changedInPlace) },
  { name: "a replacement", given: made, run: (it, { replaced }) => it.up(replaced) },
  { name: "a refresh", given: made, run: (it) => it.refresh() },
  {
    name: "a refresh while the lists lag behind",
    async given(it, row, { emulator }) {
      await made(it, row);
      const { id } = it.state!;
      if (emulator.world.images.has(id) || emulator.world.tasks.has(id)) emulator.hide(id, MINUTE_MS / 6);
    },
    run: (it) => it.refresh(),
  },
  { name: "a destroy", given: made, run: (it) => it.destroy() },
  {
    name: "the destroy of an unfinished one",
    given(it, { args }, { emulator }) {
      for (const action of ["CreateImage", "ImportImage", "ExportImage", "CopyImage"] as const)
        emulator.world.scenarios.push({ for: action, durationMs: 30 * MINUTE_MS });
      return it.up(args, { timeouts: { create: "5m" } });
    },
    run: (it) => it.destroy(),
  },
];

const accounts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => String(1_000_000_000_000_000 + from + n));
const shared = (imageId: string, accountIds: string[]): Props => ({ imageId, accountIds });
const images = contractKinds.filter(({ front }) => front === "native");
const share: Row = {
  kind: "ImageSharePermission",
  args: shared("m-exportable", accounts(0, 15)),
  changedInPlace: shared("m-exportable", accounts(12, 30)),
  replaced: shared("m-many-0", accounts(0, 15)),
  world: images[0]!.world,
  remains: ({ emulator }) =>
    [...emulator.world.images.values()].flatMap(({ imageId, sharedWith }) =>
      [...sharedWith].map((account) => `the sharing of ${imageId} with ${account}`),
    ),
};

describe.each([...images, share])("$kind, cancelled at a call of", (row) => {
  const isDistinct = row === share || distinct.some(({ kind }) => kind === row.kind);
  it.each(operations.filter(({ given }) => isDistinct || !given))(
    "$name: it ends within two seconds, and the same operation again completes it",
    async (operation) => {
      const { points } = await cancelled(row, operation, -1, "again");
      const complaints: string[] = [];
      for (const at of oneOf(4, triedOf(points))) {
        const { action, phase } = points[at]!;
        for (const next of operation.leavesUnfinished ? (["again", "destroy"] as const) : (["again"] as const)) {
          const { violations } = await cancelled(row, operation, at, next);
          complaints.push(...violations.map((what) => `at call ${at >> 1}, ${action}, ${phase} its effect: ${what}`));
        }
      }
      expect(complaints).toEqual([]);
    },
  );
});

interface Point {
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  readonly phase: "before" | "after";
}

/** Calls that read have no effect, and one of many equal ones in a row is enough. */
function triedOf(points: readonly Point[]): number[] {
  const isEqual = (one: Point, other: Point | undefined) =>
    one.action === other?.action && JSON.stringify(one.params) === JSON.stringify(other.params);
  const sampled = new Set(sampledCalls(points));
  return [...points.keys()].filter((at) => {
    const { action, phase } = points[at]!;
    if (/^(Describe|Head|Get|List)/.test(action) && phase === "after") return false;
    const last = points.slice(0, at).findLast((point) => point.phase === phase);
    return sampled.has(at) && !isEqual(points[at]!, last);
  });
}

/** Runs the operation and cancels it at the point with this number, repeats it if that is next, then destroys. */
async function cancelled(row: Row, operation: Operation, at: number, next: "again" | "destroy") {
  const lab = await openLab({ world: row.world() }, {}, { front: "native" });
  const it = resource(lab, row.kind);
  const violations: string[] = [];
  const expectNoError = (what: string, { error }: Outcome) => {
    if (error !== undefined) violations.push(`${what} ended with: ${error}`);
  };
  try {
    await operation.given?.(it, row, lab);
    const { points, tookMs } = await interrupted(lab, at, () => operation.run(it, row));
    if (tookMs > ENDS_WITHIN_MS) violations.push(`it took ${tookMs} ms`);

    if (operation.name.startsWith("a refresh") && !it.state) violations.push("it is no longer in the state");
    if (next === "again") {
      const again = await operation.run(it, row);
      // What fails only now is reported once, and replaced by the next one.
      expectNoError(
        "the same again",
        /has failed|ended as/.test(again.error ?? "") ? await operation.run(it, row) : again,
      );
      if (it.state?.initErrors) violations.push("it is still unfinished");
    }
    const mayLeaveMark = !it.state; // of an export that was never begun; the next creation sets it again
    expectNoError("the destroy", await it.destroy());
    const left = row.remains(lab).filter((what) => !(mayLeaveMark && what.startsWith("s-")));
    violations.push(...left.map((what) => `${what} is left`));
    return { points, violations };
  } finally {
    await lab.close();
  }
}

/**
 * Cancels the operation at the point with this number. Returns all points that it passed, and how long it took from
 * there to its end.
 */
async function interrupted(lab: Lab, at: number, run: () => Promise<Outcome>) {
  const points: Point[] = [];
  let sinceMs: number | undefined;
  lab.emulator.intercept = ({ action, params }: Call, phase) => {
    points.push({ action, params, phase });
    if (points.length - 1 !== at) return undefined;
    sinceMs = lab.clock.now();
    lab.processes.at(-1)!.cancel();
    return undefined;
  };
  await run();
  lab.emulator.intercept = undefined;
  return { points, tookMs: lab.clock.now() - (sinceMs ?? lab.clock.now()) };
}
