import { seeds } from "../../emulator";
import { OWNER_TAG, ownerIn } from "../../provider/lifecycle/ownership";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

// The lineage keeps record, image and versions of a resource together when its URN changes.

let lab: Lab;
afterEach(() => lab.close());

const lineage = ({ state }: Resource) => (state!.outputs["__record"] as { lineage: string }).lineage;
const tagged = (id: string) => ownerIn(lab.emulator.world.images.get(id)!.tags.get(OWNER_TAG))!.lineage;
const build = (number: number, regionId = "cn-hangzhou") => ({
  instanceId: seeds.instanceId,
  triggers: [number],
  regionId,
});

describe.each(FRONTS)("the lineage of a resource, %s provider", (front) => {
  beforeEach(async () => {
    lab = await openLab({}, {}, { front });
  });

  it("stays the same through an update, a replacement and a refresh, on the image too", async () => {
    const image = resource(lab, "CustomImage");
    await image.up(build(1));
    const first = lineage(image);
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(tagged(image.state!.id)).toBe(first);
    await image.up({ ...build(1), description: "another one" });
    expect(lineage(image)).toBe(first);
    expect(await image.up(build(2))).toEqual({ did: "replace" });
    expect([lineage(image), tagged(image.state!.id)]).toEqual([first, first]);
    await image.refresh();
    expect(await image.up(build(2))).toEqual({ did: "same" });
    expect(await image.up(build(3))).toEqual({ did: "replace" });
    expect([lineage(image), tagged(image.state!.id)]).toEqual([first, first]);
  });

  it("differs for each resource", async () => {
    const [golden, other] = [resource(lab, "CustomImage"), resource(lab, "CustomImage", "other")];
    await golden.up(build(1));
    await other.up(build(1));
    expect(lineage(other)).not.toBe(lineage(golden));
  });
});
