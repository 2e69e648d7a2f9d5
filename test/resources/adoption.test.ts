import { seededWorld, seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type Resource, resource, urnOf } from "../support/lab";

// The option `import`, `pulumi import` and `get`, which go one way in both hosts.

const EXISTING = "m-existing";
const OWNER = "pulumi-alicloud-image:owner";
const PENDING = "pulumi-alicloud-image:pending";
const by = (id: string) => ({ hidden: { __import: id } });
const args = { instanceId: seeds.instanceId };

/** An account in which somebody has made an image by hand. */
function world() {
  const seeded = seededWorld(Date.UTC(2026, 0, 1));
  const base = seeded.images.get(seeds.publicImageId)!;
  const own = { owner: "self" as const, ownerId: seeded.account.accountId, isPublic: false };
  const diskMappings = base.diskMappings.map((disk) => ({ ...disk, snapshotId: seeds.systemSnapshotId }));
  const tags = new Map([["made-by", "hand"]]);
  seeded.images.set(EXISTING, {
    ...structuredClone(base),
    ...own,
    diskMappings,
    tags,
    imageId: EXISTING,
    imageName: "web",
  });
  return seeded;
}

describe.each(FRONTS)("adopting an image, %s host", (front) => {
  let lab: Lab;
  let image: Resource;
  beforeEach(async () => {
    lab = await openLab({ world: world() }, {}, { front });
    image = resource(lab, "CustomImage");
  });
  afterEach(() => lab.close());

  const row = (id = EXISTING) => lab.emulator.world.images.get(id)!;
  const ids = () => [...lab.emulator.world.images.keys()];
  const snapshots = () => [...lab.emulator.world.snapshots.keys()];

  /** Its tags are those of another stack's resource. */
  const giveAway = (id: string) => {
    const owner = ["3", "a".repeat(12), "a".repeat(16), "a".repeat(12), "a".repeat(16), "a".repeat(12)].join(".");
    row(id).tags.set(OWNER, owner);
  };

  it("adopts it as it is, and a destroy deletes it with nothing else", async () => {
    const [before, disks] = [ids(), snapshots()];
    expect((await image.up({ ...args, deleteSnapshots: true }, by(EXISTING))).error).toBeUndefined();
    expect(image.state).toMatchObject({ id: EXISTING, outputs: { imageName: "web", snapshotIds: [] } });
    expect(row().tags.get("made-by")).toBe("hand");
    expect(await image.up({ ...args, deleteSnapshots: true }, by(EXISTING))).toEqual({ did: "same" });
    await image.refresh();
    expect(await image.up({ ...args, deleteSnapshots: true })).toEqual({ did: "same" });
    expect(ids()).toEqual(before);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(ids()).toEqual(before.filter((id) => id !== EXISTING));
    expect(snapshots()).toEqual(disks);
  });

  it("leaves the tags of others alone, and changes the rest in place", async () => {
    const given = { ...args, description: "taken over", tags: { team: "platform" } };
    await image.up(given, by(EXISTING));
    expect(row()).toMatchObject({ description: "taken over", imageName: "web" });
    expect([row().tags.get("made-by"), row().tags.get("team")]).toEqual(["hand", "platform"]);
    expect(await image.up(given)).toEqual({ did: "same" });
  });

  const refusals: [what: string, spoil: (image: Lab) => string | Promise<string>, says: RegExp][] = [
    ["a public one", () => seeds.publicImageId, /belongs to system, not to this account/],
    [
      "one that another account shares",
      (lab) => {
        Object.assign(lab.emulator.world.images.get(EXISTING)!, { owner: "others", ownerId: "2222222222222222" });
        return EXISTING;
      },
      /belongs to others, not to this account|does not exist|there is no/,
    ],
    ...["CreateFailed", "UnAvailable"].map((status): (typeof refusals)[number] => [
      `one that is ${status}`,
      (lab) => {
        lab.emulator.world.images.get(EXISTING)!.statusShown = status as never;
        return EXISTING;
      },
      new RegExp(`is ${status}: it has failed`),
    ]),
    [
      "one of another resource of the stack",
      async (lab) => {
        const other = resource(lab, "CustomImage", "other");
        await other.up(args);
        return other.state!.id;
      },
      /belongs to another resource of this stack/,
    ],
    [
      "a kept version of another resource",
      async (lab) => {
        const other = resource(lab, "CustomImage", "other");
        await other.up({ ...args, keepVersions: 1 });
        const { id } = other.state!;
        await other.up({ ...args, keepVersions: 1, triggers: [1] });
        return id;
      },
      /is a kept version of another resource of this stack.*--acknowledge/,
    ],
    ["one that does not exist", () => "m-nowhere", /m-nowhere/],
    ["a snapshot", () => seeds.systemSnapshotId, /there is no|does not exist/],
  ];

  it.each(refusals)("refuses %s, and writes nothing", async (_what, spoil, says) => {
    const id = await spoil(lab);
    const before = lab.mutations();
    const { error } = await image.up(args, by(id));
    expect(error).toMatch(says);
    expect(lab.mutations()).toEqual(before);
  });

  it("refuses one of another stack, and adopts it once it has been handed over", async () => {
    const other = resource(lab, "CustomImage");
    await other.up(args);
    const { id } = other.state!;
    giveAway(id);
    expect((await image.up(args, by(id))).error).toMatch(
      new RegExp(`belongs to another stack.*pulumi state delete.*orphans --region cn-hangzhou --acknowledge ${id}`),
    );
    row(id).tags.set("pulumi-alicloud-image:retained", "2026-01-01T00:00:00Z");
    row(id).tags.delete(PENDING);
    const taking = resource(lab, "CustomImage");
    expect((await taking.up({ ...args, description: "ours now" }, by(id))).error).toBeUndefined();
    expect(taking.state!.id).toBe(id);
    expect(row(id).tags.get(OWNER)).not.toContain("aaaaaaaaaaaa");
    expect(row(id).tags.has("pulumi-alicloud-image:retained")).toBe(false);
  });

  it("takes an empty id for none", async () => {
    expect((await image.up(args, by(""))).did).toBe("create");
    expect(image.state!.id).not.toBe(EXISTING);
  });

  it("lists every difference in an argument that replaces, and writes nothing", async () => {
    const given = { snapshotId: "s-another", architecture: "arm64", platform: "Ubuntu" };
    const { error } = await image.up(given, by(EXISTING));
    expect(error).toMatch(/architecture is "x86_64", and the program has "arm64"/);
    expect(error).toMatch(/platform is "[^"]+", and the program has "Ubuntu"/);
    expect(error).toMatch(/snapshotId is "[^"]+", and the program has/);
    expect(lab.mutations()).toEqual([]);
  });

  it("says that no creation of the package made it, for as long as it lives", async () => {
    await image.up({ ...args, description: "taken over" }, by(EXISTING));
    expect(row().tags.get(PENDING)).toMatch(/^imported\./);
    await image.refresh();
    await image.up({ ...args, description: "again" });
    await image.up({ ...args, description: "again" });
    expect(row().tags.get(PENDING)).toMatch(/^imported\./);
  });

  it("finds it in the region that its id names", async () => {
    const { error } = await image.up({ ...args, regionId: "cn-beijing" }, by(`cn-hangzhou:${EXISTING}`));
    expect(error).toMatch(/regionId is "cn-hangzhou", and the program has "cn-beijing"/);
    expect((await image.up({ ...args, regionId: "cn-hangzhou" }, by(`cn-hangzhou:${EXISTING}`))).error).toBeUndefined();
    expect(image.state).toMatchObject({ id: EXISTING, outputs: { regionId: "cn-hangzhou" } });
  });

  it("is not adopted twice in one run, whichever resource comes first", async () => {
    const process = lab.process();
    const provider = process.of("CustomImage");
    const results = [];
    for (const name of ["one", "two"]) {
      const news: Props = { ...args, __urn: urnOf("CustomImage", name) };
      const outcome = provider.import
        ? lab.turn(provider.import(EXISTING, { __urn: news["__urn"] }, "option")).then(async (read) => {
            const { failures } = await lab.turn(provider.check(read.inputs!, news));
            if (failures.length > 0) throw new Error(failures[0]!.reason);
          })
        : lab.turn(provider.create({ ...news, __import: EXISTING }));
      results.push(await outcome.then(() => "adopted").catch((error: Error) => error.message));
    }
    expect(results).toEqual(["adopted", expect.stringMatching(/belongs to the resource one of this program/)]);
    await process.end();
  });

  it("keeps a kept name and its versions through a rebuild", async () => {
    const given = { ...args, imageName: "web", keepVersions: 1 };
    await image.up(given, by(EXISTING));
    expect(await image.up({ ...given, triggers: [1] })).toEqual({ did: "replace" });
    expect(image.state!.outputs).toMatchObject({ imageName: "web", previousVersions: [{ imageId: EXISTING }] });
    await image.refresh();
    expect(image.state!.outputs).toMatchObject({ previousVersions: [{ imageId: EXISTING }] });
    await image.destroy();
    expect(ids()).not.toContain(EXISTING);
  });

  it("is kept, with a warning, by a record whose image another stack has adopted since", async () => {
    await image.up(args);
    const { id } = image.state!;
    giveAway(id);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(ids()).toContain(id);
    expect(lab.said.warned.join()).toMatch(new RegExp(`kept ${id}: another stack has adopted it`));
  });
});
