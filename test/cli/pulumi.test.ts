import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultCredential } from "../../emulator";
import { kinds } from "../support/kinds";
import { inputsOf, type Lab, openLab } from "../support/lab";
import { callOrphans, exported } from "./terminal";

// With the real pulumi program: its export, its configuration with secrets, its names.

const custom = kinds.find(({ kind }) => kind === "CustomImage")!;
const engine = execFileSync(process.execPath, [path.resolve(__dirname, "../../scripts/engine.mjs")], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
})
  .trim()
  .split("\n")
  .at(-1)!;

let lab: Lab;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  lab = await openLab({ world: custom.world() });
  const place = mkdtempSync(path.join(tmpdir(), "orphans-pulumi-"));
  folder = path.join(place, "project", "deep", "inside");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(place, "project", "Pulumi.yaml"), "name: golden\nruntime: nodejs\n");
  // No key of the environment: all of it is the stack's configuration.
  env = {
    PATH: [path.dirname(engine), process.env.PATH].join(path.delimiter),
    HOME: place,
    PULUMI_HOME: path.join(place, "home"),
    PULUMI_BACKEND_URL: `file://${place}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ALICLOUD_ACCESS_KEY: undefined,
    ALICLOUD_SECRET_KEY: undefined,
    ALICLOUD_REGION: undefined,
    ALIBABA_CLOUD_ENDPOINT_ECS: undefined,
    ALIBABA_CLOUD_ENDPOINT_OSS: undefined,
  };
  pulumi("stack", "init", "dev");
  const plain = {
    region: "cn-hangzhou",
    endpoints: JSON.stringify({ ecs: lab.emulator.endpoint, oss: lab.emulator.endpoint }),
  };
  const secret = { accessKey: defaultCredential.accessKeyId, secretKey: defaultCredential.accessKeySecret };
  const flags = (flag: string, values: object) =>
    Object.entries(values).flatMap(([key, value]) => [flag, `alicloud:${key}=${value}`]);
  pulumi("config", "set-all", ...flags("--plaintext", plain), ...flags("--secret", secret));
});
afterEach(() => lab.close());

const pulumi = (...args: string[]) =>
  execFileSync(engine, [...args, "--non-interactive"], {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });

test("the folder's stack provides its state, names and keys, even after a destroy", async () => {
  const { id, outs } = await lab.turn(
    lab
      .process()
      .of("CustomImage")
      .create(inputsOf("CustomImage", "golden", custom.args)),
  );
  await lab.clock.advance(2 * 3_600_000);
  const empty = await callOrphans(lab, [], { folder, env });
  expect(empty.said).toBe("");
  expect(empty.out).toContain(id);
  expect(empty.code).toBe(1);

  writeFileSync(
    path.join(folder, "state.json"),
    exported([{ kind: "CustomImage", recorded: { id, inputs: {}, outputs: outs } }]).replace('"manifest":{},', ""),
  );
  pulumi("stack", "import", "--file", "state.json");
  const known = await callOrphans(lab, ["--stack", "dev"], { folder, env });
  expect(known).toMatchObject({ code: 0, said: "" });
  expect(empty.out + known.out).not.toContain(defaultCredential.accessKeySecret);
});

test("an error of pulumi is reported in one sentence", async () => {
  const { code, said } = await callOrphans(lab, ["--stack", "nope"], { folder, env });
  expect(code).toBe(2);
  expect(said).toMatch(/^orphans: pulumi .*no stack named 'nope' found[^\n]*$/);
  expect((await callOrphans(lab, [], { folder, env: { ...env, PATH: "/nowhere" } })).said).toMatch(
    /^orphans: there is no pulumi program on the PATH[^\n]*--state[^\n]*$/,
  );
  expect(lab.emulator.calls).toEqual([]);
});
