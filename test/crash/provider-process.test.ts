import { isFull, oneOf } from "../support/sample";
import { openRealLab } from "./real-processes";
import { scenarios } from "./scenarios";
import { type Kill, type Point, sentenceOf, tried } from "./sweep";

/**
 * The same sweep with Pulumi's own provider process, which is really killed. Time is real, so it covers only calls that
 * change something, and the time after them.
 */
const CHANGES = /^(Create|Import|Export|Delete|Modify|Tag|Untag|Cancel)/;
const SAMPLE = "CustomImage, create, name kept";
const tries: { point: (points: readonly Point[]) => number; kill: Kill; where: string }[] = [
  {
    where: "before the first change takes effect",
    kill: "provider",
    point: (points) => points.findIndex(({ name, phase }) => phase === "before" && CHANGES.test(name)),
  },
  {
    where: "as the last change is on its way",
    kill: "engine",
    point: (points) =>
      points.findLastIndex(({ name, phase }) => phase === "before" && CHANGES.test(name) && name !== "UntagResources"),
  },
  {
    where: "after the creation took effect",
    kill: "everything",
    point: (points) =>
      points.findIndex(({ name, phase }) => phase === "after" && /^(Create|Import|Export)Image$/.test(name)),
  },
  {
    where: "once it was created, before that was written down",
    kill: "engine",
    point: (points) => points.findIndex(({ name }) => name === "create returned"),
  },
  {
    where: "once that was written down, before the orderly end",
    kill: "provider",
    point: (points) => points.findIndex(({ name }) => name === "create recorded"),
  },
];

const chosen = scenarios.filter(({ kind, operation, killed }) =>
  isFull ? killed.do === "up" && !operation.includes("not finished") : `${kind}, ${operation}` === SAMPLE,
);

describe.each(chosen.map((scenario) => ({ scenario, ...scenario })))(
  "a real provider process, $kind, $operation",
  ({ scenario }) => {
    const aftermath = scenario.aftermaths[0]!;
    it("stops when it or its engine is killed, and the same operation again completes it", async () => {
      const trial = { scenario, aftermath };
      const clean = await tried(trial, openRealLab);
      expect(clean.violations).toEqual([]);
      const complaints = await Promise.all(
        oneOf(2, tries, 2).map(async ({ point, kill, where }) => {
          const at = point(clean.points);
          if (at < 0) return [];
          const report = await tried({ ...trial, at, kill }, openRealLab);
          const number = clean.points.slice(0, at + 1).filter(({ phase }) => phase === "before").length;
          const struck = report.points[at] ?? clean.points[at]!;
          return report.violations.length > 0
            ? [`${where}: ${sentenceOf({ ...trial, kill }, struck, number, report.violations)}`]
            : [];
        }),
      );
      expect(complaints.flat()).toEqual([]);
    });
  },
);
