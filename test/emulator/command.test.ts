import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { runCommand } from "../../emulator/command";
import { call } from "./signed-call";

const running: Emulator[] = [];
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
});

async function run(...args: string[]) {
  let told = "";
  let complained = "";
  const outcome = await runCommand(
    args,
    (text) => (told += text),
    (text) => (complained += text),
  );
  if (typeof outcome !== "number") running.push(outcome);
  return {
    told,
    complained,
    exitCode: typeof outcome === "number" ? outcome : undefined,
    emulator: typeof outcome === "number" ? undefined : outcome,
  };
}

test("it says where it listens, what it holds, and how to use it by environment and by stack", async () => {
  const { told, emulator } = await run("--port", "0", "--access-key", "mine", "--secret-key", "my-secret");
  const { endpoint } = emulator!;
  for (const line of [
    seeds.instanceId,
    seeds.systemSnapshotId,
    seeds.imageBucket,
    "export ALICLOUD_ACCESS_KEY=mine",
    "export ALICLOUD_SECRET_KEY=my-secret",
    "export ALICLOUD_REGION=cn-hangzhou",
    `export ALIBABA_CLOUD_ENDPOINT_ECS=${endpoint}`,
    `export ALIBABA_CLOUD_ENDPOINT_OSS=${endpoint}`,
    `export ALIBABA_CLOUD_ENDPOINT_STS=${endpoint}`,
    `pulumi config set alicloud:endpoints '{"ecs":"${endpoint}"`,
  ]) {
    expect(told).toContain(line);
  }
  const mine = { accessKeyId: "mine", accessKeySecret: "my-secret" };
  expect((await call(emulator!, "DescribeInstances", {}, mine)).body.TotalCount).toBe(3);
  expect((await call(emulator!, "DescribeInstances")).status).toBe(404);
});

test("images take as long as it was told", async () => {
  const { emulator } = await run("--port", "0", "--create-seconds", "0");
  const { ImageId } = (await call(emulator!, "CreateImage", { InstanceId: seeds.instanceId })).body;
  expect((await call(emulator!, "DescribeImages", { ImageId })).body.TotalCount).toBe(1);
});

test("a port in use is one sentence that names it", async () => {
  const other = await startEmulator();
  const port = other.endpoint.split(":").at(-1)!;
  expect(await run("--port", port)).toMatchObject({
    exitCode: 1,
    told: "",
    complained: `alicloud-image-emulator: port ${port} is in use: stop what listens there, or choose another with --port.\n`,
  });
  await other.close();
});

test.each([
  [["--port", "70000"], "--port"],
  [["--port", "http"], "--port"],
  [["--create-seconds", "-1"], "--create-seconds"],
  [["--colour"], "--colour"],
  [["extra"], "extra"],
])("%j is refused in one sentence that names what is wrong", async (args, named) => {
  const { exitCode, complained } = await run(...args);
  expect(exitCode).toBe(1);
  expect(complained).toContain(named);
  expect(complained.trim().split("\n")).toHaveLength(1);
});

test("--help names every option", async () => {
  const { exitCode, told } = await run("--help");
  expect(exitCode).toBe(0);
  for (const option of [
    "port",
    "state",
    "create-seconds",
    "import-seconds",
    "export-seconds",
    "latency-ms",
    "access-key",
    "secret-key",
  ])
    expect(told).toContain(`--${option}`);
});

test("a state file keeps what it holds; one that is none is refused and left as it is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const file = join(folder, "world.json");
  const first = await run("--port", "0", "--state", file);
  const { ImageId } = (await call(first.emulator!, "CreateImage", { InstanceId: seeds.instanceId })).body;
  await running.pop()!.close();
  expect(existsSync(file)).toBe(true);
  const second = await run("--port", "0", "--state", file);
  expect(second.emulator!.world.images.has(ImageId)).toBe(true);

  const other = join(folder, "letter.txt");
  writeFileSync(other, "Dear all");
  expect((await run("--port", "0", "--state", other)).complained).toContain(`${other} is not one of the emulator's`);
  await running.pop()!.close();
  rmSync(folder, { recursive: true });
});
