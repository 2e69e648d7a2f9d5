import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Emulator, seeds, startEmulator } from "pulumi-alicloud-image/emulator";
import { type LanguageHost, startLanguageHost } from "./language-host";
import { engine, engineEnv, leadingTo, repository } from "./support";

// `pulumi up` in the root of this repository, as somebody types it who has Pulumi: the program file is run by Pulumi's own
// @pulumi/pulumi/cmd/run, with TypeScript compiled on the way.

const place = mkdtempSync(path.join(tmpdir(), "clone-"));
const clone = path.join(place, "clone");
let emulator: Emulator;
let languageHost: LanguageHost;

beforeAll(async () => {
  for (const part of ["package.json", "Pulumi.yaml", "tsconfig.json", "examples"])
    cpSync(path.join(repository, part), path.join(clone, part), { recursive: true });
  for (const part of ["dist", "node_modules"]) symlinkSync(path.join(repository, part), path.join(clone, part), "dir");
  emulator = await startEmulator({ durations: { createMs: 1_000 } });
  languageHost = await startLanguageHost({ checksTypes: true });
});
afterAll(async () => {
  languageHost.close();
  await emulator.close();
  rmSync(place, { recursive: true, force: true });
});

async function pulumi(...args: string[]): Promise<string> {
  const options = { cwd: clone, env: { ...process.env, ...engineEnv(place) } };
  const ended = await promisify(execFile)(engine, [...args, "--non-interactive"], options).catch((error) => {
    throw new Error(`pulumi ${args[0]}:\n${error.stdout}${error.stderr}`);
  });
  return ended.stdout;
}

test("the golden image is made and destroyed by plain commands in the repository's root", async () => {
  await pulumi("stack", "init", "dev");
  const config = Object.entries({ instanceId: seeds.instanceId, ...leadingTo(emulator) }).flatMap(([key, setting]) => {
    const { value, secret = false } = typeof setting === "string" ? { value: setting } : setting;
    return [secret ? "--secret" : "--plaintext", `${key}=${value}`];
  });
  await pulumi("config", "set-all", ...config);

  await pulumi("up", "--yes", "--skip-preview", languageHost.client);
  const { imageId, status } = JSON.parse(await pulumi("stack", "output", "--json"));
  expect(status).toBe("Available");
  expect(emulator.world.images.get(imageId)).toBeDefined();

  expect(await pulumi("preview", "--expect-no-changes", languageHost.client)).toContain("2 unchanged");

  await pulumi("destroy", "--yes", "--skip-preview");
  expect(emulator.world.images.has(imageId)).toBe(false);
});
