import { CREATE_MS, engineRun } from "../engine-run";
import type { Line } from "../line";

/** The same number of new resources on the real engine: images, and resources that only sleep for the same time. */
export async function engineScale(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [count, withinS] of [
    [30, 1],
    [1_000, 10],
  ] as const) {
    const sleepers = await engineRun("sleepers", count);
    const large = await engineRun("sleepersWithOutputs", count);
    const images = await engineRun("images", count);
    const what = `${count.toLocaleString("en")} images of ${CREATE_MS / 1_000} s on the engine, all at once`;
    const calls = Object.values(images.calls).reduce((sum, each) => sum + each, 0);
    lines.push(
      { what: `${what}: beyond sleepers`, unit: "s", ours: images.seconds - sleepers.seconds, aim: withinS },
      {
        what: "... beyond sleepers with as many outputs",
        unit: "s",
        ours: images.seconds - large.seconds,
        aim: withinS,
      },
      { what: "... in all; sleepers in the other column", unit: "s", ours: images.seconds, plain: sleepers.seconds },
      { what: "... calls to the cloud", unit: "", ours: calls },
    );
  }
  return lines;
}
