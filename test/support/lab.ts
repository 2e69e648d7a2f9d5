import { defaultCredential, type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { isRead } from "../../emulator/request/action";
import { dynamicProvider, TIMEOUTS, URN } from "../../provider/hosts/dynamic/provider";
import type { Host } from "../../provider/lifecycle/host";
import type { Progress } from "../../provider/lifecycle/progress";
import { IMPORT } from "../../provider/lifecycle/runner";
import { Session } from "../../provider/lifecycle/session";
import { customImage } from "../../provider/resources/custom-image/lifecycle";
import { imageCopy } from "../../provider/resources/image-copy/lifecycle";
import { imageExport } from "../../provider/resources/image-export/lifecycle";
import { imageSharePermission } from "../../provider/resources/image-share-permission/lifecycle";
import { importedImage } from "../../provider/resources/imported-image/lifecycle";
import { type EngineVersion, type Front, nativeFront } from "./fronts";
import { EngineGone, type LabProvider, life, ProviderGone, type Victim } from "./mortal";
import { turning } from "./turning";

export type Props = Record<string, unknown>;
export type KindName = "CustomImage" | "ImportedImage" | "ImageExport";
export type ResourceName = KindName | "ImageCopy" | "ImageSharePermission";

/** An emulated cloud, and as many provider processes as a test needs, all on one manual clock. */
export interface Lab {
  readonly emulator: Emulator;
  readonly clock: ManualClock;
  /** What the user saw in the terminal: status rows, notes and warnings. */
  readonly said: { shown: string[]; noted: string[]; warned: string[] };
  /**
   * A provider process for one engine operation: configured, and without memory of earlier ones. `config` replaces the
   * configuration, for example with another account's.
   */
  process(config?: Readonly<Record<string, string>>): Process;
  /** All processes that were started, the latest last. */
  readonly processes: readonly Process[];
  /**
   * Called between an engine's calls and its writes to the state, with a name such as `create returned`. It may kill a
   * process.
   */
  reached: ((moment: string) => void) | undefined;
  /** Runs `work` to its end. Whenever nothing is under way, the clock advances. */
  turn<T>(work: Promise<T>): Promise<T>;
  /** The actions of all calls that change the cloud, also of those that failed. */
  mutations(): string[];
  close(): Promise<void>;
}

export interface Process {
  readonly session: Session;
  /** Its own access key, by which the emulator can tell its calls from those of other processes. */
  readonly accessKeyId: string;
  readonly killed: Victim | undefined;
  of(kind: ResourceName, front?: Front): LabProvider;
  /** From now on nothing that it sends has an effect, and no answer of it arrives. */
  kill(victim: Victim): void;
  /** Ctrl-C: the engine calls the native provider's Cancel. */
  cancel(): void;
  /** Ends as the engine ends it at the end of an operation. */
  end(): Promise<void>;
}

/**
 * Durations for tests that inject something at each call: a wait has a first query, some more and a last one. With more
 * queries, they would only repeat a case.
 */
export const BRIEF = { createMs: 5_000, importMs: 5_000, exportMs: 5_000, copyMs: 5_000 };

interface LabHost extends Partial<Host> {
  readonly front?: Front;
  readonly engine?: EngineVersion;
}

export async function openLab(
  options: EmulatorOptions = {},
  config: Record<string, string> = {},
  { front = "dynamic", engine, ...host }: LabHost = {},
): Promise<Lab> {
  const clock = manualClock();
  const emulator = await startEmulator({ clock, ...options });
  const said = { shown: [] as string[], noted: [] as string[], warned: [] as string[] };
  const progress: Progress = {
    show: (_urn, text) => void said.shown.push(text),
    warn: (_urn, text) => void said.warned.push(text),
    note: (_urn, text) => void said.noted.push(text),
    flush: () => Promise.resolve(),
  };
  const settings: Record<string, string> = {
    "alicloud:region": "cn-hangzhou",
    "alicloud:accessKey": defaultCredential.accessKeyId,
    "alicloud:secretKey": defaultCredential.accessKeySecret,
    "alicloud:endpoints": JSON.stringify({ ecs: emulator.endpoint, oss: emulator.endpoint, sts: emulator.endpoint }),
    ...config,
  };
  const processes: Process[] = [];
  return {
    emulator,
    clock,
    said,
    processes,
    reached: undefined,
    turn: (work) => turning(clock, work),
    mutations: () => emulator.calls.map(({ action }) => action).filter((action) => !isRead(action)),
    close: () => emulator.close(),
    process(config = {}) {
      const own = life();
      const cancelled = new AbortController();
      const configured: Record<string, string> = { ...settings, ...config };
      const given = configured["alicloud:accessKey"]!;
      const credential = emulator.credentials.get(given);
      const accessKeyId = credential ? `${given}-${processes.length + 1}` : given;
      if (credential) emulator.credentials.set(accessKeyId, { ...credential, accessKeyId });
      const session = new Session({
        env: {},
        clock: own.clock(clock),
        progress,
        hasSiblingProcesses: front === "native",
        ...host,
      });
      session.configure((key) => (key === "alicloud:accessKey" ? accessKeyId : configured[key]));
      const providers = {
        CustomImage: dynamicProvider(customImage, session),
        ImportedImage: dynamicProvider(importedImage, session),
        ImageExport: dynamicProvider(imageExport, session),
        ImageCopy: dynamicProvider(imageCopy, session),
        ImageSharePermission: dynamicProvider(imageSharePermission, session),
      };
      const process: Process = {
        session,
        accessKeyId,
        get killed() {
          return own.killed;
        },
        of: (kind, host = front) =>
          own.provider(host === "native" ? nativeFront(kind, session, cancelled.signal, engine) : providers[kind]),
        kill(victim) {
          own.kill(victim);
          emulator.credentials.delete(accessKeyId);
        },
        cancel: () => cancelled.abort(),
        end: () =>
          turning(
            clock,
            own.within(() => session.end()),
          ).catch(() => undefined),
      };
      processes.push(process);
      return process;
    },
  };
}

export const urnOf = (kind: ResourceName, name: string, stack = "dev", parents = "") =>
  `urn:pulumi:${stack}::golden::${parents}pulumi-nodejs:dynamic/alicloud-image:${kind}::${name}`;

/** The inputs that the constructor and the host make of a program's arguments. */
export const inputsOf = (kind: ResourceName, name: string, args: Props, timeouts?: Record<string, string>): Props =>
  inputsAt(urnOf(kind, name), args, timeouts);

/** The same for a given URN. */
export const inputsAt = (urn: string, args: Props, timeouts?: Record<string, string>): Props => ({
  ...args,
  [URN]: urn,
  ...(timeouts && { [TIMEOUTS]: timeouts }),
  __provider: "the provider's text",
});

/** The record of one resource in a state. */
export interface Recorded {
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  readonly initErrors?: readonly string[];
  /** True if it was deleted before its replacement, which is still to be made. */
  readonly pendingReplacement?: true;
  /** The id in the program's option `import`, for an engine that imports by itself. */
  readonly importId?: string;
}

/** The record after a `pulumi stack rename`. */
export const inStack = <Held extends Recorded>(held: Held, to: string): Held => {
  const urn = held.outputs[URN];
  if (urn === undefined) return held;
  return { ...held, outputs: { ...held.outputs, [URN]: String(urn).replace(/^urn:pulumi:[^:]+/, `urn:pulumi:${to}`) } };
};

/** The parts of a resource's URN that a program may change with an alias. */
export interface Place {
  readonly name?: string;
  /** The types of its parents, each followed by `$`. */
  readonly parents?: string;
}

/**
 * A resource of a stack, run by the same sequences of calls that an engine makes. Each operation has its own provider
 * process.
 */
export interface Resource {
  readonly state: Recorded | undefined;
  /** Records that a replacement has marked for deletion and not deleted yet. */
  readonly old: readonly Recorded[];
  up(args: Props, options?: UpOptions): Promise<Outcome>;
  /** `pulumi import`, which only a native provider supports. */
  importByCommand(id: string): Promise<Outcome>;
  /** The check failures of a preview that would create it. */
  preview(args: Props, hidden?: Props): Promise<{ property: string; reason: string }[]>;
  refresh(): Promise<Outcome>;
  destroy(options?: { readonly oldFirst?: boolean }): Promise<Outcome>;
  /** Gives it another name or parent in the program, with an alias. */
  alias(to: Place): void;
  /**
   * `pulumi stack rename`: the engine rewrites its own URNs, but none that a dynamic program has passed as an input.
   */
  renameStack(to: string): void;
  /** Continues with the other of the two providers. */
  moveTo(front: Front): void;
  /** `pulumi stack export`. The function that it returns is the `pulumi stack import` of that export. */
  backup(): () => void;
}

export interface UpOptions {
  readonly replace?: boolean;
  /**
   * True: the resource option. "dependent": what the engine does if a resource that this one depends on has the option,
   * which is to delete before it checks.
   */
  readonly deleteBeforeReplace?: boolean | "dependent";
  readonly timeouts?: Record<string, string>;
  /** Inputs that the constructor adds for resource options, such as `__import`. */
  readonly hidden?: Props;
}

export interface Outcome {
  /** `killed`: the engine was killed, and wrote nothing more. */
  readonly did: "create" | "import" | "update" | "replace" | "same" | "refresh" | "delete" | "refused" | "killed";
  readonly error?: string;
  readonly failures?: { property: string; reason: string }[];
}

export function resource(
  lab: Lab,
  kind: ResourceName,
  name = "golden",
  config: Readonly<Record<string, string>> = {},
): Resource {
  let state: Recorded | undefined;
  let old: Recorded[] = [];
  let at = { name, stack: "dev", parents: "" };
  let front: Front | undefined;
  const urn = () => urnOf(kind, at.name, at.stack, at.parents);

  /** What one engine operation uses: a provider, and a callback between its calls and its writes to the state. */
  interface Operation {
    readonly provider: LabProvider;
    reached(moment: string): void;
  }

  async function run(work: (operation: Operation) => Promise<Outcome>): Promise<Outcome> {
    const process = lab.process(config);
    try {
      return await work({
        provider: process.of(kind, front),
        reached(moment) {
          lab.reached?.(moment);
          if (process.killed === "engine") throw new EngineGone();
        },
      });
    } catch (error) {
      if (error instanceof EngineGone) return { did: "killed", error: "the engine was killed" };
      if (error instanceof ProviderGone) return { did: "refused", error: error.message };
      throw error;
    } finally {
      await process.end();
    }
  }

  /** What the engine records of an error that ends a creation or an update. */
  function unfinished(error: unknown, inputs: Props): { error: string; recorded?: Recorded } {
    const { id, properties, reasons } = error as { id?: string; properties?: Props; reasons?: string[] };
    if (error instanceof EngineGone) throw error;
    if (id === undefined) return { error: (error as Error).message };
    return { error: reasons!.join("; "), recorded: { id, inputs, outputs: properties!, initErrors: reasons! } };
  }

  async function create({ provider, reached }: Operation, inputs: Props, did: "create" | "replace"): Promise<Outcome> {
    const record = (recorded: Recorded) => {
      reached("create returned");
      if (state && !state.pendingReplacement) old.push(state);
      state = recorded;
      reached("create recorded");
    };
    try {
      const { id, outs } = await lab.turn(provider.create(structuredClone(inputs)));
      record({ id, inputs, outputs: { ...outs, __provider: inputs["__provider"] } });
      return { did };
    } catch (failed) {
      const { error, recorded } = unfinished(failed, inputs);
      if (recorded) record(recorded);
      return { did, error };
    }
  }

  /**
   * The engine's own import: it reads the resource, records what it has read, and goes on as if that were the state.
   */
  async function importExisting(
    { provider, reached }: Operation,
    importId: string,
    by: "option" | "command",
  ): Promise<Outcome | undefined> {
    const known = { [URN]: urn() };
    let read: Awaited<ReturnType<NonNullable<LabProvider["import"]>>>;
    try {
      read = await lab.turn(provider.import!(importId, known, by));
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      return { did: "refused", error: (error as Error).message };
    }
    const { id, props, inputs } = read;
    if (id === "") return { did: "refused", error: `resource '${importId}' does not exist` };
    if (!inputs) return { did: "refused", error: "provider does not support importing resources" };
    const imported = { id, inputs, outputs: props, importId };
    if (by === "option") {
      reached("import returned");
      state = imported;
      reached("import recorded");
      return undefined;
    }
    const { failures } = await lab.turn(provider.check(structuredClone(inputs), structuredClone(inputs)));
    state = imported;
    return { did: "import", ...(failures.length > 0 && { failures }) };
  }

  async function update({ provider, reached }: Operation, have: Recorded, inputs: Props): Promise<Outcome> {
    const record = (recorded: Recorded) => {
      reached("update returned");
      state = { ...recorded, ...(have.importId !== undefined && { importId: have.importId }) };
      reached("update recorded");
    };
    try {
      const { outs } = await lab.turn(provider.update(have.id, structuredClone(have.outputs), structuredClone(inputs)));
      record({ id: have.id, inputs, outputs: { ...outs, __provider: inputs["__provider"] } });
      return { did: "update" };
    } catch (failed) {
      const { error, recorded } = unfinished(failed, have.inputs);
      if (recorded) record(recorded);
      return { did: "update", error };
    }
  }

  /** Deletes a record's resource. Returns the error, if there is one. */
  async function remove(
    { provider, reached }: Operation,
    one: Recorded,
    forget: () => void,
  ): Promise<string | undefined> {
    try {
      const isRetained = one.inputs["__retainOnDelete"] === true;
      if (!isRetained) await lab.turn(provider.delete(one.id, structuredClone(one.outputs)));
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      return (error as Error).message;
    }
    reached("delete returned");
    forget();
    reached("delete recorded");
    return undefined;
  }

  /**
   * Delete-before-replace. With `news`, the engine has not reached this resource yet, and asks whether it would be
   * replaced.
   */
  async function removeBefore(operation: Operation, news?: Props): Promise<string | undefined> {
    const held = state!;
    const { inputs, outputs, id } = held;
    if (news) {
      const unknown = { ...inputs, [URN]: news[URN], triggers: ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"] };
      await lab.turn(operation.provider.diff(id, structuredClone(outputs), unknown));
    }
    return remove(operation, held, () => (state = { ...held, pendingReplacement: true }));
  }

  async function removeOld(operation: Operation): Promise<string | undefined> {
    for (const one of [...old]) {
      const error = await remove(operation, one, () => (old = old.filter((other) => other !== one)));
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** A refresh: the engine reads everything in the state at once. */
  async function reread({ provider, reached }: Operation): Promise<void> {
    const held = [...(state ? [state] : []), ...old];
    const reads = held.map((one) => provider.read(one.id, structuredClone(one.outputs)));
    for (const read of reads) read.catch(() => undefined);
    for (const [i, one] of held.entries()) {
      const read = await lab.turn(reads[i]!);
      const { initErrors: _cleared, ...rest } = one;
      reached("read returned");
      const outputs = { ...read.props, __provider: one.outputs["__provider"] };
      const now = read.id ? { ...rest, id: read.id, inputs: read.inputs ?? one.inputs, outputs } : undefined;
      if (one === state) state = now;
      else old = old.flatMap((other) => (other === one ? (now ?? []) : other));
      reached("read recorded");
    }
  }

  return {
    get state() {
      return state;
    },
    get old() {
      return old;
    },
    async preview(args, hidden) {
      const process = lab.process(config);
      try {
        const news = { ...inputsAt(urn(), args), ...hidden, __preview: true };
        return (await lab.turn(process.of(kind, front).check({}, news))).failures;
      } finally {
        await process.end();
      }
    },
    alias: (to) => void (at = { ...at, ...to }),
    renameStack(to) {
      at = { ...at, stack: to };
      state = state && inStack(state, to);
      old = old.map((held) => inStack(held, to));
    },
    moveTo: (to) => void (front = to),
    backup() {
      const held = { state, old, at };
      return () => void ({ state, old, at } = held);
    },
    importByCommand: (id) =>
      run(async (operation) => {
        const outcome = await importExisting(operation, id, "command").catch((error: unknown) => {
          if (error instanceof EngineGone || error instanceof ProviderGone) throw error;
          return { did: "refused", error: (error as Error).message } as const;
        });
        return outcome!;
      }),
    up: (args, { replace = false, timeouts, hidden = {}, deleteBeforeReplace = false } = {}) =>
      run(async (operation) => {
        const { provider } = operation;
        const { [IMPORT]: importId, ...others } = hidden;
        const engineImports = provider.import !== undefined && typeof importId === "string" && importId !== "";
        if (engineImports && importId !== (state?.importId ?? state?.id)) {
          const refused = await importExisting(operation, importId, "option");
          if (refused) return refused;
        }
        const news = { ...inputsAt(urn(), args, timeouts), ...(provider.import ? others : hidden) };
        const isDependent = state !== undefined && deleteBeforeReplace === "dependent";
        if (isDependent) {
          const failed = await removeBefore(operation, news);
          if (failed !== undefined) return { did: "replace", error: failed };
        }
        const isNew = !state || replace || isDependent;
        const checked = await lab.turn(provider.check(isNew ? {} : state!.inputs, structuredClone(news)));
        if (checked.failures.length > 0)
          return {
            did: "refused",
            failures: checked.failures,
            error: checked.failures.map(({ reason }) => reason).join("; "),
          };
        const inputs = { ...checked.inputs, __provider: news["__provider"] };
        let outcome: Outcome;
        if (!state) outcome = await create(operation, inputs, "create");
        else if (isDependent) outcome = await create(operation, inputs, "replace");
        else {
          const diff =
            replace || state.pendingReplacement
              ? { changes: true, replaces: ["id"] }
              : await lab.turn(provider.diff(state.id, structuredClone(state.outputs), structuredClone(inputs)));
          if (diff.replaces.length > 0 && engineImports) {
            const what = "previously-imported resources that still specify an ID may not be replaced";
            return { did: "refused", error: `${what}: ${diff.replaces.join(", ")}` };
          }
          if (diff.replaces.length > 0) {
            const again = await lab.turn(provider.check({}, structuredClone(news)));
            const failed = deleteBeforeReplace && !state.pendingReplacement ? await removeBefore(operation) : undefined;
            if (failed !== undefined) return { did: "replace", error: failed };
            outcome = await create(operation, { ...again.inputs, __provider: news["__provider"] }, "replace");
          } else if (diff.changes || state.initErrors) {
            outcome = await update(operation, state, inputs);
          } else {
            state = { ...state, inputs };
            outcome = { did: "same" };
          }
        }
        if (outcome.error !== undefined) return outcome;
        const error = await removeOld(operation);
        return error === undefined ? outcome : { ...outcome, error };
      }),
    refresh: () =>
      run(async (operation) => {
        try {
          await reread(operation);
          return { did: "refresh" };
        } catch (error) {
          if (error instanceof EngineGone) throw error;
          return { did: "refresh", error: (error as Error).message };
        }
      }),
    destroy: ({ oldFirst = false } = {}) =>
      run(async (operation) => {
        if (state?.pendingReplacement) state = undefined;
        const present = async () => state && remove(operation, state, () => (state = undefined));
        const parts = [present, () => removeOld(operation)];
        const [first, second] = oldFirst ? parts.reverse() : parts;
        const error = (await first!()) ?? (await second!());
        return { did: "delete", ...(error !== undefined && { error }) };
      }),
  };
}
