import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { credentialsFrom } from "../../provider/config/credentials";
import { settingsFrom } from "../../provider/config/settings";
import { Failure } from "../../provider/failure";
import { answer, body, openStage, refuse, reset, type Stage } from "../ecs/stage";

const settings = (config: Record<string, string>) => settingsFrom({ get: (key) => config[key] }, {});

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  return failure as Failure;
}

it("configured keys are used as they are", async () => {
  const credentials = credentialsFrom(
    settings({ "alicloud:accessKey": "i", "alicloud:secretKey": "s", "alicloud:securityToken": "t" }),
  );
  expect(await credentials.get()).toEqual({ accessKeyId: "i", accessKeySecret: "s", securityToken: "t" });
});

describe("a profile of the CLI", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "profile-"));
    file = join(folder, "config.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (text: unknown) => writeFile(file, typeof text === "string" ? text : JSON.stringify(text));
  const of = (profile?: string) =>
    credentialsFrom(
      settings({
        "alicloud:sharedCredentialsFile": file,
        ...(profile !== undefined && { "alicloud:profile": profile }),
      }),
    );
  const profiles = [
    { name: "keys", mode: "AK", access_key_id: "i", access_key_secret: "s" },
    { name: "session", mode: "StsToken", access_key_id: "STS.i", access_key_secret: "s", sts_token: "t" },
  ];

  it("is found by its name, or is the file's current one", async () => {
    await write({ current: "keys", profiles });
    expect(await of("session").get()).toEqual({ accessKeyId: "STS.i", accessKeySecret: "s", securityToken: "t" });
    expect(await of().get()).toEqual({ accessKeyId: "i", accessKeySecret: "s" });
  });

  it("that the file does not have is an error that lists the existing ones", async () => {
    await write({ profiles });
    const failure = await failureOf(of("other").get());
    expect(failure.kind).toBe("Denied");
    expect(failure.message).toContain('no profile "other"');
    expect(failure.message).toContain('"keys", "session"');
  });

  it("is read again when the keys have expired", async () => {
    await write({ profiles: [{ ...profiles[1], name: "p", sts_token: "old" }] });
    const credentials = of("p");
    expect((await credentials.get()).securityToken).toBe("old");
    await write({ profiles: [{ ...profiles[1], name: "p", sts_token: "new" }] });
    credentials.renew();
    expect((await credentials.get()).securityToken).toBe("new");
  });

  it.each<[string, unknown]>([
    ["a file that is no JSON", '{"profiles":[{"access_key_secret":"canary"'],
    ["a file of another kind", { access_key_secret: "canary" }],
    ["a mode that nobody knows", { profiles: [{ name: "p", mode: "canary", access_key_secret: "canary" }] }],
    ["a profile without keys", { profiles: [{ name: "p", mode: "AK", access_key_secret: "canary" }] }],
  ])("%s is an error that shows nothing of the file, and the next attempt reads it again", async (_, text) => {
    await write(text);
    const credentials = of("p");
    const failure = await failureOf(credentials.get());
    expect(failure.kind).toBe("Denied");
    expect(`${failure.message}${failure.stack}`).not.toContain("canary");
    await write({ profiles: [{ ...profiles[0], name: "p" }] });
    expect((await credentials.get()).accessKeyId).toBe("i");
  });

  it("in a file that is not there is an error that names the file", async () => {
    expect((await failureOf(of("p").get())).message).toContain(file);
  });
});

describe("the default chain", () => {
  const names = [
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
  ];
  const before = names.map((name) => process.env[name]);
  afterEach(() =>
    names.forEach((name, at) =>
      before[at] === undefined ? delete process.env[name] : (process.env[name] = before[at]),
    ),
  );

  it("that finds nothing says what to set, and looks again the next time", async () => {
    Object.assign(process.env, {
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true",
      ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true",
      ALIBABA_CLOUD_CREDENTIALS_FILE: "/nowhere",
    });
    const credentials = credentialsFrom(settings({}));
    const failure = await failureOf(credentials.get());
    expect(failure.kind).toBe("Denied");
    expect(failure.message).toContain("alicloud:accessKey");
    Object.assign(process.env, { ALIBABA_CLOUD_ACCESS_KEY_ID: "i", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s" });
    expect(await credentials.get()).toEqual({ accessKeyId: "i", accessKeySecret: "s" });
  });
});

describe("an assumed role", () => {
  const ROLE = "acs:ram::1234567890123456:role/builder";
  let stage: Stage;
  let clock: ManualClock;
  let given = 0;
  const grant = () =>
    answer({
      Credentials: {
        AccessKeyId: `STS.${++given}`,
        AccessKeySecret: "s",
        SecurityToken: `token${given}`,
        Expiration: "2026-01-01T01:00:00Z",
      },
    });

  beforeEach(async () => {
    stage = await openStage();
    clock = manualClock();
    given = 0;
    stage.play((response, seen) => grant()(response, seen));
  });
  afterEach(() => stage.close());

  const credentials = () =>
    credentialsFrom(
      settings({
        "alicloud:accessKey": "canaryId01",
        "alicloud:secretKey": "canarySecret01",
        "alicloud:endpoints": JSON.stringify({ sts: stage.endpoint }),
        "alicloud:assumeRole": JSON.stringify({ roleArn: ROLE, sessionExpiration: 1_800, externalId: "x" }),
      }),
      clock,
    );

  it("is requested from STS once for all callers", async () => {
    const role = credentials();
    const keys = await Promise.all(Array.from({ length: 10 }, () => role.get()));
    expect(new Set(keys.map(({ securityToken }) => securityToken))).toEqual(new Set(["token1"]));
    expect(stage.seen).toHaveLength(1);
    expect(stage.seen[0]!.action).toBe("AssumeRole");
    expect(Object.fromEntries(stage.seen[0]!.parameters)).toEqual({
      RoleArn: ROLE,
      RoleSessionName: "pulumi",
      DurationSeconds: "1800",
      ExternalId: "x",
    });
    expect(stage.seen[0]!.headers["x-acs-version"]).toBe("2015-04-01");
  });

  it("is assumed again before its session ends, and when it is renewed", async () => {
    const role = credentials();
    await role.get();
    await clock.advance(24 * 60_000);
    expect((await role.get()).securityToken).toBe("token1");
    await clock.advance(2 * 60_000);
    expect((await role.get()).securityToken).toBe("token2");
    role.renew();
    expect((await role.get()).securityToken).toBe("token3");
  });

  it("keeps working while STS does not answer for a moment", async () => {
    const role = credentials();
    await role.get();
    await clock.advance(26 * 60_000);
    stage.play(reset);
    expect((await role.get()).securityToken).toBe("token1");
    await clock.advance(5 * 60_000);
    expect((await failureOf(role.get())).kind).toBe("Unreachable");
    stage.play((response, seen) => grant()(response, seen));
    expect((await role.get()).securityToken).toBe("token2");
  });

  it("that is refused is an error with the cloud's own reason and without keys", async () => {
    stage.play((response, seen) =>
      refuse(
        403,
        "NoPermission",
        `You are not authorized. ${JSON.stringify(seen.headers)} canarySecret01`,
      )(response, seen),
    );
    const failure = await failureOf(credentials().get());
    expect(failure.kind).toBe("Denied");
    expect(failure.message).toMatch(
      /^assuming the role acs:ram::1234567890123456:role\/builder: You are not authorized/,
    );
    expect(failure.message).toContain("(NoPermission)");
    expect(failure.message).not.toMatch(/canary/);
  });

  it.each([
    ["503", refuse(503, "ServiceUnavailable")],
    ["a throttle", refuse(400, "Throttling.User")],
    ["an answer without keys", body(200, '{"Credentials":{"AccessKeyId":"STS.canary","AccessKeySecret":"canary"}}')],
    ["no JSON", body(200, "canary")],
  ])("%s is no valid answer, and the call may be repeated", async (_, act) => {
    stage.play(act);
    const failure = await failureOf(credentials().get());
    expect(failure.kind).toBe("Unreachable");
    expect(failure.message).not.toContain("canary");
  });
});
