import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { startLanguageHost } from "../language-host";
import { repository } from "../support";
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
  writeSdk,
} from "./support";

// The programs of docs/go.md and docs/python.md, with the SDKs that are generated from the schema.

let emulator: Emulator;
let plugin: string;
beforeAll(async () => {
  plugin = pluginFolder();
  emulator = await startEmulator({ durations: { createMs: 300 } });
});
afterAll(() => emulator.close());

const own = () => [...emulator.world.images.values()].filter(({ owner }) => owner === "self");

async function exampleProject(name: string, files: readonly string[]): Promise<Project> {
  const example = path.join(repository, "examples", name);
  const read = (file: string) => readFileSync(path.join(example, file), "utf8");
  const plugins = `plugins:\n  providers:\n    - name: alicloud-image\n      path: ${plugin}\n`;
  return openProject(`golden-image-${name}`, {
    files: {
      ...Object.fromEntries(files.map((file) => [file, read(file)])),
      "Pulumi.yaml": read("Pulumi.yaml") + plugins,
    },
    config: { ...configLeadingTo(emulator), instanceId: seeds.instanceId },
  });
}

withTools("a Go program", () => {
  test("makes the image, shows no change the next time, and removes it", async () => {
    const project = await exampleProject("go", ["main.go", "go.mod"]);
    await writeSdk("go", path.join(project.folder, "sdks/alicloud-image"));
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
      await project.pulumi("destroy", "--yes", "--skip-preview");
      expect(own()).toEqual([]);
    } finally {
      host.close();
    }
  }, 400_000); // the first time, Go compiles Pulumi's SDK
});

withPython("a Python program", () => {
  test("makes the image, shows no change the next time, and removes it", async () => {
    const project = await exampleProject("python", ["__main__.py"]);
    const sdk = path.join(project.folder, "sdks/alicloud-image");
    await writeSdk("python", sdk);
    const site = path.join(temporary("python"), "site");
    await execute(python, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-index",
      "--no-deps",
      "--no-build-isolation",
      "--target",
      site,
      sdk,
    ]);
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
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
  });
});
