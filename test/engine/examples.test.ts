import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "pulumi-alicloud-image/emulator";
import { nightly } from "../support/sample";
import { type Clone, openClone, pulumiIn } from "./clone";
import { leadingTo, ownImages } from "./support";

// Programs in files, run by Pulumi's own @pulumi/pulumi/cmd/run: the examples of what spans regions or takes over, and
// how a look-up fails.

let clone: Clone;
let emulator: Emulator;

beforeAll(async () => {
  clone = await openClone(["package.json", "tsconfig.json", "examples"]);
  emulator = await startEmulator({ durations: { createMs: 500, copyMs: 500 } });
});
afterAll(async () => {
  clone.close();
  await emulator.close();
});

/** A stack of the example, configured. Gives a function that runs pulumi in it. */
async function open(example: string, config: Record<string, string>) {
  const pulumi = pulumiIn(path.join(clone.folder, "examples", example), path.join(clone.place, example));
  await pulumi("stack", "init", "dev");
  const values = Object.entries({ ...leadingTo(emulator), ...config }).flatMap(([key, given]) => {
    const { value, secret = false } = typeof given === "string" ? { value: given } : given;
    return [secret ? "--secret" : "--plaintext", `${key}=${value}`];
  });
  await pulumi("config", "set-all", "--path", ...values);
  return {
    up: () => pulumi("up", "--yes", "--skip-preview", clone.client),
    preview: (...args: string[]) => pulumi("preview", ...args, clone.client),
    destroy: () => pulumi("destroy", "--yes", "--skip-preview"),
    outputs: async () => JSON.parse(await pulumi("stack", "output", "--json")) as Record<string, unknown>,
    set: (key: string, value: string) => pulumi("config", "set", key, value),
  };
}

nightly("golden-everywhere: one image in two regions is shared, rebuilt, kept as a version and destroyed", async () => {
  const before = JSON.stringify(ownImages(emulator).map(({ imageId }) => imageId));
  const stack = await open("golden-everywhere", {
    instanceId: seeds.instanceId,
    "regions[0]": "ap-southeast-1",
    "accounts[0]": "1111111111111111",
  });
  await stack.up();
  const first = (await stack.outputs()) as { imageId: string; imageIds: Record<string, string> };
  expect(Object.keys(first.imageIds).sort()).toEqual(["ap-southeast-1", "cn-hangzhou"]);
  for (const [regionId, id] of Object.entries(first.imageIds))
    expect(emulator.world.images.get(id)).toMatchObject({
      regionId,
      imageFamily: "web-server",
      sharedWith: ["1111111111111111"],
    });
  expect(await stack.preview("--expect-no-changes")).toContain("unchanged");

  await stack.set("build", "second");
  await stack.up();
  const second = (await stack.outputs()) as typeof first;
  for (const [regionId, id] of Object.entries(second.imageIds)) {
    expect(id).not.toBe(first.imageIds[regionId]);
    expect(emulator.world.images.get(first.imageIds[regionId]!)).toMatchObject({ deprecated: true });
  }
  await stack.destroy();
  expect(JSON.stringify(ownImages(emulator).map(({ imageId }) => imageId))).toBe(before);
});

nightly("existing-image: the image is adopted as it is, and stays when the stack is destroyed", async () => {
  const base = emulator.world.images.get(seeds.publicImageId)!;
  const image = { ...base, imageId: "m-existing", imageName: "existing", owner: "self" as const, isPublic: false };
  image.ownerId = emulator.world.account.accountId;
  image.diskMappings = base.diskMappings.map((disk) => ({ ...disk, snapshotId: seeds.systemSnapshotId }));
  emulator.world.images.set(image.imageId, image);
  const config = { imageId: image.imageId, imageName: "existing", snapshotId: seeds.systemSnapshotId };
  const stack = await open("existing-image", config);
  const made = () => emulator.calls.filter(({ action }) => action === "CreateImage").length;
  const before = made();
  await stack.up();
  expect(await stack.outputs()).toEqual({ imageId: "m-existing", status: "Available" });
  expect(made()).toBe(before);
  await stack.destroy();
  expect(emulator.world.images.get("m-existing")).toMatchObject({ imageName: "existing" });
});

test("a look-up that finds nothing fails with one sentence: no stack, and no value of a secret argument", async () => {
  mkdirSync(path.join(clone.folder, "examples/none"));
  const write = (name: string, text: string) => writeFileSync(path.join(clone.folder, "examples/none", name), text);
  write("Pulumi.yaml", "name: none\nruntime: nodejs\nmain: index.js\n");
  write(
    "index.js",
    `const pulumi = require("@pulumi/pulumi");
const { getImageOutput } = require("pulumi-alicloud-image");
exports.id = getImageOutput({ imageFamily: pulumi.secret("hidden-family") }).imageId;`,
  );
  const stack = await open("none", {});
  const text = await stack.preview().then(
    (stdout) => `found: ${stdout}`,
    (error: Error) => error.message,
  );
  expect(text).toMatch(/error: getImage: no image in cn-hangzhou matches imageFamily \(secret\)/);
  expect(text).not.toMatch(/^\s+at /m);
  expect(text).not.toContain("hidden-family");
});
