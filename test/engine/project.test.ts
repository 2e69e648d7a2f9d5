import { type Emulator, seeds, startEmulator } from "pulumi-alicloud-image/emulator";
import { type Clone, openClone, pulumiIn } from "./clone";
import { leadingTo } from "./support";

// `pulumi up` in the root of this repository, as somebody types it who has Pulumi: the program file is run by Pulumi's
// own
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

test("the golden image is made and destroyed by plain commands in the repository's root", async () => {
  const pulumi = pulumiIn(clone.folder, clone.place);
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
