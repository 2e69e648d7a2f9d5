import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { seeds } from "../../emulator";
import { type Exchange, recordingIn } from "../../recording/exchange";
import { record } from "../../recording/recorder";
import { serveRecording } from "../../recording/replay";
import { openLab, type Props, resource } from "../support/lab";

/** A life, recorded from one cloud. */
async function recorded(life: (one: ReturnType<typeof resource>) => Promise<unknown>): Promise<Exchange[]> {
  const lab = await openLab();
  const folder = mkdtempSync(path.join(tmpdir(), "replayed-"));
  const stop = record(folder, "a key", lab.clock.now);
  try {
    await life(resource(lab, "CustomImage"));
  } finally {
    stop();
    await lab.close();
  }
  return recordingIn(folder);
}

const lifeOf = (args: Props) => async (one: ReturnType<typeof resource>) => {
  const outcomes = [
    await one.up(args),
    await one.up({ ...args, description: "changed" }),
    await one.refresh(),
    await one.up({ ...args, description: "changed", triggers: [1] }),
  ];
  return { outcomes, state: one.state, end: await one.destroy() };
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

test("a recording takes the provider through the same lifecycle as the recorded cloud", async () => {
  const calls = await recorded(lifeOf({ instanceId: seeds.instanceId, imageName: "golden", deleteSnapshots: true }));
  const [first, second] = calls.filter(({ action, status }) => action === "CreateImage" && status === 200);
  const replay = await serveRecording(calls);
  const lab = await openLab(
    {},
    { "alicloud:endpoints": JSON.stringify({ ecs: replay.endpoint, oss: replay.endpoint, sts: replay.endpoint }) },
  );
  const args = {
    instanceId: first!.params["InstanceId"],
    imageName: first!.params["ImageName"],
    deleteSnapshots: true,
  };
  open.push(replay, lab);
  const { outcomes, state, end } = await lifeOf(args)(resource(lab, "CustomImage"));
  expect(outcomes.map(({ did, error }) => [did, error])).toEqual([
    ["create", undefined],
    ["update", undefined],
    ["refresh", undefined],
    ["replace", undefined],
  ]);
  expect(state).toMatchObject({ id: (second!.body as { ImageId: string }).ImageId, outputs: { status: "Available" } });
  expect(end).toEqual({ did: "delete" });
  expect(replay.unanswered).toEqual([]);
  expect(lab.emulator.calls).toEqual([]);
});

test("a call without a recorded answer is refused and named", async () => {
  const replay = await serveRecording([]);
  const lab = await openLab({}, { "alicloud:endpoints": JSON.stringify({ ecs: replay.endpoint }) });
  open.push(replay, lab);
  const outcome = await resource(lab, "CustomImage").up({ instanceId: seeds.instanceId });
  expect(outcome.error).toContain("The recording has no answer");
  expect(replay.unanswered).toContainEqual(expect.objectContaining({ action: "DescribeImages" }));
});

test("a call about an image that is not in the recording is refused", async () => {
  const calls = await recorded(lifeOf({ instanceId: seeds.instanceId, imageName: "golden" }));
  const replay = await serveRecording(calls);
  const lab = await openLab(
    {},
    { "alicloud:endpoints": JSON.stringify({ ecs: replay.endpoint }) },
    { front: "native" },
  );
  open.push(replay, lab);
  const outcome = await resource(lab, "CustomImage").importByCommand("m-another");
  expect(outcome.error).toContain("The recording has no answer");
  expect(replay.unanswered).toContainEqual(
    expect.objectContaining({ action: "DescribeImages", params: expect.objectContaining({ ImageId: "m-another" }) }),
  );
});
