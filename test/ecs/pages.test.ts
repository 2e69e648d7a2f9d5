import type { Ecs } from "../../provider/ecs/actions";
import { readAnswer } from "../../provider/ecs/answers";
import { allRows, PAGE_SIZE } from "../../provider/ecs/pages";
import { imagesById, tasksById } from "../../provider/ecs/queries";
import { UNREADABLE } from "../../provider/wait/observe";
import fc from "../support/fast-check";

/** An `Ecs` that answers with bodies as they come over the wire, and notes the requests. */
function answering(answer: (request: Record<string, unknown>) => object) {
  const requests: Record<string, unknown>[] = [];
  const ecs = (async (action: never, request: Record<string, unknown>) => {
    requests.push({ action, ...request });
    const read = readAnswer(action, JSON.stringify(answer({ action, ...request })));
    if ("complaint" in read) throw new Error(read.complaint);
    return read.body;
  }) as Ecs;
  return { ecs, requests };
}

const row = (n: number) => ({ ImageId: `m-${n}`, Status: "Available" });
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => row(from + i));

describe("all rows of a list", () => {
  it.each([0, 1, 99, 100, 101, 250, 300])("%i of them, with a count and without", async (count) => {
    for (const withCount of [true, false]) {
      const { ecs, requests } = answering(({ PageNumber }) => ({
        ...(withCount && { TotalCount: count }),
        Images: { Image: range(((PageNumber as number) - 1) * 100, Math.min(count, (PageNumber as number) * 100)) },
      }));
      const { rows } = await allRows(ecs, "DescribeImages", { ImageName: "golden" });
      expect(rows.map(({ ImageId }) => ImageId)).toEqual(range(0, count).map(({ ImageId }) => ImageId));
      expect(requests.every(({ ImageName, PageSize }) => ImageName === "golden" && PageSize === PAGE_SIZE)).toBe(true);
      expect(requests.length).toBeLessThanOrEqual(Math.floor(count / 100) + 2);
      if (count < 100) expect(requests).toHaveLength(1);
    }
  });

  it("include every remaining row while others are deleted and rows move to earlier pages", async () => {
    let held = range(0, 450);
    const { ecs } = answering(({ PageNumber }) => {
      const from = ((PageNumber as number) - 1) * 100;
      const answer = { TotalCount: held.length, Images: { Image: held.slice(from, from + 100) } };
      if (held.length > 390) held = held.slice(7);
      return answer;
    });
    const ids = (await allRows(ecs, "DescribeImages", {})).rows.map(({ ImageId }) => ImageId);
    expect(ids).toEqual(expect.arrayContaining(held.map(({ ImageId }) => ImageId)));
  });

  it("come once each although the list changes between two pages, and the reading ends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ from: fc.integer({ min: 0, max: 400 }), size: fc.integer({ min: 0, max: 100 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.option(fc.integer({ min: 0, max: 700 }), { nil: undefined }),
        async (given, total) => {
          const { ecs, requests } = answering(({ PageNumber }) => {
            const { from, size } = given[((PageNumber as number) - 1) % given.length]!;
            return { ...(total !== undefined && { TotalCount: total }), Images: { Image: range(from, from + size) } };
          });
          const ids = (await allRows(ecs, "DescribeImages", {})).rows.map(({ ImageId }) => ImageId);
          expect(new Set(ids).size).toBe(ids.length);
          expect(requests.length).toBeLessThanOrEqual(5 * (given.length + 10));
        },
      ),
    );
  });

  it("go on after a page with an unreadable row, which is counted", async () => {
    const { ecs } = answering(({ PageNumber }) => ({
      Images: { Image: PageNumber === 1 ? [...range(0, 99), { ImageId: "m-odd" }] : range(100, 120) },
    }));
    const { rows, unreadable } = await allRows(ecs, "DescribeImages", {});
    expect([rows.length, unreadable]).toEqual([119, 1]);
  });

  it.each(["DescribeTasks", "DescribeSnapshots", "DescribeImageSharePermission"] as const)("of %s", async (action) => {
    const lists = {
      DescribeTasks: { TaskSet: { Task: [{ TaskId: "t-1", TaskStatus: "Paused" }] } },
      DescribeSnapshots: { Snapshots: { Snapshot: [{ SnapshotId: "s-1" }] } },
      DescribeImageSharePermission: { Accounts: { Account: [{ AliyunId: "1234567890123456" }] }, ShareGroups: {} },
    };
    const { ecs } = answering(() => ({ ...lists[action], TotalCount: 1 }));
    expect((await allRows(ecs, action, {} as never)).rows).toHaveLength(1);
  });
});

describe("images and tasks by id", () => {
  it("an unreadable row is unknown, not absent; without an id it may be any missing one", async () => {
    const named = answering(() => ({ TotalCount: 2, Images: { Image: [row(1), { ImageId: "m-2" }] } }));
    expect(await imagesById(() => named.ecs)(["m-1", "m-2", "m-3"])).toEqual(
      new Map<string, unknown>([
        ["m-1", row(1)],
        ["m-2", UNREADABLE],
      ]),
    );
    const nameless = answering(() => ({ TotalCount: 2, Images: { Image: [row(1), { Status: "Available" }] } }));
    expect([...(await imagesById(() => nameless.ecs)(["m-1", "m-3"])).keys()]).toEqual(["m-1", "m-3"]);
  });

  it("an answer about other ids proves no absence", async () => {
    const { ecs } = answering(() => ({ TotalCount: 1, Images: { Image: [row(9)] } }));
    await expect(imagesById(() => ecs)(["m-1"])).rejects.toMatchObject({ kind: "Unreachable" });
  });

  it("images of every status are asked for", async () => {
    const { ecs, requests } = answering(() => ({ TotalCount: 0 }));
    await imagesById(() => ecs)(["m-1", "m-2"]);
    expect(requests).toMatchObject([{ ImageId: "m-1,m-2", PageSize: 100, Status: expect.stringContaining("Waiting") }]);
  });

  it("one task is asked for with its progress, several in one call", async () => {
    const { ecs, requests } = answering(({ action }) =>
      action === "DescribeTasks"
        ? { TaskSet: [{ Task: [{ TaskId: "t-1", TaskStatus: "Processing" }] }] }
        : { TaskId: "t-1", TaskStatus: "Processing", TaskProcess: "7%" },
    );
    expect((await tasksById(() => ecs)(["t-1"])).get("t-1")).toMatchObject({ TaskProcess: "7%" });
    expect([...(await tasksById(() => ecs)(["t-1", "t-2"])).keys()]).toEqual(["t-1"]);
    expect(requests.map(({ action }) => action)).toEqual(["DescribeTaskAttribute", "DescribeTasks"]);
  });
});
