import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, withTools, yamlFiles } from "./support";

withTools("resource options", () => {
  let emulator: Emulator;
  let project: Project;
  beforeEach(async () => {
    emulator = await startEmulator({ durations: { createMs: 200 } });
  });
  afterEach(() => emulator.close());

  const own = () => ownImages(emulator);
  const ids = () => own().map(({ imageId }) => imageId);
  const args = { instanceId: seeds.instanceId, description: "Web server", tags: { team: "web" } };
  const golden = (properties: object, options: object = {}) =>
    yamlFiles("options", {
      resources: { golden: { type: "alicloud-image:index:CustomImage", properties, options } },
    });
  const open = async (files: Record<string, string>) => {
    project = await openProject("options", { files, config: configLeadingTo(emulator) });
  };
  const up = () => project.pulumi("up", "--yes", "--skip-preview");

  nightly("replaceOnChanges replaces what would be updated in place", async () => {
    await open(golden(args));
    await up();
    const [before] = ids();
    project.write(golden({ ...args, description: "Another" }, { replaceOnChanges: ["description"] }));
    await up();
    expect(ids()).toHaveLength(1);
    expect(ids()).not.toContain(before);
  });

  nightly("customTimeouts end the wait, and the image is recorded as unfinished", async () => {
    await emulator.close();
    emulator = await startEmulator({ durations: { createMs: 5_000 } });
    const description = { "fn::secret": "not for everybody" };
    await open(golden({ ...args, description }, { customTimeouts: { create: "2s" } }));
    const { code, output } = await project.run("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/recorded as unfinished/);
    expect(await project.pulumi("stack", "export")).not.toContain("not for everybody");
    expect(project.resources().map(({ id }) => id)).toEqual(ids());
  });

  nightly("import adopts an image on the command line, and the code that it prints shows no change", async () => {
    await open(golden(args));
    await up();
    const [imageId] = ids();
    await project.pulumi("state", "delete", project.resources()[0]!.urn, "--yes");
    expect(project.resources()).toEqual([]);

    const code = await project.pulumi("import", "alicloud-image:index:CustomImage", "golden", imageId!, "--yes");
    const [recorded] = project.resources();
    expect(recorded).toMatchObject({ id: imageId, outputs: { imageId, status: "Available" } });
    expect(code).toContain("diskDeviceMappings");
    project.write(golden(recorded!.inputs, { protect: true }));
    await project.pulumi("preview", "--expect-no-changes");
    expect(ids()).toEqual([imageId]);
  });

  test("import in the program adopts a matching image, and refuses one with another source", async () => {
    await open(golden(args));
    await up();
    const [imageId] = ids();
    const { imageName, description } = own()[0]!;
    const disks = project.resources()[0]!.outputs["diskDeviceMappings"];
    await project.pulumi("state", "delete", project.resources()[0]!.urn, "--yes");

    project.write(golden({ snapshotId: seeds.systemSnapshotId }, { import: imageId }));
    const refused = await project.run("up", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/differs from the program: snapshotId is "[^"]+", and the program has/);
    expect(ids()).toEqual([imageId]);

    const same = { diskDeviceMappings: disks, imageName, description, tags: { team: "web" } };
    project.write(golden(same, { import: imageId }));
    await up();
    expect(project.resources().map(({ id }) => id)).toEqual([imageId]);
    project.write(golden(same));
    await project.pulumi("preview", "--expect-no-changes");
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(ids()).toEqual([]);
  });

  nightly("both imports refuse a public image, get reads it, and a refresh drops it once it is gone", async () => {
    const read = (id: string) =>
      yamlFiles("options", { resources: { seen: { type: "alicloud-image:index:CustomImage", get: { id } } } });
    await open(golden(args));
    const byCommand = ["import", "alicloud-image:index:CustomImage", "seen", seeds.publicImageId, "--yes"];
    expect((await project.run(...byCommand)).output).toMatch(/belongs to system, not to this account/);
    expect(project.resources()).toEqual([]);
    project.write(golden(args, { import: seeds.publicImageId }));
    expect((await project.run("up", "--yes")).output).toMatch(/belongs to system, not to this account/);
    // Without a preview the engine records what it has read. Taken out of the program again, nothing is deleted.
    await project.run("up", "--yes", "--skip-preview");
    project.write(read(seeds.publicImageId));
    await up();
    expect(emulator.world.images.has(seeds.publicImageId)).toBe(true);
    expect(emulator.calls.map(({ action }) => action)).not.toContain("DeleteImage");
    expect(project.resources().map(({ id }) => id)).toEqual([seeds.publicImageId]);
    emulator.world.images.delete(seeds.publicImageId);
    await project.pulumi("refresh", "--yes", "--skip-preview");
    expect(project.resources()).toEqual([]);
  });

  nightly("import of an image that does not exist says so", async () => {
    await open(golden(args, { import: "m-nowhere" }));
    const { code, output } = await project.run("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/m-nowhere/);
    expect(ids()).toEqual([]);
  });

  nightly("a secret argument is secret in the outputs, too", async () => {
    await open(golden({ ...args, description: { "fn::secret": "not for everybody" } }));
    await up();
    const text = await project.pulumi("stack", "export");
    expect(text).not.toContain("not for everybody");
    expect(own()[0]!.description).toBe("not for everybody");
  });
});
