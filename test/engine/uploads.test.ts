import * as pulumi from "@pulumi/pulumi";
import { ImportedImage } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { leadingTo, openStack, ownImages, type RigStack } from "./support";

// A program that uploads the file that it imports (docs/guides/import-a-file.md).

let emulator: Emulator;
let stack: RigStack;
let content: string | undefined;
beforeAll(async () => {
  emulator = await startEmulator({ durations: { importMs: 500 } });
  const { objects } = emulator.world.buckets.get(seeds.imageBucket)!;
  const file = objects.get(seeds.imageObject)!;
  objects.delete(seeds.imageObject);
  /** What a resource does that uploads a file: nothing in a preview, and its outputs come once the file is there. */
  const upload = async (): Promise<string> => {
    if (!pulumi.runtime.isDryRun() && content !== undefined) objects.set(seeds.imageObject, { ...file, eTag: content });
    return seeds.imageObject;
  };
  const program = async () => {
    const diskDeviceMappings = [{ ossBucket: seeds.imageBucket, ossObject: pulumi.output(upload()) }];
    new ImportedImage("golden", { diskDeviceMappings, trackSource: true });
  };
  stack = await openStack("uploads", program, { config: leadingTo(emulator) });
});
afterAll(() => emulator.close());

const imageIds = () => ownImages(emulator).map(({ imageId }) => imageId);
const replaced = ["create-replacement", "replace", "delete-replaced"].map((op) => [op, "golden"]);

test("a file that the same up uploads is imported; a changed one replaces the image", async () => {
  content = "1".repeat(32);
  expect((await stack.preview()).steps).toEqual([["create", "golden"]]);
  expect((await stack.up()).error).toBeUndefined();
  const first = imageIds();

  content = "2".repeat(32);
  expect((await stack.preview()).steps).toEqual([["same", "golden"]]);
  const { error, steps } = await stack.up();
  expect(error).toBeUndefined();
  expect(steps).toEqual(replaced);
  expect(imageIds()).not.toEqual(first);
  expect((await stack.up()).steps).toEqual([["same", "golden"]]);
});
