import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, providerArgs, withTools, yamlFiles } from "./support";

withTools("provider arguments", () => {
  let here: Emulator;
  let there: Emulator;
  let project: Project;
  beforeEach(async () => {
    here = await startEmulator({ durations: { createMs: 200 } });
    there = await startEmulator({ durations: { createMs: 200 } });
  });
  afterEach(() => Promise.all([here.close(), there.close()]));

  const image = (options: object) => ({
    type: "alicloud-image:index:CustomImage",
    properties: { snapshotId: seeds.systemSnapshotId },
    options,
  });
  const open = (name: string, program: object, config: Record<string, unknown> = {}) =>
    openProject(name, { files: yamlFiles(name, program), config });

  test("an explicit provider has an account of its own, beside the stack's", async () => {
    project = await open(
      "accounts",
      {
        resources: {
          other: { type: "pulumi:providers:alicloud-image", properties: providerArgs(there) },
          first: image({}),
          second: image({ provider: "${other}" }),
        },
      },
      configLeadingTo(here),
    );
    await project.pulumi("up", "--yes", "--skip-preview");
    const idOf = (name: string) => project.resources().find((resource) => resource.name === name)!.id;
    expect(ownImages(here).map(({ imageId }) => imageId)).toEqual([idOf("first")]);
    expect(ownImages(there).map(({ imageId }) => imageId)).toEqual([idOf("second")]);
    await project.pulumi("preview", "--expect-no-changes");
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect([...ownImages(here), ...ownImages(there)]).toEqual([]);
  });

  nightly("another endpoint or key in an explicit provider replaces nothing", async () => {
    const program = (args: object) => ({
      resources: {
        other: { type: "pulumi:providers:alicloud-image", properties: args },
        golden: image({ provider: "${other}" }),
      },
    });
    project = await open("rekeyed", program(providerArgs(here)));
    await project.pulumi("up", "--yes", "--skip-preview");
    const before = ownImages(here).map(({ imageId }) => imageId);
    project.write(yamlFiles("rekeyed", program(providerArgs(here, { protocol: "HTTP" }))));
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(ownImages(here).map(({ imageId }) => imageId)).toEqual(before);
  });

  nightly("an image that is replaced and moves to another provider in one update keeps its versions", async () => {
    const program = (provider: string, triggers: string[]) => ({
      resources: Object.fromEntries([
        ...["old", "new"].map((name) => [
          name,
          { type: "pulumi:providers:alicloud-image", properties: providerArgs(here) },
        ]),
        [
          "golden",
          {
            ...image({ provider: `\${${provider}}` }),
            properties: { snapshotId: seeds.systemSnapshotId, keepVersions: 2, triggers },
          },
        ],
      ]),
    });
    const up = async (provider: string, triggers: string[]) => {
      project.write(yamlFiles("moved", program(provider, triggers)));
      return project.pulumi("up", "--yes", "--skip-preview");
    };
    project = await open("moved", program("old", ["1"]));
    await project.pulumi("up", "--yes", "--skip-preview");
    await up("old", ["2"]);
    const before = ownImages(here).map(({ imageId }) => imageId);
    expect(before).toHaveLength(2);

    const output = await up("new", ["3"]);
    const present = project.resources().find(({ name }) => name === "golden")!;
    expect(ownImages(here).map(({ imageId }) => imageId)).toEqual([...before, present.id]);
    expect(present.outputs["previousVersions"]).toMatchObject([{ imageId: before[1] }, { imageId: before[0] }]);
    expect(output).toMatch(new RegExp(`${before[1]} is kept as a previous version`));

    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(ownImages(here)).toEqual([]);
  });

  nightly("keys never reach the state in plain text", async () => {
    project = await open("secrets", { resources: { golden: image({}) } }, configLeadingTo(here));
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(await project.pulumi("stack", "export")).not.toContain("emulator-secret");
  });

  test("a misspelt key of the stack is named before anything is called", async () => {
    const config = { ...configLeadingTo(here), "alicloud-image:acessKey": "x" };
    project = await open("misspelt", { resources: { golden: image({}) } }, config);
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/no provider argument acessKey; did you mean accessKey\?/);
    expect(here.calls).toEqual([]);
  });

  test.each([
    ["an access key without its secret", { secretKey: "" }, /alicloud-image:accessKey.*set both/s],
    ["an endpoint without TLS", { endpoints: { ecs: "http://ecs.example.com" } }, /alicloud-image:endpoints\.ecs/],
  ])("%s is named before anything is called", async (_name, wrong, says) => {
    const args = { ...providerArgs(here), ...wrong };
    project = await open("wrong", {
      resources: {
        other: { type: "pulumi:providers:alicloud-image", properties: args },
        golden: image({ provider: "${other}" }),
      },
    });
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(says);
    expect(here.calls).toEqual([]);
  });
});
