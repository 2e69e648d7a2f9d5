import { seeds } from "../../emulator";
import { FRONTS, type Front } from "../support/fronts";
import { type Lab, openLab, resource } from "../support/lab";

let lab: Lab;
afterEach(() => lab.close());

const open = async (front: Front, tags: unknown) => {
  const text = typeof tags === "string" ? tags : JSON.stringify(tags);
  lab = await openLab({}, { "alicloud-image:defaultTags": text }, { front });
};
const args = { instanceId: seeds.instanceId, imageName: "golden" };
const configured = (tags: object) => ({ "alicloud-image:defaultTags": JSON.stringify(tags) });

describe.each(FRONTS)("alicloud-image:defaultTags, through the %s host", (front) => {
  it("are on every resource that takes tags, and the resource's own win", async () => {
    await open(front, { team: "platform", stage: "test" });
    const image = resource(lab, "CustomImage");
    await image.up({ ...args, tags: { stage: "live" } });
    expect(image.state!.outputs["tags"]).toEqual({ team: "platform", stage: "live" });
    const { tags } = lab.emulator.world.images.get(image.state!.id)!;
    expect([tags.get("team"), tags.get("stage")]).toEqual(["platform", "live"]);
    expect(await image.up({ ...args, tags: { stage: "live" } })).toEqual({ did: "same" });
    const share = resource(lab, "ImageSharePermission", "share");
    expect(await share.up({ imageId: image.state!.id, accountIds: ["2222222222222222"] })).toEqual({ did: "create" });
  });

  it("change in place, and the limit counts them", async () => {
    await open(front, { team: "platform" });
    const image = resource(lab, "CustomImage", "golden", configured({ team: "web" }));
    await resource(lab, "CustomImage", "other").up({ instanceId: seeds.instanceId });
    await image.up(args);
    const { id } = image.state!;
    expect(await image.up({ ...args, tags: { a: "1" } })).toEqual({ did: "update" });
    expect([image.state!.id, image.state!.outputs["tags"]]).toEqual([id, { team: "web", a: "1" }]);
    const many = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`k${n}`, "v"]));
    const { failures } = await image.up({ ...args, tags: many });
    expect(failures).toEqual([{ property: "tags", reason: expect.stringContaining("at most 18") }]);
  });

  it.each(["[1]", "team=platform", '{"acs:team":"x"}', '{"team":1}'])("that are %s are refused", async (text) => {
    await open(front, text);
    const { did, error } = await resource(lab, "CustomImage").up(args);
    expect([did, error]).toEqual(["refused", expect.stringContaining("alicloud-image:defaultTags")]);
    expect(lab.mutations()).toEqual([]);
  });
});
