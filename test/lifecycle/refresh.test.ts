import { seeds } from "../../emulator";
import { inputsOf, type Lab, openLab, type Props } from "../support/lab";

const COUNT = 40;
const PARALLEL = 8;

let lab: Lab;
let made: { id: string; inputs: Props; outs: Props }[];

beforeAll(async () => {
  lab = await openLab({ durations: { createMs: 1_000 } });
  const process = lab.process();
  made = await lab.turn(
    Promise.all(
      Array.from({ length: COUNT }, async (_, n) => {
        const inputs = inputsOf("CustomImage", `golden-${n}`, {
          snapshotId: seeds.systemSnapshotId,
          imageName: `golden-${n}`,
          description: "before",
        });
        return { ...(await process.of("CustomImage").create(inputs)), inputs };
      }),
    ),
  );
  await process.end();
});
afterAll(() => lab.close());

const looksSince = (start: number) =>
  lab.emulator.calls.slice(start).filter(({ action }) => action === "DescribeImages").length;

/** One process, in which the engine reads all images, a few at a time. */
async function refresh() {
  const process = lab.process();
  const provider = process.of("CustomImage");
  const read = new Map<string, Props>();
  let next = 0;
  const worker = async () => {
    for (let one = made[next++]; one; one = made[next++])
      read.set(one.id, (await provider.read(one.id, one.outs)).props);
  };
  await lab.turn(Promise.all(Array.from({ length: PARALLEL }, worker)));
  return { process, provider, read };
}

describe("a refresh of many images", () => {
  it("reads the current state of each with few queries in all", async () => {
    lab.emulator.world.images.get(made[33]!.id)!.description = "changed by hand";
    const start = lab.emulator.calls.length;
    const { read } = await refresh();
    expect(looksSince(start)).toBeLessThanOrEqual(3);
    expect(read.get(made[33]!.id)).toMatchObject({ description: "changed by hand" });
    expect(read.get(made[32]!.id)).toMatchObject({ description: "before", imageId: made[32]!.id });
  });

  it("reports one that is gone, after a query for it alone", async () => {
    const gone = made.pop()!;
    lab.emulator.world.images.delete(gone.id);
    const start = lab.emulator.calls.length;
    const { provider } = await refresh();
    await expect(lab.turn(provider.read(gone.id, gone.outs))).resolves.toEqual({ id: "", props: {} });
    expect(lab.emulator.calls.slice(start).map(({ params }) => params["ImageId"])).toContain(gone.id);
  });

  it("sees what the same process has just changed", async () => {
    const { provider } = await refresh();
    const { id, inputs, outs } = made[20]!;
    await lab.turn(provider.update(id, outs, { ...inputs, description: "after" }));
    const { props } = await lab.turn(provider.read(id, outs));
    expect(props).toMatchObject({ description: "after" });
  });
});
