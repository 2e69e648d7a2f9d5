import { type Call, type Fault, seeds } from "../../emulator";
import { callOrphans, exported } from "../cli/terminal";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, type Props, type ResourceName, resource } from "../support/lab";
import { worldWithOwnImage } from "../support/own-image";
import { ofHost } from "../support/sample";

// A cancelled creation may end by itself at the same moment. Then exactly what it made is deleted.

const SOURCE = "m-golden";
const HOUR_MS = 3_600_000;

let lab: Lab;
afterEach(() => lab.close());

const file = { ossBucket: seeds.imageBucket, ossObject: seeds.imageObject };
const KINDS: [ResourceName, "CopyImage" | "ImportImage" | "ExportImage", Props][] = [
  ["ImageCopy", "CopyImage", { sourceImageId: SOURCE, regionId: "cn-beijing", deleteSnapshots: true }],
  ["ImportedImage", "ImportImage", { diskDeviceMappings: [file], deleteSnapshots: true }],
  ["ImageExport", "ExportImage", { imageId: SOURCE, ossBucket: seeds.exportBucket }],
];

const FAILING: [ResourceName, "CreateImage" | "ImportImage" | "CopyImage", Props][] = [
  ["CustomImage", "CreateImage", { instanceId: seeds.instanceId, imageName: "web" }],
  ["ImportedImage", "ImportImage", { diskDeviceMappings: [file] }],
  ["ImageCopy", "CopyImage", { sourceImageId: SOURCE, regionId: "cn-beijing" }],
];

const holdings = () => {
  const { images, snapshots, buckets } = lab.emulator.world;
  const objects = [...buckets.values()].flatMap((bucket) => [...bucket.objects.keys()]);
  return { images: [...images.keys()].sort(), snapshots: [...snapshots.keys()].sort(), objects: objects.sort() };
};

/** What runs ends so long from now. */
function endIn(ms: number): void {
  const { images, tasks } = lab.emulator.world;
  for (const one of [...tasks.values(), ...images.values()])
    if (one.span.durationMs === HOUR_MS)
      one.span = { ...one.span, durationMs: lab.clock.now() + ms - one.span.startMs };
}

const accepted: Fault = { kind: "answer", status: 200, body: '{"RequestId":"1"}', contentType: "application/json" };
const lost: Fault = { kind: "reset" };
const denied: Fault = { kind: "error", status: 403, code: "Forbidden.RAM", message: "User not authorized." };

const RACES: [string, (phase: "before" | "after") => Fault | undefined][] = [
  ["has ended just before", (phase) => void (phase === "before" && endIn(0))],
  ["ends while the answer is on its way", (phase) => (phase === "before" ? (endIn(1_000), lost) : undefined)],
  [
    "goes on although the cancellation is accepted",
    (phase) => (phase === "before" ? (endIn(30_000), accepted) : undefined),
  ],
  ["is cancelled by a call whose answer is lost", (phase) => (phase === "after" ? lost : undefined)],
];

/** From now on whatever cancels meets this. */
const cancelled = (race: (phase: "before" | "after") => Fault | undefined) => {
  lab.emulator.intercept = ({ action }: Call, phase) => (action.startsWith("Cancel") ? race(phase) : undefined);
};

describe.each(FRONTS)("%s host", (front) => {
  const open = async (action: (typeof KINDS)[number][1]) => {
    lab = await openLab({ world: worldWithOwnImage({ imageId: SOURCE, imageName: "golden" }) }, {}, { front });
    lab.emulator.world.scenarios.push({ for: action, durationMs: HOUR_MS });
  };

  describe.each(KINDS.slice(0, 2))("the creation of an %s that keeps its snapshots", (kind, action, args) => {
    it.each(RACES.filter(ofHost(front)))(
      "and %s names those that it leaves when it is deleted",
      async (_race, race) => {
        await open(action);
        const before = holdings();
        const made = resource(lab, kind);
        await made.up({ ...args, deleteSnapshots: false }, { timeouts: { create: "5m" } });
        cancelled(race);
        expect(await made.destroy()).toEqual({ did: "delete" });
        await lab.clock.advance(2 * HOUR_MS);
        await resource(lab, kind, "other").refresh();
        const left = holdings().snapshots.filter((id) => !before.snapshots.includes(id));
        for (const id of left) expect(lab.said.noted.join()).toContain(id);
        expect({ ...holdings(), snapshots: before.snapshots }).toEqual(before);
      },
    );
  });

  describe.each(KINDS)("the creation of an %s", (kind, action, args) => {
    beforeEach(() => open(action));

    it.each(RACES.filter(ofHost(front)))("that %s leaves nothing when it is deleted", async (_race, race) => {
      const before = holdings();
      const made = resource(lab, kind);
      expect((await made.up(args, { timeouts: { create: "5m" } })).error).toMatch(/5 min/);
      cancelled(race);
      expect(await made.destroy()).toEqual({ did: "delete" });
      await lab.clock.advance(2 * HOUR_MS);
      await resource(lab, kind, "other").refresh();
      expect(holdings()).toEqual(before);
      expect(lab.said.warned).toEqual([]);
    });

    it("that cannot be cancelled is deleted when it has ended", async () => {
      const before = holdings();
      const made = resource(lab, kind);
      await made.up(args, { timeouts: { create: "5m" } });
      for (const task of lab.emulator.world.tasks.values()) task.cancellable = false;
      for (const { copyOf } of lab.emulator.world.images.values()) if (copyOf) copyOf.isCancellable = false;
      expect(await made.destroy()).toEqual({ did: "delete" });
      expect(holdings()).toEqual(before);
    });
  });

  /** Fails half-way, and what it made is removed. */
  const openFailing = async (action: (typeof FAILING)[number][1]) => {
    lab = await openLab({ world: worldWithOwnImage({ imageId: SOURCE, imageName: "golden" }) }, {}, { front });
    lab.emulator.world.scenarios.push({ for: action, failAtPercent: 50 });
    return holdings();
  };
  const without = (ids: readonly string[]) => {
    const { snapshots, ...others } = holdings();
    return { ...others, snapshots: snapshots.filter((id) => !ids.includes(id)) };
  };

  describe.each(FAILING)("a failed %s whose removal is refused", (kind, action, args) => {
    it("is replaced by the next run, with its snapshots", async () => {
      const before = await openFailing(action);
      lab.emulator.intercept = (call, phase) =>
        call.action === "DeleteImage" && phase === "before" ? denied : undefined;
      const image = resource(lab, kind);
      expect((await image.up(args)).error).toMatch(/could not be removed.*The next pulumi up replaces it$/);
      lab.emulator.intercept = undefined;
      expect(await image.up(args)).toEqual({ did: "replace" });
      expect(image.old).toEqual([]);
      const { snapshotIds } = image.state!.outputs as { snapshotIds: string[] };
      await image.destroy();
      expect(without(snapshotIds)).toEqual(before);
    });
  });

  describe.each(FAILING)("a failed %s whose removal is killed", (kind, action, args) => {
    it.each(["TagResources", "DeleteImage", "DeleteSnapshot"])("at %s leaves what orphans lists", async (at) => {
      const before = await openFailing(action);
      let strikes = 1;
      lab.emulator.intercept = (call, phase) => {
        if (call.action !== at || phase === "before" || !call.effect || strikes-- !== 1) return undefined;
        lab.processes.at(-1)!.kill("engine");
        return lost;
      };
      const image = resource(lab, kind);
      await image.up(args);
      expect(await image.up(args)).toEqual({ did: "create" });
      const { snapshotIds } = image.state!.outputs as { snapshotIds: string[] };
      expect(await image.destroy()).toEqual({ did: "delete" });
      await lab.clock.advance(2 * HOUR_MS);
      await callOrphans(lab, ["--state", "-", "--delete", "--yes", "--region", "cn-beijing"], { input: exported([]) });
      expect(without(snapshotIds)).toEqual(before);
    });
  });
});
