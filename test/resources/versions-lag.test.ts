import { type Call, seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, resource } from "../support/lab";

// A list may show an image with the tags of some seconds ago, or not at all. Versions are counted right all the same.

const LAG_MS = 6_000;

let lab: Lab;
afterEach(() => lab.close());

type Tags = Map<string, string>;

/** Lists show the tags of every image as they were some seconds ago. */
function lateTags(): void {
  const past: { readonly atMs: number; readonly tags: ReadonlyMap<string, Tags> }[] = [];
  let present: ReadonlyMap<string, Tags> | undefined;
  const images = () => lab.emulator.world.images;
  const show = (tags: ReadonlyMap<string, Tags>) => {
    for (const [id, image] of images()) image.tags = new Map(tags.get(id) ?? image.tags);
  };
  lab.emulator.intercept = ({ action }: Call, phase) => {
    const nowMs = lab.clock.now();
    if (phase === "after") {
      if (present) show(present);
      present = undefined;
      past.push({ atMs: nowMs, tags: new Map([...images()].map(([id, { tags }]) => [id, new Map(tags)])) });
    } else if (action === "DescribeImages") {
      present = new Map([...images()].map(([id, { tags }]) => [id, tags]));
      show(past.findLast(({ atMs }) => atMs <= nowMs - LAG_MS)?.tags ?? new Map());
    }
    return undefined;
  };
}

/** Lists show an image only some seconds after its tags were changed. */
function lateRows(): void {
  lab.emulator.intercept = ({ action, params }, phase) => {
    const id = (params as Props)["ResourceId.1"] as string;
    if (action === "TagResources" && phase === "after" && lab.emulator.world.images.has(id))
      lab.emulator.hide(id, LAG_MS);
    return undefined;
  };
}

describe.each(FRONTS)("kept versions, %s host", (front) => {
  it.each([
    ["tags that lists show late", lateTags],
    ["images that lists show late once their tags have changed", lateRows],
  ])("are never more than the program keeps, in spite of %s", async (_what, late) => {
    lab = await openLab({}, {}, { front });
    const { world } = lab.emulator;
    const image = resource(lab, "CustomImage");
    const holdings = () => JSON.stringify([[...world.images.keys()], [...world.snapshots.keys()]]);
    const own = () => [...world.images.values()].filter(({ owner }) => owner === "self").map(({ imageId }) => imageId);
    const before = holdings();
    late();
    const ids: string[] = [];
    for (let number = 1; number <= 5; number++) {
      await image.up({ instanceId: seeds.instanceId, triggers: [number], deleteSnapshots: true, keepVersions: 1 });
      ids.push(image.state!.id);
      expect(own()).toEqual(ids.slice(-2));
      expect(image.state!.outputs["previousVersions"]).toMatchObject(ids.slice(-2, -1).map((imageId) => ({ imageId })));
    }
    await lab.clock.advance(LAG_MS);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(holdings()).toEqual(before);
  });
});
