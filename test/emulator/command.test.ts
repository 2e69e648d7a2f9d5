import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  let printed = "";
  let complained = "";
  const outcome = await runCommand(
    args,
    (text) => (printed += text),
    (text) => (complained += text),
  );
  if (typeof outcome !== "number") running.push(outcome);
  return {
    printed,
    complained,
    exitCode: typeof outcome === "number" ? outcome : undefined,
    emulator: typeof outcome === "number" ? undefined : outcome,
  };
}

test("it says where it listens, what it holds, and how to use it by environment and by stack", async () => {
  const { printed, emulator } = await run("--port", "0", "--access-key", "mine", "--secret-key", "my-secret");
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
    `pulumi config set alicloud:endpoints '[{"ecs":"${endpoint}"`,
  ]) {
    expect(printed).toContain(line);
  }
  const mine = { accessKeyId: "mine", accessKeySecret: "my-secret" };
  expect((await call(emulator!, "DescribeInstances", {}, mine)).body.TotalCount).toBe(3);
  expect((await call(emulator!, "DescribeInstances")).status).toBe(404);
});

test("images take as long as the option says", async () => {
  const { emulator } = await run("--port", "0", "--create-seconds", "0");
  const { ImageId } = (await call(emulator!, "CreateImage", { InstanceId: seeds.instanceId })).body;
  expect((await call(emulator!, "DescribeImages", { ImageId })).body.TotalCount).toBe(1);
});

test("a port in use is reported in one sentence", async () => {
  const other = await startEmulator();
  const port = other.endpoint.split(":").at(-1)!;
  expect(await run("--port", port)).toMatchObject({
    exitCode: 1,
    printed: "",
    complained:
      `alicloud-image-emulator: port ${port} is in use: stop the program that listens there, or choose ` +
      `another port with --port.\n`,
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
  const { exitCode, printed } = await run("--help");
  expect(exitCode).toBe(0);
  for (const option of [
    "port",
    "host",
    "region",
    "regions",
    "seed",
    "state",
    "print",
    "create-seconds",
    "import-seconds",
    "export-seconds",
    "copy-seconds",
    "latency-ms",
    "access-key",
    "secret-key",
    "quiet",
  ])
    expect(printed).toContain(`--${option}`);
});

test("a state file keeps the world; a file that is not one is refused and left as it is", async () => {
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
  expect((await run("--port", "0", "--state", other)).complained).toContain(`${other} is not a state file`);
  expect(readFileSync(other, "utf8")).toBe("Dear all");
  await running.pop()!.close();
  rmSync(folder, { recursive: true });
});

test("two emulators do not share a state file, and what a killed one left is no obstacle", async () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const file = join(folder, "world.json");
  const first = await run("--port", "0", "--state", file);
  const before = readFileSync(file, "utf8");
  const { complained, exitCode } = await run("--port", "0", "--state", file);
  expect(exitCode).toBe(1);
  expect(complained).toContain(`in use by the emulator at ${first.emulator!.endpoint}`);
  expect(readFileSync(file, "utf8")).toBe(before);
  await running.pop()!.close();

  const other = start(["--port", "0", "--state", file]);
  await other.says("listens");
  expect((await run("--port", "0", "--state", file)).complained).toContain(`process ${other.child.pid}`);
  other.child.kill("SIGKILL");
  await other.exit;
  expect((await run("--port", "0", "--state", file)).complained).toBe("");
  await running.pop()!.close();
  rmSync(folder, { recursive: true });
});

/** The command as a process of its own. */
function start(args: string[], env: NodeJS.ProcessEnv = {}) {
  const root = join(__dirname, "../..");
  const hook = join(root, "bench/typescript.cjs");
  const child = spawn(process.execPath, ["-r", hook, join(root, "emulator/cli.ts"), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += String(data)));
  const exit = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const check = () => output.includes(text) && resolve();
      child.stdout.on("data", check);
      check();
    });
  return { child, exit, says, output: () => output };
}

/** How many seconds a new image still takes, asked with the official client in the environment of the command. */
const SECONDS_OF_AN_IMAGE = `
  const ecs = require("@alicloud/ecs20140526");
  const { $OpenApiUtil } = require("@alicloud/openapi-core");
  const { ALICLOUD_ACCESS_KEY, ALICLOUD_SECRET_KEY, ALIBABA_CLOUD_ENDPOINT_ECS } = process.env;
  const client = new ecs.default(new $OpenApiUtil.Config({
    accessKeyId: ALICLOUD_ACCESS_KEY, accessKeySecret: ALICLOUD_SECRET_KEY, protocol: "HTTP",
    endpoint: ALIBABA_CLOUD_ENDPOINT_ECS.replace("http://", ""), regionId: "${seeds.regionId}",
  }));
  const regionId = "${seeds.regionId}";
  const create = new ecs.CreateImageRequest({ regionId, instanceId: "${seeds.instanceId}" });
  const describe = (imageId) => new ecs.DescribeImagesRequest({ regionId, imageId, status: "Waiting,Creating" });
  client.createImage(create)
    .then(({ body }) => client.describeImages(describe(body.imageId)))
    .then(({ body }) => console.log(body.images.image[0].diskDeviceMappings.diskDeviceMapping[0].remainTime));`;

test.each([
  ["5 seconds", [], 5],
  ["as long as the option says", ["--create-seconds", "900"], 900],
])("under a command an image takes %s", async (_, options, seconds) => {
  const run = start([...options, "--", process.execPath, "-e", SECONDS_OF_AN_IMAGE]);
  await run.exit;
  const left = Number(run.output()); // some of it has passed
  expect([left > 0, left <= seconds, left > 60]).toEqual([true, true, seconds > 60]);
});

test("a command after -- runs with the emulator's environment, and its exit code is passed on", async () => {
  const program = `
    const { ALICLOUD_ACCESS_KEY, ALICLOUD_SECURITY_TOKEN, ALIBABA_CLOUD_ENDPOINT_ECS: endpoint } = process.env;
    fetch(endpoint + "/health").then(async (answer) => {
      console.log(ALICLOUD_ACCESS_KEY, ALICLOUD_SECURITY_TOKEN, (await answer.json()).status);
      process.exit(7);
    });`;
  const run = start(["--", process.execPath, "-e", program], { ALICLOUD_SECURITY_TOKEN: "of another account" });
  expect(await run.exit).toBe(7);
  expect(run.output()).toBe("emulator-key undefined ok\n");
});

test("a missing command is reported in one sentence", async () => {
  const { exitCode, complained } = await run("--", "no-such-command-here");
  expect([exitCode, complained]).toEqual([
    1,
    "alicloud-image-emulator: there is no command no-such-command-here. (--help lists the options)\n",
  ]);
});

test("every call is a line with its action, status, code and time; SIGTERM ends it", async () => {
  const { child, exit, says, output } = start(["--port", "0"]);
  await says("Ctrl-C ends it.");
  const endpoint = /listens at (\S+)\./.exec(output())![1]!;
  await call({ endpoint }, "DescribeImages");
  await call({ endpoint }, "DeleteImage", { ImageId: seeds.publicImageId });
  await says("InvalidImageId.NotFound");
  expect(output()).toMatch(
    /\d\d:\d\d:\d\d DescribeImages 200 \d+ ms\n.*DeleteImage 404 InvalidImageId\.NotFound \d+ ms\n/,
  );
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
});

test("under npx, which does not pass SIGTERM on, it ends with the shell that npx started", async () => {
  const root = join(__dirname, "../..");
  const script =
    `"${process.execPath}" -r "${join(root, "bench/typescript.cjs")}" ` +
    `"${join(root, "emulator/cli.ts")}" --port 0; true`;
  const shell = spawn("sh", ["-c", script], {
    env: { ...process.env, npm_command: "exec" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const data of shell.stdout) {
    output += String(data);
    if (output.includes("Ctrl-C ends it.")) shell.kill("SIGTERM");
  }
  // The pipe is closed only when the emulator has ended too.
  await expect(fetch(/listens at (\S+)\./.exec(output)![1]!)).rejects.toThrow();
});

test.each([
  ["bash", "export ALICLOUD_REGION=eu-central-1\n"],
  ["powershell", "$env:ALICLOUD_REGION = 'eu-central-1'\n"],
  ["env", "\nALICLOUD_REGION=eu-central-1\n"],
  ["json", '"alicloud:endpoints": [\n      {\n        "ecs": "http://127.0.0.1:4600"'],
])("--print %s prints the environment and ends", async (format, part) => {
  const { exitCode, printed } = await run("--print", format, "--port", "4600", "--region", "eu-central-1");
  expect(exitCode).toBe(0);
  expect(printed).toContain(part);
  expect(printed).toContain("http://127.0.0.1:4600");
});

test("values are quoted by the rules of each shell", async () => {
  const secret = `it's "$HOME"`;
  const textOf = async (format: string) => (await run("--print", format, "--secret-key", secret)).printed;
  const inBash = spawn("bash", ["-c", `${await textOf("bash")}printf %s "$ALICLOUD_SECRET_KEY"`]);
  let heard = "";
  for await (const data of inBash.stdout) heard += String(data);
  expect(heard).toBe(secret);
  expect(await textOf("powershell")).toContain(`$env:ALICLOUD_SECRET_KEY = 'it''s "$HOME"'`);
  expect(JSON.parse(await textOf("json")).environment.ALICLOUD_SECRET_KEY).toBe(secret);
});

test.each([
  [["--print", "csh"], "bash, powershell, env, json"],
  [["--print", "bash", "--port", "0"], "--port"],
  [["--region", "mars-1"], "--region mars-1"],
  [["--regions", "a,,b"], "--regions"],
  [["--host", "no.such.host.invalid"], "--host"],
  [["--state", "/no/such/folder/world.json"], "its folder does not exist"],
  [["--state", tmpdir()], "it is a folder"],
  [["--seed", "/no/such/file.json"], "there is no such file"],
  [["--"], "must follow --"],
])("%j ends at once and says why", async (args, reason) => {
  const { exitCode, complained } = await run("--port", "0", ...args);
  expect(exitCode).toBe(1);
  expect(complained).toContain(reason);
});

test("the seed file defines the world and what the command prints", async () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const file = join(folder, "seed.json");
  const seed = {
    regions: ["eu-central-1", "us-east-1"],
    instances: [{ instanceId: "i-web", disks: [{ size: 40 }, { size: 100, encrypted: true }], tags: { team: "web" } }],
    snapshots: [{ snapshotId: "s-base", regionId: "us-east-1", size: 20 }],
    images: [{ imageId: "m-base", imageName: "base", imageFamily: "web", size: 20, tags: { team: "web" } }],
    buckets: [{ name: "my-images", objects: [{ key: "debian.qcow2", size: 5_368_709_120 }] }],
    accounts: [{ accountId: "2222222222222222", images: [{ imageId: "m-other" }] }],
  };
  writeFileSync(file, JSON.stringify(seed));
  const { printed, emulator } = await run("--port", "0", "--seed", file);
  for (const part of [
    "i-web (running)",
    "m-base (base)",
    "my-images (with debian.qcow2)",
    "export ALICLOUD_REGION=eu-central-1",
  ])
    expect(printed).toContain(part);
  expect(printed).not.toContain(seeds.instanceId);
  const inEurope = { RegionId: "eu-central-1" };
  const made = await call(emulator!, "CreateImage", { ...inEurope, InstanceId: "i-web" });
  expect(emulator!.world.images.get(made.body.ImageId)!.diskMappings.map(({ size }) => size)).toEqual([40, 100]);
  const self = await call(emulator!, "DescribeImages", { ...inEurope, ImageOwnerAlias: "self", "Tag.1.Key": "team" });
  expect(self.body.Images.Image).toMatchObject([{ ImageId: "m-base", ImageFamily: "web", Size: 20 }]);
  const imported = await call(emulator!, "ImportImage", {
    ...inEurope,
    "DiskDeviceMapping.1.OSSBucket": "my-images",
    "DiskDeviceMapping.1.OSSObject": "debian.qcow2",
  });
  expect(imported.status).toBe(200);
  expect((await call(emulator!, "DescribeImages", { RegionId: "cn-hangzhou" })).body.Code).toBe(
    "InvalidRegionId.NotFound",
  );
  expect([...emulator!.account("2222222222222222").images.keys()]).toEqual(["m-other"]);
  rmSync(folder, { recursive: true });
});

test("everything that is wrong with a seed file is reported at once, each with its place in the file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const file = join(folder, "seed.json");
  const complaint = async (content: unknown) => {
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return (await run("--port", "0", "--seed", file)).complained;
  };
  const wrong = {
    instances: [{ instanceId: "i-1", disks: [{ size: "40" }] }, { status: "Asleep" }],
    snapshot: [],
    buckets: [{ name: "B" }],
    images: {},
  };
  expect((await complaint(wrong)).split("\n")).toEqual([
    `alicloud-image-emulator: The world file ${file} cannot be used:`,
    expect.stringMatching(/^ {2}snapshot is not known here: there are .*snapshots/),
    '  instances[0].disks[0].size must be a whole number from 1 to 65536, not "40"',
    "  instances[1].instanceId is missing: an id",
    '  instances[1].status must be one of Running, Stopped, Starting, Stopping, Pending, not "Asleep"',
    "  images must be a list, not an object",
    '  buckets[0].name must be a bucket\'s name (3 to 63 of a-z, 0-9 and -), not "B"',
    "",
  ]);
  expect(
    await complaint({ regions: ["x-1"], accounts: [{ snapshots: [{ snapshotId: "s", regionId: "y-1" }] }] }),
  ).toContain("accounts[0].snapshots[0].regionId is y-1, which is not among the regions: x-1");
  expect(await complaint("{")).toContain("JSON");
  expect(await complaint("[]")).toContain("the file must be an object, not a list");
  rmSync(folder, { recursive: true });
});
