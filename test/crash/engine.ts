import { UNKNOWN } from "../../provider/fields/unknown";
import { type DynamicProvider, PREVIEW } from "../../provider/hosts/dynamic/provider";
import {
  inputsAt,
  inStack,
  type Lab,
  type Place,
  type Process,
  type Props,
  type Recorded,
  type ResourceName,
  urnOf,
} from "../support/lab";
import { EngineGone } from "../support/mortal";

/**
 * What Pulumi's engine does with a stack of dynamic resources, step by step, according to its source
 * (`pkg/resource/deploy`) and to `test/engine`. Steps of independent resources run at once. Deletes come last, and only
 * in a run without failures. `--replace` checks once, without the old inputs, and never calls `diff`. The state is
 * written before and after every step. With `--continue-on-error`, a failed step stops only its dependents, and deletes
 * still happen.
 */
export interface Declared {
  readonly kind: ResourceName;
  readonly name: string;
  readonly args: Props;
  /** An argument that is the id of another resource, which is declared before this one. */
  readonly idFrom?: { readonly argument: string; readonly name: string };
  readonly timeouts?: Record<string, string> | undefined;
}

/** A resource in a state. */
export interface Held extends Recorded {
  readonly kind: ResourceName;
  readonly name: string;
  /** The resource whose id is one of its arguments. */
  readonly dependsOn?: string;
  /** Whether it was replaced, and is deleted once a run succeeds. */
  readonly isOld?: boolean;
}

interface Up {
  readonly do: "up";
  readonly program: readonly Declared[];
  /** The names in `--replace`. */
  readonly replace?: readonly string[];
  /** `--refresh`. */
  readonly refresh?: boolean;
  /** `--target`: the engine leaves all other resources alone. */
  readonly targets?: readonly string[] | undefined;
  /** `--continue-on-error`. */
  readonly continues?: boolean | undefined;
}

export type Operation =
  | Up
  | { readonly do: "preview"; readonly program: readonly Declared[] }
  | { readonly do: "refresh" }
  | { readonly do: "destroy" };

export type Did = "create" | "update" | "replace" | "same" | "read" | "delete";

/** The result of one run of the engine. */
export interface Ran {
  /** What was done to each resource, in the order of completion. */
  readonly did: readonly { readonly name: string; readonly did: Did }[];
  readonly errors: readonly string[];
}

/** The backend of the state. Each write replaces the whole state; the last one counts, from any process. */
export interface Backend {
  state: readonly Held[];
  /** How many writes still succeed. After that, the disk is full or the session has expired. */
  writesLeft: number;
}

/** Watches a run, and may kill its process. */
export interface Watcher {
  /** Before the first call. */
  began?(process: Process): void;
  /** Between a call and a write: `create returned`, `create recorded`. */
  reached?(moment: string): void;
}

export interface Stack {
  readonly name: string;
  /** `pulumi stack rename`. */
  rename(to: string): void;
  /** From the next `up` on, the program has the resource in another place, with an alias. */
  alias(resourceName: string, to: Place): void;
  /** The URN that the program gives to a resource. */
  urnOf(kind: ResourceName, resourceName: string): string;
  readonly backend: Backend;
  /** Runs in a process of its own. */
  run(operation: Operation, watcher?: Watcher): Promise<Ran>;
  live(name: string): Held | undefined;
}

/** A step failed. The engine starts no other one, and deletes nothing. */
class StepFailed extends Error {}

/** The engine can start no further step, because the state could not be written. */
class BackendLost extends Error {
  constructor() {
    super("failed to save snapshot: no space left on device");
  }
}

export function openStack(lab: Lab, firstName = "dev"): Stack {
  const backend: Backend = { state: [], writesLeft: Number.POSITIVE_INFINITY };
  const places = new Map<string, Place>();
  let name = firstName;
  const urn: UrnOf = (kind, resourceName) => {
    const place = places.get(resourceName);
    return urnOf(kind, place?.name ?? resourceName, name, place?.parents);
  };
  return {
    get name() {
      return name;
    },
    rename(to) {
      name = to;
      backend.state = backend.state.map((held) => inStack(held, to));
    },
    alias: (resourceName, to) => void places.set(resourceName, to),
    urnOf: urn,
    backend,
    live: (resourceName) => backend.state.find((held) => held.name === resourceName && !held.isOld),
    run: (operation, watcher = {}) => lab.turn(runOf(lab, urn, backend, operation, watcher)),
  };
}

type UrnOf = Stack["urnOf"];

async function runOf(lab: Lab, urn: UrnOf, backend: Backend, operation: Operation, watcher: Watcher): Promise<Ran> {
  const process = lab.process();
  watcher.began?.(process);
  const run = new Run(urn, backend, process, watcher);
  try {
    await run.work(operation);
  } catch (error) {
    if (error instanceof EngineGone) run.errors.push("the engine was killed");
    else if (!(error instanceof StepFailed)) throw error;
  } finally {
    await process.end();
  }
  return { did: run.did, errors: run.errors };
}

class Run {
  readonly did: { name: string; did: Did }[] = [];
  readonly errors: string[] = [];
  /** The engine's own copy of the state, which it writes. */
  private state: Held[];
  private isPreview = false;
  private continues = false;
  /** The resources with a failed step. */
  private readonly failed = new Set<string>();

  constructor(
    private readonly urn: UrnOf,
    private readonly backend: Backend,
    private readonly process: Process,
    private readonly watcher: Watcher,
  ) {
    this.state = [...backend.state];
  }

  async work(operation: Operation): Promise<void> {
    switch (operation.do) {
      case "preview":
        return this.preview(operation.program);
      case "refresh":
        return this.refresh();
      case "destroy":
        return this.deleteAll([...this.state].reverse());
      case "up":
        return this.up(operation);
    }
  }

  private async up({ program, replace, refresh, targets, continues = false }: Up): Promise<void> {
    this.continues = continues;
    if (refresh) await this.refresh();
    const isTarget = ({ name }: { name: string }) => targets?.includes(name) ?? true;
    await this.register(program.filter(isTarget), new Set(replace));
    const gone = [...this.state].reverse().filter((held) => held.isOld || !isIn(program, held));
    const needed = new Set(
      this.state.flatMap(({ name, dependsOn }) => (this.failed.has(name) ? (dependsOn ?? []) : [])),
    );
    return this.deleteAll(gone.filter((held) => isTarget(held) && !needed.has(held.name)));
  }

  private provider = (kind: ResourceName): DynamicProvider => this.process.of(kind);

  private reached(moment: string): void {
    this.watcher.reached?.(moment);
    if (this.process.killed === "engine") throw new EngineGone();
  }

  private write(): void {
    if (this.process.killed === "engine") throw new EngineGone();
    if (this.backend.writesLeft <= 0) throw new BackendLost();
    this.backend.writesLeft--;
    this.backend.state = [...this.state];
  }

  private put(before: Held | undefined, ...after: Held[]): void {
    const at = before === undefined ? -1 : this.state.indexOf(before);
    if (at < 0) this.state.push(...after);
    else this.state.splice(at, 1, ...after);
  }

  /** One step: the engine writes its intention, acts, and writes the result. */
  private async step(verb: string, name: string, work: () => Promise<{ did: Did; error?: string | undefined }>) {
    try {
      this.write();
      const { did, error } = await work();
      this.reached(`${verb} returned`);
      this.write();
      this.reached(`${verb} recorded`);
      this.did.push({ name, did });
      if (error !== undefined) throw new StepFailed(error);
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      this.errors.push((error as Error).message);
      this.failed.add(name);
      throw new StepFailed();
    }
  }

  /** Runs independent steps at once. The run goes on when all have ended, unless one has failed. */
  private async together(steps: readonly Promise<void>[]): Promise<void> {
    const ends = await Promise.allSettled(steps);
    const failed = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
    const worst = failed.find((error) => !(error instanceof StepFailed)) ?? failed[0];
    if (worst && !(this.continues && worst instanceof StepFailed)) throw worst;
  }

  /** The declared resources in their order, as the engine's step generator handles them. Each starts at once. */
  private async register(program: readonly Declared[], replace: ReadonlySet<string>): Promise<void> {
    const steps: Promise<void>[] = [];
    for (const each of program) {
      if (each.idFrom) await Promise.allSettled(steps);
      if (this.errors.length > 0 && !this.continues) break;
      if (each.idFrom && this.failed.has(each.idFrom.name)) {
        this.failed.add(each.name);
        continue;
      }
      const declared = this.resolved(each);
      const step = await this.planned(declared, replace.has(declared.name)).catch((error: unknown) => {
        if (error instanceof EngineGone) throw error;
        this.errors.push((error as Error).message);
        return undefined;
      });
      if (!step && this.continues) break; // a check that fails ends the run
      if (!step) continue;
      const begun = step();
      begun.catch(() => undefined);
      steps.push(begun);
    }
    const hasPlan = steps.length + this.failed.size >= program.length;
    await this.together(steps);
    if (this.errors.length > 0 && !(this.continues && hasPlan)) throw new StepFailed();
  }

  /** The arguments with the id of the resource that it depends on. A preview uses the existing id. */
  private resolved(declared: Declared): Declared {
    const { idFrom, args } = declared;
    if (!idFrom) return declared;
    const id = this.state.find(({ name, isOld }) => name === idFrom.name && !isOld)?.id;
    return { ...declared, args: { ...args, [idFrom.argument]: id ?? UNKNOWN } };
  }

  private inputsFor({ kind, name, args, timeouts }: Declared): Props {
    const inputs = inputsAt(this.urn(kind, name), args, timeouts);
    return this.isPreview ? { ...inputs, [PREVIEW]: true } : inputs;
  }

  private async checked(declared: Declared, olds: Props): Promise<Props> {
    const news = this.inputsFor(declared);
    const { inputs, failures } = await this.provider(declared.kind).check(structuredClone(olds), structuredClone(news));
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
    return { ...inputs, __provider: news["__provider"] };
  }

  /** What the engine does about a declared resource. */
  private async planned(declared: Declared, isReplaced: boolean): Promise<() => Promise<void>> {
    const { kind, name } = declared;
    const have = this.state.find((held) => held.name === name && !held.isOld);
    if (!have || isReplaced) {
      const inputs = await this.checked(declared, {});
      return () => this.create(declared, inputs, have);
    }
    const inputs = await this.checked(declared, have.inputs);
    const diff = await this.provider(kind).diff(have.id, structuredClone(have.outputs), structuredClone(inputs));
    if (diff.replaces.length > 0) {
      const afresh = await this.checked(declared, {});
      return () => this.create(declared, afresh, have);
    }
    if (diff.changes || have.initErrors) return () => this.update(have, inputs);
    return async () => {
      this.put(have, { ...have, inputs });
      this.did.push({ name, did: "same" });
    };
  }

  private async preview(program: readonly Declared[]): Promise<void> {
    this.isPreview = true;
    for (const declared of program) {
      try {
        await this.planned(this.resolved(declared), false);
      } catch (error) {
        if (error instanceof EngineGone) throw error;
        this.errors.push((error as Error).message);
      }
    }
  }

  private create({ kind, name, idFrom }: Declared, inputs: Props, replaced: Held | undefined): Promise<void> {
    const record = (held: Omit<Held, "kind" | "name">) => {
      if (replaced) this.put(replaced, { ...replaced, isOld: true });
      this.put(undefined, { kind, name, ...(idFrom && { dependsOn: idFrom.name }), ...held });
    };
    const did = replaced ? "replace" : "create";
    return this.step("create", name, async () => {
      try {
        const { id, outs } = await this.provider(kind).create(structuredClone(inputs));
        record({ id, inputs, outputs: { ...outs, __provider: inputs["__provider"] } });
        return { did };
      } catch (error) {
        return { did, error: recordUnfinished(error, inputs, record) };
      }
    });
  }

  private update(have: Held, inputs: Props): Promise<void> {
    const { initErrors: _cleared, ...rest } = have;
    return this.step("update", have.name, async () => {
      try {
        const { outs } = await this.provider(have.kind).update(
          have.id,
          structuredClone(have.outputs),
          structuredClone(inputs),
        );
        this.put(have, { ...rest, inputs, outputs: { ...outs, __provider: inputs["__provider"] } });
        return { did: "update" };
      } catch (error) {
        return {
          did: "update",
          error: recordUnfinished(error, have.inputs, (held) => this.put(have, { ...rest, ...held })),
        };
      }
    });
  }

  private async refresh(): Promise<void> {
    await this.together(this.state.map((held) => this.reread(held)));
  }

  private reread(held: Held): Promise<void> {
    const { initErrors: _cleared, ...rest } = held;
    return this.step("read", held.name, async () => {
      const read: { id: string; props: Props; inputs?: Props } = await this.provider(held.kind).read(
        held.id,
        structuredClone(held.outputs),
      );
      const { __provider } = held.outputs;
      const now = { ...rest, id: read.id, outputs: { ...read.props, __provider } };
      this.put(held, ...(read.id ? [{ ...now, ...(read.inputs && { inputs: { ...read.inputs, __provider } }) }] : []));
      return { did: "read" };
    });
  }

  /** Dependents are deleted first. */
  private async deleteAll(held: readonly Held[]): Promise<void> {
    await this.deleteTogether(held.filter(({ dependsOn }) => dependsOn !== undefined));
    await this.deleteTogether(held.filter(({ dependsOn }) => dependsOn === undefined));
  }

  private async deleteTogether(held: readonly Held[]): Promise<void> {
    await this.together(
      held.map((one) =>
        this.step("delete", one.name, async () => {
          await this.provider(one.kind).delete(one.id, structuredClone(one.outputs));
          this.put(one);
          return { did: "delete" };
        }),
      ),
    );
  }
}

const isIn = (program: readonly Declared[], { name }: Held) => program.some((declared) => declared.name === name);

/**
 * An error with an id means that the resource exists and is unfinished, so the engine records it. Any other error
 * leaves the state as it is.
 */
function recordUnfinished(error: unknown, inputs: Props, record: (held: Omit<Held, "kind" | "name">) => void): string {
  if (error instanceof EngineGone) throw error;
  const { id, properties, reasons } = error as { id?: string; properties?: Props; reasons?: string[] };
  if (id === undefined) return (error as Error).message;
  record({ id, inputs, outputs: properties!, initErrors: reasons! });
  return reasons!.join("; ");
}
