import { list } from "../../cli/list";
import { type Call, defaultCredential, type Fault, seeds } from "../../emulator";
import { imageState } from "../../emulator/images/state";
import { callCommand, callOrphans, exported } from "../cli/terminal";
import { familyWatch } from "../support/families";
import { kinds } from "../support/kinds";
import { type Lab, openLab, type Place, type Process, type Props } from "../support/lab";
import { crowd, isCrowd, PLACES, prepare, release, shrink, use } from "../support/moves";
import { type Declared, type Operation, openStack, type Ran, type Stack } from "./engine";
import { clouds, type Mishaps, type Op, type Sequence, type Turn } from "./sequence";
import { isVersion, NAME, type Subject, worldOf } from "./subjects";
import { changesOf, extrasIn, type Thing, thingsIn } from "./worlds";

/**
 * What may be left in the cloud besides the state: nothing; what a warning has named; or what the orphan finder lists.
 */
export type Leaves = "nothing" | "named" | "findable";

export interface Played {
  /** The violations, as sentences. */
  readonly violations: readonly string[];
  readonly left: Leaves;
  /** The points of the run with the last kill, for debugging. */
  readonly struckAt: readonly string[];
}

/** Another resource of the program, which fails if that is ordered, and does not touch the subject. */
const NEIGHBOUR = "neighbour";
const isForNeighbour = ({ action, params }: Call) =>
  action === "CreateImage" && params["SnapshotId"] === seeds.systemSnapshotId;
const HIDDEN_LONG = 60;

const isBroken = ({ kill, lost, expired, second, denied }: Mishaps) =>
  [kill, lost, expired, second, denied].some((mishap) => mishap !== undefined);

/** Commands after which a plain up asks for the same again. */
const SAME: readonly Op[] = ["up", "up-refresh", "refresh", "preview"];
/** Commands that do so under another URN. */
const RENAMED: readonly Op[] = ["rename", "alias", "parent"];

/** What docs/adoption.md allows to be left after such a sequence. */
export function leaves({ turns, cloud }: Sequence): Leaves {
  const isSeenLate = cloud === "lists late" || cloud === "hides tags while creating";
  // One of two leftovers may be listed only after the other was taken over.
  if (isSeenLate && turns.filter(isBroken).length > 1) return "findable";
  const all: Leaves[] = turns.map((turn, i): Leaves => {
    const later = turns.slice(i + 1);
    if (turn.op === "restore" || turn.second !== undefined) return "findable";
    if (!isBroken(turn)) return turn.late && (turn.hidden ?? 0) > HIDDEN_LONG ? "named" : "nothing";
    // Nothing requests it again, so no call of the provider can notice it.
    if (!SAME.includes(turn.op) && !RENAMED.includes(turn.op)) return "findable";
    if (later.some(({ op }) => !SAME.includes(op))) return "findable";
    if ((turn.hidden ?? 0) > HIDDEN_LONG) return "findable";
    // After an orderly end the state counts as written. Years later, or for other arguments, nothing is taken over.
    const isOther = later.some(({ after, neighbour }) => after !== undefined || neighbour);
    // Where lists lag, what was not seen before the creation may be reported only after it.
    return turn.kill === undefined || isOther || isSeenLate ? "named" : "nothing";
  });
  return all.includes("findable") ? "findable" : all.includes("named") ? "named" : "nothing";
}

/** Commands that are meant to remove the resource. */
const ENDING: readonly Op[] = ["destroy", "drop"];

/**
 * If program and state agree, the engine makes no call that could notice what a failed run has changed.
 * docs/adoption.md advises a refresh.
 */
const needsRefresh = ({ turns }: Sequence): boolean =>
  turns.some(
    (turn) => turn.op === "restore" || turn.second !== undefined || (isBroken(turn) && !SAME.includes(turn.op)),
  );

/** The recorded statuses of an image that was ever in use. */
const READY = ["Available", "Deprecated"];

/** The arguments of the program. */
function wantedBy(op: Op, { args, changedInPlace, replaced, moved }: Subject): Props {
  if (op === "change" || op === "target") return replaced;
  if (op === "amend") return changedInPlace;
  return op === "region" ? moved : args;
}

const SETTLED_MS = 10 * 60_000;
const days = (count: number) => count * 24 * 60 * 60_000;
/** The real time limit of a sequence. A sequence that hangs is a finding, too. */
const PATIENCE_MS = 60_000;

let warm: Promise<unknown> | undefined;

/**
 * The first runs of a process load modules, which takes real time while the test's clock advances. They do not count.
 */
async function warmUp(): Promise<void> {
  const program = kinds.map(({ kind, args }): Declared => ({ kind, name: kind, args }));
  for (let errors: readonly string[] = ["none yet"], round = 0; errors.length > 0 && round < 50; round++) {
    const lab = await openLab({ world: kinds[0]!.world() });
    ({ errors } = await openStack(lab).run({ do: "up", program }));
    await lab.close();
  }
}

export async function play(sequence: Sequence): Promise<Played> {
  await (warm ??= warmUp());
  const lab = await openLab({ world: worldOf(sequence.subject) }, {}, { front: sequence.front });
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<Played>((resolve) => {
    timer = setTimeout(
      () => resolve({ violations: ["it never came to an end"], left: "nothing", struckAt: [] }),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([new Player(lab, sequence).play(), hung]);
  } finally {
    clearTimeout(timer);
    await lab.close();
  }
}

class Player {
  private readonly stack: Stack;
  private readonly violations = new Set<string>();
  private readonly replacedWhileGood = new Set<string>();
  private readonly everLive = new Set<string>();
  private readonly families = familyWatch();
  private before = new Map<string, Thing>();
  private struckAt: string[] = [];
  private neighbours = 0;
  private isEnding = false;
  private place: Place = {};
  private readonly aliases: string[] = [];

  constructor(
    private readonly lab: Lab,
    private readonly sequence: Sequence,
  ) {
    this.stack = openStack(lab, "dev");
  }

  async play(): Promise<Played> {
    prepare(this.lab);
    await this.addLookalikes();
    Object.assign(this.world.quirks, clouds[this.sequence.cloud]);
    this.before = this.things();
    let backup = this.stack.backend.state;
    for (const turn of this.sequence.turns) {
      if (turn.after !== undefined) await this.lab.clock.advance(days(turn.after));
      const was = this.stack.backend.state;
      if (RENAMED.includes(turn.op)) await this.rename(turn);
      if (turn.op === "restore") this.stack.backend.state = backup;
      else await this.run(turn);
      backup = was;
      await this.lab.clock.advance(5_000);
    }

    // What a killed run has left unattended must end first.
    if (leaves(this.sequence) === "findable") await this.lab.clock.advance(SETTLED_MS);
    release(this.lab);
    const last = await this.run({ op: needsRefresh(this.sequence) ? "up-refresh" : "up" });
    for (const error of last.errors) this.violations.add(`the last up failed: ${error}`);
    // After a broken run the list of versions is complete once a refresh has read it.
    if (this.keepsVersions()) await this.run({ op: "refresh" });
    const extras = this.extras();
    const left = await this.judge(extras);
    await this.requireQuiet();
    await this.requireGone(extras);
    for (const complaint of this.families.complaints) this.violations.add(complaint);
    return { violations: [...this.violations], left, struckAt: this.struckAt };
  }

  private get world() {
    return this.lab.emulator.world;
  }
  /** What is in use or shared when it is replaced becomes a version. */
  private keepsVersions = () =>
    Boolean(this.sequence.subject.args["keepVersions"]) ||
    this.sequence.turns.some(({ used, op }) => used || op === "target");
  private things = () => {
    const things = thingsIn(this.world, this.lab.clock.now());
    for (const [what, { names }] of things) if (isCrowd(names[0]!)) things.delete(what);
    return things;
  };
  private isGoodImage = (id: string) => {
    const image = this.world.images.get(id);
    return image !== undefined && imageState(image, this.lab.clock.now()).usable;
  };

  /** What a killed run has left under one URN is not taken over under another: docs/adoption.md advises an `up`. */
  private async rename(turn: Turn): Promise<void> {
    const { turns } = this.sequence;
    const isAlias = turn.op === "alias" || turn.op === "parent";
    // With an alias it is kept and named, unless it has the name that the next creation asks for.
    const isInTheWay = !isAlias || this.sequence.subject.args["imageName"] !== undefined;
    if (isInTheWay && turns.slice(0, turns.indexOf(turn)).some(isBroken)) await this.run({ op: "up-refresh" });
    if (turn.op === "alias" || turn.op === "parent") this.move(PLACES[turn.op]);
    else this.stack.rename(`${this.stack.name}-2`);
  }

  /** Moves the resource to a place, or back. */
  private move(to: Place): void {
    this.aliases.push(this.stack.urnOf(this.sequence.subject.kind, NAME));
    const isThere = Object.keys(to).every((part) => part in this.place);
    const rest = Object.entries(this.place).filter(([part]) => !(part in to));
    this.place = { ...Object.fromEntries(rest), ...(!isThere && to) };
    this.stack.alias(NAME, this.place);
  }

  /** What another stack of the same program has left and made, and what was made by hand. It must stay as it is. */
  private async addLookalikes(): Promise<void> {
    const other = openStack(this.lab, "prod");
    const program: Declared[] = [NAME, NEIGHBOUR].map((name) => ({
      kind: "CustomImage",
      name,
      args: { instanceId: seeds.secondInstanceId },
    }));
    await other.run({ do: "up", program: program.slice(1) });
    await other.run(
      { do: "up", program },
      { reached: (moment) => void (moment === "create returned" && this.lab.processes.at(-1)!.kill("engine")) },
    );
    const image = [...this.world.images.values()].at(-1)!;
    this.world.images.set("m-by-hand", {
      ...image,
      imageId: "m-by-hand",
      imageName: "golden-by-hand",
      diskMappings: [],
      tags: new Map([["team", "platform"]]),
    });
    await this.lab.clock.advance(10 * 60_000);
  }

  private program({ op, late }: Turn): readonly Declared[] {
    const { subject } = this.sequence;
    const { kind } = subject;
    const wanted = wantedBy(op, subject);
    const program = subject.program?.(wanted) ?? [{ kind, name: NAME, args: wanted }];
    const own = program.map((one): Declared => ({ ...one, timeouts: late ? { create: "10s" } : undefined }));
    const isBeside = this.sequence.turns.some(({ neighbour }) => neighbour);
    const beside: Declared = {
      kind: "CustomImage",
      name: NEIGHBOUR,
      args: { snapshotId: seeds.systemSnapshotId, triggers: [this.neighbours] },
    };
    return [...(op === "drop" ? [] : own), ...(isBeside ? [beside] : [])];
  }

  private operation(turn: Turn): Operation {
    if (turn.op === "refresh" || turn.op === "destroy") return { do: turn.op };
    const program = this.program(turn);
    if (turn.op === "preview") return { do: "preview", program };
    return {
      do: "up",
      program,
      ...(turn.op === "replace" && { replace: this.replaceable(program) }),
      refresh: turn.op === "up-refresh",
      continues: turn.continues,
      ...(turn.op === "target" && { targets: program.slice(0, 1).map(({ name }) => name) }),
    };
  }

  /** The resource for `--replace`: the program's first one, once it exists. */
  private replaceable = ([first]: readonly Declared[]): string[] =>
    first && this.stack.live(first.name) ? [first.name] : [];

  private async run(turn: Turn): Promise<Ran> {
    const { emulator } = this.lab;
    const { creates, isThere } = this.sequence.subject;
    if (turn.neighbour) this.neighbours++;
    const { kind, id } = this.stack.backend.state.find(({ isOld }) => !isOld) ?? {};
    if (turn.used && id !== undefined && kind !== "ImageExport" && kind !== "ImageSharePermission") use(this.lab, id);
    if (turn.crowd) crowd(this.lab);
    if (turn.hidden !== undefined && creates)
      emulator.world.scenarios.push({ for: creates, hiddenForMs: turn.hidden * 1_000 });
    if (turn.lost !== undefined) this.stack.backend.writesLeft = turn.lost;
    const worldBefore = turn.op === "preview" ? this.things() : undefined;

    // After a broken drop or destroy, what the state still lists may be gone, and a plain up does not notice it.
    // With forceDelete, a target is deleted although another resource shares it.
    this.isEnding ||= ENDING.includes(turn.op) || turn.op === "target";
    const wasThere = isThere?.(this.world, this.lab.clock.now()) && !this.isEnding;
    const strike = new Strike(turn, this.lab, () => this.stack.run(this.operation({ op: "up" })));
    emulator.intercept = (call, phase) => {
      this.watch(call, phase, turn);
      if (this.sequence.subject.args["test"]) this.families.look(this.world, this.lab.clock.now());
      if (turn.crowd && call.action === "DescribeImages" && phase === "after") shrink(this.lab);
      if (wasThere && !isThere?.(this.world, this.lab.clock.now()))
        this.violations.add(`at ${call.action} ${phase} its effect, what was there is missing`);
      if (turn.neighbour && phase === "before" && isForNeighbour(call)) return refused;
      if (turn.denied === call.action && phase === "before") return refused;
      return strike.passed(call, phase);
    };
    try {
      return await this.stack.run(this.operation(turn), strike);
    } finally {
      await strike.secondRun;
      emulator.intercept = undefined;
      emulator.world.scenarios.length = 0;
      this.stack.backend.writesLeft = Number.POSITIVE_INFINITY;
      if (strike.points.length > 0) this.struckAt = strike.points;
      if (worldBefore)
        for (const change of changesOf(worldBefore, this.things(), "record"))
          this.violations.add(`a preview: ${change}`);
    }
  }

  /** No run may delete a good image that is in the state, or one that was and is a version within keepVersions. */
  private watch({ action, params, accessKeyId }: Call, phase: "before" | "after", { op, second }: Turn): void {
    const id = params["ImageId"];
    for (const { name, id: live, isOld, initErrors, outputs } of this.stack.backend.state)
      if (!isOld && !initErrors && READY.includes(String(outputs["status"])) && name !== NEIGHBOUR)
        this.everLive.add(live);
    if (action !== "DeleteImage" || phase !== "before" || id === undefined || !this.isGoodImage(id)) return;
    this.replacedWhileGood.add(id);
    if (ENDING.includes(op) || second !== undefined || accessKeyId === defaultCredential.accessKeyId) return;
    if (this.stack.backend.state.some((held) => held.id === id && !held.isOld))
      this.violations.add(`${id}, which the state holds and which is good, is deleted by a run that does not destroy`);
    const kept = Number(this.sequence.subject.args["keepVersions"] ?? 0);
    const versions = [...this.world.images.values()].filter(isVersion);
    const isTooMany = versions.length > kept && versions.some(({ imageId }) => imageId === id);
    if (kept > 0 && this.everLive.has(id) && !isTooMany)
      this.violations.add(`${id}, which was to be kept as a version, is deleted`);
  }

  private extras = (): Thing[] => {
    // Nothing tells whose the file of an export is if no task shows it, or if its run ended in order without its state.
    const losesRecord = this.sequence.turns.some(
      ({ op, lost, second }) => op === "restore" || lost !== undefined || second !== undefined,
    );
    return extrasIn(
      this.world,
      this.before,
      this.stack.backend.state,
      this.lab.clock.now(),
      ({ what, imageId, names }) => {
        if (isCrowd(names[0]!)) return true;
        const { args } = this.sequence.subject;
        // ECS does not tell who shared an image, so nothing can find a share of a failed run that is not requested
        // again.
        if (what.startsWith("sharing")) return leaves(this.sequence) !== "nothing";
        if (what.startsWith("snapshot")) return !args["deleteSnapshots"] && this.replacedWhileGood.has(imageId ?? "");
        const isUntold =
          leaves(this.sequence) === "findable" && (this.sequence.cloud === "forgets tasks" || losesRecord);
        return what.startsWith("object") && (isUntold || !args["deleteObjects"]);
      },
    );
  };

  /** Exactly one of each requested resource, in the state, and nothing else, unless it is named and allowed. */
  private async judge(extras: readonly Thing[]): Promise<Leaves> {
    const { subject } = this.sequence;
    for (const { name, args } of this.program({ op: "up" })) {
      const held = this.stack.backend.state.filter((each) => each.name === name);
      const live = held.find(({ isOld }) => !isOld);
      if (held.some(({ isOld }) => isOld)) this.violations.add(`the state still holds an old ${name}`);
      if (!live) this.violations.add(`the state holds no ${name}`);
      if (live?.initErrors) this.violations.add(`${name} is recorded as unfinished: ${live.initErrors.join("; ")}`);
      if (live && name === NAME)
        for (const wrong of subject.differs(this.world, live, args, this.lab.clock.now(), this.isHalfChanged()))
          if (!this.isToldOf(wrong)) this.violations.add(wrong);
      if (live && live.kind === "CustomImage" && !this.isGoodImage(live.id))
        this.violations.add(`the image ${live.id} of ${name} is not good`);
    }
    for (const change of changesOf(this.before, this.things(), "plainRecord")) this.violations.add(change);

    const allowed = leaves(this.sequence);
    const isNamed = ({ names }: Thing) =>
      names.some((name) => this.lab.said.warned.some((text) => text.includes(name)));
    const unnamed = extras.filter((thing) => !isNamed(thing));
    const listed = allowed === "findable" && unnamed.length > 0 ? await this.orphans() : "";
    for (const thing of extras) {
      const isFindable = thing.names.some((name) => listed.includes(name));
      if (allowed === "nothing" || !(isNamed(thing) || isFindable))
        this.violations.add(`${thing.what} is in no state${isNamed(thing) ? " (a warning names it)" : ""}`);
    }
    return extras.length === 0 ? "nothing" : unnamed.length === 0 ? "named" : "findable";
  }

  /**
   * After a failed destroy, the deleted objects of an unfinished export look like files that the provider cannot find:
   * a warning says that there are none.
   */
  private isToldOf = (wrong: string) =>
    /records no object$/.test(wrong) &&
    this.sequence.turns.some((turn) => ENDING.includes(turn.op) && isBroken(turn)) &&
    this.lab.said.warned.some((text) => text.includes("0 of its 1 objects were found"));

  /**
   * After an interrupted update, if the program is as before, its tag looks like one that somebody else set, and stays.
   */
  private isHalfChanged = () => this.sequence.turns.some((turn) => turn.op === "amend" && isBroken(turn));

  /** What the orphan finder lists; after a `pulumi stack rename` also what `list` shows, as docs/adoption.md says. */
  private async orphans(): Promise<string> {
    const rows = this.stack.backend.state.map(({ kind, name, isOld, ...recorded }) => ({
      kind,
      name,
      urn: this.stack.urnOf(kind, name),
      ...(name === NAME && { aliases: this.aliases }),
      recorded,
      ...(isOld && { delete: true }),
    }));
    const has = (wanted: Op) => this.sequence.turns.some(({ op }) => op === wanted);
    // By default they ask only the regions in configuration and state.
    const regions = has("region") ? ["--region", String(this.sequence.subject.moved["regionId"])] : [];
    const args = ["--state", "-", "--json", ...regions];
    const call = { input: exported(rows, { stack: this.stack.name }) };
    const { out } = await callOrphans(this.lab, [...args, "--older-than", "0s"], call);
    return has("rename") ? out + (await callCommand(list, this.lab, args, call)).out : out;
  }

  private async requireQuiet(): Promise<void> {
    const from = this.lab.emulator.calls.length;
    const { did, errors } = await this.run({ op: "up" });
    const changes = did.filter(({ did: what }) => what !== "same").map(({ name, did: what }) => `${what} ${name}`);
    for (const change of [...changes, ...errors]) this.violations.add(`one more up is not without changes: ${change}`);
    // The removal of marks at the end is no visible change.
    const effects = this.lab.emulator.calls
      .slice(from)
      .filter(({ effect, action }) => effect && !/TagResources$/.test(action));
    for (const { action } of effects) this.violations.add(`one more up sends ${action}`);
  }

  /**
   * After a destroy the account is as it was, apart from earlier leftovers. If an image exists that the state lacks,
   * versions may be kept and named, because that image may have replaced them.
   */
  private async requireGone(left: readonly Thing[]): Promise<void> {
    const warnings = this.lab.said.warned.length;
    const { errors } = await this.run({ op: "destroy" });
    for (const error of errors) this.violations.add(`the destroy failed: ${error}`);
    for (const { id } of this.stack.backend.state) this.violations.add(`after the destroy the state still holds ${id}`);
    await this.lab.clock.advance(5_000);
    const names = new Set(left.flatMap((thing) => thing.names));
    const said = left.length > 0 ? this.lab.said.warned.slice(warnings).join(" ") : "";
    for (const thing of this.extras())
      if (!thing.names.some((name) => names.has(name) || said.includes(name)))
        this.violations.add(`after the destroy ${thing.what} is left`);
    const part = left.length === 0 && leaves(this.sequence) !== "findable" ? "record" : "plainRecord";
    for (const change of changesOf(this.before, this.things(), part))
      this.violations.add(`after the destroy, ${change}`);
  }
}

const refused: Fault = {
  kind: "error",
  status: 403,
  code: "Forbidden.RAM",
  message: "User not authorized to operate on the specified resource.",
};

/** The events that are injected at one point of a run. */
class Strike {
  readonly points: string[] = [];
  secondRun: Promise<unknown> = Promise.resolve();
  private process: Process | undefined;
  private readonly seen = new Set<string>();
  private effects = 0;

  constructor(
    private readonly turn: Turn,
    private readonly lab: Lab,
    private readonly beginSecond: () => Promise<unknown>,
  ) {}

  began = (process: Process): void => void (this.process = process);
  reached = (moment: string): void => void this.point(moment);

  /** Repeated reads while nothing happens count once. */
  passed(call: Call, phase: "before" | "after"): Fault | undefined {
    if (call.accessKeyId !== this.process?.accessKeyId) return undefined;
    if (this.process.killed) return { kind: "reset" };
    if (call.effect && phase === "after") this.effects++;
    const key = JSON.stringify([call.action, call.params, phase, this.effects]);
    if (this.seen.has(key)) return undefined;
    this.seen.add(key);
    if (!this.point(`${call.action} ${phase}`)) return undefined;
    const { kill } = this.turn;
    if (!kill) return undefined;
    return phase === "before" && kill.victim === "engine" ? undefined : { kind: "reset" };
  }

  /** Whether something was injected at this point. */
  private point(name: string): boolean {
    const at = this.points.push(name) - 1;
    const { kill, expired, second } = this.turn;
    if (at === expired) this.lab.emulator.credentials.delete(this.process!.accessKeyId);
    if (at === second) this.secondRun = this.beginSecond();
    if (at !== kill?.at) return false;
    this.process!.kill(kill.victim === "provider" ? "provider" : "engine");
    return true;
  }
}
