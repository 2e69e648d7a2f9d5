import type { Ecs } from "../../provider/ecs/actions";
import { openEcs } from "../../provider/ecs/client";
import { reactionTo } from "../../provider/ecs/codes";
import type { Credentials, Keys } from "../../provider/ecs/credentials";
import { Failure } from "../../provider/failure";
import { type TurnedClock, turnedClock } from "../../provider/wait/clock";
import { type Act, answer, body, drip, openStage, refuse, REQUEST_ID, reset, silence, type Stage, truncate, turnUntilSettled } from "./stage";

let stage: Stage;
let clock: TurnedClock;
beforeEach(async () => {
  stage = await openStage();
  clock = turnedClock();
});
afterEach(() => stage.close());

const KEYS: Keys = { accessKeyId: "LTAIcanarycanary0001", accessKeySecret: "canarySecret00000000000000001", securityToken: "CAIScanaryToken/+aB0000000000000000000000000000000000000000001==" };
const fixed = (keys: Keys = KEYS): Credentials => ({ get: async () => keys, renew: () => undefined });

function ecs({ credentials = fixed(), deadlineMs = 3_600_000, callTimeoutMs = 300 }: { credentials?: Credentials; deadlineMs?: number; callTimeoutMs?: number } = {}): Ecs {
  const bind = openEcs({ regionId: "cn-hangzhou", endpoint: stage.endpoint, protocol: "HTTPS", credentials, clock, callTimeoutMs });
  return bind({ doing: 'creating image "golden" from instance i-1', deadlineMs: clock.now() + deadlineMs });
}

async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const failure = await turnUntilSettled(clock, call).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  return failure as Failure;
}

const create = (call = ecs()) => call("CreateImage", { InstanceId: "i-1", ClientToken: "token-1", Tag: [{ Key: "a", Value: "1" }] });
const made = answer({ ImageId: "m-1" });

describe("a request", () => {
  it("carries action, region and nested parameters as the API names them, signed, with the token in a header alone", async () => {
    stage.play(made);
    await create(ecs());
    const [call] = stage.seen;
    expect(call!.action).toBe("CreateImage");
    expect(Object.fromEntries(call!.parameters)).toEqual({ RegionId: "cn-hangzhou", InstanceId: "i-1", ClientToken: "token-1", "Tag.1.Key": "a", "Tag.1.Value": "1" });
    expect(call!.headers.authorization).toMatch(/^ACS3-HMAC-SHA256 Credential=LTAIcanarycanary0001,SignedHeaders=.*x-acs-security-token.*,Signature=[0-9a-f]{64}$/);
    expect(call!.headers["x-acs-security-token"]).toBe(KEYS.securityToken);
    expect(call!.url).not.toContain("CAIS");
  });

  it("that is too long for a URL goes in the body, and loses nothing", async () => {
    stage.play(made);
    const tags = Array.from({ length: 20 }, (_, n) => ({ Key: `${"键".repeat(120)}${n}`, Value: "值".repeat(128) }));
    await ecs()("CreateImage", { InstanceId: "i-1", Tag: tags });
    const [call] = stage.seen;
    expect(call!.url.length).toBeLessThan(100);
    expect(call!.parameters.get("Tag.20.Key")).toBe(tags[19]!.Key);
    expect(call!.headers["x-acs-content-sha256"]).not.toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("has a fresh nonce on each attempt, and the same client token", async () => {
    stage.play(refuse(503, "ServiceUnavailable"), reset, made);
    await turnUntilSettled(clock, create());
    expect(new Set(stage.seen.map(({ headers }) => headers["x-acs-signature-nonce"])).size).toBe(3);
    expect(stage.seen.map(({ parameters }) => parameters.get("ClientToken"))).toEqual(["token-1", "token-1", "token-1"]);
  });

  it("is not sent on to where a redirect points", async () => {
    const elsewhere = await openStage();
    stage.play(body(302, "", { location: elsewhere.endpoint }), made);
    await turnUntilSettled(clock, create());
    expect(elsewhere.seen).toHaveLength(0);
    expect(stage.seen).toHaveLength(2);
    await elsewhere.close();
  });
});

describe("an outcome that nobody knows", () => {
  const unclear: Record<string, Act> = {
    "a reset": reset,
    "an answer that breaks off": truncate,
    "silence": silence,
    "a byte at a time": drip,
    "502 with HTML": body(502, "<html><h1>Bad Gateway</h1></html>", { "content-type": "text/html" }),
    "504 with nothing": body(504, ""),
    "500 InternalError": refuse(500, "InternalError"),
    "503 with an unknown code": refuse(503, "SomethingNew"),
    "an XML error": body(500, "<Error><Code>X</Code></Error>", { "content-type": "text/xml" }),
    "200 and empty": body(200, ""),
    "200 and cut short": body(200, '{"ImageId":"m-'),
    "200 and garbled gzip": body(200, "not gzip", { "content-type": "application/json", "content-encoding": "gzip" }),
    "200 and a list": body(200, "[]"),
    "200 and null": body(200, "null"),
    "200 and an error": body(200, JSON.stringify({ Code: "InternalError", Message: "no", RequestId: REQUEST_ID })),
    "200 without the id": answer({}),
    "200 with an id of the wrong type": answer({ ImageId: 7 }),
    "a nonce that a proxy used up": refuse(400, "SignatureNonceUsed"),
  };

  it.each(Object.entries(unclear))("%s: CreateImage with a client token is sent again, and the answer is taken", async (_, act) => {
    stage.play(act, act, made);
    const made2 = await turnUntilSettled(clock, create());
    expect(made2.ImageId).toBe("m-1");
    expect(stage.seen).toHaveLength(3);
  });

  it.each(Object.entries(unclear))("%s: ExportImage is never sent twice", async (_, act) => {
    stage.play(act);
    const failure = await failureOf(ecs()("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
    expect(failure.kind).toBe("Unreachable");
    expect(reactionTo(failure)).toBe("repeat");
    expect(stage.seen).toHaveLength(1);
  });

  it("CreateImage without a client token is not sent twice", async () => {
    stage.play(reset);
    expect((await failureOf(ecs()("CreateImage", { InstanceId: "i-1" }))).kind).toBe("Unreachable");
    expect(stage.seen).toHaveLength(1);
  });

  it("is given up after a few minutes, with growing pauses, however late the deadline", async () => {
    stage.play(body(502, "<html>"));
    const startedMs = clock.now();
    const failure = await failureOf(create());
    expect(failure.kind).toBe("Unreachable");
    expect(clock.now() - startedMs).toBeLessThanOrEqual(180_000);
    expect(stage.seen.length).toBeLessThan(25);
    expect(failure.message).toMatch(/^creating image "golden" from instance i-1: .*Whether it was done is not known/);
  });

  it("no attempt begins after the deadline", async () => {
    stage.play(reset);
    const deadlineMs = clock.now() + 5_000;
    await failureOf(create(ecs({ deadlineMs: 5_000 })));
    expect(clock.now()).toBeLessThanOrEqual(deadlineMs);
  });

  it("an answer that comes as slowly as a byte a second ends at the time limit of the call, not at its last byte", async () => {
    stage.play(drip);
    const startedMs = Date.now();
    await failureOf(ecs({ callTimeoutMs: 250 })("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
    expect(Date.now() - startedMs).toBeLessThan(2_000);
  });

  it.each<[string, Act]>([
    ["no list", answer({ TotalCount: 0 })],
    ["a list that is none", answer({ TotalCount: 1, Images: { Image: {} } })],
    ["a row without an id", answer({ TotalCount: 1, Images: { Image: [{ Status: "Available" }] } })],
    ["a row without a status", answer({ TotalCount: 1, Images: { Image: [{ ImageId: "m-1" }] } })],
  ])("DescribeImages with %s is not taken for an empty list", async (_, act) => {
    stage.play(act);
    expect((await failureOf(ecs()("DescribeImages", {}))).kind).toBe("Unreachable");
  });
});

describe("a server that is not reached", () => {
  it("is tried again even for ExportImage, since nothing was done", async () => {
    const port = new URL(stage.endpoint).port;
    await stage.close();
    const startedMs = clock.now();
    const failure = await failureOf(ecs()("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
    expect(failure.kind).toBe("Unreachable");
    expect(failure.message).toContain(`127.0.0.1:${port}, ECONNREFUSED`);
    expect(clock.now()).toBeGreaterThan(startedMs + 30_000);
    stage = await openStage();
  });

  it("without a trusted connection is not tried again", async () => {
    const bind = openEcs({ regionId: "cn-hangzhou", endpoint: stage.endpoint.replace("http:", "https:"), protocol: "HTTPS", credentials: fixed(), clock });
    const startedMs = clock.now();
    const failure = await failureOf(bind({ doing: "looking", deadlineMs: clock.now() + 60_000 })("DescribeImages", {}));
    expect(failure.kind).toBe("Unreachable");
    expect(failure.message).toContain("no trusted connection");
    expect(clock.now()).toBe(startedMs);
  });
});

describe("throttling", () => {
  const throttle = refuse(400, "Throttling.User", "Request was denied due to user flow control.");

  it.each([1, 5, 40])("%i throttled calls in a row end in success", async (times) => {
    stage.play(...Array.from({ length: times }, () => throttle), made);
    expect((await turnUntilSettled(clock, create())).ImageId).toBe("m-1");
    expect(stage.seen).toHaveLength(times + 1);
  });

  it("for ever ends at the deadline, with the code and the request id, and few calls", async () => {
    stage.play(throttle);
    const failure = await failureOf(create());
    expect(failure.kind).toBe("Refused");
    expect(failure.detail).toMatchObject({ action: "CreateImage", code: "Throttling.User", requestId: REQUEST_ID });
    expect(reactionTo(failure)).toBe("throttled");
    expect(failure.message).toContain("Request was denied due to user flow control (Throttling.User).");
    expect(stage.seen.length / 60).toBeLessThan(6); // calls a minute
  });

  it("of one call holds back the others of the same action, and of no other", async () => {
    stage.play(throttle, made);
    const call = ecs();
    const first = create(call);
    await new Promise((turn) => setTimeout(turn, 50));
    const others = [create(call), create(call)];
    await new Promise((turn) => setTimeout(turn, 50));
    expect(stage.seen).toHaveLength(1);
    stage.play(answer({}));
    await call("DeleteImage", { ImageId: "m-1" });
    stage.play(made);
    await turnUntilSettled(clock, Promise.all([first, ...others]));
    expect(stage.seen).toHaveLength(5);
  });
});

describe("a cloud that is busy", () => {
  const busy = refuse(403, "IncorrectDiskStatus.CreatingSnapshot", "A previous snapshot creation is in process.");

  it("is asked again until it is not, ever more rarely", async () => {
    stage.play(...Array.from({ length: 30 }, () => busy), made);
    const startedMs = clock.now();
    await turnUntilSettled(clock, create());
    expect(clock.now() - startedMs).toBeGreaterThan(30 * 10_000);
  });

  it("until the deadline: the error says what it is busy with", async () => {
    stage.play(busy);
    const failure = await failureOf(create());
    expect(failure.kind).toBe("Refused");
    expect(failure.message).toBe(
      `creating image "golden" from instance i-1: A previous snapshot creation is in process (IncorrectDiskStatus.CreatingSnapshot). A disk of the instance is busy; wait until its snapshot, migration or attachment is done. RequestId: ${REQUEST_ID}`,
    );
  });
});

describe("what a person must do", () => {
  it("a full quota is told at once", async () => {
    stage.play(refuse(403, "QuotaExceed.Image", "The Image Quota exceeds."));
    const failure = await failureOf(create());
    expect(failure.message).toContain("The Image Quota exceeds (QuotaExceed.Image). Delete images that are no longer needed");
    expect(stage.seen).toHaveLength(1);
  });

  it("a missing permission is told at once, with the RAM action that is missing", async () => {
    stage.play(refuse(403, "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM."));
    const failure = await failureOf(create());
    expect(failure.kind).toBe("Denied");
    expect(failure.message).toContain("ecs:CreateImage");
    expect(stage.seen).toHaveLength(1);
  });

  it("a clock that is off is told as what it is", async () => {
    stage.play(refuse(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    expect((await failureOf(create())).message).toContain("Set the clock of this machine");
  });
});

describe("temporary credentials that run out", () => {
  const expired = refuse(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.");
  const old: Keys = { accessKeyId: "STS.old0000001", accessKeySecret: "s", securityToken: "old" };

  function rotating() {
    let generation = 0;
    let renewals = 0;
    const credentials: Credentials = {
      get: async () => (generation === 0 ? old : { accessKeyId: `STS.new000000${generation}`, accessKeySecret: "s", securityToken: `new${generation}` }),
      renew() {
        generation += 1;
        renewals += 1;
      },
    };
    return { credentials, renewals: () => renewals };
  }

  it("are renewed once for all who meet it, and everybody goes on", async () => {
    const { credentials, renewals } = rotating();
    stage.play((response, seen) => (seen.headers["x-acs-security-token"] === "old" ? expired : made)(response, seen));
    const call = ecs({ credentials });
    await turnUntilSettled(clock, Promise.all(Array.from({ length: 5 }, () => create(call))));
    expect(renewals()).toBe(1);
  });

  it("and have no successor are an error at once", async () => {
    stage.play(expired);
    const failure = await failureOf(create());
    expect(failure.kind).toBe("Denied");
    expect(stage.seen).toHaveLength(1);
  });

  it("whose successors run out too are an error, not a loop", async () => {
    const { credentials } = rotating();
    stage.play(expired);
    expect((await failureOf(create(ecs({ credentials })))).kind).toBe("Denied");
    expect(stage.seen.length).toBeLessThan(4);
  });

  it("a wrong access key is an error at once, and repeats nothing of it", async () => {
    stage.play(refuse(404, "InvalidAccessKeyId.NotFound", `Specified access key is not found: ${KEYS.accessKeyId}`));
    const failure = await failureOf(create());
    expect(failure.kind).toBe("Denied");
    expect(failure.message).not.toContain(KEYS.accessKeyId);
    expect(stage.seen).toHaveLength(1);
  });
});

it("credentials that cannot be fetched for a moment are asked for again, and nothing is sent meanwhile", async () => {
  let asked = 0;
  const credentials: Credentials = {
    get: async () => {
      asked += 1;
      if (asked < 3) throw new Failure("Unreachable", "assuming the role: no answer");
      return KEYS;
    },
    renew: () => undefined,
  };
  stage.play(answer({ TaskId: "t-1" }));
  await turnUntilSettled(clock, ecs({ credentials })("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
  expect(stage.seen).toHaveLength(1);
});

describe("what the server repeats of a request", () => {
  const echoes: Record<string, (seen: { headers: Record<string, unknown>; url: string }) => string> = {
    "the authorization": ({ headers }) => `Specified signature is not matched. server string to sign is: ${headers.authorization}`,
    "the token": ({ headers }) => `token ${headers["x-acs-security-token"]} is wrong`,
    "the key and the secret": () => `AccessKeyId=${KEYS.accessKeyId}&AccessKeySecret=${KEYS.accessKeySecret}`,
    "everything, encoded": ({ headers }) => encodeURIComponent(JSON.stringify(headers)),
    "everything": ({ headers, url }) => JSON.stringify({ headers, url }),
  };

  it.each(Object.entries(echoes))("%s does not come through to an error", async (_, echo) => {
    stage.play((response, seen) => refuse(403, "SignatureDoesNotMatch", echo({ ...seen, headers: { ...seen.headers } }))(response, seen));
    const failure = await failureOf(create());
    const everything = `${failure.message} ${failure.stack} ${JSON.stringify(failure.detail)} ${JSON.stringify(failure)} ${String(failure.cause)}`;
    const signature = /Signature=(\w+)/.exec(String(stage.seen[0]!.headers.authorization))![1]!;
    for (const secret of [KEYS.accessKeyId, KEYS.accessKeySecret, KEYS.securityToken!, KEYS.securityToken!.slice(0, 20), signature]) expect(everything).not.toContain(secret);
    expect(failure.kind).toBe("Denied");
  });
});
