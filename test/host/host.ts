import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { type Kind, properties } from "../../provider/program/registration";
import type { Props } from "../support/lab";

export const repository = path.resolve(__dirname, "../..");
const ofPulumi = createRequire(path.join(repository, "node_modules/@pulumi/pulumi/package.json"));
const grpc = ofPulumi("@grpc/grpc-js");
const { ResourceProviderClient } = ofPulumi("./proto/provider_grpc_pb");
const { EngineService } = ofPulumi("./proto/engine_grpc_pb");
const requests = ofPulumi("./proto/provider_pb");
const { ErrorResourceInitFailed } = requests;
const { Status } = ofPulumi("./proto/status_pb");
const { Struct } = ofPulumi("google-protobuf/google/protobuf/struct_pb");
const { Empty } = ofPulumi("google-protobuf/google/protobuf/empty_pb");

/** What the engine reads of an error: its message, its bytes, and the unfinished resource, if there is one. */
export interface HostError {
  readonly message: string;
  readonly details: string;
  readonly unfinished?: { id: string; properties: Props; reasons: string[] };
}

/** Pulumi's own process for dynamic providers, as the engine starts it and speaks to it. */
export interface Host {
  /** What it wrote, and what it sent to the engine. */
  readonly said: { out: string; logs: string[] };
  create(inputs: Props): Promise<{ id: string; properties: Props }>;
  read(id: string, properties: Props): Promise<{ id: string; properties: Props }>;
  update(id: string, olds: Props, news: Props): Promise<{ properties: Props }>;
  remove(id: string, properties: Props): Promise<void>;
  check(news: Props): Promise<{ inputs: Props; failures: string[] }>;
  diff(id: string, olds: Props, news: Props): Promise<string[]>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly config?: Record<string, string>;
  readonly env?: Record<string, string>;
  /** Of Node. */
  readonly flags?: readonly string[];
}

export const textOf = (kind: Pick<Kind, "entry">): string =>
  String(properties({ type: "", outputs: [], ...kind }, "", {}, { id: "only reads" })["__provider"]);

export async function openHost({ config = {}, env = {}, flags = [] }: HostOptions = {}): Promise<Host> {
  const said = { out: "", logs: [] as string[] };
  const engine = new grpc.Server();
  engine.addService(EngineService, {
    log: (call: { request: { getMessage(): string } }, done: (error: null, answer: unknown) => void) => {
      said.logs.push(call.request.getMessage());
      done(null, new Empty());
    },
  });
  const enginePort = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: Error | null, port: number) =>
      error ? reject(error) : resolve(port),
    ),
  );

  const child: ChildProcess = spawn(
    process.execPath,
    [...flags, ofPulumi.resolve("./cmd/dynamic-provider"), `127.0.0.1:${enginePort}`],
    {
      cwd: repository,
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], ...env },
    },
  );
  child.stderr!.on("data", (text) => (said.out += text));
  const [first] = (await Promise.race([
    once(child.stdout!, "data"),
    once(child, "exit").then(() => Promise.reject(new Error(said.out))),
  ])) as [Buffer];
  child.stdout!.on("data", (text) => (said.out += text));
  const client = new ResourceProviderClient(`127.0.0.1:${String(first).trim()}`, grpc.credentials.createInsecure());

  function ask(method: string, request: Record<string, unknown>): Promise<any> {
    const message = new requests[`${method[0]!.toUpperCase()}${method.slice(1)}Request`]();
    for (const [name, value] of Object.entries(request))
      message[`set${name}`](typeof value === "object" ? Struct.fromJavaScript(value) : value);
    return new Promise((resolve, reject) =>
      client[method](message, { deadline: Date.now() + 30_000 }, (error: unknown, answer: unknown) =>
        error ? reject(understood(error)) : resolve(answer),
      ),
    );
  }
  await ask("configure", { Args: config });
  const props = (struct: { toJavaScript(): Props } | undefined): Props => struct?.toJavaScript() ?? {};

  return {
    said,
    create: async (inputs) =>
      ask("create", { Properties: inputs }).then((answer) => ({
        id: answer.getId(),
        properties: props(answer.getProperties()),
      })),
    read: async (id, given) =>
      ask("read", { Id: id, Properties: given }).then((answer) => ({
        id: answer.getId(),
        properties: props(answer.getProperties()),
      })),
    update: async (id, olds, news) =>
      ask("update", { Id: id, Olds: olds, News: news }).then((answer) => ({
        properties: props(answer.getProperties()),
      })),
    remove: async (id, given) => void (await ask("delete", { Id: id, Properties: given })),
    check: async (news) =>
      ask("check", { Olds: {}, News: news }).then((answer) => ({
        inputs: props(answer.getInputs()),
        failures: answer.getFailuresList().map((one: { getReason(): string }) => one.getReason()),
      })),
    diff: async (id, olds, news) =>
      ask("diff", { Id: id, Olds: olds, News: news }).then((answer) => answer.getReplacesList()),
    async close() {
      const gone = once(child, "exit");
      child.kill("SIGINT");
      await gone;
      client.close();
      engine.forceShutdown();
    },
  };
}

function understood(error: unknown): HostError {
  const { message, details, metadata } = error as {
    message: string;
    details: string;
    metadata?: { get(key: string): Buffer[] };
  };
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  const [detail] = bytes ? Status.deserializeBinary(bytes).getDetailsList() : [];
  const failed = detail && ErrorResourceInitFailed.deserializeBinary(detail.getValue());
  return {
    message,
    details,
    ...(failed && {
      unfinished: {
        id: failed.getId(),
        properties: failed.getProperties()?.toJavaScript(),
        reasons: failed.getReasonsList(),
      },
    }),
  };
}
