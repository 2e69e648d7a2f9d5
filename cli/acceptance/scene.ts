import type { Declared, Given, Recorded, Stage, State } from "./stage";

/** The tag of everything that an acceptance run creates; its value is the run's id. */
export const RUN_TAG = "pulumi-acceptance";

/** One scene: what the program declares from now on, what the engine does, and what must hold afterwards. */
export interface Scene {
  readonly name: string;
  /** The options that it requires. */
  readonly needs?: readonly (keyof Given)[];
  /** The scene that it builds on. */
  readonly after?: string;
  /** Whether its declarations apply to this scene only. */
  readonly isBrief?: true;
  declares?(
    stage: Stage,
    state: State,
  ): Readonly<Record<string, Declared>> | Promise<Readonly<Record<string, Declared>>>;
  /** What the engine does instead of a plain `pulumi up`. */
  does?(stage: Stage): Promise<void>;
  /** Each condition in words, with whether it holds. */
  holds?(now: State, before: State, stage: Stage): readonly (readonly [what: string, holds: boolean])[];
}

/** The source of the images. */
export const sourceIn = ({ place: { given } }: Stage) =>
  given.snapshotId === undefined ? { instanceId: given.instanceId } : { snapshotId: given.snapshotId };

export const tagsOf = ({ place: { run } }: Stage) => ({ [RUN_TAG]: run });

export const output = (one: Recorded | undefined, name: string): unknown => one?.outputs[name];

/** The image on which most scenes build. */
export const goldenOf = (state: State): Recorded => state["golden"]!;

/** The prefix of the run's exports: at most 30 letters and digits. */
export const exportPrefix = (run: string, host = ""): string => `pulumiacceptance${run}${host.slice(0, 1)}`;
