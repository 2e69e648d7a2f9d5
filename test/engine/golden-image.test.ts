import { GoldenImage, type GoldenImageArgs } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { nightly } from "../support/sample";
import { leadingTo, openStack, ownImages, type RigStack } from "./support";

// Options of the component reach its resources; only the engine shows what aliases and protection do.

let emulator: Emulator;
let program: () => void;
let stack: RigStack;

beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 500, copyMs: 500 } });
  stack = await openStack("golden", async () => program(), { config: leadingTo(emulator) });
});
afterAll(() => emulator.close());

const image = () => stack.state().resources.find(({ type }) => type.endsWith(":CustomImage"))!;
const source = { instanceId: seeds.instanceId };

test("two golden images in one stack are created, and a renamed one with an alias keeps its image", async () => {
  program = () => {
    new GoldenImage("web", { source, imageFamily: "web" });
    new GoldenImage("db", { source, imageFamily: "db" });
  };
  expect((await stack.up()).error).toBeUndefined();
  expect(ownImages(emulator)).toHaveLength(2);

  program = () => void new GoldenImage("web", { source, imageFamily: "web" });
  await stack.up();
  const { id } = image();
  program = () => void new GoldenImage("site", { source, imageFamily: "web" }, { aliases: [{ name: "web" }] });
  const { error, steps } = await stack.up();
  expect(error).toBeUndefined();
  expect(steps.filter(([op]) => !["same", "update"].includes(op))).toEqual([]);
  expect(image()).toMatchObject({ id, name: "site" });
});

nightly("a golden image that is renamed in an up that fails is replaced by the next up", async () => {
  program = () =>
    void new GoldenImage("portal", { source, imageFamily: "web", triggers: [2] }, { aliases: [{ name: "site" }] });
  emulator.intercept = ({ action }) =>
    action === "CreateImage" ? { kind: "error", status: 403, code: "Forbidden.RAM", message: "No." } : undefined;
  expect(String((await stack.up()).error)).toContain("Forbidden.RAM");
  emulator.intercept = undefined;
  const { error, steps } = await stack.up();
  expect(error).toBeUndefined();
  expect(steps.map(([op]) => op)).toContain("replace");
  expect(ownImages(emulator).map(({ imageId }) => imageId)).toEqual([image().id]);
  expect(image()).toMatchObject({ name: "portal" });
});

nightly("a rebuild shares the new images in every region and keeps the old ones, and a destroy ends all", async () => {
  const everywhere = await openStack("everywhere", async () => program(), { config: leadingTo(emulator) });
  const accounts = ["5000000000000001", "5000000000000002"];
  const build = (number: number) => () =>
    void new GoldenImage("all", {
      ...{ source, regions: ["cn-beijing"], shareWith: accounts, keepVersions: 1, triggers: [number] },
      deleteSnapshots: true,
    });
  const before = new Map(emulator.world.images);
  const own = () =>
    [...emulator.world.images.values()]
      .filter(({ imageId }) => !before.has(imageId))
      .map(({ regionId, deprecated, sharedWith }) => ({ regionId, deprecated, sharedWith }));
  const shared = (regionId: string) => ({ regionId, deprecated: false, sharedWith: accounts });
  const kept = (regionId: string) => ({ regionId, deprecated: true, sharedWith: [] });

  program = build(1);
  expect((await everywhere.up()).error).toBeUndefined();
  expect(own()).toEqual([shared("cn-hangzhou"), shared("cn-beijing")]);

  let leastShared = accounts.length;
  emulator.intercept = () => {
    const both = ["cn-hangzhou", "cn-beijing"].map((region) => own().filter((one) => one.regionId === region));
    leastShared = Math.min(leastShared, ...both.map((some) => Math.max(...some.map((one) => one.sharedWith.length))));
    return undefined;
  };
  program = build(2);
  expect((await everywhere.up()).error).toBeUndefined();
  emulator.intercept = undefined;
  expect(leastShared).toBe(accounts.length);
  expect(own()).toEqual([kept("cn-hangzhou"), kept("cn-beijing"), shared("cn-hangzhou"), shared("cn-beijing")]);

  expect((await everywhere.destroy()).error).toBeUndefined();
  expect(own()).toEqual([]);
});

nightly(
  "keeps its name and its versions when its source becomes files, in an up that fails first, and back",
  async () => {
    const moved = await openStack("moved", async () => program(), { config: leadingTo(emulator) });
    const before = new Set(emulator.world.images.keys());
    const files = [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }];
    const from = (given: GoldenImageArgs["source"]) => () =>
      void new GoldenImage("kind", { source: given, regions: ["cn-beijing"], imageName: "kind", keepVersions: 2 });
    const names = () =>
      ["cn-hangzhou", "cn-beijing"].map((regionId) =>
        ownImages(emulator)
          .filter((one) => one.regionId === regionId && !before.has(one.imageId))
          .map(({ imageName, deprecated }) => [imageName, deprecated]),
      );
    const version = [expect.stringMatching(/^kind-replaced-/), true];
    const current = ["kind", false];

    program = from(source);
    expect((await moved.up()).error).toBeUndefined();
    program = from({ files });
    emulator.intercept = ({ action }) =>
      action === "ImportImage" ? { kind: "error", status: 403, code: "Forbidden.RAM", message: "No." } : undefined;
    expect(String((await moved.up()).error)).toContain("Forbidden.RAM");
    emulator.intercept = undefined;
    expect((await moved.up()).error).toBeUndefined();
    expect(names()).toEqual([
      [version, current],
      [version, current],
    ]);
    program = from(source);
    expect((await moved.up()).error).toBeUndefined();
    expect(names()).toEqual([
      [version, version, current],
      [version, version, current],
    ]);
    expect((await moved.destroy()).error).toBeUndefined();
    expect(names()).toEqual([[], []]);
  },
);

nightly("protect applies to its resources", async () => {
  program = () => void new GoldenImage("site", { source, imageFamily: "web" }, { protect: true });
  expect((await stack.up()).error).toBeUndefined();
  const { id } = image();
  expect((await stack.destroy()).error).toBeDefined();
  expect(emulator.world.images.has(id!)).toBe(true);
});
