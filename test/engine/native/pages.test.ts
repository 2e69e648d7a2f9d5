import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { type LanguageHost, startLanguageHost } from "../language-host";
import { engine, engineEnv, ownImages, repository } from "../support";
import { type Release, serveRelease } from "./release";
import { execute, python, temporary, tools, withPython, withTools } from "./support";

// The pages for YAML and Python, from an empty folder: their files and their commands as printed, with what a release
// would serve. The program of the page for Go runs in programs.test.ts.

let emulator: Emulator;
let release: Release;
let host: LanguageHost;
beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 300 } });
  release = await serveRelease();
  host = await startLanguageHost();
});
afterAll(async () => {
  host.close();
  release.close();
  await emulator.close();
});

interface Page {
  readonly files: Readonly<Record<string, string>>;
  readonly commands: string;
}

/** The files and the commands below the heading of a page. */
function pageOf(name: string): Page {
  const text = readFileSync(path.join(repository, "docs", name), "utf8");
  const section = /## From an empty folder\n([\s\S]*?)\n## /.exec(text)![1]!;
  const files = [...section.matchAll(/^`([\w.]+)`.*:\n\n```\w+\n([\s\S]*?)```/gm)].map(([, file, body]) => [
    file,
    body,
  ]);
  return { files: Object.fromEntries(files), commands: /```sh\n([\s\S]*?)```/.exec(section)![1]! };
}

/** Types the commands of a page in a new folder. Only the id of the instance is another one. */
async function follow(name: string, env: Record<string, string> = {}): Promise<void> {
  const { files, commands } = pageOf(name);
  const place = temporary("page");
  const folder = path.join(place, "golden-image");
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  const environment = {
    ...process.env,
    ...engineEnv(place),
    HOME: place,
    PATH: [tools, path.dirname(engine), process.env.PATH].join(path.delimiter),
    PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^github://api.github.com/pulumi-alicloud-image/.*=${release.url}`,
    PULUMI_DEBUG_LANGUAGES: `python:${host.port}`,
    ALICLOUD_ACCESS_KEY: "emulator-key",
    ALICLOUD_SECRET_KEY: "emulator-secret",
    ...Object.fromEntries(["ECS", "OSS", "STS"].map((api) => [`ALIBABA_CLOUD_ENDPOINT_${api}`, emulator.endpoint])),
    ...env,
  };
  const run = (script: string) =>
    new Promise<void>((resolve, reject) =>
      execFile("bash", ["-euc", script], { cwd: folder, env: environment, maxBuffer: 1e8 }, (error, stdout, stderr) =>
        error ? reject(new Error(`${script}\n${stdout}${stderr}`)) : resolve(),
      ),
    );
  await run(commands.replaceAll("i-bp1g6zv0ce8oghu7abcd", seeds.instanceId));
  expect(ownImages(emulator)).toHaveLength(1);
  await run("pulumi destroy --yes --skip-preview");
  expect(ownImages(emulator)).toEqual([]);
}

/** Builds the SDK of a language as `npm run sdks` does, and returns what is published of it. */
async function builtSdk(language: string): Promise<string> {
  const args = ["scripts/sdks.mjs", "--out", temporary("sdk"), language];
  return (await execute(process.execPath, args, { cwd: repository })).trim().split(/\s+/)[1]!;
}

withTools("the page for", () => {
  test("YAML leads from an empty folder to an image", () => follow("yaml.md"));
});

withPython("the page for", () => {
  test("Python leads from an empty folder to an image", async () => {
    const links = path.dirname(await builtSdk("python"));
    expect(existsSync(python)).toBe(true);
    const cache = execFileSync(python, ["-m", "pip", "cache", "dir"], { encoding: "utf8" }).trim();
    await follow("python.md", { PIP_FIND_LINKS: links, PIP_CACHE_DIR: cache });
  }, 300_000);
});
