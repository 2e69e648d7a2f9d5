import { defaultCredential, type Emulator, startEmulator } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { imageState } from "../../emulator/images/state";
import { taskState } from "../../emulator/resources/tasks";
import { send } from "../../provider/ecs/send";
import { OssClient } from "../../provider/oss/client";
import type { Exchange } from "../exchange";
import { listen } from "../recorder";
import { accountBefore } from "./account";
import { Counterparts } from "./counterparts";
import { isAnswered, isCreating, outcomeOf } from "./timeline";

/** A call of the recording, with the emulator's answer to the same call at the same time. */
export interface Played {
  readonly recorded: Exchange;
  /** Undefined if the emulator does not support the call. */
  readonly emulated: Exchange | undefined;
}

export interface Playing {
  readonly calls: readonly Played[];
  readonly names: Counterparts;
  /** By its id, the states of each image and task of the emulator, in order. */
  readonly states: ReadonlyMap<string, readonly string[]>;
}

/** How often the emulator is read between two calls, for states that no call has seen. */
const LOOKS = 20;

/** Starts an emulator that holds what the account held, and sends it the calls of a recording, each at its time. */
export async function play(calls: readonly Exchange[], folder?: string): Promise<Playing> {
  const clock = manualClock(Date.parse(calls[0]?.at ?? "2026-01-01T00:00:00Z"));
  const emulator = await startEmulator({ clock, world: accountBefore(calls, folder) });
  const player = new Player(emulator, clock, calls);
  try {
    for (const call of calls) await player.play(call);
    return player;
  } finally {
    await emulator.close();
  }
}

class Player implements Playing {
  readonly calls: Played[] = [];
  readonly names = new Counterparts();
  readonly states = new Map<string, string[]>();

  constructor(
    private readonly emulator: Emulator,
    private readonly clock: ManualClock,
    private readonly all: readonly Exchange[],
  ) {}

  async play(recorded: Exchange): Promise<void> {
    await this.waitFor(Date.parse(recorded.at));
    const { world } = this.emulator;
    if (isCreating(recorded.action) && isAnswered(recorded)) world.scenarios.push(outcomeOf(recorded, this.all));
    this.provoke(recorded);
    const params = Object.fromEntries(
      Object.entries(recorded.params).map(([name, value]) => [name, this.named(value)]),
    );
    const emulated = await this.answerTo(recorded, params);
    world.quotas.callsPerSecond = {};
    if (emulated) this.names.learn(recorded.body, emulated.body);
    this.calls.push({ recorded, emulated });
    this.look();
  }

  /** A list of ids as one parameter: `m-1,m-2` or `["s-1"]`. */
  private named(value: string): string {
    return value.replace(/[^,"[\]]+/g, (part) => this.names.of(part));
  }

  /** Sets up failures that come from the cloud's load: they do not follow from what the account holds. */
  private provoke({ action, status = 0, body }: Exchange): void {
    const { Code: code = "", Message: message } = Object(body) as { Code?: string; Message?: string };
    if (/Throttling/.test(code)) this.emulator.world.quotas.callsPerSecond = { [action]: 0 };
    else if (status >= 500)
      this.emulator.inject({
        action,
        fault: { kind: "error", status, code, ...(message !== undefined && { message }) },
      });
  }

  private async answerTo(call: Exchange, params: Readonly<Record<string, string>>): Promise<Exchange | undefined> {
    const heard: Exchange[] = [];
    const answered = new Promise<void>((resolve) => {
      const end = listen((exchange) => {
        heard.push(exchange);
        resolve();
      }, this.clock.now);
      this.ends.push(end);
    });
    try {
      const isSent = await this.send(call, params);
      if (isSent) await answered;
      return heard.find(({ action }) => action === call.action);
    } finally {
      this.ends.splice(0).forEach((end) => end());
    }
  }

  private readonly ends: (() => void)[] = [];

  /** False if neither client supports the call. */
  private async send({ service, action }: Exchange, params: Readonly<Record<string, string>>): Promise<boolean> {
    const { accessKeyId, accessKeySecret } = defaultCredential;
    const keys = { accessKeyId, accessKeySecret };
    const endpoint = { protocol: "HTTP", host: new URL(this.emulator.endpoint).host } as const;
    if (service === "ecs") {
      await send({ version: "2014-05-26", endpoint, callTimeoutMs: 20_000 }, action, params, keys);
      return true;
    }
    const { bucket = "", key = "", prefix = "" } = params;
    const oss = new OssClient({
      regionId: "cn-hangzhou",
      endpoint,
      credentials: { get: async () => keys, renew: () => undefined },
    });
    const calls: Record<string, () => Promise<unknown>> = {
      HeadObject: () => oss.headObject(bucket, key),
      ListObjects: () => oss.listObjects(bucket, prefix),
      DeleteObject: () => oss.deleteObject(bucket, key),
    };
    const call = service === "oss" ? calls[action] : undefined;
    await call?.().catch(() => undefined);
    return call !== undefined;
  }

  private async waitFor(atMs: number): Promise<void> {
    const stepMs = Math.floor(Math.max(0, atMs - this.clock.now()) / LOOKS);
    for (let left = LOOKS; left > 0; left--) {
      await this.clock.advance(left > 1 ? stepMs : Math.max(0, atMs - this.clock.now()));
      this.look();
    }
  }

  private look(): void {
    const { images, tasks } = this.emulator.world;
    const nowMs = this.clock.now();
    for (const image of images.values()) this.note(image.imageId, imageState(image, nowMs).status);
    for (const task of tasks.values()) this.note(task.taskId, taskState(task, nowMs).status);
  }

  private note(id: string, status: string): void {
    const states = this.states.get(id) ?? [];
    this.states.set(id, states);
    if (states.at(-1) !== status) states.push(status);
  }
}
