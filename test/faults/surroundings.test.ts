import { type Fault, seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { recoverable } from "../support/kinds";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";
import { imagesBeside, prepare, worldOf } from "../support/moves";

// Faults around the provider: this machine's clock, a region, a proxy that redirects.

const MINUTE_MS = 60_000;
let lab: Lab;
afterEach(() => lab.close());

const build = (number: number, more: Props = {}): Props => ({
  snapshotId: seeds.systemSnapshotId,
  triggers: [number],
  keepVersions: 1,
  deleteSnapshots: true,
  ...more,
});
const held = ({ state }: Resource): string[] => [
  ...((state!.outputs["previousVersions"] ?? []) as { imageId: string }[]).map(({ imageId }) => imageId),
  state!.id,
];
/** The present run is killed once this call took effect. */
function killAfter(action: string) {
  lab.emulator.intercept = (call, phase) => {
    const process = lab.processes.at(-1)!;
    if (!process.killed && (call.action !== action || phase === "before")) return undefined;
    process.kill("engine");
    return { kind: "reset" };
  };
}

describe.each(FRONTS)("%s host", (front) => {
  // Any more, and ECS refuses every call.
  test.each([-14, 14])("a clock that is off by %d minutes duplicates and forgets nothing", async (minutes) => {
    const now = () => lab.clock.now() + minutes * MINUTE_MS;
    const clock = { now, sleep: (ms: number, signal?: AbortSignal) => lab.clock.sleep(ms, signal) };
    lab = await openLab({ durations: { createMs: 5 * MINUTE_MS } }, {}, { front, clock });
    const before = worldOf(lab);
    const image = resource(lab, "CustomImage");
    killAfter("CreateImage");
    await image.up(build(1));
    lab.emulator.intercept = undefined;
    expect(await image.up(build(1))).toEqual({ did: "create" });
    lab.emulator.hide(image.state!.id, MINUTE_MS / 2);
    expect(await image.refresh()).toEqual({ did: "refresh" });
    expect(await image.up(build(1))).toEqual({ did: "same" });
    expect(imagesBeside(lab)).toEqual([image.state!.id]);
    killAfter("DeleteImage");
    expect(await image.up(build(2))).toEqual({ did: "replace" });
    expect(await image.up(build(3))).toMatchObject({ error: expect.anything() });
    lab.emulator.intercept = undefined;
    expect((await image.up(build(3))).error).toBeUndefined();
    expect(imagesBeside(lab)).toEqual(held(image));
    expect(await image.destroy()).toEqual({ did: "delete" });
    expect(worldOf(lab)).toBe(before);
  });

  const DOWN: [string, Fault][] = [
    ["resets every connection", { kind: "reset" }],
    ["answers with a page", { kind: "answer", status: 503, body: "<html>Service Unavailable</html>" }],
  ];
  test.each(DOWN)("a region that %s delays no other region, and loses nothing", async (_, fault) => {
    const { args: copied, world } = recoverable.find(({ kind }) => kind === "ImageCopy")!;
    const args = { ...copied, deleteSnapshots: true };
    lab = await openLab({ world: world() }, {}, { front });
    prepare(lab);
    const before = worldOf(lab);
    const [home, copy, north] = [
      resource(lab, "CustomImage", "home"),
      resource(lab, "ImageCopy", "copy"),
      resource(lab, "CustomImage", "north"),
    ];
    const there = build(1, { snapshotId: "s-north", regionId: "cn-beijing" });
    const goDown = () => {
      lab.emulator.intercept = ({ params }, phase) =>
        phase === "before" && params["RegionId"] === "cn-beijing" ? fault : undefined;
    };
    goDown();
    expect(await home.up(build(1))).toEqual({ did: "create" });
    expect((await north.up(there)).error).toMatch(/cn-beijing|no usable answer/);
    expect((await copy.up(args)).error).toBeDefined();
    lab.emulator.intercept = undefined;
    expect((await north.up(there)).error).toBeUndefined();
    expect((await copy.up(args)).error).toBeUndefined();
    expect(imagesBeside(lab)).toHaveLength(JSON.parse(before)[0].length + 3);

    goDown();
    const states = [copy.state, north.state];
    for (const it of [copy, north]) {
      expect((await it.refresh()).error).toBeDefined();
      expect((await it.destroy()).error).toBeDefined();
    }
    expect([copy.state, north.state]).toEqual(states);
    lab.emulator.intercept = undefined;
    for (const it of [home, copy, north]) expect(await it.destroy()).toEqual({ did: "delete" });
    expect(worldOf(lab)).toBe(before);
  });

  test.each(recoverable)(
    "a $kind goes through the full lifecycle while every second answer redirects elsewhere",
    async (row) => {
      lab = await openLab({ world: row.world() }, {}, { front });
      const before = worldOf(lab);
      const redirect: Fault = { kind: "answer", status: 307, body: "" };
      let calls = 0; // ExportImage is never repeated
      lab.emulator.intercept = ({ action }, phase) =>
        phase === "before" && action !== "ExportImage" && calls++ % 2 === 0 ? redirect : undefined;
      const it = resource(lab, row.kind);
      expect(await it.up(row.args)).toEqual({ did: "create" });
      expect(await it.refresh()).toEqual({ did: "refresh" });
      expect(await it.up(row.replaced)).toEqual({ did: "replace" });
      expect(await it.destroy()).toEqual({ did: "delete" });
      expect(row.remains(lab)).toEqual([]);
      expect(imagesBeside(lab)).toEqual(JSON.parse(before)[0]);
    },
  );
});
