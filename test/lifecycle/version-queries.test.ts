import { seeds } from "../../emulator";
import { inputsOf, type Lab, openLab, type Props } from "../support/lab";

// Thirty images that keep versions share their queries as thirty do that keep none.

const COUNT = 30;

let lab: Lab;
afterEach(() => lab.close());

type Made = { readonly inputs: Props; readonly id: string; readonly outs: Props };

/** One run of the engine, and how often it asked for images. */
async function queriesOf<T>(run: (process: ReturnType<Lab["process"]>, n: number) => Promise<T>) {
  const from = lab.emulator.calls.length;
  const process = lab.process();
  const results = await lab.turn(Promise.all(Array.from({ length: COUNT }, (_, n) => run(process, n))));
  await process.end();
  const queries = lab.emulator.calls.slice(from).filter(({ action }) => action === "DescribeImages").length;
  return { results, queries };
}

async function made(keepVersions: number, build: number, before?: readonly Made[]) {
  return queriesOf<Made>(async (process, n) => {
    const provider = process.of("CustomImage");
    const args = { snapshotId: seeds.systemSnapshotId, triggers: [build], keepVersions };
    const old = before?.[n];
    const first = await provider.check(old?.inputs ?? {}, inputsOf("CustomImage", `golden-${n}`, args));
    if (old) await provider.diff(old.id, old.outs, first.inputs);
    const created = { inputs: first.inputs, ...(await provider.create(first.inputs)) };
    if (old) await provider.delete(old.id, old.outs);
    return created;
  });
}

const refreshed = (all: readonly Made[]) =>
  queriesOf((process, n) => process.of("CustomImage").read(all[n]!.id, all[n]!.outs));

it("adds one shared query to create, replace and refresh images that keep versions", async () => {
  const queries = async (keepVersions: number) => {
    lab = await openLab({ durations: { createMs: 60_000 } });
    const first = await made(keepVersions, 1);
    const second = await made(keepVersions, 2, first.results);
    const counts = [first.queries, second.queries, (await refreshed(second.results)).queries];
    await lab.close();
    return counts;
  };
  const [without, withVersions] = [await queries(0), await queries(2)];
  for (const [i, count] of withVersions.entries()) expect(count - without[i]!).toBeLessThanOrEqual(1);
});
