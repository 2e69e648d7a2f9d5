import * as pulumi from "@pulumi/pulumi";
import { CustomImage, getImage, getImageOutput, getImagesOutput } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { nightly } from "../support/sample";
import { leadingTo, openStack, type RigStack } from "./support";

// Look-ups run in the program, so only the engine shows when they run and what becomes of unknown and secret values.

let emulator: Emulator;
let program: () => Promise<Record<string, unknown>>;
let stack: RigStack;

beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 500 } });
  emulator.world.images.get(seeds.publicImageId)!.imageFamily = "acs:alibaba_3";
  stack = await openStack("lookups", async () => program(), { config: leadingTo(emulator) });
});
afterAll(() => emulator.close());

const lookedUp = () =>
  emulator.calls.filter(({ action, params }) => action === "DescribeImages" && params["ImageFamily"]);

test("a look-up runs at the preview and at the update, with the stack's configuration", async () => {
  program = async () => ({ base: (await getImage({ imageFamily: "acs:alibaba_3", owners: ["system"] })).imageId });
  expect((await stack.preview()).error).toBeUndefined();
  expect(lookedUp().length).toBeGreaterThan(0);
  expect((await stack.up()).error).toBeUndefined();
  expect(stack.state().outputs).toEqual({ base: seeds.publicImageId });
});

test("a look-up of a planned image is unknown at the preview and found at the update", async () => {
  program = async () => {
    const golden = new CustomImage("golden", { instanceId: seeds.instanceId, imageFamily: "web" });
    const component = new (class extends pulumi.ComponentResource {})("test:index:Component", "component");
    new CustomImage("inner", { instanceId: seeds.instanceId, imageFamily: "inner" }, { parent: component });
    return {
      made: golden.id,
      byArgument: getImageOutput({ imageFamily: golden.imageFamily as pulumi.Output<string> }).imageId,
      byOption: getImageOutput({ imageFamily: "web" }, { dependsOn: golden }).imageId,
      inComponent: getImageOutput({ imageFamily: "inner" }, { dependsOn: [component] }).imageFamily,
    };
  };
  emulator.calls.splice(0);
  expect((await stack.preview()).error).toBeUndefined();
  expect(lookedUp()).toEqual([]);
  expect((await stack.up()).error).toBeUndefined();
  const { made, ...outputs } = stack.state().outputs;
  expect(outputs).toEqual({ byArgument: made, byOption: made, inComponent: "inner" });
});

nightly("the result of a secret argument is a secret in the state", async () => {
  program = async () => ({
    ids: getImagesOutput({ imageFamily: pulumi.secret("acs:alibaba_3"), owners: ["system"] }).ids,
  });
  expect((await stack.up()).error).toBeUndefined();
  expect(stack.state().text).not.toContain(seeds.publicImageId);
});
