import { type Credential, defaultCredential, type Emulator, seeds, startEmulator } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { credentialsFrom } from "../../provider/config/credentials";
import { settingsFrom } from "../../provider/config/settings";
import { openEcs } from "../../provider/ecs/client";
import type { Credentials } from "../../provider/ecs/credentials";
import type { Failure } from "../../provider/failure";
import { turning } from "../support/turning";

let clock: ManualClock;
let cloud: Emulator;
beforeEach(() => (clock = manualClock()));
afterEach(() => cloud.close());

const fixed = ({ accessKeyId, accessKeySecret, securityToken }: Credential): Credentials => ({
  get: async () => ({ accessKeyId, accessKeySecret, ...(securityToken !== undefined && { securityToken }) }),
  renew: () => undefined,
});

const ecs = (credentials: Credentials = fixed(defaultCredential)) =>
  openEcs({ regionId: "cn-hangzhou", endpoint: cloud.endpoint, protocol: "HTTPS", credentials, clock })({
    doing: "testing",
    deadlineMs: clock.now() + 24 * 3_600_000,
  });

it("an image is created, read and deleted, and the cloud accepts every signature", async () => {
  cloud = await startEmulator({ clock });
  const call = ecs();
  const { ImageId } = await call("CreateImage", {
    InstanceId: seeds.instanceId,
    ImageName: "golden",
    Description: "a b+c~d*é 镜像",
    Tag: [{ Key: "k", Value: "v w" }],
  });
  await clock.advance(3_600_000);
  const seen = await call("DescribeImages", { ImageId: ImageId!, Status: "Available" });
  expect(seen.Images!.Image).toMatchObject([
    { ImageId, ImageName: "golden", Description: "a b+c~d*é 镜像", Tags: { Tag: [{ TagKey: "k", TagValue: "v w" }] } },
  ]);
  await call("DeleteImage", { ImageId: ImageId! });
  expect((await call("DescribeImages", { ImageId: ImageId!, Status: "Available" })).Images!.Image).toEqual([]);
});

it("parameters that do not fit into a URL arrive, too", async () => {
  cloud = await startEmulator({ clock });
  const tags = Array.from({ length: 20 }, (_, n) => ({ Key: `${n}${"键".repeat(100)}`, Value: "值".repeat(128) }));
  const { ImageId } = await ecs()("CreateImage", { InstanceId: seeds.instanceId, Tag: tags });
  expect(cloud.world.images.get(ImageId!)).toBeDefined();
  expect(cloud.calls[0]!.params["Tag.20.Value"]).toBe(tags[19]!.Value);
});

it("a wrong secret is denied, once", async () => {
  cloud = await startEmulator({ clock });
  await expect(
    ecs(fixed({ ...defaultCredential, accessKeySecret: "wrong" }))("DescribeImages", {}),
  ).rejects.toMatchObject({ kind: "Denied" });
});

it("a policy without an action is denied with the action's name", async () => {
  const accessKey = {
    accessKeyId: "reader",
    accessKeySecret: "reader-secret",
    policy: {
      Version: "1" as const,
      Statement: [{ Effect: "Allow" as const, Action: ["ecs:Describe*"], Resource: ["*"] }],
    },
  };
  cloud = await startEmulator({ clock, credentials: [accessKey as Credential] });
  const call = ecs(fixed(accessKey as Credential));
  await call("DescribeImages", {});
  const failure = (await call("CreateImage", { InstanceId: seeds.instanceId }).catch(
    (error: unknown) => error,
  )) as Failure;
  expect(failure.kind).toBe("Denied");
  expect(failure.message).toContain("ecs:CreateImage");
});

it("the session of an assumed role is renewed in time, and no call is refused", async () => {
  cloud = await startEmulator({ clock });
  const config: Record<string, string> = {
    "alicloud:accessKey": defaultCredential.accessKeyId,
    "alicloud:secretKey": defaultCredential.accessKeySecret,
    "alicloud:endpoints": JSON.stringify({ sts: cloud.endpoint }),
    "alicloud:assumeRole": JSON.stringify({ roleArn: seeds.assumableRoleArn, sessionExpiration: 900 }),
  };
  const call = ecs(credentialsFrom(settingsFrom({ get: (key) => config[key] }, {}), clock));
  for (let minute = 0; minute < 60; minute += 7) {
    await call("DescribeImages", {});
    await clock.advance(7 * 60_000);
  }
  expect(cloud.calls.filter(({ answered }) => answered?.status !== 200)).toEqual([]);
  expect(cloud.calls.filter(({ action }) => action === "AssumeRole").length).toBeGreaterThan(3);
});

it("hundreds of callers share one quota: all succeed, and few calls are throttled", async () => {
  cloud = await startEmulator({ clock, quotas: { callsPerSecond: { DescribeImages: 10 } } });
  const call = ecs();
  await turning(clock, Promise.all(Array.from({ length: 300 }, () => call("DescribeImages", {}))));
  const throttled = cloud.calls.filter(({ answered }) => answered?.code?.startsWith("Throttling"));
  expect(cloud.calls.length - throttled.length).toBe(300);
  expect(throttled.length).toBeLessThanOrEqual(12);
});
