import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, providerArgs, withTools, yamlFiles } from "./support";

// What decides in the cloud and not in the program, through the packed plugin: the test of an image, and default tags.

withTools("a YAML program", () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({
      durations: { createMs: 200, bootMs: 200, commandMs: 200, releaseMs: 200 },
    });
  });
  afterEach(() => emulator.close());

  const { instanceId, vSwitchId, securityGroupId } = seeds;
  const type = "alicloud-image:index:CustomImage";
  const own = () => ownImages(emulator);
  const up = (project: Project) => project.run("up", "--yes", "--skip-preview");

  test("an image that fails its test leaves the family to the old one; the next that passes takes it", async () => {
    const program = (build: string, command: string) =>
      yamlFiles("tested", {
        resources: {
          golden: {
            type,
            properties: {
              ...{ instanceId, imageName: "golden", imageFamily: "web", triggers: [build] },
              test: { command, vSwitchId, securityGroupId },
            },
          },
        },
        outputs: { imageId: "${golden.imageId}", testResult: "${golden.testResult}" },
      });
    const outputs = async () => JSON.parse(await project.pulumi("stack", "output", "--json"));
    const project = await openProject("tested", {
      files: program("first", "echo fine"),
      config: configLeadingTo(emulator),
    });
    expect(await up(project)).toMatchObject({ code: 0, output: expect.stringMatching(/test passed on ecs\./) });
    const before = structuredClone(own());
    expect(before).toMatchObject([{ imageName: "golden", imageFamily: "web" }]);

    project.write(program("second", "echo nginx is missing; exit 3"));
    const failed = await up(project);
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/exit code 3[\s\S]*nginx is missing/);
    expect(own()).toEqual(before);

    project.write(program("second", "echo nginx is there"));
    expect(await up(project)).toMatchObject({ code: 0 });
    const { imageId, testResult } = await outputs();
    expect(testResult).toMatchObject({ exitCode: 0, output: "nginx is there\n" });
    expect(own()).toMatchObject([{ imageId, imageName: "golden", imageFamily: "web" }]);
    expect(imageId).not.toBe(before[0]!.imageId);
    expect([...emulator.world.instances.keys()].filter((id) => !/emulator0/.test(id))).toEqual([]);
  });

  nightly("default tags come from the stack's configuration, and from a provider's own arguments", async () => {
    const project = await openProject("tags", {
      files: yamlFiles("tags", {
        resources: {
          mine: {
            type: "pulumi:providers:alicloud-image",
            properties: providerArgs(emulator, { defaultTags: { team: "web" } }),
          },
          here: { type, properties: { instanceId, tags: { stage: "live" } } },
          there: { type, properties: { instanceId }, options: { provider: "${mine}" } },
        },
      }),
      config: { ...configLeadingTo(emulator), "alicloud-image:defaultTags": { team: "platform", stage: "dev" } },
    });
    expect(await up(project)).toMatchObject({ code: 0 });
    const tagsOf = (name: string) => {
      const { id } = project.resources().find((resource) => resource.name === name)!;
      const { tags } = own().find(({ imageId }) => imageId === id)!;
      return { team: tags.get("team"), stage: tags.get("stage") };
    };
    expect([tagsOf("here"), tagsOf("there")]).toEqual([
      { team: "platform", stage: "live" },
      { team: "web", stage: undefined },
    ]);
    await project.pulumi("preview", "--expect-no-changes");
  });
});
