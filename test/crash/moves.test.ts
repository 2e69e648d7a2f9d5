import { seeds } from "../../emulator";
import { callOrphans, exported } from "../cli/terminal";
import { FRONTS, type Front } from "../support/fronts";
import { openLab, type Props, type Resource, resource } from "../support/lab";
import {
  addLookalikes,
  imagesBeside,
  isUsed,
  MOVES,
  type Move,
  prepare,
  release,
  shrink,
  worldOf,
} from "../support/moves";
import { inTurn, isFull, ofHost, oneOf } from "../support/sample";
import { KILLS, type Kill, killer, watched } from "./sweep";

// A move of the resource, then a kill at each point of the next `up`, with images of others around.

const KEEP = 1;

const build = (number: number, source: Props = { instanceId: seeds.instanceId }): Props => ({
  ...source,
  triggers: [number],
  deleteSnapshots: true,
  keepVersions: KEEP,
});

const versions = ({ state }: Resource): string[] =>
  ((state?.outputs["previousVersions"] ?? []) as { imageId: string }[]).map(({ imageId }) => imageId);

interface Trial {
  readonly front: Front;
  readonly move: Move;
  readonly at?: number;
  readonly kill?: Kill;
}

/** What does not hold after a kill at this point and a repeated `up`, and the number of points. */
async function tried({ front, move, at, kill = "everything" }: Trial) {
  const lab = await openLab({ durations: { createMs: 5_000 } }, {}, { front });
  try {
    prepare(lab);
    addLookalikes(lab);
    const before = worldOf(lab);
    const others = imagesBeside(lab);
    const own = () => imagesBeside(lab).filter((id) => !others.includes(id));
    const it = resource(lab, "CustomImage");
    for (const number of [1, 2]) await it.up(build(number));
    const { options = {}, source, mayForget = false } = move(it, lab, front) ?? {};
    const strike = killer(lab, at, kill);
    const run = () => it.up(build(3, source), options);
    await watched(lab, run, (happening) => {
      if ("call" in happening && happening.phase === "after") shrink(lab);
      return strike.order(happening);
    });
    await lab.clock.advance(5_000);
    const found: string[] = [...strike.afterlife];
    const note = ({ did, error }: { did: string; error?: string }) =>
      error && found.push(`${did} ended with: ${error}`);
    note(await run());
    note(await it.refresh());
    const held = [it.state?.id, ...versions(it)];
    const isForgotten = mayForget && own().some((id) => !held.includes(id));
    if (isForgotten)
      await callOrphans(lab, ["--state", "-", "--delete", "--yes", "--retained", "--older-than", "0s"], {
        input: exported([{ kind: "CustomImage", recorded: it.state! }]),
      });
    if (own().some((id) => !held.includes(id))) found.push(`${own()} are there, and the state has ${held}`);
    if (held.some((id) => !own().includes(id!))) found.push(`the state has ${held}, and ${own()} are there`);
    if (held.length > 1 + KEEP + (isUsed(lab) ? 1 : 0)) found.push(`there are too many: ${held}`);
    if (held.length < 1 + KEEP && !isForgotten) found.push(`a version is lost: only ${held} are left`);
    release(lab);
    note(await it.destroy());
    if (worldOf(lab) !== before) found.push(`after the destroy ${own()} are left, and ${others} were there`);
    return { points: strike.points, found };
  } finally {
    await lab.close();
  }
}

describe.each(FRONTS)("%s host, keepVersions, after", (front) => {
  it.each(Object.keys(MOVES).filter(ofHost(front)))(
    "%s, killed anywhere: one image and its versions are left, all in the state",
    async (name) => {
      const move = MOVES[name]!;
      const clean = await tried({ front, move });
      expect(clean.found).toEqual([]);
      const complaints: string[] = [];
      const changing = [...clean.points.keys()].filter((at) => isFull || !clean.points[at]!.isMonotonous);
      const places = oneOf(24, changing, Object.keys(MOVES).indexOf(name));
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

/** With `--replace` the engine shows no old inputs: neither the former region nor the other provider's lineage. */
const SHOWN_BY_OLD_INPUTS = [MOVES["another region"], MOVES["a move to the other provider"]];

/** Both in one `up`. */
const together =
  (one: Move, other: Move): Move =>
  (it, lab, front) => {
    const [first, second] = [one(it, lab, front) ?? {}, other(it, lab, front) ?? {}];
    const options = { ...first.options, ...second.options };
    const isHidden = options.replace && [one, other].some((move) => SHOWN_BY_OLD_INPUTS.includes(move));
    return { ...first, ...second, ...(isHidden && { mayForget: true }), options };
  };

const names = Object.keys(MOVES);
const pairs = names.flatMap((one, at) => names.slice(at + 1).map((other) => [one, other] as const));

describe.each(FRONTS)("%s host, keepVersions, after two moves in one up,", (front) => {
  it.each(oneOf(16, pairs, FRONTS.indexOf(front)))(
    "%s and %s: one image and its versions are left, all in the state",
    async (one, other) => {
      expect((await tried({ front, move: together(MOVES[one]!, MOVES[other]!) })).found).toEqual([]);
    },
  );
});
