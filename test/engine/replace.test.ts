import { CustomImage, ImageSharePermission } from "pulumi-alicloud-image";
import { type Emulator, seededWorld, seeds, startEmulator } from "../../emulator";
import { nightly } from "../support/sample";
import { leadingTo, openStack, type RigStack, type Run } from "./support";

// `up --replace` shows the provider no record of what it replaces, so only the engine shows what becomes of that.

const EXISTING = "m-existing";
const ACCOUNTS = ["5000000000000001", "5000000000000002"];
let emulator: Emulator;
let program: () => void;
let stack: RigStack;

beforeAll(async () => {
  const world = seededWorld(Date.now());
  const own = { owner: "self" as const, ownerId: world.account.accountId, isPublic: false };
  const base = structuredClone(world.images.get(seeds.publicImageId)!);
  world.images.set(EXISTING, { ...base, ...own, imageId: EXISTING, imageName: "web", tags: new Map() });
  emulator = await startEmulator({ durations: { createMs: 500 }, world });
  stack = await openStack("replace", async () => program(), { config: leadingTo(emulator) });
});
afterAll(() => emulator.close());

const of = (name: string) => stack.state().resources.find((held) => held.name === name && !held.delete)!;
const warningsAbout = (resource: string, { messages }: Run) =>
  messages.flatMap(({ name, severity, text }) => (name === resource && severity === "warning" ? [text] : []));
const replacing = async (name: string) => {
  const run = await stack.up({ replace: [of(name).urn] });
  expect(run.error).toBeUndefined();
  expect(run.steps).toContainEqual(["create-replacement", name]);
  return run;
};

test("the replaced image is kept as a version, the accounts stay shared, and an imported image stays", async () => {
  program = () => {
    new CustomImage("built", { instanceId: seeds.instanceId, keepVersions: 2 });
    new CustomImage("existing", { instanceId: seeds.instanceId }, { import: EXISTING });
    new ImageSharePermission("sharing", { imageId: EXISTING, accountIds: ACCOUNTS });
  };
  expect((await stack.up()).error).toBeUndefined();
  const first = of("built").id;

  const rebuilt = await replacing("built");
  expect(warningsAbout("built", rebuilt)).toEqual([]);
  expect(of("built").id).not.toBe(first);
  expect(of("built").outputs["previousVersions"]).toMatchObject([{ imageId: first }]);
  expect(emulator.world.images.get(first!)).toMatchObject({ deprecated: true });

  await replacing("sharing");
  expect(emulator.world.images.get(EXISTING)!.sharedWith).toEqual(ACCOUNTS);

  const { messages } = await replacing("existing");
  expect(messages.map(({ text }) => text).join("\n")).toMatch(/kept m-existing.*remove the option import/);
  expect(of("existing").id).toBe(EXISTING);
  expect(emulator.world.images.has(EXISTING)).toBe(true);
  expect((await stack.refresh()).error).toBeUndefined();
  expect(of("existing").id).toBe(EXISTING);
  expect(of("built").outputs["previousVersions"]).toMatchObject([{ imageId: first }]);
});

nightly("an account stays shared when its resource is renamed without an alias, or it moves to another", async () => {
  const [one, two] = ACCOUNTS as [string, string];
  let existing: CustomImage;
  const share = (name: string, ...accountIds: string[]) =>
    void new ImageSharePermission(name, { imageId: existing.id, accountIds });
  const upTo = async (declared: () => void) => {
    program = () => {
      existing = new CustomImage("existing", { instanceId: seeds.instanceId }, { import: EXISTING });
      declared();
    };
    expect((await stack.up()).error).toBeUndefined();
    return [...emulator.world.images.get(EXISTING)!.sharedWith].sort();
  };
  expect(await upTo(() => share("before", one, two))).toEqual(ACCOUNTS);
  expect(await upTo(() => share("after", one, two))).toEqual(ACCOUNTS);
  expect(await upTo(() => [share("after", one), share("beside", two)])).toEqual(ACCOUNTS);
  expect(await upTo(() => [share("after", two), share("beside", one)])).toEqual(ACCOUNTS);
  expect(await upTo(() => share("beside", one))).toEqual([one]);
});

nightly("an image that the state has lost is named when the next run ends, after its last delete", async () => {
  stack = await openStack("lost", async () => program(), { config: leadingTo(emulator) });
  program = () => void new CustomImage("lost", { instanceId: seeds.instanceId });
  expect((await stack.up()).error).toBeUndefined();
  const { id, urn } = of("lost");
  await stack.cli("state", "delete", urn, "--yes");
  const run = await stack.up();
  expect(run.steps).toContainEqual(["create", "lost"]);
  expect(warningsAbout("lost", run)).toEqual([expect.stringContaining(`created ${id} for this resource`)]);
});
