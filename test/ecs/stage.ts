import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ManualClock, manualClock } from "../../emulator/clock";
import type { Ecs } from "../../provider/ecs/actions";
import { type CallContext, openEcs } from "../../provider/ecs/client";
import type { Credentials, Keys } from "../../provider/ecs/credentials";
import { Failure } from "../../provider/failure";

/** A request as it came in. */
export interface Seen {
  readonly action: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly url: string;
}

/** One answer, or the lack of one. */
export type Act = (response: ServerResponse, seen: Seen) => void;

/** An HTTP server that plays one act for each request, and the last one for all others. */
export interface Stage {
  readonly endpoint: string;
  readonly seen: Seen[];
  play(...acts: Act[]): void;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const seen: Seen[] = [];
  let acts: Act[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => (body += part));
    request.on("end", () => {
      const url = request.url ?? "/";
      const parameters = new URLSearchParams(url.split("?")[1]);
      for (const [name, value] of new URLSearchParams(body)) parameters.append(name, value);
      const call = { action: String(request.headers["x-acs-action"]), parameters, headers: request.headers, url };
      seen.push(call);
      const act = acts.length > 1 ? acts.shift()! : acts[0];
      (act ?? refuse(500, "NothingToPlay"))(response, call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    play: (...next) => (acts = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const REQUEST_ID = "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E";

export const body =
  (status: number, text: string, headers: Record<string, string> = { "content-type": "application/json" }): Act =>
  (response) => {
    response.writeHead(status, headers).end(text);
  };
export const answer = (fields: object): Act => body(200, JSON.stringify({ RequestId: REQUEST_ID, ...fields }));
export const refuse = (status: number, code: string, message = "It was refused."): Act =>
  body(status, JSON.stringify({ Code: code, Message: message, RequestId: REQUEST_ID, HostId: "ecs" }));
export const reset: Act = (response) => response.socket?.resetAndDestroy();
export const truncate: Act = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "500" }).write('{"ImageId":"m-1"');
  setTimeout(() => response.socket?.destroy(), 20);
};
export const silence: Act = () => undefined;
export const drip: Act = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
  const timer = setInterval(() => (response.destroyed ? clearInterval(timer) : response.write(" ")), 50);
  response.on("close", () => clearInterval(timer));
};

/** Advances the clock to the next timer until the promise is settled. Real answers get their real time. */
export async function turnUntilSettled<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  while (!settled) {
    await new Promise((turn) => setTimeout(turn, 1));
    if (!settled && clock.nextWake !== undefined) await clock.advance(clock.nextWake - clock.now());
  }
  return promise;
}

export const KEYS: Keys = {
  accessKeyId: "LTAIcanarycanary0001",
  accessKeySecret: "canarySecret00000000000000001",
  securityToken: "CAIScanaryToken/+aB0000000000000000000000000000000000000000001==",
};
export const fixed = (keys: Keys = KEYS): Credentials => ({ get: async () => keys, renew: () => undefined });

interface CallOptions extends Partial<Pick<CallContext, "signal" | "waiting">> {
  credentials?: Credentials;
  /** From now on. */
  deadlineMs?: number;
  callTimeoutMs?: number;
  endpoint?: string;
}

/** A stage, a clock, and clients of that stage which do one operation. */
export interface Rig {
  readonly stage: Stage;
  readonly clock: ManualClock;
  ecs(options?: CallOptions): Ecs;
  settled<T>(work: Promise<T>): Promise<T>;
  failureOf(work: Promise<unknown>): Promise<Failure>;
}

export async function openRig(): Promise<Rig> {
  const stage = await openStage();
  const clock = manualClock();
  return {
    stage,
    clock,
    ecs: ({
      credentials = fixed(),
      deadlineMs = 3_600_000,
      callTimeoutMs = 300,
      endpoint = stage.endpoint,
      ...operation
    } = {}) =>
      openEcs({ regionId: "cn-hangzhou", endpoint, protocol: "HTTPS", credentials, clock, callTimeoutMs })({
        doing: 'creating image "golden" from instance i-1',
        deadlineMs: clock.now() + deadlineMs,
        ...operation,
      }),
    settled: (work) => turnUntilSettled(clock, work),
    async failureOf(work) {
      const failure = await turnUntilSettled(clock, work).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Failure);
      return failure as Failure;
    },
  };
}

export const made = answer({ ImageId: "m-1" });
export const create = (call: Ecs) =>
  call("CreateImage", { InstanceId: "i-1", ClientToken: "token-1", Tag: [{ Key: "a", Value: "1" }] });
