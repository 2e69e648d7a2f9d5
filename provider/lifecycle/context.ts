import { randomBytes } from "node:crypto";
import type { AssistantRow, Ecs, ImageRow, InstanceRow } from "../ecs/actions";
import type { Task } from "../ecs/queries";
import type { Oss } from "../oss/client";
import { cancellation, unlessAborted } from "../wait/abort";
import type { Clock } from "../wait/clock";
import type { Watch } from "../wait/watch";
import type { Durations } from "./durations";
import type { Host } from "./host";
import type { Lineage } from "./lineage";
import type { PendingCreations } from "./pending";
import { type Props, recordIn } from "./record";
import type { Region } from "./region";
import type { Current, Declared, StackView } from "./stack-view";

/** What a context is made for. */
export interface ContextOptions {
  readonly urn: string;
  readonly lineage?: Lineage | undefined;
  /** Left out: the operation is part of no creation. */
  readonly creationId?: string;
  /** When that creation began; left out: now. */
  readonly since?: string | undefined;
  /** What is being done to what; error texts begin with it. */
  readonly doing: string;
  /** Takes out of a text what the program marks as secret. */
  readonly hide?: (text: string) => string;
  /** Left out: the region that the configuration names. */
  readonly regionId: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly retainsOnDelete?: boolean;
  readonly hasAutomaticName?: boolean;
  readonly isAdopted?: boolean;
  /** Whether an image as it was listed within the last seconds will do. */
  readonly mayReadCached?: boolean;
}

/** Where a context is opened: what all operations of the session in this region share. */
interface Surroundings {
  readonly host: Host;
  readonly region: Region;
  readonly stackRegionId: string | undefined;
  readonly stack: StackView;
  readonly durations: Durations;
  open(options: ContextOptions): Context;
}

/** What an operation may use. What is not in here, it cannot do. */
export class Context {
  readonly regionId: string;
  /** The region that the configuration names. */
  readonly stackRegionId: string | undefined;
  readonly urn: string;
  /** The creation that the operation is part of: a new id for `create`, the recorded one otherwise. */
  readonly creationId: string;
  /** When that creation began, in UTC. */
  readonly since: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Aborted when the engine cancels, or when the operation exceeds its timeout. */
  readonly signal: AbortSignal;
  readonly ecs: Ecs;
  readonly images: Watch<ImageRow>;
  readonly imagesByTag: Region["imagesByTag"];
  readonly tasks: Watch<Task>;
  readonly instances: Watch<InstanceRow>;
  readonly assistants: Watch<AssistantRow>;
  readonly pending: PendingCreations;
  /** The program keeps the cloud resource when the Pulumi resource is deleted. */
  readonly retainsOnDelete: boolean;
  /** The name was made, not given: the one that an interrupted run took was another one. */
  readonly hasAutomaticName: boolean;
  /** It existed before its resource did: no creation of this package made it. */
  readonly isAdopted: boolean;
  /** Resources of the run may be in other processes, whose work this one does not see. */
  readonly hasSiblingProcesses: boolean;
  /** What the person at the terminal can do during a wait; shown once. */
  private hint: string | undefined;

  constructor(
    regionId: string,
    private options: ContextOptions,
    private readonly around: Surroundings,
  ) {
    const { host, region, stackRegionId } = around;
    const { doing, signal = new AbortController().signal } = options;
    this.regionId = regionId;
    this.stackRegionId = stackRegionId;
    this.urn = options.urn;
    this.creationId = options.creationId ?? "";
    this.since = options.since ?? new Date(host.clock.now()).toISOString();
    this.clock = host.clock;
    this.deadlineMs = host.clock.now() + options.timeoutMs;
    this.signal = signal;
    this.ecs = region.bind({ doing, deadlineMs: this.deadlineMs, signal, waiting: (text) => this.show(text) });
    this.images = endingWith(signal, doing, options.mayReadCached ? region.cachedImages : region.images);
    this.imagesByTag = region.imagesByTag;
    this.tasks = endingWith(signal, doing, region.tasks);
    this.instances = endingWith(signal, doing, region.instances);
    this.assistants = endingWith(signal, doing, region.assistants);
    this.pending = region.pending;
    this.retainsOnDelete = options.retainsOnDelete ?? false;
    this.hasAutomaticName = options.hasAutomaticName ?? false;
    this.isAdopted = options.isAdopted ?? false;
    this.hasSiblingProcesses = host.hasSiblingProcesses ?? false;
    this.hint = host.waitHint;
  }

  /** The resource through renames and moves; undefined where only its URN is known. */
  get lineage(): Lineage | undefined {
    return this.options.lineage;
  }

  /** From now on the resource is of this lineage, as what it takes over is: the versions of that are its own. */
  continueLineage(id: string | undefined): void {
    if (id === undefined || id === this.lineage?.id) return;
    const lineage = { id, regions: this.lineage?.regions ?? [] };
    this.options = { ...this.options, lineage };
    this.around.stack.setLineage(this.urn, lineage);
  }

  oss(): Oss {
    return this.around.region.oss(this.signal);
  }

  /** Waits. Fails when the run is cancelled meanwhile, so that nothing is concluded from a wait that was cut short. */
  async pause(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.signal);
    if (this.signal.aborted) throw cancellation(this.signal, this.options.doing);
  }

  /** A line on the resource's row while it is worked on. */
  show(text: string): void {
    this.around.host.progress.show(this.urn, this.withoutSecrets(text));
  }

  /** Such a line about a wait: where it is, what is known of its time, and at first what can be done meanwhile. */
  readonly showWait = (at: string, left?: string): void => {
    const text = [at, left, this.around.durations.typical(this.urn)].filter(Boolean).join(", ");
    this.show(this.hint === undefined ? text : `${text} (${this.hint})`);
    this.hint = undefined;
  };

  /** A line that stays. */
  note(text: string): void {
    this.around.host.progress.note(this.urn, this.withoutSecrets(text));
  }

  /** A warning that stays. */
  warn(text: string): void {
    this.around.host.progress.warn(this.urn, this.withoutSecrets(text));
  }

  /** The record of the resource that this run was shown last. A creation replaces it. */
  current(): Current | undefined {
    return this.around.stack.current(this.urn);
  }

  /** The present record of the resource has this id, and another creation than this one wrote that record. */
  isHeldAnew(id: string, creationId: string): boolean {
    const present = this.current();
    const record = present?.id === id ? recordIn(present.state) : undefined;
    return record !== undefined && record.creationId !== creationId;
  }

  /**
   * What the program declares of the resource. Undefined in a `pulumi destroy`, and for what is no longer in the
   * program.
   */
  declared(): Declared | undefined {
    return this.around.stack.declared(this.urn, this.lineage);
  }

  /** The inputs of every resource that the program declares, as far as the engine has asked for it in this run. */
  wantedInputs(): Iterable<Props> {
    return this.around.stack.wantedInputs();
  }

  /** A few random characters for a name. */
  suffix(): string {
    return randomBytes(4).toString("hex").slice(0, 7);
  }

  /** The same operation in another region. */
  readonly inRegion = (regionId: string): Context => this.again({ regionId });

  /** A part of the operation; error texts begin with what is done in it. */
  while(doing: string): Context {
    return this.again({ doing });
  }

  private again(change: Partial<ContextOptions>): Context {
    return this.around.open({ ...this.options, ...change, timeoutMs: this.deadlineMs - this.clock.now() });
  }

  private withoutSecrets(text: string): string {
    return this.options.hide?.(text) ?? text;
  }
}

/** The same watch, whose reads and waits end when the signal is aborted. */
const endingWith = <Row>(signal: AbortSignal, doing: string, watch: Watch<Row>): Watch<Row> => ({
  async read(id) {
    const seen = await unlessAborted(watch.read(id), signal);
    if (signal.aborted) throw cancellation(signal, doing);
    return seen;
  },
  until: (id, wait) => watch.until(id, { signal, ...wait }),
});
