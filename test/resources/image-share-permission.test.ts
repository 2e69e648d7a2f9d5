import { type ImageRecord, seededWorld, seeds, type World } from "../../emulator";
import { type Declared, openStack, type Stack } from "../crash/engine";
import { type Lab, openLab, type Resource, resource } from "../support/lab";

const IMAGE = "m-golden";
const OTHER = "m-silver";
const ELSE = "9999999999999999";

/** The seeded account with two images of its own, one of which somebody has shared. */
function world(): World {
  const seeded = seededWorld(Date.UTC(2026, 0, 1));
  const base = seeded.images.get(seeds.publicImageId)!;
  const own: Partial<ImageRecord> = { owner: "self", ownerId: seeded.account.accountId, isPublic: false };
  for (const imageId of [IMAGE, OTHER])
    seeded.images.set(imageId, { ...structuredClone(base), ...own, imageId, imageName: imageId, tags: new Map() });
  seeded.images.get(IMAGE)!.sharedWith = [ELSE];
  return seeded;
}

let lab: Lab;
let sharing: Resource;
beforeEach(async () => {
  lab = await openLab({ world: world() });
  sharing = resource(lab, "ImageSharePermission");
});
afterEach(() => lab.close());

const accounts = (count: number) => Array.from({ length: count }, (_, i) => `${1000000000000000 + i}`);
const sharedWith = (imageId = IMAGE) => [...lab.emulator.world.images.get(imageId)!.sharedWith].sort();
const record = (imageId = IMAGE) => lab.emulator.world.images.get(imageId)!;

describe("more accounts than one call takes", () => {
  const accountIds = accounts(23);

  it("all get the image, and a destroy unshares it from exactly these", async () => {
    expect(await sharing.up({ imageId: IMAGE, accountIds })).toEqual({ did: "create" });
    expect(sharedWith()).toEqual([...accountIds, ELSE].sort());
    expect(await sharing.up({ imageId: IMAGE, accountIds: [...accountIds].reverse() })).toEqual({ did: "same" });
    expect(await sharing.destroy()).toEqual({ did: "delete" });
    expect(sharedWith()).toEqual([ELSE]);
  });

  it("no call carries more than ten, which ECS would ignore", async () => {
    await sharing.up({ imageId: IMAGE, accountIds });
    const counts = lab.emulator.calls
      .filter(({ action }) => action === "ModifyImageSharePermission")
      .map(({ params }) => Object.keys(params).filter((key) => key.startsWith("AddAccount")).length);
    expect(counts).toEqual([10, 10, 3]);
  });

  it("fifty accounts, the most that an image can have, are exchanged for fifty others", async () => {
    record().sharedWith = [];
    await sharing.up({ imageId: IMAGE, accountIds: accounts(50) });
    const others = accounts(100).slice(50);
    expect(await sharing.up({ imageId: IMAGE, accountIds: others })).toEqual({ did: "update" });
    expect(sharedWith()).toEqual(others);
  });

  it("the fifty-first is a failure of the preview, on the property", async () => {
    expect(await sharing.preview({ imageId: IMAGE, accountIds: accounts(51) })).toEqual([
      { property: "accountIds", reason: expect.stringMatching(/1 to 50.*51/) },
    ]);
  });

  it("one too many besides other accounts is an error, and those accounts stay", async () => {
    const { error } = await sharing.up({ imageId: IMAGE, accountIds: accounts(50) });
    expect(error).toMatch(/QuotaExceed.ShareImageUser/);
    expect(sharedWith()).toContain(ELSE);
    expect(await sharing.up({ imageId: IMAGE, accountIds: accounts(49) })).toEqual({ did: "update" });
    await sharing.destroy();
    expect(sharedWith()).toEqual([ELSE]);
  });
});

describe("drift", () => {
  const accountIds = accounts(3);
  beforeEach(async () => {
    await sharing.up({ imageId: IMAGE, accountIds });
    await lab.clock.advance(3_600_000);
  });

  it("an account that somebody removed is added again", async () => {
    record().sharedWith = [ELSE, ...accountIds.slice(1)];
    await sharing.refresh();
    expect(await sharing.up({ imageId: IMAGE, accountIds })).toEqual({ did: "update" });
    expect(sharedWith()).toEqual([...accountIds, ELSE].sort());
  });

  it("a permission without any account left is created again", async () => {
    record().sharedWith = [ELSE];
    await sharing.refresh();
    expect(sharing.state).toBeUndefined();
    expect(await sharing.up({ imageId: IMAGE, accountIds })).toEqual({ did: "create" });
    expect(sharedWith()).toEqual([...accountIds, ELSE].sort());
  });

  it("an account that somebody added is no change, and stays", async () => {
    record().sharedWith.push("8888888888888888");
    await sharing.refresh();
    expect(await sharing.up({ imageId: IMAGE, accountIds })).toEqual({ did: "same" });
    expect(await sharing.up({ imageId: IMAGE, accountIds: accountIds.slice(1) })).toEqual({ did: "update" });
    await sharing.destroy();
    expect(sharedWith()).toEqual(["8888888888888888", ELSE]);
  });
});

it("for another image, that one is shared before this one is unshared", async () => {
  await sharing.up({ imageId: IMAGE, accountIds: accounts(2) });
  const from = lab.emulator.calls.length;
  expect(await sharing.up({ imageId: OTHER, accountIds: accounts(2) })).toEqual({ did: "replace" });
  const changes = lab.emulator.calls.slice(from).filter(({ action }) => action === "ModifyImageSharePermission");
  expect(changes.map(({ params }) => params["ImageId"])).toEqual([OTHER, IMAGE]);
  expect([sharedWith(), sharedWith(OTHER)]).toEqual([[ELSE], accounts(2)]);
});

describe("an account that another resource of the program lists", () => {
  let stack: Stack;
  beforeEach(() => {
    stack = openStack(lab);
  });
  const share = (name: string, accountIds: readonly string[]): Declared => ({
    ...{ kind: "ImageSharePermission", name, args: { imageId: IMAGE, accountIds } },
  });
  const up = async (program: readonly Declared[], replace: readonly string[] = []) =>
    expect((await stack.run({ do: "up", program, replace })).errors).toEqual([]);
  const [one, two, three] = accounts(3) as [string, string, string];

  it("stays shared when a resource is replaced for the same image", async () => {
    await up([share("a", [one, two])]);
    await up([share("a", [one, two])], ["a"]);
    expect(sharedWith()).toEqual([one, two, ELSE]);
    await stack.run({ do: "destroy" });
    expect(sharedWith()).toEqual([ELSE]);
  });

  it("stays shared when a resource is renamed without an alias", async () => {
    await up([share("a", [one, two])]);
    await up([share("b", [two, three])]);
    expect(sharedWith()).toEqual([two, three, ELSE]);
  });

  it("stays shared when it moves from one resource to another, in either order", async () => {
    await up([share("a", [one, two]), share("b", [three])]);
    await up([share("a", [one]), share("b", [two, three])]);
    expect(sharedWith()).toEqual([one, two, three, ELSE]);
    await up([share("a", [one, two]), share("b", [three])]);
    expect(sharedWith()).toEqual([one, two, three, ELSE]);
  });

  it("stays shared when the program drops one of two, and is unshared with the second", async () => {
    await up([share("a", [one, two]), share("b", [two, three])]);
    await up([share("b", [two, three])]);
    expect(sharedWith()).toEqual([two, three, ELSE]);
    await up([]);
    expect(sharedWith()).toEqual([ELSE]);
  });

  it("is unshared by a destroy of all of them", async () => {
    await up([share("a", [one, two]), share("b", [two, three])]);
    expect((await stack.run({ do: "destroy" })).errors).toEqual([]);
    expect(sharedWith()).toEqual([ELSE]);
  });
});

describe("an image with shares of others", () => {
  let image: Resource;
  const args = { instanceId: seeds.instanceId, imageName: "built" };
  const up = async (more: object) => {
    image = resource(lab, "CustomImage");
    await image.up({ ...args, ...more });
    record(image.state!.id).sharedWith = accounts(12);
  };

  it("is not deleted, and the error says what to do", async () => {
    await up({});
    expect((await image.destroy()).error).toMatch(/ImageUseShared.*Stop sharing the image first, or set forceDelete/);
    expect(sharedWith(image.state!.id)).toEqual(accounts(12));
  });

  it("is deleted with forceDelete", async () => {
    await up({ forceDelete: true });
    const { id } = image.state!;
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(lab.emulator.world.images.has(id)).toBe(false);
  });

  it("is kept as a version, not deprecated, and a warning says so", async () => {
    await up({ keepVersions: 1 });
    const { id } = image.state!;
    expect(await image.up({ ...args, keepVersions: 1, triggers: [2] })).toEqual({ did: "replace" });
    expect(record(id)).toMatchObject({ deprecated: false, sharedWith: accounts(12) });
    expect(image.state!.outputs["previousVersions"]).toMatchObject([{ imageId: id }]);
    expect(lab.said.warned.join()).toMatch(`${id} is kept as a previous version but not deprecated`);
  });
});

describe("a community image", () => {
  const published = { imageId: IMAGE, isPublic: true };

  it("is published, published again after a drift, and unpublished by a destroy", async () => {
    expect(await sharing.up(published)).toEqual({ did: "create" });
    expect(record().isPublic).toBe(true);
    expect(await sharing.up(published)).toEqual({ did: "same" });
    record().isPublic = false;
    await sharing.refresh();
    expect((await sharing.up(published)).error).toBeUndefined();
    expect(record().isPublic).toBe(true);
    expect(await sharing.destroy()).toEqual({ did: "delete" });
    expect(record().isPublic).toBe(false);
    expect(sharedWith()).toEqual([ELSE]);
  });

  it("is published in addition to accounts, which change alone", async () => {
    const accountIds = accounts(1);
    await sharing.up({ imageId: IMAGE, accountIds });
    expect(await sharing.up({ imageId: IMAGE, accountIds, isPublic: true })).toEqual({ did: "update" });
    expect(record().isPublic).toBe(true);
    expect(await sharing.up({ imageId: IMAGE, accountIds })).toEqual({ did: "update" });
    expect(record().isPublic).toBe(false);
    expect(sharedWith()).toEqual([...accountIds, ELSE].sort());
  });

  it("without accounts and without a publication nothing is shared", async () => {
    const failures = await sharing.preview({ imageId: IMAGE });
    expect(failures).toMatchObject([{ property: "accountIds", reason: expect.stringMatching(/isPublic/) }]);
  });
});
