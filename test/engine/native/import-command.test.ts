import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages, repository } from "../support";
import { configLeadingTo, execute, openProject, type Project, pluginFolder, withTools, yamlFiles } from "./support";

// `pulumi import` as a person types it, of what another stack has: by the advice of the error, and by
// docs/coming-from-elsewhere.md.

const TYPE = "alicloud-image:index:";
const file = { ossBucket: seeds.imageBucket, ossObject: seeds.imageObject };
const image = { golden: { type: `${TYPE}CustomImage`, properties: { instanceId: seeds.instanceId } } };
/** What the other stack makes of its image, beside it: `id` is the image's. */
const dependents = (id: string) => ({
  copy: { type: `${TYPE}ImageCopy`, properties: { sourceImageId: id, regionId: "cn-beijing" } },
  archive: { type: `${TYPE}ImageExport`, properties: { imageId: id, ossBucket: seeds.exportBucket, ossPrefix: "old" } },
  shared: { type: `${TYPE}ImageSharePermission`, properties: { imageId: id, accountIds: ["2222222222222222"] } },
});
const HANDING_OVER = /--ResourceType snapshot --ResourceId\.1 (\S+) --Tag\.1\.Key (\S+) --Tag\.1\.Value (\S+);/;
const base = { base: { type: `${TYPE}ImportedImage`, properties: { diskDeviceMappings: [file] } } };

withTools("pulumi import of what another stack has", () => {
  let emulator: Emulator;
  let theirs: Project;
  let ours: Project;
  beforeAll(async () => {
    emulator = await startEmulator({ durations: { createMs: 200, copyMs: 200, importMs: 200, exportMs: 200 } });
    const open = (name: string) => openProject(name, { files: yamlFiles(name, {}), config: configLeadingTo(emulator) });
    [theirs, ours] = await Promise.all([open("theirs"), open("ours")]);
  });
  afterAll(() => emulator.close());

  const own = () => ownImages(emulator).map(({ imageId }) => imageId);
  const up = (project: Project) => project.pulumi("up", "--yes", "--skip-preview");
  const declare = (project: Project, resources: object) =>
    project.write(yamlFiles(project === ours ? "ours" : "theirs", { resources }));
  const held = (project: Project, name: string) => project.resources().find((one) => one.name === name)!;
  const forget = (name: string) => theirs.pulumi("state", "delete", held(theirs, name).urn, "--yes");
  /** Runs a command of this package in the other stack's project. */
  const printed = (command: string) =>
    execute(process.execPath, [path.join(repository, "dist/cli/index.js"), ...command.split(" ")], {
      cwd: theirs.folder,
      env: theirs.env,
    });

  test("hands an image over by the error's own words, and the printed program has no change", async () => {
    const { copy } = dependents("${golden.imageId}");
    declare(theirs, { ...image, copy });
    await up(theirs);
    const { id = "" } = held(theirs, "golden");
    const before = JSON.stringify([...emulator.world.images]);
    const ask = () => ours.run("import", `${TYPE}CustomImage`, "golden", id, "--yes");
    const refused = await ask();
    expect(refused.code).not.toBe(0);
    expect([ours.resources(), JSON.stringify([...emulator.world.images])]).toEqual([[], before]);

    declare(theirs, { ...image, copy: dependents(id).copy });
    await up(theirs);
    await forget("golden");
    declare(theirs, { copy: dependents(id).copy });
    const [, command] = /run in that stack's project: npx pulumi-alicloud-image ([^;]+);/.exec(refused.output)!;
    await printed(command!);

    const { code, output } = await ask();
    expect([code, held(ours, "golden").id]).toEqual([0, id]);
    const program = /^resources:\n(?: .*\n)+/m.exec(output)![0];
    ours.write({ "Pulumi.yaml": withProgram(program) });
    await ours.pulumi("preview", "--expect-no-changes");
    ours.write({ "Pulumi.yaml": withProgram(program.replace(/ +options:\n +protect: true\n/, "")) });
    await up(ours);
    expect(await theirs.pulumi("preview", "--expect-no-changes")).toContain("unchanged");
    await ours.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([held(theirs, "copy").id]);
    await theirs.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
  });

  const providers = () => `  providers:\n    - name: alicloud-image\n      path: ${pluginFolder()}\n`;
  const withProgram = (program: string) => `name: ours\nruntime: yaml\nplugins:\n${providers()}${program}`;

  nightly("--file adopts every other kind, and a short program for them has no change", async () => {
    declare(theirs, { ...image, ...base, ...dependents("${golden.imageId}") });
    await up(theirs);
    const idOf = (name: string) => held(theirs, name).id!;
    const [golden, copy, imported] = [idOf("golden"), idOf("copy"), idOf("base")];
    const resources = [
      { type: `${TYPE}ImportedImage`, name: "base", id: imported },
      { type: `${TYPE}ImageCopy`, name: "copy", id: `cn-beijing:${copy}` },
      { type: `${TYPE}ImageExport`, name: "archive", id: `${seeds.exportBucket}/old_${golden}_system.raw.tar.gz` },
      { type: `${TYPE}ImageSharePermission`, name: "shared", id: `cn-hangzhou:${golden}` },
    ];
    for (const name of ["base", "copy", "archive", "shared"]) await forget(name);
    for (const place of [`cn-hangzhou --acknowledge ${imported}`, `cn-beijing --acknowledge ${copy}`])
      await printed(`orphans --region ${place}`);
    const [archive] = resources.slice(2);
    const refused = await ours.run("import", archive!.type, archive!.name, archive!.id, "--yes");
    const [, on, key, value] = HANDING_OVER.exec(refused.output)!;
    emulator.world.snapshots.get(on!)!.tags.set(key!, value!);
    declare(theirs, image);
    writeFileSync(path.join(ours.folder, "adopt.json"), JSON.stringify({ resources }));
    await ours.pulumi("import", "--file", "adopt.json", "--yes", "--generate-code=false", "--protect=false");

    declare(ours, { ...base, ...dependents(golden) });
    // the source of the copy, which ECS never shows
    expect(await ours.pulumi("preview")).toMatch(/1 to update\s+4 unchanged/);
    await up(ours);
    await ours.pulumi("preview", "--expect-no-changes");
    await ours.pulumi("destroy", "--yes", "--skip-preview");
    expect([own(), emulator.world.images.get(golden)!.sharedWith]).toEqual([[golden], []]);
    expect(emulator.world.buckets.get(seeds.exportBucket)!.objects.size).toBe(2);
    await theirs.pulumi("destroy", "--yes", "--skip-preview");
  });
});
