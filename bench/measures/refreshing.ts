import { isRead } from "../../emulator/request/action";
import { inputsOf, type Props, type Side } from "../inputs";
import type { Line } from "../line";
import { inSlices, openStage, type Stage } from "../stage";

/** The engine's default is four per core. */
const SLICES = [8, 16, Number.POSITIVE_INFINITY];
const AIMS = { 100: 3, 1000: 15 } as const;

export async function refreshes(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const count of [100, 1_000] as const) {
    const stage = await openStage({ durations: { createMs: 1_000 } });
    try {
      const made = await create(stage, count);
      for (const parallel of SLICES) {
        const [ours, plain] = [
          await refreshed(stage, "ours", made, parallel),
          await refreshed(stage, "plain", made, parallel),
        ];
        const manner = Number.isFinite(parallel) ? `${parallel} at a time` : "all at once";
        lines.push({
          what: `Refresh of ${count.toLocaleString("en")} images, ${manner}: queries`,
          unit: "",
          ours: ours.queries,
          plain: plain.queries,
          aim: AIMS[count],
        });
        if (parallel === 8)
          lines.push({
            what: `Refresh of ${count.toLocaleString("en")} images, ${manner}: time in calls`,
            unit: "s",
            ours: ours.seconds,
            plain: plain.seconds,
          });
      }
    } finally {
      await stage.close();
    }
  }
  return lines;
}

type Provider = ReturnType<Stage["process"]>["provider"];

async function plan(provider: Provider, id: string, inputs: Props, state: Props): Promise<void> {
  const checked = await provider.check(inputs, inputs);
  const { changes } = await provider.diff(id, state, checked.inputs);
  if (changes) throw new Error("a plan without changes found one");
}

/** A plan without changes: only what the engine asks the provider. */
export async function noChange(): Promise<Line[]> {
  const stage = await openStage({ durations: { createMs: 1_000 } });
  try {
    const made = await create(stage, 100);
    const planned = async (side: Side) => {
      const { provider } = stage.process(side);
      stage.actions();
      const rounds = 20;
      let startMs = 0;
      for (let round = -1; round < rounds; round++) {
        if (round === 0) startMs = performance.now(); // the first round warms up
        // the plain provider's state has only the inputs
        for (const { id, inputs, outs } of made) await plan(provider, id, inputs, side === "ours" ? outs : inputs);
      }
      return { ms: (performance.now() - startMs) / (rounds * made.length), calls: stage.actions().length };
    };
    const [ours, plain] = [await planned("ours"), await planned("plain")];
    return [
      { what: "No-change up of 100 images: calls", unit: "", ours: ours.calls, plain: plain.calls, aim: 0 },
      {
        what: "No-change up: check and diff of one resource, warm",
        unit: "ms",
        ours: ours.ms,
        plain: plain.ms,
        aim: 1,
      },
    ];
  } finally {
    await stage.close();
  }
}

interface Made {
  readonly id: string;
  readonly inputs: Props;
  readonly outs: Props;
}

async function create(stage: Stage, count: number): Promise<Made[]> {
  const { provider, end } = stage.process("ours");
  const made = await stage.turn(
    inSlices(count, count, async (n) => {
      const inputs = inputsOf(n);
      return { ...(await provider.create(inputs)), inputs };
    }),
  );
  await stage.turn(end());
  return made;
}

async function refreshed(stage: Stage, side: Side, made: readonly Made[], parallel: number) {
  const { provider } = stage.process(side);
  stage.actions();
  const startMs = stage.clock.now();
  await stage.turn(
    inSlices(made.length, parallel, async (n) => {
      const { id, outs } = made[n]!;
      const read = await provider.read(id, outs);
      if (read.id !== id) throw new Error("a refresh lost an image");
    }),
  );
  return { queries: stage.actions().filter(isRead).length, seconds: (stage.clock.now() - startMs) / 1_000 };
}
