import { type Emulator, seeds, startEmulator } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { ecs, officialClient, refused } from "./official-client";

const MINUTE_MS = 60_000;
const { regionId } = seeds;

let clock: ManualClock;
let emulator: Emulator;
let client: ReturnType<typeof officialClient>;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock, durations: { importMs: 10 * MINUTE_MS, exportMs: MINUTE_MS } });
  client = officialClient(emulator.endpoint);
});
afterEach(() => emulator.close());

const importImage = async () =>
  (
    await client.importImage(
      new ecs.ImportImageRequest({
        regionId,
        diskDeviceMapping: [
          new ecs.ImportImageRequestDiskDeviceMapping({ OSSBucket: seeds.imageBucket, OSSObject: seeds.imageObject }),
        ],
      }),
    )
  ).body!;
const exportImage = async (imageId: string) =>
  (await client.exportImage(new ecs.ExportImageRequest({ regionId, imageId, OSSBucket: seeds.exportBucket }))).body!;
const listed = async (more: Record<string, unknown> = {}) => {
  const { body } = await client.describeTasks(new ecs.DescribeTasksRequest({ regionId, ...more }));
  return body!;
};
const ids = async (more: Record<string, unknown> = {}) =>
  (await listed(more)).taskSet!.task!.map(({ taskId }) => taskId);
const cancel = (taskId: string) => client.cancelTask(new ecs.CancelTaskRequest({ regionId, taskId }));

describe("DescribeTasks", () => {
  it("lists by id, action, status, image and time of creation", async () => {
    const first = await importImage();
    await clock.advance(10 * MINUTE_MS);
    const exported = await exportImage(first.imageId!);
    const second = await importImage();
    await clock.advance(MINUTE_MS);
    await cancel(second.taskId!);
    await clock.advance(MINUTE_MS);
    const third = await importImage();
    await clock.advance(MINUTE_MS);

    expect(await ids()).toEqual([third.taskId, second.taskId, exported.taskId, first.taskId]);
    expect(await ids({ taskIds: `${first.taskId},${third.taskId}` })).toEqual([third.taskId, first.taskId]);
    expect(await ids({ taskAction: "ExportImage" })).toEqual([exported.taskId]);
    expect(await ids({ taskStatus: "Processing" })).toEqual([third.taskId]);
    expect(await ids({ taskStatus: "Finished" })).toEqual([exported.taskId, first.taskId]);
    expect(await ids({ taskStatus: "Deleted" })).toHaveLength(4); // "other values do not take effect"
    expect(await ids({ resourceIds: [first.imageId] })).toEqual([exported.taskId, first.taskId]);
    expect(await ids({ startTime: "2026-01-01T00:10:00Z", endTime: "2026-01-01T00:11:00Z" })).toEqual([
      second.taskId,
      exported.taskId,
    ]);
  });

  it("lists in pages, the newest first, with members as documented", async () => {
    const tasks = [await importImage(), await importImage(), await importImage()];
    const page = await listed({ pageNumber: 2, pageSize: 2 });
    expect(page).toMatchObject({ totalCount: 3, pageNumber: 2, pageSize: 2, regionId });
    expect(page.taskSet!.task).toMatchObject([
      {
        taskId: tasks[0]!.taskId,
        resourceId: tasks[0]!.imageId,
        taskAction: "ImportImage",
        taskStatus: "Waiting",
        supportCancel: "true",
        creationTime: "2026-01-01T00:00Z",
        finishedTime: "",
      },
    ]);
    expect(await refused(listed({ pageSize: 101 }))).toMatchObject({ status: 400 });
  });

  it("lists only the tasks of its region", async () => {
    await importImage();
    expect(await ids({ regionId: "ap-southeast-1" })).toEqual([]);
  });
});

describe("CancelTask", () => {
  it("refuses what does not exist, what has ended, what cannot be cancelled, and other kinds of task", async () => {
    expect(await refused(cancel("t-none"))).toMatchObject({ code: "InvalidTaskId.NotFound", status: 400 });
    const { taskId } = await importImage();
    const task = emulator.world.tasks.get(taskId!)!;
    task.cancellable = false;
    expect(await refused(cancel(taskId!))).toMatchObject({ code: "CancelTaskFailed", status: 403 });
    Object.assign(task, { action: "ModifyDiskSpec" });
    expect(await refused(cancel(taskId!))).toMatchObject({ code: "InvalidTaskId.TaskActionNotSupport", status: 403 });
    Object.assign(task, { action: "ImportImage", cancellable: true });
    await clock.advance(10 * MINUTE_MS);
    expect(await refused(cancel(taskId!))).toMatchObject({ code: "InvalidTaskId.IncorrectTaskStatus", status: 403 });
    expect(emulator.world.images.get(task.imageId)).toBeDefined();
  });

  it("requires its parameters in the words of its page", async () => {
    expect(await refused(cancel(""))).toMatchObject({
      code: "MissingParameter",
      status: 400,
      message: expect.stringContaining('An input parameter "TaskId" that is mandatory'),
    });
    expect(
      await refused(client.cancelTask(new ecs.CancelTaskRequest({ regionId: "cn-nowhere", taskId: "t" }))),
    ).toMatchObject({ code: "InvalidRegionId.NotFound", status: 400 });
  });
});
