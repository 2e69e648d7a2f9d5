import * as pulumi from "@pulumi/pulumi";
import { CustomImage, GoldenImage, type GoldenImageArgs, ImageCopy, ImageSharePermission } from "../../provider";

// What a golden image consists of, seen through Pulumi's mocks.

const made: pulumi.runtime.MockResourceArgs[] = [];
const kindOf = (type: string) => type.split(":").at(-1);
const ofKind = (kind: string) => made.filter(({ type }) => kindOf(type) === kind);

beforeEach(() => void made.splice(0));
beforeAll(async () => {
  pulumi.runtime.setAllConfig({ "alicloud:region": "cn-hangzhou" });
  await pulumi.runtime.setMocks({
    newResource(resource) {
      made.push(resource);
      return { id: `${kindOf(resource.type)}-${resource.name}`, state: resource.inputs };
    },
    call: ({ inputs }) => inputs,
  });
});
afterAll(() => pulumi.runtime.setAllConfig({}));

const resolved = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => void output.apply(resolve));
const urnOf = (resource: pulumi.Resource) => resolved(resource.urn);

const everywhere: GoldenImageArgs = {
  source: { instanceId: "i-1" },
  regions: ["cn-beijing", "cn-hangzhou", "cn-beijing", "ap-southeast-1"],
  shareWith: ["1111111111111111", "2222222222222222"],
  keepVersions: 3,
  imageFamily: "web",
  tags: { team: "platform" },
  licenseType: "BYOL",
  triggers: ["2026-01"],
};

test("it consists of an image, a copy for each other region, and a permission for each", async () => {
  const golden = new GoldenImage("web", everywhere);
  expect(await resolved(golden.imageIds)).toEqual({
    "cn-hangzhou": "CustomImage-web",
    "cn-beijing": "ImageCopy-web-cn-beijing",
    "ap-southeast-1": "ImageCopy-web-ap-southeast-1",
  });
  expect(await resolved(golden.imageId)).toBe("CustomImage-web");
  await Promise.all(golden.shares.map(urnOf));
  const common = { imageFamily: "web", tags: { team: "platform" }, keepVersions: 3 };
  expect(ofKind("CustomImage").map(({ inputs }) => inputs)).toMatchObject([
    { ...common, instanceId: "i-1", licenseType: "BYOL", triggers: ["2026-01"] },
  ]);
  expect(ofKind("ImageCopy").map(({ inputs }) => inputs)).toMatchObject([
    { ...common, sourceImageId: "CustomImage-web", sourceRegionId: "cn-hangzhou", regionId: "cn-beijing" },
    { ...common, sourceImageId: "CustomImage-web", sourceRegionId: "cn-hangzhou", regionId: "ap-southeast-1" },
  ]);
  const accountIds = everywhere.shareWith;
  expect(ofKind("ImageSharePermission").map(({ name, inputs }) => [name, inputs])).toMatchObject([
    ["web", { imageId: "CustomImage-web", accountIds }],
    ["web-cn-beijing", { imageId: "ImageCopy-web-cn-beijing", regionId: "cn-beijing", accountIds }],
    ["web-ap-southeast-1", { imageId: "ImageCopy-web-ap-southeast-1", regionId: "ap-southeast-1", accountIds }],
  ]);
});

test.each([
  ["an instance", { instanceId: "i-1" }, "CustomImage", { instanceId: "i-1" }],
  ["a snapshot", { snapshotId: "s-1" }, "CustomImage", { snapshotId: "s-1" }],
  [
    "disks",
    { diskDeviceMappings: [{ snapshotId: "s-1" }] },
    "CustomImage",
    { diskDeviceMappings: [{ snapshotId: "s-1" }] },
  ],
  [
    "files",
    { files: [{ ossBucket: "images", ossObject: "base.raw" }], osType: "linux" as const },
    "ImportedImage",
    { diskDeviceMappings: [{ ossBucket: "images", ossObject: "base.raw" }], osType: "linux" },
  ],
])("made from %s alone it has one child", async (_what, source, kind, inputs) => {
  const golden = new GoldenImage("web", { source });
  expect(await urnOf(golden.image)).toMatch(
    new RegExp(`::alicloud-image:index:GoldenImage\\$pulumi-nodejs:dynamic/alicloud-image:${kind}::web$`),
  );
  expect(made.map(({ type }) => kindOf(type)).sort()).toEqual([kind, "GoldenImage"].sort());
  expect(ofKind(kind)[0]!.inputs).toMatchObject(inputs);
  expect([golden.copies, golden.shares]).toEqual([[], []]);
});

test("its timeouts apply to each of its resources", async () => {
  const golden = new GoldenImage("web", everywhere, { customTimeouts: { create: "5h" } });
  await Promise.all([golden.image, ...golden.copies, ...golden.shares].map(urnOf));
  const children = made.filter(({ custom }) => custom);
  expect(children).toHaveLength(6);
  for (const { inputs } of children) expect(inputs["__timeouts"]).toEqual({ create: "5h" });
});

test.each([
  ["none", {}],
  ["two", { instanceId: "i-1", snapshotId: "s-1" }],
  ["an output", pulumi.output({ instanceId: "i-1" })],
])("%s as source is refused in one sentence that names the four", (_what, source) => {
  expect(() => new GoldenImage("web", { source: source as never })).toThrow(
    /^GoldenImage "web": source must be .* instanceId, snapshotId, diskDeviceMappings, files/,
  );
});

test.each([
  [
    "a region from a variable that is not set",
    { regions: ["cn-beijing", undefined] },
    /regions\[1\] must be the id of a region/,
  ],
  ["one region for the list", { regions: "cn-beijing" }, /regions must be a list/],
  ["a region that is an output", { regions: [pulumi.output("cn-beijing")] }, /regions must be known at a preview/],
  ["regions that are an output", { regions: pulumi.output(["cn-beijing"]) }, /regions must be known at a preview/],
  ["regions that are a promise", { regions: Promise.resolve(["cn-beijing"]) }, /regions must be known at a preview/],
  ["a source that is an output", { source: pulumi.output({ instanceId: "i-1" }) }, /exactly one of instanceId/],
  ["a source without a key", { source: {} }, /exactly one of instanceId.*; it has none of them/],
  ["two sources", { source: { instanceId: "i-1", snapshotId: "s-1" } }, /not instanceId and snapshotId/],
  ["an argument that does not exist", { region: ["cn-beijing"] }, /there is no argument region/],
  ["an account that is no text", { shareWith: [1111111111111111] }, /shareWith\[0\] must be a string/],
  ["a key of the source that does not exist", { source: { instance: "i-1" } }, /there is no key instance/],
])("refuses %s, before anything is made", (_what, args, says) => {
  const given = { source: { instanceId: "i-1" }, ...args } as unknown as GoldenImageArgs;
  expect(() => new GoldenImage("wrong", given)).toThrow(says);
  expect(made.filter(({ name, custom }) => custom && name.startsWith("wrong"))).toEqual([]);
});

test("names everything that is wrong at once", () => {
  const given = { source: {}, regions: [undefined], keepVersions: -1 } as unknown as GoldenImageArgs;
  expect(() => new GoldenImage("wrong", given)).toThrow(/regions\[0\].*keepVersions.*exactly one of/s);
});

test("treats a null key of the source as left out, and accepts outputs everywhere but in regions", async () => {
  const source = { instanceId: pulumi.output("i-1"), snapshotId: null } as unknown as GoldenImageArgs["source"];
  const golden = new GoldenImage("outputs", { source, shareWith: pulumi.output(["1111111111111111"]) });
  expect(await resolved(golden.imageId)).toBe("CustomImage-outputs");
});

test("a test, regional keys, and arguments of the home image reach their resources", async () => {
  const vSwitchId = pulumi.output("vsw-home");
  const golden = new GoldenImage("web", {
    source: { instanceId: "i-1" },
    regions: ["cn-beijing", "ap-southeast-1"],
    encrypted: true,
    kmsKeyIds: { "cn-beijing": "key-beijing" },
    detectionStrategy: "Standard",
    imageVersion: "1.2",
    test: { command: "true", vSwitchId, securityGroupId: "sg-home", instanceType: "ecs.g7.large" },
    copyTests: { "cn-beijing": { vSwitchId: "vsw-beijing", securityGroupId: "sg-beijing" } },
  });
  await Promise.all([golden.image, ...golden.copies].map(urnOf));
  const [image] = ofKind("CustomImage").map(({ inputs }) => inputs);
  expect(image).toMatchObject({
    ...{ detectionStrategy: "Standard", imageVersion: "1.2" },
    test: { command: "true", vSwitchId: "vsw-home", securityGroupId: "sg-home", instanceType: "ecs.g7.large" },
  });
  expect(image).not.toHaveProperty("encrypted");
  const copies = ofKind("ImageCopy").map(({ inputs }) => inputs);
  const [beijing, singapore] = ["cn-beijing", "ap-southeast-1"].map((id) => copies.find((one) => one.regionId === id)!);
  const ofBeijing = { command: "true", vSwitchId: "vsw-beijing", securityGroupId: "sg-beijing" };
  expect(beijing).toMatchObject({ encrypted: true, kmsKeyId: "key-beijing" });
  expect(beijing!.test).toEqual(ofBeijing);
  expect(singapore).toMatchObject({ encrypted: true });
  for (const name of ["test", "kmsKeyId", "detectionStrategy", "imageVersion"])
    expect(singapore).not.toHaveProperty(name);
});

test("settings of a region without a copy, and a copy's test without a command, are refused", () => {
  const wrong = () =>
    new GoldenImage("web", {
      source: { instanceId: "i-1" },
      regions: ["cn-beijing"],
      kmsKeyIds: { "eu-central-1": "key" },
      copyTests: { "cn-beijing": { vSwitchId: "vsw", securityGroupId: "sg" } },
    });
  expect(wrong).toThrow(/kmsKeyIds names eu-central-1.*copyTests needs test/);
});

test("each class has the type that it registers, which policies compare", async () => {
  const golden = new GoldenImage("typed", { ...everywhere, regions: ["cn-beijing"] });
  await Promise.all(golden.shares.map(urnOf));
  const typeOf = (name: string, kind: string) =>
    made.find((one) => one.name === name && kindOf(one.type) === kind)!.type;
  expect(CustomImage.__pulumiType).toBe(typeOf("typed", "CustomImage"));
  expect(ImageCopy.__pulumiType).toBe(typeOf("typed-cn-beijing", "ImageCopy"));
  expect(ImageSharePermission.__pulumiType).toBe(typeOf("typed", "ImageSharePermission"));
  expect([CustomImage.isInstance(golden.image), ImageCopy.isInstance(golden.image)]).toEqual([true, false]);
  expect([GoldenImage.isInstance(golden), GoldenImage.isInstance(golden.image)]).toEqual([true, false]);
});
