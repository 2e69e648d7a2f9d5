import { reactionTo } from "../../provider/ecs/codes";
import { quotaHintsIn } from "../../provider/ecs/throttle-headers";
import { answer, body, create, made, openRig, REQUEST_ID, type Rig, refuse } from "./stage";

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.stage.close());

const refusal = (status: number, code: string, headers: Record<string, string>) =>
  body(
    status,
    JSON.stringify({ Code: code, Message: "Request was denied due to flow control.", RequestId: REQUEST_ID }),
    {
      "content-type": "application/json",
      ...headers,
    },
  );

describe("a refusal that names a pause", () => {
  it.each([
    [400, "Throttling"],
    [429, "Throttling.User"],
    [403, "QuotaExceed.Image"],
    [503, "ServiceUnavailable"],
  ])("%i %s: the call is sent again after that pause, not before", async (status, code) => {
    rig.stage.play(refusal(status, code, { "x-acs-retry-after": "42000" }), made);
    const startedMs = rig.clock.now();
    expect((await rig.settled(create(rig.ecs()))).ImageId).toBe("m-1");
    expect(rig.clock.now() - startedMs).toBeGreaterThanOrEqual(42_000);
    expect(rig.clock.now() - startedMs).toBeLessThan(60_000);
    expect(rig.stage.seen).toHaveLength(2);
  });

  it("until the deadline is an error with the cloud's own code", async () => {
    rig.stage.play(refusal(400, "Throttling.User", { "x-acs-retry-after": "5000" }));
    const failure = await rig.failureOf(create(rig.ecs({ deadlineMs: 60_000 })));
    expect(failure.detail).toMatchObject({ code: "Throttling.User", retryAfterMs: 5_000 });
    expect(reactionTo(failure)).toBe("throttled");
  });

  it("does not repeat ExportImage after a server error, because it may have taken effect", async () => {
    rig.stage.play(refusal(500, "InternalError", { "x-acs-retry-after": "1000" }));
    expect((await rig.failureOf(rig.ecs()("ExportImage", { ImageId: "m-1", OSSBucket: "b" }))).kind).toBe(
      "Unreachable",
    );
    expect(rig.stage.seen).toHaveLength(1);
  });

  it.each(["0", "-5", "soon", ""])("needs a positive number: %j is none", async (pause) => {
    rig.stage.play(refusal(403, "QuotaExceed.Image", { "x-acs-retry-after": pause }));
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(reactionTo(failure)).toBe("report");
  });
});

describe("a quota that the cloud says is used up", () => {
  const used = (name: string, timeLeftMs: number) =>
    body(200, JSON.stringify({ ImageId: "m-1", RequestId: REQUEST_ID }), {
      "content-type": "application/json",
      [name]: `Limit:5,Remain:0,TimeLeft:${timeLeftMs},Reset:1234`,
    });

  it("delays the next call of that action until the quota is refilled, and no other action", async () => {
    rig.stage.play(used("x-ratelimit-user-api", 30_000), answer({}));
    const call = rig.ecs();
    const startedMs = rig.clock.now();
    await rig.settled(create(call));
    await rig.settled(call("DeleteImage", { ImageId: "m-1" }));
    expect(rig.clock.now()).toBe(startedMs);
    rig.stage.play(made);
    await rig.settled(create(call));
    expect(rig.clock.now() - startedMs).toBeGreaterThanOrEqual(30_000);
  });

  it("of the whole account delays every action, also one that was not called before", async () => {
    rig.stage.play(used("x-ratelimit-user", 30_000), answer({}));
    const call = rig.ecs();
    const startedMs = rig.clock.now();
    await rig.settled(create(call));
    await rig.settled(call("DeleteImage", { ImageId: "m-1" }));
    expect(rig.clock.now() - startedMs).toBeGreaterThanOrEqual(30_000);
  });

  it.each<[string | undefined, object]>([
    ["Limit:1,Remain:0,TimeLeft:2000,Reset:1234", { actionRestMs: 2_000 }],
    [" Limit: 1, Remain: 0, TimeLeft: 2000 ", { actionRestMs: 2_000 }],
    ["Limit:1,Remain:1,TimeLeft:2000,Reset:1234", {}],
    ["Limit:1,TimeLeft:2000", {}],
    ["Remain:0,TimeLeft:x", {}],
    ["", {}],
    [undefined, {}],
  ])("is read from %j", (header, hints) => {
    expect(quotaHintsIn({ "x-ratelimit-user-api": header })).toEqual(hints);
  });
});

describe("a RAM role that is missing", () => {
  const missing = refuse(403, "NoSetRoletoECSServiceAcount", "The ECS service account is not authorized.");
  const exported = (options: { deadlineMs?: number; waiting?: (reason: string) => void } = {}) =>
    rig.ecs(options)("ExportImage", { ImageId: "m-1", OSSBucket: "b" });

  it("may have been created a moment ago: the call is repeated until the role takes effect", async () => {
    const reasons: string[] = [];
    rig.stage.play(...Array.from({ length: 6 }, () => missing), answer({ TaskId: "t-1" }));
    await rig.settled(exported({ waiting: (reason) => reasons.push(reason) }));
    expect(rig.stage.seen).toHaveLength(7);
    expect(reasons[0]).toMatch(/^waiting: Let ECS access the bucket/);
  });

  it("for three minutes is an error", async () => {
    rig.stage.play(missing);
    const startedMs = rig.clock.now();
    const failure = await rig.failureOf(exported());
    expect(failure.detail.code).toBe("NoSetRoletoECSServiceAcount");
    expect(rig.clock.now() - startedMs).toBeGreaterThan(120_000);
    expect(rig.clock.now() - startedMs).toBeLessThanOrEqual(180_000);
  });

  it("is reported at once in a dry run", async () => {
    rig.stage.play(missing);
    await rig.failureOf(rig.ecs()("ExportImage", { ImageId: "m-1", OSSBucket: "b", DryRun: true }));
    expect(rig.stage.seen).toHaveLength(1);
  });
});
