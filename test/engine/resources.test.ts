import { CustomImage, ImageExport, ImportedImage } from "pulumi-alicloud-image";
import { type Emulator, startEmulator } from "../../emulator";
import { kinds } from "../support/kinds";
import type { KindName, Lab, Props } from "../support/lab";
import { isFull, nightly } from "../support/sample";
import { leadingTo, openStack, type RigStack } from "./support";

/**
 * What users see of each resource on the real engine, from its creation to its end. Seconds are real here, so images
 * are made in one.
 */
const classes = { CustomImage, ImportedImage, ImageExport } as const;
const creatingActionOf = {
  CustomImage: "CreateImage",
  ImportedImage: "ImportImage",
  ImageExport: "ExportImage",
} as const;
const QUICK = { createMs: 800, importMs: 800, exportMs: 800 };
const chosen = kinds.filter(({ kind }) => isFull || kind !== "ImportedImage"); // which is an image, too

describe.each(chosen)("$kind", ({ kind, args, changedInPlace, replaced, world, remains }) => {
  let emulator: Emulator;
  let stack: RigStack;
  let want: Props;
  let timeouts: Record<string, string> | undefined;

  beforeAll(async () => {
    emulator = await startEmulator({ durations: QUICK, world: world() });
    stack = await openStack(
      "life",
      async () => void new classes[kind]("golden", want as never, timeouts && { customTimeouts: timeouts }),
      { config: leadingTo(emulator) },
    );
  });
  afterAll(() => emulator.close());

  const up = (next: Props, within?: Record<string, string>) => {
    want = next;
    timeouts = within;
    return stack.up();
  };
  const held = () => stack.state().resources.find(({ delete: old }) => !old);
  const made = () =>
    emulator.calls.filter(({ action, effect }) => action === creatingActionOf[kind as KindName] && effect).length;

  test("is planned, created, kept, updated in place, corrected after a drift, and replaced", async () => {
    want = args;
    const preview = await stack.preview();
    expect(preview.steps).toEqual([["create", "golden"]]);
    expect(emulator.calls.filter(({ effect }) => effect)).toEqual([]);

    expect((await up(args)).error).toBeUndefined();
    const first = held()!;
    expect(first.outputs).toMatchObject(args);
    expect(first.inputs["__urn"]).toBe(first.urn);
    expect(String(first.outputs["__provider"]).length).toBeLessThanOrEqual(600);

    const calls = emulator.calls.length;
    expect((await up(args)).steps).toEqual([["same", "golden"]]);
    expect(emulator.calls).toHaveLength(calls);

    expect((await up(changedInPlace)).steps).toEqual([["update", "golden"]]);
    expect(held()).toMatchObject({ id: first.id, outputs: changedInPlace });

    if (kind === "ImageExport") emulator.world.buckets.get(String(args["ossBucket"]))!.objects.clear();
    else emulator.world.images.get(first.id!)!.description = "changed by hand";
    await stack.refresh();
    if (kind === "ImageExport") expect(held()).toBeUndefined();
    else expect(held()!.outputs["description"]).toBe("changed by hand");
    expect((await up(changedInPlace)).error).toBeUndefined();
    expect(held()!.outputs).toMatchObject(changedInPlace);

    const before = held()!;
    expect((await up(replaced)).error).toBeUndefined();
    expect(held()!.id).not.toBe(before.id);
    expect(stack.state().resources).toHaveLength(1);
  });

  const also = kind === "CustomImage" ? test : nightly;

  nightly("that exceeds its timeout is recorded, and the next up continues with the same one", async () => {
    emulator.world.scenarios.push({ for: creatingActionOf[kind as KindName], durationMs: 8_000 });
    const count = made();
    const late = await up({ ...replaced, triggers: ["late"] }, { create: "2s" });
    expect(late.error).toBeDefined();
    expect(late.messages.find(({ severity }) => severity === "error")?.text).toMatch(/not ready/);
    const { id } = held()!;
    expect((await up({ ...replaced, triggers: ["late"] })).error).toBeUndefined();
    expect(held()).toMatchObject({ id });
    expect(made()).toBe(count + 1);
    expect(stack.state().resources).toHaveLength(1);
  });

  also("that fails leaves the old one as it was, with a one-sentence error; the next up creates it", async () => {
    const before = held()!;
    emulator.world.scenarios.push({
      for: creatingActionOf[kind as KindName],
      failAtPercent: 40,
      reason: { code: "DiskBroken", message: "The disk cannot be read." },
    });
    const failed = await up({ ...replaced, triggers: ["failed"] });
    const said = failed.messages
      .filter(({ severity }) => severity === "error")
      .map(({ text }) => text)
      .join("\n");
    expect(said).toMatch(kind === "CustomImage" ? /CreateFailed/ : /The disk cannot be read/);
    expect(said).not.toMatch(/\n\s+at /);
    expect(stack.state().resources).toMatchObject([{ id: before.id }]);
    expect((await up({ ...replaced, triggers: ["failed"] })).error).toBeUndefined();
    expect(held()!.id).not.toBe(before.id);
  });

  nightly("is created again by up --replace of the same program", async () => {
    const before = held()!;
    want = { ...replaced, triggers: ["failed"] };
    expect((await stack.up({ replace: [before.urn] })).error).toBeUndefined();
    expect(held()!.id).not.toBe(before.id);
    expect(stack.state().resources).toHaveLength(1);
  });

  nightly("destroyed while it is still being made leaves nothing", async () => {
    emulator.world.scenarios.push({
      for: creatingActionOf[kind as KindName],
      durationMs: kind === "CustomImage" ? 6_000 : 600_000,
    });
    await up({ ...replaced, triggers: ["unfinished"] }, { create: "2s" });
    expect((await stack.destroy()).error).toBeUndefined();
    expect(stack.state().resources).toEqual([]);
    expect(remains({ emulator } as Lab)).toEqual([]);
  });
});
