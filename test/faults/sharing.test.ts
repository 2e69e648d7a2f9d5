import type { World } from "../../emulator";
import { EXPORTABLE, manyOf, manyWorld } from "../support/kinds";
import { type Lab, type Outcome, openLab, type Resource, resource } from "../support/lab";
import { inTurn, oneOf, sampledCalls } from "../support/sample";
import { badAnswers, disturb } from "./bad-answers";

/** An image that somebody else has shared already, and another one. */
const SOMEBODY = "9999999999999999";
const accounts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${5_000_000_000 + from + i}`);
const args = { imageId: EXPORTABLE, accountIds: accounts(0, 13) };
const changed = { imageId: EXPORTABLE, accountIds: accounts(11, 24) };

function world(): World {
  const seeded = manyWorld(1);
  seeded.images.get(EXPORTABLE)!.sharedWith = [SOMEBODY];
  return seeded;
}

const operations: { operation: string; prepared: boolean; run(it: Resource): Promise<Outcome> }[] = [
  { operation: "a creation", prepared: false, run: (it) => it.up(args) },
  { operation: "a change in place", prepared: true, run: (it) => it.up(changed) },
  { operation: "a move to another image", prepared: true, run: (it) => it.up({ ...args, imageId: manyOf(0) }) },
  { operation: "a targeted replacement", prepared: true, run: (it) => it.up(args, { replace: true }) },
  { operation: "a refresh", prepared: true, run: (it) => it.refresh() },
  { operation: "a destruction", prepared: true, run: (it) => it.destroy() },
];

const shared = ({ emulator }: Lab) =>
  [EXPORTABLE, manyOf(0)].map((id) => [...emulator.world.images.get(id)!.sharedWith].sort());

describe.each(operations)("ImageSharePermission: $operation", ({ prepared, run }) => {
  async function tried(spoil: (lab: Lab) => void) {
    const lab = await openLab({ world: world() }, {}, { callTimeoutMs: 60 });
    try {
      const it = resource(lab, "ImageSharePermission");
      if (prepared) await it.up(args);
      const from = lab.emulator.calls.length;
      spoil(lab);
      const outcome = await run(it);
      lab.emulator.intercept = undefined;
      const { __record: _record, ...outputs } = it.state?.outputs ?? {};
      const after = { outcome, outputs, shared: shared(lab), destroyed: (await it.destroy()).error, left: shared(lab) };
      return { after, calls: lab.emulator.calls.slice(from) };
    } finally {
      await lab.close();
    }
  }

  let clean: Awaited<ReturnType<typeof tried>>;
  beforeAll(async () => {
    clean = await tried(() => undefined);
  });

  it.each(badAnswers)("survives it at any of its calls when $name", async (bad) => {
    expect(clean.after).toMatchObject({ destroyed: undefined, left: [[SOMEBODY], []] });
    const places = sampledCalls(clean.calls);
    for (const nth of bad.sample ? oneOf(4, places) : inTurn(places, badAnswers.indexOf(bad))) {
      const spoilt = await tried((lab) => disturb(lab, nth, bad));
      expect({ nth, ...spoilt.after }).toEqual({ nth, ...clean.after });
      expect(spoilt.calls.length - clean.calls.length).toBeLessThan(15);
    }
  });

  it.each([
    ["refused", { kind: "error", status: 403, code: "Forbidden.RAM" }],
    ["always throttled", { kind: "error", status: 429, code: "Throttling.User" }],
    ["never answered", { kind: "silence" }],
  ] as const)(
    "ends in a sentence when one of its actions is %s, and one more run completes it",
    async (_what, fault) => {
      for (const action of ["DescribeImageSharePermission", "ModifyImageSharePermission"]) {
        const lab = await openLab({ world: world() }, {}, { callTimeoutMs: 60 });
        const it = resource(lab, "ImageSharePermission");
        if (prepared) await it.up(args);
        lab.emulator.intercept = (call, phase) => (call.action === action && phase === "before" ? fault : undefined);
        const { error } = await run(it);
        if (error !== undefined) expect(error).toMatch(/^(creating|updating|deleting|reading) sharing of image /);
        lab.emulator.intercept = undefined;
        expect((await run(it)).error).toBeUndefined();
        expect((await it.destroy()).error).toBeUndefined();
        expect(shared(lab)).toEqual([[SOMEBODY], []]);
        await lab.close();
      }
    },
  );
});
