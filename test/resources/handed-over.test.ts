import { seeds } from "../../emulator";
import { callOrphans, exported } from "../cli/terminal";
import { openStack } from "../crash/engine";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type ResourceName, resource, urnOf } from "../support/lab";
import { adoptedByAnotherStack } from "../support/moves";
import { worldWithOwnImage } from "../support/own-image";

// No delete of this package removes what belongs to others or is used by others.

const EXISTING = "m-existing";
const args = { instanceId: seeds.instanceId };
const file = { ossBucket: seeds.imageBucket, ossObject: seeds.imageObject };
const by = (id: string) => ({ hidden: { __import: id } });

/** An account in which somebody has made an image by hand, on a snapshot of theirs. */
const world = () => worldWithOwnImage({ imageId: EXISTING, imageName: "by-hand" }, seeds.systemSnapshotId);

describe.each(FRONTS)("%s host", (front) => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await openLab({ world: world() }, {}, { front });
  });
  afterEach(() => lab.close());

  const images = () => lab.emulator.world.images;
  const row = (id: string) => images().get(id)!;

  it.each([
    ["destroyed", async (a: ReturnType<typeof resource>) => void (await a.destroy())],
    [
      "refreshed and destroyed",
      async (a: ReturnType<typeof resource>) => {
        await a.refresh();
        await a.destroy();
      },
    ],
    ["rebuilt", async (a: ReturnType<typeof resource>) => void (await a.up({ ...args, triggers: [1] }))],
    [
      "dropped from the program",
      async (a: ReturnType<typeof resource>) => {
        const process = lab.process();
        const provider = process.of("CustomImage");
        await lab.turn(provider.check({}, { ...args, __urn: urnOf("CustomImage", "another") }));
        await lab.turn(provider.delete(a.state!.id, structuredClone(a.state!.outputs)));
        await process.end();
      },
    ],
  ])("an image that another stack has adopted stays when its first stack's resource is %s", async (_how, end) => {
    const { id, first, second } = await adoptedByAnotherStack(lab, args);
    await end(first);
    expect(images().has(id)).toBe(true);
    expect(lab.said.warned.join()).toMatch(new RegExp(`kept ${id}: another stack has adopted it`));
    expect(await second.destroy()).toEqual({ did: "delete" });
    expect(images().has(id)).toBe(false);
  });

  /** An image that looks as if a file had been imported, or a copy been encrypted. */
  const elsewhereMade = () =>
    void Object.assign(row(EXISTING).diskMappings[0]!, {
      importBucket: file.ossBucket,
      importObject: file.ossObject,
      encrypted: true,
    });
  const sources = [
    ["ImageCopy", { sourceImageId: "m-golden" }],
    ["ImportedImage", { diskDeviceMappings: [file] }],
  ] as const;

  it.each(sources)("what the program leaves out of an adopted %s stays as it is", async (kind, source) => {
    elsewhereMade();
    const adopted = resource(lab, kind);
    expect((await adopted.up(source, by(EXISTING))).error).toBeUndefined();
    expect(await adopted.up(source)).toEqual({ did: "same" });
    if (front === "dynamic") return;
    const byCommand = resource(lab, kind, "other");
    row(EXISTING).tags.clear();
    expect(await byCommand.importByCommand(EXISTING)).toEqual({ did: "import" });
    expect((await byCommand.up(source)).did).not.toBe("replace");
    expect(byCommand.state!.id).toBe(EXISTING);
  });

  it.each(sources)("the snapshots of an adopted %s stay, even with deleteSnapshots", async (kind, source) => {
    elsewhereMade();
    const adopted = resource(lab, kind);
    const given = { ...source, deleteSnapshots: true };
    expect((await adopted.up(given, by(EXISTING))).error).toBeUndefined();
    expect(adopted.state!.outputs).toMatchObject({ snapshotIds: [] });
    await adopted.refresh();
    expect(await adopted.destroy()).toEqual({ did: "delete" });
    expect(images().has(EXISTING)).toBe(false);
    expect(lab.emulator.world.snapshots.has(seeds.systemSnapshotId)).toBe(true);
    expect(lab.said.noted.join()).toMatch(new RegExp(`the snapshots of its disks stay: ${seeds.systemSnapshotId}`));
  });

  it.each(["TagResources before", "TagResources after"])(
    "orphans does not delete the image of an adoption that is killed at %s and given up",
    async (at) => {
      const image = resource(lab, "CustomImage");
      lab.emulator.intercept = (call, phase) => {
        if (`${call.action} ${phase}` !== at) return undefined;
        lab.processes.at(-1)!.kill("engine");
        return { kind: "reset" };
      };
      await image.up({ ...args, description: "ours" }, by(EXISTING));
      lab.emulator.intercept = undefined;
      await lab.clock.advance(86_400_000);
      for (const more of [[], ["--retained"]])
        await callOrphans(lab, ["--state", "-", "--delete", "--yes", ...more], { input: exported([]) });
      expect(images().has(EXISTING)).toBe(true);
      expect(lab.emulator.world.snapshots.has(seeds.systemSnapshotId)).toBe(true);
    },
  );

  it("an image is handed over within a stack by the error's words, while the refused import is recorded", async () => {
    const [first, second] = [resource(lab, "CustomImage", "first"), resource(lab, "CustomImage", "second")];
    await first.up(args);
    const { id } = first.state!;
    const { error } = await second.up(args, by(id));
    const [, command] = /\(pulumi state delete <urn>.*\), run: npx pulumi-alicloud-image orphans ([^;]+);/.exec(
      error!,
    )!;
    const left = second.state ? [{ kind: "CustomImage" as const, name: "second", recorded: second.state }] : [];
    const done = await callOrphans(lab, [...command!.split(" "), "--state", "-"], { input: exported(left) });
    expect([done.code, done.said]).toEqual([0, expect.stringContaining("acknowledged")]);
    expect((await second.up(args, by(id))).error).toBeUndefined();
    expect(await second.destroy()).toEqual({ did: "delete" });
    expect(images().has(id)).toBe(false);
  });

  it("a public and shared image is deleted by a destroy once forceDelete is set, as the error says", async () => {
    const image = resource(lab, "CustomImage");
    await image.up(args);
    const { id } = image.state!;
    row(id).isPublic = true;
    row(id).sharedWith = ["1000000000000001"];
    expect((await image.destroy()).error).toMatch(/ImageIsPublic.*set forceDelete to true, run pulumi up/);
    await image.up({ ...args, forceDelete: true });
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(images().has(id)).toBe(false);
  });

  it("a public image is an error of a destroy that names it, and a version of a rebuild", async () => {
    const image = resource(lab, "CustomImage");
    await image.up(args);
    const { id } = image.state!;
    row(id).isPublic = true;
    expect((await image.destroy()).error).toMatch(new RegExp(`${id}[^]*ImageIsPublic`));
    expect(image.state?.id).toBe(id);
    expect(await image.up({ ...args, triggers: [1] })).toEqual({ did: "replace" });
    expect(images().has(id)).toBe(true);
    expect(lab.said.warned.join()).toMatch(new RegExp(`kept as previous version: ${id}`));
    row(id).isPublic = false;
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(images().has(id)).toBe(false);
  });

  const programs: Readonly<Record<ResourceName, Props>> = {
    CustomImage: args,
    ImportedImage: { diskDeviceMappings: [file] },
    ImageExport: { imageId: EXISTING, ossBucket: seeds.exportBucket },
    ImageCopy: { sourceImageId: EXISTING },
    ImageSharePermission: { imageId: EXISTING, accountIds: ["1000000000000001"] },
  };
  const kinds = Object.keys(programs) as ResourceName[];
  it.each(kinds)("an import of a missing %s says which one is missing, and in which region", async (kind) => {
    const missing = kind === "ImageExport" ? "t-nowhere" : "m-nowhere";
    const one = resource(lab, kind);
    const ask = front === "native" ? one.importByCommand(missing) : one.up(programs[kind], by(missing));
    const said = [(await ask).error ?? "", ...lab.said.warned].join("; ");
    expect(said).toMatch(new RegExp(`there is no .*${missing} in cn-hangzhou|${missing}.*does not exist`));
    expect(said).not.toMatch(/undefined| {2}|\/\/\//);
  });

  it.each(kinds)("get of a %s with an empty id says that the id is empty", async (kind) => {
    const process = lab.process();
    const read = lab.turn(process.of(kind).read("", { __urn: urnOf(kind, "golden") }));
    await expect(read.then(({ id }) => id)).rejects.toThrow(/id is empty/);
    await process.end();
  });
});

test("an image stays if its resource is dropped for one that imports it, and the import fails", async () => {
  const lab = await openLab();
  const stack = openStack(lab);
  const program = (name: string, more: Props = {}) => [
    { kind: "CustomImage" as const, name, args: { ...args, ...more } },
  ];
  await stack.run({ do: "up", program: program("before") });
  const { id } = stack.live("before")!;
  const ran = await stack.run({ do: "up", continues: true, program: program("after", { __import: id }) });
  expect(ran.errors).toEqual([expect.stringMatching(/belongs to another resource of this stack/)]);
  expect(lab.emulator.world.images.has(id)).toBe(true);
  expect(lab.said.warned).toEqual([`kept ${id}: the resource after of this program has it in the option import`]);
  await lab.close();
});
