import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { BRIEF, type Lab, openLab, type Props, type Resource, resource } from "../support/lab";
import { lateTags } from "../support/late-tags";
import { inTurn, ofHost, oneOf } from "../support/sample";

// A list may show an image with the tags of some seconds ago, or not at all. No version is forgotten for that.

let lab: Lab;
afterEach(() => lab.close());

/** Lists show an image only some time after its tags were changed. */
const lateRows = (lagMs: number) => {
  lab.emulator.intercept = ({ action, params }, phase) => {
    const id = (params as Props)["ResourceId.1"] as string;
    if (action === "TagResources" && phase === "after" && lab.emulator.world.images.has(id))
      lab.emulator.hide(id, lagMs);
    return undefined;
  };
};

const LATE: [string, (lagMs: number) => void][] = [
  ["tags that lists show late", (lagMs) => lateTags(lab, lagMs)],
  ["tags by which lists find late", (lagMs) => lateTags(lab, lagMs, ({ params }) => "Tag.1.Key" in params)],
  ["tags of snapshots that are late", (lagMs) => lateTags(lab, lagMs, ({ action }) => action === "DescribeSnapshots")],
  ["images that lists show late once their tags have changed", lateRows],
];
const LAGS_MS = [500, 6_000, 30_000];
const LONGEST_MS = 30_000;

const args = (number: number, more: Props = {}) => ({
  instanceId: seeds.instanceId,
  triggers: [number],
  deleteSnapshots: true,
  keepVersions: 2,
  ...more,
});

const idsIn = ({ state }: Resource) =>
  (state!.outputs["previousVersions"] as { imageId: string }[]).map(({ imageId }) => imageId);

const holdings = () => {
  const { images, snapshots } = lab.emulator.world;
  return [[...images.keys()], [...snapshots.keys()]];
};

describe.each(FRONTS)("kept versions, %s host", (front) => {
  beforeEach(async () => {
    lab = await openLab({ durations: BRIEF }, {}, { front });
  });

  describe.each(LATE.filter(ofHost(front)))("in spite of %s", (what, late) => {
    const turn = LATE.findIndex(([each]) => each === what);
    it.each(inTurn(LAGS_MS, turn))("never exceed keepVersions, %d ms late", async (lagMs) => {
      const { images } = lab.emulator.world;
      const image = resource(lab, "CustomImage");
      const own = () => [...images.values()].filter(({ owner }) => owner === "self").map(({ imageId }) => imageId);
      const before = holdings();
      late(lagMs);
      const ids: string[] = [];
      for (let number = 1; number <= 5; number++) {
        await image.up(args(number));
        ids.push(image.state!.id);
        expect(own()).toEqual(ids.slice(-3));
        expect(idsIn(image)).toEqual(ids.slice(-3, -1).reverse());
      }
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(holdings()).toEqual(before);
    });

    const MOVES: [string, (image: Resource) => Promise<unknown>][] = [
      ["an up", () => Promise.resolve()],
      ["a refresh", (image) => image.refresh()],
      ["another up", (image) => image.up(args(3))],
      ["up --replace", (image) => image.up(args(2), { replace: true })],
      ["an up that fails", (image) => image.up(args(3, { instanceId: "i-none" }))],
      ["a refresh after another up", (image) => image.up(args(3)).then(() => image.refresh())],
      ["an up that keeps fewer", (image) => image.up(args(2, { keepVersions: 1 }))],
    ];
    it.each(oneOf(2, MOVES, turn >> 1))("are deleted by a destroy right after %s", async (_move, move) => {
      const before = holdings();
      const image = resource(lab, "CustomImage");
      late(LONGEST_MS);
      await image.up(args(1));
      await lab.clock.advance(LONGEST_MS);
      await image.up(args(2));
      await move(image);
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(holdings()).toEqual(before);
    });

    it("that no record lists are deleted by a destroy right after an up", async () => {
      const before = holdings();
      const image = resource(lab, "CustomImage");
      late(LONGEST_MS);
      await image.up(args(1, { keepVersions: 0 }));
      const { sharedWith } = lab.emulator.world.images.get(image.state!.id)!;
      sharedWith.push("2222222222222222");
      await lab.clock.advance(LONGEST_MS);
      await image.up(args(2, { keepVersions: 0 }));
      sharedWith.pop();
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(holdings()).toEqual(before);
    });

    it("stay in the state when a refresh follows at once", async () => {
      const image = resource(lab, "CustomImage");
      late(LONGEST_MS);
      await image.up(args(1));
      await image.up(args(2));
      const kept = idsIn(image);
      expect(kept).toHaveLength(1);
      await image.refresh();
      expect(idsIn(image)).toEqual(kept);
    });
  });

  it("that lists lack for half a minute stay in the state, and are deleted by a destroy", async () => {
    const before = holdings();
    const image = resource(lab, "CustomImage");
    await image.up(args(1));
    await image.up(args(2));
    const kept = idsIn(image);
    const hide = () => kept.forEach((id) => lab.emulator.hide(id, LONGEST_MS));
    hide();
    await image.up(args(3));
    expect(idsIn(image).slice(1)).toEqual(kept);
    hide();
    await image.refresh();
    expect(idsIn(image).slice(1)).toEqual(kept);
    hide();
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(holdings()).toEqual(before);
  });

  it("that somebody has deleted are dropped by a refresh, and a destroy does not fail", async () => {
    const image = resource(lab, "CustomImage");
    for (const number of [1, 2, 3]) await image.up(args(number));
    const [newest, oldest] = idsIn(image);
    lab.emulator.world.images.delete(oldest!);
    await image.refresh();
    expect(idsIn(image)).toEqual([newest]);
    lab.emulator.world.images.delete(newest!);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(lab.said.warned).toEqual([]);
  });

  it("without their tags are kept by a destroy, which names them", async () => {
    const image = resource(lab, "CustomImage");
    await image.up(args(1));
    await image.up(args(2));
    const [kept] = idsIn(image);
    lab.emulator.world.images.get(kept!)!.tags.clear();
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(lab.emulator.world.images.has(kept!)).toBe(true);
    expect(lab.said.warned).toEqual([expect.stringMatching(`kept ${kept}: the state lists it as a previous version`)]);
  });
});
