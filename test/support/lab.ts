import { type Emulator, type EmulatorOptions, defaultCredential, startEmulator } from "../../emulator";
import { type Host, type Session, openSession } from "../../provider/lifecycle/cloud";
import { type DynamicProvider, TIMEOUTS, URN, dynamicProvider } from "../../provider/lifecycle/dynamic";
import type { Progress } from "../../provider/lifecycle/progress";
import { customImage } from "../../provider/resources/custom-image.lifecycle";
import { imageExport } from "../../provider/resources/image-export.lifecycle";
import { importedImage } from "../../provider/resources/imported-image.lifecycle";
import { type TurnedClock, turnedClock } from "../../provider/wait/clock";
import { turning } from "./turning";

export type Props = Record<string, unknown>;
export type KindName = "CustomImage" | "ImportedImage" | "ImageExport";

/** An emulated cloud, and as many provider processes as a test wants, all on one clock that is turned by hand. */
export interface Lab {
  readonly emulator: Emulator;
  readonly clock: TurnedClock;
  /** What the person at the terminal was shown and warned of. */
  readonly said: { shown: string[]; warned: string[] };
  /** What one engine operation runs in: configured, with nothing remembered. */
  process(): Process;
  /** Lets time pass whenever nothing is under way, until the work is done. */
  turn<T>(work: Promise<T>): Promise<T>;
  /** The calls that changed the cloud, or were meant to. */
  mutations(): string[];
  close(): Promise<void>;
}

export interface Process {
  readonly session: Session;
  of(kind: KindName): DynamicProvider;
  /** The engine's orderly end. */
  end(): Promise<void>;
}

const LOOKS = /^(Describe|List|Head|Get)/;

export async function openLab(options: EmulatorOptions = {}, config: Record<string, string> = {}, host: Partial<Host> = {}): Promise<Lab> {
  const clock = turnedClock();
  const emulator = await startEmulator({ clock, ...options });
  const said = { shown: [] as string[], warned: [] as string[] };
  const progress: Progress = { show: (_urn, text) => void said.shown.push(text), warn: (_urn, text) => void said.warned.push(text) };
  const settings: Record<string, string> = {
    "alicloud:region": "cn-hangzhou",
    "alicloud:accessKey": defaultCredential.accessKeyId,
    "alicloud:secretKey": defaultCredential.accessKeySecret,
    "alicloud:endpoints": JSON.stringify({ ecs: emulator.endpoint, oss: emulator.endpoint, sts: emulator.endpoint }),
    ...config,
  };
  return {
    emulator,
    clock,
    said,
    turn: (work) => turning(clock, work),
    mutations: () => emulator.calls.map(({ action }) => action).filter((action) => !LOOKS.test(action)),
    close: () => emulator.close(),
    process() {
      const session = openSession({ env: {}, clock, progress, ...host });
      session.configure((key) => settings[key]);
      const providers = { CustomImage: dynamicProvider(customImage, session), ImportedImage: dynamicProvider(importedImage, session), ImageExport: dynamicProvider(imageExport, session) };
      return { session, of: (kind) => providers[kind], end: () => turning(clock, session.end()) };
    },
  };
}

export const urnOf = (kind: KindName, name: string, stack = "dev") => `urn:pulumi:${stack}::golden::pulumi-nodejs:dynamic/alicloud-image:${kind}::${name}`;

/** The inputs as the constructor and the host complete them. */
export const inputsOf = (kind: KindName, name: string, args: Props, timeouts?: Record<string, string>): Props => ({
  ...args,
  [URN]: urnOf(kind, name),
  ...(timeouts && { [TIMEOUTS]: timeouts }),
  __provider: "the provider's text",
});

/** What a state holds of one resource. */
export interface Recorded {
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  readonly initErrors?: readonly string[];
}

/** A resource of a stack, run through the engine's own sequences of calls, with a process of its own for each operation (docs/engine.md). */
export interface Resource {
  readonly state: Recorded | undefined;
  /** Marked for deletion by a replacement that has not come to its end. */
  readonly old: readonly Recorded[];
  up(args: Props, options?: { replace?: boolean; timeouts?: Record<string, string> }): Promise<Outcome>;
  refresh(): Promise<Outcome>;
  destroy(): Promise<Outcome>;
}

export interface Outcome {
  readonly did: "create" | "update" | "replace" | "same" | "refresh" | "delete" | "refused";
  readonly error?: string;
  readonly failures?: { property: string; reason: string }[];
}

export function resource(lab: Lab, kind: KindName, name = "golden"): Resource {
  let state: Recorded | undefined;
  let old: Recorded[] = [];

  /** What the engine makes of an error that a creation or an update ends with. */
  function unfinished(error: unknown, inputs: Props): { error: string; recorded?: Recorded } {
    const { id, properties, reasons } = error as { id?: string; properties?: Props; reasons?: string[] };
    if (id === undefined) return { error: (error as Error).message };
    return { error: reasons!.join("; "), recorded: { id, inputs, outputs: properties!, initErrors: reasons! } };
  }

  async function create(provider: DynamicProvider, inputs: Props, did: "create" | "replace"): Promise<Outcome> {
    const previous = state;
    try {
      const { id, outs } = await lab.turn(provider.create(structuredClone(inputs)));
      state = { id, inputs, outputs: { ...outs, __provider: inputs["__provider"] } };
      if (previous) old.push(previous);
      return { did };
    } catch (failed) {
      const { error, recorded } = unfinished(failed, inputs);
      if (recorded) {
        state = recorded;
        if (previous) old.push(previous);
      }
      return { did, error };
    }
  }

  async function deleteOld(provider: DynamicProvider): Promise<string | undefined> {
    for (const one of [...old]) {
      try {
        await lab.turn(provider.delete(one.id, structuredClone(one.outputs)));
        old = old.filter((other) => other !== one);
      } catch (error) {
        return (error as Error).message;
      }
    }
    return undefined;
  }

  const run = async (work: (provider: DynamicProvider) => Promise<Outcome>): Promise<Outcome> => {
    const process = lab.process();
    try {
      return await work(process.of(kind));
    } finally {
      await process.end();
    }
  };

  return {
    get state() {
      return state;
    },
    get old() {
      return old;
    },
    up: (args, { replace = false, timeouts } = {}) =>
      run(async (provider) => {
        const news = inputsOf(kind, name, args, timeouts);
        const checked = await lab.turn(provider.check(state && !replace ? state.inputs : {}, structuredClone(news)));
        if (checked.failures.length > 0) return { did: "refused", failures: checked.failures, error: checked.failures.map(({ reason }) => reason).join("; ") };
        const inputs = { ...checked.inputs, __provider: news["__provider"] };
        let outcome: Outcome;
        if (!state) outcome = await create(provider, inputs, "create");
        else {
          const diff = replace ? { changes: true, replaces: ["id"] } : await lab.turn(provider.diff(state.id, structuredClone(state.outputs), structuredClone(inputs)));
          if (diff.replaces.length > 0) {
            const again = await lab.turn(provider.check({}, structuredClone(news)));
            outcome = await create(provider, { ...again.inputs, __provider: news["__provider"] }, "replace");
          } else if (diff.changes || state.initErrors) {
            try {
              const { outs } = await lab.turn(provider.update(state.id, structuredClone(state.outputs), structuredClone(inputs)));
              state = { id: state.id, inputs, outputs: { ...outs, __provider: inputs["__provider"] } };
              outcome = { did: "update" };
            } catch (failed) {
              const { error, recorded } = unfinished(failed, inputs);
              if (recorded) state = { ...recorded, inputs: state.inputs };
              outcome = { did: "update", error };
            }
          } else {
            state = { ...state, inputs };
            outcome = { did: "same" };
          }
        }
        if (outcome.error !== undefined) return outcome;
        const error = await deleteOld(provider);
        return error === undefined ? outcome : { ...outcome, error };
      }),
    refresh: () =>
      run(async (provider) => {
        if (!state) return { did: "refresh" };
        try {
          const read = await lab.turn(provider.read(state.id, structuredClone(state.outputs)));
          const { initErrors: _cleared, ...rest } = state;
          state = read.id ? { ...rest, id: read.id, outputs: { ...read.props, __provider: state.outputs["__provider"] } } : undefined;
          return { did: "refresh" };
        } catch (error) {
          return { did: "refresh", error: (error as Error).message };
        }
      }),
    destroy: () =>
      run(async (provider) => {
        if (state) old = [state, ...old];
        state = undefined;
        const error = await deleteOld(provider);
        if (error !== undefined) [state, ...old] = old as [Recorded, ...Recorded[]];
        return { did: "delete", ...(error !== undefined && { error }) };
      }),
  };
}
