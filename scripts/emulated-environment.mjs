import { createRequire } from "node:module";
import path from "node:path";

const { seeds, defaultCredential } = createRequire(import.meta.url)("pulumi-alicloud-image/emulator");

/** The environment in which an engine keeps its files in `place` and the provider calls the emulator. */
export const emulatedEnvironment = (place, emulator, ...searched) => ({
  ...process.env,
  PATH: [path.dirname(process.execPath), ...searched, process.env.PATH].join(path.delimiter),
  PULUMI_HOME: path.join(place, "home"),
  PULUMI_BACKEND_URL: `file://${path.join(place, "backend")}`,
  PULUMI_CONFIG_PASSPHRASE: "emulated",
  PULUMI_SKIP_UPDATE_CHECK: "true",
  ALICLOUD_ACCESS_KEY: defaultCredential.accessKeyId,
  ALICLOUD_SECRET_KEY: defaultCredential.accessKeySecret,
  ALICLOUD_REGION: seeds.regionId,
  ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
  ALIBABA_CLOUD_ENDPOINT_OSS: emulator.endpoint,
  ALIBABA_CLOUD_ENDPOINT_STS: emulator.endpoint,
});
