import type { Quirks } from "../../emulator/world/quirks";
import { FRONTS, type Front } from "../support/fronts";
import type { Subject } from "./subjects";

/** A command that a user or a pipeline runs on the stack. */
export const OPERATIONS = [
  "up",
  "replace", // up --replace
  "up-refresh", // up --refresh
  "refresh",
  "preview",
  "change", // up of a program with another source
  "amend", // up of a program with a change in place
  "rename", // pulumi stack rename, and up
  "alias", // up of a program in which the resource has another name, and then its own again
  "parent", // the same with a parent
  "region", // up of a program in another region
  "target", // up --target, naming the first resource, of a program with another source
  "drop", // up of a program without the resource
  "destroy",
  "restore", // the state as it was before the run before, from a backup
] as const;
export type Op = (typeof OPERATIONS)[number];

/**
 * What is killed. `engine`: the provider notices within milliseconds and stops, but what it has sent still arrives.
 * `everything`: what has not taken effect yet never does.
 */
export const VICTIMS = ["provider", "engine", "everything"] as const;
export type Victim = (typeof VICTIMS)[number];

/** A mishap in a run. A point is a call before or after its effect, or a moment around a write to the state. */
export interface Mishaps {
  /** A kill at a point. */
  readonly kill?: { readonly victim: Victim; readonly at: number };
  /** The backend accepts this many writes and no more. */
  readonly lost?: number;
  /** From this point on, the keys are refused. */
  readonly expired?: number;
  /** At this point a second engine starts a plain `up`, with the lock removed. */
  readonly second?: number;
  /** Another resource of the same program fails. */
  readonly neighbour?: boolean;
  /** The run is `up --continue-on-error`, or another operation unchanged. */
  readonly continues?: boolean;
  /** Instances run from the current image until the sequence ends. */
  readonly used?: boolean;
  /** Another stack's images are deleted while lists are read. */
  readonly crowd?: boolean;
  /** No list shows a new resource for this many seconds. */
  readonly hidden?: number;
  /** The creation takes longer than its `customTimeouts`. */
  readonly late?: boolean;
  /** This action is not permitted. */
  readonly denied?: string;
  /** Before the run, this many days pass. */
  readonly after?: number;
}

export interface Turn extends Mishaps {
  readonly op: Op;
}

/** Behaviours of the cloud that are not documented. */
export const clouds: Readonly<Record<string, Partial<Quirks>>> = {
  "answers as recorded": {},
  "hides tags while creating": { hideTagsWhileCreating: true },
  "lists late": { listDelayMs: 10_000 },
  "forgets tasks": { taskRetentionMs: 60_000 },
  "answers a second export with the first task": { repeatedExport: "same-task" },
};
const cloudsFor = ({ creates }: Subject) =>
  Object.keys(clouds).filter((_, i) => (creates === "ExportImage" ? i !== 1 : i < 3));

/** Runs of one stack in a row. `pulumi cancel`, a plain `up` and a destroy follow. */
export interface Sequence {
  readonly subject: Subject;
  readonly front: Front;
  /** A key of `clouds`. */
  readonly cloud: string;
  readonly turns: readonly Turn[];
}

const numbers = ["lost", "expired", "second", "hidden", "after"] as const;

const flags = ["neighbour", "continues", "used", "crowd", "late"] as const;

function turnText({ op, kill, denied, ...rest }: Turn): string {
  return [
    op,
    kill && `kill=${kill.victim}@${kill.at}`,
    ...numbers.map((name) => rest[name] !== undefined && `${name}=${rest[name]}`),
    ...flags.filter((name) => rest[name]),
    denied && `denied=${denied}`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** One line, from which the sequence can be parsed again. */
export const sequenceText = ({ subject, front, cloud, turns }: Sequence): string =>
  `${subject.label}, ${front} host, a cloud that ${cloud}: ${turns.map(turnText).join("; ")}`;

function turnIn(text: string): Turn {
  const [op, ...mishaps] = text.trim().split(/\s+/) as [Op, ...string[]];
  if (!OPERATIONS.includes(op)) throw new Error(`there is no operation ${op}: ${OPERATIONS.join(", ")}`);
  const turn: Record<string, unknown> = { op };
  for (const mishap of mishaps) {
    const [name, value] = mishap.split("=") as [string, string | undefined];
    const [victim, at] = (value ?? "").split("@");
    if (name === "kill") turn[name] = { victim, at: Number(at) };
    else if (numbers.some((number) => number === name)) turn[name] = Number(value);
    else turn[name] = value ?? true;
  }
  return turn as unknown as Turn;
}

export function sequenceIn(text: string, subjects: readonly Subject[]): Sequence {
  const form = /^(.*?)(?:, (dynamic|native) host)?(?:, a cloud that (.*?))?: (.*)$/s;
  const [, label, front = "dynamic", cloud, turns] = form.exec(text) ?? [];
  const subject = subjects.find((each) => each.label === label);
  if (!subject || turns === undefined)
    throw new Error(`there is no subject ${label}: ${subjects.map((each) => each.label).join(", ")}`);
  if (cloud !== undefined && !(cloud in clouds))
    throw new Error(`there is no cloud that ${cloud}: ${Object.keys(clouds).join(", ")}`);
  return {
    subject,
    front: front as Front,
    cloud: cloud ?? "answers as recorded",
    turns: turns.split(";").map(turnIn),
  };
}

/** How many points of a run are tried. Longer runs only repeat their reads while they wait. */
const POINTS = 20;
const WRITES = 6;
const MOVED: readonly Op[] = ["rename", "alias", "parent", "region", "target"];
const DENIED = ["DescribeImages", "DeleteImage", "TagResources", "UntagResources", "DescribeTasks", "DeleteSnapshot"];
const WORKING: readonly Op[] = [
  "up",
  "replace",
  "up-refresh",
  "change",
  "amend",
  "destroy",
  "refresh",
  "drop",
  ...MOVED,
];
const CREATING: readonly Op[] = ["up", "replace", "up-refresh", "change", "region"];
const YEARS_DAYS = 700;

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Every run with its possible mishaps. */
export const turns: readonly Turn[] = [
  ...OPERATIONS.map((op): Turn => ({ op })),
  ...(["up", "replace"] as const).map((op): Turn => ({ op, after: YEARS_DAYS })),
  ...WORKING.flatMap((op): Turn[] => [
    ...VICTIMS.flatMap((victim) => upTo(POINTS).map((at): Turn => ({ op, kill: { victim, at } }))),
    ...upTo(WRITES).map((lost): Turn => ({ op, lost })),
    ...upTo(POINTS / 2).map((i): Turn => ({ op, expired: 2 * i })),
    ...DENIED.map((denied): Turn => ({ op, denied })),
  ]),
  ...CREATING.flatMap((op): Turn[] => [
    { op, neighbour: true },
    { op, neighbour: true, continues: true },
    { op, used: true },
    { op, crowd: true },
    { op, late: true },
    ...[10, 65].flatMap((hidden): Turn[] => [
      { op, hidden },
      { op, hidden, late: true },
      ...upTo(POINTS / 2).map((i): Turn => ({ op, hidden, kill: { victim: VICTIMS[i % 3]!, at: 2 * i } })),
    ]),
    ...upTo(POINTS).map((at): Turn => ({ op, neighbour: true, kill: { victim: VICTIMS[at % 3]!, at } })),
    ...upTo(POINTS).flatMap((at): Turn[] => {
      const kill = { victim: VICTIMS[at % 3]!, at };
      return [
        { op, neighbour: true, continues: true, kill },
        { op, used: true, kill },
        { op, crowd: true, kill },
      ];
    }),
    ...upTo(POINTS / 2).map((i): Turn => ({ op, second: 2 * i })),
  ]),
];

/** A permutation of 0 .. size - 1 for a seed, number by number, so a continued run repeats nothing. */
export function* shuffled(size: number, seed: number): Generator<number> {
  const bits = Math.max(2, Math.ceil(Math.log2(size)));
  const modulus = 2n ** BigInt(bits);
  // A linear congruential generator of full period (Hull and Dobell): an odd increment, a multiplier that is 1 modulo
  // 4.
  const multiplier = (6364136223846793005n % modulus) - ((6364136223846793005n % modulus) % 4n) + 1n;
  const increment = (2n * BigInt(seed) + 1n) % modulus;
  let at = (BigInt(seed) * 2654435761n) % modulus;
  for (let i = 0n; i < modulus; i++) {
    if (at < BigInt(size)) yield Number(at);
    at = (multiplier * at + increment) % modulus;
  }
}

/** A multiple of the numbers of clouds that differ for a subject. */
const CLOUDS = 12;

/** All sequences of this many runs with mishaps, with or without a first run without any. */
export const sizeOf = (subjects: readonly Subject[], count: number): number =>
  subjects.length * FRONTS.length * CLOUDS * 2 * turns.length ** count;

export function sequenceAt(subjects: readonly Subject[], count: number, index: number): Sequence {
  let rest = index;
  const take = (size: number): number => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  };
  const subject = subjects[take(subjects.length)]!;
  const front = FRONTS[take(FRONTS.length)]!;
  const known = cloudsFor(subject);
  const cloud = known[take(CLOUDS) % known.length]!;
  const begins: readonly Turn[] = take(2) === 1 ? [{ op: "up" }] : [];
  return { subject, front, cloud, turns: [...begins, ...upTo(count).map(() => turns[take(turns.length)]!)] };
}
