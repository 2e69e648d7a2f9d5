import { familyWatch } from "../support/families";
import { type KindCase, recoverable, testedImage } from "../support/kinds";
import { BRIEF, type Lab, type Outcome, openLab, type Props, type Resource, resource } from "../support/lab";
import { distinct, inTurn, isFull, oneOf, sampledCalls } from "../support/sample";
import { type BadAnswer, badAnswers, disturb } from "./bad-answers";

/**
 * One bad answer, at each call of each operation in turn. It only takes time: the operation succeeds, and the cloud has
 * what it would have without the fault.
 */
const subjects: readonly { subject: string; given: KindCase }[] = [
  ...recoverable.map((given) => ({ subject: given.kind, given })),
  { subject: "CustomImage with a test", given: testedImage },
];

type Run = (it: Resource, given: KindCase) => Promise<Outcome>;

const operations: { operation: string; prepared: boolean; run: Run }[] = [
  { operation: "a creation", prepared: false, run: (it, { args }) => it.up(args) },
  { operation: "a change in place", prepared: true, run: (it, { changedInPlace }) => it.up(changedInPlace) },
  { operation: "a replacement", prepared: true, run: (it, { replaced }) => it.up(replaced) },
  { operation: "a targeted replacement", prepared: true, run: (it, { args }) => it.up(args, { replace: true }) },
  { operation: "a refresh", prepared: true, run: (it) => it.refresh() },
  { operation: "a destruction", prepared: true, run: (it) => it.destroy() },
];

/** What a user would find in the cloud, apart from an instance that was deleted and is about to leave the list. */
function holdings({ emulator: { world }, clock }: Lab) {
  const leaving = clock.now() + 60_000;
  const images = [...world.images.values()]
    .filter(({ madeFrom }) => madeFrom !== "seed")
    .map(({ imageName, description, deprecated, tags }) => ({
      imageName,
      description,
      deprecated,
      tags: [...tags.keys()].sort(),
    }));
  const marks = [...world.images.values()]
    .filter(({ madeFrom }) => madeFrom === "seed")
    .map(({ tags }) => [...tags.keys()]);
  return {
    images,
    marks,
    instances: [...world.instances.values()]
      .filter(({ instanceId, releasedAtMs = Infinity }) => !/emulator0/.test(instanceId) && releasedAtMs > leaving)
      .map(({ instanceId }) => instanceId),
    commands: world.invocations.size,
    snapshots: world.snapshots.size,
    tasks: world.tasks.size,
    objects: [...world.buckets.values()].map(({ objects }) => [...objects.keys()].length),
  };
}

const settled = ({ id: _id, ...state }: Props): Props => {
  const {
    __record: _record,
    imageId: _imageId,
    taskId: _taskId,
    importTaskId: _import,
    creationTime: _time,
    snapshotIds: _snapshots,
    diskDeviceMappings: _disks,
    objects: _objects,
    writtenAt: _written,
    testResult,
    ...rest
  } = state;
  const { testedAt: _tested, ...result } = Object(testResult) as Props;
  return { ...rest, testResult: result };
};

/** Looks at every call whether an image has a family before its test has passed. */
function watchFamilies({ emulator, clock }: Lab): ReturnType<typeof familyWatch> {
  const families = familyWatch();
  const { intercept } = emulator;
  emulator.intercept = (call, phase) => {
    families.look(emulator.world, clock.now());
    return intercept?.(call, phase);
  };
  return families;
}

describe.each(subjects)("$subject", ({ given }) => {
  const isTested = given === testedImage;
  const own = operations.filter(({ prepared }) => !prepared || isFull || distinct.includes(given));
  describe.each(own)("$operation survives it at any of its calls when", ({ operation, prepared, run }) => {
    async function tried(spoil: (lab: Lab) => void) {
      const lab = await openLab({ world: given.world(), durations: BRIEF }, {}, { callTimeoutMs: 60 });
      try {
        const it = resource(lab, given.kind);
        if (prepared) await it.up(given.args);
        const [from, startMs] = [lab.emulator.calls.length, lab.clock.now()];
        spoil(lab);
        const families = isTested ? watchFamilies(lab) : undefined;
        const outcome = await run(it, given);
        lab.emulator.intercept = undefined;
        const calls = lab.emulator.calls.slice(from);
        return {
          outcome,
          early: families?.complaints ?? [],
          calls,
          tookMs: lab.clock.now() - startMs,
          holds: holdings(lab),
          outputs: it.state && settled(it.state.outputs),
          destroyed: (await it.destroy()).error,
          remains: given.remains(lab),
        };
      } finally {
        await lab.close();
      }
    }
    let clean: Awaited<ReturnType<typeof tried>>;
    beforeAll(async () => {
      clean = await tried(() => undefined);
    });

    const isReplacement = operation.includes("replacement");
    /** A replacement makes the calls of a creation and of a destruction. */
    function placesOf(bad: BadAnswer): readonly number[] {
      const places = sampledCalls(clean.calls).filter((nth) => !bad.ofEcs || !/Object$/.test(clean.calls[nth]!.action));
      const turn = badAnswers.indexOf(bad) + operations.findIndex((each) => each.operation === operation);
      if (!bad.sample) return inTurn(places, turn);
      return oneOf(isReplacement || isTested ? 12 : 6, places, turn);
    }

    it.each(badAnswers.filter(({ sample }) => sample || !isReplacement))("$name", async (bad) => {
      for (const nth of placesOf(bad)) {
        const { action } = clean.calls[nth]!;
        const spoilt = await tried((lab) => disturb(lab, nth, bad));
        expect(spoilt.early).toEqual([]);
        expect({ action, nth, outcome: spoilt.outcome, holds: spoilt.holds, outputs: spoilt.outputs }).toEqual({
          action,
          nth,
          outcome: clean.outcome,
          holds: clean.holds,
          outputs: clean.outputs,
        });
        expect({ action, destroyed: spoilt.destroyed, remains: spoilt.remains }).toEqual({
          action,
          destroyed: undefined,
          remains: [],
        });
        expect(spoilt.calls.length - clean.calls.length).toBeLessThan(15);
        expect(spoilt.tookMs - clean.tookMs).toBeLessThan(2 * 60_000);
      }
    });
  });
});
