import { GoldenImage } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { leadingTo, openStack, type RigStack } from "./support";

// Options of the component reach its resources; only the engine shows what aliases and protection do.

let emulator: Emulator;
let program: () => void;
let stack: RigStack;

beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 500 } });
  stack = await openStack("golden", async () => program(), { config: leadingTo(emulator) });
});
afterAll(() => emulator.close());

const image = () => stack.state().resources.find(({ type }) => type.endsWith(":CustomImage"))!;
const source = { instanceId: seeds.instanceId };

test("two golden images in one stack are made, and a renamed one with an alias keeps its image", async () => {
  program = () => {
    new GoldenImage("web", { source, imageFamily: "web" });
    new GoldenImage("db", { source, imageFamily: "db" });
  };
  expect((await stack.up()).error).toBeUndefined();
  expect([...emulator.world.images.values()].filter(({ owner }) => owner === "self")).toHaveLength(2);

  program = () => void new GoldenImage("web", { source, imageFamily: "web" });
  await stack.up();
  const { id } = image();
  program = () => void new GoldenImage("site", { source, imageFamily: "web" }, { aliases: [{ name: "web" }] });
  const { error, steps } = await stack.up();
  expect(error).toBeUndefined();
  expect(steps.filter(([op]) => !["same", "update"].includes(op))).toEqual([]);
  expect(image()).toMatchObject({ id, name: "site" });
});

test("protect applies to its resources", async () => {
  program = () => void new GoldenImage("site", { source, imageFamily: "web" }, { protect: true });
  expect((await stack.up()).error).toBeUndefined();
  const { id } = image();
  expect((await stack.destroy()).error).toBeDefined();
  expect(emulator.world.images.has(id!)).toBe(true);
});
