import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { startEmulator } from "../../emulator";
import { version } from "../../package.json";
import { structOf } from "../../provider/hosts/native/values";

// The built plugin in a process of its own, as the engine starts it and speaks to it.

const repository = path.resolve(__dirname, "../..");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  /** Its standard error, which the engine shows to the user. */
  readonly printed: readonly string[];
  ask<Response>(method: string, request: object): Promise<Response>;
}

async function start(engine: string[] = [], stdin: "pipe" | "ignore" = "pipe"): Promise<Running> {
  const child = spawn(process.execPath, [path.join(repository, "pulumi-resource-alicloud-image"), ...engine], {
    stdio: [stdin, "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  children.push(child);
  const printed: string[] = [];
  child.stderr!.on("data", (data: Buffer) => printed.push(String(data)));
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  const port = Number(line);
  return { child, port, printed, ask: connect(port) };
}

/** A connection of its own. */
function connect(port: number): Running["ask"] {
  const options = { "grpc.use_local_subchannel_pool": 1 };
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  const methods = client as unknown as Record<string, (request: object, done: unknown) => void>;
  return (method, request) =>
    new Promise((resolve, reject) =>
      methods[method]!.call(client, request, (error: ServiceError | null, answer: never) =>
        error ? reject(error) : resolve(answer),
      ),
    );
}

test("the first line of its output is the port on which it answers", async () => {
  const { ask } = await start();
  expect((await ask<PluginInfo>("getPluginInfo", new Empty())).getVersion()).toBe(version);
  const schema = await ask<pb.GetSchemaResponse>("getSchema", new pb.GetSchemaRequest());
  expect(JSON.parse(schema.getSchema())).toMatchObject({ name: "alicloud-image", version });
});

test("it ends when its engine is killed, because the pipe to it closes", async () => {
  const { child } = await start();
  const ended = once(child, "exit");
  child.stdin!.end();
  expect(await ended).toEqual([1, null]);
});

test("without such a pipe it ends when the engine's port is closed", async () => {
  const engine = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
  const sockets: import("node:net").Socket[] = [];
  await once(engine, "listening");
  const { port } = engine.address() as import("node:net").AddressInfo;
  const { child } = await start([`127.0.0.1:${port}`], "ignore");
  const ended = once(child, "exit");
  engine.close();
  for (const socket of sockets) socket.destroy();
  expect(await ended).toEqual([1, null]);
});

test("it comes to an orderly end when it is interrupted", async () => {
  const { child } = await start();
  const ended = once(child, "exit");
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
});

test("an unknown method is Unimplemented, and a call before Configure says what is missing", async () => {
  const { ask } = await start();
  await expect(ask("getMapping", new pb.GetMappingRequest())).rejects.toMatchObject({ code: 12 });
  const check = new pb.CheckRequest().setUrn("urn:pulumi:dev::p::alicloud-image:index:CustomImage::golden");
  await expect(ask("check", check)).rejects.toMatchObject({ details: "the provider is not configured" });
});

const configuration = (endpoint: string) => {
  const args = { region: "cn-hangzhou", accessKey: "emulator-key", secretKey: "emulator-secret" };
  return new pb.ConfigureRequest().setArgs(structOf({ ...args, endpoints: { ecs: endpoint } }));
};

test("twenty operations at once print nothing", async () => {
  const emulator = await startEmulator();
  const { child, ask, printed } = await start();
  try {
    await ask("configure", configuration(emulator.endpoint));
    const imports = Array.from({ length: 20 }, (_, n) => {
      const urn = `urn:pulumi:dev::p::alicloud-image:index:CustomImage::golden-${n}`;
      return ask("read", new pb.ReadRequest().setId(`m-${n}`).setUrn(urn));
    });
    const answers = (await Promise.all(imports)) as pb.ReadResponse[];
    expect(answers.map((answer) => answer.hasProperties())).toEqual(imports.map(() => false));
    child.kill("SIGINT");
    await once(child, "close");
    expect(printed).toEqual([]);
  } finally {
    await emulator.close();
  }
});

test("two configurations in one process stay apart, each on its connection", async () => {
  const emulators = await Promise.all([startEmulator(), startEmulator()]);
  const { child, port } = await start();
  try {
    const connections = [connect(port), connect(port)];
    for (const [n, ask] of connections.entries()) {
      await ask("configure", configuration(emulators[n]!.endpoint));
    }
    const owners = structOf({ owners: ["system"] });
    await connections[0]!("invoke", new pb.InvokeRequest().setTok("alicloud-image:index:getImages").setArgs(owners));
    expect(emulators.map(({ calls }) => calls.length > 0)).toEqual([true, false]);
  } finally {
    child.kill("SIGKILL");
    await Promise.all(emulators.map((emulator) => emulator.close()));
  }
});
