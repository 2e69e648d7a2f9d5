import type { ImageRecord } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";

// While an image is young, ECS does not show what it is made from. What a killed run left is taken over then if ECS
// confirms that its call made it.

const THEIRS = "m-theirs";
const KINDS = kinds.filter(({ kind }) => kind === "CustomImage" || kind === "ImportedImage");

describe.each(FRONTS)("%s host", (front) => {
  describe.each(KINDS)("a young $kind that a killed run left", ({ kind, creates, args, world }) => {
    let lab: Lab;
    let image: Resource;
    beforeEach(async () => {
      lab = await openLab({ world: world() }, {}, { front });
      image = resource(lab, kind);
    });
    afterEach(() => lab.close());

    const { imageName: name, ...unnamed } = args;
    const images = () => lab.emulator.world.images;

    /** Kills the provider when its creating call is done, and gives what it made: no disk of it shows anything yet. */
    async function killed(program: Props): Promise<ImageRecord> {
      const before = new Set(images().keys());
      lab.emulator.intercept = ({ action, effect }, phase) => {
        if (action !== creates || phase !== "after" || !effect) return undefined;
        lab.processes.at(-1)!.kill("engine");
        return { kind: "reset" };
      };
      expect((await image.up(program)).did).toBe("killed");
      lab.emulator.intercept = undefined;
      const made = [...images().values()].find(({ imageId }) => !before.has(imageId))!;
      const grown = { statusShown: undefined, diskMappings: made.diskMappings };
      Object.assign(made, { statusShown: "Creating", diskMappings: [] });
      void lab.clock.sleep(10 * 60_000).then(() => Object.assign(made, grown));
      return made;
    }

    /** Somebody's own image that looks like it and carries its tags, while it is gone. */
    function forge(made: ImageRecord, change: Partial<ImageRecord>): ImageRecord {
      images().delete(made.imageId);
      const theirs = { ...structuredClone(made), imageId: THEIRS, ...change };
      images().set(THEIRS, theirs);
      return structuredClone(theirs);
    }

    it.each([
      ["its name", {}],
      ["another name", { imageName: "theirs" }],
    ])("is not another image with its tags and %s: that one is kept and named", async (_what, change) => {
      const theirs = forge(await killed(unnamed), change);
      expect((await image.up(unnamed)).did).toBe("create");
      expect(image.state!.id).not.toBe(THEIRS);
      expect(lab.said.warned.join()).toContain(THEIRS);
      expect(await image.destroy()).toEqual({ did: "delete" });
      expect(images().get(THEIRS)).toEqual(theirs);
    });

    it("is not another image with its tags and its name: the error names that one", async () => {
      const named = { ...unnamed, imageName: name ?? "golden" };
      const theirs = forge(await killed(named), {});
      expect((await image.up(named)).error).toContain(THEIRS);
      expect(image.state).toBeUndefined();
      expect(images().get(THEIRS)).toEqual(theirs);
    });

    it.each([
      ["as it is", {}],
      ["by a program that has changed what changes in place", { description: "new", tags: { app: "x" } }],
    ])("is taken over %s", async (_what, change) => {
      const first = { ...unnamed, description: "first", tags: { team: "platform", app: "web" } };
      const made = await killed(first);
      expect(await image.up({ ...first, ...change })).toEqual({ did: "create" });
      expect(image.state!.id).toBe(made.imageId);
      expect(image.state!.outputs).toMatchObject({ ...first, ...change });
    });
  });
});
