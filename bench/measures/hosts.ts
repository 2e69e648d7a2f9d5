import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { seeds } from "../../emulator/world/seed";
import { structOf } from "../../provider/hosts/native/values";
import { providerText } from "../../provider/program/provider-text";
import { CREATE_MS, engineRun } from "../engine-run";
import { type Line, median } from "../line";

const root = path.resolve(__dirname, "../..");
const ROUNDS = 7;
const IMAGES = 100;

/** A provider process, and its first request. */
interface Provider {
  readonly script: string;
  readonly token: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const settings = { region: "cn-hangzhou", accessKey: "key", secretKey: "secret" };
const inputs = { instanceId: seeds.instanceId };
const native: Provider = {
  script: path.join(root, "pulumi-resource-alicloud-image"),
  token: "alicloud-image:index:CustomImage",
  config: settings,
  inputs,
};
const dynamic: Provider = {
  script: path.join(root, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"),
  token: "pulumi-nodejs:dynamic/alicloud-image:CustomImage",
  config: Object.fromEntries(Object.entries(settings).map(([key, value]) => [`alicloud:${key}`, value])),
  inputs: { ...inputs, __provider: providerText("customImage") },
};

/** The native host compared with the dynamic one, which is in the other column. */
export async function hosts(): Promise<Line[]> {
  const rounds: { ours: FirstCheck; plain: FirstCheck }[] = [];
  for (let n = 0; n <= ROUNDS; n++) {
    const round = { ours: await firstCheck(native), plain: await firstCheck(dynamic) };
    if (n > 0) rounds.push(round); // the first round reads the files from disk
  }
  const of = (side: "ours" | "plain", what: keyof FirstCheck) => median(rounds.map((round) => round[side][what]));
  const line = (what: string, unit: string, key: keyof FirstCheck): Line => ({
    what,
    unit,
    ours: of("ours", key),
    plain: of("plain", key),
  });
  const [ours, plain] = [await engineRun("nativeImages", IMAGES), await engineRun("images", IMAGES)];
  return [
    line("Native provider process; the dynamic one in the other column: start to its port", "ms", "readyMs"),
    line("... start to the first Check", "ms", "checkMs"),
    line("... memory after it", "MB", "mb"),
    {
      what: `... ${IMAGES} new images of ${CREATE_MS / 1_000} s on the engine, all at once`,
      unit: "s",
      ours: ours.seconds,
      plain: plain.seconds,
    },
  ];
}

interface FirstCheck {
  readonly readyMs: number;
  readonly checkMs: number;
  readonly mb: number;
}

async function firstCheck({ script, token, config, inputs: news }: Provider): Promise<FirstCheck> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [script, "127.0.0.1:1"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const readyMs = performance.now() - startMs;
    const client = new ResourceProviderClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
    const answered = (call: (done: (error: ServiceError | null) => void) => void) =>
      new Promise<void>((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
    await answered((done) => client.configure(new pb.ConfigureRequest().setArgs(structOf(config)), done));
    const urn = `urn:pulumi:bench::bench::${token}::golden`;
    const check = new pb.CheckRequest().setUrn(urn).setNews(structOf(news));
    await answered((done) => client.check(check.setOlds(structOf({})), done));
    const checkMs = performance.now() - startMs;
    client.close();
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
    return { readyMs, checkMs, mb: Number(kilobytes) / 1_000 };
  } finally {
    child.kill("SIGKILL");
  }
}
