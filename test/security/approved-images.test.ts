import { readFileSync } from "node:fs";
import path from "node:path";
import { type Credential, defaultCredential, type RamPolicy, seeds, testNetwork } from "../../emulator";
import { call } from "../emulator/signed-call";
import { EXPORTABLE, manyWorld } from "../support/kinds";
import { type Lab, openLab, resource } from "../support/lab";

// The policies of docs/guides/approved-images.md, on the emulator.

const guide = readFileSync(path.join(__dirname, "../../docs/guides/approved-images.md"), "utf8");
const [policyText, conditionText] = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!);
const policy = JSON.parse(policyText!) as RamPolicy;
const { vSwitchId, securityGroupId } = seeds;
const network = { VSwitchId: vSwitchId, SecurityGroupId: securityGroupId };

let lab: Lab;
let fleet: Credential;
beforeEach(async () => {
  lab = await openLab({ world: manyWorld(1) });
  give(policy);
});
afterEach(() => lab.close());

function give(policy: RamPolicy): void {
  fleet = { accessKeyId: "fleet", accessKeySecret: "fleet's", policy };
  lab.emulator.credentials.set("fleet", fleet);
}
const statusOf = async (action: string, params: Record<string, string>) =>
  (await call(lab.emulator, action, params, fleet)).status;
const start = (image: Record<string, string>) =>
  statusOf("RunInstances", { InstanceType: "ecs.g7.large", ...network, ...image });

const args = { instanceId: seeds.instanceId, imageFamily: "web" };
const test_ = { command: "echo fine", vSwitchId, securityGroupId };

test("the fleet starts only images that have passed their test, by id and by family", async () => {
  const { images } = lab.emulator.world;
  const during: number[] = [];
  lab.emulator.intercept = async ({ action, accessKeyId }, phase) => {
    const untested = [...images.values()].find(({ madeFrom }) => madeFrom !== "seed");
    if (action === "RunCommand" && phase === "before" && accessKeyId !== "fleet")
      during.push(await start({ ImageId: untested!.imageId }));
    return undefined;
  };
  const tested = resource(lab, "CustomImage", "tested");
  expect(await tested.up({ ...args, test: test_ })).toEqual({ did: "create" });
  expect(during).toEqual([403]);
  lab.emulator.intercept = undefined;
  const untested = resource(lab, "CustomImage", "untested");
  await untested.up({ instanceId: seeds.instanceId });
  expect(await start({ ImageId: tested.state!.id })).toBe(200);
  expect(await start({ ImageFamily: "web" })).toBe(200);
  for (const ImageId of [untested.state!.id, EXPORTABLE, seeds.publicImageId])
    expect(await start({ ImageId })).toBe(403);
});

test("the fleet cannot approve an image", async () => {
  give({ ...policy, Statement: [...policy.Statement, { Effect: "Allow", Action: "ecs:*Tag*", Resource: "*" }] });
  const key = "pulumi-alicloud-image:tested";
  const target = { ResourceType: "image", "ResourceId.1": EXPORTABLE };
  expect(await statusOf("TagResources", { ...target, "Tag.1.Key": key, "Tag.1.Value": "passed" })).toBe(403);
  expect(await start({ ImageId: EXPORTABLE })).toBe(403);
});

test("an approval by a person applies to one image, and Pulumi keeps it", async () => {
  const [, byTag] = policy.Statement;
  const Condition = JSON.parse(conditionText!) as Required<RamPolicy["Statement"][number]>["Condition"];
  give({
    ...policy,
    Statement: policy.Statement.map((each) => (each === byTag ? { ...byTag, ...{ Condition } } : each)),
  });
  const it = resource(lab, "CustomImage");
  await it.up({ ...args, test: test_ });
  expect(await start({ ImageId: it.state!.id })).toBe(403);
  const approval = {
    ResourceType: "image",
    "ResourceId.1": it.state!.id,
    "Tag.1.Key": "approved-by",
    "Tag.1.Value": "security",
  };
  await call(lab.emulator, "TagResources", approval, defaultCredential);
  expect(await it.refresh()).toEqual({ did: "refresh" });
  expect(await it.up({ ...args, test: test_ })).toEqual({ did: "same" });
  expect(await start({ ImageId: it.state!.id })).toBe(200);
  const old = it.state!.id;
  await it.up({ ...args, test: test_, keepVersions: 1, triggers: ["next"] });
  expect([await start({ ImageId: old }), await start({ ImageId: it.state!.id })]).toEqual([200, 403]);
});

test("a copy is approved by its own test", async () => {
  const { images } = lab.emulator.world;
  const home = resource(lab, "CustomImage", "home");
  await home.up({ ...args, test: test_ });
  const regionId = "cn-beijing";
  const isApproved = async (name: string, more: object) => {
    const copy = resource(lab, "ImageCopy", name);
    await copy.up({ sourceImageId: home.state!.id, regionId, ...more });
    return images.get(copy.state!.id)!.tags.get("pulumi-alicloud-image:tested");
  };
  expect(await isApproved("plain", {})).toBeUndefined();
  expect(await isApproved("tested", { test: { ...testNetwork(regionId), command: "true" } })).toBe("passed");
});
