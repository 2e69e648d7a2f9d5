import { seeds, testNetwork } from "../../emulator";
import { familyWatch } from "../support/families";
import { FRONTS } from "../support/fronts";
import { EXPORTABLE, manyWorld } from "../support/kinds";
import { type Lab, openLab, type Props, type Resource, resource } from "../support/lab";

// An image with `test` is ready, and in its family, once an instance of it has run the command.

const { vSwitchId, securityGroupId } = seeds;
const test_ = { command: "echo nginx is there", vSwitchId, securityGroupId };
const args = { instanceId: seeds.instanceId, imageName: "golden", imageFamily: "web", test: test_ };

let lab: Lab;
let families: ReturnType<typeof familyWatch>;
async function open(front: (typeof FRONTS)[number] = "dynamic", more: Parameters<typeof openLab>[0] = {}) {
  lab = await openLab({ world: () => manyWorld(1), ...more }, {}, { front });
  families = familyWatch();
  lab.emulator.intercept = () => void look();
}
const look = () => families.look(lab.emulator.world, lab.clock.now());
afterEach(async () => {
  await lab.close();
  expect(families.complaints).toEqual([]);
});

const ownImages = () =>
  [...lab.emulator.world.images.values()].filter(({ tags }) => [...tags.keys()].some((key) => /^pulumi/.test(key)));
const instances = () => [...lab.emulator.world.instances.keys()].filter((id) => !/emulator0/.test(id));
const scenario = (more: object) => void lab.emulator.world.scenarios.push({ for: "RunInstances", ...more });
const sent = (action: string) =>
  lab.emulator.calls.filter((call) => call.action === action).map(({ params }) => params);
const outputs = (it: Resource) => it.state!.outputs as Props & { testResult?: Props };

describe.each(FRONTS)("in the %s host", (front) => {
  beforeEach(() => open(front));

  test("the image is in its family only after an instance has run the command; the instance is gone", async () => {
    const it = resource(lab, "CustomImage");
    expect(await it.up(args)).toEqual({ did: "create" });
    expect(sent("CreateImage")[0]).not.toHaveProperty("ImageFamily");
    expect(outputs(it)).toMatchObject({
      status: "Available",
      imageFamily: "web",
      testResult: { instanceType: "ecs.e-c1m1.large", exitCode: 0, output: "nginx is there\n" },
    });
    expect(ownImages()).toMatchObject([{ imageFamily: "web" }]);
    expect(instances()).toEqual([]);
    expect(lab.said.shown).toContainEqual(
      expect.stringMatching(/^test passed on ecs\.e-c1m1\.large: .*boots .*command runs/),
    );
    expect(await it.up(args)).toEqual({ did: "same" });
    expect(await it.refresh()).toEqual({ did: "refresh" });
    expect(await it.up(args)).toEqual({ did: "same" });
    expect(await it.destroy()).toEqual({ did: "delete" });
    expect(ownImages()).toEqual([]);
  });

  test("a failed test removes the image, and the old one keeps its name and its family", async () => {
    const it = resource(lab, "CustomImage");
    await it.up(args);
    const before = structuredClone(ownImages());
    scenario({ exitCode: 3, output: "checking\nnginx: command not found\n" });
    const outcome = await it.up({ ...args, instanceId: seeds.secondInstanceId });
    expect(outcome.error).toMatch(/failed its test on ecs\.e-c1m1\.large: the command ended with exit code 3/);
    expect(outcome.error).toContain("nginx: command not found");
    expect(ownImages()).toEqual(before);
    expect(instances()).toEqual([]);
    expect(await it.up({ ...args, instanceId: seeds.secondInstanceId })).toEqual({ did: "replace" });
    expect(ownImages()).toMatchObject([{ imageName: "golden", imageFamily: "web" }]);
  });
});

test.each([
  ["power", /it did not boot, within 15 min/, /its console is empty/],
  ["system", /Cloud Assistant did not answer.*within 15 min/, /Kernel panic/],
  ["assistant", /Cloud Assistant did not answer.*within 15 min/, /login:/],
] as const)("an instance without %s fails the test, with the end of its console", async (missing, reason, console) => {
  await open();
  scenario({ missing });
  const it = resource(lab, "CustomImage");
  const { error } = await it.up(args);
  expect(error).toMatch(reason);
  expect(error).toMatch(console);
  expect(ownImages()).toEqual([]);
  expect(instances()).toEqual([]);
  expect(it.state).toBeUndefined();
});

test("a command that does not end in time fails the test", async () => {
  await open();
  scenario({ commandMs: 24 * 3_600_000 });
  const { error } = await resource(lab, "CustomImage").up({ ...args, test: { ...test_, timeout: "5m" } });
  expect(error).toMatch(/the command (ended as Timeout|did not end within 5 min)/);
  expect(ownImages()).toEqual([]);
  expect(instances()).toEqual([]);
});

const soldOut = (types: string[]) =>
  void (lab.emulator.world.regions.get(seeds.regionId)!.soldOut = { "cn-hangzhou-i": types });

test.each<[what: string, guidance: RegExp, forbid: () => void, allow: () => void]>([
  ["stock", /vSwitch in another zone/, () => soldOut(["*"]), () => soldOut([])],
  [
    "quota",
    /raise the quota of instances/,
    () => void (lab.emulator.world.quotas.vCpus = 0),
    () => void (lab.emulator.world.quotas.vCpus = 1_000),
  ],
  [
    "instance",
    /is gone, perhaps because ECS lacked resources/,
    () => scenario({ goneAfterMs: 5_000 }),
    () => undefined,
  ],
  [
    "a right",
    /ecs:RunCommand/,
    () => {
      lab.emulator.intercept = ({ action }, phase) =>
        action === "RunCommand" && phase === "before"
          ? { kind: "error", status: 403, code: "Forbidden.RAM" }
          : undefined;
    },
    () => void (lab.emulator.intercept = undefined),
  ],
])(
  "for lack of %s the image is recorded as unfinished, and the next up tests it again",
  async (_what, guidance, forbid, allow) => {
    await open();
    forbid();
    const it = resource(lab, "CustomImage");
    const { error } = await it.up(args);
    expect(error).toMatch(guidance);
    expect(error).toMatch(/recorded as unfinished/);
    const [image] = ownImages();
    expect(image).toMatchObject({ imageFamily: "" });
    expect(instances()).toEqual([]);
    expect(await it.refresh()).toEqual({ did: "refresh" });
    expect(outputs(it)).toMatchObject({ status: "Testing" });
    allow();
    expect(await it.up(args)).toEqual({ did: "update" });
    expect(outputs(it)).toMatchObject({ imageId: image!.imageId, status: "Available", imageFamily: "web" });
    expect(instances()).toEqual([]);
  },
);

test("a type that is out of stock in the zone of the vSwitch is skipped", async () => {
  await open();
  soldOut(["ecs.e-c1m1.large", "ecs.t6-c1m1.large"]);
  const it = resource(lab, "CustomImage");
  expect(await it.up(args)).toEqual({ did: "create" });
  expect(outputs(it).testResult).toMatchObject({ instanceType: "ecs.c7.large" });
});

test("the instance has the program's type, role and disk, and the image's tags", async () => {
  await open();
  const { world } = lab.emulator;
  world.roles.set("tester", { ...world.roles.get(seeds.importRole)!, roleName: "tester" });
  const given = { instanceType: "ecs.g7.xlarge", ramRoleName: "tester", systemDiskCategory: "cloud_essd" };
  const it = resource(lab, "CustomImage");
  await it.up({ ...args, tags: { team: "web" }, test: { ...test_, ...given } });
  expect(sent("RunInstances")).toMatchObject([
    { InstanceType: "ecs.g7.xlarge", RamRoleName: "tester", "SystemDisk.Category": "cloud_essd", "Tag.1.Key": "team" },
  ]);
});

test("ECS releases a lost instance half an hour after the time of its test", async () => {
  await open();
  const start = lab.clock.now();
  await resource(lab, "CustomImage").up({ ...args, test: { ...test_, timeout: "10m" } });
  const ahead = Date.parse(sent("RunInstances")[0]!.AutoReleaseTime!) - start;
  expect(ahead).toBeGreaterThanOrEqual(40 * 60_000);
  expect(ahead).toBeLessThan(44 * 60_000);
});

test.each(["RunInstances", "DescribeInvocationResults"])(
  "after a kill after %s, the next up goes on with the same image and instance",
  async (action) => {
    await open();
    const it = resource(lab, "CustomImage");
    lab.emulator.intercept = (call, phase) => {
      look();
      if (call.action === action && phase === "after" && lab.processes.length === 1) lab.processes[0]!.kill("engine");
      return undefined;
    };
    expect((await it.up(args)).did).toBe("killed");
    expect(instances()).toHaveLength(1);
    expect(await it.up(args)).toEqual({ did: "create" });
    expect(sent("CreateImage")).toHaveLength(1);
    expect(sent("RunInstances").filter(({ ClientToken }) => ClientToken)).toHaveLength(1);
    expect(ownImages()).toHaveLength(1);
    expect(instances()).toEqual([]);
  },
);

test("after a kill in a test and a rename with an alias, the next up uses the same instance", async () => {
  await open("dynamic", { durations: { createMs: 2_000, bootMs: 2_000, commandMs: 1_000, releaseMs: 500 } });
  const it = resource(lab, "CustomImage");
  lab.emulator.intercept = ({ action }, phase) => {
    look();
    if (action === "RunInstances" && phase === "after" && lab.processes.length === 2) lab.processes[1]!.kill("engine");
    return undefined;
  };
  expect((await it.up(args, { timeouts: { create: "1s" } })).error).toMatch(/recorded as unfinished/);
  expect((await it.up(args)).did).toBe("killed");
  it.alias({ name: "web" });
  expect(await it.up(args)).toEqual({ did: "update" });
  expect(sent("RunInstances")).toHaveLength(1);
  expect(instances()).toEqual([]);
});

test("after a kill once the instance is gone, the next up starts another one at once", async () => {
  const durations = { createMs: 2_000, bootMs: 2_000, commandMs: 1_000, releaseMs: 500 };
  await open("dynamic", { durations });
  const it = resource(lab, "CustomImage");
  lab.emulator.intercept = ({ action }, phase) => {
    look();
    if (action === "ModifyImageAttribute" && phase === "before" && lab.processes.length === 2)
      lab.processes[1]!.kill("engine");
    return undefined;
  };
  expect((await it.up(args, { timeouts: { create: "1s" } })).error).toMatch(/recorded as unfinished/);
  expect((await it.up(args)).did).toBe("killed");
  const [image] = ownImages();
  expect(await it.up(args)).toEqual({ did: "update" });
  expect(ownImages()).toMatchObject([{ imageId: image!.imageId, imageFamily: "web" }]);
  const [first, again] = sent("RunInstances");
  expect(again).toEqual(first);
});

test("the destroy of an unfinished image deletes the instance of its test", async () => {
  await open();
  const it = resource(lab, "CustomImage");
  lab.emulator.inject({
    action: "DescribeCloudAssistantStatus",
    fault: { kind: "error", status: 403, code: "Forbidden.RAM" },
    times: 9,
  });
  lab.emulator.inject({ action: "DeleteInstances", fault: { kind: "error", status: 403, code: "Forbidden.RAM" } });
  expect((await it.up(args)).error).toMatch(/recorded as unfinished/);
  expect(instances()).toHaveLength(1);
  expect(lab.said.warned).toContainEqual(expect.stringMatching(/could not be deleted.*ECS releases it by itself/));
  lab.emulator.world.instances.set("i-stranger", {
    ...structuredClone(lab.emulator.world.instances.get(seeds.instanceId)!),
    instanceId: "i-stranger",
    imageId: it.state!.id,
    tags: new Map([
      ["pulumi-alicloud-image:test", `2.${"0".repeat(12)}.${"0".repeat(16)}.${"0".repeat(16)}.${"0".repeat(12)}`],
    ]),
  });
  expect((await it.destroy()).error).toMatch(/instances/); // of somebody else: the image stays with them
  expect(instances()).toEqual(["i-stranger"]);
  lab.emulator.world.instances.delete("i-stranger");
  expect(await it.destroy()).toEqual({ did: "delete" });
  expect(ownImages()).toEqual([]);
});

const nextUp = { ...args, instanceId: seeds.secondInstanceId };
const shown = () => ownImages().map(({ imageId, imageName, imageFamily }) => ({ imageId, imageName, imageFamily }));

test("a test that fails in a later run removes the image, too, and the next up creates another", async () => {
  await open();
  soldOut(["*"]);
  const it = resource(lab, "CustomImage");
  await it.up({ ...args, keepVersions: 1 });
  const failed = it.state!.id;
  soldOut([]);
  scenario({ exitCode: 1 });
  const { error } = await it.up({ ...args, keepVersions: 1 });
  expect(error).toMatch(/exit code 1[\s\S]*The next pulumi up replaces it/);
  expect(shown()).toEqual([]);
  expect(await it.up({ ...args, keepVersions: 1 })).toEqual({ did: "replace" });
  expect(shown()).toEqual([{ imageId: it.state!.id, imageName: "golden", imageFamily: "web" }]);
  expect(it.state!.id).not.toBe(failed);
  expect(outputs(it)["previousVersions"]).toEqual([]);
});

test("after a kill in a test that then fails, nothing is retried and the old name is restored", async () => {
  await open();
  const it = resource(lab, "CustomImage");
  await it.up(args);
  const before = shown();
  scenario({ exitCode: 7 });
  lab.emulator.intercept = ({ action }, phase) => {
    look();
    if (action === "RunCommand" && phase === "after" && lab.processes.length === 2) lab.processes[1]!.kill("engine");
    return undefined;
  };
  expect((await it.up(nextUp)).did).toBe("killed");
  expect(shown()).toHaveLength(2);
  const made = sent("CreateImage").length;
  expect((await it.up(nextUp)).error).toMatch(/exit code 7/);
  expect(shown()).toEqual(before);
  expect(sent("CreateImage")).toHaveLength(made);
  expect(await it.up(nextUp)).toEqual({ did: "replace" });
  expect(shown()).toMatchObject([{ imageName: "golden", imageFamily: "web" }]);
});

test("an image that was created without a test is replaced by one that is tested", async () => {
  await open();
  const { test: _without, ...plain } = args;
  const killed = resource(lab, "CustomImage");
  lab.emulator.intercept = ({ action }, phase) => {
    if (action === "CreateImage" && phase === "after" && lab.processes.length === 1) lab.processes[0]!.kill("engine");
    return undefined;
  };
  expect((await killed.up(plain)).did).toBe("killed");
  const [early] = shown();
  lab.emulator.intercept = undefined;
  expect(await killed.up(args)).toEqual({ did: "create" });
  expect(shown()).toMatchObject([{ imageFamily: "web" }]);
  expect(shown()).not.toEqual([early]);
  expect(await killed.destroy()).toEqual({ did: "delete" });

  const late = resource(lab, "CustomImage");
  await late.up(plain, { timeouts: { create: "2s" } });
  const { id } = late.state!;
  expect((await late.up(args)).error).toMatch(/has been in the family web without its test/);
  expect(await late.up(args)).toEqual({ did: "replace" });
  expect(shown()).toEqual([{ imageId: late.state!.id, imageName: "golden", imageFamily: "web" }]);
  expect(late.state!.id).not.toBe(id);
});

test("a passed image gets a tag before its family, or a warning if there is no room", async () => {
  await open();
  const it = resource(lab, "CustomImage");
  const before: boolean[] = [];
  lab.emulator.intercept = ({ action }, phase) => {
    look();
    if (action === "ModifyImageAttribute" && phase === "before") before.push(isTagged());
    return undefined;
  };
  const isTagged = () => ownImages().every(({ tags }) => tags.get("pulumi-alicloud-image:tested") === "passed");
  await it.up({ ...args, tags: { team: "web" } });
  expect(before).toEqual([true]);
  expect(outputs(it)["tags"]).toEqual({ team: "web" });
  expect(await it.refresh()).toEqual({ did: "refresh" });
  expect(await it.up({ ...args, tags: { team: "web" } })).toEqual({ did: "same" });
  await it.destroy();

  const tags = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`key-${n}`, "value"]));
  expect(await resource(lab, "CustomImage").up({ ...args, tags })).toEqual({ did: "create" });
  expect(lab.said.warned).toContainEqual(expect.stringMatching(/has 20 tags, so it does not get the tag/));
});

test("an eighteenth tag takes the place of the tag of a passed test, and the image can be kept", async () => {
  await open();
  const it = resource(lab, "CustomImage");
  const given = (count: number, build = 1) => ({
    ...args,
    keepVersions: 1,
    triggers: [build],
    tags: Object.fromEntries(Array.from({ length: count }, (_, n) => [`key-${n}`, "value"])),
  });
  await it.up(given(17));
  const { id } = it.state!;
  expect(await it.up(given(18))).toEqual({ did: "update" });
  const says = new RegExp(`^image ${id} loses the tag pulumi-alicloud-image:tested`);
  expect(lab.said.warned).toEqual([expect.stringMatching(says)]);
  expect(await it.up(given(18, 2))).toEqual({ did: "replace" });
  expect(outputs(it)["previousVersions"]).toMatchObject([{ imageId: id }]);
  expect(await it.destroy()).toEqual({ did: "delete" });
  expect(ownImages()).toEqual([]);
});

test("the last 4 KiB of the output are recorded in whole characters", async () => {
  await open();
  scenario({ exitCode: 0, output: `${"é".repeat(4_000)}.` });
  const it = resource(lab, "CustomImage");
  await it.up(args);
  expect((outputs(it).testResult as Props)["output"]).toBe(`${"é".repeat(2_047)}.`);
});

test("a changed or added test changes nothing until the next image", async () => {
  await open();
  const it = resource(lab, "CustomImage");
  const { test: _without, ...plain } = args;
  lab.emulator.intercept = undefined; // the first image is in its family without a test, as it is asked for
  await it.up(plain);
  expect(await it.up(args)).toEqual({ did: "same" });
  expect(await it.up({ ...args, description: "other" })).toEqual({ did: "update" });
  expect(await it.refresh()).toEqual({ did: "refresh" });
  expect(await it.up({ ...args, description: "other" })).toEqual({ did: "same" });
  expect(outputs(it).testResult).toBeUndefined();
  expect(await it.up({ ...args, description: "other", triggers: ["again"] })).toEqual({ did: "replace" });
  expect(outputs(it).testResult).toMatchObject({ exitCode: 0 });
});

test("an image that the program imports is not tested", async () => {
  await open();
  const it = resource(lab, "CustomImage");
  const imported = { imageName: "exportable", test: test_, snapshotId: "s-exportable" };
  expect(await it.up(imported, { hidden: { __import: EXPORTABLE } })).toEqual({ did: "create" });
  expect(sent("RunInstances")).toEqual([]);
  expect(await it.refresh()).toEqual({ did: "refresh" });
  expect(await it.up(imported)).toEqual({ did: "same" });
});

test.each<["ImportedImage" | "ImageCopy", Props]>([
  ["ImportedImage", { diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }] }],
  ["ImageCopy", { sourceImageId: EXPORTABLE, regionId: "cn-beijing" }],
])("an %s is tested in its region before it gets its family", async (kind, source) => {
  await open();
  const regionId = (source["regionId"] as string) ?? seeds.regionId;
  const network = testNetwork(regionId);
  const it = resource(lab, kind);
  const wanted = { ...source, imageFamily: "web", test: { ...network, command: "exit 9" } };
  expect((await it.up(wanted)).error).toMatch(/exit code 9/);
  expect(ownImages()).toEqual([]);
  expect(await it.up({ ...wanted, test: { ...network, command: "true" } })).toEqual({ did: "create" });
  expect(ownImages()).toMatchObject([{ imageFamily: "web", regionId }]);
  expect(sent("RunInstances").every(({ RegionId }) => RegionId === regionId)).toBe(true);
});

test("a Windows image is tested by PowerShell", async () => {
  await open();
  const { world } = lab.emulator;
  world.instances.get(seeds.instanceId)!.imageId = seeds.publicWindowsImageId;
  expect(await resource(lab, "CustomImage").up({ ...args, test: { ...test_, command: "Write-Output fine" } })).toEqual({
    did: "create",
  });
  expect(sent("RunCommand")).toMatchObject([{ Type: "RunPowerShellScript" }]);
});

test("wrong arguments of a test are reported at a preview, all at once", async () => {
  await open();
  const wrong = { command: "x".repeat(18_433), vSwitchId: "", timeout: "30s", instanceType: "large", other: 1 };
  const failures = await resource(lab, "CustomImage").preview({ instanceId: seeds.instanceId, test: wrong });
  expect(failures.map(({ property }) => property).sort()).toEqual([
    "test.command",
    "test.instanceType",
    "test.other",
    "test.securityGroupId",
    "test.timeout",
    "test.vSwitchId",
  ]);
});
