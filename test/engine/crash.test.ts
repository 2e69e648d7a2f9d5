import { CustomImage, ImageExport, ImportedImage } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { systemClock } from "../../provider/wait/clock";
import { type Before, type Held, strangersIn, verdict } from "../crash/holds";
import { kinds } from "../support/kinds";
import type { KindName, Props } from "../support/lab";
import { isFull } from "../support/sample";
import { leadingTo, openStack, type RigStack } from "./support";

/**
 * A sample of the crash sweep on the real engine: processes are killed by id while the cloud holds one of their calls.
 * Each story is the life of one resource. A killed command is repeated, as in a pipeline.
 */
interface Blow {
  readonly operation: "up" | "up --replace" | "destroy";
  /** The requested arguments. Default: as before. */
  readonly args?: Props;
  readonly at: string;
  readonly phase: "before" | "after";
  readonly kills: "provider" | "engine" | "both";
  /** Done instead of repeating the command. */
  readonly then?: "up --replace" | "up";
}

const of = (kind: KindName) => kinds.find((each) => each.kind === kind)!;
const custom = of("CustomImage");
const imported = of("ImportedImage");
const exported = of("ImageExport");
const fromSecond = { ...custom.changedInPlace, instanceId: seeds.secondInstanceId };
const unnamed = { diskDeviceMappings: imported.replaced["diskDeviceMappings"], description: "no name of its own" };

const stories: { kind: KindName; blows: Blow[] }[] = [
  {
    kind: "CustomImage",
    blows: [
      { operation: "up", args: custom.args, at: "CreateImage", phase: "after", kills: "provider" },
      { operation: "up", args: custom.changedInPlace, at: "ModifyImageAttribute", phase: "before", kills: "engine" },
      { operation: "up", args: fromSecond, at: "CreateImage", phase: "after", kills: "both" },
      { operation: "up --replace", at: "DeleteImage", phase: "before", kills: "provider" },
      { operation: "up --replace", at: "TagResources", phase: "before", kills: "both", then: "up" },
      { operation: "destroy", at: "DeleteImage", phase: "after", kills: "engine" },
    ],
  },
  {
    kind: "ImportedImage",
    blows: [
      { operation: "up", args: imported.args, at: "ImportImage", phase: "before", kills: "engine" },
      { operation: "up", args: unnamed, at: "DescribeImages", phase: "after", kills: "both" },
      { operation: "destroy", at: "DeleteImage", phase: "before", kills: "provider" },
    ],
  },
  {
    kind: "ImageExport",
    blows: [
      { operation: "up", args: exported.args, at: "ExportImage", phase: "after", kills: "engine" },
      { operation: "up --replace", at: "ExportImage", phase: "after", kills: "provider" },
      { operation: "destroy", at: "DeleteObject", phase: "before", kills: "both" },
    ],
  },
];

/** The emulator shows the same of every kind in test/crash. */
const chosen = isFull ? stories : stories.slice(0, 1).map(({ kind, blows }) => ({ kind, blows: blows.slice(0, 3) }));

const classes = { CustomImage, ImportedImage, ImageExport } as const;
const QUICK = { createMs: 500, importMs: 500, exportMs: 500 };

describe.each(chosen)("$kind on a real engine", ({ kind, blows }) => {
  let emulator: Emulator;
  let stack: RigStack;
  let before: Before;
  let want: Props;
  let warned: string[];
  const name = `crash-${kind.toLowerCase()}`;
  const urn = `urn:pulumi:${name}::rig::pulumi-nodejs:dynamic/alicloud-image:${kind}::golden`;

  beforeAll(async () => {
    emulator = await startEmulator({ durations: QUICK, world: of(kind).world() });
    before = { kind, urn, strangers: strangersIn(emulator.world) };
    stack = await openStack(name, async () => void new classes[kind]("golden", want as never), {
      config: leadingTo(emulator),
    });
  });
  afterAll(() => emulator.close());

  async function run(operation: Blow["operation"]) {
    const done =
      operation === "destroy" ? await stack.destroy() : await stack.up(operation === "up" ? {} : { replace: [urn] });
    warned.push(...done.messages.filter(({ severity }) => severity === "warning").map(({ text }) => text));
    return done;
  }

  const held = (): Held => {
    const recorded = stack.state().resources.map(({ id, delete: isOld, ...rest }) => ({ ...rest, id: id!, isOld }));
    const state = recorded.find(({ isOld }) => !isOld);
    return { state, old: recorded.filter(({ isOld }) => isOld) };
  };

  /** They stop within milliseconds, and the operation may be over before that. */
  async function providersGone(): Promise<void> {
    for (let time = 0; time < 100 && stack.processes().providers.length > 0; time++) await systemClock.sleep(20);
  }

  /** Kills its target when the call arrives. Returns what was still sent after that. */
  function strike({ at, phase, kills }: Blow): { afterlife: string[]; hit: () => boolean } {
    const afterlife: string[] = [];
    let hit = false;
    emulator.intercept = async (call, now) => {
      if (hit) {
        if (now === "before") afterlife.push(call.action);
        return { kind: "reset" };
      }
      if (call.action !== at || now !== phase) return undefined;
      hit = true;
      const { engines, providers } = stack.processes();
      for (const pid of [...(kills === "provider" ? [] : engines), ...(kills === "engine" ? [] : providers)])
        process.kill(pid, "SIGKILL");
      await providersGone();
      return phase === "before" && kills === "engine" ? undefined : { kind: "reset" }; // what was on its way arrives
    };
    return { afterlife, hit: () => hit };
  }

  const table = blows.map((blow) => ({
    ...blow,
    victim: { provider: "the provider", engine: "the engine", both: "both" }[blow.kills],
  }));

  test.each(table)(
    "$operation with $victim killed $phase $at, then repeated, loses and duplicates nothing",
    async (blow) => {
      const last = want;
      want = blow.args ?? want;
      warned = [];
      const { afterlife, hit } = strike(blow);
      const killed = await run(blow.operation);
      await providersGone();
      expect({ hit: hit(), afterlife, providers: stack.processes().providers }).toEqual({
        hit: true,
        afterlife: [],
        providers: [],
      });
      if (blow.at !== "TagResources") expect(killed.error).toBeDefined();
      emulator.intercept = undefined;
      if (blow.kills !== "provider") await stack.cancel();

      const done = await run(blow.then ?? blow.operation);
      expect(done.error).toBeUndefined();
      const cloud = { emulator, clock: systemClock, said: { shown: [], noted: [], warned } };
      const asked = blow.operation === "destroy" ? undefined : want;
      expect(verdict(cloud, before, held(), asked, last, "nothing").violations).toEqual([]);
    },
  );
});
