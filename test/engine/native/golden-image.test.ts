import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, providerArgs, withTools, yamlFiles } from "./support";

// The component as the plugin serves it. What it consists of is in test/resources/golden-image.test.ts.

withTools("GoldenImage in a YAML program", () => {
  let emulator: Emulator;
  let project: Project;
  beforeEach(async () => {
    emulator = await startEmulator({ durations: { createMs: 300, copyMs: 300 } });
  });
  afterEach(() => emulator.close());

  const own = () => ownImages(emulator);
  const everywhere = {
    regions: ["cn-hangzhou", "cn-beijing"],
    shareWith: ["2222222222222222"],
    imageFamily: "web-server",
    deleteSnapshots: true,
  };
  const program = (properties: object, more: object = {}, options: object = {}) =>
    yamlFiles("golden", {
      resources: { web: { type: "alicloud-image:index:GoldenImage", properties, options }, ...more },
      outputs: { imageId: "${web.imageId}", imageIds: "${web.imageIds}", copies: "${web.copies[0].imageId}" },
    });
  const open = async (files: Record<string, string>) => {
    project = await openProject("golden", { files, config: configLeadingTo(emulator) });
  };
  const up = () => project.pulumi("up", "--yes", "--skip-preview");
  const outputs = async () => JSON.parse(await project.pulumi("stack", "output", "--json")) as Record<string, unknown>;
  const shared = () => own().map(({ regionId, sharedWith }) => [regionId, sharedWith]);

  test("is one image, a copy in each other region, and their permissions; and changes in place", async () => {
    const source = { instanceId: seeds.instanceId };
    await open(program({ source, ...everywhere }));
    await up();
    expect(shared()).toEqual([
      ["cn-hangzhou", ["2222222222222222"]],
      ["cn-beijing", ["2222222222222222"]],
    ]);
    const [image, copy] = own().map(({ imageId }) => imageId);
    const imageIds = { "cn-hangzhou": image, "cn-beijing": copy };
    expect(await outputs()).toEqual({ imageId: image, imageIds, copies: copy });
    await project.pulumi("preview", "--expect-no-changes");

    project.write(program({ source, ...everywhere, shareWith: ["3333333333333333"], description: "Patched" }));
    await up();
    expect(own().map(({ imageId, description }) => [imageId, description])).toEqual([
      [image, "Patched"],
      [copy, "Patched"],
    ]);
    expect(shared()).toEqual([
      ["cn-hangzhou", ["3333333333333333"]],
      ["cn-beijing", ["3333333333333333"]],
    ]);
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
  }, 120_000);

  nightly(
    "keeps its name and its versions when its source becomes files",
    async () => {
      const files = [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }];
      const named = { regions: ["cn-beijing"], imageName: "named", keepVersions: 1 };
      await open(program({ source: { instanceId: seeds.instanceId }, ...named }));
      await up();
      project.write(program({ source: { files }, ...named }));
      await up();
      const names = (regionId: string) =>
        own()
          .filter((image) => image.regionId === regionId)
          .map(({ imageName, deprecated }) => [imageName, deprecated]);
      const both = [
        [expect.stringMatching(/^named-replaced-/), true],
        ["named", false],
      ];
      expect([names("cn-hangzhou"), names("cn-beijing")]).toEqual([both, both]);
      await project.pulumi("destroy", "--yes", "--skip-preview");
      expect(own()).toEqual([]);
    },
    240_000,
  );

  nightly(
    "supports an unknown source, a secret, an explicit provider and timeouts",
    async () => {
      const provider = "${account}";
      const account = { type: "pulumi:providers:alicloud-image", properties: providerArgs(emulator) };
      const args = { instanceId: seeds.instanceId };
      const base = { type: "alicloud-image:index:CustomImage", properties: args, options: { provider } };
      const source = { snapshotId: "${base.snapshotIds[0]}" };
      const description = { "fn::secret": "not for everybody" };
      const options = { provider, customTimeouts: { create: "7m" }, protect: true };
      const files = program({ source, description, regions: ["cn-beijing"] }, { base, account }, options);
      project = await openProject("golden", { files }); // without configuration: the default provider would fail
      await project.pulumi("preview");
      await up();
      expect(own().map(({ description: text }) => text)).toEqual(["", "not for everybody", "not for everybody"]);
      const state = await project.pulumi("stack", "export");
      expect(state).not.toContain("not for everybody");
      const recorded = JSON.parse(state) as { deployment: { resources: Record<string, unknown>[] } };
      const children = recorded.deployment.resources.filter(({ parent }) =>
        String(parent).endsWith("GoldenImage::web"),
      );
      expect(children).toHaveLength(2);
      for (const child of children) expect(child).toMatchObject({ customTimeouts: { create: 420 }, protect: true });
      await project.pulumi("preview", "--expect-no-changes");
    },
    120_000,
  );

  nightly(
    "has the other resources' provider, so an account that moves to one of them stays shared",
    async () => {
      const properties = { source: { instanceId: seeds.instanceId }, regions: ["cn-beijing"] };
      const shareWith = ["2222222222222222"];
      await open(program({ ...properties, shareWith }));
      await project.pulumi("preview");
      await up();
      const share = { imageId: "${web.imageId}", accountIds: shareWith };
      project.write(
        program(properties, { own: { type: "alicloud-image:index:ImageSharePermission", properties: share } }),
      );
      await up();
      expect(shared()).toEqual([
        ["cn-hangzhou", shareWith],
        ["cn-beijing", []],
      ]);
    },
    120_000,
  );

  test("names every argument that is wrong, and creates nothing", async () => {
    await open(program({ source: { instanceId: "i-1", snapshotId: "s-1" } }));
    expect((await project.run("preview")).output).toMatch(
      /exactly one of instanceId, .*, not instanceId and snapshotId/,
    );
    project.write(program({ source: { instanceId: "i-1" }, regions: ["Hangzhou"], keepVersions: -1 }));
    const { output } = await project.run("up", "--yes", "--skip-preview");
    expect(output).toMatch(/regions\[0\] must be the id of a region.*keepVersions must be/s);
    expect(own()).toEqual([]);
  }, 60_000);
});
