import { type Credential, type Emulator, type RamPolicy, seeds, startEmulator } from "../../emulator";
import { isAllowed } from "../../emulator/access/ram";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { call, send, signedV1, signedV3 } from "./signed-call";

const allow = (Action: string | string[], Resource: string | string[] = "*"): RamPolicy["Statement"][number] => ({
  Effect: "Allow",
  Action,
  Resource,
});
const policy = (...Statement: RamPolicy["Statement"]): RamPolicy => ({ Version: "1", Statement });
const builder: Credential = {
  accessKeyId: "builder",
  accessKeySecret: "builder's",
  arn: "acs:ram::1234567890123456:user/builder",
};
const owner: Credential = { accessKeyId: "owner", accessKeySecret: "owner's" };

let clock: ManualClock;
let emulator: Emulator;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock, credentials: [builder, owner] });
});
afterEach(() => emulator.close());

const give = (...statements: RamPolicy["Statement"]) =>
  emulator.credentials.set("builder", { ...builder, policy: policy(...statements) });
const statusOf = async (action: string, params = {}, credential = builder) =>
  (await call(emulator, action, params, credential)).status;

test("what no statement allows is denied in the documented words, with a detail that names the action", async () => {
  give(allow("ecs:Describe*"));
  const { status, body } = await call(emulator, "CreateImage", { InstanceId: seeds.instanceId }, builder);
  expect(status).toBe(403);
  expect(body).toMatchObject({
    Code: "Forbidden.RAM",
    Message: "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    AccessDeniedDetail: {
      AuthAction: "ecs:CreateImage",
      AuthPrincipalDisplayName: "builder",
      AuthPrincipalType: "SubUser",
    },
  });
  expect(emulator.world.images.size).toBe(2);
  expect(await statusOf("DescribeImages")).toBe(200);
});

test("an image is made only where image and source are both allowed", async () => {
  const image = "acs:ecs:cn-hangzhou:1234567890123456:image/*";
  give(allow("ecs:CreateImage", image));
  expect(await statusOf("CreateImage", { InstanceId: seeds.instanceId })).toBe(403);
  give(allow("ecs:CreateImage", [image, `acs:ecs:*:*:instance/${seeds.instanceId}`]));
  expect(await statusOf("CreateImage", { InstanceId: seeds.instanceId })).toBe(200);
  expect(await statusOf("CreateImage", { InstanceId: seeds.secondInstanceId })).toBe(403);
  expect(await statusOf("CreateImage", { SnapshotId: seeds.systemSnapshotId })).toBe(403);
});

test("a policy for one image does not allow another, and a Deny overrides every Allow", async () => {
  give(allow("ecs:DeleteImage", "acs:ecs:*:*:image/m-1"));
  expect(await statusOf("DeleteImage", { ImageId: "m-1" })).toBe(200);
  expect(await statusOf("DeleteImage", { ImageId: "m-2" })).toBe(403);
  give(allow("*"), { Effect: "Deny", Action: "ecs:DeleteImage", Resource: "acs:ecs:*:*:image/m-1" });
  expect(await statusOf("DeleteImage", { ImageId: "m-1" })).toBe(403);
  expect(await statusOf("DeleteImage", { ImageId: "m-2" })).toBe(200);
});

test("public images and one's own identity are readable without a permission", async () => {
  give();
  expect(await statusOf("DescribeImages")).toBe(403);
  expect(await statusOf("DescribeImages", { ImageOwnerAlias: "system" })).toBe(200);
  expect((await call(emulator, "GetCallerIdentity", {}, builder)).body).toMatchObject({
    IdentityType: "RAMUser",
    Arn: builder.arn,
    AccountId: "1234567890123456",
  });
});

test.each([
  ["ecs:*", "ecs:CreateImage", true],
  ["ECS:createimage", "ecs:CreateImage", true],
  ["ecs:Create?mage", "ecs:CreateImage", true],
  ["ecs:Create", "ecs:CreateImage", false],
  ["ecs.CreateImage", "ecs:CreateImage", false],
  ["oss:*", "ecs:CreateImage", false],
])("the action pattern %s, for %s: %s", (pattern, action, allowed) => {
  expect(isAllowed(policy(allow(pattern)), { action, resource: "acs:ecs:a:b:image/c" })).toBe(allowed);
});

type Condition = NonNullable<RamPolicy["Statement"][number]["Condition"]>;
const APPROVED = { "acs:ResourceTag/status": ["approved", "trusted"] };

test.each<[condition: Condition, tags: Record<string, string>, allowed: boolean]>([
  [{ StringEquals: APPROVED }, { status: "approved" }, true],
  [{ StringEquals: APPROVED }, { status: "trusted" }, true],
  [{ StringEquals: APPROVED }, { status: "Approved" }, false],
  [{ StringEquals: APPROVED }, {}, false],
  [{ StringEquals: { "ecs:tag/status": "approved" } }, { status: "approved" }, true],
  [{ StringEquals: { ...APPROVED, "acs:ResourceTag/team": "web" } }, { status: "approved" }, false],
  [{ StringEqualsIgnoreCase: APPROVED }, { status: "Approved" }, true],
  [{ StringLike: { "acs:ResourceTag/status": "appr*" } }, { status: "approved" }, true],
  [{ StringNotEquals: APPROVED }, { status: "approved" }, false],
  [{ StringNotEquals: APPROVED }, {}, true],
  [{ StringNotLike: { "acs:ResourceTag/status": "*d" } }, { status: "new" }, true],
  [{ StringLike: APPROVED, StringNotEquals: { "acs:ResourceTag/team": "web" } }, { status: "trusted" }, true],
  [{ DateLessThan: { "acs:CurrentTime": "2030-01-01T00:00:00Z" } }, {}, false],
])("a statement with the condition %j applies to an image with the tags %j: %s", async (Condition, tags, allowed) => {
  const imageId = (await call(emulator, "CreateImage", { InstanceId: seeds.instanceId }, owner)).body.ImageId;
  await clock.advance(600_000);
  emulator.world.images.get(imageId)!.tags = new Map(Object.entries(tags));
  give({ ...allow("ecs:DeleteImage"), Condition });
  expect(await statusOf("DeleteImage", { ImageId: imageId })).toBe(allowed ? 200 : 403);
});

test("a policy can require a tag in the request, and a Deny may have a condition", async () => {
  const tagged = { InstanceId: seeds.instanceId, "Tag.1.Key": "team", "Tag.1.Value": "web" };
  for (const key of ["acs:RequestTag/team", "ecs:tag/team"]) {
    give(allow("ecs:CreateImage", "acs:ecs:*:*:instance/*"), {
      ...allow("ecs:CreateImage", "acs:ecs:*:*:image/*"),
      Condition: { StringEquals: { [key]: "web" } },
    });
    expect(await statusOf("CreateImage", { InstanceId: seeds.instanceId })).toBe(403);
    expect(await statusOf("CreateImage", tagged)).toBe(200);
  }
  give(allow("*"), {
    ...{ Effect: "Deny", Action: "ecs:CreateImage", Resource: "*" },
    Condition: { StringLike: { "acs:RequestTag/team": "*" } },
  });
  expect(await statusOf("CreateImage", tagged)).toBe(403);
  expect(await statusOf("CreateImage", { InstanceId: seeds.instanceId })).toBe(200);
});

test("RunInstances needs image, security group and instances; of a family, its newest image", async () => {
  const made = async () => {
    const { body } = await call(emulator, "CreateImage", { InstanceId: seeds.instanceId, ImageFamily: "web" }, owner);
    await clock.advance(600_000);
    return body.ImageId as string;
  };
  const [first, second] = [await made(), await made()];
  const network = { VSwitchId: seeds.vSwitchId, SecurityGroupId: seeds.securityGroupId };
  const start = (image: Record<string, string>) =>
    statusOf("RunInstances", { InstanceType: "ecs.g7.large", ...network, ...image });
  const places = ["acs:ecs:*:*:instance/*", "acs:ecs:*:*:securitygroup/*"];
  give(allow("ecs:RunInstances", places));
  expect(await start({ ImageId: first })).toBe(403);
  give(allow("ecs:RunInstances", [...places, `acs:ecs:*:*:image/${first}`]));
  expect([await start({ ImageId: first }), await start({ ImageFamily: "web" })]).toEqual([200, 403]);
  give(allow("ecs:RunInstances", [...places, `acs:ecs:*:*:image/${second}`]));
  expect([await start({ ImageId: first }), await start({ ImageFamily: "web" })]).toEqual([403, 200]);
});

test("an assumed role needs its token, has only the requested permissions, and expires", async () => {
  const answer = (
    await call(
      emulator,
      "AssumeRole",
      {
        RoleArn: seeds.assumableRoleArn,
        RoleSessionName: "pipeline",
        DurationSeconds: "900",
        Policy: JSON.stringify(policy(allow("ecs:DescribeImages"))),
      },
      owner,
    )
  ).body;
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = answer.Credentials;
  expect(Date.parse(Expiration) - Date.now()).toBeGreaterThan(890_000);
  const assumed = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
  expect((await call(emulator, "GetCallerIdentity", {}, assumed)).body).toMatchObject({
    IdentityType: "AssumedRoleUser",
    Arn: "acs:ram::1234567890123456:assumed-role/emulator-builder/pipeline",
  });
  expect(
    (await send(emulator.endpoint, signedV3(emulator.endpoint, "DescribeImages", { RegionId: "cn-hangzhou" }, assumed)))
      .status,
  ).toBe(200);
  expect(await statusOf("DescribeInstances", {}, assumed)).toBe(403);
  await clock.advance(900_000);
  expect((await call(emulator, "DescribeImages", {}, assumed)).body.Code).toBe("InvalidSecurityToken.Expired");
});

test.each([
  [{ RoleArn: "acs:ram::1234567890123456:role/none" }, 404, "EntityNotExist.Role"],
  [{ RoleArn: `acs:ram::1234567890123456:role/${seeds.importRole}` }, 403, "NoPermission"],
  [{ RoleArn: "role" }, 400, "InvalidParameter.RoleArn"],
  [{ RoleSessionName: "no spaces" }, 400, "InvalidParameter.RoleSessionName"],
  [{ DurationSeconds: "60" }, 400, "InvalidParameter.DurationSeconds"],
  [{ Policy: "{}" }, 400, "InvalidParameter.PolicyGrammar"],
])("AssumeRole with %j is answered with %i %s", async (params, status, code) => {
  const asked = { RoleArn: seeds.assumableRoleArn, RoleSessionName: "pipeline", ...params } as Record<string, string>;
  expect(await call(emulator, "AssumeRole", asked, owner)).toMatchObject({ status, body: { Code: code } });
});

test("an action beyond its rate is throttled for a second, and others are not", async () => {
  emulator.world.quotas.callsPerSecond.DescribeImages = 2;
  const codes = [];
  for (let n = 0; n < 4; n += 1)
    codes.push((await call(emulator, "DescribeImages", {}, owner)).body.Code ?? "answered");
  expect(codes).toEqual(["answered", "answered", "Throttling.User", "Throttling.User"]);
  expect(await statusOf("DescribeInstances", {}, owner)).toBe(200);
  await clock.advance(1000);
  expect(await statusOf("DescribeImages", {}, owner)).toBe(200);
});

test("parameters of a form and of the query are one request", async () => {
  give(allow("ecs:DescribeInstances"));
  const inForm = signedV1(
    "DescribeInstances",
    { RegionId: "cn-hangzhou", InstanceName: "golden" },
    { credential: builder, method: "POST" },
  );
  const [first, ...rest] = inForm.body.split("&");
  expect((await send(emulator.endpoint, { ...inForm, path: `/?${first}`, body: rest.join("&") })).body.TotalCount).toBe(
    1,
  );
});
