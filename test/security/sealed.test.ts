import { type Emulator, startEmulator } from "../../emulator";
import { type Host, openHost, textOf } from "../host/host";
import { kinds } from "../support/kinds";
import { inputsOf } from "../support/lab";
import { openTlsFront } from "../support/proxy";

/** The real provider process, in a sandbox that lets it read files and nothing else. Needs what is built in `dist`. */
const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
const permission =
  major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13)
    ? "--permission"
    : "--experimental-permission";
/** Writes, child processes, worker threads and native code are denied by not being allowed. */
const SANDBOX = [permission, "--allow-fs-read=*", "--no-warnings"];

const doors = { CustomImage: "customImage", ImportedImage: "importedImage", ImageExport: "imageExport" } as const;
const canary = {
  accessKeyId: "LTAI5tCanary7Qx9Zr",
  accessKeySecret: "cAnArYsEcReT9fK2mW8vB4nT",
  securityToken: "CAIScanaryTOKEN/8xQ+v0123456789abcdefghij==",
};

let emulator: Emulator;
let host: Host;
beforeEach(async () => {
  emulator = await startEmulator({
    world: kinds[0]!.world(),
    credentials: [canary],
    durations: { createMs: 100, importMs: 100, exportMs: 100 },
  });
});
afterEach(async () => {
  await host.close();
  await emulator.close();
});

const environment = () => ({
  ALICLOUD_ACCESS_KEY: canary.accessKeyId,
  ALICLOUD_SECRET_KEY: canary.accessKeySecret,
  ALICLOUD_SECURITY_TOKEN: canary.securityToken,
  ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
  ALIBABA_CLOUD_ENDPOINT_OSS: emulator.endpoint,
  ALICLOUD_REGION: "cn-hangzhou",
});

it.each(kinds)(
  "a $kind writes no file, starts no process, needs no home, and discloses no credential",
  async ({ kind, args }) => {
    host = await openHost({ env: environment(), flags: SANDBOX });
    const inputs = { ...inputsOf(kind, "golden", args), __provider: textOf({ entry: doors[kind] }) };
    const { inputs: checked } = await host.check(inputs);
    const { id, properties } = await host.create(checked);
    const read = await host.read(id, properties);
    await host.update(id, properties, checked);
    await host.remove(id, properties);
    const refused = await host.create({ ...inputs, regionId: "cn-nowhere" }).catch((error: unknown) => error);
    const all = JSON.stringify([checked, properties, read, refused, host.said, textOf({ entry: doors[kind] })]);
    for (const secret of Object.values(canary)) expect(all).not.toContain(secret);
  },
);

it("the sandbox works: a provider that writes a file is refused", async () => {
  host = await openHost({ flags: SANDBOX });
  const writer =
    "exports.handler = () => ({ create: async () => { " + `require("node:fs").writeFileSync("/tmp/never", ""); } })`;
  await expect(host.create({ __provider: writer })).rejects.toMatchObject({
    details: expect.stringMatching(/restricted|ERR_ACCESS_DENIED/),
  });
});

it("with given credentials, only the configured endpoints are called, no metadata service", async () => {
  const watching = `--require=${require.resolve("./connections.cjs")}`;
  host = await openHost({ env: environment(), flags: [watching] });
  for (const { kind, args } of kinds) {
    const inputs = { ...inputsOf(kind, "golden", args), __provider: textOf({ entry: doors[kind] }) };
    const { id, properties } = await host.create(inputs);
    await host.remove(id, properties);
  }
  const made = [...host.said.out.matchAll(/^connects to (.*)$/gm)].map(([, target]) => target);
  expect(new Set(made)).toEqual(new Set([emulator.endpoint.replace("http://", "")]));
});

it("OSS must have a valid certificate, even if the environment disables the check", async () => {
  const front = await openTlsFront(emulator.endpoint); // with a certificate that no authority has signed
  host = await openHost({
    env: {
      ...environment(),
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      ALIBABA_CLOUD_ENDPOINT_OSS: `https://127.0.0.1:${front.port}`,
    },
  });
  const { args } = kinds.find(({ kind }) => kind === "ImportedImage")!;
  const check = host.check({
    ...inputsOf("ImportedImage", "golden", { ...args, trackSource: true }),
    __provider: textOf({ entry: "importedImage" }),
  });
  await expect(check).rejects.toMatchObject({ details: expect.stringMatching(/CERT/) });
  expect(emulator.calls).toEqual([]);
  await front.close();
});
