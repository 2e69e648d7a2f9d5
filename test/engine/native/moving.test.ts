import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { type LanguageHost, startLanguageHost } from "../language-host";
import { ownImages, repository } from "../support";
import { configLeadingTo, openProject, type Project, providerArgs, withTools, yamlFiles } from "./support";

// docs/moving-between-fronts.md, followed literally: the same stack, first with the dynamic provider in a Node.js
// program, then with the native one in a YAML program, and back.

withTools("a stack that moves between the dynamic and the native provider", () => {
  let emulator: Emulator;
  let project: Project;
  let host: LanguageHost;
  beforeAll(async () => {
    emulator = await startEmulator({ durations: { createMs: 300, copyMs: 300 } });
    host = await startLanguageHost();
  });
  afterAll(async () => {
    host.close();
    await emulator.close();
  });

  const args = { instanceId: seeds.instanceId, description: "Web server", tags: { team: "web" } };
  const everywhere = {
    source: { instanceId: seeds.instanceId },
    regions: ["cn-beijing"],
    shareWith: ["2222222222222222"],
  };
  const dynamic = (options = "{}") => ({
    "Pulumi.yaml": JSON.stringify({ name: "moving", runtime: { name: "nodejs", options: { typescript: false } } }),
    "package.json": JSON.stringify({ name: "moving", main: "index.js" }),
    "index.js": `const { CustomImage, GoldenImage } = require("pulumi-alicloud-image");
new CustomImage("golden", ${JSON.stringify(args)}, ${options});
new GoldenImage("web", ${JSON.stringify(everywhere)});`,
  });
  const native = () =>
    yamlFiles("moving", {
      resources: {
        golden: { type: "alicloud-image:index:CustomImage", properties: args },
        web: { type: "alicloud-image:index:GoldenImage", properties: everywhere },
      },
    });
  const world = () => ownImages(emulator).map(({ imageId }) => imageId);
  const NATIVE = "alicloud-image:index:";
  const DYNAMIC = "pulumi-nodejs:dynamic/alicloud-image:";
  /** The types in the state begin with this, apart from the component's own. */
  const expectTypes = (prefix: string) => {
    const types = project.resources().flatMap(({ type, id }) => (id === undefined ? [] : [type]));
    expect(types).toHaveLength(5);
    for (const type of types) expect(type).toMatch(new RegExp(`^${prefix}`));
  };

  test("keeps its images, and shows no change once it has moved", async () => {
    const { accessKey, secretKey, region, endpoints } = providerArgs(emulator);
    project = await openProject("moving", {
      files: dynamic(),
      config: {
        ...configLeadingTo(emulator),
        "alicloud:region": region,
        "alicloud:accessKey": accessKey,
        "alicloud:secretKey": secretKey,
        "alicloud:endpoints": endpoints,
      },
    });
    for (const [name, target] of [
      ["pulumi-alicloud-image", repository],
      ["@pulumi/pulumi", path.join(repository, "node_modules/@pulumi/pulumi")],
    ] as const) {
      const link = path.join(project.folder, "node_modules", name);
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(target, link, "dir");
    }
    const client = `--client=${host.address}`;
    await project.pulumi("up", "--yes", "--skip-preview", client);
    const images = world();
    expect(images).toHaveLength(3);

    project.write(native());
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(world()).toEqual(images);
    expectTypes(NATIVE);
    await project.pulumi("preview", "--expect-no-changes");

    project.write(dynamic('{ aliases: [{ type: "alicloud-image:index:CustomImage" }] }'));
    await project.pulumi("up", "--yes", "--skip-preview", client);
    expect(world()).toEqual(images);
    expectTypes(DYNAMIC);
    await project.pulumi("preview", "--expect-no-changes", client);

    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(world()).toEqual([]);
  });
});
