import * as pulumi from "@pulumi/pulumi";
import { CustomImage } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { leadingTo, openStack, type RigStack } from "./support";

/** Only the engine shows what it encrypts of the answers of a dynamic provider. */
let emulator: Emulator;
let stack: RigStack;
const want = { imageName: "name-q7x", triggers: ["1"], keepVersions: 1 };

beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 300 } });
  const program = async () => {
    const { imageName, ...args } = want;
    new CustomImage("web", { ...args, instanceId: seeds.instanceId, imageName: pulumi.secret(imageName) });
  };
  stack = await openStack("secrets", program, { config: leadingTo(emulator) });
});
afterAll(() => emulator.close());

test("a secret name is encrypted wherever the state has it, in kept versions too, and printed nowhere", async () => {
  const runs = [await stack.up()];
  want.triggers = ["2"];
  runs.push(await stack.up());
  await stack.refresh();
  const [image] = stack.state().resources;
  expect([...emulator.world.images.values()].filter(({ imageName }) => imageName.startsWith("name-q7x"))).toHaveLength(
    2,
  );
  expect(Object.keys(image!.outputs)).toContain("previousVersions");
  expect(JSON.stringify(stack.state())).not.toContain("name-q7x");
  want.imageName = "-wrong-q9x";
  runs.push(await stack.up());
  expect(runs.map(({ error }) => error === undefined)).toEqual([true, true, false]);
  expect(JSON.stringify(runs.map(({ messages }) => messages))).not.toMatch(/name-q7x|wrong-q9x/);
});
