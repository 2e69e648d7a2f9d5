import { type Call, type Fault, seeds } from "../../emulator";
import { familyWatch } from "../support/families";
import type { Front } from "../support/fronts";
import { recoverable } from "../support/kinds";
import { type Lab, type Outcome, openLab, type Resource, resource, urnOf } from "../support/lab";
import { addLookalikes } from "../support/moves";
import { type Before, isGood, ownImages, strangersIn, verdict } from "./holds";
import type { Aftermath, Scenario, Step } from "./scenarios";

/**
 * A point at which an operation can be interrupted: at one of its calls, before or after its effect, or between a call
 * of the engine and its write.
 */
export interface Point {
  readonly name: string;
  readonly phase: "before" | "after" | "between";
  /** Whether it is the same call as those before and after it: a read during a wait. */
  readonly isMonotonous: boolean;
}

/**
 * What is killed. `engine`: the provider notices within milliseconds and stops, but what it has sent still arrives.
 * `everything`: what has not taken effect yet never does.
 */
export type Kill = "provider" | "engine" | "everything";
export const KILLS: readonly Kill[] = ["provider", "engine", "everything"];

export interface Trial {
  readonly scenario: Scenario;
  readonly aftermath: Aftermath;
  /** The host that the operations run through. Default: `dynamic`. */
  readonly front?: Front;
  /** The number of the point in an undisturbed run. Without it, the run is undisturbed. */
  readonly at?: number;
  readonly kill?: Kill;
  /** How much time passes after the kill. */
  readonly pauseMs?: number;
  /** A second kill, in the first step of what follows. */
  readonly second?: { readonly at: number; readonly kill: Kill };
}

export interface Report {
  readonly points: readonly Point[];
  /** Of the first step of what follows. */
  readonly next: readonly Point[];
  readonly violations: readonly string[];
  /** What was left besides the state and is allowed. */
  readonly left: Aftermath["leaves"];
}

type Happening = { readonly call: Call; readonly phase: "before" | "after" } | { readonly moment: string };

/** Runs a step, reports everything that happens in it, and injects what is ordered. */
export async function watched(
  lab: Lab,
  run: () => Promise<Outcome>,
  order: (happening: Happening) => Fault | undefined,
): Promise<Outcome> {
  lab.emulator.intercept = (call, phase) => order({ call, phase });
  lab.reached = (moment) => void order({ moment });
  try {
    return await run();
  } finally {
    lab.emulator.intercept = undefined;
    lab.reached = undefined;
  }
}

const nameOf = (happening: Happening): Omit<Point, "isMonotonous"> =>
  "moment" in happening
    ? { name: happening.moment, phase: "between" }
    : { name: happening.call.action, phase: happening.phase };

/** Kills at the given point. Records the points that were passed, and what a dead process still sent. */
export function killer(lab: Lab, at: number | undefined, kill: Kill) {
  const passed: { point: Omit<Point, "isMonotonous">; params: string }[] = [];
  const afterlife: string[] = [];
  return {
    afterlife,
    get points(): Point[] {
      const same = (i: number, j: number) => passed[i]?.params === passed[j]?.params;
      return passed.map(({ point }, i) => ({
        ...point,
        isMonotonous: point.phase !== "between" && same(i - 2, i) && same(i, i + 2),
      }));
    },
    order(happening: Happening): Fault | undefined {
      const process =
        "call" in happening
          ? lab.processes.find(({ accessKeyId }) => accessKeyId === happening.call.accessKeyId)!
          : lab.processes.at(-1)!;
      if (process.killed) {
        if ("call" in happening && happening.phase === "before")
          afterlife.push(`a provider sent ${happening.call.action} after it or its engine had been killed`);
        return { kind: "reset" };
      }
      passed.push({
        point: nameOf(happening),
        params: JSON.stringify(
          "call" in happening ? [happening.call.action, happening.call.params, happening.phase] : passed.length,
        ),
      });
      if (passed.length - 1 !== at) return undefined;
      process.kill(kill === "provider" ? "provider" : "engine");
      if (kill === "everything") process.kill("provider");
      return "call" in happening && happening.phase === "before" && kill === "engine" ? undefined : { kind: "reset" };
    },
  };
}

const run = (it: Resource, step: Step): Promise<Outcome> =>
  step.do === "up"
    ? it.up(step.args, { ...(step.replace && { replace: true }), ...(step.timeouts && { timeouts: step.timeouts }) })
    : it[step.do]();

/** Adds things that look like the resource's own. They must stay as they are. */
function addStrangers(lab: Lab): void {
  addLookalikes(lab);
  const { buckets } = lab.emulator.world;
  const [object] = buckets.get(seeds.imageBucket)!.objects.values();
  buckets.get(seeds.exportBucket)!.objects.set("golden/readme", { ...object!, key: "golden/readme" });
}

/** One run: the initial state, the operation that is killed, what follows, and a destroy. Returns what did not hold. */
export async function tried(
  { scenario, aftermath, front = "dynamic", at, kill = "everything", pauseMs = 5_000, second }: Trial,
  open: typeof openLab = openLab,
): Promise<Report> {
  const { kind, given, killed } = scenario;
  const lab = await open({ world: recoverable.find((each) => each.kind === kind)!.world() }, {}, { front });
  try {
    addStrangers(lab);
    const before: Before = { kind, urn: urnOf(kind, "golden"), strangers: strangersIn(lab.emulator.world) };
    const it = resource(lab, kind);
    for (const step of given) await run(it, step);

    const previous = it.state?.id;
    const found: string[] = [];
    const families = familyWatch();
    const isTested = argsOf([...given, killed])?.["test"] !== undefined;
    const guard = (order: (happening: Happening) => Fault | undefined, step: Step) => {
      const hadGood =
        kind !== "ImageExport" &&
        step.do === "up" &&
        ownImages(lab, before.urn).some((image) => isGood(image, lab.clock.now()));
      return (happening: Happening) => {
        if (hadGood && !ownImages(lab, before.urn).some((image) => isGood(image, lab.clock.now())))
          found.push(`at ${nameOf(happening).name} there is no good image`);
        if (isTested) families.look(lab.emulator.world, lab.clock.now());
        return order(happening);
      };
    };

    const first = killer(lab, at, kill);
    await watched(lab, () => run(it, killed), guard(first.order, killed));
    await lab.clock.advance(pauseMs);

    const [next, ...rest] = aftermath.steps as [Step, ...Step[]];
    const again = killer(lab, second?.at, second?.kill ?? "everything");
    const outcomes = [await watched(lab, () => run(it, next), guard(again.order, next))];
    if (second) {
      await lab.clock.advance(pauseMs);
      outcomes[0] = await run(it, next);
    }
    for (const step of rest)
      outcomes.push(
        await watched(
          lab,
          () => run(it, step),
          guard(() => undefined, step),
        ),
      );
    for (const { did, error } of outcomes) if (error !== undefined) found.push(`${did} ended with: ${error}`);

    const isUp = (step: Step) => step.do === "up";
    const lastUp = [...aftermath.steps].reverse().find(isUp) as Extract<Step, { do: "up" }> | undefined;
    const asked =
      lastUp?.args ?? (aftermath.steps.every((step) => step.do === "refresh") ? argsOf([...given, killed]) : undefined);
    const held = verdict(lab, before, it, asked, argsOf([...given, killed]), aftermath.leaves);
    found.push(...held.violations, ...first.afterlife, ...again.afterlife, ...families.complaints);

    const rebuilds = (step: Step) =>
      step.do === "up" && (step.replace || (scenario.operation.startsWith("replace") && step === killed));
    if (previous !== undefined && it.state?.id === previous && aftermath.steps.some(rebuilds))
      found.push(`${previous}, which was to be replaced, was not`);

    const destroyed = await it.destroy();
    if (destroyed.error !== undefined) found.push(`the final destroy ended with: ${destroyed.error}`);
    await lab.clock.advance(5_000);
    const gone = verdict(lab, before, it, undefined, lastUp?.args ?? argsOf([...given, killed]), aftermath.leaves);
    found.push(...gone.violations.map((violation) => `after the final destroy, ${violation}`));
    return { points: first.points, next: again.points, violations: [...new Set(found)], left: held.left };
  } finally {
    await lab.close();
  }
}

const argsOf = (steps: readonly Step[]) =>
  (steps.filter((step) => step.do === "up").at(-1) as Extract<Step, { do: "up" }> | undefined)?.args;

const WORDS = { before: "before it takes effect", after: "after it took effect", between: "" } as const;
const VICTIMS: Record<Kill, string> = {
  provider: "the provider is killed",
  engine: "the engine is killed",
  everything: "everything is killed",
};

/** The sentence that reports a failing point. */
export function sentenceOf(
  { scenario, aftermath, kill = "everything", second }: Trial,
  point: Point,
  number: number,
  complaint: readonly string[],
): string {
  const where =
    point.phase === "between" ? `once ${point.name}` : `at call ${number}, ${point.name}, ${WORDS[point.phase]}`;
  const twice = second ? `; then ${VICTIMS[second.kill]} at point ${second.at} of what follows` : "";
  return (
    `${scenario.kind}, ${scenario.operation}: ${VICTIMS[kill]} ${where}${twice}; then ${aftermath.name}: ` +
    `${complaint.join("; ")}`
  );
}
