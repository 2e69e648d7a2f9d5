import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  Result,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Value } from "google-protobuf/google/protobuf/struct_pb";
import { constructGoldenImage } from "../../provider/hosts/native/construct";
import { propsOf, structOf } from "../../provider/hosts/native/values";

// The requests of a GoldenImage to the engine's resource monitor, which is a server that records them.

let registered: RegisterResourceRequest[];
let outputs: Record<string, unknown>[];
let failing: (request: RegisterResourceRequest) => boolean;
let server: Server;
let address: string;

beforeEach(async () => {
  [registered, outputs, failing] = [[], [], () => false];
  server = new Server();
  server.addService(ResourceMonitorService, {
    registerResource(
      { request }: ServerUnaryCall<RegisterResourceRequest, RegisterResourceResponse>,
      answer: sendUnaryData<RegisterResourceResponse>,
    ) {
      registered.push(request);
      const response = new RegisterResourceResponse().setUrn(urnOf(request.getName(), request.getType()));
      if (failing(request) && !request.getSupportsresultreporting())
        return answer({ code: status.INTERNAL, details: "resource registration failed" });
      if (failing(request)) return answer(null, response.setResult(Result.FAIL));
      answer(null, response.setId(request.getCustom() ? `id-${request.getName()}` : "").setObject(request.getObject()));
    },
    registerResourceOutputs(
      { request }: ServerUnaryCall<RegisterResourceOutputsRequest, Empty>,
      answer: sendUnaryData<Empty>,
    ) {
      outputs.push(propsOf(request.getOutputs()));
      answer(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  address = `127.0.0.1:${port}`;
});
afterEach(() => server.forceShutdown());

const urnOf = (name: string, type: string) => `urn:pulumi:dev::golden::${type}::${name}`;
const source = { instanceId: "i-1" };
const requested = (inputs: object) =>
  new pb.ConstructRequest()
    .setName("web")
    .setType("alicloud-image:index:GoldenImage")
    .setMonitorendpoint(address)
    .setInputs(structOf({ source, ...inputs }));
const construct = (request: pb.ConstructRequest) => constructGoldenImage(request, "urn:provider::id", "cn-hangzhou");
const of = (type: string, name: string) =>
  registered.find((request) => request.getType() === `alicloud-image:index:${type}` && request.getName() === name);

test("passes every option of the component on to its resources", async () => {
  const hooks = new pb.ConstructRequest.ResourceHooksBinding()
    .setAfterCreateList(["hook"])
    .setBeforeDeleteList(["last"]);
  await construct(
    requested({})
      .setResourceHooks(hooks)
      .setAdditionalsecretoutputsList(["imageId"])
      .setIgnorechangesList(["tags"])
      .setReplaceonchangesList(["description"])
      .setReplaceWithList(["urn:other"])
      .setReplacementTrigger(Value.fromJavaScript("again"))
      .setStackTraceHandle("7")
      .setCustomtimeouts(new pb.ConstructRequest.CustomTimeouts().setRead("9m").setCreate("8m")),
  );
  const component = of("GoldenImage", "web")!;
  expect(component.getHooks()!.getAfterCreateList()).toEqual(["hook"]);
  expect(component.getHooks()!.getBeforeDeleteList()).toEqual(["last"]);
  expect(component.getAdditionalsecretoutputsList()).toEqual(["imageId"]);
  expect(component.getIgnorechangesList()).toEqual(["tags"]);
  expect(component.getReplaceonchangesList()).toEqual(["description"]);
  expect(component.getReplaceWithList()).toEqual(["urn:other"]);
  expect(component.getReplacementTrigger()!.toJavaScript()).toBe("again");
  expect(component.getParentstacktracehandle()).toBe("7");
  const timeouts = of("CustomImage", "web")!.getCustomtimeouts()!;
  expect([timeouts.getRead(), timeouts.getCreate()]).toEqual(["9m", "8m"]);
});

test("each resource has aliases for the component's former names", async () => {
  const renamed = new Alias().setSpec(new Alias.Spec().setName("golden"));
  const moved = new Alias().setUrn("urn:pulumi:dev::golden::my:Old$alicloud-image:index:GoldenImage::images");
  await construct(
    requested({ regions: ["cn-beijing"] })
      .setProject("golden")
      .setStack("dev")
      .setParent("urn:pulumi:dev::golden::pulumi:pulumi:Stack::golden-dev")
      .setAliasesList([renamed, moved]),
  );
  const copy = of("ImageCopy", "web-cn-beijing")!;
  const specs = copy.getAliasesList().flatMap((alias) => alias.getSpec() ?? []);
  const [native, dynamic] = ["alicloud-image:index:ImageCopy", "pulumi-nodejs:dynamic/alicloud-image:ImageCopy"];
  const parents = [
    ["golden-cn-beijing", "urn:pulumi:dev::golden::alicloud-image:index:GoldenImage::golden"],
    ["images-cn-beijing", "urn:pulumi:dev::golden::my:Old$alicloud-image:index:GoldenImage::images"],
  ];
  expect(specs.map((spec) => [spec.getName(), spec.getType(), spec.getParenturn()])).toEqual([
    ["", dynamic, ""],
    ...parents.flatMap(([name, parent]) => [native, dynamic].map((type) => [name, type, parent])),
  ]);
});

test.each([
  ["CustomImage", source, "ImportedImage"],
  ["ImportedImage", { files: [{ ossBucket: "bucket", ossObject: "o.raw" }] }, "CustomImage"],
])("its image, as %s, is the same resource as from another kind of source", async (type, from, other) => {
  await construct(
    requested({ source: from })
      .setProject("golden")
      .setStack("dev")
      .setAliasesList([new Alias().setSpec(new Alias.Spec().setName("golden"))]),
  );
  const specs = of(type, "web")!
    .getAliasesList()
    .map((alias) => alias.getSpec()!);
  const [native, dynamic] = ["alicloud-image:index:", "pulumi-nodejs:dynamic/alicloud-image:"];
  const named = specs.map((spec) => `${spec.getName()} ${spec.getType()}`);
  expect(named.sort()).toEqual(
    [` ${dynamic}${type}`, ...["", "golden"].flatMap((name) => [native, dynamic].map((by) => `${name} ${by}${other}`))]
      .concat([native, dynamic].map((by) => `golden ${by}${type}`))
      .sort(),
  );
});

test("an output that is named as secret is secret in the state and in the answer", async () => {
  const response = await construct(requested({}).setAdditionalsecretoutputsList(["imageId"]));
  expect(JSON.stringify(response.getState()!.toJavaScript())).toMatch(/"imageId":\{[^}]*"value":"id-web"/);
});

test("each resource depends on what its own arguments depend on", async () => {
  const request = requested({ shareWith: ["1111111111111111"], regions: ["cn-beijing"], description: "Web" });
  const on = (key: string, urn: string) =>
    void request.getInputdependenciesMap().set(key, new pb.ConstructRequest.PropertyDependencies().setUrnsList([urn]));
  on("source", "urn:instance");
  on("shareWith", "urn:accounts");
  await construct(request);
  const image = urnOf("web", "alicloud-image:index:CustomImage");
  expect(of("CustomImage", "web")!.getDependenciesList()).toEqual(["urn:instance"]);
  expect(of("ImageCopy", "web-cn-beijing")!.getDependenciesList()).toEqual([image]);
  const share = of("ImageSharePermission", "web")!;
  expect(share.getDependenciesList().sort()).toEqual([image, "urn:accounts"].sort());
  expect(share.getPropertydependenciesMap().get("accountIds")!.getUrnsList()).toEqual(["urn:accounts"]);
});

test("a copy that failed does not stop the others, and its id is in no state", async () => {
  failing = (request) => request.getName() === "web-cn-beijing" && request.getType().endsWith(":ImageCopy");
  await construct(requested({ regions: ["cn-beijing", "cn-shanghai"], shareWith: ["1111111111111111"] }));
  expect(of("ImageSharePermission", "web-cn-shanghai")).toBeDefined();
  expect(outputs[0]!["imageIds"]).toEqual({ "cn-hangzhou": "id-web", "cn-shanghai": "id-web-cn-shanghai" });
});

test("outside of a preview, a value that a failed resource lacks stops no registration", async () => {
  await construct(requested({ description: "" }));
  expect(of("CustomImage", "web")).toBeDefined();
  await expect(construct(requested({ description: "" }).setDryrun(true))).rejects.toMatchObject({
    details: expect.stringMatching(/description must be/),
  });
});

test("a secret source is unwrapped, and its values stay secret", async () => {
  const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  await construct(requested({ source: { ...signature, value: { snapshotId: "s-1" } } }));
  expect(of("CustomImage", "web")!.getObject()!.toJavaScript()["snapshotId"]).toEqual({ ...signature, value: "s-1" });
});
