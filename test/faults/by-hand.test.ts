import { seeds, type World } from "../../emulator";
import { recoverable } from "../support/kinds";
import { BRIEF, type Lab, type Outcome, openLab, type Props, type Resource, resource } from "../support/lab";
import { distinct, oneOf, sampledCalls } from "../support/sample";

/**
 * Somebody changes something by hand between any two calls of an operation. The operation may fail with a sentence.
 * After a refresh and an up, the cloud has what the program says, and after a destroy nothing of ours.
 */
interface Hand {
  readonly hand: string;
  does(world: World, id: string): void;
  /** Whether it also affects what is no image. */
  readonly ofAll?: true;
}

const hands: readonly Hand[] = [
  {
    hand: "deletes it",
    ofAll: true,
    does: ({ images, buckets }, id) => void (images.delete(id), buckets.get(seeds.exportBucket)!.objects.clear()),
  },
  { hand: "renames it", does: ({ images }, id) => void (images.has(id) && (images.get(id)!.imageName = "by-hand")) },
  { hand: "takes all its tags off", does: ({ images }, id) => void images.get(id)?.tags.clear() },
  {
    hand: "sets tags of its own",
    does: ({ images }, id) => void images.get(id)?.tags.set("team", "somebody else's").set("by-hand", "yes"),
  },
  { hand: "deprecates it", does: ({ images }, id) => void (images.has(id) && (images.get(id)!.deprecated = true)) },
  {
    hand: "takes every tag off every image",
    ofAll: true,
    does: ({ images }) => images.forEach(({ tags }) => tags.clear()),
  },
];

type Given = (typeof recoverable)[number];
const operations: {
  operation: string;
  prepared: boolean;
  wants: (given: Given) => Props;
  run: (it: Resource, given: Given) => Promise<Outcome>;
}[] = [
  { operation: "a creation", prepared: false, wants: ({ args }) => args, run: (it, { args }) => it.up(args) },
  {
    operation: "a change in place",
    prepared: true,
    wants: ({ changedInPlace }) => changedInPlace,
    run: (it, { changedInPlace }) => it.up(changedInPlace),
  },
  {
    operation: "a replacement",
    prepared: true,
    wants: ({ replaced }) => replaced,
    run: (it, { replaced }) => it.up(replaced),
  },
  { operation: "a destruction", prepared: true, wants: ({ args }) => args, run: (it) => it.destroy() },
];

describe.each(recoverable)("$kind", (given) => {
  const own = operations.filter(({ prepared }) => !prepared || distinct.includes(given));
  describe.each(own)("between any two calls of $operation somebody", ({ prepared, wants, run }) => {
    const labs: Lab[] = [];
    afterEach(() => Promise.all(labs.splice(0).map((lab) => lab.close())));
    async function opened(): Promise<{ lab: Lab; subject: Resource }> {
      const lab = await openLab({ world: given.world(), durations: BRIEF });
      labs.push(lab);
      const subject = resource(lab, given.kind);
      if (prepared) await subject.up(given.args);
      return { lab, subject };
    }
    let places: readonly number[] = [];
    beforeAll(async () => {
      const { lab, subject } = await opened();
      const before = lab.emulator.calls.length;
      await run(subject, given);
      places = sampledCalls(lab.emulator.calls.slice(before));
    });

    const touching = hands.filter(({ ofAll }) => ofAll || given.kind !== "ImageExport");
    it.each(touching.map((hand, number) => ({ ...hand, number })))("$hand", async ({ does, ofAll, number }) => {
      for (const nth of oneOf(ofAll ? 4 : 8, places, number)) {
        const { lab, subject } = await opened();
        let count = 0;
        lab.emulator.intercept = (_call, phase) => {
          if (phase !== "before" || count++ !== nth) return undefined;
          const newest = [...lab.emulator.world.images.keys()].filter((id) => id.startsWith("m-emu")).at(-1);
          does(lab.emulator.world, subject.state?.id ?? newest ?? "");
          return undefined;
        };
        const startMs = lab.clock.now();
        const { error } = await run(subject, given);
        expect(error ?? "deleting it").toMatch(/^(creating|updating|deleting|reading) /);
        expect(error ?? "").not.toMatch(/looks like a bug|undefined|TypeError/);
        // The cloud gave the id of an image that no list ever showed: it is waited for until the timeout.
        expect(lab.clock.now() - startMs).toBeLessThan(4 * 60 * 60_000);

        lab.emulator.intercept = undefined;
        await subject.refresh();
        let again = await subject.up(wants(given));
        // Without its tags the old image is nobody's, and keeps its name; the sentence says which one has to go.
        const holder = /belongs to image (\S+), which was not created by this package/.exec(again.error ?? "")?.[1];
        if (holder !== undefined) {
          lab.emulator.world.images.delete(holder);
          again = await subject.up(wants(given));
        }
        expect({ nth, error: again.error }).toEqual({ nth, error: undefined });
        expect(subject.state!.outputs).toMatchObject(wants(given));
        expect({ nth, ...(await subject.up(wants(given))) }).toEqual({ nth, did: "same" });
        expect(await subject.destroy()).toEqual({ did: "delete" });
        expect({ nth, remains: given.remains(lab) }).toEqual({ nth, remains: [] });
      }
    });
  });
});
