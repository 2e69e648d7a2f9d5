import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { nightly } from "../../support/sample";
import { startLanguageHost } from "../language-host";
import { engine, engineEnv, ownImages } from "../support";
import { pageOf } from "./page";
import { type Release, serveRelease } from "./release";
import { python, temporary, tools, withPython, withTools } from "./support";

// The pages for YAML and Python, from an empty folder: their files and their commands as printed, with what a release
// would serve. The program of the page for Go runs in programs.test.ts.

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

/** Types the commands of a page in a new folder. Only the id of the instance is another one. */
async function follow(name: string, env: Record<string, string> = {}): Promise<void> {
  const { files, commands } = pageOf(name);
  const place = temporary("page");
  const folder = path.join(place, "golden-image");
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  const surroundings = {
    ...process.env,
    ...engineEnv(place),
    HOME: place,
    PATH: [tools, path.dirname(engine), process.env.PATH].join(path.delimiter),
    PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^github://api.github.com/pulumi-alicloud-image/.*=${release.url}`,
    ALICLOUD_ACCESS_KEY: "emulator-key",
    ALICLOUD_SECRET_KEY: "emulator-secret",
    ...Object.fromEntries(["ECS", "OSS", "STS"].map((api) => [`ALIBABA_CLOUD_ENDPOINT_${api}`, emulator.endpoint])),
    ...env,
  };
  const host = await startLanguageHost({ env: surroundings }); // an engine starts its own in the same surroundings
  const environment = { ...surroundings, PULUMI_DEBUG_LANGUAGES: `python:${host.port},go:${host.port}` };
  const run = (script: string) =>
    new Promise<void>((resolve, reject) =>
      execFile("bash", ["-euc", script], { cwd: folder, env: environment, maxBuffer: 1e8 }, (error, stdout, stderr) =>
        error ? reject(new Error(`${script}\n${stdout}${stderr}`)) : resolve(),
      ),
    );
  try {
    await run(commands.replaceAll("i-bp1g6zv0ce8oghu7abcd", seeds.instanceId));
    expect(ownImages(emulator)).toHaveLength(1);
    await run("pulumi destroy --yes --skip-preview");
    expect(ownImages(emulator)).toEqual([]);
  } finally {
    host.close();
  }
}

/** The caches of a tool, so that a run downloads and compiles only what is ours. */
const goSetting = (name: string) => execFileSync("go", ["env", name], { encoding: "utf8" }).trim();

withTools("the page for", () => {
  test("YAML leads from an empty folder to an image", () => follow("yaml.md"));

  nightly(
    "Go leads from an empty folder to an image",
    async () => {
      const { GOPROXY = "", ...found } = await release.publish("go");
      const [ours, ...others] = GOPROXY.split(",");
      await follow("go.md", {
        ...found,
        GOPROXY: [ours, `file://${goSetting("GOMODCACHE")}/cache/download`, ...others].join(),
        GOCACHE: goSetting("GOCACHE"),
        GOFLAGS: "-modcacherw -trimpath", // what is compiled does not depend on the folder of the modules
      });
    },
    900_000,
  ); // the first time, Go compiles Pulumi's SDK
});

withPython("the page for", () => {
  nightly(
    "Python leads from an empty folder to an image",
    async () => {
      const cache = execFileSync(python, ["-m", "pip", "cache", "dir"], { encoding: "utf8" }).trim();
      await follow("python.md", { ...(await release.publish("python")), PIP_CACHE_DIR: cache });
    },
    300_000,
  );
});
