import { seeds } from "../../emulator";
import { kinds } from "../support/kinds";
import { inputsOf, type Lab, openLab, type Props, resource } from "../support/lab";

/** What the row of a resource says during a long wait. */
const MINUTE_MS = 60_000;
const image = { instanceId: seeds.instanceId };
const archive = { imageId: "m-exportable", ossBucket: seeds.exportBucket };

let lab: Lab;
beforeEach(async () => {
  const durations = { createMs: 12 * MINUTE_MS, exportMs: 40 * MINUTE_MS };
  lab = await openLab({ world: kinds[0]!.world(), durations });
});
afterEach(() => lab.close());

/** The lines of a wait, each with the percent and the minutes that it tells. */
const lines = () =>
  lab.said.shown.flatMap((text) => {
    const percent = /\((\d+)%\)/.exec(text)?.[1];
    const minutes = /about (\d+) min left/.exec(text)?.[1];
    return percent === undefined ? [] : [{ text, percent: Number(percent), minutes: minutes && Number(minutes) }];
  });

/** Whether every estimate of the time left is right to a tenth, and a minute. */
function expectTrue(totalMinutes: number): void {
  const told = lines().filter(({ minutes }) => minutes !== undefined);
  expect(told.length).toBeGreaterThan(3);
  for (const { percent, minutes } of told) {
    const left = (totalMinutes * (100 - percent)) / 100;
    expect(Math.abs(Number(minutes) - left)).toBeLessThanOrEqual(1 + left / 10);
  }
}

it("shows the time left that ECS reports", async () => {
  await resource(lab, "CustomImage").up(image);
  expectTrue(12);
});

it("shows a time left from the speed of the percentage if the API reports none, as for an export", async () => {
  await resource(lab, "ImageExport").up(archive);
  expectTrue(40);
});

it("shows the right time left after an earlier run has waited for half of it", async () => {
  const subject = resource(lab, "ImageExport");
  await subject.up(archive, { timeouts: { create: "20m" } });
  lab.said.shown.length = 0;
  await subject.up(archive);
  expect(lines()[0]).toMatchObject({ percent: 50, minutes: undefined });
  expectTrue(40);
});

it("shows how long the replaced one took, although another process created it", async () => {
  const subject = resource(lab, "ImageExport");
  await subject.up(archive);
  await subject.up({ ...archive, deleteObjects: true }); // an update keeps what is known
  lab.said.shown.length = 0;
  await subject.up({ ...archive, ossPrefix: "again" });
  const texts = lines().map(({ text }) => text);
  expect(texts[0]).toBe("Waiting (0%), the last one took 40 min");
  expect(texts).toContainEqual(
    expect.stringMatching(/^Processing \(\d+%\), about 20 min left, the last one took 40 min$/),
  );
});

it("shows how long others of its type took on average", async () => {
  const process = lab.process();
  const created = (name: string, args: Props) =>
    lab.turn(process.of("ImageExport").create(inputsOf("ImageExport", name, args)));
  await created("one", { ...archive, ossPrefix: "one" });
  await created("two", { ...archive, ossPrefix: "two" });
  await created("three", { ...archive, ossPrefix: "three" });
  expect(
    lines()
      .filter(({ percent }) => percent === 0)
      .map(({ text }) => text),
  ).toEqual(["Waiting (0%)", "Waiting (0%), another one took 40 min", "Waiting (0%), others took 40 min on average"]);
});

it("ignores the time of an interrupted creation", async () => {
  const subject = resource(lab, "ImageExport");
  await subject.up(archive, { timeouts: { create: "20m" } });
  await lab.clock.advance(24 * 60 * MINUTE_MS);
  await subject.up(archive);
  lab.said.shown.length = 0;
  await subject.up({ ...archive, ossPrefix: "again" });
  expect(lines()[0]!.text).toBe("Waiting (0%)");
});
