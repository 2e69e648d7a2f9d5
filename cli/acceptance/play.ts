import { isFailure, messageOf } from "../../provider/failure";
import type { Options } from "./options";
import { markSnapshots } from "./run-snapshots";
import type { Scene } from "./scene";
import { scenes } from "./scenes";
import type { HostName, Place } from "./stage";
import { Stage } from "./stage";

/** The result of one scene. */
export interface Result {
  readonly host: HostName;
  readonly scene: string;
  readonly seconds: number;
  readonly calls: number;
  readonly verdict: "passed" | "failed" | "skipped";
  readonly why: string;
}

/** Refusals that only a change in the account or its region can lift. Such a scene is skipped. */
const NOT_HERE = new RegExp(
  "\\b(Quota\\w*|NoSetRole\\w*|\\w*NotSupport\\w*|\\w*Unsupported|UnsupportedSuffix|InvalidImageFormat|" +
    "UserNotInTheWhiteList|Account\\.Arrearage|InvalidAccountStatus|Forbidden\\.RAM|NotEnoughBalance|" +
    "OperationDenied\\.NoStock)\\b[.\\w]*",
);

/** Plays every scene, and destroys what is left. A failed scene does not stop the others. */
export async function play(
  host: HostName,
  place: Place,
  options: Options,
  report: (result: Result) => void,
): Promise<void> {
  const stage = new Stage(host, place);
  await stage.open();
  const passed = new Set<string>();
  for (const scene of selectedScenes(options.scenes)) {
    const [startedAt, callsBefore] = [performance.now(), stage.calls()];
    const outcome = await playOne(scene, stage, passed);
    if (outcome.verdict === "passed") passed.add(scene.name);
    const seconds = (performance.now() - startedAt) / 1000;
    report({ host, scene: scene.name, seconds, calls: stage.calls() - callsBefore, ...outcome });
    await markSnapshots(place).catch(() => undefined); // tried again after the next scene and in the clean-up
  }
}

/** The selected scenes, the scenes that they build on, and the last one. */
function selectedScenes(names: readonly string[]): readonly Scene[] {
  if (names.length === 0) return scenes;
  const wanted = new Set([...names, "destroy"]);
  for (const { name, after } of [...scenes].reverse()) if (after !== undefined && wanted.has(name)) wanted.add(after);
  return scenes.filter(({ name }) => wanted.has(name));
}

type Outcome = Pick<Result, "verdict" | "why">;

async function playOne(scene: Scene, stage: Stage, passed: ReadonlySet<string>): Promise<Outcome> {
  const missing = (scene.needs ?? []).filter((option) => stage.place.given[option] === undefined);
  if (missing.length > 0) return { verdict: "skipped", why: `needs ${missing.map(asOption).join(", ")}` };
  if (scene.after !== undefined && !passed.has(scene.after))
    return { verdict: "skipped", why: `${scene.after} did not pass` };
  const declaredBefore = new Map(stage.declared);
  try {
    const before = await stage.state();
    for (const [name, one] of Object.entries((await scene.declares?.(stage, before)) ?? {}))
      stage.declared.set(name, one);
    if (scene.does) await scene.does(stage);
    else await stage.up();
    const broken = (scene.holds?.(await stage.state(), before, stage) ?? []).filter(([, holds]) => !holds);
    if (broken.length > 0) throw new Error(`does not hold: ${broken.map(([what]) => what).join(", ")}`);
    if (scene.isBrief) restore(stage, declaredBefore);
    return { verdict: "passed", why: "" };
  } catch (error) {
    restore(stage, declaredBefore);
    stage.lookUp = undefined;
    const why = isFailure(error) ? error.message : messageOf(error);
    return { verdict: NOT_HERE.test(why) ? "skipped" : "failed", why };
  }
}

/** Restores the declarations, so that the next update removes what only this scene declared. */
function restore({ declared }: Stage, before: ReadonlyMap<string, unknown>): void {
  for (const name of [...declared.keys()]) declared.delete(name);
  for (const [name, one] of before) declared.set(name, one as never);
}

const asOption = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
