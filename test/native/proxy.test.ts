import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { type Emulator, startEmulator } from "../../emulator";
import { structOf } from "../../provider/hosts/native/values";
import { CERTIFICATE, type Proxy as OpenProxy, openProxy, openTlsFront } from "../support/proxy";

// The built plugin in a process of its own, in a network whose only way out is a proxy. The cloud's own names lead to
// the emulator.

let emulator: Emulator;
let front: Awaited<ReturnType<typeof openTlsFront>>;
let proxy: OpenProxy;
let plugin: ChildProcess;
const folder = mkdtempSync(path.join(tmpdir(), "proxy-"));

beforeAll(async () => {
  emulator = await startEmulator();
  front = await openTlsFront(emulator.endpoint);
  proxy = await openProxy({ port: front.port });
  writeFileSync(path.join(folder, "ca.pem"), CERTIFICATE);
});
afterAll(async () => {
  plugin?.kill("SIGKILL");
  await proxy.close();
  await front.close();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

type Method = (request: object, done: (error: Error | null, answer: unknown) => void) => void;

async function start(): Promise<(method: string, request: object) => Promise<unknown>> {
  const env = {
    PATH: process.env["PATH"],
    https_proxy: proxy.url,
    NODE_EXTRA_CA_CERTS: path.join(folder, "ca.pem"),
  };
  const file = path.resolve(__dirname, "../../pulumi-resource-alicloud-image");
  plugin = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"], env });
  const [port] = (await once(plugin.stdout!, "data")) as [Buffer];
  const client = new ResourceProviderClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
  const methods = client as unknown as Record<string, Method>;
  return (method, request) =>
    new Promise((resolve, reject) =>
      methods[method]!.call(client, request, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
}

test("the plugin calls ECS, STS and OSS by their own names through the proxy of its environment", async () => {
  const ask = await start();
  const args = {
    region: "cn-hangzhou",
    accessKey: "emulator-key",
    secretKey: "emulator-secret",
    assumeRole: { roleArn: "acs:ram::1234567890123456:role/nobody" },
  };
  const tok = "alicloud-image:index:getImages";
  const invoke = new pb.InvokeRequest().setTok(tok).setArgs(structOf({ owners: ["system"] }));
  await ask("configure", new pb.ConfigureRequest().setArgs(structOf(args)));
  await expect(ask("invoke", invoke)).rejects.toMatchObject({ details: expect.stringContaining("assuming the role") });
  const { assumeRole: _, ...own } = args;
  await ask("configure", new pb.ConfigureRequest().setArgs(structOf(own)));
  await ask("invoke", invoke);

  const type = "alicloud-image:index:ImportedImage";
  const news = { diskDeviceMappings: [{ ossBucket: "golden-exports", ossObject: "no.raw" }], trackSource: true };
  const check = new pb.CheckRequest().setUrn(`urn:pulumi:dev::p::${type}::golden`).setNews(structOf(news));
  await ask("check", check);

  expect(new Set(proxy.asked)).toEqual(
    new Set([
      "sts.aliyuncs.com:443",
      "ecs-cn-hangzhou.aliyuncs.com:443",
      "golden-exports.oss-cn-hangzhou.aliyuncs.com:443",
    ]),
  );
  expect(new Set(emulator.calls.map(({ action }) => action))).toEqual(
    new Set(["AssumeRole", "DescribeImages", "HeadObject"]),
  );
});
