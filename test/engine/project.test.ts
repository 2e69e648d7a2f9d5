import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Emulator, seeds, startEmulator } from "pulumi-alicloud-image/emulator";
import { type Clone, openClone } from "./clone";
import { engine, engineEnv, leadingTo } from "./support";

// `pulumi up` in the root of this repository, as somebody types it who has Pulumi: the program file is run by Pulumi's own
// @pulumi/pulumi/cmd/run, with TypeScript compiled on the way.

let clone: Clone;
let emulator: Emulator;

beforeAll(async () => {
  clone = await openClone(["package.json", "Pulumi.yaml", "tsconfig.json", "examples"], { checksTypes: true });
  emulator = await startEmulator({ durations: { createMs: 1_000 } });
});
afterAll(async () => {
  clone.close();
  await emulator.close();
});

async function pulumi(...args: string[]): Promise<string> {
  const options = { cwd: clone.folder, env: { ...process.env, ...engineEnv(clone.place) } };
  const ended = await promisify(execFile)(engine, [...args, "--non-interactive"], options).catch((error) => {
    throw new Error(`pulumi ${args[0]}:\n${error.stdout}${error.stderr}`);
  });
  return ended.stdout;
}

test("the golden image is made and destroyed by plain commands in the repository's root", async () => {
  await pulumi("stack", "init", "dev");
  const config = { instanceId: seeds.instanceId, ...leadingTo(emulator) };
  for (const [key, given] of Object.entries(config)) {
    const { value, secret = false } = typeof given === "string" ? { value: given } : given;
    await pulumi("config", "set", key, value, secret ? "--secret" : "--plaintext");
  }

  await pulumi("up", "--yes", "--skip-preview", clone.client);
  const { imageId, status } = JSON.parse(await pulumi("stack", "output", "--json"));
  expect(status).toBe("Available");
  expect(emulator.world.images.get(imageId)).toBeDefined();

  expect(await pulumi("preview", "--expect-no-changes", clone.client)).toContain("2 unchanged");

  await pulumi("destroy", "--yes", "--skip-preview");
  expect(emulator.world.images.has(imageId)).toBe(false);
});
