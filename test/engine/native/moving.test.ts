import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { type LanguageHost, startLanguageHost } from "../language-host";
import { repository } from "../support";
import {
  configLeadingTo,
  openProject,
  type Project,
  pluginFolder,
  providerArgs,
  withTools,
  yamlFiles,
} from "./support";

// docs/moving-between-fronts.md, followed literally: the same stack, first with the dynamic provider in a Node.js program, then with the
// native one in a YAML program, and back.

withTools("a stack that moves between the dynamic and the native provider", () => {
  let emulator: Emulator;
  let project: Project;
  let host: LanguageHost;
  let plugin: string;
  beforeAll(async () => {
    plugin = pluginFolder();
    emulator = await startEmulator({ durations: { createMs: 300 } });
    host = await startLanguageHost();
  });
  afterAll(async () => {
    host.close();
    await emulator.close();
  });

  const args = { instanceId: seeds.instanceId, description: "Web server", tags: { team: "web" } };
  const dynamic = (options = "{}") => ({
    "Pulumi.yaml": JSON.stringify({ name: "moving", runtime: { name: "nodejs", options: { typescript: false } } }),
    "package.json": JSON.stringify({ name: "moving", main: "index.js" }),
    "index.js": `const { CustomImage } = require("pulumi-alicloud-image");
new CustomImage("golden", ${JSON.stringify(args)}, ${options});`,
  });
  const native = yamlFiles("moving", "", {
    resources: { golden: { type: "alicloud-image:index:CustomImage", properties: args } },
  });
  const world = () =>
    [...emulator.world.images.values()].filter(({ owner }) => owner === "self").map(({ imageId }) => imageId);

  test("keeps its image, and shows no change once it has moved", async () => {
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
    const [imageId, ...more] = world();
    expect(more).toEqual([]);

    project.write({ "Pulumi.yaml": native["Pulumi.yaml"]!.replace('"path":""', `"path":${JSON.stringify(plugin)}`) });
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(world()).toEqual([imageId]);
    expect(project.resources().map(({ type }) => type)).toEqual(["alicloud-image:index:CustomImage"]);
    await project.pulumi("preview", "--expect-no-changes");

    project.write(dynamic('{ aliases: [{ type: "alicloud-image:index:CustomImage" }] }'));
    await project.pulumi("up", "--yes", "--skip-preview", client);
    expect(world()).toEqual([imageId]);
    expect(project.resources().map(({ type }) => type)).toEqual(["pulumi-nodejs:dynamic/alicloud-image:CustomImage"]);
    await project.pulumi("preview", "--expect-no-changes", client);

    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(world()).toEqual([]);
  });
});
