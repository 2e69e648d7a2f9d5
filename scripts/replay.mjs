// Serves a recording instead of a cloud until it is stopped: npm run replay -- <folder>
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const dist = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "dist");
const { recordingIn } = require(path.join(dist, "recording/exchange.js"));
const { serveRecording } = require(path.join(dist, "recording/replay.js"));

const folder = process.argv[2];
try {
  if (!folder) throw new Error("give the folder of a recording");
  const { endpoint } = await serveRecording(recordingIn(folder));
  for (const [name, value] of Object.entries({
    ALICLOUD_REGION: "cn-hangzhou",
    ALICLOUD_ACCESS_KEY: "replayed",
    ALICLOUD_SECRET_KEY: "replayed",
    ALIBABA_CLOUD_ENDPOINT_ECS: endpoint,
    ALIBABA_CLOUD_ENDPOINT_OSS: endpoint,
    ALIBABA_CLOUD_ENDPOINT_STS: endpoint,
  }))
    console.log(`export ${name}=${value}`);
} catch (error) {
  console.error(`replay: ${error.message}`);
  process.exitCode = 2;
}
