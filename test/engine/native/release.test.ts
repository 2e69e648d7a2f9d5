import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { startLanguageHost } from "../language-host";
import { engine, engineEnv, repository } from "../support";
import { pageOf } from "./page";
import { builtSdk, type Release, serveRelease } from "./release";
import { execute, onRelease, registryTools, temporary, tools } from "./support";

// A new machine with nothing but Pulumi, Node.js and the tool of the language: npm run test:release.

const schema = path.join(repository, "provider/hosts/native/schema.json");
const IN_EMULATOR = "npx --yes -p pulumi-alicloud-image alicloud-image-emulator bash -eu";

/** Pulumi's own: what is built here is the engine alone. */
const isOnPath = (program: string): boolean =>
  [path.dirname(engine), ...(process.env.PATH ?? "").split(path.delimiter)].some((folder) =>
    existsSync(path.join(folder, program)),
  );

onRelease("with an empty home and what a release serves,", () => {
  let emulator: Emulator;
  let release: Release;
  beforeAll(async () => {
    emulator = await startEmulator({ durations: { createMs: 300 } });
    release = await serveRelease();
  });
  afterAll(async () => {
    release.close();
    await emulator.close();
  });

  /** The environment of a machine that has never run anything. */
  function newMachine(found: Record<string, string>): { readonly home: string; readonly env: NodeJS.ProcessEnv } {
    const home = temporary("home");
    const apis = ["ECS", "OSS", "STS"].map((api) => [`ALIBABA_CLOUD_ENDPOINT_${api}`, emulator.endpoint]);
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
      ...engineEnv(home),
      HOME: home,
      XDG_CACHE_HOME: path.join(home, "cache"),
      PATH: [tools, registryTools, path.dirname(engine), process.env.PATH].join(path.delimiter),
      PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^github://api.github.com/pulumi-alicloud-image/.*=${release.url}`,
      GOFLAGS: "-modcacherw", // so that the home can be removed
      ALICLOUD_ACCESS_KEY: "emulator-key",
      ALICLOUD_SECRET_KEY: "emulator-secret",
      ...Object.fromEntries(apis),
      ...found,
    };
    return { home, env };
  }

  /** What a shell prints that gets these commands: one of the machine, or the one that a command opens. */
  const typed = (script: string, { cwd, env, shell = "bash -eu" }: { cwd: string; env: object; shell?: string }) =>
    new Promise<string>((resolve, reject) => {
      const options = { cwd, env: env as NodeJS.ProcessEnv, maxBuffer: 1e8 };
      const child = execFile("bash", ["-euc", shell], options, (error, stdout, stderr) =>
        error ? reject(new Error(`${script}\n${stdout}${stderr}`)) : resolve(stdout),
      );
      child.stdin!.end(script);
    });

  test.each(["yaml", "python", "go", "java"] as const)(
    "the page for %s leads to an image",
    async (language) => {
      const { home, env } = newMachine(language === "yaml" ? {} : await release.publish(language));
      const folder = path.join(home, "golden-image");
      const { files, commands } = pageOf(`${language}.md`);
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), text);
      }
      const host = await startLanguageHost({ env, cwd: folder });
      try {
        const hosts = { ...env, PULUMI_DEBUG_LANGUAGES: `python:${host.port},go:${host.port}` };
        const script = `${commands.replaceAll("i-bp1g6zv0ce8oghu7abcd", seeds.instanceId)}\npulumi destroy --yes\n`;
        const served = release.served.length;
        const printed = await typed(script, { cwd: folder, env: hosts });
        expect(printed).toMatch(/imageId *: "m-emu\w+"/);
        expect(printed).toMatch(/status *: "Available"/);
        expect(release.served.slice(served)).toContainEqual(expect.stringMatching(/^pulumi-resource-.*\.tar\.gz$/));
      } finally {
        host.close();
      }
    },
    900_000,
  );

  const whereHostIs = isOnPath("pulumi-language-python") && isOnPath("pulumi-converter-yaml") ? test : test.skip;
  whereHostIs(
    "pulumi convert makes a program in Python of the page for YAML, which leads to an image",
    async () => {
      const { home, env } = newMachine(await release.publish("python"));
      const folder = path.join(home, "golden-image");
      mkdirSync(folder);
      const { files, commands } = pageOf("yaml.md");
      for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
      const [add, ...others] = commands.replaceAll("i-bp1g6zv0ce8oghu7abcd", seeds.instanceId).split("\n");
      const script = `${add}
pulumi convert --from yaml --language python --out ../python --generate-only
cd ../python
python3 -m venv venv
. venv/bin/activate
sed -i /alicloud-image/d requirements.txt
${[add, ...others].join("\n")}
pulumi destroy --yes
`;
      expect(await typed(script, { cwd: folder, env })).toMatch(/status *: "Available"/);
    },
    600_000,
  );

  test("pulumi package add takes the npm package, and installs no development dependency", async () => {
    const { home, env } = newMachine(await release.publish("npm"));
    const folder = path.join(home, "project");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: added\nruntime: yaml\n");
    const host = await startLanguageHost({ env, cwd: folder });
    try {
      const script = `npm install pulumi-alicloud-image
pulumi package add ./node_modules/pulumi-alicloud-image
pulumi stack init dev
pulumi config set alicloud-image:region cn-hangzhou
cat >> Pulumi.yaml <<'END'
resources:
  golden: { type: alicloud-image:index:CustomImage, properties: { instanceId: ${seeds.instanceId} } }
outputs: { status: "\${golden.status}" }
END
pulumi up --yes
`;
      const printed = await typed(script, {
        cwd: folder,
        env: { ...env, PULUMI_DEBUG_LANGUAGES: `nodejs:${host.port}` },
        shell: IN_EMULATOR,
      });
      expect(printed).toMatch(/status *: "Available"/);
      const installed = ["node_modules", "node_modules/pulumi-alicloud-image/node_modules"]
        .map((place) => path.join(folder, place))
        .flatMap((place) => (existsSync(place) ? readdirSync(place) : []));
      expect(installed).not.toContain("jest");
    } finally {
      host.close();
    }
  }, 600_000);

  test("the SDK for Java has the plugin's address where Pulumi's language host looks for it", async () => {
    const jar = await builtSdk("java");
    const found = await execute("unzip", ["-p", jar, "com/*/*/plugin.json"]);
    const { name, version, pluginDownloadURL } = JSON.parse(readFileSync(schema, "utf8")) as Record<string, string>;
    expect(JSON.parse(found)).toEqual({ resource: true, name, version, server: pluginDownloadURL });
  }, 300_000);

  test("the SDK for .NET is generated with its metadata and the logo", async () => {
    const out = temporary("dotnet");
    await execute(path.join(registryTools, "language-tools"), ["sdk", schema, "dotnet", out], {
      env: { ...process.env, LOGO: path.join(repository, "docs/logo.png") },
    });
    const project = readFileSync(path.join(out, "PulumiAlicloudImage.AlicloudImage.csproj"), "utf8");
    expect(project).toContain("<PackageLicenseExpression>Apache-2.0</PackageLicenseExpression>");
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["CustomImage.cs", "GoldenImage.cs", "GetImages.cs"]));
    expect(readFileSync(path.join(out, "logo.png"))).toEqual(readFileSync(path.join(repository, "docs/logo.png")));
  });

  test("the registry has a page for each resource, with an example in each language and an import", async () => {
    const out = temporary("registry");
    await execute(path.join(registryTools, "language-tools"), ["docs", schema, out]);
    const { resources } = JSON.parse(readFileSync(schema, "utf8")) as { resources: Record<string, object> };
    for (const token of Object.keys(resources)) {
      const page = readFileSync(path.join(out, token.split(":").at(-1)!.toLowerCase(), "_index.md"), "utf8");
      for (const language of ["javascript,typescript", "python", "go", "csharp", "java", "yaml"])
        expect(page).toContain(`<pulumi-choosable type="language" values="${language}">`);
      if (/CustomImage|ImportedImage|ImageCopy/.test(token)) expect(page).toContain(`pulumi import ${token}`);
    }
  });

  test("the examples are current conversions of the programs in YAML: npm run examples", async () => {
    await execute(process.execPath, ["scripts/examples.mjs", "--check"], { cwd: repository });
  });
});
