import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultCredential, type Emulator, seeds, startEmulator } from "../../emulator";
import { compare } from "../../recording/comparison/compare";
import { repository } from "./support";

/** The acceptance run as a user starts it, with the emulator as the account. Seconds are real here. */
const QUICK = { createMs: 800, importMs: 800, exportMs: 800, copyMs: 800 };
const ALL = ["--bucket", seeds.exportBucket, "--second-region", "cn-beijing", "--account-id", "1000000000000001"];
const OF_INSTANCE = ["--instance-id", seeds.instanceId, "--yes", ...ALL];
const OF_SNAPSHOT = ["--snapshot-id", seeds.systemSnapshotId, "--yes", ...ALL];

let emulator: Emulator;
let place: string;
beforeEach(async () => {
  emulator = await startEmulator({ durations: QUICK });
  place = mkdtempSync(path.join(tmpdir(), "acceptance-test-"));
});
afterEach(async () => {
  await emulator.close();
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
});

function start(...args: string[]): ChildProcess {
  const env = {
    ...process.env,
    TMPDIR: place,
    ALICLOUD_ACCESS_KEY: defaultCredential.accessKeyId,
    ALICLOUD_SECRET_KEY: defaultCredential.accessKeySecret,
    ALICLOUD_REGION: seeds.regionId,
    ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
    ALIBABA_CLOUD_ENDPOINT_OSS: emulator.endpoint,
    ALIBABA_CLOUD_ENDPOINT_STS: emulator.endpoint,
  };
  return spawn(process.execPath, [path.join(repository, "scripts/acceptance.mjs"), ...args], { env, detached: true });
}

function end(child: ChildProcess): Promise<{ code: number | null; out: string; said: string }> {
  let [out, said] = ["", ""];
  child.stdout!.on("data", (text) => (out += text));
  child.stderr!.on("data", (text) => (said += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, said })));
}

const run = (...args: string[]) => end(start(...args));

/** Everything in the account that a run could change. */
const held = ({ world }: Emulator) => ({
  images: [...world.images.values()].map(({ imageId, imageName, tags, sharedWith }) => [
    imageId,
    imageName,
    [...tags],
    sharedWith,
  ]),
  snapshots: [...world.snapshots.values()].map(({ snapshotId, tags }) => [snapshotId, [...tags]]),
  instances: [...world.instances.keys()],
  objects: [...world.buckets.values()].flatMap(({ name, objects }) =>
    [...objects.keys()].map((key) => `${name}/${key}`),
  ),
});

const verdicts = (out: string) => [...out.matchAll(/^\S+ +.*? (passed|failed|skipped)\b.*$/gm)].map(([line]) => line);

/** The policy that the page publishes. */
const policy = JSON.parse(
  readFileSync(path.join(repository, "docs/real-account.md"), "utf8").split("```json\n")[1]!.split("```")[0]!,
) as { Version: string; Statement: { Effect: "Allow"; Action: string[]; Resource: string[] }[] };
/** A HEAD is a read of the object, for RAM. Who one is may be asked by everybody. */
const permissionsAsked = () =>
  emulator.calls
    .map(({ action }) => action)
    .filter((action) => action !== "GetCallerIdentity")
    .map((action) =>
      /Objects?(V2)?$/.test(action) ? `oss:${action.replace("Head", "Get").replace("V2", "")}` : `ecs:${action}`,
    );

test("every scene passes with the native provider and the published policy, and nothing is left", async () => {
  emulator.credentials.set(defaultCredential.accessKeyId, { ...defaultCredential, policy });
  const before = held(emulator);
  const { code, out, said } = await run(...OF_INSTANCE, "--host", "native");
  expect(said).toContain("Account 1234567890123456, region cn-hangzhou and cn-beijing.");
  expect(verdicts(out).filter((line) => !/ passed$/.test(line))).toEqual([]);
  expect(verdicts(out).length).toBeGreaterThan(12);
  expect(out).toMatch(/The account holds what it held before\.\n$/);
  expect(code).toBe(0);
  expect(held(emulator)).toEqual(before);
  const published = policy.Statement.flatMap(({ Action }) => Action);
  expect(new Set(permissionsAsked())).toEqual(new Set(published));
});

test("a run with the dynamic provider is recorded, and its recording differs from the emulator in nothing", async () => {
  const before = held(emulator);
  const folder = path.join(place, "recording");
  const scenes = ["kill and go on", "import what was exported"].flatMap((scene) => ["--scene", scene]);
  const { code, out } = await run(...OF_SNAPSHOT, "--host", "dynamic", ...scenes, "--record", folder);
  expect([code, verdicts(out).filter((line) => !/ passed$/.test(line))]).toEqual([0, []]);
  expect(held(emulator)).toEqual(before);
  // A moment may pass between the clock of an image and that of its recording.
  const found = (await compare(folder)).filter(({ about }) => !/\.(RemainTime|Progress)$/.test(about));
  expect(found).toEqual([]);
});

test("what the account does not have is skipped with its reason, and the rest is played", async () => {
  const { code, out } = await run(
    "--instance-id",
    seeds.instanceId,
    "--yes",
    "--host",
    "native",
    "--scene",
    "export",
    "--scene",
    "no change",
  );
  expect(verdicts(out)).toEqual([
    expect.stringMatching(/create .* passed$/),
    expect.stringMatching(/no change .* passed$/),
    expect.stringMatching(/export .* skipped +needs --bucket$/),
    expect.stringMatching(/destroy .* passed$/),
  ]);
  expect(code).toBe(0);
});

test("nothing is created before somebody has agreed", async () => {
  const { code, said } = await run("--instance-id", seeds.instanceId);
  expect([code, said]).toEqual([2, expect.stringContaining("give --yes")]);
  expect(emulator.calls).toEqual([]);
});

/** The nth answer to an action, in a scene, after which everything is killed. */
const kills: [action: string, nth: number, scene: string][] = [
  ["CreateImage", 2, "replace with a kept name"],
  ["ExportImage", 1, "export"],
  ["CreateImage", 1, "create"],
  ["ModifyImageAttribute", 1, "change in place"],
  ["DeleteImage", 1, "replace with a kept name"],
  ["DeleteSnapshot", 1, "destroy"],
  ["CopyImage", 1, "copy"],
  ["ModifyImageSharePermission", 1, "share"],
  ["ImportImage", 1, "import what was exported"],
  ["DeleteObject", 1, "export"],
];
const meant = process.env["ACCEPTANCE_KILLS"] === "all" ? kills : kills.slice(0, 2);

test.each(meant)("killed after %s %i (%s), a clean-up leaves the account as before", async (action, nth, scene) => {
  const before = held(emulator);
  const source = action === "DeleteSnapshot" ? OF_INSTANCE : OF_SNAPSHOT;
  const scenes = ["--scene", scene, ...(scene === "destroy" ? ["--scene", "create"] : [])];
  const child = start(...source, "--host", "native", ...scenes);
  let count = 0;
  emulator.intercept = (call, phase) => {
    if (phase === "after" && call.action === action && ++count === nth) process.kill(-child.pid!, "SIGKILL");
    return undefined;
  };
  await end(child);
  emulator.intercept = undefined;
  expect(count).toBeGreaterThanOrEqual(nth);
  const { code, out, said } = await run("--clean-up");
  expect({ code, out, said }).toMatchObject({ code: 0, out: expect.stringContaining("holds what it held before") });
  expect(held(emulator)).toEqual(before);
});
