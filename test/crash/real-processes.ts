import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultCredential, type EmulatorOptions, startEmulator } from "../../emulator";
import type { DynamicProvider } from "../../provider/hosts/dynamic/provider";
import { noProgress } from "../../provider/lifecycle/progress";
import { Session } from "../../provider/lifecycle/session";
import { providerText } from "../../provider/program/provider-text";
import { systemClock } from "../../provider/wait/clock";
import type { KindName, Lab, Process, Props } from "../support/lab";
import { EngineGone, ProviderGone, type Victim } from "../support/mortal";

const repository = path.resolve(__dirname, "../..");
const ofPulumi = createRequire(path.join(repository, "node_modules/@pulumi/pulumi/package.json"));
const grpc = ofPulumi("@grpc/grpc-js");
const { ResourceProviderClient } = ofPulumi("./proto/provider_grpc_pb");
const messages = ofPulumi("./proto/provider_pb");
const { Status } = ofPulumi("./proto/status_pb");
const { Struct } = ofPulumi("google-protobuf/google/protobuf/struct_pb");
const HOST = ofPulumi.resolve("./cmd/dynamic-provider");

const DOORS: Record<KindName, string> = {
  CustomImage: "customImage",
  ImportedImage: "importedImage",
  ImageExport: "imageExport",
};
/** An address at which nothing listens. Progress for the engine is lost, which does no harm. */
const NO_ENGINE = "127.0.0.1:9";
const LAST_MOMENTS_MS = 5_000;

/**
 * A lab with real provider processes: Pulumi's own host, started and called as by the engine, with a pipe as standard
 * input. They are really killed. The death of the engine is the end of that pipe. Time is real, so durations are short.
 */
export async function openRealLab(options: EmulatorOptions = {}): Promise<Lab> {
  const emulator = await startEmulator({ durations: { createMs: 300, importMs: 300, exportMs: 300 }, ...options });
  const processes: Process[] = [];
  return {
    emulator,
    clock: { ...systemClock, advance: (ms) => systemClock.sleep(Math.min(ms, 200)), sleepers: 0, nextWake: undefined },
    said: { shown: [], noted: [], warned: [] },
    processes,
    reached: undefined,
    turn: (work) => work,
    mutations: () => emulator.calls.filter(({ effect }) => effect).map(({ action }) => action),
    close: async () => {
      await emulator.close();
    },
    process() {
      const accessKeyId = `${defaultCredential.accessKeyId}-${processes.length + 1}`;
      emulator.credentials.set(accessKeyId, { ...defaultCredential, accessKeyId });
      const process = realProcess(
        {
          "alicloud:region": "cn-hangzhou",
          "alicloud:accessKey": accessKeyId,
          "alicloud:secretKey": defaultCredential.accessKeySecret,
          "alicloud:endpoints": JSON.stringify({
            ecs: emulator.endpoint,
            oss: emulator.endpoint,
            sts: emulator.endpoint,
          }),
        },
        accessKeyId,
      );
      processes.push(process);
      return process;
    },
  };
}

/**
 * A pipe like the engine's; Node itself gives a child process a socket. Closing `ours` means to the provider that the
 * engine died.
 */
function pipe(): { ours: number; theirs: number } {
  const place = mkdtempSync(path.join(tmpdir(), "pipe-"));
  const name = path.join(place, "stdin");
  execFileSync("mkfifo", [name]);
  const ours = openSync(name, "r+");
  const theirs = openSync(name, "r");
  rmSync(place, { recursive: true });
  return { ours, theirs };
}

type Message = Record<string, (...args: unknown[]) => never>;

function realProcess(config: Record<string, string>, accessKeyId: string): Process {
  const stdin = pipe();
  const child = spawn(process.execPath, [HOST, NO_ENGINE], {
    cwd: repository,
    stdio: [stdin.theirs, "pipe", "ignore"],
  });
  closeSync(stdin.theirs);
  let isEngineThere = true;
  const endEngine = () => {
    if (isEngineThere) closeSync(stdin.ours); // once: the number may be another file's by then
    isEngineThere = false;
  };
  const exited = once(child, "exit");
  let killed: Victim | undefined;
  const gone = () => (killed === "engine" ? new EngineGone() : new ProviderGone());

  const client = (async () => {
    const [port] = (await Promise.race([once(child.stdout!, "data"), exited.then(() => Promise.reject(gone()))])) as [
      Buffer,
    ];
    const opened = new ResourceProviderClient(`127.0.0.1:${port.toString().trim()}`, grpc.credentials.createInsecure());
    await call(opened, "configure", message("ConfigureRequest", { Args: Struct.fromJavaScript(config) }));
    return opened;
  })();
  client.catch(() => undefined);

  async function ask(method: string, request: Message): Promise<Message> {
    try {
      return await call(await client, method, request);
    } catch (error) {
      throw killed ? gone() : readable(error);
    }
  }

  const host = (kind: KindName): DynamicProvider => {
    const props = (given: Props) =>
      Struct.fromJavaScript({ ...given, ...("__provider" in given && { __provider: providerText(DOORS[kind]) }) });
    const read = (answer: Message, what: string) =>
      (answer[`get${what}`]!() as { toJavaScript(): Props }).toJavaScript();
    return {
      configure: () => undefined,
      async check(olds, news) {
        const answer = await ask("check", message("CheckRequest", { Olds: props(olds), News: props(news) }));
        const failures = (answer["getFailuresList"]!() as Message[]).map((failure) => ({
          property: String(failure["getProperty"]!()),
          reason: String(failure["getReason"]!()),
        }));
        return { inputs: read(answer, "Inputs"), failures };
      },
      async diff(id, olds, news) {
        const answer = await ask("diff", message("DiffRequest", { Id: id, Olds: props(olds), News: props(news) }));
        return {
          changes: answer["getChanges"]!() === messages.DiffResponse.DiffChanges.DIFF_SOME,
          replaces: answer["getReplacesList"]!() as string[],
          deleteBeforeReplace: false,
        };
      },
      async create(inputs) {
        const answer = await ask("create", message("CreateRequest", { Properties: props(inputs) }));
        return { id: String(answer["getId"]!()), outs: read(answer, "Properties") };
      },
      async read(id, have) {
        const answer = await ask("read", message("ReadRequest", { Id: id, Properties: props(have) }));
        return { id: String(answer["getId"]!()), props: answer["getId"]!() ? read(answer, "Properties") : {} };
      },
      async update(id, olds, news) {
        return {
          outs: read(
            await ask("update", message("UpdateRequest", { Id: id, Olds: props(olds), News: props(news) })),
            "Properties",
          ),
        };
      },
      async delete(id, have) {
        await ask("delete", message("DeleteRequest", { Id: id, Properties: props(have) }));
      },
    };
  };

  return {
    // in the place of the one inside, which cannot be reached
    session: new Session({ env: {}, clock: systemClock, progress: noProgress }),
    accessKeyId,
    get killed() {
      return killed;
    },
    of: host,
    kill(victim) {
      killed ??= victim;
      if (victim === "provider") child.kill("SIGKILL");
      else endEngine();
    },
    cancel: () => undefined, // a dynamic provider ignores it
    async end() {
      await client.catch(() => undefined);
      if (!killed) child.kill("SIGINT");
      const over = new AbortController();
      const livesOn = systemClock.sleep(LAST_MOMENTS_MS, over.signal).then(() => {
        child.kill("SIGKILL");
        throw new Error(`a provider lives on ${LAST_MOMENTS_MS} ms after the end of its engine`);
      });
      livesOn.catch(() => undefined);
      await Promise.race([exited, livesOn]);
      over.abort();
      (await client.catch(() => undefined))?.close();
      endEngine();
    },
  };
}

const message = (name: string, fields: Record<string, unknown>): Message => {
  const made = new messages[name]();
  for (const [field, value] of Object.entries(fields)) made[`set${field}`](value);
  return made;
};

const call = (
  client: Record<string, (request: Message, done: (error: unknown, answer: Message) => void) => void>,
  method: string,
  request: Message,
): Promise<Message> =>
  new Promise((resolve, reject) =>
    client[method]!(request, (error, answer) => (error ? reject(error) : resolve(answer))),
  );

/** The provider's error, with what the engine would record. */
function readable(error: unknown): Error {
  const { details, metadata } = error as { details?: string; metadata?: { get(key: string): Buffer[] } };
  const [binary] = metadata?.get("grpc-status-details-bin") ?? [];
  const plain = new Error(details);
  if (!binary) return plain;
  for (const detail of Status.deserializeBinary(binary).getDetailsList()) {
    const unfinished = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue());
    if (unfinished.getId())
      return Object.assign(plain, {
        id: unfinished.getId(),
        properties: unfinished.getProperties().toJavaScript(),
        reasons: unfinished.getReasonsList(),
      });
  }
  return plain;
}
