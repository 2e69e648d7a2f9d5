import { list } from "../../cli/list";
import { callCommand, callOrphans, exported } from "../cli/terminal";
import { FRONTS } from "../support/fronts";
import { kinds, recoverable } from "../support/kinds";
import { type Lab, openLab, type Props, type Resource, resource, urnOf } from "../support/lab";
import { PLACES } from "../support/moves";

// A killed creation belongs to the URN of that time. After a rename in the program it is kept, named and listed:
// nothing tells it from the image of another resource with the same arguments.

const images = recoverable.filter(({ kind }) => kind !== "ImageExport");
const exports = kinds.find(({ kind }) => kind === "ImageExport")!;
let lab: Lab;
afterEach(() => lab.close());

async function killed(it: Resource, args: Props): Promise<void> {
  lab.reached = (moment) => moment === "create returned" && lab.processes.at(-1)!.kill("engine");
  expect((await it.up(args)).did).toBe("killed");
  lab.reached = undefined;
}

describe.each(FRONTS)("an interrupted creation, %s host", (front) => {
  describe.each(images.map((one) => [one.kind, one] as const))("of %s", (kind, { world, args, regionId }) => {
    const { imageName: _name, ...unnamed } = args;
    const ids = () => [...lab.emulator.world.images.keys()];
    let before: string[];
    let owned: Resource;
    beforeEach(async () => {
      lab = await openLab({ world: world() }, {}, { front });
      before = ids();
      owned = resource(lab, kind);
    });
    const made = () => ids().filter((id) => !before.includes(id));
    const region = ["--region", regionId];

    it.each(Object.entries(PLACES))(
      "is kept, named and listed when the resource then has another %s",
      async (_how, to) => {
        await killed(owned, unnamed);
        const [left] = made();
        owned.alias(to);
        expect(await owned.up(unnamed)).toEqual({ did: "create" });
        expect(lab.said.warned.join()).toContain(`an interrupted run left ${left} of a resource`);
        const urn = urnOf(kind, "name" in to ? to.name : "golden", "dev", "parents" in to ? to.parents : "");
        const state = exported([{ kind, urn, recorded: owned.state! }]);
        expect((await callOrphans(lab, ["--state", "-", ...region], { input: state })).out).toContain(left);
        await owned.destroy();
        expect(made()).toEqual([left]);
      },
    );

    it("is named by the error of another resource that asks for its name, with what helps", async () => {
      await killed(owned, args);
      const [left] = made();
      owned.alias(PLACES.alias);
      expect((await owned.up(args)).error).toMatch(new RegExp(`${left}.*run the program of that time again.*orphans`));
      expect(made()).toEqual([left]);
      const again = resource(lab, kind);
      expect(await again.up(args)).toEqual({ did: "create" });
      expect(made()).toEqual([left]);
    });

    it("is listed after pulumi stack rename, by list", async () => {
      await killed(owned, unnamed);
      const [left] = made();
      owned.renameStack("production");
      expect(await owned.up(unnamed)).toEqual({ did: "create" });
      const { out } = await callCommand(list, lab, ["--state", "-", ...region], { input: exported([]) });
      expect(out).toContain(left);
    });

    it("is no matter for a warning while the program has its resource", async () => {
      await killed(owned, unnamed);
      const process = lab.process();
      const provider = process.of(kind);
      const checked = (name: string) => provider.check({}, { ...unnamed, __urn: urnOf(kind, name) });
      await lab.turn(checked("golden"));
      const { inputs } = await lab.turn(checked("another"));
      await lab.turn(provider.create(inputs));
      await process.end();
      expect(lab.said.warned).toEqual([]);
    });
  });

  it("of an export writes what the next one writes again, and is in no list then", async () => {
    lab = await openLab({ world: exports.world() }, {}, { front });
    const owned = resource(lab, "ImageExport");
    await killed(owned, exports.args);
    await lab.clock.advance(3 * 3_600_000);
    owned.alias(PLACES.alias);
    expect(await owned.up(exports.args)).toEqual({ did: "create" });
    const row = { kind: "ImageExport", urn: urnOf("ImageExport", "web"), recorded: owned.state! } as const;
    const state = exported([{ ...row, aliases: [urnOf("ImageExport", "golden")] }]);
    expect((await callOrphans(lab, ["--state", "-"], { input: state })).out).toMatch(/^No orphans/);
  });
});
