import * as pulumi from "@pulumi/pulumi";

// The example runs as a user would test it: under Pulumi's mocks, where its look-ups are calls like those of every
// provider.

const resources: pulumi.runtime.MockResourceArgs[] = [];
const calls: pulumi.runtime.MockCallArgs[] = [];

beforeAll(async () => {
  pulumi.runtime.setAllConfig({ "project:vswitchId": "vsw-1", "project:securityGroupId": "sg-1" });
  await pulumi.runtime.setMocks({
    newResource(resource) {
      resources.push(resource);
      return { id: `${resource.name}-id`, state: resource.inputs };
    },
    call(call) {
      calls.push(call);
      return call.inputs["imageFamily"] === "web-server" ? { imageId: "m-newest" } : { imageId: "aliyun_3.vhd" };
    },
  });
});
afterAll(() => pulumi.runtime.setAllConfig({}));

test("the launch template uses the newest image of the family, the instance the public one", async () => {
  // Not imported, or the types of @pulumi/alicloud would be checked along with all of ours.
  const program = require("../../examples/newest-of-family") as () => Promise<Record<string, pulumi.Output<string>>>;
  const outputs = await program();
  await Promise.all(["templateId", "jumpId"].map((id) => new Promise((done) => void outputs[id]!.apply(done))));
  expect(resources.map(({ name, inputs }) => [name, inputs["imageId"]])).toEqual([
    ["web", "m-newest"],
    ["jump", "aliyun_3.vhd"],
  ]);
  expect(calls.map(({ token }) => token)).toEqual(["alicloud-image:index:getImage", "alicloud-image:index:getImage"]);
});
