import { reactionTo } from "../../provider/ecs/codes";
import type { Credentials, Keys } from "../../provider/ecs/credentials";
import { Failure } from "../../provider/failure";
import { answer, create, KEYS, made, openRig, REQUEST_ID, type Rig, refuse } from "./stage";

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.stage.close());

describe("throttling", () => {
  const throttle = refuse(400, "Throttling.User", "Request was denied due to user flow control.");

  it.each([1, 5, 40])("%i throttled calls in a row end in success", async (times) => {
    rig.stage.play(...Array.from({ length: times }, () => throttle), made);
    expect((await rig.settled(create(rig.ecs()))).ImageId).toBe("m-1");
    expect(rig.stage.seen).toHaveLength(times + 1);
  });

  it("without end stops at the deadline, with the code and the request id, after few calls", async () => {
    rig.stage.play(throttle);
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.kind).toBe("Refused");
    expect(failure.detail).toMatchObject({ action: "CreateImage", code: "Throttling.User", requestId: REQUEST_ID });
    expect(reactionTo(failure)).toBe("throttled");
    expect(failure.message).toContain("Request was denied due to user flow control (Throttling.User).");
    expect(rig.stage.seen.length / 60).toBeLessThan(6); // calls a minute
  });

  it("of one call delays the others of the same action, and of no other", async () => {
    rig.stage.play(throttle, made);
    const call = rig.ecs();
    const first = create(call);
    await new Promise((turn) => setTimeout(turn, 50));
    const others = [create(call), create(call)];
    await new Promise((turn) => setTimeout(turn, 50));
    expect(rig.stage.seen).toHaveLength(1);
    rig.stage.play(answer({}));
    await call("DeleteImage", { ImageId: "m-1" });
    rig.stage.play(made);
    await rig.settled(Promise.all([first, ...others]));
    expect(rig.stage.seen).toHaveLength(5);
  });
});

describe("a cloud that is busy", () => {
  const busy = refuse(403, "IncorrectDiskStatus.CreatingSnapshot", "A previous snapshot creation is in process.");

  it("gets the call again with growing pauses until it is not", async () => {
    rig.stage.play(...Array.from({ length: 30 }, () => busy), made);
    const startedMs = rig.clock.now();
    await rig.settled(create(rig.ecs()));
    expect(rig.clock.now() - startedMs).toBeGreaterThan(30 * 10_000);
  });

  it("until the deadline causes an error that says why", async () => {
    rig.stage.play(busy);
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.kind).toBe("Refused");
    expect(failure.message).toBe(
      `creating image "golden" from instance i-1: A previous snapshot creation is in process ` +
        "(IncorrectDiskStatus.CreatingSnapshot). A disk of the instance is busy; wait until its snapshot, " +
        `migration or attachment is done. RequestId: ${REQUEST_ID}`,
    );
  });
});

describe("what a person must do", () => {
  it("a full quota is reported at once", async () => {
    rig.stage.play(refuse(403, "QuotaExceed.Image", "The Image Quota exceeds."));
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.message).toContain(
      "The Image Quota exceeds (QuotaExceed.Image). Delete images that are no longer needed",
    );
    expect(rig.stage.seen).toHaveLength(1);
  });

  it("a missing permission is reported at once, with the RAM action that is missing", async () => {
    rig.stage.play(
      refuse(
        403,
        "Forbidden.RAM",
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
      ),
    );
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.kind).toBe("Denied");
    expect(failure.message).toContain("ecs:CreateImage");
    expect(rig.stage.seen).toHaveLength(1);
  });

  it("a wrong clock is named as the cause", async () => {
    rig.stage.play(refuse(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    expect((await rig.failureOf(create(rig.ecs()))).message).toContain("Set the clock of this machine");
  });
});

describe("temporary credentials that run out", () => {
  const expired = refuse(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.");
  const old: Keys = { accessKeyId: "STS.old0000001", accessKeySecret: "s", securityToken: "old" };

  function rotating() {
    let generation = 0;
    let renewals = 0;
    const credentials: Credentials = {
      get: async () =>
        generation === 0
          ? old
          : { accessKeyId: `STS.new000000${generation}`, accessKeySecret: "s", securityToken: `new${generation}` },
      renew() {
        generation += 1;
        renewals += 1;
      },
    };
    return { credentials, renewals: () => renewals };
  }

  it("are renewed once for all calls that need them, and all of them continue", async () => {
    const { credentials, renewals } = rotating();
    rig.stage.play((response, seen) =>
      (seen.headers["x-acs-security-token"] === "old" ? expired : made)(response, seen),
    );
    const call = rig.ecs({ credentials });
    await rig.settled(Promise.all(Array.from({ length: 5 }, () => create(call))));
    expect(renewals()).toBe(1);
  });

  it("and are not replaced are an error at once", async () => {
    rig.stage.play(expired);
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.kind).toBe("Denied");
    expect(rig.stage.seen).toHaveLength(1);
  });

  it("whose replacements have run out, too, are an error, not a loop", async () => {
    const { credentials } = rotating();
    rig.stage.play(expired);
    expect((await rig.failureOf(create(rig.ecs({ credentials })))).kind).toBe("Denied");
    expect(rig.stage.seen.length).toBeLessThan(4);
  });

  it("a wrong access key is an error at once, without the key", async () => {
    rig.stage.play(
      refuse(404, "InvalidAccessKeyId.NotFound", `Specified access key is not found: ${KEYS.accessKeyId}`),
    );
    const failure = await rig.failureOf(create(rig.ecs()));
    expect(failure.kind).toBe("Denied");
    expect(failure.message).not.toContain(KEYS.accessKeyId);
    expect(rig.stage.seen).toHaveLength(1);
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
  rig.stage.play(answer({ TaskId: "t-1" }));
  await rig.settled(rig.ecs({ credentials })("ExportImage", { ImageId: "m-1", OSSBucket: "b" }));
  expect(rig.stage.seen).toHaveLength(1);
});

describe("what the server repeats of a request", () => {
  const echoes: Record<string, (seen: { headers: Record<string, unknown>; url: string }) => string> = {
    "the authorization": ({ headers }) =>
      `Specified signature is not matched. server string to sign is: ${headers.authorization}`,
    "the token": ({ headers }) => `token ${headers["x-acs-security-token"]} is wrong`,
    "the key and the secret": () => `AccessKeyId=${KEYS.accessKeyId}&AccessKeySecret=${KEYS.accessKeySecret}`,
    "everything, encoded": ({ headers }) => encodeURIComponent(JSON.stringify(headers)),
    everything: ({ headers, url }) => JSON.stringify({ headers, url }),
  };

  it.each(Object.entries(echoes))("%s does not appear in an error", async (_, echo) => {
    rig.stage.play((response, seen) =>
      refuse(403, "SignatureDoesNotMatch", echo({ ...seen, headers: { ...seen.headers } }))(response, seen),
    );
    const failure = await rig.failureOf(create(rig.ecs()));
    const everything =
      `${failure.message} ${failure.stack} ${JSON.stringify(failure.detail)} ` +
      `${JSON.stringify(failure)} ${String(failure.cause)}`;
    const signature = /Signature=(\w+)/.exec(String(rig.stage.seen[0]!.headers.authorization))![1]!;
    for (const secret of [
      KEYS.accessKeyId,
      KEYS.accessKeySecret,
      KEYS.securityToken!,
      KEYS.securityToken!.slice(0, 20),
      signature,
    ])
      expect(everything).not.toContain(secret);
    expect(failure.kind).toBe("Denied");
  });
});
