import { getEventListeners } from "node:events";
import { openEcs } from "../../provider/ecs/client";
import { body, create, fixed, KEYS, made, openRig, REQUEST_ID, type Rig, refuse, silence } from "./stage";

let rig: Rig;
let run: AbortController;
beforeEach(async () => {
  rig = await openRig();
  run = new AbortController();
});
afterEach(() => rig.stage.close());

const listeners = () => getEventListeners(run.signal, "abort").length;
/** Waits, in real time, until `isSo`, for events on a real connection. */
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};
const arrives = () => until(() => rig.stage.seen.length > 0);
const exported = (callTimeoutMs = 5_000) =>
  rig.ecs({ signal: run.signal, callTimeoutMs })("ExportImage", { ImageId: "m-1", OSSBucket: "b" });

it("a cancelled operation sends nothing", async () => {
  run.abort();
  rig.stage.play(made);
  const failure = await rig.failureOf(create(rig.ecs({ signal: run.signal })));
  expect(failure.kind).toBe("Cancelled");
  expect(rig.stage.seen).toHaveLength(0);
});

it("a call that waits to be sent again ends at once, and is not sent again", async () => {
  rig.stage.play(refuse(403, "IncorrectDiskStatus.CreatingSnapshot"));
  const work = create(rig.ecs({ signal: run.signal }));
  work.catch(() => undefined);
  await until(() => rig.clock.sleepers > 0);
  run.abort();
  await expect(work).rejects.toMatchObject({ kind: "Cancelled" });
  expect(rig.stage.seen).toHaveLength(1);
  expect(rig.clock.sleepers).toBe(0);
});

it("a call that waits for its turn ends at once, and leaves the queue to the others", async () => {
  rig.stage.play(refuse(400, "Throttling"), made);
  const client = openEcs({
    regionId: "cn-hangzhou",
    endpoint: rig.stage.endpoint,
    protocol: "HTTPS",
    credentials: fixed(),
    clock: rig.clock,
  });
  const operation = { doing: "creating it", deadlineMs: rig.clock.now() + 3_600_000 };
  const first = create(client(operation));
  await until(() => rig.clock.sleepers > 0);
  const waiting = create(client({ ...operation, signal: run.signal }));
  waiting.catch(() => undefined);
  await until(() => listeners() > 0);
  run.abort();
  await expect(waiting).rejects.toMatchObject({ kind: "Cancelled" });
  expect((await rig.settled(first)).ImageId).toBe("m-1");
});

it("a call that waits for its keys ends at once", async () => {
  let asked = false;
  const credentials = {
    get: () => {
      asked = true;
      return new Promise<never>(() => undefined);
    },
    renew: () => undefined,
  };
  const work = create(rig.ecs({ signal: run.signal, credentials }));
  work.catch(() => undefined);
  await until(() => asked);
  run.abort();
  await expect(work).rejects.toMatchObject({ kind: "Cancelled" });
});

it("a call that only reads does not wait for its answer", async () => {
  rig.stage.play(silence);
  const work = rig.ecs({ signal: run.signal, callTimeoutMs: 5_000 })("DescribeImages", {});
  work.catch(() => undefined);
  await arrives();
  run.abort();
  await expect(work).rejects.toMatchObject({
    kind: "Cancelled",
    message: 'creating image "golden" from instance i-1: the run was cancelled.',
  });
});

it("a creating call gets a moment more for its answer, so the id is not lost", async () => {
  let respond = () => {};
  rig.stage.play((response, call) => {
    respond = () => body(200, JSON.stringify({ TaskId: "t-late", RequestId: REQUEST_ID }))(response, call);
  });
  const work = exported();
  await arrives();
  run.abort();
  await rig.clock.advance(1_000);
  respond();
  await expect(work).resolves.toMatchObject({ TaskId: "t-late" });
});

it("a creating call without an answer ends after 1.5 s, and says what is unknown", async () => {
  rig.stage.play(silence);
  const work = exported();
  work.catch(() => undefined);
  await arrives();
  run.abort();
  await until(() => rig.clock.sleepers > 0);
  await rig.clock.advance(1_500);
  await expect(work).rejects.toMatchObject({
    kind: "Cancelled",
    message: expect.stringContaining(
      "cancelled before ExportImage was answered. It is unknown whether the request took effect",
    ),
  });
});

it("calls leave no listener on the signal, however they end", async () => {
  const ecs = rig.ecs({ signal: run.signal, credentials: fixed(KEYS) });
  rig.stage.play(refuse(503, "ServiceUnavailable"), refuse(400, "Throttling"), made);
  await rig.settled(create(ecs));
  rig.stage.play(refuse(403, "QuotaExceed.Image"));
  await rig.failureOf(create(ecs));
  expect(listeners()).toBe(0);
});
