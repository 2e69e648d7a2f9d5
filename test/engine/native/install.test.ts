import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { type LanguageHost, startLanguageHost } from "../language-host";
import { ownImages, repository } from "../support";
import { releaseFolder, serveRelease } from "./release";
import {
  configLeadingTo,
  execute,
  openProject,
  type Project,
  pluginFolder,
  temporary,
  tools,
  withTools,
} from "./support";

const committedSchema = path.join(repository, "provider/hosts/native/schema.json");

// Every way in which a program can come by the plugin (docs/yaml.md).

const { version } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8")) as { version: string };

withTools("the plugin", () => {
  let emulator: Emulator;
  let host: LanguageHost;
  beforeAll(async () => {
    emulator = await startEmulator({ durations: { createMs: 200 } });
    host = await startLanguageHost();
  });
  afterAll(async () => {
    host.close();
    await emulator.close();
  });

  const own = () => ownImages(emulator);
  const program = {
    name: "install",
    runtime: "yaml",
    resources: {
      golden: { type: "alicloud-image:index:CustomImage", properties: { instanceId: seeds.instanceId } },
    },
  };
  const open = (more: object = {}, env: Record<string, string> = {}): Promise<Project> =>
    openProject("install", {
      files: { "Pulumi.yaml": JSON.stringify({ ...program, ...more }) },
      config: configLeadingTo(emulator),
      env,
    });
  const worksIn = async (project: Project) => {
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(own()).toHaveLength(1);
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
  };

  test("installs from each archive of a release, and needs nothing but Node.js there", async () => {
    const folder = releaseFolder();
    const archives = readdirSync(folder).filter((file) => file.endsWith(".tar.gz"));
    expect(archives).toHaveLength(6);
    const sums = readFileSync(path.join(folder, `pulumi-resource-alicloud-image_${version}_SHA256SUMS`), "utf8");
    execFileSync("sha256sum", ["--check", "--strict", "--quiet"], { cwd: folder, input: sums });
    const project = await open();
    const file = path.join(folder, archives.find((name) => name.includes("linux-amd64"))!);
    await project.pulumi("plugin", "install", "resource", "alicloud-image", version, "--file", file);
    await worksIn(project);
  });

  nightly("installs from a server that has the files of a release", async () => {
    const server = await serveRelease();
    const project = await open();
    await project.pulumi("plugin", "install", "resource", "alicloud-image", version, "--server", server.url);
    await worksIn(project);
    server.close();
  });

  nightly("is added as a package from that server, and installed by itself on another machine", async () => {
    const server = await serveRelease();
    const project = await open({ resources: {} });
    await project.pulumi("package", "add", `alicloud-image@${version}`, "--server", server.url);
    const added = readFileSync(path.join(project.folder, "Pulumi.yaml"), "utf8");
    const { packages } = parse(added);
    const other = await open({ packages });
    // as a clone has it
    cpSync(path.join(project.folder, "sdks"), path.join(other.folder, "sdks"), { recursive: true });
    expect(server.served).toHaveLength(1);
    await worksIn(other);
    expect(server.served).toHaveLength(2);
    server.close();
  });

  nightly("is downloaded from the address in its schema, by a program that has its SDK", async () => {
    const server = await serveRelease();
    const { pluginDownloadURL } = JSON.parse(readFileSync(committedSchema, "utf8"));
    const project = await open(
      { resources: { golden: { ...program.resources.golden, options: { version, pluginDownloadURL } } } },
      { PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^${pluginDownloadURL}=${server.url}` },
    );
    await worksIn(project);
    expect(server.served).toHaveLength(1);
    server.close();
  });

  nightly("is found on PATH", async () => {
    const folder = pluginFolder();
    await worksIn(await open({}, { PATH: [folder, tools, process.env.PATH].join(path.delimiter) }));
  });

  nightly("runs on Bun where there is no Node.js", async () => {
    const script = `import { bunFromNpm } from "./scripts/node-from-npm.mjs"; console.log(bunFromNpm("1"))`;
    const bun = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: repository });
    const bin = temporary("bin");
    for (const program of ["/bin/sh", path.join(String(bun).trim().split("\n").at(-1)!, "bun")])
      symlinkSync(program, path.join(bin, path.basename(program)));
    await worksIn(await open({}, { PATH: [bin, pluginFolder(), tools].join(path.delimiter) }));
  });

  nightly("is added from the folder of the npm package, which has a PulumiPlugin.yaml", async () => {
    const folder = path.join(temporary("package"), "pulumi-alicloud-image");
    for (const part of ["package.json", "PulumiPlugin.yaml", "pulumi-resource-alicloud-image", "dist/plugin"])
      cpSync(path.join(repository, part), path.join(folder, part), { recursive: true });
    const link = path.join(folder, "node_modules/@pulumi/pulumi");
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(repository, "node_modules/@pulumi/pulumi"), link, "dir");
    const project = await open({ resources: {} }, { PULUMI_DEBUG_LANGUAGES: `nodejs:${host.port}` });
    await project.pulumi("package", "add", folder);
    const added = readFileSync(path.join(project.folder, "Pulumi.yaml"), "utf8");
    expect(added).toContain(folder);
    const packages = { packages: { "alicloud-image": folder } };
    project.write({ "Pulumi.yaml": JSON.stringify({ ...program, ...packages }) });
    await worksIn(project);

    // Where the executable cannot be started, the language host runs the same plugin.
    rmSync(path.join(folder, "pulumi-resource-alicloud-image"));
    await worksIn(project);
  });

  test("has a schema that Pulumi's own checker accepts, without a warning", async () => {
    await execute(path.join(tools, "language-tools"), ["check", committedSchema]);
  });

  test("its executable gives the schema that is committed", async () => {
    const project = await open();
    const printed = await project.pulumi(
      "package",
      "get-schema",
      path.join(pluginFolder(), "pulumi-resource-alicloud-image"),
    );
    expect(JSON.parse(printed)).toEqual(JSON.parse(readFileSync(committedSchema, "utf8")));
  });
});
