import { seededWorld, seeds } from "../../emulator";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

// The resource option `import`, and what a preview asks the cloud.

const EXISTING = "m-existing";
let lab: Lab;
let image: Resource;
beforeEach(async () => {
  const world = seededWorld(Date.UTC(2026, 0, 1));
  const base = world.images.get(seeds.publicImageId)!;
  const own = { owner: "self" as const, ownerId: world.account.accountId, isPublic: false };
  const tags = new Map([["made-by", "hand"]]);
  world.images.set(EXISTING, { ...structuredClone(base), ...own, tags, imageId: EXISTING, imageName: "web" });
  lab = await openLab({ world });
  image = resource(lab, "CustomImage");
});
afterEach(() => lab.close());

const hidden = { __import: EXISTING };
const images = () => [...lab.emulator.world.images.keys()];

describe("the option import", () => {
  it("takes an existing image over: never created, updated in place, deleted with the resource", async () => {
    const before = images();
    const args = { instanceId: seeds.instanceId, description: "taken over" };
    expect(await image.up(args, { hidden })).toEqual({ did: "create" });
    expect(image.state).toMatchObject({ id: EXISTING, outputs: { imageName: "web", description: "taken over" } });
    expect(images()).toEqual(before);
    expect(lab.emulator.world.images.get(EXISTING)!.tags.get("made-by")).toBe("hand");
    expect(await image.up(args, { hidden })).toEqual({ did: "same" });
    expect(await image.up(args)).toEqual({ did: "same" });
    await image.destroy();
    expect(images()).toEqual(before.filter((id) => id !== EXISTING));
  });

  it("lists every difference in an argument that replaces, and changes nothing", async () => {
    const before = JSON.stringify([...lab.emulator.world.images.get(EXISTING)!.tags]);
    const args = { instanceId: seeds.instanceId, architecture: "arm64", platform: "Ubuntu" };
    const { error } = await image.up(args, { hidden });
    expect(error).toMatch(
      /architecture is "x86_64", and the program has "arm64"; platform is "[^"]+", and the program has "Ubuntu"/,
    );
    expect(image.state).toBeUndefined();
    expect(JSON.stringify([...lab.emulator.world.images.get(EXISTING)!.tags])).toBe(before);
  });

  it.each([
    ["does not exist", "m-nowhere", /there is no image m-nowhere in cn-hangzhou/],
    ["is not this account's", seeds.publicImageId, /belongs to system, not to this account/],
  ])("refuses an image that %s", async (_what, id, says) => {
    expect((await image.up({ instanceId: seeds.instanceId }, { hidden: { __import: id } })).error).toMatch(says);
    expect(lab.mutations()).toEqual([]);
  });
});

describe("a preview of a creation", () => {
  it("says what the cloud would refuse, and creates nothing", async () => {
    const before = images();
    expect(await image.preview({ instanceId: "i-nowhere" })).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/InvalidInstanceId.NotFound/) }),
    ]);
    expect(await image.preview({ instanceId: seeds.instanceId })).toEqual([]);
    expect(images()).toEqual(before);
  });

  it("is silent where the cloud gives no answer", async () => {
    lab.emulator.intercept = () => ({ kind: "error", status: 503, code: "ServiceUnavailable" });
    expect(await image.preview({ instanceId: "i-nowhere" })).toEqual([]);
  });

  it("is not asked where an argument is unknown, or where alicloud-image:dryRun is false", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect(await image.preview({ instanceId: unknown })).toEqual([]);
    const quiet = await openLab({}, { "alicloud-image:dryRun": "false" });
    expect(await resource(quiet, "CustomImage").preview({ instanceId: "i-nowhere" })).toEqual([]);
    expect(quiet.emulator.calls).toEqual([]);
    await quiet.close();
    expect(lab.emulator.calls).toEqual([]);
  });
});
