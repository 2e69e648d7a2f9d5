import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { type Credential, defaultCredential, type Emulator, seeds, startEmulator } from "../../emulator";
import { accountsIn } from "../../emulator/world/accounts";
import { compare } from "../../recording/comparison/compare";
import { nightly } from "../support/sample";
import { repository } from "./support";

/** The acceptance run as a user starts it, on the emulator. Time is real. */
const QUICK = { createMs: 800, importMs: 800, exportMs: 800, copyMs: 800, bootMs: 800 };
const other = { accessKeyId: "other-key", accessKeySecret: "other-secret", accountId: "2222222222222222" };
const NETWORK = ["--vswitch-id", seeds.vSwitchId, "--security-group-id", seeds.securityGroupId];
const SECOND = ["--second-region", "cn-beijing", "--second-profile", "other"];
const ALL = ["--bucket", seeds.exportBucket, ...SECOND, ...NETWORK];
const OF_INSTANCE = ["--instance-id", seeds.instanceId, "--yes", ...ALL];
const OF_SNAPSHOT = ["--snapshot-id", seeds.systemSnapshotId, "--yes", ...ALL];

let emulator: Emulator;
/** What a machine has of its own: a home with the profile of the other account, and a folder for the runs. */
let machine: string;
const machines: string[] = [];
function moveToAnotherMachine() {
  machine = mkdtempSync(path.join(tmpdir(), "acceptance-test-"));
  machines.push(machine);
  const profile = {
    name: "other",
    mode: "AK",
    access_key_id: other.accessKeyId,
    access_key_secret: other.accessKeySecret,
  };
  mkdirSync(path.join(machine, ".aliyun"));
  const config = { current: "other", profiles: [profile] };
  writeFileSync(path.join(machine, ".aliyun/config.json"), JSON.stringify(config));
}
beforeEach(async () => {
  emulator = await startEmulator({ durations: QUICK, credentials: [defaultCredential, other] });
  moveToAnotherMachine();
});
afterEach(async () => {
  await emulator.close();
  for (const one of machines.splice(0)) rmSync(one, { recursive: true, force: true, maxRetries: 5 });
});

function start(...args: string[]): ChildProcess {
  const env = {
    ...process.env,
    HOME: machine,
    TMPDIR: machine,
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"),
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

/** Everything in the accounts. The cloud keeps a history of what has ended. */
const held = ({ world }: Emulator) =>
  structuredClone(
    accountsIn(world).map(({ images, snapshots, instances, disks, buckets }) => ({
      images,
      snapshots,
      instances,
      disks,
      buckets,
    })),
  );

const verdicts = (out: string) => [...out.matchAll(/^\S+ +.*? (passed|failed|skipped)\b.*$/gm)].map(([line]) => line);

/** The policies that the page publishes: of the account, of its tests of images, of the second account. */
const [own, ofTests, ofOther] = readFileSync(path.join(repository, "docs/real-account.md"), "utf8")
  .split("```json\n")
  .slice(1)
  .map((block) => JSON.parse(block.split("```")[0]!) as NonNullable<Credential["policy"]>) as [Policy, Policy, Policy];
type Policy = NonNullable<Credential["policy"]>;
const policy: Policy = { Version: own.Version, Statement: [...own.Statement, ...ofTests.Statement] };
const actionsIn = ({ Statement }: Policy) => new Set(Statement.flatMap(({ Action }) => Action));
/** For RAM, a HEAD is a read of the object. Everyone may ask for their own identity. */
const permissionsAsked = (accessKeyId: string) =>
  new Set(
    emulator.calls
      .filter((call) => call.accessKeyId === accessKeyId && call.action !== "GetCallerIdentity")
      .map(({ action }) =>
        /Objects?(V2)?$/.test(action) ? `oss:${action.replace("Head", "Get").replace("V2", "")}` : `ecs:${action}`,
      ),
  );

nightly("every scene passes with the native provider and the published policy, and nothing is left", async () => {
  emulator.credentials.set(defaultCredential.accessKeyId, { ...defaultCredential, policy });
  emulator.credentials.set(other.accessKeyId, { ...other, policy: ofOther });
  const before = held(emulator);
  const { code, out, said } = await run(...OF_INSTANCE, "--host", "native");
  expect(said).toContain("Account 1234567890123456, region cn-hangzhou and cn-beijing.");
  expect(verdicts(out).filter((line) => !/ passed$/.test(line))).toEqual([]);
  expect(verdicts(out).length).toBeGreaterThan(18);
  expect(out).toMatch(/The account holds what it held before\.\n$/);
  expect(code).toBe(0);
  expect(held(emulator)).toEqual(before);
  expect(permissionsAsked(defaultCredential.accessKeyId)).toEqual(actionsIn(policy));
  expect(permissionsAsked(other.accessKeyId)).toEqual(actionsIn(ofOther));
});

nightly("a run with the dynamic provider is recorded, and its recording equals what the emulator does", async () => {
  const before = held(emulator);
  const folder = path.join(machine, "recording");
  const played = ["kill and go on", "end of a share", "import what was exported"];
  const scenes = played.flatMap((scene) => ["--scene", scene]);
  const { code, out } = await run(...OF_SNAPSHOT, "--host", "dynamic", ...scenes, "--record", folder);
  expect([code, verdicts(out).filter((line) => !/ passed$/.test(line))]).toEqual([0, []]);
  expect(held(emulator)).toEqual(before);
  // The clocks of an image and of its recording may differ by a moment.
  const found = (await compare(folder)).filter(({ about }) => !/\.(RemainTime|Progress)$/.test(about));
  expect(found).toEqual([]);
});

nightly("scenes that the account cannot play are skipped with a reason, and the rest is played", async () => {
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

test("nothing is created without a confirmation", async () => {
  const { code, said } = await run("--instance-id", seeds.instanceId);
  expect([code, said]).toEqual([2, expect.stringContaining("give --yes")]);
  expect(emulator.calls).toEqual([]);
});

/** The nth answer to an action in a scene, after which everything is killed. */
const kills: [action: string, nth: number, scene: string][] = [
  ["CreateImage", 2, "replace with a kept name"],
  ["ExportImage", 1, "export"],
  ["RunInstances", 1, "test"],
  ["CreateImage", 1, "create"],
  ["ModifyImageAttribute", 1, "change in place"],
  ["DeleteImage", 1, "replace with a kept name"],
  ["DeleteSnapshot", 1, "create"],
  ["CopyImage", 1, "copy"],
  ["CopyImage", 1, "copy of a shared image"],
  ["DeleteImage", 1, "copy of a shared image"],
  ["DeleteImage", 1, "failing test"],
  ["ModifyImageSharePermission", 1, "share"],
  ["ImportImage", 1, "import what was exported"],
  ["DeleteObject", 1, "export"],
  ["DeleteInstances", 1, "test"],
];

async function killedAfter(action: string, nth: number, ...args: string[]): Promise<{ run: string }> {
  const child = start(...args);
  let count = 0;
  emulator.intercept = (call, phase) => {
    if (phase === "after" && call.action === action && ++count === nth) process.kill(-child.pid!, "SIGKILL");
    return undefined;
  };
  const { said } = await end(child);
  emulator.intercept = undefined;
  expect(count).toBeGreaterThanOrEqual(nth);
  return { run: /--clean-up --run (\w+)/.exec(said)![1]! };
}

nightly.each(kills)("killed after %s %i (%s), a clean-up leaves the account as before", async (action, nth, scene) => {
  const before = held(emulator);
  const source = action === "DeleteSnapshot" ? OF_INSTANCE : OF_SNAPSHOT;
  await killedAfter(action, nth, ...source, "--host", "native", "--scene", scene);
  const { code, out, said } = await run("--clean-up");
  expect({ code, out, said }).toMatchObject({ code: 0, out: expect.stringContaining("holds what it held before") });
  expect(held(emulator)).toEqual(before);
});

nightly("a clean-up on another machine finds what a killed run has left by the run's id", async () => {
  const before = held(emulator);
  const args = ["--host", "dynamic", "--scene", "import what was exported"];
  const killed = await killedAfter("ImportImage", 1, ...OF_SNAPSHOT, ...args);
  moveToAnotherMachine();
  await new Promise((turn) => setTimeout(turn, 1_500)); // the import ends, and has snapshots
  expect((await run("--clean-up", "--run", killed.run, "--bucket", seeds.exportBucket, ...SECOND)).code).toBe(0);
  expect(held(emulator)).toEqual(before);
});
