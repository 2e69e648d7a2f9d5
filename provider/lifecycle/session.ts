import { randomBytes } from "node:crypto";
import { accountOf } from "../config/assumed-role";
import { credentialsFrom } from "../config/credentials";
import { type Settings, serviceEndpoint, settingsFrom } from "../config/settings";
import type { AssistantRow, Ecs, ImageRow, InstanceRow } from "../ecs/actions";
import type { Credentials } from "../ecs/credentials";
import { configuredEndpoint } from "../ecs/endpoint";
import type { Task } from "../ecs/queries";
import { Failure } from "../failure";
import { isUnknown } from "../fields/unknown";
import type { Oss } from "../oss/client";
import { cancellation, unlessAborted } from "../wait/abort";
import type { Clock } from "../wait/clock";
import type { Watch } from "../wait/watch";
import { durations } from "./durations";
import type { Lineage } from "./lineage";
import { urnParts } from "./ownership";
import type { PendingCreations, Shown } from "./pending";
import type { Progress } from "./progress";
import type { Props } from "./record";
import { openRegion, type Region } from "./region";

export type { Task } from "../ecs/queries";

/** What an operation may use. What is not in here, it cannot do. */
export interface Context {
  readonly regionId: string;
  /** The region that the configuration names. */
  readonly stackRegionId: string | undefined;
  readonly urn: string;
  /** The resource through renames and moves; undefined where only its URN is known. */
  readonly lineage: Lineage | undefined;
  /** From now on the resource is of this lineage, as what it takes over is: the versions of that are its own. */
  continueLineage(id: string | undefined): void;
  /** The creation that the operation is part of: a new id for `create`, the recorded one otherwise. */
  readonly creationId: string;
  /** When that creation began, in UTC. */
  readonly since: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Aborted when the engine cancels, or when the operation exceeds its timeout. */
  readonly signal: AbortSignal;
  readonly ecs: Ecs;
  oss(): Oss;
  readonly images: Watch<ImageRow>;
  readonly tasks: Watch<Task>;
  readonly instances: Watch<InstanceRow>;
  readonly assistants: Watch<AssistantRow>;
  readonly pending: PendingCreations;
  /** Waits. Fails when the run is cancelled meanwhile, so that nothing is concluded from a wait that was cut short. */
  pause(ms: number): Promise<void>;
  /** A line on the resource's row while it is worked on. */
  show(text: string): void;
  /**
   * Such a line about a wait: where it is, what is known of the time that it takes, and the first time what can be done
   * meanwhile.
   */
  showWait(this: void, at: string, left?: string): void;
  /** A line that stays. */
  note(text: string): void;
  /** A warning that stays. */
  warn(text: string): void;
  /** The record of the resource that this run was shown last. A creation replaces it. */
  present(): Present | undefined;
  /**
   * What the program declares of the resource. Undefined in a `pulumi destroy`, and for what is no longer in the
   * program.
   */
  declared(): Declared | undefined;
  /** The inputs of every resource that the program declares, as far as the engine has asked for it in this run. */
  wantedInputs(): Iterable<Props>;
  /** The program keeps the cloud resource when the Pulumi resource is deleted. */
  readonly retainsOnDelete: boolean;
  /** The name was made, not given: the one that an interrupted run took was another one. */
  readonly hasAutomaticName: boolean;
  /** It existed before its resource did: no creation of this package made it. */
  readonly isAdopted: boolean;
  /** Resources of the run may be in other processes, whose work this one does not see. */
  readonly isOneOfSeveral: boolean;
  /** A few random characters for a name. */
  suffix(): string;
  /** The same operation in another region. */
  inRegion(this: void, regionId: string): Context;
  /** A part of the operation; error texts begin with what is done in it. */
  while(doing: string): Context;
}

/** What this run was shown of the record of a resource. */
export interface Present {
  readonly id: string;
  readonly regionId: string | undefined;
  /** It is recorded as ready; what is not was never in use. */
  readonly isReady: boolean;
}

interface Declared {
  readonly inputs: Props;
  readonly lineage: Lineage | undefined;
  /**
   * False where the engine has only asked what would differ: it deletes a resource before its turn when something that
   * it is made from is deleted before its replacement, and does not know yet whether the program still declares the
   * resource.
   */
  readonly isCertain: boolean;
}

interface Operation {
  readonly urn: string;
  readonly lineage?: Lineage | undefined;
  /** Left out: the operation is part of no creation. */
  readonly creationId?: string;
  /** When that creation began; left out: now. */
  readonly since?: string;
  /** What is being done to what; error texts begin with it. */
  readonly doing: string;
  /** Takes out of a text what the program marks as secret. */
  readonly hide?: (text: string) => string;
  readonly regionId: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly retainsOnDelete?: boolean;
  readonly hasAutomaticName?: boolean;
  readonly isAdopted?: boolean;
  /** Whether an image as it was listed within the last seconds will do. */
  readonly mayReadCached?: boolean;
}

/** What the process is given by the machine that it runs on. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly progress: Progress;
  /** What the person at the terminal can do during a wait, shown once for each operation. */
  readonly waitHint?: string;
  /** A run may have further provider processes, as explicit providers and versions of the native plugin are. */
  readonly isOneOfSeveral?: boolean;
  /** How long one attempt of a call may take, in real time; left out: the clients' defaults. */
  readonly callTimeoutMs?: number;
}

/** One configuration in one provider process, for one engine operation: its clients, and what it must remember. */
export interface Session {
  readonly clock: Clock;
  configure(get: (key: string) => string | undefined): void;
  /** The region that the configuration names. */
  defaultRegion(): string | undefined;
  /** The id of the account that is asked, where STS names it. */
  account(): Promise<string | undefined>;
  /** What a person can do about a region that is not known, as the end of a sentence. */
  regionAdvice(): string;
  /** What names the region where it is not the stack's configuration. */
  regionFrom(): string | undefined;
  /** The keys are a part of the configuration, and no program of this run has given it. */
  hasRecordedKeys(): boolean;
  /** A warning that stays with the resource. */
  warn(urn: string, text: string): void;
  /** The tags of every resource that takes some, as the configuration has them: JSON. */
  defaultTags(): string | undefined;
  /** A boolean option of this package itself, such as `alicloud-image:dryRun`. */
  isEnabled(option: "dryRun"): boolean;
  contextFor(operation: Operation): Context;
  /** The engine passed this resource's record: the state holds it. */
  shown(id: string, creationId: string): void;
  /** The record with this id is, or becomes, the resource's present one. */
  setPresent(urn: string, present: Present): void;
  /** The engine asked what differs between the record of this resource and these inputs. */
  compared(urn: string, inputs: Props): void;
  /**
   * What the program declares of the resource, by its lineage, or by its URN where a targeted replacement began a
   * lineage of its own.
   */
  declared(urn: string, lineage: Lineage | undefined): Declared | undefined;
  /** A record that is deleted, and the newest of those of its lineage that this run was asked to delete. */
  newestOf(lineage: Lineage | undefined, since: string | undefined, state: Props): Props;
  /** The present record of the resource in this run, by its id. */
  presentId(urn: string): string | undefined;
  /** Another resource that has this id in this run, by its name; undefined when there is none. */
  holderBeside(urn: string, id: string): string | undefined;
  /** The resource adopts this id, as far as this run knows. */
  adopts(urn: string, id: string): void;
  /**
   * `Read` has read what this resource may adopt; asked again at its check, which follows at once unless it was a
   * `get`.
   */
  looksAt(urn: string, given: string, inputs: Props): void;
  lookedAt(urn: string): { readonly given: string; readonly inputs: Props } | undefined;
  /** The state holds this id in more records than the one with this creation id. */
  isShownBeside(id: string, creationId: string): boolean;
  /** Done at the end of a run that changes the stack. */
  beforeEnd(key: string, work: () => Promise<void>): void;
  /** The lineage of the resource with this URN, as far as this run has learned it. */
  lineageOf(urn: string): Lineage | undefined;
  setLineage(urn: string, lineage: Lineage): void;
  /** This run was shown that the resource exists: a check without old inputs is one of its replacement. */
  isPresent(urn: string): boolean;
  /** The program declares this resource with these inputs. */
  wants(urn: string, inputs: Props): void;
  /** The creation of this resource, now or in an earlier run, took so long. */
  took(urn: string, ms: number): void;
  /** The engine checks what a program declares, so this run is no `pulumi destroy`. */
  runsProgram(): void;
  /** Counts what is under way, for `end` to know. */
  track<T>(work: () => Promise<T>): Promise<T>;
  /** This run changes the stack: it is no preview, nor a refresh that may be one. Until then `end` writes nothing. */
  changesStack(): void;
  /** The engine ends this process: at its orderly end, after its last write, or when it is interrupted. */
  end(): Promise<void>;
}

/** The same watch, whose reads and waits end when the signal is aborted. */
const endingWith = <Row>(signal: AbortSignal, doing: string, { read, until }: Watch<Row>): Watch<Row> => ({
  async read(id) {
    const seen = await unlessAborted(read(id), signal);
    if (signal.aborted) throw cancellation(signal, doing);
    return seen;
  },
  until: (id, wait) => until(id, { signal, ...wait }),
});

/** When the engine is interrupted, what was returned to it this recently may not be in its state. */
const UNWRITTEN_MS = 2_000;

const adviceOnRegion = ({ regionTrouble }: Settings): string =>
  `${regionTrouble === undefined ? "" : `, since ${regionTrouble}`}: give regionId, run pulumi config set ` +
  "alicloud:region <region>, or set ALICLOUD_REGION";

export function openSession(host: Host): Session {
  const { env, clock, progress, waitHint, isOneOfSeveral = false, callTimeoutMs } = host;
  let get: (key: string) => string | undefined = () => undefined;
  let settings: Settings | undefined;
  let credentials: Credentials | undefined;
  const regions = new Map<string, Region>();
  const present = new Map<string, Present>();
  const wanted = new Map<string, Props>();
  const lineages = new Map<string, Lineage>();
  /** The present URN of each lineage. */
  const urns = new Map<string, string>();
  const compared = new Map<string, Props>();
  const newest = new Map<string, { since: string; state: Props }>();

  function declared(urn: string, lineage: Lineage | undefined): Declared | undefined {
    const name = urns.get(lineage?.id ?? "") ?? urn;
    const inputs = wanted.get(name) ?? compared.get(name);
    return inputs && { inputs, lineage: lineages.get(name), isCertain: wanted.has(name) };
  }
  const adopting = new Map<string, string>();
  const looked = new Map<string, { given: string; inputs: Props }>();
  const endings = new Map<string, () => Promise<void>>();
  const took = durations();
  const shown: Shown = { records: new Map(), hasProgram: false };
  let underWay = 0;
  let writes = false;

  const read = () => (settings ??= settingsFrom({ get }, env));

  function regionOf(regionId: string): Region {
    const known = regions.get(regionId);
    if (known) return known;
    const { protocol } = read();
    credentials ??= credentialsFrom(read(), clock);
    const ecs = configuredEndpoint("ecs", regionId, read());
    const options = {
      regionId,
      protocol,
      credentials,
      clock,
      ...(callTimeoutMs !== undefined && { callTimeoutMs }),
      ...(ecs !== undefined && { endpoint: ecs }),
    };
    const region = openRegion(options, () => serviceEndpoint("oss", regionId, read()), shown);
    regions.set(regionId, region);
    return region;
  }

  function setLineage(urn: string, lineage: Lineage): void {
    lineages.set(urn, lineage);
    urns.set(lineage.id, urn);
  }

  function contextFor(asked: Operation): Context {
    let operation = asked;
    const { urn, doing, regionId = read().regionId, timeoutMs, mayReadCached = false } = operation;
    const hide = operation.hide ?? ((text) => text);
    const show = (text: string) => progress.show(urn, hide(text));
    if (!regionId || isUnknown(regionId)) {
      throw new Failure("Invalid", `${doing}: no region is known${adviceOnRegion(read())}`);
    }
    const { bind, images, cachedImages, tasks, instances, assistants, pending, oss } = regionOf(regionId);
    const deadlineMs = clock.now() + timeoutMs;
    const signal = operation.signal ?? new AbortController().signal;
    let hint = waitHint;
    return {
      regionId,
      stackRegionId: read().regionId,
      urn,
      get lineage() {
        return operation.lineage;
      },
      continueLineage(id) {
        if (id === undefined || id === operation.lineage?.id) return;
        operation = { ...operation, lineage: { id, regions: operation.lineage?.regions ?? [] } };
        setLineage(urn, operation.lineage!);
      },
      creationId: operation.creationId ?? "",
      since: operation.since ?? new Date(clock.now()).toISOString(),
      clock,
      deadlineMs,
      signal,
      ecs: bind({ doing, deadlineMs, signal, waiting: show }),
      oss: () => oss(signal),
      images: endingWith(signal, doing, mayReadCached ? cachedImages : images),
      tasks: endingWith(signal, doing, tasks),
      instances: endingWith(signal, doing, instances),
      assistants: endingWith(signal, doing, assistants),
      pending,
      async pause(ms) {
        await clock.sleep(ms, signal);
        if (signal.aborted) throw cancellation(signal, doing);
      },
      show,
      showWait(at, left) {
        const text = [at, left, took.typical(urn)].filter(Boolean).join(", ");
        show(hint === undefined ? text : `${text} (${hint})`);
        hint = undefined;
      },
      note: (text) => progress.note(urn, hide(text)),
      warn: (text) => progress.warn(urn, hide(text)),
      present: () => present.get(urn),
      declared: () => declared(urn, operation.lineage),
      wantedInputs: () => wanted.values(),
      retainsOnDelete: operation.retainsOnDelete ?? false,
      hasAutomaticName: operation.hasAutomaticName ?? false,
      isAdopted: operation.isAdopted ?? false,
      isOneOfSeveral,
      suffix: () => randomBytes(4).toString("hex").slice(0, 7),
      inRegion: (other) => contextFor({ ...operation, regionId: other, timeoutMs: deadlineMs - clock.now() }),
      while: (part) => contextFor({ ...operation, doing: part, timeoutMs: deadlineMs - clock.now() }),
    };
  }

  return {
    clock,
    configure(from) {
      get = from;
      settings = undefined;
    },
    defaultRegion: () => read().regionId,
    account: () => accountOf((credentials ??= credentialsFrom(read(), clock)), read()),
    regionAdvice: () => adviceOnRegion(read()),
    regionFrom: () => read().regionFrom,
    hasRecordedKeys: () => !shown.hasProgram && read().hasOwnKeys === true,
    warn: progress.warn,
    defaultTags: () => get("alicloud-image:defaultTags"),
    isEnabled: (option) => get(`alicloud-image:${option}`) !== "false",
    contextFor,
    lineageOf: (urn) => lineages.get(urn),
    setLineage,
    presentId: (urn) => present.get(urn)?.id,
    holderBeside(urn, id) {
      const held = [...[...present].map(([other, { id }]) => [other, id] as const), ...adopting];
      const [holder] = held.find(([other, one]) => one === id && other !== urn) ?? [];
      return holder === undefined ? undefined : urnParts(holder).name;
    },
    adopts: (urn, id) => void adopting.set(urn, id),
    looksAt: (urn, given, inputs) => void looked.set(urn, { given, inputs }),
    lookedAt: (urn) => looked.get(urn),
    isShownBeside: (id, creationId) => [...(shown.records.get(id) ?? [])].some((other) => other !== creationId),
    beforeEnd: (key, work) => void endings.set(key, work),
    wants: (urn, inputs) => void wanted.set(urn, inputs),
    isPresent: (urn) => present.has(urn),
    setPresent: (urn, record) => void present.set(urn, record),
    compared: (urn, inputs) => void compared.set(urn, inputs),
    declared,
    newestOf(lineage, since = "", state) {
      const known = newest.get(lineage?.id ?? "");
      if (!lineage || (known && known.since > since)) return known?.state ?? state;
      newest.set(lineage.id, { since, state });
      return state;
    },
    shown: (id, creationId) => void shown.records.set(id, new Set([...(shown.records.get(id) ?? []), creationId])),
    took: took.note,
    runsProgram: () => void (shown.hasProgram = true),
    async track(work) {
      underWay++;
      try {
        return await work();
      } finally {
        underWay--;
      }
    },
    changesStack: () => void (writes = true),
    async end() {
      if (!writes) return;
      await Promise.allSettled([...endings.values()].map((work) => work()));
      const settledMs = underWay > 0 ? UNWRITTEN_MS : 0;
      await Promise.all([...regions.values()].map(({ pending }) => pending.close(settledMs)));
      await progress.flush();
    },
  };
}
