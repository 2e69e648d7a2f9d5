// What one operation on one resource may use.

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

/** The parameters of a context. */
export interface ContextOptions {
  readonly urn: string;
  readonly lineage?: Lineage | undefined;
  /** Left out if the operation is not part of a creation. */
  readonly creationId?: string;
  /** When that creation began. Default: now. */
  readonly since?: string | undefined;
  /** What is being done to what; the start of error messages. */
  readonly doing: string;
  /** Removes from a text what the program marks as secret. */
  readonly hide?: (text: string) => string;
  /** Left out: the configured region. */
  readonly regionId: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly retainsOnDelete?: boolean;
  readonly hasAutomaticName?: boolean;
  readonly isAdopted?: boolean;
  /** Default: false. */
  readonly hasFailed?: boolean;
  /** Whether an image that was listed within the last seconds is recent enough. */
  readonly mayReadCached?: boolean;
}

/** What all operations of the session in this region share. */
interface Surroundings {
  readonly host: Host;
  readonly region: Region;
  readonly stackRegionId: string | undefined;
  readonly stack: StackView;
  readonly durations: Durations;
  open(options: ContextOptions): Context;
}

/** Everything that an operation may use. It can do nothing else. */
export class Context {
  readonly regionId: string;
  /** The configured region. */
  readonly stackRegionId: string | undefined;
  readonly urn: string;
  /** The creation that the operation belongs to: a new id for `create`, otherwise the recorded one. */
  readonly creationId: string;
  /** When that creation began, in UTC. */
  readonly since: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Aborted when the engine cancels, or when the operation exceeds its time limit. */
  readonly signal: AbortSignal;
  readonly ecs: Ecs;
  readonly images: Watch<ImageRow>;
  readonly imagesByTag: Region["imagesByTag"];
  readonly tasks: Watch<Task>;
  readonly instances: Watch<InstanceRow>;
  readonly assistants: Watch<AssistantRow>;
  readonly pending: PendingCreations;
  /** Whether the program keeps the cloud resource when the Pulumi resource is deleted. */
  readonly retainsOnDelete: boolean;
  /** Whether the name was made up. Then an interrupted run used another name for the same creation. */
  readonly hasAutomaticName: boolean;
  /** Whether it existed before its Pulumi resource: no creation of this package made it. */
  readonly isAdopted: boolean;
  /** Whether it is recorded as what can never become ready. */
  readonly hasFailed: boolean;
  /** Whether other provider processes may work on resources of the same run. */
  readonly hasSiblingProcesses: boolean;
  /** What the user can do during a wait; shown once. */
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
    this.hasFailed = options.hasFailed ?? false;
    this.hasSiblingProcesses = host.hasSiblingProcesses ?? false;
    this.hint = host.waitHint;
  }

  /** The identity of the resource through renames and moves; undefined if only its URN is known. */
  get lineage(): Lineage | undefined {
    return this.options.lineage;
  }

  /** Continues the lineage of what the resource takes over, whose versions become its own. */
  continueLineage(id: string | undefined): void {
    if (id === undefined || id === this.lineage?.id) return;
    const lineage = { id, regions: this.lineage?.regions ?? [] };
    this.options = { ...this.options, lineage };
    this.around.stack.setLineage(this.urn, lineage);
  }

  oss(): Oss {
    return this.around.region.oss(this.signal);
  }

  /** Waits. Fails if the run is cancelled meanwhile, so that nothing is concluded from a wait that was cut short. */
  async pause(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.signal);
    if (this.signal.aborted) throw cancellation(this.signal, this.options.doing);
  }

  /** Shows a line on the resource's row while work goes on. */
  show(text: string): void {
    this.around.host.progress.show(this.urn, this.withoutSecrets(text));
  }

  /** Shows a line about a wait: the progress, the time left, and at first what the user can do. */
  readonly showWait = (at: string, left?: string): void => {
    const text = [at, left, this.around.durations.typical(this.urn)].filter(Boolean).join(", ");
    this.show(this.hint === undefined ? text : `${text} (${this.hint})`);
    this.hint = undefined;
  };

  /** Shows a line that stays. */
  note(text: string): void {
    this.around.host.progress.note(this.urn, this.withoutSecrets(text));
  }

  /** Shows a warning that stays. */
  warn(text: string): void {
    this.around.host.progress.warn(this.urn, this.withoutSecrets(text));
  }

  /** The resource's record that this run saw last. A creation replaces it. */
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
   * What the program declares for the resource. Undefined in a `pulumi destroy`, and for a resource that is no longer
   * in the program.
   */
  declared(): Declared | undefined {
    return this.around.stack.declared(this.urn, this.lineage);
  }

  /** The inputs of all resources that the program declares, as far as the engine has checked them in this run. */
  wantedInputs(): Iterable<Props> {
    return this.around.stack.wantedInputs();
  }

  /** A few random characters for a name. */
  suffix(): string {
    return randomBytes(4).toString("hex").slice(0, 7);
  }

  /** The same operation in another region. */
  readonly inRegion = (regionId: string): Context => this.again({ regionId });

  /** A part of the operation. Its error messages start with `doing`. */
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
