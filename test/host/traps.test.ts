import { type Emulator, startEmulator } from "../../emulator";
import { kinds } from "../support/kinds";
import { inputsOf, type Props } from "../support/lab";
import { isFull } from "../support/sample";
import { type Host, type HostError, openHost, textOf } from "./host";

/** The traps of Pulumi's dynamic-provider process, driven as the engine drives it. Needs what is built in `dist`. */
let host: Host;
let emulator: Emulator;
beforeAll(async () => {
  const [given] = kinds;
  emulator = await startEmulator({ world: given!.world(), durations: { createMs: 200, importMs: 200, exportMs: 200 } });
});
afterAll(() => emulator.close());
afterEach(() => host.close());

const leadingThere = () => ({
  "alicloud:region": "cn-hangzhou",
  "alicloud:accessKey": "emulator-key",
  "alicloud:secretKey": "emulator-secret",
  "alicloud:endpoints": JSON.stringify({ ecs: emulator.endpoint, oss: emulator.endpoint, sts: emulator.endpoint }),
});
const doors = { CustomImage: "customImage", ImportedImage: "importedImage", ImageExport: "imageExport" } as const;
const given = (kind: keyof typeof doors, name: string, args: Props): Props => ({
  ...inputsOf(kind, name, args),
  __provider: textOf({ entry: doors[kind] }),
});
const naughty = (what: string) =>
  `exports.handler = () => require("node:module").createRequire(process.cwd() + ` +
  `"/")("./test/host/naughty.cjs").${what}`;
const failing = (work: Promise<unknown>): Promise<HostError> =>
  work.then(
    (it) => Promise.reject(new Error(`it succeeded: ${JSON.stringify(it)}`)),
    (error: HostError) => error,
  );

describe("whatever a lifecycle returns", () => {
  it.each(["undefined", "NaN", "Date", "frozen", "bigint", "function", "circle"])(
    "%s is recorded, or the resource is recorded as unfinished",
    async (how) => {
      host = await openHost();
      const inputs = { how, __provider: naughty("returns") };
      const outcome = await host.create(inputs).catch((error: HostError) => error);
      if ("unfinished" in outcome)
        expect(outcome.unfinished).toMatchObject({ id: "n-1", properties: { __provider: inputs.__provider } });
      else expect(outcome).toMatchObject({ id: "n-1", properties: { __provider: inputs.__provider } });
    },
  );
});

describe("whatever a lifecycle throws", () => {
  it.each(["text", "nothing", "null", "number", "object", "frozen", "bare", "getter"])(
    "%s becomes an error with a message, and hangs nothing",
    async (how) => {
      host = await openHost();
      const inputs = { how, __provider: naughty("throws") };
      for (const work of [
        () => host.create(inputs),
        () => host.read("n-1", inputs),
        () => host.remove("n-1", inputs),
      ]) {
        expect((await failing(work())).details).toMatch(/a naughty thing/);
      }
      const { unfinished } = await failing(host.create({ how, __provider: naughty("unfinished") }));
      expect(unfinished).toMatchObject({
        id: "n-1",
        properties: { __provider: naughty("unfinished") },
        reasons: [expect.stringMatching(/a naughty thing/)],
      });
    },
  );
});

describe.each(isFull ? kinds : kinds.slice(0, 1))("$kind in the real process", ({ kind, args }) => {
  it("goes through the full lifecycle with only plain values in its state", async () => {
    host = await openHost({ config: leadingThere() });
    const inputs = given(kind, "golden", args);
    const checked = await host.check(inputs);
    expect(checked.failures).toEqual([]);
    const { id, properties } = await host.create(checked.inputs);
    expect(properties).toMatchObject(args);
    expect(JSON.stringify(properties)).not.toContain("null");
    const read = await host.read(id, properties);
    expect(read).toEqual({ id, properties });
    expect(await host.diff(id, properties, checked.inputs)).toEqual([]);
    await host.update(id, properties, checked.inputs);
    await host.remove(id, properties);
    expect(host.said.out).toBe("");
  });

  it("that is late is recorded with its id, its provider and a reason, and can be destroyed", async () => {
    host = await openHost({ config: leadingThere() });
    emulator.world.scenarios.push({
      for: kind === "CustomImage" ? "CreateImage" : kind === "ImportedImage" ? "ImportImage" : "ExportImage",
      durationMs: 6_000,
    });
    const inputs: Props = {
      ...given(kind, "late", { ...args, ...("imageName" in args && { imageName: "late" }) }),
      __timeouts: { create: "2s", delete: "1m" },
    };
    const { unfinished } = await failing(host.create(inputs));
    expect(unfinished).toMatchObject({
      id: expect.stringMatching(/^[mt]-/),
      properties: { __provider: inputs["__provider"] },
      reasons: [expect.stringMatching(/not ready/)],
    });
    await host.remove(unfinished!.id, unfinished!.properties);
    expect(emulator.world.images.has(unfinished!.id)).toBe(false);
  });
});

it("thirty first calls at once are all configured", async () => {
  const [{ kind, args }] = kinds as [(typeof kinds)[number]];
  host = await openHost({ config: leadingThere() });
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, i) => host.create(given(kind, `n${i}`, { ...args, imageName: `image-${i}` }))),
  );
  expect(new Set(made.map(({ id }) => id)).size).toBe(30);
});

it("without credentials each of the first calls fails with that reason, and none hangs", async () => {
  const [{ kind, args }] = kinds as [(typeof kinds)[number]];
  host = await openHost({ config: { "alicloud:region": "cn-hangzhou", "alicloud:accessKey": "alone" } });
  const errors = await Promise.all(
    Array.from({ length: 5 }, (_, i) => failing(host.create(given(kind, `n${i}`, args)))),
  );
  for (const { details } of errors) expect(details).toMatch(/alicloud:secretKey/);
});
