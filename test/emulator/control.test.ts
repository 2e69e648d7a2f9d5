import { type Emulator, type ManualClock, manualClock, seeds, startEmulator } from "../../emulator";
import { call } from "./signed-call";

let clock: ManualClock;
let emulator: Emulator;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
});
afterEach(() => emulator.close());

const get = async (path: string, headers = {}) => fetch(`${emulator.endpoint}${path}`, { headers });
const read = async (path: string): Promise<any> => (await get(path)).json();
const post = async (path: string, body: unknown, headers = {}) => {
  const answer = await fetch(`${emulator.endpoint}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return [answer.status, ((await answer.json()) as { error?: string }).error] as const;
};

test("/health says that it is up", async () => {
  expect((await read("/health")).status).toBe("ok");
});

test("the page is for browsers; an unsigned client of OSS is still denied", async () => {
  expect((await get("/", { accept: "text/html,*/*" })).headers.get("content-type")).toContain("text/html");
  expect((await get("/")).status).toBe(403);
});

test("the world is a JSON document, with the accounts and with how far everything is", async () => {
  const { ImageId } = (await call(emulator, "CreateImage", { InstanceId: seeds.instanceId, "Tag.1.Key": "team" })).body;
  emulator.account("2222222222222222");
  await clock.advance(30_000);
  const world = await read("/_emulator/world.json");
  expect(world.now).toBe("2026-01-01T00:00:30Z");
  expect(world.accounts.map((account: { accountId: string }) => account.accountId)).toEqual([
    "1234567890123456",
    "2222222222222222",
  ]);
  const [account] = world.accounts;
  expect(account.images.find(({ imageId }: { imageId: string }) => imageId === ImageId)).toMatchObject({
    status: "Creating",
    progress: 50,
    remainingSeconds: 30,
    tags: { team: "" },
    madeFrom: "instance",
    sourceId: seeds.instanceId,
  });
  expect(account.buckets[0]).toMatchObject({ name: seeds.imageBucket, objects: [{ key: seeds.imageObject }] });
  expect(JSON.stringify(world)).not.toContain("emulator-secret");
});

test("the calls from a number on are a JSON document", async () => {
  await call(emulator, "DescribeImages");
  await call(emulator, "DeleteImage", { ImageId: seeds.publicImageId });
  const { total, calls } = await read("/_emulator/calls.json?since=1");
  expect(total).toBe(2);
  expect(calls).toEqual([
    expect.objectContaining({
      number: 1,
      action: "DeleteImage",
      status: 404,
      code: "InvalidImageId.NotFound",
      effect: false,
    }),
  ]);
});

test("what is wrong with a control is reported", async () => {
  expect(await post("/_emulator/advance", { ms: "soon" })).toEqual([400, "ms must be a number of milliseconds."]);
  expect(await post("/_emulator/drift", { imageId: "m-none" })).toEqual([400, "There is no custom image m-none."]);
  expect((await post("/_emulator/inject", {}))[0]).toBe(400);
  const reset = { kind: "reset" };
  const wrong = [
    [{ action: "CreateImag", fault: reset }, /action must be one of .*CreateImage/],
    [{ action: "CreateImage", fault: { kind: "resett" } }, /fault.kind must be one of .*reset, truncate/],
    [{ action: "CreateImage", fault: { ...reset, code: "X" } }, /fault.code is not known here/],
    [{ action: "CreateImage", fault: reset, time: 2 }, /time is not known here: .*times/],
    [{ action: "PutObject", fault: reset, phase: "later" }, /phase must be one of before, after/],
    [{ action: "CreateImage", fault: { kind: "error", code: "X" } }, /fault.status is missing/],
  ] as const;
  for (const [body, what] of wrong)
    expect(await post("/_emulator/inject", body)).toEqual([400, expect.stringMatching(what)]);
  expect(await post("/_emulator/scenario", { for: "CreateImage", failAt: 40 })).toEqual([
    400,
    expect.stringContaining("failAtPercent"),
  ]);
  expect((await post("/_emulator/drift", { imageId: "m-none", name: "x" }))[1]).toContain("imageName");
  expect((await post("/_emulator/explode", {}))[1]).toContain("/_emulator/advance");
  expect((await post("/_emulator/reset", {}, { "content-type": "text/plain" }))[0]).toBe(403);
  expect((await get("/_emulator/else")).status).toBe(404);
});

test("faults can be injected and images changed from outside", async () => {
  const { ImageId } = (await call(emulator, "CreateImage", { InstanceId: seeds.instanceId })).body;
  await post("/_emulator/drift", { imageId: ImageId, imageName: "other", tags: { team: "ops" } });
  expect(emulator.world.images.get(ImageId)).toMatchObject({ imageName: "other", tags: new Map([["team", "ops"]]) });
  await post("/_emulator/inject", {
    action: "DescribeImages",
    fault: { kind: "error", status: 503, code: "ServiceUnavailable" },
  });
  expect((await call(emulator, "DescribeImages")).status).toBe(503);
  await post("/_emulator/advance", { ms: 60_000 });
  expect((await call(emulator, "DescribeImages", { ImageId })).body.TotalCount).toBe(1);
});
