import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { startLanguageHost } from "../language-host";
import { ownImages, repository } from "../support";
import {
  configLeadingTo,
  execute,
  openProject,
  type Project,
  pluginFolder,
  python,
  temporary,
  withPython,
  withTools,
} from "./support";

// The programs of docs/go.md and docs/python.md, and one in TypeScript, with the SDKs as a release has them.

/** Builds the SDK of a language as `npm run sdks` does, and returns what is published of it. */
async function builtSdk(language: string): Promise<string> {
  const out = temporary("sdk");
  const printed = await execute(process.execPath, ["scripts/sdks.mjs", "--out", out, language], { cwd: repository });
  return printed.trim().split(/\s+/)[1]!;
}

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 300, copyMs: 300 } });
});
afterAll(() => emulator.close());

const own = () => ownImages(emulator);

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

async function exampleProject(name: string, files: readonly string[]): Promise<Project> {
  const plugins = `plugins:\n  providers:\n    - name: alicloud-image\n      path: ${pluginFolder()}\n`;
  return openProject(`golden-image-${name}`, {
    files: {
      ...Object.fromEntries(files.map((file) => [file, read(`examples/${name}/${file}`)])),
      "Pulumi.yaml": read(`examples/${name}/Pulumi.yaml`) + plugins,
    },
    config: { ...configLeadingTo(emulator), instanceId: seeds.instanceId },
  });
}

/** The component in the place of the image; a part of its source is an output. */
const GOLDEN_IMAGE = `web, err := alicloudimage.NewGoldenImage(ctx, "web", &alicloudimage.GoldenImageArgs{
			Source: alicloudimage.GoldenImageSourceArgs{
				InstanceId: pulumi.String(config.Require(ctx, "instanceId")).ToStringOutput(),
			},
			Regions: []string{"cn-beijing"},
		})
		if err != nil {
			return err
		}
		ctx.Export("imageIds", web.ImageIds)
`;

withTools("a Go program", () => {
  nightly(
    "makes the image, shows no change the next time, and removes it",
    async () => {
      const project = await exampleProject("go", ["main.go", "go.mod"]);
      cpSync(await builtSdk("go"), path.join(project.folder, "sdks/alicloud-image"), { recursive: true });
      const host = await startLanguageHost();
      try {
        const client = `--client=${host.address}`;
        await project.pulumi("up", "--yes", "--skip-preview", client);
        const [image] = own();
        expect(image).toMatchObject({ imageFamily: "golden", description: "Web server" });
        expect(JSON.parse(await project.pulumi("stack", "output", "--json"))).toEqual({
          imageId: image!.imageId,
          status: "Available",
        });
        await project.pulumi("preview", "--expect-no-changes", client);

        project.write({
          "main.go": read("examples/go/main.go").replace(/golden, err :=[\s\S]*status.*\n/, GOLDEN_IMAGE),
        });
        await project.pulumi("up", "--yes", "--skip-preview", client);
        const ids = Object.fromEntries(own().map(({ regionId, imageId }) => [regionId, imageId]));
        expect(Object.keys(ids)).toEqual(["cn-hangzhou", "cn-beijing"]);
        expect(JSON.parse(await project.pulumi("stack", "output", "--json"))).toEqual({ imageIds: ids });
        await project.pulumi("destroy", "--yes", "--skip-preview");
        expect(own()).toEqual([]);
      } finally {
        host.close();
      }
    },
    900_000,
  ); // the first time, Go compiles Pulumi's SDK
});

const TYPESCRIPT = `import * as pulumi from "@pulumi/pulumi";
import * as alicloud from "@pulumi-alicloud-image/alicloud-image";
const instanceId = new pulumi.Config().require("instanceId");
const golden = new alicloud.CustomImage("golden", {
  instanceId, imageFamily: "golden", bootMode: alicloud.CustomImageBootMode.UEFI,
});
export const { imageId, status } = golden;
`;

withTools("a TypeScript program with the generated SDK", () => {
  test("makes the image, shows no change the next time, and removes it", async () => {
    const plugins = { providers: [{ name: "alicloud-image", path: pluginFolder() }] };
    const program = JSON.stringify({ name: "golden-image-nodejs", runtime: "nodejs", plugins });
    const project = await openProject("golden-image-nodejs", {
      files: { "index.ts": TYPESCRIPT, "package.json": `{ "main": "index.ts" }`, "Pulumi.yaml": program },
      config: { ...configLeadingTo(emulator), instanceId: seeds.instanceId },
    });
    const modules = path.join(project.folder, "node_modules");
    cpSync(await builtSdk("nodejs"), path.join(modules, "@pulumi-alicloud-image/alicloud-image"), { recursive: true });
    for (const name of ["@pulumi/pulumi", "typescript", "ts-node", "@types/node"]) {
      mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
      symlinkSync(path.join(repository, "node_modules", name), path.join(modules, name), "dir");
    }
    const host = await startLanguageHost();
    try {
      await project.pulumi("up", "--yes", "--skip-preview", host.client);
      expect(own()).toMatchObject([{ imageFamily: "golden", bootMode: "UEFI" }]);
      await project.pulumi("preview", "--expect-no-changes", host.client);
      await project.pulumi("destroy", "--yes", "--skip-preview");
      expect(own()).toEqual([]);
    } finally {
      host.close();
    }
  });
});

const PYTHON_GOLDEN_IMAGE = `web = alicloud_image.GoldenImage(
    "web", source={"instance_id": config.require("instanceId")}, regions=["cn-beijing"]
)
pulumi.export("imageIds", web.image_ids)
`;

withPython("a Python program", () => {
  nightly("makes the image, shows no change the next time, and removes it", async () => {
    const project = await exampleProject("python", ["__main__.py"]);
    const wheel = await builtSdk("python");
    const site = path.join(temporary("python"), "site");
    await execute(python, ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", site, wheel]);
    cpSync(path.join(repository, "test/engine/native/inline.py"), path.join(project.folder, "inline.py"));
    const inline = (operation: string) =>
      execute(python, ["inline.py", operation], {
        cwd: project.folder,
        env: { ...project.env, PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: "1" },
      });

    await inline("up");
    const [image] = own();
    expect(image).toMatchObject({ imageFamily: "golden", description: "Web server" });
    await inline("unchanged");

    project.write({
      "__main__.py": read("examples/python/__main__.py").replace(/golden = [\s\S]*/, PYTHON_GOLDEN_IMAGE),
    });
    await inline("up");
    const ids = Object.fromEntries(own().map(({ regionId, imageId }) => [regionId, imageId]));
    expect(Object.keys(ids)).toEqual(["cn-hangzhou", "cn-beijing"]);
    expect(JSON.parse(await project.pulumi("stack", "output", "--json"))).toEqual({ imageIds: ids });
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
  });
});
