import type { ImageRecord } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";
import { worldWithOwnImage } from "../support/own-image";

// ECS does not show what a copy was made from. What a killed run left is taken over if ECS confirms that its call made
// it.

const SOURCE = "m-golden";
const THEIRS = "m-theirs";
const args = { sourceImageId: SOURCE, regionId: "cn-beijing", tags: { team: "platform", app: "web" } };

const world = () => worldWithOwnImage({ imageId: SOURCE, imageName: "golden" });

describe.each(FRONTS)("a copy that a killed run left, %s host", (front) => {
  let lab: Lab;
  let copy: Resource;
  beforeEach(async () => {
    lab = await openLab({ world: world() }, {}, { front });
    copy = resource(lab, "ImageCopy");
  });
  afterEach(() => lab.close());

  const images = () => lab.emulator.world.images;
  const inBeijing = () => [...images().values()].filter(({ regionId }) => regionId === "cn-beijing");

  /** Runs the program and kills the engine before it records the copy. */
  async function killed(program: Props): Promise<ImageRecord> {
    const before = new Set(images().keys());
    lab.reached = (moment) => moment === "create returned" && lab.processes.at(-1)!.kill("engine");
    expect((await copy.up(program)).did).toBe("killed");
    lab.reached = undefined;
    await lab.clock.advance(10 * 60_000);
    return [...images().values()].find(({ imageId }) => !before.has(imageId)) ?? inBeijing()[0]!;
  }

  /** Somebody's own image that looks like the copy and carries its tags, while the copy is gone. */
  function forge(made: ImageRecord, change: Partial<ImageRecord> = {}): ImageRecord {
    images().delete(made.imageId);
    const theirs = {
      ...structuredClone(made),
      imageId: THEIRS,
      copyOf: undefined,
      madeFrom: "seed" as const,
      ...change,
    };
    images().set(THEIRS, theirs as ImageRecord);
    return structuredClone(theirs as ImageRecord);
  }

  it.each([
    ["with the name of the copy", {}],
    ["with another name", { imageName: "theirs" }],
    ["that is still being created", { statusShown: "Creating" as never, size: 0 }],
  ])("is not another image with its tags, %s: that one is kept and named", async (_what, change) => {
    const theirs = forge(await killed(args), change);
    expect((await copy.up(args)).did).toBe("create");
    expect(copy.state!.id).not.toBe(THEIRS);
    expect(lab.said.warned.join()).toContain(THEIRS);
    expect(await copy.destroy()).toEqual({ did: "delete" });
    expect(inBeijing()).toEqual([theirs]);
  });

  it("is not another image with its tags and its name: the error names that one", async () => {
    const named = { ...args, imageName: "golden-beijing" };
    const theirs = forge(await killed(named));
    expect((await copy.up(named)).error).toMatch(/m-theirs.*carries the tags of this resource.*does not show/);
    expect(copy.state).toBeUndefined();
    expect(inBeijing()).toEqual([theirs]);
  });

  it.each([
    ["as it is", args],
    ["also by a program that has changed what changes in place", { ...args, description: "new", tags: { app: "x" } }],
    ["also one with a name", { ...args, imageName: "golden-beijing" }],
  ])("is taken over %s, and by the run after the next one", async (_what, program) => {
    const first = "imageName" in program ? program : args;
    const { imageId } = await killed(first);
    await killed(first);
    expect(await copy.up(program)).toEqual({ did: "create" });
    expect(copy.state!.id).toBe(imageId);
    expect(inBeijing().map((image) => image.imageId)).toEqual([imageId]);
    expect(copy.state!.outputs).toMatchObject(program);
  });

  it("is kept and named, and another one is created, when ECS has forgotten the call", async () => {
    const { imageId } = await killed(args);
    await lab.clock.advance(24 * 3_600_000);
    lab.emulator.world.tokens.clear();
    expect((await copy.up(args)).did).toBe("create");
    expect(copy.state!.id).not.toBe(imageId);
    expect(lab.said.warned.join()).toContain(imageId);
    await copy.destroy();
    expect(inBeijing().map((image) => image.imageId)).toEqual([imageId]);
  });
});
