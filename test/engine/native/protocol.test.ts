import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, withTools, yamlFiles } from "./support";

// What the engine asks of a native provider today: runs that go on, names by rule, ignored changes, values as YAML has
// them.

withTools("a YAML program", () => {
  let emulator: Emulator;
  let project: Project;
  beforeEach(async () => {
    emulator = await startEmulator({ durations: { createMs: 200, copyMs: 200 } });
  });
  afterEach(() => emulator.close());

  const instance = { instanceId: seeds.instanceId };
  const image = (properties: object = {}, options: object = {}) => ({
    type: "alicloud-image:index:CustomImage",
    properties: { ...instance, ...properties },
    options,
  });
  const program = (resources: object) => yamlFiles("protocol", { resources });
  const open = async (resources: object, config: Record<string, unknown> = {}) => {
    project = await openProject("protocol", {
      files: program(resources),
      config: { ...configLeadingTo(emulator), ...config },
    });
  };
  const up = (...options: string[]) => project.run("up", "--yes", "--skip-preview", ...options);
  const recorded = () => project.resources().map(({ name }) => name);

  test("a run that continues on errors skips what depends on a failed image, and makes the rest", async () => {
    const failed = "${failed.imageId}";
    await open({
      failed: image({ instanceId: "i-nowhere" }),
      exported: {
        type: "alicloud-image:index:ImageExport",
        properties: { imageId: failed, ossBucket: "emulator-bucket" },
      },
      copy: {
        type: "alicloud-image:index:ImageCopy",
        properties: { sourceImageId: failed, regionId: "cn-beijing" },
      },
      rebuilt: image({ instanceId: undefined, snapshotId: failed }),
      shared: {
        type: "alicloud-image:index:GoldenImage",
        properties: { source: instance, regions: ["cn-beijing"], imageFamily: failed },
      },
      independent: image({}, { dependsOn: [] }),
    });
    const { code, output } = await up("--continue-on-error");
    expect(code).not.toBe(0);
    expect(output).toMatch(/i-nowhere/);
    expect(output).not.toMatch(/is missing|has a problem|must be the id/);
    expect(ownImages(emulator)).toHaveLength(1);
    expect(recorded()).toEqual(expect.arrayContaining(["independent"]));
  });

  nightly("one copy of a golden image that fails stops nothing but what needs it", async () => {
    const share = ["2222222222222222"];
    const regions = ["cn-beijing", "cn-shanghai"];
    emulator.intercept = ({ action, params }) =>
      action === "CopyImage" && params["DestinationRegionId"] === "cn-beijing"
        ? { kind: "error", status: 403, code: "QuotaExceed.Image" }
        : undefined;
    const golden = {
      type: "alicloud-image:index:GoldenImage",
      properties: { source: instance, regions, shareWith: share },
    };
    await open({ web: golden, other: image() });
    const { code, output } = await up("--continue-on-error");
    expect(code).not.toBe(0);
    expect(output).not.toMatch(/resource registration failed|is missing/);
    expect(recorded()).toEqual(expect.arrayContaining(["web-cn-shanghai", "other"]));
    const shared = ownImages(emulator).map(({ regionId, sharedWith }) => [regionId, sharedWith]);
    expect(shared).toEqual(
      expect.arrayContaining([
        ["cn-hangzhou", share],
        ["cn-shanghai", share],
      ]),
    );
    emulator.intercept = undefined;
    expect((await up()).code).toBe(0);
    await project.pulumi("preview", "--expect-no-changes");
    expect(ownImages(emulator).filter(({ sharedWith }) => sharedWith.includes(share[0]!))).toHaveLength(3);
  });

  nightly("names follow the stack's rules, and existing images keep theirs", async () => {
    await open({ before: image() });
    expect((await up()).code).toBe(0);
    const names = () => ownImages(emulator).map(({ imageName }) => imageName);
    const [before] = names();
    await project.pulumi("config", "set", "--path", "pulumi:autonaming.pattern", "corp-${name}-${num(4)}");
    project.write(program({ before: image(), web: image() }));
    expect((await up()).code).toBe(0);
    expect(names()).toEqual([before, expect.stringMatching(/^corp-web-\d{4}$/)]);
    await project.pulumi("preview", "--expect-no-changes");
  });

  nightly("a name that is left out is refused where the stack disables automatic names", async () => {
    await open({ web: image() });
    await project.pulumi("config", "set", "--path", "pulumi:autonaming.mode", "disabled");
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(/imageName is missing, and pulumi:autonaming disables automatic names/);
  });

  nightly("replaceOnChanges may name a tag, and a region that is ignored replaces nothing", async () => {
    await open({ web: image({ tags: { env: "b", team: "web" } }) });
    expect((await up()).code).toBe(0);
    const ids = () => ownImages(emulator).map(({ imageId }) => imageId);
    const [first] = ids();
    const options = { replaceOnChanges: ["tags.env"], ignoreChanges: ["regionId"] };
    project.write(program({ web: image({ tags: { env: "b", team: "db" } }, options) }));
    expect((await up()).code).toBe(0);
    expect(ids()).toEqual([first]);
    project.write(program({ web: image({ tags: { env: "c", team: "db" } }, options) }));
    expect((await up()).code).toBe(0);
    expect(ids()).not.toEqual([first]);
    await project.pulumi("config", "set", "alicloud-image:region", "cn-beijing");
    await project.pulumi("preview", "--expect-no-changes");
  });

  test("numbers and booleans in tags, and an account from the configuration, become strings", async () => {
    const accountIds = ["${account}"];
    const web = image({ tags: { build: 42, prod: true, v: 1.5 } });
    const share = {
      type: "alicloud-image:index:ImageSharePermission",
      properties: { imageId: "${web.id}", accountIds },
    };
    project = await openProject("protocol", {
      files: yamlFiles("protocol", {
        configuration: { account: { type: "string" } },
        resources: { web, share },
      }),
      config: { ...configLeadingTo(emulator), "protocol:account": "2222222222222222" },
    });
    expect(await up()).toMatchObject({ code: 0 });
    const [made] = ownImages(emulator);
    expect(made).toMatchObject({ sharedWith: ["2222222222222222"] });
    expect(Object.fromEntries(made!.tags)).toMatchObject({ build: "42", prod: "true", v: "1.5" });
    await project.pulumi("preview", "--expect-no-changes");
  });
});
