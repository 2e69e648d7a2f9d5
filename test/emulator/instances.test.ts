import { type Emulator, type ManualClock, manualClock, seeds, startEmulator } from "../../emulator";
import { ecs, officialClient, refused } from "./official-client";

const regionId = "cn-hangzhou";
const zoneId = "cn-hangzhou-i";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let clock: ManualClock;
let emulator: Emulator;
let client: ReturnType<typeof officialClient>;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  client = officialClient(emulator.endpoint);
});
afterEach(() => emulator.close());

const request = {
  regionId,
  imageId: seeds.publicImageId,
  instanceType: "ecs.e-c1m1.large",
  vSwitchId: seeds.vSwitchId,
  securityGroupId: seeds.securityGroupId,
};
const run = async (more: Record<string, unknown> = {}) =>
  (await client.runInstances(new ecs.RunInstancesRequest({ ...request, ...more }))).body!.instanceIdSets!
    .instanceIdSet![0]!;
const instance = async (id: string) =>
  (
    await client.describeInstances(
      new ecs.DescribeInstancesRequest({ regionId, instanceIds: JSON.stringify([id]), pageSize: 10 }),
    )
  ).body!.instances!.instance![0];
const assistant = async (id: string) =>
  (
    await client.describeCloudAssistantStatus(
      new ecs.DescribeCloudAssistantStatusRequest({ regionId, instanceId: [id] }),
    )
  ).body!.instanceCloudAssistantStatusSet!.instanceCloudAssistantStatus![0]!.cloudAssistantStatus;
const remove = (id: string, more: Record<string, unknown> = {}) =>
  client.deleteInstances(new ecs.DeleteInstancesRequest({ regionId, instanceId: [id], force: true, ...more }));
const command = async (id: string, content: string, more: Record<string, unknown> = {}) =>
  (
    await client.runCommand(
      new ecs.RunCommandRequest({
        regionId,
        type: "RunShellScript",
        commandContent: Buffer.from(content).toString("base64"),
        contentEncoding: "Base64",
        instanceId: [id],
        ...more,
      }),
    )
  ).body!.invokeId!;
const result = async (invokeId: string) =>
  (
    await client.describeInvocationResults(
      new ecs.DescribeInvocationResultsRequest({ regionId, invokeId, contentEncoding: "PlainText" }),
    )
  ).body!.invocation!.invocationResults!.invocationResult![0]!;
const started = async (more: Record<string, unknown> = {}) => {
  const id = await run(more);
  await clock.advance(MINUTE);
  return id;
};

test("an instance is Pending, Starting, Running with the disks of its image; then its assistant answers", async () => {
  const id = await run({ tag: [{ key: "team", value: "web" }] });
  expect(await instance(id)).toMatchObject({ status: "Pending", zoneId, cpu: 2, tags: { tag: [{ tagKey: "team" }] } });
  expect(await assistant(id)).toBe("false");
  await clock.advance(10 * SECOND);
  expect((await instance(id))!.status).toBe("Starting");
  await clock.advance(10 * SECOND);
  expect((await instance(id))!.status).toBe("Running");
  expect(await assistant(id)).toBe("false");
  await clock.advance(10 * SECOND);
  expect(await assistant(id)).toBe("true");
  const disks = [...emulator.world.disks.values()].filter(({ instanceId }) => instanceId === id);
  expect(disks).toMatchObject([{ type: "system", size: 20, status: "In_use", category: "cloud_efficiency" }]);
});

test("the same client token starts one instance, and other parameters with it are refused", async () => {
  const clientToken = "one";
  expect(await run({ clientToken })).toBe(await run({ clientToken }));
  const other = refused(run({ clientToken, instanceType: "ecs.g7.large" }));
  expect(await other).toMatchObject({ code: "IdempotenceParamNotMatch" });
});

test("an instance uses its image until it is gone, and its disks are deleted with it", async () => {
  const image = emulator.world.images.get(seeds.publicImageId)!;
  emulator.world.images.set("m-own", { ...structuredClone(image), imageId: "m-own", owner: "self", isPublic: false });
  const id = await started({ imageId: "m-own" });
  const deleteImage = () => client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId: "m-own" }));
  expect(await refused(deleteImage())).toMatchObject({ code: "ImageUsingByInstance" });
  await remove(id);
  expect((await instance(id))!.status).toBe("Stopping");
  expect(await refused(deleteImage())).toMatchObject({ code: "ImageUsingByInstance" });
  await clock.advance(10 * SECOND);
  expect(await instance(id)).toBeUndefined();
  expect([...emulator.world.disks.values()].filter(({ instanceId }) => instanceId === id)).toEqual([]);
  await deleteImage();
});

test("an instance that is Pending cannot be deleted, and a running one only with force", async () => {
  const id = await run();
  expect(await refused(remove(id))).toMatchObject({ code: "IncorrectInstanceStatus.Initializing", status: 403 });
  await clock.advance(MINUTE);
  expect(await refused(remove(id, { force: false }))).toMatchObject({ code: "IncorrectInstanceStatus" });
  expect(await refused(remove(id, { dryRun: true }))).toMatchObject({ code: "DRYRUN.SUCCESS" });
  await client.deleteInstance(new ecs.DeleteInstanceRequest({ instanceId: id, force: true }));
  await clock.advance(MINUTE);
  expect(await refused(remove(id))).toMatchObject({ code: "InvalidInstanceId.NotFound", status: 404 });
});

test("an instance is gone at its release time, cut to the minute and at least half an hour ahead", async () => {
  const at = (ms: number) => new Date(clock.now() + ms).toISOString().replace(/\.\d+Z/, "Z");
  for (const autoReleaseTime of [at(29 * MINUTE), "tomorrow"])
    expect(await refused(run({ autoReleaseTime }))).toMatchObject({ code: "InvalidAutoReleaseTime.Malformed" });
  const id = await run({ autoReleaseTime: at(30 * MINUTE + 59 * SECOND) });
  expect((await instance(id))!.autoReleaseTime).toBe(at(30 * MINUTE).replace(/:\d\dZ$/, "Z"));
  await clock.advance(29 * MINUTE);
  expect(await instance(id)).toBeDefined();
  await clock.advance(MINUTE);
  expect(await instance(id)).toBeUndefined();
});

test.each<[what: string, code: string, prepare: () => void, more: Record<string, unknown>]>([
  ["a zone without stock", "OperationDenied.NoStock", () => soldOut("*"), {}],
  ["an exceeded quota", "QuotaExceed.ElasticQuota", () => void (emulator.world.quotas.vCpus = 1), {}],
  [
    "no balance",
    "InvalidAccountStatus.NotEnoughBalance",
    () => void (emulator.world.account.enoughBalance = false),
    {},
  ],
  ["an unknown vSwitch", "InvalidVSwitchId.NotFound", nothing, { vSwitchId: "vsw-none" }],
  ["a missing vSwitch", "InvalidVSwitchId.Necessary", nothing, { vSwitchId: undefined }],
  ["an unknown security group", "InvalidSecurityGroupId.NotFound", nothing, { securityGroupId: "sg-none" }],
  ["a security group of another VPC", "InvalidParameter.Mismatch", otherVpc, { securityGroupId: "sg-other" }],
  ["an unknown type", "InvalidInstanceType.ValueNotSupported", nothing, { instanceType: "ecs.none.large" }],
  ["a type of another architecture", "ImageNotSupportInstanceType", nothing, { instanceType: "ecs.c8y.large" }],
  ["a type that needs NVMe", "InvalidParameter.NotMatch", withoutNvme, { instanceType: "ecs.c9i.large" }],
  ["an unknown image", "InvalidImageId.NotFound", nothing, { imageId: "m-none" }],
  ["an unknown role", "InvalidRamRole.NotFound", nothing, { ramRoleName: "none" }],
  ["a dry run of what would work", "DryRunOperation", nothing, { dryRun: true }],
])("%s is refused with %s", async (_what, code, prepare, more) => {
  prepare();
  expect((await refused(run(more))).code).toBe(code);
  expect(emulator.world.instances.size).toBe(3);
});
function nothing() {}
function soldOut(type: string) {
  emulator.world.regions.get(regionId)!.soldOut = { [zoneId]: [type] };
}
function otherVpc() {
  const group = { securityGroupId: "sg-other", regionId, vpcId: "vpc-other" };
  emulator.world.securityGroups.set("sg-other", group);
}
function withoutNvme() {
  emulator.world.images.get(seeds.publicImageId)!.nvmeSupport = "unsupported";
}

test("instance types are listed by image, and by stock in a zone", async () => {
  withoutNvme();
  soldOut("ecs.e-c1m1.large");
  const supported = (
    await client.describeImageSupportInstanceTypes(
      new ecs.DescribeImageSupportInstanceTypesRequest({ regionId, imageId: seeds.publicImageId }),
    )
  ).body!.instanceTypes!.instanceType!.map(({ instanceTypeId }) => instanceTypeId);
  expect(supported).toContain("ecs.e-c1m1.large");
  expect(supported).not.toContain("ecs.c9i.large");
  expect(supported).not.toContain("ecs.c8y.large");
  const zones = (
    await client.describeAvailableResource(
      new ecs.DescribeAvailableResourceRequest({ regionId, zoneId, destinationResource: "InstanceType" }),
    )
  ).body!.availableZones!.availableZone!;
  const types = zones[0]!.availableResources!.availableResource![0]!.supportedResources!.supportedResource!;
  const statuses = new Map(types.map(({ value, status }) => [value, status]));
  expect(statuses.get("ecs.e-c1m1.large")).toBe("SoldOut");
  expect(statuses.get("ecs.t6-c1m1.large")).toBe("Available");
  expect(zones).toHaveLength(1);
});

test("a command runs for a while, and then has its exit code and what it printed", async () => {
  const id = await started();
  const invokeId = await command(id, "echo checking nginx\nexit 3\n");
  expect(await result(invokeId)).toMatchObject({ invocationStatus: "Pending" });
  await clock.advance(2 * SECOND);
  expect(await result(invokeId)).toMatchObject({ invocationStatus: "Running" });
  await clock.advance(MINUTE);
  expect(await result(invokeId)).toMatchObject({
    invocationStatus: "Failed",
    exitCode: 3,
    errorCode: "ExitCodeNonzero",
    output: "checking nginx\n",
    dropped: 0,
  });
  const shown = await client.describeInvocations(
    new ecs.DescribeInvocationsRequest({ regionId, instanceId: id, includeOutput: true }),
  );
  expect(shown.body!.invocations!.invocation).toMatchObject([
    {
      invokeStatus: "Failed",
      commandContent: Buffer.from("echo checking nginx\nexit 3\n").toString("base64"),
      invokeInstances: { invokeInstance: [{ output: Buffer.from("checking nginx\n").toString("base64") }] },
    },
  ]);
});

test("a scenario decides the outcome of a command; the beginning of a long output is dropped", async () => {
  emulator.world.scenarios.push({ for: "RunInstances", exitCode: 7, output: `${"x".repeat(30_000)}end` });
  const invokeId = await command(await started(), "exit 0");
  await clock.advance(MINUTE);
  const { exitCode, output, dropped } = await result(invokeId);
  expect({ exitCode, length: output!.length, dropped }).toEqual({
    exitCode: 7,
    length: 24_576,
    dropped: 30_003 - 24_576,
  });
  expect(output!.endsWith("end")).toBe(true);
});

test("a command ends at its timeout, or when its instance is released", async () => {
  emulator.world.scenarios.push({ for: "RunInstances", commandMs: 3_600_000 });
  emulator.world.scenarios.push({ for: "RunInstances", commandMs: 3_600_000 });
  const [late, gone] = [await started(), await started()];
  const lateId = await command(late, "sleep 3600", { timeout: 60 });
  const goneId = await command(gone, "sleep 3600", { timeout: 7_200 });
  await clock.advance(2 * MINUTE);
  await remove(gone);
  await clock.advance(MINUTE);
  expect(await result(lateId)).toMatchObject({ invocationStatus: "Timeout", errorCode: "ExecutionTimeout" });
  expect(await result(goneId)).toMatchObject({ invocationStatus: "Error", errorCode: "InstanceReleased" });
});

test("a command is refused where it cannot run: no such instance, not running, wrong system, too long", async () => {
  const id = await run();
  expect(await refused(command("i-none", "true"))).toMatchObject({ code: "InvalidInstance.NotFound" });
  expect(await refused(command(id, "true"))).toMatchObject({ code: "InvalidInstance.NotMatch" });
  await clock.advance(MINUTE);
  expect(await refused(command(id, "true", { type: "RunPowerShellScript" }))).toMatchObject({
    code: "InvalidInstance.NotMatch",
  });
  expect(await refused(command(id, "x".repeat(18_433)))).toMatchObject({ code: "CmdContent.ExceedLimit" });
  await command(id, "x".repeat(18_432), { clientToken: "same" });
  expect(await refused(command(id, "true", { clientToken: "same" }))).toMatchObject({
    code: "IdempotentParameterMismatch",
  });
});

test.each([
  ["power", "Starting", ""],
  ["system", "Running", "Kernel panic"],
  ["assistant", "Running", "login:"],
] as const)("without %s an instance stays %s, and its assistant never answers", async (missing, status, console) => {
  emulator.world.scenarios.push({ for: "RunInstances", missing });
  const id = await run();
  await clock.advance(60 * MINUTE);
  expect((await instance(id))!.status).toBe(status);
  expect(await assistant(id)).toBe("false");
  const { body } = await client.getInstanceConsoleOutput(
    new ecs.GetInstanceConsoleOutputRequest({ regionId, instanceId: id }),
  );
  expect(Buffer.from(body!.consoleOutput!, "base64").toString()).toContain(console);
});

test("the console of a Windows instance cannot be read", async () => {
  const id = await started({ imageId: seeds.publicWindowsImageId });
  const read = client.getInstanceConsoleOutput(new ecs.GetInstanceConsoleOutputRequest({ regionId, instanceId: id }));
  expect(await refused(read)).toMatchObject({ code: "NotSupported", status: 405 });
});

test("an instance disappears if ECS lacks the resources", async () => {
  emulator.world.scenarios.push({ for: "RunInstances", goneAfterMs: 15 * SECOND });
  const id = await run();
  await clock.advance(14 * SECOND);
  expect(await instance(id)).toBeDefined();
  await clock.advance(SECOND);
  expect(await instance(id)).toBeUndefined();
});

test("an instance that is started by family has the newest available image of it", async () => {
  const image = emulator.world.images.get(seeds.publicImageId)!;
  for (const [imageId, createdMs, deprecated] of [
    ["m-old", 1, false],
    ["m-new", 2, false],
    ["m-newest", 3, true],
  ] as const)
    emulator.world.images.set(imageId, {
      ...structuredClone(image),
      ...{ imageId, createdMs, deprecated, imageFamily: "web", owner: "self", isPublic: false },
    });
  const id = await run({ imageId: undefined, imageFamily: "web" });
  expect((await instance(id))!.imageId).toBe("m-new");
});
