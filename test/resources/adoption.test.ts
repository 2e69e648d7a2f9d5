import { seeds } from "../../emulator";
import { LINEAGE } from "../../provider/lifecycle/lineage";
import { FRONTS } from "../support/fronts";
import { kinds, recoverable } from "../support/kinds";
import { type Lab, openLab, type Props, type Resource, resource, urnOf } from "../support/lab";
import { worldWithOwnImage } from "../support/own-image";

// The option `import`, `pulumi import` and `get`, which go one way in both hosts.

const EXISTING = "m-existing";
const OWNER = "pulumi-alicloud-image:owner";
const PENDING = "pulumi-alicloud-image:pending";
const by = (id: string) => ({ hidden: { __import: id } });
const args = { instanceId: seeds.instanceId };

/** An account in which somebody has made an image by hand. */
function world() {
  const tags = new Map([["made-by", "hand"]]);
  return worldWithOwnImage({ imageId: EXISTING, imageName: "web", tags }, seeds.systemSnapshotId);
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

  it("leaves other tags alone, and updates the rest in place", async () => {
    const given = { ...args, description: "taken over", tags: { team: "platform" } };
    await image.up(given, by(EXISTING));
    expect(row()).toMatchObject({ description: "taken over", imageName: "web" });
    expect([row().tags.get("made-by"), row().tags.get("team")]).toEqual(["hand", "platform"]);
    expect(await image.up(given)).toEqual({ did: "same" });
  });

  it("refuses one whose tags leave no room for those of the program, and writes nothing", async () => {
    for (let number = 1; number < 18; number++) row().tags.set(`tag-${number}`, "x");
    const before = JSON.stringify([...row().tags]);
    const { error } = await image.up({ ...args, tags: { team: "platform" } }, by(EXISTING));
    expect(error).toMatch(/19 tags with those of the program: remove 1,/);
    expect(JSON.stringify([...row().tags])).toBe(before);
    expect((await image.up({ ...args, tags: { "made-by": "hand" } }, by(EXISTING))).error).toBeUndefined();
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
      /is a kept version of another resource of this stack.*UntagResources/,
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

  it("lists every difference in a replacing argument, and writes nothing", async () => {
    const given = { snapshotId: "s-another", architecture: "arm64", platform: "Ubuntu" };
    const { error } = await image.up(given, by(EXISTING));
    expect(error).toMatch(/architecture is "x86_64", and the program has "arm64"/);
    expect(error).toMatch(/platform is "[^"]+", and the program has "Ubuntu"/);
    expect(error).toMatch(/snapshotId is "[^"]+", and the program has/);
    expect(lab.mutations()).toEqual([]);
  });

  it("is tagged for good as not created by the package", async () => {
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

  it.each([` ${EXISTING}`, `${EXISTING}\n`, "  ", "cn-hangzhou:"])(
    "says that %j is no id, and writes nothing",
    async (id) => {
      for (const kind of ["CustomImage", "ImageSharePermission"] as const) {
        const given = kind === "CustomImage" ? args : { imageId: EXISTING, accountIds: ["1000000000000001"] };
        const { error } = await resource(lab, kind).up(given, by(id));
        expect(error).toContain(`${JSON.stringify(id)} is no id: it begins or ends with a blank or a colon`);
      }
      expect(lab.mutations()).toEqual([]);
    },
  );

  it("is adopted only once in one run, by any of two resources", async () => {
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

  it("keeps its name and its versions through a rebuild", async () => {
    const given = { ...args, imageName: "web", keepVersions: 1 };
    await image.up(given, by(EXISTING));
    expect(await image.up({ ...given, triggers: [1] })).toEqual({ did: "replace" });
    expect(image.state!.outputs).toMatchObject({ imageName: "web", previousVersions: [{ imageId: EXISTING }] });
    await image.refresh();
    expect(image.state!.outputs).toMatchObject({ previousVersions: [{ imageId: EXISTING }] });
    await image.destroy();
    expect(ids()).not.toContain(EXISTING);
  });

  it("is kept, with a warning, when another stack has adopted it since", async () => {
    await image.up(args);
    const { id } = image.state!;
    giveAway(id);
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(ids()).toContain(id);
    expect(lab.said.warned.join()).toMatch(new RegExp(`kept ${id}: another stack has adopted it`));
  });
});

describe.each(FRONTS)("a preview of an import, %s host", (front) => {
  it("of an image says what is adopted and what changes, and asks for no dry run", async () => {
    const lab = await openLab({ world: world() }, {}, { front });
    const image = resource(lab, "CustomImage");
    // The builder that the image was made from is gone, as builders are.
    const given = { instanceId: "i-gone", description: "taken over" };
    if (front === "dynamic") expect(await image.preview(given, { __import: EXISTING })).toEqual([]);
    else expect((await image.up(given, by(EXISTING))).error).toBeUndefined();
    expect(lab.said.noted).toEqual([expect.stringMatching(/^adopts m-existing and changes in place: description/)]);
    expect(lab.emulator.calls.map(({ action }) => action)).not.toContain("CreateImage");
    await lab.close();
  });

  it("of an image that differs fails with every difference", async () => {
    const lab = await openLab({ world: world() }, {}, { front });
    const given = { ...args, architecture: "arm64", platform: "Ubuntu" };
    const image = resource(lab, "CustomImage");
    const failures =
      front === "dynamic"
        ? await image.preview(given, { __import: EXISTING })
        : (await image.up(given, by(EXISTING))).failures!;
    expect(failures).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/architecture is.*"arm64"; platform is.*"Ubuntu"/) }),
    ]);
    expect(lab.mutations()).toEqual([]);
    await lab.close();
  });
});

const share = {
  kind: "ImageSharePermission" as const,
  args: { imageId: "m-exportable", accountIds: ["2222222222222222"] },
  regionId: seeds.regionId,
  world: kinds[0]!.world,
};

describe.each([...recoverable, share])("an existing $kind", ({ kind, args: given, regionId, world: worldOf }) => {
  const bare = (id: string) => (kind === "ImageSharePermission" ? id.slice(id.indexOf(":") + 1) : id);

  it.each(["3.245", "3.276"] as const)(
    "is imported on the command line of %s, with the region in its id",
    async (engine) => {
      const lab = await openLab({ world: worldOf() }, {}, { front: "native", engine });
      const made = resource(lab, kind);
      await made.up(given);
      const before = lab.mutations();
      const taken = resource(lab, kind);
      expect(await taken.importByCommand(`${regionId}:${bare(made.state!.id)}`)).toEqual({ did: "import" });
      expect(lab.mutations()).toEqual(before);
      const { [LINEAGE]: _hidden, ...inputs } = taken.state!.inputs;
      expect(inputs).toMatchObject({ regionId });
      expect(taken.state!.id).toBe(made.state!.id);
      // ECS does not say what a copy was made from, so the program has to.
      const program = kind === "ImageCopy" ? { ...inputs, sourceImageId: (given as Props)["sourceImageId"] } : inputs;
      expect((await taken.up(program)).did).toBe(kind === "ImageCopy" ? "update" : "same");
      expect(await taken.up(program)).toEqual({ did: "same" });
      await taken.refresh();
      expect(await taken.up(program)).toEqual({ did: "same" });
      expect(await taken.destroy()).toEqual({ did: "delete" });
      await lab.close();
    },
  );

  it.each(FRONTS)("is adopted by the option import in the %s host, and not created again", async (front) => {
    const lab = await openLab({ world: worldOf() }, {}, { front });
    const made = resource(lab, kind);
    await made.up(given);
    const creations = () =>
      lab.mutations().filter((action) => /^(Create|Import|Export|Copy)Image$/.test(action)).length;
    const before = creations();
    const taken = resource(lab, kind);
    expect((await taken.up(given, by(`${regionId}:${bare(made.state!.id)}`))).error).toBeUndefined();
    expect([taken.state!.id, creations()]).toEqual([made.state!.id, before]);
    expect(await taken.up(given)).toEqual({ did: "same" });
    await lab.close();
  });

  it.each(FRONTS)("is read by get in the %s host, in the given region, and nothing is written", async (front) => {
    const lab = await openLab({ world: worldOf() }, {}, { front });
    const made = resource(lab, kind);
    await made.up(given);
    const before = lab.mutations();
    const process = lab.process();
    const urn = urnOf(kind, "read");
    const { id, props } = await lab.turn(process.of(kind).read(bare(made.state!.id), { regionId, __urn: urn }));
    expect(props).toMatchObject({ regionId });
    expect(id).toContain(bare(made.state!.id));
    await process.end();
    expect(lab.mutations()).toEqual(before);
    await lab.close();
  });

  it("that is gone returns no properties to a native refresh", async () => {
    if (kind === "ImageExport") return; // what is not listed may be young: test/resources/image-export.test.ts
    const lab = await openLab({ world: worldOf() }, {}, { front: "native" });
    const process = lab.process();
    const read = process
      .of(kind)
      .read("m-gone", { regionId, status: "Available", imageId: "m-gone", __urn: urnOf(kind, "read") });
    expect(await lab.turn(read)).toEqual({ id: "", props: {} });
    await lab.close();
  });
});

describe("an image that pulumi import has adopted", () => {
  let lab: Lab;
  let image: Resource;
  const program = async () => {
    const { [LINEAGE]: _hidden, ...inputs } = image.state!.inputs;
    return inputs;
  };
  beforeEach(async () => {
    lab = await openLab({ world: world() }, {}, { front: "native" });
    image = resource(lab, "CustomImage");
    await image.importByCommand(EXISTING);
  });
  afterEach(() => lab.close());

  it("keeps its name and its versions through a rebuild, even without an owner tag", async () => {
    const given = { ...(await program()), keepVersions: 1 };
    expect(await image.up({ ...given, triggers: [1] })).toEqual({ did: "replace" });
    expect(image.state!.outputs).toMatchObject({ imageName: "web", previousVersions: [{ imageId: EXISTING }] });
    await image.refresh();
    expect(image.state!.outputs).toMatchObject({ previousVersions: [{ imageId: EXISTING }] });
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect([...lab.emulator.world.images.values()].filter(({ owner }) => owner === "self")).toEqual([]);
  });

  it("gets its owner tag once any resource of the stack changes", async () => {
    const given = await program();
    const tags = () => lab.emulator.world.images.get(EXISTING)!.tags;
    await image.up(given);
    expect(tags().has(OWNER)).toBe(false); // nothing changed, and a preview asks for the same
    const process = lab.process();
    const provider = process.of("CustomImage");
    const { id, outputs, inputs } = image.state!;
    await lab.turn(provider.diff(id, outputs, { ...inputs, __urn: urnOf("CustomImage", "golden") }));
    await lab.turn(provider.create({ ...args, __urn: urnOf("CustomImage", "another") }));
    await process.end();
    expect(tags().get(PENDING)).toMatch(/^imported\./);
    expect((await resource(lab, "CustomImage", "third").importByCommand(EXISTING)).error).toMatch(
      /belongs to another resource of this stack/,
    );
  });
});

test("a kept version without its tags is adopted, and survives its former resource", async () => {
  const lab = await openLab({ world: world() }, {}, { front: "native" });
  const web = resource(lab, "CustomImage", "web");
  await web.up({ ...args, keepVersions: 1 });
  const { id } = web.state!;
  await web.up({ ...args, keepVersions: 1, triggers: [1] });
  const rollback = resource(lab, "CustomImage", "rollback");
  const { error } = await rollback.importByCommand(id);
  const [, regionId, keys] = /--RegionId (\S+) .* --TagKey\.1 (.*?);/.exec(error!)!;
  const { session } = lab.process();
  const ctx = session.contextFor({ urn: "", doing: "following the advice", regionId, timeoutMs: 60_000 });
  const TagKey = keys!.split(/ --TagKey\.\d /);
  await lab.turn(ctx.ecs("UntagResources", { ResourceType: "image", ResourceId: [id], TagKey }));
  expect(await rollback.importByCommand(id)).toEqual({ did: "import" });
  expect(await web.destroy()).toEqual({ did: "delete" });
  expect(lab.emulator.world.images.has(id)).toBe(true);
  await lab.close();
});

test("get of a missing resource is an error in the dynamic host, and records nothing", async () => {
  const lab = await openLab();
  const read = lab
    .process()
    .of("CustomImage")
    .read("m-nowhere", { __urn: urnOf("CustomImage", "read") });
  await expect(lab.turn(read)).rejects.toThrow(/there is no image m-nowhere in cn-hangzhou.*<region>:m-nowhere/);
  await lab.close();
});
