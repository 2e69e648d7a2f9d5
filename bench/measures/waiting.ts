import { isRead } from "../../emulator/request/action";
import { inputsOf, type Side } from "../inputs";
import { type Line, mean } from "../line";
import { inSlices, openStage } from "../stage";

const SIXTY_MS = 60_000;

/** Images of about 60 s, each alone in its process. Their ends are spread evenly over two seconds. */
export async function oneImage(): Promise<Line[]> {
  const lengths = Array.from({ length: 20 }, (_, i) => SIXTY_MS - 1_000 + 100 * i);
  const seen = async (side: Side) => {
    const waits = [];
    for (const durationMs of lengths) waits.push(await waited(side, [durationMs]));
    return {
      delay: mean(waits.map(({ delayS }) => delayS)),
      queries: Math.max(...waits.map(({ queries }) => queries)),
    };
  };
  const [ours, plain] = [await seen("ours"), await seen("plain")];
  return [
    {
      what: "One image of 60 s: mean delay from ready to known",
      unit: "s",
      ours: ours.delay,
      plain: plain.delay,
      aim: 1,
    },
    { what: "One image of 60 s: queries, at most", unit: "", ours: ours.queries, plain: plain.queries, aim: 15 },
  ];
}

/** A hundred images at once, which become ready between 30 and 90 s, evenly spread and in no order. */
export async function hundredImages(): Promise<Line[]> {
  const lengths = Array.from({ length: 100 }, (_, i) => 30_000 + ((i * 37) % 100) * 600);
  const [ours, plain] = [await waited("ours", lengths), await waited("plain", lengths)];
  return [
    {
      what: "100 images at once, ready from 30 to 90 s: mean delay",
      unit: "s",
      ours: ours.delayS,
      plain: plain.delayS,
      aim: 2,
    },
    {
      what: "100 images at once, ready from 30 to 90 s: queries in all",
      unit: "",
      ours: ours.queries,
      plain: plain.queries,
      aim: 60,
    },
  ];
}

/** A thousand images at once, of 60 s each, with a limit of ten calls a second for each action. */
export async function throttledImages(): Promise<Line[]> {
  const quota = { callsPerSecond: { CreateImage: 10, DescribeImages: 10, UntagResources: 10 } };
  const run = (side: Side) =>
    waited(
      side,
      Array.from({ length: 1_000 }, () => SIXTY_MS),
      quota,
    );
  const [ours, plain] = [await run("ours"), await run("plain")];
  const what = "1,000 images at once, 10 calls/s an action";
  return [
    { what: `${what}: succeeded`, unit: "", ours: ours.known, plain: plain.known, aim: 1_000, atLeast: true },
    {
      what: `${what}: share of calls throttled`,
      unit: "%",
      ours: ours.throttledPercent,
      plain: plain.throttledPercent,
      aim: 1,
    },
    { what: `${what}: calls in all`, unit: "", ours: ours.calls, plain: plain.calls },
    { what: `${what}: all known after`, unit: "s", ours: ours.totalS, plain: plain.totalS },
  ];
}

export interface AtParallel {
  readonly parallel: number;
  readonly ours: Waited;
  readonly plain: Waited;
}

/** How `--parallel` changes 200 new images of 60 s each, with a limit of ten calls a second for each action. */
export async function parallels(): Promise<AtParallel[]> {
  const lengths = Array.from({ length: 200 }, () => SIXTY_MS);
  const quota = { callsPerSecond: { CreateImage: 10, DescribeImages: 10, UntagResources: 10 } };
  const rows: AtParallel[] = [];
  for (const parallel of [8, 16, 32, 64, 200])
    rows.push({
      parallel,
      ours: await waited("ours", lengths, quota, parallel),
      plain: await waited("plain", lengths, quota, parallel),
    });
  return rows;
}

type Waited = Awaited<ReturnType<typeof waited>>;

async function waited(side: Side, lengths: readonly number[], quotas = {}, parallel = lengths.length) {
  const stage = await openStage({ quotas });
  try {
    const { world, calls } = stage.emulator;
    for (const durationMs of lengths) world.scenarios.push({ for: "CreateImage", durationMs });
    const { provider, end } = stage.process(side);
    const startMs = stage.clock.now();
    const made = await stage.turn(
      inSlices(lengths.length, parallel, async (n) => {
        const { id } = await provider.create(inputsOf(n));
        const { span } = world.images.get(id)!;
        return stage.clock.now() - (span.startMs + span.durationMs);
      }),
    );
    const totalS = (stage.clock.now() - startMs) / 1_000;
    const queries = calls.filter(({ action }) => isRead(action)).length;
    await stage.turn(end());
    const throttled = calls.filter(({ answered }) => answered?.code?.startsWith("Throttling")).length;
    return {
      known: made.length,
      delayS: mean(made) / 1_000,
      queries,
      calls: calls.length,
      throttledPercent: (100 * throttled) / calls.length,
      totalS,
    };
  } finally {
    await stage.close();
  }
}
