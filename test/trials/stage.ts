import { type Call, type Fault, type ImageRecord, seeds, type World } from "../../emulator";
import { imageState } from "../../emulator/images/state";
import { type Declared, type Operation, openStack, type Ran, type Stack } from "../crash/engine";
import { changesOf, thingsIn } from "../crash/worlds";
import type { Front } from "../support/fronts";
import { kinds } from "../support/kinds";
import { type KindName, type Lab, openLab, type Props } from "../support/lab";
import type { Victim } from "../support/mortal";

/** An emulated account, stacks with engines, and ways to disturb them. */
export interface Stage {
  readonly lab: Lab;
  readonly world: World;
  readonly warned: readonly string[];
  stack(name?: string): Stack;
  /** Runs a command, and kills at a call such as `CreateImage after`, or at a moment such as `create recorded`. */
  killed(stack: Stack, operation: Operation, at: string, victim?: Victim): Promise<Ran>;
  /** Injects faults into the calls of the next runs. */
  order(fault: ((call: Call, phase: "before" | "after") => Fault | undefined) | undefined): void;
  /** Images that were not in the account at the start. */
  images(): ImageRecord[];
  isGood(id: string): boolean;
  /** What was added to the account, removed from it or changed since the start, as sentences. */
  changes(): string[];
  /** Does something at the given time. */
  at(ms: number, what: () => void): void;
}

let open: Lab | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

export async function openStage(
  change: (world: World) => void = () => undefined,
  front: Front = "dynamic",
): Promise<Stage> {
  const world = kinds[0]!.world();
  change(world);
  const lab = await openLab({ world }, {}, { front });
  open = lab;
  const { emulator, clock } = lab;
  const things = () => thingsIn(emulator.world, clock.now());
  const before = things();
  const stage: Stage = {
    lab,
    get world() {
      return emulator.world;
    },
    warned: lab.said.warned,
    stack: (name) => openStack(lab, name),
    async killed(stack, operation, at, victim = "engine") {
      const kill = () => lab.processes.at(-1)!.kill(victim);
      emulator.intercept = (call, phase) => {
        const [process] = lab.processes.filter(({ accessKeyId }) => accessKeyId === call.accessKeyId);
        if (process?.killed) return { kind: "reset" };
        if (`${call.action} ${phase}` !== at) return undefined;
        kill();
        return { kind: "reset" };
      };
      const ran = await stack.run(operation, { reached: (moment) => void (moment === at && kill()) });
      emulator.intercept = undefined;
      await clock.advance(5_000);
      return ran;
    },
    order(fault) {
      emulator.intercept = fault;
    },
    images: () => [...emulator.world.images.values()].filter(({ imageId }) => !before.has(`image ${imageId}`)),
    isGood(id) {
      const image = emulator.world.images.get(id);
      return image !== undefined && imageState(image, clock.now()).usable;
    },
    changes() {
      const after = things();
      const added = [...after.keys()].filter((what) => !before.has(what)).map((what) => `${what} is left`);
      return [...added, ...changesOf(before, after, "record")];
    },
    at: (ms, what) => void clock.sleep(ms).then(what),
  };
  return stage;
}

export const declared = (kind: KindName, name: string, args: Props, timeouts?: Record<string, string>): Declared => ({
  kind,
  name,
  args,
  timeouts,
});
/** An image of the seeded instance. */
export const image = (name: string, args: Props = {}, timeouts?: Record<string, string>): Declared =>
  declared("CustomImage", name, { instanceId: seeds.instanceId, ...args }, timeouts);
/** An export of the seeded image. */
export const exportOf = (name: string, args: Props = {}): Declared =>
  declared("ImageExport", name, { imageId: "m-exportable", ossBucket: seeds.exportBucket, ...args });
export const up = (...program: Declared[]): Operation => ({ do: "up", program });
export const replace = (name: string, ...program: Declared[]): Operation => ({ do: "up", program, replace: [name] });
export const destroy: Operation = { do: "destroy" };
export const forbidden: Fault = {
  kind: "error",
  status: 403,
  code: "Forbidden.RAM",
  message: "User not authorized to operate on the specified resource.",
};

/** Whether each of these images is in a state of these stacks or named in a warning. */
export const unaccounted = ({ images, warned }: Stage, ...stacks: Stack[]): string[] => {
  const held = new Set(stacks.flatMap(({ backend }) => backend.state.map(({ id }) => id)));
  return images()
    .map(({ imageId }) => imageId)
    .filter((id) => !held.has(id) && !warned.some((text) => text.includes(id)));
};
