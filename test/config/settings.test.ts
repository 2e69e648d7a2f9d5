import { settingsFrom } from "../../provider/config/settings";
import { Failure } from "../../provider/failure";
import fc from "../support/fast-check";

const settings = (config: Record<string, string> = {}, env: Record<string, string> = {}) =>
  settingsFrom({ get: (key) => config[key] }, env);

function failureOf(config: Record<string, string>, env: Record<string, string> = {}): Failure {
  try {
    settings(config, env);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).kind).toBe("Invalid");
    return error as Failure;
  }
  throw new Error("accepted");
}

it("nothing configured means HTTPS, the regions' own endpoints, and the default chain", () => {
  expect(settings()).toEqual({ regionId: undefined, protocol: "HTTPS", endpoints: {}, keySource: { from: "chain" } });
});

describe("the region", () => {
  it("is the stack's, then the environment's", () => {
    expect(settings({ "alicloud:region": "cn-beijing" }, { ALICLOUD_REGION: "cn-shanghai" }).regionId).toBe(
      "cn-beijing",
    );
    expect(settings({}, { ALICLOUD_REGION: "cn-shanghai", ALIBABA_CLOUD_REGION: "x" }).regionId).toBe("cn-shanghai");
    expect(settings({}, { ALIBABA_CLOUD_REGION: "cn-shanghai" }).regionId).toBe("cn-shanghai");
    expect(settings({}, { ALIBABA_CLOUD_REGION_ID: "cn-shanghai" }).regionId).toBe("cn-shanghai");
  });

  it("in another form is refused by name", () => {
    expect(failureOf({ "alicloud:region": "cn-hangzhou.evil.com/" }).message).toMatch(/^alicloud:region/);
  });
});

describe("the keys", () => {
  const stack = { "alicloud:accessKey": "stackId", "alicloud:secretKey": "stackSecret" };
  const environment = {
    ALICLOUD_ACCESS_KEY: "envId",
    ALICLOUD_SECRET_KEY: "envSecret",
    ALICLOUD_SECURITY_TOKEN: "envToken",
  };

  it("of the stack come first, and take no token from the environment", () => {
    expect(settings({ ...stack, "alicloud:profile": "p" }, environment).keySource).toEqual({
      from: "keys",
      accessKeyId: "stackId",
      accessKeySecret: "stackSecret",
    });
    expect(settings({ ...stack, "alicloud:securityToken": "t" }).keySource).toMatchObject({ securityToken: "t" });
  });

  it.each([
    ["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"],
    ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"],
  ])("are found in the environment as %s and %s", (id, secret, token) => {
    expect(settings({}, { [id]: "i", [secret]: "s", [token]: "t" }).keySource).toEqual({
      from: "keys",
      accessKeyId: "i",
      accessKeySecret: "s",
      securityToken: "t",
    });
  });

  it("of the environment come before a role or a profile of the stack, as in Terraform's provider", () => {
    for (const name of ["ecsRoleName", "profile", "credentialsUri"])
      expect(settings({ [`alicloud:${name}`]: "x" }, environment).keySource).toMatchObject({ accessKeyId: "envId" });
  });

  it("that the stack has take the environment's token if the environment has no other key", () => {
    expect(settings(stack, { ALICLOUD_SECURITY_TOKEN: "t" }).keySource).toMatchObject({ securityToken: "t" });
  });

  it("that are incomplete are refused with the name of the missing half only", () => {
    const failure = failureOf({ "alicloud:accessKey": "canary" });
    expect(failure.message).toContain("alicloud:secretKey");
    expect(failure.message).not.toContain("canary");
    expect(failureOf({}, { ALICLOUD_SECRET_KEY: "canary" }).message).not.toContain("canary");
  });

  it("with characters that a header cannot carry are refused and not shown", () => {
    const failure = failureOf({ "alicloud:accessKey": "id", "alicloud:secretKey": "canary\r\nX-Evil: 1" });
    expect(failure.message).toContain("alicloud:secretKey");
    expect(failure.message).not.toContain("canary");
  });
});

describe("endpoints", () => {
  it.each(['{"ecs":"http://127.0.0.1:4566","vpc":"vpc.example.com"}', '[{"ecs":"http://127.0.0.1:4566"}]'])(
    "come as an object or a list of one: %s",
    (json) => {
      expect(settings({ "alicloud:endpoints": json }).endpoints).toEqual({ ecs: "http://127.0.0.1:4566" });
    },
  );

  it("in several objects of a list are merged", () => {
    const json = '[{"ecs":"ecs.example.com"},{"oss":"oss.example.com","ecs":""},{"sts":"sts.example.com"}]';
    expect(settings({ "alicloud:endpoints": json }).endpoints).toEqual({
      ecs: "ecs.example.com",
      oss: "oss.example.com",
      sts: "sts.example.com",
    });
  });

  it("come from the environment if the stack has none", () => {
    const env = {
      ALIBABA_CLOUD_ENDPOINT_ECS: "ecs.example.com",
      ALIBABA_CLOUD_ENDPOINT_OSS: "oss.example.com",
      STS_ENDPOINT: "sts.example.com",
    };
    expect(settings({ "alicloud:endpoints": '{"ecs":"https://mine.example.com"}' }, env).endpoints).toEqual({
      ecs: "https://mine.example.com",
      oss: "oss.example.com",
      sts: "sts.example.com",
    });
  });

  it("without a scheme are plain HTTP if the protocol says so, for loopback addresses only", () => {
    expect(settings({ "alicloud:protocol": "HTTP", "alicloud:endpoints": '{"ecs":"127.0.0.1:4566"}' }).protocol).toBe(
      "HTTP",
    );
    expect(
      failureOf({ "alicloud:protocol": "HTTP", "alicloud:endpoints": '{"ecs":"ecs.example.com"}' }).message,
    ).toMatch(/^alicloud:endpoints.ecs .*HTTPS/);
    expect(failureOf({ "alicloud:protocol": "http" }).message).toMatch(/^alicloud:protocol .*HTTPS/);
  });

  it.each<[string, RegExp]>([
    ["not json", /^alicloud:endpoints /],
    ['"text"', /^alicloud:endpoints /],
    ['[{"ecs":"a"},{"ecs":"b"}]', /^alicloud:endpoints.ecs /],
    ['[{"ecs":"a"},"b"]', /^alicloud:endpoints /],
    ['{"ecs":7}', /^alicloud:endpoints.ecs /],
    ['{"oss":"http://oss.example.com"}', /^alicloud:endpoints.oss /],
    ['{"sts":"https://me:canary@sts.example.com"}', /^alicloud:endpoints.sts (?!.*canary)/],
  ])("%s is refused by name", (json, message) => {
    expect(failureOf({ "alicloud:endpoints": json }).message).toMatch(message);
  });

  it("another protocol is refused", () => {
    expect(failureOf({ "alicloud:protocol": "FTP" }).message).toMatch(/^alicloud:protocol /);
  });
});

describe("the role to assume", () => {
  const roleArn = "acs:ram::1234567890123456:role/builder";

  it("has Terraform's defaults", () => {
    expect(settings({ "alicloud:assumeRole": JSON.stringify({ roleArn }) }).assumeRole).toEqual({
      roleArn,
      sessionName: "pulumi",
      sessionExpirationSeconds: 3_600,
    });
    expect(
      settings({
        "alicloud:assumeRole": JSON.stringify([
          { roleArn, sessionName: "ci", sessionExpiration: "900", policy: "{}", externalId: "x" },
        ]),
      }).assumeRole,
    ).toEqual({ roleArn, sessionName: "ci", sessionExpirationSeconds: 900, policy: "{}", externalId: "x" });
  });

  it("comes from the environment if the stack has none; an empty ARN means none", () => {
    const env = {
      ALICLOUD_ASSUME_ROLE_ARN: roleArn,
      ALICLOUD_ASSUME_ROLE_SESSION_NAME: "ci",
      ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION: "1800",
    };
    expect(settings({}, env).assumeRole).toEqual({ roleArn, sessionName: "ci", sessionExpirationSeconds: 1_800 });
    const keys = { ALICLOUD_ACCESS_KEY: "i", ALICLOUD_SECRET_KEY: "s" };
    expect(settings({}, { ALIBABA_CLOUD_ROLE_ARN: roleArn, ...keys }).assumeRole).toMatchObject({ roleArn });
    // A cluster gives these to every workload.
    const cluster = { ALIBABA_CLOUD_ROLE_ARN: roleArn, ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/t", ...keys };
    expect(settings({}, cluster).assumeRole).toBeUndefined();
    expect(settings({ "alicloud:assumeRole": "{}" }, cluster).assumeRole).toMatchObject({ roleArn });
    expect(settings({ "alicloud:assumeRole": '{"roleArn":""}' }).assumeRole).toBeUndefined();
  });

  it.each<[object, string]>([
    [{ roleArn: "builder" }, "roleArn"],
    [{ roleArn, sessionName: "a b" }, "sessionName"],
    [{ roleArn, sessionExpiration: 60 }, "sessionExpiration"],
    [{ roleArn, policy: {} }, "policy"],
    [{ role_arn: roleArn }, "has no option role_arn"],
    [{ roleArn, externalID: "x" }, "has no option externalID"],
  ])("%j is refused by name", (given, name) => {
    expect(failureOf({ "alicloud:assumeRole": JSON.stringify(given) }).message).toMatch(
      new RegExp(`^alicloud:assumeRole[. ]${name}[ ;]`),
    );
  });
});

it("any configuration gives settings, or a failure that shows no secret", () => {
  const names = [
    "region",
    "accessKey",
    "secretKey",
    "securityToken",
    "profile",
    "sharedCredentialsFile",
    "ecsRoleName",
    "assumeRole",
    "protocol",
    "endpoints",
    "assumeRoleWithOidc",
    "credentialsUri",
  ];
  const value = fc.oneof(fc.string(), fc.json(), fc.constant('{"roleArn":"acs:ram::1:role/r"}'), fc.constant("HTTP"));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names.map((name) => `alicloud:${name}`)), value), (config) => {
      const secrets = { "alicloud:secretKey": "canary é" };
      try {
        settings({ ...config, ...secrets });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(error.message).not.toContain("canary");
      }
    }),
  );
});
