import { seeds } from "../../emulator";
import { FRONTS, type Front } from "../support/fronts";
import { type Lab, openLab, type Props, type Resource, resource, type UpOptions } from "../support/lab";
import { inTurn, isFull, oneOf } from "../support/sample";
import { KILLS, type Kill, killer, watched } from "./sweep";

// A move of the resource, an instance that uses an image, and a kill at each point of the `up` that follows.

const KEEP = 1;

const build = (number: number): Props => ({
  instanceId: seeds.instanceId,
  triggers: [number],
  deleteSnapshots: true,
  keepVersions: KEEP,
});

const own = ({ emulator }: Lab): string[] =>
  [...emulator.world.images.values()].filter(({ owner }) => owner === "self").map(({ imageId }) => imageId);
const versions = ({ state }: Resource): string[] =>
  ((state?.outputs["previousVersions"] ?? []) as { imageId: string }[]).map(({ imageId }) => imageId);
const world = ({ emulator }: Lab) =>
  JSON.stringify([[...emulator.world.images.keys()], [...emulator.world.snapshots.keys()]]);

function use(lab: Lab, imageId: string): void {
  const { instances } = lab.emulator.world;
  instances.set("i-fleet", { ...instances.get(seeds.instanceId)!, instanceId: "i-fleet", imageId });
}

type Move = (it: Resource, lab: Lab, front: Front) => UpOptions | undefined;
const MOVES: Readonly<Record<string, Move>> = {
  "an alias": (it) => void it.alias({ name: "web" }),
  "another parent": (it) => void it.alias({ parents: "pulumi-nodejs:dynamic/alicloud-image:CustomImage$" }),
  "a move to the other provider": (it, _lab, front) => void it.moveTo(front === "native" ? "dynamic" : "native"),
  deleteBeforeReplace: () => ({ deleteBeforeReplace: true }),
  "instances that use the replaced image": (it, lab) => void use(lab, it.state!.id),
  "instances that use a version": (it, lab) => void use(lab, versions(it)[0]!),
};

interface Trial {
  readonly front: Front;
  readonly move: Move;
  readonly at?: number;
  readonly kill?: Kill;
}

/** What does not hold after a kill at this point and the same `up` once more, and how many points there are. */
async function tried({ front, move, at, kill = "everything" }: Trial) {
  const lab = await openLab({ durations: { createMs: 5_000 } }, {}, { front });
  try {
    const before = world(lab);
    const it = resource(lab, "CustomImage");
    for (const number of [1, 2]) await it.up(build(number));
    const options = move(it, lab, front) ?? {};
    const strike = killer(lab, at, kill);
    await watched(
      lab,
      () => it.up(build(3), options),
      (happening) => strike.order(happening),
    );
    await lab.clock.advance(5_000);
    const found: string[] = [...strike.afterlife];
    const note = ({ did, error }: { did: string; error?: string }) =>
      error && found.push(`${did} ended with: ${error}`);
    note(await it.up(build(3), options));
    note(await it.refresh());
    const held = [it.state?.id, ...versions(it)];
    const isInUse = lab.emulator.world.instances.has("i-fleet");
    if (own(lab).some((id) => !held.includes(id))) found.push(`${own(lab)} are there, and the state has ${held}`);
    if (held.some((id) => !own(lab).includes(id!))) found.push(`the state has ${held}, and ${own(lab)} are there`);
    if (held.length > 1 + KEEP + (isInUse ? 1 : 0)) found.push(`there are too many: ${held}`);
    if (held.length < 1 + KEEP) found.push(`a version is lost: only ${held} are left`);
    lab.emulator.world.instances.delete("i-fleet");
    note(await it.destroy());
    if (world(lab) !== before) found.push(`after the destroy ${own(lab)} are left`);
    return { points: strike.points, found };
  } finally {
    await lab.close();
  }
}

describe.each(FRONTS)("%s host, keepVersions, after", (front) => {
  it.each(Object.keys(MOVES))(
    "%s, killed anywhere: one image and its versions are left, all in the state",
    async (name) => {
      const move = MOVES[name]!;
      const clean = await tried({ front, move });
      expect(clean.found).toEqual([]);
      const complaints: string[] = [];
      const changing = [...clean.points.keys()].filter((at) => isFull || !clean.points[at]!.isMonotonous);
      const places = oneOf(front === "native" ? 6 : 4, changing, Object.keys(MOVES).indexOf(name));
      for (const [n, at] of places.entries()) {
        for (const kill of inTurn(KILLS, n)) {
          const { found } = await tried({ front, move, at, kill });
          const point = clean.points[at]!;
          if (found.length > 0)
            complaints.push(`${kill} killed at ${at}, ${point.name} (${point.phase}): ${found.join("; ")}`);
        }
      }
      expect(complaints).toEqual([]);
    },
  );
});
