import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { getImages } from "../../provider";
import { structOf } from "../../provider/hosts/native/values";
import { call } from "../emulator/signed-call";

// `List`, with which engines and agents find what can be imported, and the look-up behind it.

let emulator: Emulator;
let plugin: ChildProcess;
let made: string[];
let client: ResourceProviderClient;
beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 0 } });
  const names = ["first", "second", "third"];
  const create = async (ImageName: string) =>
    (await call(emulator, "CreateImage", { InstanceId: seeds.instanceId, ImageName })).body.ImageId as string;
  made = await Promise.all(names.map(create));
  plugin = spawn(process.execPath, [path.resolve(__dirname, "../../pulumi-resource-alicloud-image")]);
  const [port] = (await once(plugin.stdout!, "data")) as [Buffer];
  client = new ResourceProviderClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
  const { endpoint } = emulator;
  const args = {
    region: "cn-hangzhou",
    accessKey: "emulator-key",
    secretKey: "emulator-secret",
    endpoints: { ecs: endpoint, oss: endpoint, sts: endpoint },
  };
  await new Promise<void>((resolve, reject) =>
    client.configure(new pb.ConfigureRequest().setArgs(structOf(args)), (error) => (error ? reject(error) : resolve())),
  );
});
afterAll(async () => {
  client.close();
  plugin.kill();
  await emulator.close();
});

/** The ids of a page, and the token of the next one. */
function page(request: pb.ListRequest): Promise<{ ids: string[]; next: string }> {
  const ids: string[] = [];
  let next = "";
  return new Promise((resolve, reject) => {
    const stream = client.list(request);
    stream.on("data", (answer: pb.ListResponse) => {
      if (answer.hasResult()) ids.push(answer.getResult()!.getId());
      if (answer.hasContinuation()) next = answer.getContinuation()!.getContinuationToken();
    });
    stream.on("end", () => resolve({ ids, next }));
    stream.on("error", reject);
  });
}

const request = (query: Record<string, unknown> = {}, type = "CustomImage") =>
  new pb.ListRequest().setToken(`alicloud-image:index:${type}`).setQuery(structOf(query));
test("all images of the account are listed, page by page, and no others", async () => {
  const all = await page(request());
  expect(all.next).toBe("");
  expect([...all.ids].sort()).toEqual([...made].sort());
  const paged: string[] = [];
  let next = "";
  do {
    const answer = await page(request().setPageSize(1).setContinuationToken(next));
    expect(answer.ids).toHaveLength(1);
    paged.push(...answer.ids);
    next = answer.next;
  } while (next !== "");
  expect(paged).toEqual(all.ids);
});

test("a limit ends the list, and a filter of the look-ups narrows it", async () => {
  expect((await page(request().setLimit(1))).ids).toHaveLength(1);
  expect((await page(request({ imageName: "there is none" }))).ids).toEqual([]);
});

test("a query that violates a rule, and a type that cannot be listed, are errors", async () => {
  await expect(page(request({ nameRegex: "(" }))).rejects.toThrow(/nameRegex must be/);
  await expect(page(request({}, "ImageExport"))).rejects.toThrow(/cannot be listed/);
});

test("getImages returns the same ids and images as in the dynamic provider", async () => {
  const environment = { ...process.env };
  Object.assign(process.env, {
    ALICLOUD_ACCESS_KEY: "emulator-key",
    ALICLOUD_SECRET_KEY: "emulator-secret",
    ALICLOUD_REGION: "cn-hangzhou",
    ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
  });
  try {
    const asked = new pb.InvokeRequest().setTok("alicloud-image:index:getImages").setArgs(structOf({}));
    const answer = await new Promise<pb.InvokeResponse>((resolve, reject) =>
      client.invoke(asked, (error, response) => (error ? reject(error) : resolve(response!))),
    );
    const dynamic = await getImages();
    expect([...dynamic.ids].sort()).toEqual([...made].sort());
    expect(answer.getReturn()!.toJavaScript()).toEqual(JSON.parse(JSON.stringify(dynamic)));
  } finally {
    process.env = environment;
  }
});
