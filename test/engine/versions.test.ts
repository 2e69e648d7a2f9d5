import path from "node:path";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi";
import { CustomImage, type CustomImageArgs } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { isFull, nightly } from "../support/sample";
import { configLeadingTo, pluginFolder } from "./native/support";
import { leadingTo, openStack, type RigStack, type Run } from "./support";

// Which of the engine's deletes replace an image, and which destroy it, only the engine shows.

/** What a program of each provider declares. */
const CLASSES = {
  dynamic: CustomImage,
  native: class extends CustomResource {
    constructor(name: string, args: object, options: CustomResourceOptions) {
      super("alicloud-image:index:CustomImage", name, { ...args }, options);
    }
  },
} as const;

let emulator: Emulator;
let program: () => void;
let stack: RigStack;
let Image: new (name: string, args: CustomImageArgs, options: CustomResourceOptions) => CustomResource;

async function open(provider: keyof typeof CLASSES) {
  Image = CLASSES[provider];
  emulator = await startEmulator({ durations: { createMs: 200 } });
  stack = await openNamed("versions");
}

function openNamed(name: string): Promise<RigStack> {
  const native = Object.entries(configLeadingTo(emulator)).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return openStack(name, async () => program(), {
    config: { ...leadingTo(emulator), ...Object.fromEntries(native) },
    env: { PATH: [pluginFolder(), process.env.PATH].join(path.delimiter) },
  });
}

const world = () => JSON.stringify([[...emulator.world.images.keys()], [...emulator.world.snapshots.keys()]]);
const own = () =>
  [...emulator.world.images.values()].flatMap(({ owner, imageId }) => (owner === "self" ? imageId : []));
const of = (name: string) => stack.state().resources.find((held) => held.name === name && !held.delete)!;
const versions = (name: string) =>
  (of(name).outputs["previousVersions"] as { imageId: string }[]).map(({ imageId }) => imageId);
const warnings = ({ messages }: Run) =>
  messages.flatMap(({ name, severity, text }) => (name !== undefined && severity === "warning" ? text : []));
const run = (id: string) => {
  const { instances } = emulator.world;
  instances.set("i-fleet", { ...instances.get(seeds.instanceId)!, instanceId: "i-fleet", imageId: id });
};
const declare = (name: string, trigger: number, more: object = {}, options: CustomResourceOptions = {}) => {
  const args = { instanceId: seeds.instanceId, triggers: [trigger], deleteSnapshots: true, ...more };
  program = () => void new Image(name, args as CustomImageArgs, options);
};
const up = async (...declared: Parameters<typeof declare>) => {
  declare(...declared);
  const done = await stack.up();
  expect(done.error).toBeUndefined();
  return done;
};
const destroyed = async (options: object = {}) => {
  expect((await stack.destroy(options)).error).toBeUndefined();
  expect(stack.state().resources).toEqual([]);
};

afterEach(() => emulator.close());

describe.each(isFull ? (["dynamic", "native"] as const) : (["native"] as const))("the %s provider", (provider) => {
  beforeEach(() => open(provider));

  test("versions stay through an alias and deleteBeforeReplace, and go with destroy", async () => {
    const before = world();
    const keepVersions = 2;
    await up("old", 1, { keepVersions });
    const first = of("old").id!;
    await up("old", 2, { keepVersions });
    const second = of("old").id!;
    const renamed = { aliases: [{ name: "old" }] };
    await up("new", 2, { keepVersions }, renamed);
    expect(of("new").id).toBe(second);
    expect(versions("new")).toEqual([first]);

    const replaced = await up("new", 3, { keepVersions }, { ...renamed, deleteBeforeReplace: true });
    const ops = replaced.steps.map(([op]) => op).filter((op) => /^(delete|create)-re/.test(op));
    expect(ops).toEqual(["delete-replaced", "create-replacement"]);
    const third = of("new").id!;
    expect(own()).toEqual([first, second, third]);
    expect(versions("new")).toEqual([second, first]);
    await destroyed();
    expect(world()).toBe(before);
  });
});

const hosts = Object.keys(CLASSES) as (keyof typeof CLASSES)[];
describe.each(isFull ? hosts : hosts.slice(0, 1))("an image in use, %s provider", (provider) => {
  beforeEach(() => open(provider));

  nightly("a replaced image in use is kept until it is free, or deleted at once with forceDelete", async () => {
    const before = world();
    await up("fleet", 1);
    const first = of("fleet").id!;
    run(first);
    const kept = await up("fleet", 2);
    expect(warnings(kept)).toEqual([expect.stringContaining(first)]);
    expect(versions("fleet")).toEqual([first]);
    expect(stack.state().resources).toHaveLength(1);
    expect((await up("fleet", 2)).steps).toEqual([["same", "fleet"]]);

    emulator.world.instances.delete("i-fleet");
    expect(warnings(await up("fleet", 3))).toEqual([]);
    const third = of("fleet").id!;
    expect(own()).toEqual([third]);
    expect(versions("fleet")).toEqual([]);

    run(third);
    expect(warnings(await up("fleet", 4, { forceDelete: true }))).toEqual([]);
    expect(own()).toEqual([of("fleet").id]);
    emulator.world.instances.delete("i-fleet");
    await destroyed();
    expect(world()).toBe(before);
  });

  test("the destroy of an image that instances use fails, and its advice works, with --run-program too", async () => {
    const before = world();
    await up("used", 1);
    const { id } = of("used");
    run(id!);
    for (const options of [{}, { runProgram: true }]) {
      const failed = await stack.destroy(options);
      expect(failed.error).toBeDefined();
      const said = failed.messages.map(({ text }) => text).join("\n");
      expect(said).toMatch(new RegExp(`${id}[^]*set forceDelete to true, run pulumi up`));
      expect(of("used").id).toBe(id);
    }
    expect(own()).toEqual([id]);
    await up("used", 1, { forceDelete: true });
    expect(of("used").id).toBe(id);
    await destroyed({ runProgram: true });
    emulator.world.instances.delete("i-fleet");
    expect(world()).toBe(before);
  });
});

describe.each(Object.keys(CLASSES) as (keyof typeof CLASSES)[])(
  "an image of another stack, %s provider",
  (provider) => {
    nightly("is refused, and handed over by following the error word for word", async () => {
      await open(provider);
      await up("given", 1);
      const { id = "", urn } = of("given");
      const taker = await openNamed("taker");
      declare("taken", 1, { deleteSnapshots: false }, { import: id });
      const refused = await taker.up();
      const advice = refused.messages
        .map(({ text }) => text)
        .join("\n")
        .replace(/\s+/g, " ");
      const [, command] =
        /pulumi state delete <urn>.*?(npx pulumi-alicloud-image orphans [^;]*m-\w+);/.exec(advice) ?? [];
      expect(command).toContain(id);

      await stack.cli("state", "delete", urn, "--yes");
      await stack.printed(command!);
      expect((await taker.up()).error).toBeUndefined();
      expect(taker.state().resources.map((held) => held.id)).toEqual([id]);
      program = () => undefined;
      await destroyed();
      expect(own()).toEqual([id]);
      expect((await taker.destroy()).error).toBeUndefined();
      expect(own()).toEqual([]);
    });
  },
);
