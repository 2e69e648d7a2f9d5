import type { Declared, Given, Recorded, Stage, State } from "./stage";

/** The tag of everything that an acceptance run creates; its value is the run's id. */
export const RUN_TAG = "pulumi-acceptance";

/** One scene: what the program declares from now on, which operation the engine does, and what must then be so. */
export interface Scene {
  readonly name: string;
  /** Options that it cannot do without. */
  readonly needs?: readonly (keyof Given)[];
  /** A scene that it builds on. */
  readonly after?: string;
  /** What it declares is declared in this scene alone. */
  readonly isBrief?: true;
  declares?(
    stage: Stage,
    state: State,
  ): Readonly<Record<string, Declared>> | Promise<Readonly<Record<string, Declared>>>;
  /** Instead of a plain `pulumi up`. */
  does?(stage: Stage): Promise<void>;
  /** What must hold, in words, and whether it does. */
  holds?(now: State, before: State, stage: Stage): readonly (readonly [what: string, holds: boolean])[];
}

/** What images are made of. */
export const sourceIn = ({ place: { given } }: Stage) =>
  given.snapshotId === undefined ? { instanceId: given.instanceId } : { snapshotId: given.snapshotId };

export const tagsOf = ({ place: { run } }: Stage) => ({ [RUN_TAG]: run });

export const output = (one: Recorded | undefined, name: string): unknown => one?.outputs[name];

/** The image on which most scenes build. */
export const goldenOf = (state: State): Recorded => state["golden"]!;

/** A prefix of exports has up to 30 letters and digits. */
export const exportPrefix = (run: string, host = ""): string => `pulumiacceptance${run}${host.slice(0, 1)}`;
