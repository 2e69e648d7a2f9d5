import type { Holdings } from "../../cli/model";
import { orphansAmong } from "../../cli/orphan";
import { stackStateIn } from "../../cli/stack-state";
import { OWNER_TAG, ownerOf, ownerValue, PENDING_TAG, RETAINED_TAG } from "../../provider/lifecycle/ownership";
import fc from "../support/fast-check";
import { urnOf } from "../support/lab";
import { exported } from "./terminal";

// What counts as an orphan, for random clouds and states.

const NOW_MS = Date.UTC(2026, 0, 2);
const HOUR_MS = 3_600_000;
const at = (ageMs: number) => new Date(NOW_MS - ageMs).toISOString();
const ownerTag = (stack: string, name: string) =>
  ownerValue(ownerOf(urnOf("CustomImage", name, stack), {}, {}), "0123456789ab");
const tagged = (tags: Record<string, string>) => ({
  Tags: { Tag: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
});

/** An image of some stack or of nobody, and what the state knows about it. */
const image = fc.record({
  owner: fc.constantFrom("dev", "dev", "dev", "prod", "garbage", "none"),
  isOpen: fc.boolean(),
  ageMs: fc.oneof(fc.constantFrom(undefined, 0, HOUR_MS - 1_000, HOUR_MS), fc.integer({ min: 0, max: 48 * HOUR_MS })),
  held: fc.constantFrom("not", "not", "as a resource", "for use"),
  /** When the snapshots of its disks were made, relative to the image. */
  snapshotsAfterMs: fc.array(fc.constantFrom(-HOUR_MS, 0, 60_000), { maxLength: 3 }),
  isImporting: fc.boolean(),
  status: fc.constantFrom("Available", "Available", "Creating", "Waiting"),
  /** Whether the state has a pending operation for its resource. */
  hasPendingOperation: fc.constantFrom(false, false, true),
  isAcknowledged: fc.constantFrom(false, false, true),
});

type Image = typeof image extends fc.Arbitrary<infer T> ? T : never;

function scene(images: readonly Image[], cautions: { keepRetained: boolean; olderThanMs?: number }) {
  const held: Holdings = {
    regionId: "cn-hangzhou",
    images: images.map(({ owner, isOpen, ageMs, snapshotsAfterMs, status, isAcknowledged }, n) => ({
      ImageId: `m-${n}`,
      Status: status,
      ...(ageMs !== undefined && { CreationTime: at(ageMs) }),
      DiskDeviceMappings: {
        DiskDeviceMapping: snapshotsAfterMs.map((_after, disk) => ({ SnapshotId: `s-${n}-${disk}` })),
      },
      ...tagged({
        ...(owner !== "none" && { [OWNER_TAG]: owner === "garbage" ? "?" : ownerTag(owner, `r${n}`) }),
        ...(isOpen && { [PENDING_TAG]: at(0) }),
        ...(isAcknowledged && { [RETAINED_TAG]: at(0) }),
      }),
    })),
    snapshots: images.flatMap(({ ageMs, snapshotsAfterMs }, n) =>
      snapshotsAfterMs.map((afterMs, disk) => ({
        SnapshotId: `s-${n}-${disk}`,
        Status: "accomplished",
        CreationTime: at((ageMs ?? 0) - afterMs),
      })),
    ),
    tasks: images.flatMap(({ isImporting, ageMs }, n) =>
      isImporting
        ? [
            {
              TaskId: `t-${n}`,
              TaskAction: "ImportImage",
              TaskStatus: "Processing",
              ResourceId: `m-${n}`,
              CreationTime: at(ageMs ?? 0),
            },
          ]
        : [],
    ),
    exports: [],
    instances: [],
  };
  const state = stackStateIn(
    exported(
      images.flatMap(({ held: how }, n) =>
        how === "not"
          ? []
          : [
              {
                kind: how === "for use" ? ("ImageExport" as const) : ("CustomImage" as const),
                name: `r${n}`,
                recorded:
                  how === "for use"
                    ? { id: `t-own${n}`, inputs: { imageId: `m-${n}` }, outputs: { imageId: `m-${n}` } }
                    : { id: `m-${n}`, inputs: {}, outputs: { imageId: `m-${n}` } },
              },
            ],
      ),
      {
        pending: images.flatMap(({ hasPendingOperation }, n) =>
          hasPendingOperation ? [{ kind: "CustomImage" as const, name: `r${n}`, args: {} }] : [],
        ),
      },
    ),
    { project: "golden", stack: "dev" },
  );
  return orphansAmong(held, state, { nowMs: NOW_MS, olderThanMs: HOUR_MS, ...cautions });
}

const all = (check: (images: readonly Image[], keepRetained: boolean) => void) =>
  fc.assert(fc.property(fc.array(image, { maxLength: 6 }), fc.boolean(), check), { numRuns: 500 });

test("an orphan is an image with the stack's tag that is no resource of the state", () => {
  all((images, keepRetained) => {
    const found = scene(images, { keepRetained }).filter(({ kind }) => kind === "image");
    const expected = images.flatMap(({ owner, held }, n) =>
      owner === "dev" && held !== "as a resource" ? [`m-${n}`] : [],
    );
    expect(found.map(({ id }) => id)).toEqual(expected);
  });
});

test("what is in use, unfinished, acknowledged, too young, or was in a state once is not deleted", () => {
  all((images, keepRetained) => {
    const found = scene(images, { keepRetained });
    const deleted = found.filter(({ kind, kept }) => kind === "image" && kept === undefined).map(({ id }) => id);
    const mayBeMade = ({ status, isImporting, hasPendingOperation }: Image) =>
      status !== "Available" || isImporting || hasPendingOperation;
    const expected = images.flatMap((image, n) => {
      const { owner, held, ageMs, isOpen, isAcknowledged } = image;
      const isOrphan = owner === "dev" && held === "not";
      const isOld = ageMs !== undefined && ageMs >= HOUR_MS;
      return isOrphan && isOld && !mayBeMade(image) && !isAcknowledged && (isOpen || !keepRetained) ? [`m-${n}`] : [];
    });
    expect(deleted).toEqual(expected);
  });
});

test("a task is never deleted, because a current run may have started it", () => {
  all((images, keepRetained) => {
    const tasks = scene(images, { keepRetained }).filter(({ kind }) => kind === "import" || kind === "export");
    expect(tasks.filter(({ kept }) => kept === undefined)).toEqual([]);
  });
});

test("snapshots and imports are deleted only with their image, and older snapshots never", () => {
  all((images, keepRetained) => {
    const found = scene(images, { keepRetained });
    const imageOf = new Map(found.filter(({ kind }) => kind === "image").map((orphan) => [orphan.id, orphan]));
    for (const { kind, id, imageId, kept } of found) {
      if (kind === "image") continue;
      expect(imageOf.has(imageId!)).toBe(true);
      if (imageOf.get(imageId!)!.kept !== undefined) expect(kept).toBeDefined();
      if (kind !== "snapshot") continue;
      const [, n, disk] = id.split("-").map(Number);
      expect(images[n!]!.snapshotsAfterMs[disk!]).toBeGreaterThanOrEqual(0);
    }
    for (const [n, { snapshotsAfterMs, isImporting, ageMs }] of images.entries()) {
      if (!imageOf.has(`m-${n}`)) continue;
      if (ageMs !== undefined)
        expect(found.filter(({ kind, imageId }) => kind === "snapshot" && imageId === `m-${n}`)).toHaveLength(
          snapshotsAfterMs.filter((after) => after >= 0).length,
        );
      expect(found.some(({ kind, imageId }) => kind === "import" && imageId === `m-${n}`)).toBe(isImporting);
    }
  });
});

test("a snapshot that a second image uses does not belong to the orphan", () => {
  const disks = { DiskDeviceMappings: { DiskDeviceMapping: [{ SnapshotId: "s-1" }] } };
  const held: Holdings = {
    regionId: "cn-hangzhou",
    images: [
      {
        ImageId: "m-orphan",
        Status: "Available",
        CreationTime: at(5 * HOUR_MS),
        ...disks,
        ...tagged({ [OWNER_TAG]: ownerTag("dev", "a"), [PENDING_TAG]: at(0) }),
      },
      {
        ImageId: "m-prod",
        Status: "Available",
        CreationTime: at(2 * HOUR_MS),
        ...disks,
        ...tagged({ [OWNER_TAG]: ownerTag("prod", "b") }),
      },
    ],
    snapshots: [{ SnapshotId: "s-1", Status: "accomplished", CreationTime: at(4 * HOUR_MS) }],
    tasks: [],
    exports: [],
    instances: [],
  };
  const found = orphansAmong(held, stackStateIn(exported([]), {}), {
    nowMs: NOW_MS,
    olderThanMs: HOUR_MS,
    keepRetained: false,
  });
  expect(found.map(({ id }) => id)).toEqual(["m-orphan"]);
});

test("an export of an orphan is listed and kept, and so is the orphan while it runs", () => {
  const held: Holdings = {
    regionId: "cn-hangzhou",
    images: [
      {
        ImageId: "m-1",
        Status: "Available",
        CreationTime: at(5 * HOUR_MS),
        ...tagged({ [OWNER_TAG]: ownerTag("dev", "a"), [PENDING_TAG]: at(0) }),
      },
    ],
    snapshots: [],
    tasks: [
      {
        TaskId: "t-1",
        TaskAction: "ExportImage",
        TaskStatus: "Processing",
        ResourceId: "m-1",
        CreationTime: at(4 * HOUR_MS),
      },
      {
        TaskId: "t-2",
        TaskAction: "ImportImage",
        TaskStatus: "Finished",
        ResourceId: "m-1",
        CreationTime: at(5 * HOUR_MS),
      },
    ],
    exports: [],
    instances: [],
  };
  const found = orphansAmong(held, stackStateIn(exported([]), {}), {
    nowMs: NOW_MS,
    olderThanMs: HOUR_MS,
    keepRetained: false,
  });
  expect(found).toMatchObject([
    { id: "t-1", kept: expect.stringContaining("still running") },
    { id: "m-1", kept: expect.stringContaining("t-1") },
  ]);
});
