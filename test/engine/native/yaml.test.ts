import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, withTools, yamlFiles } from "./support";

// A YAML program, the YAML language host, the packed plugin and the real engine.

withTools("a YAML program", () => {
  let emulator: Emulator;
  let project: Project;
  const own = () => ownImages(emulator);
  const only = () => own()[0]!;
  const setUp = async (program: object) => {
    project = await openProject("yaml", {
      files: yamlFiles("yaml", program),
      config: configLeadingTo(emulator),
    });
  };
  const golden = (properties: object, options: object = {}) => ({
    resources: { golden: { type: "alicloud-image:index:CustomImage", properties, options } },
    outputs: { imageId: "${golden.imageId}", status: "${golden.status}", tags: "${golden.tags}" },
  });
  const rewrite = (program: object) => project.write(yamlFiles("yaml", program));

  beforeEach(async () => {
    emulator = await startEmulator({ durations: { createMs: 500 } });
  });
  afterEach(() => emulator.close());

  const args = { instanceId: seeds.instanceId, description: "Web server", tags: { team: "web" } };

  test("makes an image, updates it in place, replaces it and removes it", async () => {
    await setUp(golden(args));
    const preview = await project.pulumi("preview", "--diff");
    expect(preview).toMatch(/description *: "Web server"/);
    await project.pulumi("up", "--yes", "--skip-preview");
    const { imageId } = only();
    expect(JSON.parse(await project.pulumi("stack", "output", "--json"))).toEqual({
      imageId,
      status: "Available",
      tags: { team: "web" },
    });
    expect(await project.pulumi("preview", "--expect-no-changes")).toContain("unchanged");

    rewrite(golden({ ...args, tags: { team: "platform" } }));
    const update = await project.pulumi("preview", "--diff");
    expect(update).toMatch(/~ tags\s+: \{\s+~ team: "web" => "platform"/);
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(only().imageId).toBe(imageId);
    expect(only().tags.get("team")).toBe("platform");

    rewrite(golden({ ...args, instanceId: seeds.secondInstanceId }));
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(own().map((image) => image.imageId)).toHaveLength(1);
    expect(only().imageId).not.toBe(imageId);

    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
  });

  test("names every violated rule at the preview, on the property that it belongs to", async () => {
    await setUp(golden({ ...args, imageName: "x", bootMode: "DOS" }));
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/imageName must be 2 to 128 characters/);
    expect(output).toMatch(/bootMode must be one of BIOS, UEFI, UEFI-Preferred/);
    expect(own()).toEqual([]);
  });

  nightly("a preview asks the cloud whether it would refuse the creation, and creates nothing", async () => {
    await setUp(golden({ ...args, instanceId: seeds.lockedInstanceId }));
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/InstanceLockedForSecurity/);
    await project.pulumi("config", "set", "alicloud-image:dryRun", "false");
    expect((await project.run("preview")).code).toBe(0);
    expect(own()).toEqual([]);
  });

  test("a refresh brings drift into the inputs, and the next up reverts it", async () => {
    await setUp(golden(args));
    await project.pulumi("up", "--yes", "--skip-preview");
    only().tags.set("team", "nobody");
    await project.pulumi("refresh", "--yes", "--skip-preview");
    expect(project.resources()[0]!.inputs["tags"]).toEqual({ team: "nobody" });
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(only().tags.get("team")).toBe("web");
  });

  nightly("the look-ups are functions", async () => {
    await setUp({
      variables: {
        newest: { "fn::invoke": { function: "alicloud-image:index:getImage", arguments: { owners: ["system"] } } },
        all: { "fn::invoke": { function: "alicloud-image:index:getImages", arguments: { owners: ["system"] } } },
      },
      outputs: { platform: "${newest.platform}", first: "${all.images[0].imageId}", id: "${newest.imageId}" },
    });
    await project.pulumi("up", "--yes", "--skip-preview");
    const { first, id } = JSON.parse(await project.pulumi("stack", "output", "--json"));
    expect(first).toBe(id);
    expect(emulator.world.images.has(id)).toBe(true);
  });
});
